//! `.gitleaks.toml` and `.betterleaks.toml`: rules, allowlists, and what they extend.
//!
//! Keywords are not taken over: they are computed of each expression, since here they must occur in
//! the match itself.

use super::Migration;
use super::globs::globs;
use super::keys::Keys;
use super::pattern::{bounded, readable};
use crate::nesting::read_toml;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// The names that a rule may have here.
pub(super) fn names(id: &str) -> [String; 2] {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let id: String = id.chars().take(80).map(|c| if allowed(c) { c } else { '-' }).collect();
    [format!("secret/{id}"), format!("secret/gitleaks-{id}")]
}

pub(super) fn convert(name: &str, text: &str, ids: &BTreeSet<String>) -> Result<Migration, String> {
    let table: Table = read_toml(text).map_err(|error| error.message().to_owned())?;
    let mut keys = Keys(table);
    let mut reader = Reader { name, ids, migration: Migration::default() };
    // These say nothing about what is found.
    for title in ["title", "description", "minVersion"] {
        keys.text(title);
    }
    if let Some(extend) = keys.table("extend") {
        reader.extend(extend);
    }
    for list in keys.tables(&["allowlist", "allowlists"]) {
        reader.allowlist("the global allowlist", list, None);
    }
    for rule in keys.tables(&["rules"]) {
        reader.rule(rule);
    }
    reader.rest("the file", &keys);
    Ok(reader.migration)
}

struct Reader<'a> {
    name: &'a str,
    ids: &'a BTreeSet<String>,
    migration: Migration,
}

impl Reader<'_> {
    fn extend(&mut self, mut keys: Keys) {
        if keys.flag("useDefault") == Some(false) {
            let note =
                "the built-in rules are always active: [secrets] disable names those to leave out";
            self.migration.notes.push(note.to_owned());
        }
        for id in keys.texts("disabledRules") {
            let [own, _] = names(&id);
            if self.ids.contains(&own) {
                self.migration.disable.insert(own);
            } else {
                self.migration.lose(
                    format!("disabled rule {id}"),
                    "no built-in rule has this name: see `lockkeeper rules list`",
                );
            }
        }
        for other in ["path", "url"].into_iter().filter_map(|key| keys.text(key)) {
            self.migration.lose(format!("extended {other}"), "import that file too");
        }
        self.rest("extend", &keys);
    }

    fn rule(&mut self, mut keys: Keys) {
        let id = keys.text("id").unwrap_or_else(|| "without id".to_owned());
        let what = format!("rule {id}");
        let lists = keys.tables(&["allowlist", "allowlists"]);
        let names = names(&id);
        let taken = |name: &&String| {
            let written = |rule: &Table| rule.get("id").and_then(Value::as_str) == Some(name);
            self.ids.contains(*name) || self.migration.rules.iter().any(written)
        };
        let free = names.iter().find(|name| !taken(name)).cloned();
        let regex = keys.text("regex").filter(|regex| !regex.is_empty());
        let own = match (regex, free) {
            (Some(regex), Some(own)) => match self.table(&own, &id, &regex, &mut keys) {
                Ok(table) => {
                    self.migration.rules.push(table);
                    own
                }
                Err(why) => return self.migration.lose(what, why),
            },
            (Some(_), None) => return self.migration.lose(what, "two rules have this id"),
            // It adds to a rule of gitleaks's own.
            (None, _) if !lists.is_empty() && self.ids.contains(&names[0]) => names[0].clone(),
            (None, _) if keys.text("path").is_some() => {
                let why = "it finds files, not secrets: policy SEC-004 is about sensitive files";
                return self.migration.lose(what, why);
            }
            (None, _) => {
                return self
                    .migration
                    .lose(what, "it has no regex, and no built-in rule has its name");
            }
        };
        for list in lists {
            self.allowlist(&what, list, Some(&own));
        }
        self.rest(&what, &keys);
    }

    fn table(&self, own: &str, id: &str, regex: &str, keys: &mut Keys) -> Result<Table, String> {
        let bounded = bounded(regex, keys.index("secretGroup").unwrap_or(0))?;
        let paths = match keys.text("path") {
            Some(path) => globs(&path).ok_or("its path cannot be written as path patterns")?,
            // Nothing that every match holds would lead to it.
            None if bounded.keywords.is_empty() => vec!["**/*".to_owned()],
            None => Vec::new(),
        };
        keys.texts("keywords");
        let tags = keys.texts("tags");
        let tags =
            if tags.is_empty() { String::new() } else { format!(", tagged {}", tags.join(", ")) };
        let title = keys.text("description").filter(|title| !title.trim().is_empty());
        let text = |text: String| Value::String(text);
        let list = |list: Vec<String>| Value::Array(list.into_iter().map(Value::String).collect());
        let mut rule = Table::from_iter([
            ("id".to_owned(), text(own.to_owned())),
            ("title".to_owned(), text(title.unwrap_or_else(|| id.to_owned()))),
            ("severity".to_owned(), text("high".to_owned())),
            ("confidence".to_owned(), text("medium".to_owned())),
            ("pattern".to_owned(), text(bounded.pattern)),
            ("boundary".to_owned(), text("pattern".to_owned())),
            ("why".to_owned(), text(format!("Imported from {}: rule {id}{tags}.", self.name))),
            ("fix".to_owned(), text("Revoke it where it was issued, then remove it.".to_owned())),
            ("matches".to_owned(), list(Vec::new())),
            ("ignores".to_owned(), list(Vec::new())),
        ]);
        if let Some(entropy) = keys.number("entropy").filter(|entropy| *entropy > 0.0) {
            rule.insert("min-entropy".to_owned(), Value::Float(entropy));
        }
        if !bounded.keywords.is_empty() {
            rule.insert("keywords".to_owned(), list(bounded.keywords));
        }
        if !paths.is_empty() {
            rule.insert("paths".to_owned(), list(paths));
        }
        Ok(rule)
    }

    fn allowlist(&mut self, what: &str, mut keys: Keys, rule: Option<&str>) {
        let why = keys.text("description").map(|why| format!(": {why}")).unwrap_or_default();
        let mut rules: Vec<_> = rule.map(str::to_owned).into_iter().collect();
        for id in keys.texts("targetRules") {
            let known = |name: &String| {
                let written = |rule: &Table| rule.get("id").and_then(Value::as_str) == Some(name);
                self.ids.contains(name) || self.migration.rules.iter().any(written)
            };
            match names(&id).into_iter().find(known) {
                Some(name) => rules.push(name),
                None => return self.migration.lose(what, format!("there is no rule {id} here")),
            }
        }
        let list = Allowlist {
            rules,
            commits: keys.texts("commits"),
            paths: keys.texts("paths"),
            regexes: keys.texts("regexes"),
            stopwords: keys.texts("stopwords"),
            target: keys.text("regexTarget").unwrap_or_default(),
            all: keys
                .text("condition")
                .is_some_and(|word| matches!(&*word.to_uppercase(), "AND" | "&&")),
            reason: format!("imported from {}{why}", self.name),
        };
        list.convert(what, &mut self.migration);
        self.rest(what, &keys);
    }

    fn rest(&mut self, what: &str, keys: &Keys) {
        for key in keys.rest() {
            self.migration.lose(format!("`{key}` of {what}"), "there is nothing like it here");
        }
    }
}

/// An allowlist as gitleaks means it.
#[derive(Default)]
pub(super) struct Allowlist {
    pub(super) rules: Vec<String>,
    pub(super) commits: Vec<String>,
    pub(super) paths: Vec<String>,
    pub(super) regexes: Vec<String>,
    pub(super) stopwords: Vec<String>,
    /// What `regexes` look at.
    pub(super) target: String,
    /// Whether all conditions must hold, rather than one of them.
    pub(super) all: bool,
    pub(super) reason: String,
}

impl Allowlist {
    /// Adds it as entries: one, or one for each condition.
    pub(super) fn convert(self, what: &str, migration: &mut Migration) {
        let before = migration.lost.len();
        let mut readable = |list: Vec<String>| -> Vec<String> {
            let (good, bad): (Vec<_>, Vec<_>) = list
                .into_iter()
                .map(|one| (readable(&one), one))
                .partition(|(read, _)| read.is_ok());
            for (why, regex) in bad {
                migration.lose(format!("{regex:?} of {what}"), why.err().unwrap_or_default());
            }
            good.into_iter().map(|(_, regex)| regex).collect()
        };
        let conditions = [
            ("path-regex", readable(self.paths)),
            ("regex", readable(self.regexes)),
            ("stopwords", self.stopwords),
            ("commits", self.commits),
        ];
        // One condition less would let more through.
        if self.all && migration.lost.len() > before {
            return migration.lose(what, "it needs all of its conditions");
        }
        let list = |list: Vec<String>| Value::Array(list.into_iter().map(Value::String).collect());
        let mut entry = Table::from_iter([("reason".to_owned(), Value::String(self.reason))]);
        if !self.rules.is_empty() {
            entry.insert("rules".to_owned(), list(self.rules));
        }
        let target = match &*self.target {
            target @ ("match" | "line") => Some(Value::String(target.to_owned())),
            _ => None,
        };
        let mut entries = Vec::new();
        let mut together = entry.clone();
        for (key, items) in conditions.into_iter().filter(|(_, items)| !items.is_empty()) {
            let mut said = Table::from_iter([(key.to_owned(), list(items))]);
            let target = target.clone().filter(|_| key == "regex");
            said.extend(target.map(|target| ("target".to_owned(), target)));
            together.extend(said.clone());
            said.extend(entry.clone());
            entries.push(said);
        }
        match entries.len() {
            0 => {}
            _ if self.all => migration.allow.push(together),
            _ => migration.allow.extend(entries),
        }
    }
}
