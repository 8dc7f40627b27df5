//! What the manifest of an installed package states of its licence.
//!
//! A manifest counts only if it is of the version that is locked. What cannot be read states
//! nothing: it is somebody else's file, and an unknown licence is an outcome of its own.

use crate::package::Licence;
use serde_json::Value;

/// `package.json`: `license` as text, the older object, or the older list, of which one may be
/// chosen.
pub(super) fn package_json(text: &str, version: &str) -> Option<String> {
    let manifest: Value = serde_json::from_str(text).ok()?;
    if manifest.get("version")?.as_str()? != version {
        return None;
    }
    let name =
        |value: &Value| value.as_str().or_else(|| value.get("type")?.as_str()).map(str::to_owned);
    if let Some(stated) = manifest.get("license").and_then(name) {
        return Some(stated);
    }
    let list = manifest.get("licenses").or_else(|| manifest.get("license"))?.as_array()?;
    joined(list.iter().map(name), " OR ")
}

/// `composer.json`: `license` as text or as a list, of which one may be chosen. It seldom says its
/// version.
pub(super) fn composer_json(text: &str, version: &str) -> Option<String> {
    let manifest: Value = serde_json::from_str(text).ok()?;
    let other = |known: &str| known.trim_start_matches('v') != version.trim_start_matches('v');
    if manifest.get("version").and_then(Value::as_str).is_some_and(other) {
        return None;
    }
    match manifest.get("license")? {
        Value::String(stated) => Some(stated.clone()),
        Value::Array(list) => joined(list.iter().map(|it| it.as_str().map(str::to_owned)), " OR "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// `Cargo.toml` as it is vendored.
pub(super) fn cargo_toml(text: &str, version: &str) -> Option<String> {
    let manifest: toml::Table = crate::nesting::read_toml(text).ok()?;
    let package = manifest.get("package")?;
    let field = |name: &str| package.get(name)?.as_str();
    (field("version")? == version).then(|| field("license").map(str::to_owned))?
}

/// `METADATA` of a Python distribution: the expression, else the older field, else classifiers, if
/// they name one licence.
pub(super) fn metadata(text: &str, version: &str) -> Option<String> {
    let head = text.lines().take_while(|line| !line.is_empty());
    let lines: Vec<_> = head.filter_map(|line| line.split_once(": ")).collect();
    let values = |name: &'static str| {
        let own = lines.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.trim())
    };
    if values("Version").next()? != version {
        return None;
    }
    let stated = values("License-Expression").chain(values("License")).next();
    if let Some(stated) = stated.filter(|stated| Licence::read(stated).is_some()) {
        return Some(stated.to_owned());
    }
    let classified = values("Classifier").filter_map(|it| it.strip_prefix("License :: "));
    let names: Vec<_> = classified.filter_map(|it| it.rsplit(" :: ").next()).collect();
    match names.as_slice() {
        [name] if Licence::read(name).is_some() => Some((*name).to_owned()),
        _ => stated.filter(|it| !it.is_empty()).map(str::to_owned),
    }
}

/// A gem's specification: `s.license = "MIT"`, or `s.licenses = ["MIT"]` with all of which to comply,
/// for it does not say that one may be chosen.
pub(super) fn gemspec(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find_map(|line| {
        let (_, field) = line.split_once('.')?;
        let value = field.strip_prefix("licenses").or_else(|| field.strip_prefix("license"))?;
        value.trim_start().strip_prefix('=')
    })?;
    let quote = if line.contains('"') { '"' } else { '\'' };
    joined(line.split(quote).skip(1).step_by(2).map(|it| Some(it.to_owned())), " AND ")
}

/// Several statements as one; none if one of them is none.
fn joined(statements: impl Iterator<Item = Option<String>>, operator: &str) -> Option<String> {
    let statements: Vec<_> = statements.collect::<Option<_>>()?;
    match statements.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => {
            let known = many.iter().map(|it| Licence::read(it)).collect::<Option<Vec<_>>>();
            let Some(known) = known else { return Some(many.join(operator)) };
            let parts = known.iter().map(|it| format!("({it})"));
            Some(parts.collect::<Vec<_>>().join(operator))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_json_says_it_in_four_ways() {
        let of = |rest: &str| package_json(&format!("{{\"version\": \"1.0.0\", {rest}}}"), "1.0.0");
        assert_eq!(of(r#""license": "MIT""#).as_deref(), Some("MIT"));
        assert_eq!(of(r#""license": {"type": "ISC", "url": "x"}"#).as_deref(), Some("ISC"));
        let both = Some("(MIT) OR (GPL-2.0-only)");
        assert_eq!(of(r#""licenses": [{"type": "MIT"}, {"type": "GPL-2.0"}]"#).as_deref(), both);
        assert_eq!(of(r#""license": ["MIT", "GPL-2.0"]"#).as_deref(), both);
        assert_eq!(of(r#""license": 7"#), None);
        assert_eq!(package_json(r#"{"version": "2.0.0", "license": "MIT"}"#, "1.0.0"), None);
        assert_eq!(package_json("[", "1.0.0"), None);
    }

    #[test]
    fn the_other_manifests_say_it_in_their_own() {
        let composer = r#"{"license": ["MIT", "GPL-3.0-or-later"]}"#;
        let both = "(MIT) OR (GPL-3.0-or-later)";
        assert_eq!(composer_json(composer, "v1.0").as_deref(), Some(both));
        let cargo = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nlicense = \"MIT/Apache-2.0\"\n";
        assert_eq!(cargo_toml(cargo, "1.0.0").as_deref(), Some("MIT/Apache-2.0"));
        assert_eq!(cargo_toml(cargo, "1.0.1"), None);
        let gem =
            "Gem::Specification.new do |s|\n  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\n";
        assert_eq!(gemspec(gem).as_deref(), Some("(MIT) AND (Ruby)"));
        assert_eq!(gemspec("  s.license = 'MIT'\n").as_deref(), Some("MIT"));
        assert_eq!(gemspec("  s.name = 'a'\n"), None);
    }

    #[test]
    fn metadata_prefers_what_is_exact() {
        let of =
            |rest: &str| metadata(&format!("Name: a\nVersion: 1.0\n{rest}\n\nLicense: no"), "1.0");
        let classifier = "Classifier: License :: OSI Approved :: MIT License";
        let told = format!("License-Expression: Apache-2.0\nLicense: BSD\n{classifier}");
        assert_eq!(of(&told).as_deref(), Some("Apache-2.0"));
        assert_eq!(of(&format!("License: BSD\n{classifier}")).as_deref(), Some("MIT License"));
        assert_eq!(of(classifier).as_deref(), Some("MIT License"));
        let bsd = "Classifier: License :: OSI Approved :: BSD License";
        assert_eq!(of(&format!("{classifier}\n{bsd}")), None);
        assert_eq!(of("License: BSD").as_deref(), Some("BSD"));
        assert_eq!(metadata("Version: 2.0\nLicense: MIT\n", "1.0"), None);
    }
}
