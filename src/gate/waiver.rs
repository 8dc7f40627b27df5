//! Waivers: somebody lets a finding through, says why, and answers for it until a day.

use super::guard::{Guard, SHORT};
use super::verdict::WaivedBy;
use crate::finding::{Finding, Subject};
use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use serde::Deserialize;
use std::fmt;

/// A `[[waiver]]` as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WaiverFields {
    /// A rule id, an advisory's id or alias, or a fingerprint.
    pub id: Option<String>,
    /// A path pattern (glob).
    pub scope: Option<String>,
    /// A package name, as its lockfile spells it.
    pub package: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who agreed.
    pub approved_by: Option<String>,
    /// The last day on which it holds: `2026-12-31`, with or without quotes.
    pub until: Option<toml::Value>,
}

/// A waiver that says everything that it must.
#[derive(Debug, Clone)]
pub struct Waiver {
    id: Option<String>,
    scope: Option<GlobMatcher>,
    package: Option<String>,
    reason: String,
    owner: String,
    approved_by: Option<String>,
    until: Date,
    line: usize,
}

/// A waiver that does not hold because something is missing from it or wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("the waiver of line {line}: {problem}")]
pub struct WaiverError {
    /// The line of the configuration where it starts.
    pub line: usize,
    /// What is wrong.
    pub problem: WaiverProblem,
}

/// What is wrong with a waiver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaiverProblem {
    /// A key that every waiver needs.
    #[error("`{0}` is missing: every waiver says `reason`, `owner` and `until`")]
    Missing(&'static str),
    /// A key without content.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// Neither of the two keys that say what it is for.
    #[error("`id` or `scope` is missing: say what it lets through")]
    Anything,
    /// A date that is none.
    #[error("`until` must be a day like 2026-12-31, not {0}")]
    Until(String),
    /// A pattern that is none.
    #[error("`scope` is not a path pattern: {0}")]
    Scope(globset::Error),
}

impl Waiver {
    /// Checks a waiver that starts at a line of the configuration.
    pub fn new(fields: WaiverFields, line: usize) -> Result<Self, WaiverError> {
        Self::check(fields, line).map_err(|problem| WaiverError { line, problem })
    }

    fn check(fields: WaiverFields, line: usize) -> Result<Self, WaiverProblem> {
        let id = filled("id", fields.id)?;
        let scope = filled("scope", fields.scope)?;
        if id.is_none() && scope.is_none() {
            return Err(WaiverProblem::Anything);
        }
        Ok(Self {
            id,
            scope: scope.map(|pattern| glob(&pattern)).transpose()?,
            package: filled("package", fields.package)?,
            reason: required("reason", fields.reason)?,
            owner: required("owner", fields.owner)?,
            approved_by: filled("approved-by", fields.approved_by)?,
            until: fields.until.ok_or(WaiverProblem::Missing("until")).and_then(|at| day(&at))?,
            line,
        })
    }

    /// The last day on which it holds.
    pub fn until(&self) -> Date {
        self.until
    }

    /// The line of the configuration where it starts.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What it lets through, why and by whom, on one line.
    pub fn summary(&self) -> String {
        let what = self.id.as_deref().unwrap_or("everything");
        let scope = self.scope.iter().map(|scope| format!(" in {}", scope.glob().glob()));
        let package = self.package.iter().map(|package| format!(" for {package}"));
        let approved = self.approved_by.iter().map(|by| format!(", approved by {by}"));
        let parts = |extra: String| format!("{what}{extra}: {} ({}", self.reason, self.owner);
        parts(scope.chain(package).collect()) + &approved.collect::<String>() + ")"
    }

    /// Whether it is written for this finding; whether it may excuse it is another matter.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        self.id.as_deref().is_none_or(|id| names(id, finding))
            && self.package.as_deref().is_none_or(|name| is_of_package(name, finding))
            && self.scope.as_ref().is_none_or(|scope| is_in(scope, finding))
    }

    /// Why it cannot excuse a finding that it covers, `left` being the days until its last.
    pub(super) fn objection(&self, finding: &Finding, left: i64) -> Option<&'static str> {
        match Guard::of(finding) {
            Guard::Gate if !self.is_approved_by_another() => {
                Some("a finding about the gate needs `approved-by` somebody other than `owner`")
            }
            Guard::Exploited if left > SHORT => {
                Some("a vulnerability that is exploited is excused for 14 days at most")
            }
            Guard::Malicious => Some("nothing excuses a malicious package"),
            Guard::Ordinary | Guard::Gate | Guard::Exploited => None,
        }
    }

    pub(super) fn waived_by(&self) -> WaivedBy {
        WaivedBy::Waiver {
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            approved_by: self.approved_by.clone(),
            until: self.until,
        }
    }

    fn is_approved_by_another(&self) -> bool {
        let owner = self.owner.to_lowercase();
        self.approved_by.as_ref().is_some_and(|approver| approver.to_lowercase() != owner)
    }
}

/// For notices: what it lets through, and where it is written.
impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.id.as_deref().or(self.scope.as_ref().map(|scope| scope.glob().glob()));
        write!(f, "the waiver of {}", what.unwrap_or_default())?;
        if let Some(package) = &self.package {
            write!(f, " for {package}")?;
        }
        write!(f, " ({}, line {} of the configuration)", self.owner, self.line)
    }
}

fn required(key: &'static str, value: Option<String>) -> Result<String, WaiverProblem> {
    filled(key, value)?.ok_or(WaiverProblem::Missing(key))
}

fn filled(key: &'static str, value: Option<String>) -> Result<Option<String>, WaiverProblem> {
    let value = value.map(|text| text.trim().to_owned());
    match value {
        Some(text) if text.is_empty() => Err(WaiverProblem::Empty(key)),
        value => Ok(value),
    }
}

/// `*` stays within a folder, `**` does not, and a folder stands for all that is in it, as in
/// `.gitignore`.
fn glob(pattern: &str) -> Result<GlobMatcher, WaiverProblem> {
    let rest = if pattern.ends_with('/') { "**" } else { "" };
    let glob = GlobBuilder::new(&format!("{pattern}{rest}")).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(WaiverProblem::Scope)
}

fn day(value: &toml::Value) -> Result<Date, WaiverProblem> {
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
    // Nothing but year, month and day: a time of day would be dropped without a word.
    let plain = text.len() == 10;
    let date = if plain { text.parse().ok() } else { None };
    date.ok_or_else(|| WaiverProblem::Until(format!("{text:?}")))
}

fn names(id: &str, finding: &Finding) -> bool {
    let is_advisory = match &finding.subject {
        Subject::Package(vulnerability) => {
            let mut ids = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
            ids.any(|known| known.eq_ignore_ascii_case(id))
        }
        Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => false,
    };
    is_advisory || finding.rule.as_str() == id || finding.fingerprint.to_string() == id
}

fn is_of_package(name: &str, finding: &Finding) -> bool {
    let package = match &finding.subject {
        Subject::Package(vulnerability) => &vulnerability.package,
        Subject::Licence(licensed) => &licensed.package,
        Subject::Secret(_) | Subject::Policy => return false,
    };
    package.name == name || package.canonical_name() == package.ecosystem.canonical_name(name)
}

fn is_in(scope: &GlobMatcher, finding: &Finding) -> bool {
    let path = &finding.location.path;
    let candidate = globset::Candidate::from_bytes(path.as_bytes());
    scope.is_match_candidate(&candidate)
}
