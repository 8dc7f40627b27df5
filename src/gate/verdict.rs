//! What the gate says.

use super::{Assessment, FailOn};
use crate::finding::{Finding, Notice};
use jiff::civil::Date;
use serde::Serialize;

/// What becomes of the commits under test, and of each finding. No finding is ever left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether they pass.
    pub decision: Decision,
    /// The threshold by which it was decided.
    pub fail_on: FailOn,
    /// Every finding with what becomes of it, in the order in which they came.
    pub findings: Vec<Decided>,
    /// Remarks about waivers and the baseline.
    pub notices: Vec<Notice>,
    /// How many findings fared how.
    pub counts: Counts,
}

impl Verdict {
    /// The verdict over findings that have been decided one by one.
    pub(super) fn new(fail_on: FailOn, findings: Vec<Decided>, notices: Vec<Notice>) -> Self {
        let counts = Counts::of(&findings);
        let decision = if counts.blocking > 0 { Decision::Block } else { Decision::Pass };
        Self { decision, fail_on, findings, notices, counts }
    }
}

/// Whether the gate opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It does.
    Pass,
    /// It does not: at least one finding blocks.
    Block,
}

/// A finding and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The finding.
    pub finding: Finding,
    /// What becomes of it.
    pub disposition: Disposition,
}

/// What becomes of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// It keeps the gate shut.
    Blocking,
    /// It is reported and lets pass.
    Advisory,
    /// It was there when the project began to use the gate.
    Baselined,
    /// Somebody answers for letting it through.
    Waived(WaivedBy),
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

/// Who lets a finding through, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaivedBy {
    /// A `[[waiver]]` of the configuration.
    Waiver {
        /// Why.
        reason: String,
        /// Who answers for it.
        owner: String,
        /// Who agreed.
        approved_by: Option<String>,
        /// The last day on which it holds.
        until: Date,
    },
    /// An entry of the configuration that is about where it is or how it reads.
    Allow {
        /// Why.
        reason: String,
    },
    /// A comment beside the finding.
    Inline {
        /// Why.
        reason: String,
    },
    /// A statement of a VEX document.
    Vex {
        /// Which document, what it says and on what ground.
        reason: String,
        /// What it says.
        assessment: Assessment,
    },
}

impl WaivedBy {
    /// Why, in the words of whoever let it through.
    pub fn reason(&self) -> &str {
        match self {
            Self::Waiver { reason, .. }
            | Self::Allow { reason }
            | Self::Inline { reason }
            | Self::Vex { reason, .. } => reason,
        }
    }
}

/// How many findings fared how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Those that keep the gate shut.
    pub blocking: usize,
    /// Those that are reported and let pass.
    pub advisory: usize,
    /// Those of the baseline.
    pub baselined: usize,
    /// Those that somebody answers for.
    pub waived: usize,
}

impl Counts {
    fn of(findings: &[Decided]) -> Self {
        let mut counts = Self::default();
        for decided in findings {
            match decided.disposition {
                Disposition::Blocking => counts.blocking += 1,
                Disposition::Advisory => counts.advisory += 1,
                Disposition::Baselined => counts.baselined += 1,
                Disposition::Waived(_) => counts.waived += 1,
            }
        }
        counts
    }
}
