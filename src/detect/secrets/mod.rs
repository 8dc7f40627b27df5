//! The secrets that a change brings.
//!
//! One pass finds the keywords of all rules; around each the rule's pattern is searched; what matches
//! is checked by computation, and of several matches on the same bytes the most specific is kept. A
//! finding is what touches new bytes and was in no earlier version of the file.
//!
//! - Bytes are matched, not text: nothing hides behind a NUL or an encoding.
//! - Time is linear in the bytes, whatever they are.
//! - A value leaves this module only as [`crate::finding::Redacted`].

mod boundary;
mod generic;
mod introduced;
mod matcher;
mod overlap;
mod prefilter;
mod reading;
mod value;
mod verify;

use crate::finding::{Action, Finding, LineCol, Location, RepoPath, RuleId, Salt};
use crate::rule::{Paths, PathsError, PatternError, SecretRule};
use crate::source::{Change, Commit, Entry};
use generic::Generic;
use introduced::{Reporter, introduced};
use matcher::{Match, Matcher};
use overlap::most_specific;
use prefilter::Prefilter;
use reading::readings;
use serde::Deserialize;
use std::ops::Range;

/// What a commit message is called while it is written: no rule is confined to it.
const MESSAGE: &str = "COMMIT_EDITMSG";

/// `[secrets]` of the project file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Rules that do not run.
    pub disable: Vec<RuleId>,
    /// Path patterns (globs) of files that are not read.
    pub exclude: Vec<String>,
    /// What secrets that no vendor's rule knows ask of the gate: `warn` unless said otherwise.
    pub generic: Option<Action>,
}

/// Rules that cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretsError {
    /// Nothing would be looked for, and every change would seem clean.
    #[error("no secret rule is active: a scan would find nothing, whatever is there")]
    NoRules,
    /// Two rules of one name.
    #[error("two secret rules are called {0}")]
    Duplicate(RuleId),
    /// A rule is to be disabled that there is not.
    #[error("secrets.disable names {unknown}, and there is no such rule: {nearest} is the nearest")]
    Unknown {
        /// The name.
        unknown: RuleId,
        /// The rule whose name is most like it.
        nearest: RuleId,
    },
    /// A pattern that cannot be searched for.
    #[error("rule {rule} cannot be used")]
    Pattern {
        /// The rule.
        rule: RuleId,
        /// What is wrong with its pattern.
        source: PatternError,
    },
    /// A rule's paths that are none.
    #[error("the paths of rule {rule} cannot be used")]
    Paths {
        /// The rule.
        rule: RuleId,
        /// What is wrong with them.
        source: PathsError,
    },
    /// A rule that would never be tried.
    #[error("rule {0} has neither keywords nor paths: nothing would lead to it")]
    Unreachable(RuleId),
    /// Paths to be passed over that are none.
    #[error("secrets.exclude cannot be used")]
    Exclude(#[from] PathsError),
    /// The keywords are too many to be searched at once.
    #[error("the keywords of the secret rules do not fit into one automaton")]
    Keywords(#[from] aho_corasick::BuildError),
}

/// The secret rules, ready to run.
pub struct Detector {
    matchers: Vec<Matcher>,
    generic: Generic,
    prefilter: Prefilter,
    exclude: Paths,
}

impl Detector {
    /// Makes `rules` ready, less those that `options` or they themselves switch off.
    pub fn new(mut rules: Vec<SecretRule>, options: &Options) -> Result<Self, SecretsError> {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let twins = rules.iter().zip(rules.iter().skip(1)).find(|(a, b)| a.id == b.id);
        if let Some((twin, _)) = twins {
            return Err(SecretsError::Duplicate(twin.id.clone()));
        }
        for unknown in &options.disable {
            known(&rules, unknown)?;
        }
        if let Some(action) = options.generic {
            let generic = rules.iter_mut().filter(|rule| rule.assigned.is_some());
            generic.for_each(|rule| rule.action = action);
        }
        rules.retain(|rule| rule.action != Action::Off && !options.disable.contains(&rule.id));
        if rules.is_empty() {
            return Err(SecretsError::NoRules);
        }
        let matchers = rules.into_iter().map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
        let keywords = matchers.iter().map(|m| (m.rule.keywords.as_slice(), m.reach()));
        let prefilter = Prefilter::new(keywords)?;
        let generic = Generic::new(&matchers)?;
        Ok(Self { prefilter, exclude: Paths::new(&options.exclude)?, generic, matchers })
    }

    /// The active rules, by id.
    pub fn rules(&self) -> impl Iterator<Item = &SecretRule> {
        self.matchers.iter().map(|matcher| &matcher.rule)
    }

    /// Whether the project file says not to read files of this path.
    pub fn excludes(&self, path: &RepoPath) -> bool {
        self.exclude.accepts(path)
    }

    /// The secrets that `change` brings. `salt` is asked for only if there is one.
    pub fn scan(&self, change: &Change<'_>, salt: &dyn Fn() -> Salt) -> Vec<Finding> {
        if self.excludes(change.path) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for reading in readings(change.bytes) {
            let all = self.search(change.path, &reading.text);
            let new = introduced(&all, &reading, change);
            if !new.is_empty() {
                let matchers = &self.matchers;
                let mut reporter = Reporter::new(matchers, &all, &reading.text, change, salt());
                findings.extend(new.into_iter().filter_map(|found| reporter.report(found)));
            }
        }
        findings
    }

    /// The secrets in what a commit says of itself: its message, and the names and addresses of who made
    /// it. They are shown at the first file that the commit changes.
    pub fn commit(&self, commit: &Commit, salt: &dyn Fn() -> Salt) -> Vec<Finding> {
        let Commit { author, committer, .. } = commit;
        let people = [&author.name, &author.email, &committer.name, &committer.email];
        let people = people.map(String::as_str).join("\n");
        let texts =
            [("in the commit message", &commit.message), ("in the commit's names", &people)];
        let found = texts.into_iter().flat_map(|(place, text)| {
            let (path, entry) = (RepoPath::from(MESSAGE), Entry::File);
            let change = Change::new(&path, Some(&commit.id), entry, text.as_bytes(), &());
            let findings = self.scan(&change, salt).into_iter();
            findings.map(move |finding| at_the_commit(finding, place, commit)).collect::<Vec<_>>()
        });
        found.collect()
    }

    /// Which rules find a secret in a text, and where: what [`crate::rule::check`] asks for.
    pub fn locate(&self, path: &RepoPath, text: &[u8]) -> Vec<(RuleId, Range<usize>)> {
        let matches = self.search(path, text).into_iter();
        matches
            .filter_map(|found| {
                Some((self.matchers.get(found.rule)?.rule.id.clone(), found.secret))
            })
            .collect()
    }

    fn search(&self, path: &RepoPath, text: &[u8]) -> Vec<Match> {
        let windows = self.prefilter.windows(text);
        let generic = self.generic.search(path, text, &windows);
        let keyed = windows
            .into_iter()
            .flat_map(|(rule, windows)| windows.into_iter().map(move |window| (rule, window)));
        let whole = self.matchers.iter().enumerate();
        let whole = whole.filter(|(_, matcher)| matcher.reads_whole_files());
        let whole = whole.map(|(rule, _)| (rule, 0..text.len()));
        let matches = keyed.chain(whole).flat_map(|(rule, window)| {
            let matcher = self.matchers.get(rule).filter(|matcher| matcher.claims(path));
            matcher.map(|matcher| matcher.search(rule, text, window)).unwrap_or_default()
        });
        most_specific(matches.chain(generic).collect())
    }
}

/// The finding at the first file of its commit, saying where it really is.
fn at_the_commit(finding: Finding, place: &str, commit: &Commit) -> Finding {
    let path = commit.anchor.clone().unwrap_or_else(|| RepoPath::from(".lockkeeper.toml"));
    let (start, end) = (LineCol::START, LineCol::START);
    let commit = finding.location.commit;
    let message = format!("{} {place}", finding.message);
    Finding { message, location: Location { path, start, end, commit }, ..finding }
}

/// An error unless there is a rule of this id.
fn known(rules: &[SecretRule], id: &RuleId) -> Result<(), SecretsError> {
    if rules.iter().any(|rule| rule.id == *id) {
        return Ok(());
    }
    let distance = |rule: &&SecretRule| strsim::levenshtein(rule.id.as_str(), id.as_str());
    let nearest = rules.iter().min_by_key(distance).ok_or(SecretsError::NoRules)?;
    Err(SecretsError::Unknown { unknown: id.clone(), nearest: nearest.id.clone() })
}

#[cfg(test)]
mod tests;
