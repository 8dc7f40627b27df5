//! The baseline: findings that were there when the project began to use the gate.
//!
//! A text file of one sorted line an entry, without line numbers or times: two branches that add
//! entries merge without a conflict, and moving code changes nothing in it. An entry matches by its
//! fingerprint; rule and path are there for its reader, and so are an owner and a reason, if
//! somebody wrote them: `… until=2027-01-31 owner=ann reason=the rest of the line`. Past its day an
//! entry excuses nothing.
//!
//! Its head holds the key under which the repository's secrets are hashed. Files without one are of
//! earlier versions.

use super::guard::Guard;
use crate::finding::{Finding, Fingerprint, RepoPath, RepositoryKey, RuleId};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const HEADER: &str = "# lockkeeper baseline v1: fingerprint, rule, path";

const KEY: &str = "# key ";

/// A set of findings to live with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    key: Option<RepositoryKey>,
    entries: BTreeMap<Fingerprint, Entry>,
}

/// What a baseline says of one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule that found it.
    pub rule: RuleId,
    /// Where it was when it was recorded, percent-encoded.
    pub path: String,
    /// The last day on which it is excused.
    pub until: Option<Date>,
    /// Who answers for it, in one word.
    pub owner: Option<String>,
    /// Why it is lived with, on one line.
    pub reason: Option<String>,
}

/// A baseline that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// The first line is not that of a baseline.
    #[error("line 1: this is not a lockkeeper baseline: the first line must be {HEADER:?}")]
    Header,
    /// A key that is none, or a second one: two branches that began a baseline each.
    #[error(
        "line {0}: expected one line `{KEY}…` of 32 hexadecimal digits: run `lockkeeper baseline write` again"
    )]
    Key(usize),
    /// A line is not an entry.
    #[error(
        "line {line}: expected a fingerprint, a rule, a path and at most until=, owner=, reason=, found {text:?}"
    )]
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
        let mut baseline = Self::default();
        for (text, line) in lines.filter(|(text, _)| !text.is_empty()) {
            if let Some(key) = text.strip_prefix(KEY) {
                let key = key.parse().ok().filter(|_| baseline.key.is_none());
                baseline.key = Some(key.ok_or(BaselineError::Key(line))?);
            } else if !text.starts_with('#') {
                let start = || text.chars().take(80).collect();
                let entry =
                    entry(text).ok_or_else(|| BaselineError::Entry { line, text: start() })?;
                baseline.entries.extend([entry]);
            }
        }
        Ok(baseline)
    }

    /// The baseline of these findings. Those that no baseline excuses are left out.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let findings = findings.into_iter().filter(|finding| Guard::of(finding) == Guard::Ordinary);
        let entries = findings.map(|finding| (finding.fingerprint, Entry::of(finding)));
        Self { key: None, entries: entries.collect() }
    }

    /// The same entries under a key.
    #[must_use]
    pub fn with_key(self, key: Option<RepositoryKey>) -> Self {
        Self { key, ..self }
    }

    /// The same entries, with what another baseline says of them.
    #[must_use]
    pub fn annotated(mut self, other: &Self) -> Self {
        for (fingerprint, entry) in &mut self.entries {
            if let Some(Entry { until, owner, reason, .. }) = other.entries.get(fingerprint) {
                (entry.until, entry.owner, entry.reason) = (*until, owner.clone(), reason.clone());
            }
        }
        self
    }

    /// Adds the entries of another baseline that this one lacks.
    pub fn extend(&mut self, other: Self) {
        for (fingerprint, entry) in other.entries {
            self.entries.entry(fingerprint).or_insert(entry);
        }
    }

    /// Gives every entry that has none a reason.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        for entry in self.entries.values_mut().filter(|entry| entry.reason.is_none()) {
            entry.reason = Some(reason.clone());
        }
        self
    }

    /// The key under which the repository's secrets are hashed.
    pub fn key(&self) -> Option<RepositoryKey> {
        self.key
    }

    /// Whether it excuses a finding on a day.
    pub fn excuses(&self, finding: &Finding, today: Date) -> bool {
        self.entries.get(&finding.fingerprint).is_some_and(|entry| entry.holds(today))
    }

    /// The entries whose day is past.
    pub fn expired(&self, today: Date) -> BTreeMap<Fingerprint, &Entry> {
        let expired = self.entries.iter().filter(|(_, entry)| !entry.holds(today));
        expired.map(|(fingerprint, entry)| (*fingerprint, entry)).collect()
    }

    /// Whether it holds a finding.
    pub fn contains(&self, finding: &Finding) -> bool {
        self.entries.contains_key(&finding.fingerprint)
    }

    /// The entries that match none of these findings; out of date where the findings are those of
    /// the whole repository.
    pub fn stale(&self, findings: &[Finding]) -> BTreeMap<Fingerprint, &Entry> {
        let found: BTreeSet<_> = findings.iter().map(|finding| finding.fingerprint).collect();
        let stale = self.entries.iter().filter(|(fingerprint, _)| !found.contains(fingerprint));
        stale.map(|(fingerprint, entry)| (*fingerprint, entry)).collect()
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file's text.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(key) = &self.key {
            writeln!(f, "{KEY}{key}")?;
        }
        self.entries
            .iter()
            .try_for_each(|(fingerprint, entry)| writeln!(f, "{fingerprint} {entry}"))
    }
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        let (rule, path) = (finding.rule.clone(), finding.location.path.to_uri());
        Self { rule, path, until: None, owner: None, reason: None }
    }

    fn holds(&self, today: Date) -> bool {
        self.until.is_none_or(|until| until >= today)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rule, self.path)?;
        self.until.iter().try_for_each(|until| write!(f, " until={until}"))?;
        self.owner.iter().try_for_each(|owner| write!(f, " owner={owner}"))?;
        self.reason.iter().try_for_each(|reason| write!(f, " reason={reason}"))
    }
}

/// The path is not decoded: nothing but a reader's eye uses it.
fn entry(text: &str) -> Option<(Fingerprint, Entry)> {
    let (fingerprint, rest) = text.split_once(' ')?;
    let (rule, rest) = rest.split_once(' ')?;
    let (path, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let encoded = RepoPath::from(path).to_uri().replace("%25", "%") == path;
    let (rule, path) = (rule.parse().ok()?, path.to_owned());
    let mut entry = Entry { rule, path, until: None, owner: None, reason: None };
    while encoded && !rest.is_empty() {
        if let Some(reason) = rest.strip_prefix("reason=") {
            entry.reason = Some(reason.to_owned());
            break;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        match word.split_once('=')? {
            ("until", day) if day.len() == 10 => entry.until = Some(day.parse().ok()?),
            ("owner", owner) if !owner.is_empty() => entry.owner = Some(owner.to_owned()),
            _ => return None,
        }
        rest = after;
    }
    encoded.then_some((fingerprint.parse().ok()?, entry))
}
