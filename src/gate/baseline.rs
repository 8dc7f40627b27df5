//! The baseline: findings that are known, by fingerprint. Sorted, one entry a line and without line
//! numbers or dates, so that two branches merge and moved code changes nothing.

use crate::finding::{Finding, Fingerprint};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The first line of the file: what it is and which version of it.
const HEADER: &str =
    "# lockkeeper baseline v1: known findings, which are reported and do not block";

/// The fingerprints that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline(BTreeSet<Fingerprint>);

/// A baseline that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{name}:{line}: {message}")]
pub struct BaselineError {
    name: String,
    line: usize,
    message: String,
}

impl Baseline {
    /// Reads a baseline; `name` is for messages. An empty text is an empty baseline.
    pub fn parse(name: &str, text: &str) -> Result<Self, BaselineError> {
        let wrong = |line, message: &str| BaselineError {
            name: name.to_owned(),
            line,
            message: message.to_owned(),
        };
        let mut known = BTreeSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_end();
            if number == 1 && line != HEADER {
                return Err(wrong(
                    1,
                    "not a baseline of this version: write it anew by 'lockkeeper baseline write'",
                ));
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = line.split_whitespace().next().unwrap_or(line);
            let entry = entry.parse::<Fingerprint>();
            known.insert(entry.map_err(|error| wrong(number, &error.to_string()))?);
        }
        Ok(Self(known))
    }

    /// The text of a baseline of these findings.
    pub fn render<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
        let entries: BTreeSet<String> = findings
            .map(|f| format!("{} {} {}", f.fingerprint, f.rule, f.location.path.to_uri()))
            .collect();
        let mut text = format!("{HEADER}\n");
        for entry in entries {
            writeln!(text, "{entry}").unwrap_or_default();
        }
        text
    }

    /// Whether a finding is known.
    pub fn contains(&self, fingerprint: Fingerprint) -> bool {
        self.0.contains(&fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_baseline_is_an_error_that_names_the_line() {
        let text =
            format!("{HEADER}\n\n0123456789abcdef0123456789abcdef secret/x a%20b\nnonsense\n");
        let error = Baseline::parse("known", &text).unwrap_err();
        assert!(error.to_string().starts_with("known:4: "), "{error}");
        assert!(Baseline::parse("known", "{}").unwrap_err().to_string().starts_with("known:1: "));
        assert!(Baseline::parse("known", "").is_ok());
    }
}
