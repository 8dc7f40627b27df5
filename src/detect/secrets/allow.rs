//! `[[secrets.allow]]`: what a project lets through by where it is or how it reads.
//!
//! Everything that an entry says must hold; of a list, one item must. What it lets through is found
//! and reported all the same, with the entry's reason.

use super::SecretsError;
use super::matcher::Matcher;
use crate::finding::{CommitId, RuleId};
use crate::rule::Paths;
use crate::source::Change;
use regex::bytes::RegexSet;
use serde::Deserialize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// One entry, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Allow {
    /// Path patterns (globs).
    pub paths: Vec<String>,
    /// Regular expressions that are searched for in the path.
    pub path_regex: Vec<String>,
    /// Regular expressions that are searched for in the target.
    pub regex: Vec<String>,
    /// What `regex` looks at.
    pub target: Target,
    /// Words in the secret, whatever their case.
    pub stopwords: Vec<String>,
    /// The rules that it is about; all, where none is named.
    pub rules: Vec<RuleId>,
    /// Commits, by at least seven digits of their names.
    pub commits: Vec<String>,
    /// Why.
    pub reason: String,
}

/// What the expressions of an entry look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// All that the rule's pattern matches.
    Match,
    /// The lines on which the secret stands.
    Line,
}

/// What is wrong with an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AllowError {
    /// Nobody learns why.
    #[error("`reason` is missing")]
    Reason,
    /// It is about whole rules.
    #[error("it says neither where nor what: to switch a rule off, use secrets.disable")]
    Anything,
    /// An expression that is none.
    #[error("{0}")]
    Regex(String),
    /// A path pattern that is none.
    #[error("`paths`: {0}")]
    Paths(String),
    /// Too short to name one commit.
    #[error("{0:?} is too short to name a commit: write seven digits or more")]
    Commit(String),
}

/// An entry, ready to be asked.
pub(super) struct Allowance {
    allow: Allow,
    paths: Option<Paths>,
    path_regex: RegexSet,
    regex: RegexSet,
    used: AtomicBool,
}

/// A secret, with what is around it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) value: &'a [u8],
    /// The text on which it stands, and where; none of what an archive holds.
    pub(super) around: Option<(&'a [u8], &'a Range<usize>)>,
    pub(super) change: &'a Change<'a>,
}

impl Allowance {
    /// Reads the entries, which are named by their number.
    pub(super) fn all(entries: &[Allow]) -> Result<Vec<Self>, SecretsError> {
        let read = |(allow, number): (&Allow, usize)| {
            Self::new(allow.clone()).map_err(|source| SecretsError::Allow { number, source })
        };
        entries.iter().zip(1..).map(read).collect()
    }

    fn new(allow: Allow) -> Result<Self, AllowError> {
        let given = [&allow.paths, &allow.path_regex, &allow.regex, &allow.stopwords];
        if given.iter().all(|list| list.is_empty()) && allow.commits.is_empty() {
            return Err(AllowError::Anything);
        }
        if allow.reason.trim().is_empty() {
            return Err(AllowError::Reason);
        }
        if let Some(short) = allow.commits.iter().find(|commit| commit.len() < 7) {
            return Err(AllowError::Commit(short.clone()));
        }
        let set = |list: &[String]| {
            RegexSet::new(list).map_err(|error| AllowError::Regex(error.to_string()))
        };
        let paths = (!allow.paths.is_empty()).then(|| Paths::new(&allow.paths)).transpose();
        let paths = paths.map_err(|error| AllowError::Paths(error.to_string()))?;
        let (path_regex, regex) = (set(&allow.path_regex)?, set(&allow.regex)?);
        Ok(Self { allow, paths, path_regex, regex, used: AtomicBool::new(false) })
    }

    /// The reason, if it lets the secret through.
    pub(super) fn reason(&self, place: Place<'_>) -> Option<&str> {
        let holds = self.covers(place);
        if holds {
            self.used.store(true, Relaxed);
        }
        holds.then_some(&self.allow.reason)
    }

    /// The reason, if it has let nothing through so far.
    pub(super) fn unused(&self) -> Option<&str> {
        (!self.used.load(Relaxed)).then_some(&self.allow.reason)
    }

    /// Whether it lets the secret through.
    pub(super) fn covers(&self, place: Place<'_>) -> bool {
        let Allow { rules, commits, stopwords, .. } = &self.allow;
        let path = place.change.path;
        let commit = place.change.commit.map(CommitId::as_str);
        let named = |name: &String| commit.is_some_and(|commit| commit.starts_with(name.as_str()));
        let value = place.value.to_ascii_lowercase();
        let says = |word: &String| {
            memchr::memmem::find(&value, word.to_ascii_lowercase().as_bytes()).is_some()
        };
        (rules.is_empty() || rules.contains(&place.matcher.rule.id))
            && (commits.is_empty() || commits.iter().any(named))
            && self.paths.as_ref().is_none_or(|paths| paths.accepts(path))
            && (self.path_regex.is_empty() || self.path_regex.is_match(path.as_bytes()))
            && (stopwords.is_empty() || stopwords.iter().any(says))
            && (self.regex.is_empty() || self.regex.is_match(self.target(place)))
    }

    fn target<'a>(&self, place: Place<'a>) -> &'a [u8] {
        let Some((text, secret)) = place.around else { return place.value };
        let range = match self.allow.target {
            Target::Secret => return place.value,
            // What was decoded stands there as something else.
            Target::Match if text.get(secret.clone()) != Some(place.value) => return place.value,
            Target::Match => place.matcher.whole(text, secret),
            Target::Line => {
                let before = text.get(..secret.start).unwrap_or_default();
                let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
                let after = text.get(secret.end..).unwrap_or_default();
                start..secret.end + memchr::memchr(b'\n', after).unwrap_or(after.len())
            }
        };
        text.get(range).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, Options};
    use crate::finding::{Allow, CommitId, Finding, RepoPath, Salt};
    use crate::rule::{builtin_secrets, expand};
    use crate::source::{Change, Entry};

    fn detector(allow: &str) -> Result<Detector, String> {
        let options = format!("[[allow]]\nreason = 'known'\n{allow}");
        let options: Options = toml::from_str(&options).unwrap();
        let detector = Detector::new(builtin_secrets().unwrap(), &options);
        detector.map_err(|error| format!("{error}: {}", std::error::Error::source(&error).unwrap()))
    }

    fn found(detector: &Detector) -> Finding {
        let text = expand("# first\nKEY = {github:ghp_} # of the test\n").unwrap().text;
        let (path, commit) = (RepoPath::from("test/app.conf"), CommitId::new("0123456789abcdef"));
        let change = Change::new(&path, Some(&commit), Entry::File, text.as_bytes(), &());
        detector.scan(&change, &|| Salt::new("salt")).findings.remove(0)
    }

    #[test]
    fn all_that_an_entry_says_must_hold() {
        for (allow, holds) in [
            ("paths = ['test/**']", true),
            ("paths = ['src/**', '*.conf']", true),
            ("paths = ['src/**']", false),
            ("path-regex = ['^test/.*[.]conf$']", true),
            ("regex = ['^ghp_']", true),
            ("regex = ['KEY']", false),
            ("regex = ['of the test']\ntarget = 'line'", true),
            ("regex = ['first']\ntarget = 'line'", false),
            ("regex = ['^ghp_[0-9A-Za-z]+$']\ntarget = 'match'", true),
            ("stopwords = ['GHP']", true),
            ("stopwords = ['nope']", false),
            ("commits = ['0123456']", true),
            ("commits = ['1234567']", false),
            ("paths = ['test/**']\nrules = ['secret/github-pat']", true),
            ("paths = ['test/**']\nrules = ['secret/jwt']", false),
            ("paths = ['test/**']\nregex = ['nope']", false),
        ] {
            let detector = detector(allow).unwrap();
            assert_eq!(detector.unused().len(), 1);
            let reason = found(&detector).allow;
            assert_eq!(reason, holds.then(|| Allow::Configured("known".to_owned())), "{allow}");
            assert_eq!(detector.unused().is_empty(), holds, "{allow}");
        }
    }

    #[test]
    fn an_entry_that_cannot_be_followed_is_an_error() {
        for (allow, said) in [
            ("rules = ['secret/jwt']", "secrets.disable"),
            ("regex = ['(']", "regex parse error"),
            ("paths = ['a{']", "`paths`"),
            ("commits = ['012']", "too short"),
        ] {
            let error = detector(allow).err().unwrap_or_default();
            assert!(error.contains(said) && error.contains("number 1"), "{allow}: {error}");
        }
    }

    #[test]
    fn an_entry_that_lets_every_canary_through_is_refused() {
        let proof = detector("regex = ['.']").unwrap().prove().unwrap_err();
        assert!(proof.to_string().contains("everything"), "{proof}");
        detector("regex = ['ghp_']").unwrap().prove().unwrap();
    }
}
