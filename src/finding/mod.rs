//! What a detector found: one type for secrets, policies and vulnerabilities.
//!
//! Detectors make findings, `gate` decides on them, `report` shows them. Nothing here holds a
//! secret's value.

mod advice;
mod fingerprint;
mod gather;
mod line_hash;
mod location;
mod notice;
mod path;
mod redacted;
mod rule_id;
mod secret;
mod severity;

pub use advice::{Advice, Exploitation, Fit, Solved, Upgrade};
pub use fingerprint::{Fingerprint, FingerprintError, RepositoryKey, Salt};
pub use gather::gather;
pub use line_hash::line_hashes;
pub use location::{CommitId, LineCol, LineIndex, Location};
pub use notice::{Level, Notice};
pub use path::RepoPath;
pub use redacted::Redacted;
pub use rule_id::{RuleId, RuleIdError};
pub use secret::{Secret, State};
pub use severity::{Action, Confidence, Severity, Standing};

use crate::package::Package;
use std::sync::Arc;

/// One problem at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: RuleId,
    /// How bad it is when true.
    pub severity: Severity,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// What the rule asks of the gate.
    pub action: Action,
    /// Whether the change under test brought it.
    pub standing: Standing,
    /// What is wrong, in one sentence that holds no secret.
    pub message: String,
    /// What to do about it, in one sentence.
    pub fix: String,
    /// What it is about.
    pub subject: Subject,
    /// Where it is.
    pub location: Location,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// GitHub's `primaryLocationLineHash` of its line, where the file's text was at hand.
    pub line_hash: Option<String>,
    /// What lets it through, if its author wrote a comment or the project an entry.
    pub allow: Option<Allow>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A credential.
    Secret(Box<Secret>),
    /// A rule of how the repository is worked on.
    Policy,
    /// A package with an advisory against it.
    Package(Box<Vulnerability>),
    /// A package and the licence that it states.
    Licence(Box<Licensed>),
}

impl Subject {
    /// The `kind` of the JSON report.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret",
            Self::Policy | Self::Licence(_) => "policy",
            Self::Package(_) => "vulnerability",
        }
    }
}

/// A package and one advisory that holds against its version.
#[derive(Debug, Clone, PartialEq)]
pub struct Vulnerability {
    /// The package as it is locked.
    pub package: Package,
    /// Whether the project asks for it itself; `None` where the lockfile does not say.
    pub direct: Option<bool>,
    /// Whether it serves development alone; `None` where the lockfile does not say.
    pub dev: Option<bool>,
    /// The advisory's id, as its ecosystem's own database names it where there are several.
    pub id: String,
    /// The same advisory's other ids.
    pub aliases: Vec<String>,
    /// Its one-line summary.
    pub summary: String,
    /// Where to read more.
    pub url: Option<String>,
    /// Versions that are no longer affected, lowest first.
    pub fixed: Vec<String>,
    /// The CVSS vector, if the advisory has one.
    pub cvss: Option<String>,
    /// The CVSS base score, if there is a vector that can be scored.
    pub score: Option<f64>,
    /// How it is attacked, if that is known.
    pub exploitation: Option<Exploitation>,
    /// What can be done about this and all other advisories against the package.
    pub advice: Arc<Advice>,
}

impl Vulnerability {
    /// What a version has that is yanked, in the place of an advisory's id: it is a statement about the
    /// version and no flaw, so documents about vulnerabilities leave it out.
    pub const YANKED: &str = "yanked";
}

/// A package and what it states of its licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licensed {
    /// The package as it is locked.
    pub package: Package,
    /// Whether the project asks for it itself; `None` where the lockfile does not say.
    pub direct: Option<bool>,
    /// Whether it serves development alone; `None` where the lockfile does not say.
    pub dev: Option<bool>,
    /// The licence as an SPDX expression; `None` where none is stated that can be told for sure.
    pub licence: Option<String>,
}

/// What lets a finding through without a waiver, and why, in its author's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allow {
    /// A comment beside it that names its rule.
    Comment(String),
    /// An entry of the configuration that is about where it is or how it reads.
    Configured(String),
}

/// Sorts findings by place and rule, drops repetitions of one finding at one place, and numbers
/// those that look alike, so that each fingerprint names one finding and the order does not depend
/// on how many threads looked.
#[must_use]
pub fn settle(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    findings.dedup_by(|a, b| sort_key(a) == sort_key(b));
    let mut seen = std::collections::BTreeMap::<Fingerprint, usize>::new();
    for finding in &mut findings {
        let alike = seen.entry(finding.fingerprint).or_default();
        finding.fingerprint = finding.fingerprint.nth(*alike);
        *alike += 1;
    }
    findings
}

fn sort_key(finding: &Finding) -> impl Ord + '_ {
    let place = &finding.location;
    (
        &place.path,
        place.start,
        place.end,
        &finding.rule,
        finding.fingerprint,
        &place.commit,
        &finding.message,
    )
}
