//! Dependencies: the packages that lockfiles resolve to, held against advisories.
//!
//! [`lockfiles`] reads, [`audit()`] judges. A lockfile that cannot be read, an ecosystem without
//! advisories and a version that cannot be compared each become a remark that keeps the run from
//! passing; what can be read is judged all the same. The result does not depend on the number of
//! threads.

mod audit;
mod finding;
mod graph;
mod inventory;
mod licence;
mod standing;
mod upgrade;
mod yanked;

pub use audit::{Audit, Known, audit};
pub use inventory::{DependencyError, Inventory, Lockfile, lockfiles};
pub use licence::{Exception, Options as LicenceOptions, Unknown, licences, state_licences};
pub use yanked::{Yanked, yanked};

use serde::Deserialize;

/// `[dependencies]` of the project file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// What is to become of advisories against packages that the change did not touch.
    pub existing: Existing,
    /// Whether packages that serve development alone are reported without blocking. Malicious
    /// ones block nevertheless: development is where they run.
    pub ignore_dev: bool,
    /// What is to become of advisories against Go's standard library.
    pub go_stdlib: GoStdlib,
    /// How old a kept advisory dump may be to stand in for one that cannot be fetched.
    pub max_age_days: u32,
    /// Path patterns (globs) of lockfiles that are not read: those of tests and examples.
    pub exclude: Vec<String>,
    /// Where advisories are, where the command line does not say.
    pub advisories: Vec<String>,
    /// CISA's catalogue of exploited vulnerabilities, as JSON or CSV.
    pub kev: Option<String>,
    /// A day's EPSS scores, as CSV.
    pub epss: Option<String>,
    /// From which EPSS score on a vulnerability counts as exploited.
    pub epss_threshold: Probability,
    /// What is to become of locked versions that are yanked.
    pub yanked: Yanked,
    /// Paths and path patterns (globs), from the root, of the VEX documents that the gate goes by.
    pub vex: Vec<String>,
    /// Which licences the project takes; `None` where it does not say, and nobody looks.
    pub licences: Option<LicenceOptions>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            existing: Existing::Report,
            ignore_dev: false,
            go_stdlib: GoStdlib::Report,
            max_age_days: 7,
            exclude: Vec::new(),
            advisories: Vec::new(),
            kev: None,
            epss: None,
            epss_threshold: Probability::default(),
            yanked: Yanked::Ignore,
            vex: Vec::new(),
            licences: None,
        }
    }
}

/// A probability above zero.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Probability(f64);

impl Probability {
    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// Even odds: from here on an attack within thirty days is likelier than none, which is what the
/// score is the probability of, and needs no table of models and their thresholds.
impl Default for Probability {
    fn default() -> Self {
        Self(0.5)
    }
}

impl TryFrom<f64> for Probability {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        let valid = number > 0.0 && number <= 1.0;
        if valid { Ok(Self(number)) } else { Err("a probability is above 0 and at most 1") }
    }
}

/// What is to become of advisories against packages that the change did not touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    /// They are reported and do not block.
    Report,
    /// They block as if the change had brought them.
    Block,
}

/// What is to become of advisories against Go's standard library, of which `go.mod` names the oldest
/// release that may build the project and not the one that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GoStdlib {
    /// One remark a `go.mod` names them.
    Report,
    /// They are findings like all others.
    Block,
}

#[cfg(test)]
mod tests;
