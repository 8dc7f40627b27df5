//! The project file, `.lockkeeper.toml`.
//!
//! A key that nobody reads is an error that names the nearest one that somebody does: a misspelt
//! setting must not silently be the default.

mod edit;

pub use edit::{appended, with_disabled, with_waiver, without_waivers};

use crate::detect::{dependencies, policies, secrets};
use crate::finding::LineIndex;
use crate::gate::{self, Waiver, WaiverFields};
use crate::nesting;
use crate::rule::SecretRule;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use toml::Spanned;

/// The name of the project file, at the root of a repository.
pub const FILE_NAME: &str = ".lockkeeper.toml";

/// Everything that a project chose.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[gate]`
    pub gate: gate::Options,
    /// `[secrets]`
    pub secrets: secrets::Options,
    /// `[dependencies]`
    pub dependencies: dependencies::Options,
    /// `[policies]`
    pub policies: policies::Options,
    /// `[[waiver]]`, in the order of the file.
    pub waivers: Vec<Waiver>,
    /// `[[rule]]`: the project's own secret rules.
    pub rules: Vec<SecretRule>,
    digest: String,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    #[serde(default)]
    gate: gate::Options,
    #[serde(default)]
    secrets: secrets::Options,
    #[serde(default)]
    dependencies: dependencies::Options,
    #[serde(default)]
    policies: policies::Options,
    #[serde(default)]
    waiver: Vec<Spanned<WaiverFields>>,
    #[serde(default)]
    rule: Vec<SecretRule>,
}

/// A project file that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct ConfigError {
    /// The file, as it was named.
    pub path: String,
    /// The line, counted from one.
    pub line: u32,
    /// The column in code points, counted from one.
    pub column: u32,
    /// What is wrong, and which key was probably meant.
    pub message: String,
}

impl Config {
    /// Reads a project file; `path` is for messages.
    pub fn parse(path: &str, text: &str) -> Result<Self, ConfigError> {
        let sections: Sections = nesting::read_toml(text).map_err(|error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            ConfigError::at(path, text, at, with_nearest(error.message()))
        })?;
        let lines = LineIndex::new(text.as_bytes());
        let waivers = sections.waiver.into_iter().map(|fields| {
            let at = fields.span().start;
            let line = lines.line_at(at).get();
            Waiver::new(fields.into_inner(), line as usize)
                .map_err(|error| ConfigError::at(path, text, at, error.to_string()))
        });
        Ok(Self {
            gate: sections.gate,
            secrets: sections.secrets,
            dependencies: sections.dependencies,
            policies: sections.policies,
            waivers: waivers.collect::<Result<_, _>>()?,
            rules: sections.rule,
            digest: sha256(text),
        })
    }

    /// A project file as it is written, for whoever adds to it.
    pub fn table(path: &str, text: &str) -> Result<toml::Table, ConfigError> {
        Self::parse(path, text)?;
        text.parse().map_err(|error: toml::de::Error| {
            ConfigError::at(path, text, 0, error.message().to_owned())
        })
    }

    /// The SHA-256 of the file's text, in hexadecimal; that of an empty text where there is none.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// What holds where there is no project file.
impl Default for Config {
    fn default() -> Self {
        Self {
            gate: gate::Options::default(),
            secrets: secrets::Options::default(),
            dependencies: dependencies::Options::default(),
            policies: policies::Options::default(),
            waivers: Vec::new(),
            rules: Vec::new(),
            digest: sha256(""),
        }
    }
}

impl ConfigError {
    fn at(path: &str, text: &str, offset: usize, message: String) -> Self {
        let place = LineIndex::new(text.as_bytes()).line_col(offset);
        let (line, column) = (place.line.get(), place.column.get());
        Self { path: path.to_owned(), line, column, message }
    }
}

/// The longest name, in bytes, that is compared with others: a comparison costs the product of the
/// lengths.
const MAX_COMPARED: usize = 100;

/// `message` with the nearest of the names that it lists as known. It quotes names in backticks:
/// first the one it does not know, then those it does. None is like a
/// very long one.
fn with_nearest(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let known = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let short = |name: &&str| name.len() <= MAX_COMPARED;
    let unknown = names.next().filter(|_| known).filter(short);
    let Some(unknown) = unknown else { return message.to_owned() };
    let near = |name| (strsim::normalized_damerau_levenshtein(unknown, name), name);
    match names.filter(short).map(near).max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, nearest)) => format!("{message}: did you mean `{nearest}`?"),
        None => message.to_owned(),
    }
}

fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        write!(hex, "{byte:02x}").unwrap_or_default();
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::gate::FailOn;

    fn error(text: &str) -> String {
        Config::parse(FILE_NAME, text).unwrap_err().to_string()
    }

    #[test]
    fn every_section_is_read() {
        let text = "
            [gate]
            fail-on = \"medium\"
            inline-allow = false
            max-waiver-days = 90
            [secrets]
            [dependencies]
            [policies]
            [[waiver]]
            id = \"CI-001\"
            reason = \"the vendor moves its tags\"
            owner = \"ann\"
            approved-by = \"bob\"
            until = 2026-12-31";
        let config = Config::parse(FILE_NAME, text).unwrap();
        assert_eq!(config.gate.fail_on, FailOn::At(Severity::Medium));
        assert_eq!((config.gate.inline_allow, config.gate.max_waiver_days), (false, Some(90)));
        assert_eq!(config.gate.baseline, ".lockkeeper-baseline");
        assert_eq!(config.waivers[0].line(), 9);
    }

    #[test]
    fn an_empty_file_is_as_good_as_none() {
        let empty = Config::parse(FILE_NAME, "").unwrap();
        assert_eq!(empty.gate, Config::default().gate);
        assert_eq!(empty.digest(), Config::default().digest());
        assert_ne!(Config::parse(FILE_NAME, "[gate]").unwrap().digest(), empty.digest());
    }

    #[test]
    fn an_unknown_key_names_the_nearest_with_file_and_line() {
        let said = error("[gate]\nfail_on = \"high\"\n");
        assert!(said.starts_with(".lockkeeper.toml:2:1: unknown field `fail_on`"), "{said}");
        assert!(said.ends_with("did you mean `fail-on`?"), "{said}");
        let long = "x".repeat(MAX_COMPARED);
        assert!(error(&format!("[{long}]\n")).contains("did you mean"));
        assert!(!error(&format!("[{long}x]\n")).contains("did you mean"));
        assert!(error("\n[gates]\n").ends_with("did you mean `gate`?"));
        let said = error("[[waiver]]\nid = \"x\"\nutnil = 2026-12-31\n");
        assert!(said.starts_with(".lockkeeper.toml:3:1: ") && said.ends_with("`until`?"), "{said}");
    }

    #[test]
    fn a_wrong_value_names_its_line() {
        let said = error("[gate]\nfail-on = \"hihg\"\n");
        assert!(said.starts_with(".lockkeeper.toml:2:11: "), "{said}");
        assert!(said.contains("use low, medium, high, critical or none"), "{said}");
        assert!(error("[gate]\ninline-allow = 1").starts_with(".lockkeeper.toml:2:16: "));
        assert!(error("[gate").starts_with(".lockkeeper.toml:1:"));
    }

    #[test]
    fn a_waiver_that_lacks_something_names_its_line_and_key() {
        let said = error("[gate]\n\n[[waiver]]\nid = \"x\"\nreason = \"y\"\nowner = \"z\"\n");
        assert!(said.starts_with(".lockkeeper.toml:3:1: the waiver of line 3: `until` is missing"));
        assert!(error("[[waiver]]\nuntil = 2026-13-45\n").starts_with(".lockkeeper.toml:2:"));
    }
}
