//! `[dependencies.licences]` of the gate's configuration: what a change of it lets through.

use std::collections::BTreeSet;
use toml::{Table, Value};

/// Everything by which the new configuration takes more licences than the old one.
pub(super) fn loosenings(old: &Table, new: &Table) -> Vec<String> {
    let section = |table: &Table| {
        let licences = table.get("dependencies")?.get("licences")?;
        licences.as_table().cloned()
    };
    let Some(was) = section(old) else { return Vec::new() };
    let Some(is) = section(new) else {
        return vec!["licences are no longer looked at".to_owned()];
    };
    let mut found = Vec::new();
    let (allowed, allows) = (list(&was, "allow"), list(&is, "allow"));
    if allows.is_empty() && !allowed.is_empty() {
        found.push("any licence is taken that is not denied".to_owned());
    } else if !allowed.is_empty() {
        let more = allows.difference(&allowed);
        found.extend(more.map(|licence| format!("a licence is taken: {licence}")));
    }
    let lost = list(&was, "deny").difference(&list(&is, "deny")).cloned().collect::<Vec<_>>();
    found.extend(lost.iter().map(|licence| format!("a licence is no longer denied: {licence}")));
    let kept = list(&was, "exceptions");
    let more = list(&is, "exceptions").difference(&kept).cloned().collect::<Vec<_>>();
    found.extend(more.iter().map(|it| format!("a package may stay whatever its licence: {it}")));
    let rank = |table: &Table| match table.get("unknown").and_then(Value::as_str) {
        Some("block") => 2,
        Some("ignore") => 0,
        Some(_) | None => 1,
    };
    if rank(&is) < rank(&was) {
        found.push("less is made of unknown licences".to_owned());
    }
    found
}

fn list(table: &Table, key: &str) -> BTreeSet<String> {
    let items = table.get(key).and_then(Value::as_array);
    items.into_iter().flatten().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_more_licences_is_named() {
        let table =
            |text: &str| format!("[dependencies.licences]\n{text}").parse::<Table>().unwrap();
        for (before, after, count) in [
            ("allow = ['MIT']", "allow = ['MIT', 'ISC']", 1),
            ("allow = ['MIT']", "", 1),
            ("", "allow = ['MIT']", 0),
            ("deny = ['MIT', 'ISC']", "deny = ['MIT']", 1),
            ("unknown = 'block'", "", 1),
            ("", "unknown = 'ignore'", 1),
            ("", "unknown = 'block'", 0),
            ("", "exceptions = [{ package = 'a' }]", 1),
        ] {
            let found = loosenings(&table(before), &table(after));
            assert_eq!(found.len(), count, "{before} → {after}: {found:?}");
        }
        assert_eq!(loosenings(&table(""), &Table::new()).len(), 1);
        assert_eq!(loosenings(&Table::new(), &table("")), Vec::<String>::new());
    }
}
