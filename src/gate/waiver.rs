//! Waivers: findings that somebody took responsibility for, until a day.

use super::is_own;
use crate::finding::{Finding, Level, Subject};
use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use serde::Deserialize;
use std::fmt;

/// How many days before its end a waiver is remarked on.
const SOON: i32 = 14;

/// One `[[waiver]]`: complete, or it is not one.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Waiver {
    /// A rule, an advisory by any of its ids, or a fingerprint.
    pub id: String,
    /// Why it is let through.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who agreed; for rules about the gate itself this must be somebody else.
    pub approved_by: Option<String>,
    /// The last day on which it holds.
    pub until: Date,
    package: Option<String>,
    scope: Option<(String, GlobMatcher)>,
}

/// A waiver as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    id: Option<String>,
    scope: Option<String>,
    package: Option<String>,
    reason: Option<String>,
    owner: Option<String>,
    approved_by: Option<String>,
    until: Option<Day>,
}

/// A date, written as TOML's own or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Toml(toml::value::Datetime),
    Text(String),
}

/// A waiver that is not complete, and so waives nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaiverError {
    /// A key without which there is no waiver.
    #[error("a waiver needs `{0}`: {1}")]
    Missing(&'static str, &'static str),
    /// A day that is no day.
    #[error("`until` is {0:?}, which is no date: write it as 2027-01-31")]
    Until(String),
    /// A path pattern that is none.
    #[error("`scope` is no path pattern: {0}")]
    Scope(#[from] globset::Error),
}

impl TryFrom<Written> for Waiver {
    type Error = WaiverError;

    fn try_from(written: Written) -> Result<Self, WaiverError> {
        let scope = written.scope.map(|scope| {
            let glob = GlobBuilder::new(&scope).literal_separator(true).build()?;
            Ok::<_, WaiverError>((scope, glob.compile_matcher()))
        });
        Ok(Self {
            id: need(written.id, "id", "a rule, an advisory or a fingerprint")?,
            reason: need(written.reason, "reason", "why it may pass, for whoever audits it")?,
            owner: need(written.owner, "owner", "who answers for it")?,
            approved_by: written.approved_by.filter(|name| !name.trim().is_empty()),
            until: day(written.until)?,
            package: written.package,
            scope: scope.transpose()?,
        })
    }
}

fn need(
    value: Option<String>,
    key: &'static str,
    why: &'static str,
) -> Result<String, WaiverError> {
    value.filter(|text| !text.trim().is_empty()).ok_or(WaiverError::Missing(key, why))
}

fn day(written: Option<Day>) -> Result<Date, WaiverError> {
    let text = match written {
        None => return Err(WaiverError::Missing("until", "the last day on which it holds")),
        Some(Day::Toml(date)) => date.to_string(),
        Some(Day::Text(text)) => text,
    };
    text.parse().map_err(|_| WaiverError::Until(text))
}

impl Waiver {
    /// Whether it is about this finding, expired or not. One that is about the gate itself needs
    /// the consent of a second person.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        let second = self.approved_by.as_ref().is_some_and(|name| *name != self.owner);
        (second || !is_own(finding))
            && self.names(finding)
            && self.scope.as_ref().is_none_or(|(_, glob)| in_scope(glob, finding))
            && self.package.as_ref().is_none_or(|name| is_of(finding, name))
    }

    fn names(&self, finding: &Finding) -> bool {
        let same = |id: &str| id.eq_ignore_ascii_case(&self.id);
        let advisory = match &finding.subject {
            Subject::Package(found) => same(&found.id) || found.aliases.iter().any(|id| same(id)),
            Subject::Secret(_) | Subject::Policy => false,
        };
        advisory || same(finding.rule.as_str()) || same(&finding.fingerprint.to_string())
    }

    /// Whether it still holds.
    pub(super) fn holds(&self, today: Date) -> bool {
        today <= self.until
    }

    /// What the reader should know of it, given whether a finding met it.
    pub(super) fn remark(&self, used: bool, today: Date) -> Option<(Level, String)> {
        let days = today.until(self.until).map_or(0, |span| span.get_days());
        match (self.holds(today), used) {
            (false, true) => Some((
                Level::Warning,
                format!("the waiver of {self} ended on {}: the finding is back", self.until),
            )),
            (false, false) => Some((
                Level::Note,
                format!("the waiver of {self} ended on {}: remove it", self.until),
            )),
            (true, false) => {
                Some((Level::Note, format!("the waiver of {self} met no finding in this run")))
            }
            (true, true) if days <= SOON => {
                Some((Level::Warning, format!("the waiver of {self} ends on {}", self.until)))
            }
            (true, true) => None,
        }
    }
}

fn in_scope(glob: &GlobMatcher, finding: &Finding) -> bool {
    glob.is_match(finding.location.path.to_string())
}

fn is_of(finding: &Finding, name: &str) -> bool {
    match &finding.subject {
        Subject::Package(found) => found.package.name == name,
        Subject::Secret(_) | Subject::Policy => false,
    }
}

/// What it is about: its id, and its scope and package if it has them.
impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        self.package.iter().try_for_each(|name| write!(f, " for {name}"))?;
        self.scope.iter().try_for_each(|(scope, _)| write!(f, " in {scope}"))
    }
}

impl fmt::Debug for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiver({self}, {}, until {})", self.owner, self.until)
    }
}

impl PartialEq for Waiver {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
            && (&self.reason, &self.owner, &self.approved_by, self.until)
                == (&other.reason, &other.owner, &other.approved_by, other.until)
    }
}

impl Eq for Waiver {}
