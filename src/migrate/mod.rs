//! What other scanners' files say, in our words.
//!
//! Whoever migrates loses nothing without being told: what cannot be said here is in
//! [`Migration::lost`] with its name and the reason. A format is one file; nothing here reads a disk.
//! Places that were accepted elsewhere ([`Position`]) hold no secret, and whoever can scan resolves
//! them.

mod detect_secrets;
mod gitleaks;
mod gitleaks_ignore;
mod globs;
mod keys;
mod pattern;

use std::collections::BTreeSet;
use toml::{Table, Value};

/// The files that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.gitleaks.toml` and `.betterleaks.toml`.
    Gitleaks,
    /// `.gitleaksignore` and `.betterleaksignore`.
    GitleaksIgnore,
    /// `.secrets.baseline`.
    DetectSecrets,
}

/// A file that is not of its format.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {message}")]
pub struct MigrateError {
    name: String,
    message: String,
}

/// What a file becomes.
#[derive(Debug, Clone, Default)]
pub struct Migration {
    /// `[[rule]]`
    pub rules: Vec<Table>,
    /// `[[secrets.allow]]`
    pub allow: Vec<Table>,
    /// `[secrets] disable`
    pub disable: BTreeSet<String>,
    /// Places that were accepted.
    pub positions: Vec<Position>,
    /// What has no counterpart.
    pub lost: Vec<Lost>,
    /// What is done differently, and loses nothing.
    pub notes: Vec<String>,
}

/// Something that cannot be said here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its name.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What a file knows of a secret that it accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing but its line.
    Line,
    /// The SHA-1 of its value, in hexadecimal.
    Sha1(String),
}

/// A place that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The file.
    pub path: String,
    /// The commit in which it was; `None` for whatever the file says now.
    pub commit: Option<String>,
    /// The line, counted from one.
    pub line: u32,
    /// The names that the rule may have here; none where the file does not say.
    pub rules: Vec<String>,
    /// What is known of the secret.
    pub known: Known,
    /// Why it is lived with.
    pub reason: String,
}

impl Format {
    /// The format of a file, by its name.
    pub fn of(name: &str) -> Option<Self> {
        match name.trim_start_matches('.') {
            "gitleaks.toml" | "betterleaks.toml" => Some(Self::Gitleaks),
            "gitleaksignore" | "betterleaksignore" => Some(Self::GitleaksIgnore),
            "secrets.baseline" => Some(Self::DetectSecrets),
            _ => None,
        }
    }
}

/// Converts a file. `name` is for messages and reasons, `ids` are the rules that there are.
pub fn convert(
    format: Format,
    name: &str,
    text: &str,
    ids: &BTreeSet<String>,
) -> Result<Migration, MigrateError> {
    let converted = match format {
        Format::Gitleaks => gitleaks::convert(name, text, ids),
        Format::GitleaksIgnore => Ok(gitleaks_ignore::convert(name, text)),
        Format::DetectSecrets => detect_secrets::convert(name, text),
    };
    converted.map_err(|message| MigrateError { name: name.to_owned(), message })
}

impl Migration {
    /// Adds what another file becomes.
    pub fn extend(&mut self, other: Self) {
        self.rules.extend(other.rules);
        self.allow.extend(other.allow);
        self.disable.extend(other.disable);
        self.positions.extend(other.positions);
        self.lost.extend(other.lost);
        self.notes.extend(other.notes);
    }

    /// The rules and entries that a project file does not have yet, as text to be added to it.
    pub fn block(&self, config: &Table) -> String {
        let section = |path: &[&str]| {
            let start = Some(&Value::Table(config.clone())).cloned();
            let found = path.iter().fold(start, |at, key| at?.get(key).cloned());
            found.and_then(|value| value.as_array().cloned()).unwrap_or_default()
        };
        let new = |all: &[Table], path: &[&str]| -> Vec<Value> {
            let old = section(path);
            let all = all.iter().cloned().map(Value::Table);
            all.filter(|value| !old.contains(value)).collect()
        };
        let (rules, allow) = (new(&self.rules, &["rule"]), new(&self.allow, &["secrets", "allow"]));
        let mut table = Table::new();
        if !allow.is_empty() {
            let allow = Table::from_iter([("allow".to_owned(), Value::Array(allow))]);
            table.insert("secrets".to_owned(), Value::Table(allow));
        }
        if !rules.is_empty() {
            table.insert("rule".to_owned(), Value::Array(rules));
        }
        toml::to_string(&table).unwrap_or_default()
    }

    fn lose(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.lost.push(Lost { what: what.into(), why: why.into() });
    }
}

#[cfg(test)]
mod tests;
