//! `.secrets.baseline` of detect-secrets: accepted secrets by the SHA-1 of their values, and filters.

use super::{Known, Migration, Position};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    plugins_used: Vec<Map<String, Value>>,
    #[serde(default)]
    filters_used: Vec<Map<String, Value>>,
    #[serde(default)]
    results: BTreeMap<String, Vec<Entry>>,
    /// Older versions have one expression here.
    #[serde(default)]
    exclude: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    hashed_secret: String,
    line_number: u32,
    is_secret: Option<bool>,
}

pub(super) fn convert(name: &str, text: &str) -> Result<Migration, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut migration = Migration::default();
    for plugin in file.plugins_used.iter().filter(|plugin| plugin.contains_key("path")) {
        let plugin = text_of(plugin, "name");
        migration.lose(format!("plugin {plugin}"), "it is a program: write a [[rule]] for it");
    }
    for filter in &file.filters_used {
        convert_filter(name, filter, &mut migration);
    }
    for (what, pattern) in file.exclude.into_iter().flatten() {
        let target = if what == "lines" { "line" } else { "file" };
        allow(name, target, pattern.into_iter().collect(), &mut migration);
    }
    for (path, entries) in file.results {
        migration.positions.extend(entries.iter().map(|entry| position(name, &path, entry)));
    }
    Ok(migration)
}

fn position(name: &str, path: &str, entry: &Entry) -> Position {
    let audited = match entry.is_secret {
        Some(true) => ", audited as a secret",
        Some(false) => ", audited as no secret",
        None => "",
    };
    // Of a key it knows the first line alone, whose hash names nothing.
    let known = match entry.kind.as_str() {
        "Private Key" => Known::Line,
        _ => Known::Sha1(entry.hashed_secret.to_ascii_lowercase()),
    };
    Position {
        path: path.replace('\\', "/"),
        commit: None,
        line: entry.line_number,
        rules: Vec::new(),
        known,
        reason: format!("imported from {name} ({}{audited})", entry.kind),
    }
}

fn convert_filter(name: &str, filter: &Map<String, Value>, migration: &mut Migration) {
    let path = text_of(filter, "path");
    let patterns = match filter.get("pattern") {
        Some(Value::Array(all)) => {
            all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::String(one)) => vec![one.clone()],
        Some(_) | None => Vec::new(),
    };
    let Some(what) = path.strip_prefix("detect_secrets.filters.") else {
        return migration.lose(format!("filter {path}"), "it is a program");
    };
    match what {
        "regex.should_exclude_file" => allow(name, "file", patterns, migration),
        "regex.should_exclude_line" => allow(name, "line", patterns, migration),
        "regex.should_exclude_secret" => allow(name, "secret", patterns, migration),
        "allowlist.is_line_allowlisted" => migration.notes.push(
            "comments `pragma: allowlist secret` let nothing through here: write \
             `lockkeeper:allow <rule> <reason>`"
                .to_owned(),
        ),
        "wordlist.should_exclude_secret" => migration.lose(
            format!("filter {what}"),
            "its words are in another file: add them as `stopwords` of a [[secrets.allow]]",
        ),
        // Our own rules judge what a value looks like.
        _ if what.starts_with("heuristic.") || what.starts_with("common.") => {}
        _ => migration.lose(format!("filter {what}"), "there is nothing like it here"),
    }
}

fn allow(name: &str, target: &str, patterns: Vec<String>, migration: &mut Migration) {
    let mut allow = super::gitleaks::Allowlist {
        reason: format!("imported from {name}"),
        ..Default::default()
    };
    match target {
        "file" => allow.paths = patterns,
        _ => allow.regexes = patterns,
    }
    target.clone_into(&mut allow.target);
    allow.convert(&format!("{target} filter"), migration);
}

fn text_of<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}
