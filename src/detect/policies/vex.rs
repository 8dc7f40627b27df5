//! A VEX document that the gate goes by: what it newly excuses, and what no longer speaks against.

use serde_json::Value;

/// Everything by which the new text lets more through than the old one.
pub(super) fn loosenings(path: &str, before: &str, after: &str) -> Vec<String> {
    let read = |text: &str| match text {
        "" => Some(Value::Null),
        text => serde_json::from_str::<Value>(text).ok(),
    };
    let (Some(old), Some(new)) = (read(before), read(after)) else {
        return vec![format!("the VEX document {path} is no longer readable, or was not")];
    };
    if new.is_null() {
        return Vec::new();
    }
    let (was, is) = (statements(&old), statements(&new));
    let mut found = Vec::new();
    for statement in is.iter().filter(|it| excuses(it) && !was.contains(it)) {
        found.push(format!("a VEX statement is added or changed: {}", flaw(statement)));
    }
    for statement in was.iter().filter(|it| !excuses(it) && !is.contains(it)) {
        found.push(format!("a VEX statement is removed or changed: {}", flaw(statement)));
    }
    // What statements leave to the document: their time, and the packages that their names stand for.
    let rest = ["timestamp", "metadata", "components"];
    let moved = |key: &str| !old.is_null() && old.get(key) != new.get(key);
    if found.is_empty() && rest.iter().any(|key| moved(key)) {
        found.push(format!("what the VEX document {path} speaks of changes"));
    }
    found
}

fn statements(document: &Value) -> Vec<&Value> {
    let lists = ["statements", "vulnerabilities"];
    let lists = lists.into_iter().filter_map(|key| document.get(key)?.as_array());
    lists.flatten().collect()
}

fn excuses(statement: &Value) -> bool {
    let status = statement.get("status").or_else(|| statement.pointer("/analysis/state"));
    let words = ["not_affected", "fixed", "false_positive", "resolved", "resolved_with_pedigree"];
    status.and_then(Value::as_str).is_some_and(|status| words.contains(&status))
}

fn flaw(statement: &Value) -> &str {
    let name = statement.pointer("/vulnerability/name").or_else(|| statement.get("id"));
    name.and_then(Value::as_str).unwrap_or("without a name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> String {
        format!("{{\"statements\": [{statements}]}}")
    }

    #[test]
    fn what_excuses_more_is_named_and_what_excuses_less_is_not() {
        let no = r#"{"vulnerability": {"name": "CVE-1"}, "status": "not_affected"}"#;
        let yes = r#"{"vulnerability": {"name": "CVE-1"}, "status": "affected"}"#;
        let found = |before: &str, after: &str| loosenings("v.json", before, after);
        let added = found("", &document(no));
        assert!(added.len() == 1 && added[0].contains("added or changed: CVE-1"), "{added:?}");
        assert_eq!(found(&document(no), &document("")), Vec::<String>::new());
        assert_eq!(found(&document(""), &document(yes)), Vec::<String>::new());
        assert_eq!(found(&document(yes), &document("")).len(), 1);
        assert_eq!(found(&document(no), ""), Vec::<String>::new());
        assert_eq!(found(&document(no), "{").len(), 1);
    }

    #[test]
    fn another_package_behind_the_same_name_is_a_change() {
        let of =
            |purl: &str| format!(r#"{{"components": [{{"bom-ref": "a", "purl": "{purl}"}}]}}"#);
        assert_eq!(loosenings("v.json", &of("pkg:npm/a@1"), &of("pkg:npm/b@1")).len(), 1);
        assert!(loosenings("v.json", &of("pkg:npm/a@1"), &of("pkg:npm/a@1")).is_empty());
    }
}
