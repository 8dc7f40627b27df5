//! The gate: findings in, a verdict out. Nothing is dropped on the way: every finding keeps its
//! place in the report with what was decided on it, and why.

mod baseline;
mod inline;
mod waiver;

pub use baseline::{Baseline, BaselineError};
pub use inline::inline_allow;
pub use waiver::{Waiver, WaiverError};

use crate::finding::{Action, Confidence, Finding, Level, Notice, Severity, Standing};
use jiff::civil::Date;
use serde::Deserialize;

/// The rule of packages that are malware: neither a waiver nor a baseline lets one through.
const MALICIOUS: &str = "DEP-003";

/// The rules about the gate itself: no comment in a file lets a finding of theirs through.
const OWN_RULES: &str = "GATE-";

/// `[gate]` of the project file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// From which severity on findings block.
    pub fail_on: FailOn,
    /// Whether allow comments beside a finding count.
    pub inline_allow: bool,
    /// Where the baseline is, from the root of the repository.
    pub baseline: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fail_on: FailOn::High,
            inline_allow: true,
            baseline: ".lockkeeper-baseline".to_owned(),
        }
    }
}

/// From which severity on findings block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// From low on.
    Low,
    /// From medium on.
    Medium,
    /// From high on.
    High,
    /// Critical alone.
    Critical,
    /// Never.
    None,
}

impl FailOn {
    /// The word used in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
            Self::None => "none",
        }
    }

    /// Whether a finding of this severity blocks.
    pub fn reaches(self, severity: Severity) -> bool {
        match self {
            Self::Low => true,
            Self::Medium => severity >= Severity::Medium,
            Self::High => severity >= Severity::High,
            Self::Critical => severity >= Severity::Critical,
            Self::None => false,
        }
    }
}

/// Whether vulnerabilities that were there before the change block too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// They are reported.
    Reports,
    /// They block like new ones.
    Blocks,
}

/// How findings are judged.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `[gate]`.
    pub options: Options,
    /// What becomes of findings that were there before.
    pub existing: Existing,
    /// `[[waiver]]`.
    pub waivers: Vec<Waiver>,
    /// The findings that are known.
    pub baseline: Baseline,
    /// The day on which waivers are judged.
    pub today: Date,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The change may pass.
    Pass,
    /// It may not.
    Block,
}

/// A finding and what was decided on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The finding.
    pub finding: Finding,
    /// What was decided.
    pub disposition: Disposition,
}

/// What was decided on a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// It stops the pipeline.
    Blocking,
    /// It is reported.
    Advisory,
    /// It is in the baseline.
    Baselined,
    /// Somebody took responsibility for it.
    Waived(Waived),
}

impl Disposition {
    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Advisory => "advisory",
            Self::Baselined => "baselined",
            Self::Waived(_) => "waived",
        }
    }
}

/// Who let a finding through, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waived {
    /// A `[[waiver]]` of the project file.
    File(Box<Waiver>),
    /// An allow comment beside the finding, with its reason.
    Comment(String),
}

/// The verdict on a change.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What the gate says.
    pub decision: Decision,
    /// The threshold that applied.
    pub fail_on: FailOn,
    /// Every finding, in the order given.
    pub findings: Vec<Decided>,
    /// What the reader should know about waivers and the baseline.
    pub notices: Vec<Notice>,
}

impl Verdict {
    /// How many findings have this disposition, by its word.
    pub fn count(&self, disposition: &str) -> usize {
        self.findings.iter().filter(|d| d.disposition.as_str() == disposition).count()
    }
}

impl Policy {
    /// Judges findings. One finding that blocks is enough to block the change.
    pub fn decide(&self, findings: Vec<Finding>) -> Verdict {
        let mut used = vec![false; self.waivers.len()];
        let decided = findings.into_iter().map(|finding| {
            let disposition = self.judge(&finding, &mut used);
            Decided { finding, disposition }
        });
        let findings: Vec<_> = decided.collect();
        let blocks = findings.iter().any(|d| d.disposition == Disposition::Blocking);
        let decision = if blocks { Decision::Block } else { Decision::Pass };
        let notices = self.remarks(&used);
        Verdict { decision, fail_on: self.options.fail_on, findings, notices }
    }

    fn judge(&self, finding: &Finding, used: &mut [bool]) -> Disposition {
        let blocks = self.would_block(finding);
        let otherwise = if blocks { Disposition::Blocking } else { Disposition::Advisory };
        if finding.rule.as_str() == MALICIOUS {
            return otherwise;
        }
        let mut matching =
            self.waivers.iter().zip(used).filter(|(waiver, _)| waiver.covers(finding));
        let mut holding = None;
        for (waiver, used) in &mut matching {
            *used = true;
            if waiver.holds(self.today) {
                holding.get_or_insert(waiver);
            }
        }
        if let Some(waiver) = holding {
            return Disposition::Waived(Waived::File(Box::new(waiver.clone())));
        }
        if self.baseline.contains(finding.fingerprint) {
            return Disposition::Baselined;
        }
        match &finding.allow {
            Some(allow) if self.options.inline_allow && !is_own(finding) => {
                Disposition::Waived(Waived::Comment(allow.reason.clone()))
            }
            _ => otherwise,
        }
    }

    fn would_block(&self, finding: &Finding) -> bool {
        let new = finding.standing == Standing::Introduced || self.existing == Existing::Blocks;
        new && finding.action == Action::Block
            && finding.confidence > Confidence::Low
            && self.options.fail_on.reaches(finding.severity)
    }

    fn remarks(&self, used: &[bool]) -> Vec<Notice> {
        let remark = |(waiver, used): (&Waiver, &bool)| waiver.remark(*used, self.today);
        let (waivers, unused) = (self.waivers.iter().zip(used), Level::Note);
        waivers
            .filter_map(remark)
            .map(|(level, text)| Notice::new(level.max(unused), text))
            .collect()
    }
}

fn is_own(finding: &Finding) -> bool {
    finding.rule.as_str().starts_with(OWN_RULES)
}

#[cfg(test)]
mod tests;
