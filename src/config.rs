//! The project file, `.lockkeeper.toml`: the options of every stage, the waivers and the project's
//! own rules.

use crate::detect::{dependencies, policies, secrets};
use crate::gate::{self, Waiver};
use crate::rule::SecretRule;
use serde::Deserialize;

/// The project file's name, at the root of the repository.
pub const CONFIG_FILE: &str = ".lockkeeper.toml";

/// Everything that a project can say about its gate. Without a file, the defaults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// From when on findings block.
    pub gate: gate::Options,
    /// Where secrets are looked for.
    pub secrets: secrets::Options,
    /// How dependencies are judged.
    pub dependencies: dependencies::Options,
    /// Which policies hold.
    pub policies: policies::Options,
    /// What may pass for a while.
    #[serde(rename = "waiver")]
    pub waivers: Vec<Waiver>,
    /// Rules of the project's own, beside the built-in ones.
    #[serde(rename = "rule")]
    pub rules: Vec<SecretRule>,
}

/// A project file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{name}:{line}: {message}{hint}")]
pub struct ConfigError {
    name: String,
    line: usize,
    message: String,
    hint: String,
}

impl Config {
    /// Reads a project file; `name` is for messages.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let before = text.get(..offset).unwrap_or_default();
            ConfigError {
                name: name.to_owned(),
                line: before.matches('\n').count() + 1,
                message: error.message().to_owned(),
                hint: nearest(error.message()),
            }
        })
    }
}

/// "Did you mean", from a message of serde's: "unknown field `a`, expected one of `b`, `c`".
fn nearest(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next().filter(|_| message.starts_with("unknown")) else {
        return String::new();
    };
    let best = quoted
        .map(|known| (strsim::damerau_levenshtein(unknown, known), known))
        .min()
        .filter(|(distance, known)| *distance <= 1 + known.len() / 3);
    best.map(|(_, known)| format!("; did you mean `{known}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::parse("x.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_its_neighbour() {
        let error = error("[gate]\n\nfail-onn = \"low\"\n");
        assert!(error.starts_with("x.toml:3: unknown field `fail-onn`"), "{error}");
        assert!(error.ends_with("did you mean `fail-on`?"), "{error}");
    }

    #[test]
    fn a_misspelt_section_is_named() {
        assert!(error("[gates]\n").ends_with("did you mean `gate`?"));
    }

    #[test]
    fn a_waiver_without_an_end_is_none() {
        let text = "[[waiver]]\nid = \"CI-001\"\nreason = \"r\"\nowner = \"o\"\n";
        assert!(error(text).contains("a waiver needs `until`"), "{}", error(text));
        assert!(error(&format!("{text}until = \"soon\"\n")).contains("no date"));
        assert!(Config::parse("x", &format!("{text}until = 2027-01-31\n")).is_ok());
        assert!(Config::parse("x", &format!("{text}until = \"2027-01-31\"\n")).is_ok());
    }

    #[test]
    fn no_file_means_the_defaults() {
        assert_eq!(Config::parse("x", "").unwrap().gate.fail_on, gate::FailOn::High);
    }
}
