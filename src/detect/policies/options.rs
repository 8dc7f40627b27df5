//! `[policies]`: what a project sets for each policy.
//!
//! Every policy takes `action`, `severity` and `paths-ignore`, and the keys that are its check's own
//! fields. A policy or a key that does not exist is an error that names the nearest.

use super::check::{Check, Entry, POLICIES};
use crate::finding::{Action, RuleId, Severity};
use crate::rule::Paths;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `[policies]` section: settings by policy, such as
/// `[policies.CI-001] action = "warn"`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, toml::Table>")]
pub struct Options(BTreeMap<&'static str, Setting>);

/// What is set for one policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Setting {
    pub(super) action: Option<Action>,
    pub(super) severity: Option<Severity>,
    pub(super) paths_ignore: Option<Paths>,
    own: toml::Table,
}

/// Settings that make no sense, or a catalogue that does not fit the program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A section names a policy that does not exist here.
    #[error("there is no policy {id:?} to set: did you mean {nearest}?")]
    UnknownPolicy {
        /// The name as written.
        id: String,
        /// The nearest policy.
        nearest: &'static str,
    },
    /// A policy's section has a key or a value that it cannot have.
    #[error("policies.{policy}: {message}")]
    Setting {
        /// The policy.
        policy: &'static str,
        /// What is wrong, with the nearest key where the key is unknown.
        message: String,
    },
    /// The catalogue has a policy for which there is no check.
    #[error("the catalogue has {0}, for which there is no check")]
    NoCheck(RuleId),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Common {
    action: Option<Action>,
    severity: Option<Severity>,
    #[serde(default)]
    paths_ignore: Vec<String>,
}

/// The keys of [`Common`], which every policy takes.
const COMMON: [&str; 3] = ["action", "severity", "paths-ignore"];

impl Options {
    /// What is set for a policy; nothing, where the project says nothing.
    pub(super) fn of(&self, id: &str) -> Setting {
        self.0.get(id).cloned().unwrap_or_default()
    }
}

impl TryFrom<BTreeMap<String, toml::Table>> for Options {
    type Error = PolicyError;

    fn try_from(sections: BTreeMap<String, toml::Table>) -> Result<Self, PolicyError> {
        let mut settings = BTreeMap::new();
        for (id, section) in sections {
            let entry = POLICIES.iter().find(|entry| entry.id == id);
            let entry = entry.ok_or_else(|| unknown_policy(&id))?;
            let setting = setting(entry, section)?;
            build(entry, &setting)?;
            settings.insert(entry.id, setting);
        }
        Ok(Self(settings))
    }
}

/// The check of an entry with the project's settings for it.
pub(super) fn build(entry: &Entry, setting: &Setting) -> Result<Box<dyn Check>, PolicyError> {
    (entry.build)(setting.own.clone()).map_err(|error| wrong(entry, error.message()))
}

fn setting(entry: &Entry, section: toml::Table) -> Result<Setting, PolicyError> {
    let (common, own): (toml::Table, toml::Table) =
        section.into_iter().partition(|(key, _)| COMMON.contains(&key.as_str()));
    let common: Common =
        common.try_into().map_err(|error: toml::de::Error| wrong(entry, error.message()))?;
    let paths_ignore = Paths::new(&common.paths_ignore)
        .map_err(|error| wrong(entry, &format!("paths-ignore: {error}")))?;
    let paths_ignore = (!common.paths_ignore.is_empty()).then_some(paths_ignore);
    Ok(Setting { action: common.action, severity: common.severity, paths_ignore, own })
}

fn unknown_policy(id: &str) -> PolicyError {
    let nearest = nearest(id, POLICIES.iter().map(|entry| entry.id)).unwrap_or_default();
    PolicyError::UnknownPolicy { id: id.chars().take(60).collect(), nearest }
}

/// The error of a section; an unknown key gets the nearest of those that the policy takes, which
/// serde lists between backticks.
fn wrong(entry: &Entry, message: &str) -> PolicyError {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = quoted.next().filter(|_| message.starts_with("unknown field"));
    let message = match unknown {
        Some(key) => {
            let nearest = nearest(key, quoted.chain(COMMON)).unwrap_or_default();
            format!("unknown key {key:?}: did you mean {nearest:?}?")
        }
        None => message.to_owned(),
    };
    PolicyError::Setting { policy: entry.id, message }
}

fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.min_by_key(|candidate| strsim::damerau_levenshtein(word, candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        toml::from_str::<Options>(text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_policy_names_the_nearest() {
        assert!(error("[CI-01]\naction = 'off'").contains("did you mean CI-001?"));
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        assert!(error("[CI-001]\ntrused = []").contains("did you mean \"trusted\"?"));
        assert!(error("[SEC-004]\nacton = 'off'").contains("did you mean \"action\"?"));
    }

    #[test]
    fn a_value_of_the_wrong_kind_names_the_policy() {
        assert!(error("[GOV-002]\ndomains = 'example.com'").contains("policies.GOV-002"));
        assert!(error("[GOV-002]\naction = 'loud'").contains("policies.GOV-002"));
        assert!(error("[GOV-002]\npaths-ignore = ['a{']").contains("policies.GOV-002"));
    }

    #[test]
    fn an_empty_section_sets_nothing() {
        let options: Options = toml::from_str("[IMG-001]").unwrap();
        assert!(options.of("IMG-001").action.is_none());
    }
}
