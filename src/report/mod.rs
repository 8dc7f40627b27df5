//! Reports: one run's verdict, for people and for machines; and the packages of lockfiles as bills of
//! materials.
//!
//! A format is one file with one `write` function and one variant of [`Format`]. Every format shows
//! every finding with what became of it; none decides anything. What a format shows may have been
//! written by an attacker: [`Escaped`] makes it harmless to terminals and build logs.

mod bill;
mod claim;
mod cyclonedx_vex;
mod escape;
mod identity;
mod json;
mod openvex;
mod sarif;
mod text;

pub use bill::{Bill, BillFormat, Listed, write_bill};
pub use escape::Escaped;
pub(crate) use escape::inert_json;

use crate::finding::{CommitId, Finding, Level, Notice, RuleId, Severity, Subject};
use crate::gate::{Decision, Verdict};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::str::FromStr;

/// Everything that reports tell of one run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What looked.
    pub tool: Tool,
    /// When it looked, for documents that must say so.
    pub time: Timestamp,
    /// What was looked at.
    pub source: Source,
    /// What packages were held against.
    pub advisories: Vec<AdvisorySource>,
    /// What was known of attacks.
    pub exploited: Vec<ExploitedSource>,
    /// What the gate says.
    pub verdict: Verdict,
    /// What the run wants its reader to know besides; the verdict has notices of its own.
    pub notices: Vec<Notice>,
    /// What is known of the rules that occur in the findings.
    pub rules: BTreeMap<RuleId, RuleDoc>,
}

/// What looked.
#[derive(Debug, Clone)]
pub struct Tool {
    /// The program's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of the rules.
    pub ruleset_digest: String,
    /// The SHA-256 of the configuration.
    pub config_digest: String,
    /// How many rules were tried.
    pub rules: u64,
}

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// `staged`, `range`, `history` or `worktree`.
    pub kind: String,
    /// The folder, as it was named.
    pub repository: String,
    /// Where the repository is published, as an absolute URI without credentials, if that is known.
    pub repository_uri: Option<String>,
    /// The commit against which the change is seen.
    pub base: Option<CommitId>,
    /// The commit under test.
    pub head: Option<CommitId>,
    /// How many commits were read.
    pub commits: u64,
    /// How many file versions were read.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many lockfiles were read.
    pub lockfiles: u64,
    /// How many packages they lock.
    pub packages: u64,
}

/// One set of advisories that packages were held against.
#[derive(Debug, Clone)]
pub struct AdvisorySource {
    /// Where it comes from.
    pub source: String,
    /// Whose packages it is about, as OSV spells it.
    pub ecosystem: String,
    /// How many advisories it has.
    pub records: u64,
    /// The date (or date and time, RFC 3339) of its newest advisory.
    pub newest: Option<String>,
    /// Its SHA-256.
    pub digest: String,
}

/// One list of vulnerabilities that are attacked.
#[derive(Debug, Clone)]
pub struct ExploitedSource {
    /// The file.
    pub source: String,
    /// `KEV` or `EPSS`.
    pub kind: String,
    /// How many vulnerabilities it has.
    pub records: u64,
    /// Its day, where it says so.
    pub dated: Option<String>,
    /// Its SHA-256.
    pub digest: String,
}

/// What is known of a rule.
#[derive(Debug, Clone)]
pub struct RuleDoc {
    /// What it finds, in one line.
    pub title: String,
    /// Why that matters.
    pub why: String,
    /// What to do about it.
    pub fix: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// How bad its findings are unless they say otherwise.
    pub severity: Severity,
    /// Words to file it under.
    pub tags: Vec<String>,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The gate passes.
    Passed,
    /// The gate blocks.
    Blocked,
    /// Something was not looked at, so that nothing can be said: neither pass nor a plain block.
    Incomplete,
}

impl Run {
    /// How it ends.
    pub fn outcome(&self) -> Outcome {
        if self.notices().iter().any(|notice| notice.level == Level::Error) {
            return Outcome::Incomplete;
        }
        match self.verdict.decision {
            Decision::Pass => Outcome::Passed,
            Decision::Block => Outcome::Blocked,
        }
    }

    /// Every notice, of the run and of the verdict, once.
    pub fn notices(&self) -> BTreeSet<&Notice> {
        self.notices.iter().chain(&self.verdict.notices).collect()
    }
}

/// A kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For people.
    Text,
    /// `lockkeeper.report/v1`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// `OpenVEX` 0.2.0: the findings about packages alone.
    OpenVex,
    /// VEX of `CycloneDX` 1.6: the findings about packages alone.
    CycloneDxVex,
}

impl Format {
    /// Every kind of report, in the order of their names.
    pub const ALL: &[Self] =
        &[Self::CycloneDxVex, Self::Json, Self::OpenVex, Self::Sarif, Self::Text];

    /// The word used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::OpenVex => "openvex",
            Self::CycloneDxVex => "cyclonedx-vex",
        }
    }
}

/// A word that names no kind of report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a report format: use cyclonedx-vex, json, openvex, sarif or text")]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let found = Self::ALL.iter().find(|format| format.as_str() == text);
        found.copied().ok_or_else(|| FormatError(text.chars().take(40).collect()))
    }
}

/// How a report for people is dressed; the others take no notice of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With a terminal's colours.
    Coloured,
}

/// Whether a run leaves a report of some kind with nothing to hold: it is then no document at all.
pub fn is_void(format: Format, run: &Run) -> bool {
    match format {
        Format::OpenVex => claim::claims(run).is_empty(),
        Format::Text | Format::Json | Format::Sarif | Format::CycloneDxVex => false,
    }
}

/// Writes one report of a run; nothing, where it [is void](is_void).
pub fn write(format: Format, run: &Run, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(run, style, out),
        Format::Json => json::write(run, out),
        Format::Sarif => sarif::write(run, out),
        Format::OpenVex => openvex::write(run, out),
        Format::CycloneDxVex => cyclonedx_vex::write(run, out),
    }
}

/// The rule of a finding, and the advisory where there is one: findings of one advisory are about
/// one thing, those of `DEP-001` alone are not.
fn rule_name(finding: &Finding) -> String {
    match &finding.subject {
        Subject::Package(vulnerability) => {
            format!("{}.{}", finding.rule, Escaped(&vulnerability.id))
        }
        Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => finding.rule.to_string(),
    }
}
