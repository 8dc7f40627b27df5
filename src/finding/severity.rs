//! How bad a finding is, how sure we are of it, and what its rule asks of the gate: three separate
//! axes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much harm the finding can do when it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth planning for.
    Medium,
    /// Worth stopping a deploy for.
    High,
    /// Worth waking somebody for.
    Critical,
}

impl Severity {
    /// The word used in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The band of a CVSS score (0.0 to 10.0), by the qualitative scale of CVSS 3.1 section 5; a
    /// score of zero is low.
    pub fn from_cvss(score: f64) -> Self {
        match score {
            s if s >= 9.0 => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            _ => Self::Low,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How sure the detector is that the finding is true. A low confidence never blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The shape fits, but so would other things; or a check failed.
    Low,
    /// The shape and the context fit.
    Medium,
    /// A distinctive prefix, a checksum or a structure that holds.
    High,
}

impl Confidence {
    /// The word used in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the rule asks the gate to do with its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The rule does not run.
    Off,
    /// Reported, never blocking.
    Warn,
    /// Blocks at or above the gate's threshold.
    Block,
}

/// Whether the change under test brought the problem, or it was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The change under test brought it.
    Introduced,
    /// It was there before, and the change did not touch it.
    Existing,
}
