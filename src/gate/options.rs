//! What a project decides about its gate.

use crate::finding::Severity;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The `[gate]` section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// The least severity that blocks.
    pub fail_on: FailOn,
    /// Whether allow comments beside findings count.
    pub inline_allow: bool,
    /// Where the baseline is, relative to the repository's root.
    pub baseline: String,
    /// How many days ahead a waiver may reach at most.
    pub max_waiver_days: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fail_on: FailOn::default(),
            inline_allow: true,
            baseline: ".lockkeeper-baseline".to_owned(),
            max_waiver_days: None,
        }
    }
}

/// The least severity that blocks, or that none does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum FailOn {
    /// This severity and those above it.
    At(Severity),
    /// Nothing blocks: the run reports, and passes whatever it found.
    Never,
}

impl FailOn {
    /// Every threshold, the strictest first.
    pub const ALL: &[Self] = &[
        Self::At(Severity::Low),
        Self::At(Severity::Medium),
        Self::At(Severity::High),
        Self::At(Severity::Critical),
        Self::Never,
    ];

    /// Whether a finding of this severity is bad enough to block.
    pub fn reached_by(self, severity: Severity) -> bool {
        match self {
            Self::At(least) => severity >= least,
            Self::Never => false,
        }
    }

    /// The word used in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::At(severity) => severity.as_str(),
            Self::Never => "none",
        }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self::At(Severity::High)
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<FailOn> for &'static str {
    fn from(fail_on: FailOn) -> Self {
        fail_on.as_str()
    }
}

/// A word that is no threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a threshold: use low, medium, high, critical or none")]
pub struct FailOnError(String);

impl FromStr for FailOn {
    type Err = FailOnError;

    fn from_str(text: &str) -> Result<Self, FailOnError> {
        let found = Self::ALL.iter().find(|fail_on| fail_on.as_str() == text);
        found.copied().ok_or_else(|| FailOnError(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for FailOn {
    type Error = FailOnError;

    fn try_from(text: String) -> Result<Self, FailOnError> {
        text.parse()
    }
}

/// What becomes of problems that the change under test did not bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    /// They are reported and do not block.
    #[default]
    Report,
    /// They block as if the change had brought them.
    Block,
}

/// How much of the repository the findings speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of its files: a waiver or baseline entry that matches nothing is out of date.
    Whole,
    /// Some changes: a waiver that matches nothing may still be needed elsewhere.
    Part,
}
