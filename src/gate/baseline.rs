//! The baseline: findings that were there when the project began to use the gate.
//!
//! A text file of one sorted line an entry, without line numbers or times: two branches that add
//! entries merge without a conflict, and moving code changes nothing in it. An entry matches by its
//! fingerprint; rule and path are there for its reader.

use super::guard::Guard;
use crate::finding::{Finding, Fingerprint, RepoPath, RuleId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const HEADER: &str = "# lockkeeper baseline v1: fingerprint, rule, path";

/// A set of findings to live with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline(BTreeMap<Fingerprint, Entry>);

/// What a baseline says of one finding, for its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule that found it.
    pub rule: RuleId,
    /// Where it was when it was recorded, percent-encoded.
    pub path: String,
}

/// A baseline that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// The first line is not that of a baseline.
    #[error("line 1: this is not a lockkeeper baseline: the first line must be {HEADER:?}")]
    Header,
    /// A line is not an entry.
    #[error("line {line}: expected a fingerprint, a rule and a path, found {text:?}")]
    Entry {
        /// Its number.
        line: usize,
        /// Its start.
        text: String,
    },
}

impl Baseline {
    /// Reads a baseline. Empty lines and comments are passed over; anything else that is no entry
    /// (the marks of a merge conflict, say) is an error.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let mut lines = text.lines().map(str::trim_end).zip(1..);
        match lines.next() {
            Some((HEADER, _)) => {}
            Some(_) | None => return Err(BaselineError::Header),
        }
        let entries = lines.filter(|(text, _)| !text.is_empty() && !text.starts_with('#'));
        let entries = entries.map(|(text, line)| {
            let start = || text.chars().take(80).collect();
            entry(text).ok_or_else(|| BaselineError::Entry { line, text: start() })
        });
        Ok(Self(entries.collect::<Result<_, _>>()?))
    }

    /// The baseline of these findings. Those that no baseline excuses are left out.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let findings = findings.into_iter().filter(|finding| Guard::of(finding) == Guard::Ordinary);
        Self(findings.map(|finding| (finding.fingerprint, Entry::of(finding))).collect())
    }

    /// Whether it holds a finding.
    pub fn contains(&self, finding: &Finding) -> bool {
        self.0.contains_key(&finding.fingerprint)
    }

    /// The entries that match none of these findings; out of date where the findings are those of
    /// the whole repository.
    pub fn stale(&self, findings: &[Finding]) -> BTreeMap<Fingerprint, &Entry> {
        let found: BTreeSet<_> = findings.iter().map(|finding| finding.fingerprint).collect();
        let stale = self.0.iter().filter(|(fingerprint, _)| !found.contains(fingerprint));
        stale.map(|(fingerprint, entry)| (*fingerprint, entry)).collect()
    }

    /// The baseline without its stale entries.
    #[must_use]
    pub fn pruned(&self, findings: &[Finding]) -> Self {
        let stale = self.stale(findings);
        let kept = self.0.iter().filter(|(fingerprint, _)| !stale.contains_key(fingerprint));
        Self(kept.map(|(fingerprint, entry)| (*fingerprint, entry.clone())).collect())
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file's text.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        self.0.iter().try_for_each(|(fingerprint, Entry { rule, path })| {
            writeln!(f, "{fingerprint} {rule} {path}")
        })
    }
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        Self { rule: finding.rule.clone(), path: finding.location.path.to_uri() }
    }
}

/// The path is not decoded: nothing but a reader's eye uses it.
fn entry(text: &str) -> Option<(Fingerprint, Entry)> {
    let mut words = text.split(' ');
    let fingerprint = words.next()?.parse().ok()?;
    let rule = words.next()?.parse().ok()?;
    let path = words.next()?;
    let encoded = RepoPath::from(path).to_uri().replace("%25", "%") == path;
    (encoded && words.next().is_none())
        .then(|| (fingerprint, Entry { rule, path: path.to_owned() }))
}
