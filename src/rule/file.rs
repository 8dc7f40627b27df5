//! Reading rule files.

use super::{PolicyRule, Provenance, SecretRule};
use crate::nesting;
use serde::Deserialize;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}

/// A rule file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct RuleFileError {
    path: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFile {
    #[serde(default)]
    rule: Vec<SecretRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    policy: Vec<PolicyRule>,
}

/// The embedded secret rules, in the order of their files.
pub fn builtin_secrets() -> Result<Vec<SecretRule>, RuleFileError> {
    let mut rules = Vec::with_capacity(1_000);
    for (path, text) in embedded::SECRETS {
        let file: SecretFile = serde_json::from_str(text).map_err(|error| RuleFileError {
            path: (*path).to_owned(),
            message: error.to_string(),
        })?;
        rules.extend(file.rule);
    }
    for rule in &mut rules {
        rule.provenance = Provenance::Embedded;
    }
    Ok(rules)
}

/// SHA-256 of all embedded secret rules.
pub fn builtin_digest() -> &'static [u8] {
    embedded::DIGEST
}

/// The rules of one file; `path` is for messages.
pub fn parse_secrets(path: &str, text: &str) -> Result<Vec<SecretRule>, RuleFileError> {
    parse::<SecretFile>(path, text).map(|file| file.rule)
}

/// The embedded policies, in the order of their files.
pub fn builtin_policies() -> Result<Vec<PolicyRule>, RuleFileError> {
    let files = embedded::POLICIES
        .iter()
        .map(|(path, text)| parse::<PolicyFile>(path, text).map(|file| file.policy));
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

fn parse<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Result<T, RuleFileError> {
    nesting::read_toml(text).map_err(|error: toml::de::Error| RuleFileError {
        path: path.to_owned(),
        message: error.to_string(),
    })
}
