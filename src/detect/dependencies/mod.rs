//! Lockfiles against advisories: one finding for each package version and advisory, however many
//! databases name it.

mod audit;
mod group;
mod inventory;

pub use audit::{Audit, audit};
pub use inventory::{Inventory, lockfiles};

use serde::Deserialize;

/// The rule of known vulnerabilities.
pub const VULNERABILITY: &str = "DEP-001";
/// The rule of packages that are malware.
pub const MALICIOUS: &str = "DEP-003";
/// The rule of packages that nobody maintains, that are unsound, or that carry a notice.
pub const INFORMATIONAL: &str = "DEP-011";

/// `[dependencies]` of the project file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// What becomes of vulnerabilities that were there before the change.
    pub existing: Existing,
    /// Whether vulnerabilities of packages that serve development alone count.
    pub dev: Dev,
    /// Where advisories are, if the command line does not say.
    pub advisories: Vec<String>,
    /// How many days a download of advisories may serve without having been confirmed.
    pub max_age_days: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            existing: Existing::Report,
            dev: Dev::Block,
            advisories: Vec::new(),
            max_age_days: 7,
        }
    }
}

/// What becomes of vulnerabilities that were there before the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    /// They are reported.
    Report,
    /// They block like new ones.
    Block,
}

/// What becomes of vulnerabilities in packages that serve development alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dev {
    /// They are reported.
    Report,
    /// They block like the others.
    Block,
}
