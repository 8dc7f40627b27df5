//! The values of what was found, for the one command that asks issuers about them.
//!
//! A value has no `Debug`, `Display` or `Serialize`, so that it cannot get into a report, a log or
//! an error by accident; [`SecretValue::expose`] is called where requests are made, and
//! `tests/architecture.rs` holds that.

use super::candidate::Candidate;
use super::{Detector, Scanned};
use crate::finding::{Finding, Salt};
use crate::source::{Change, Commit, Label};

/// The value of a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretValue(Vec<u8>);

impl SecretValue {
    /// Takes a value into keeping.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self(value.into())
    }

    /// The bytes, for a request.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// What a vendor issues: a secret, and the public half of the pair where it comes in two.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Credential {
    /// The secret.
    pub secret: SecretValue,
    /// The public half.
    pub id: Option<SecretValue>,
}

/// Takes a finding and what it is about.
pub type Keep<'a> = dyn Fn(&Finding, Credential) + 'a;

impl Detector {
    /// What [`Detector::scan`] says, and to `keep` the value of each finding.
    pub fn reveal(&self, change: &Change<'_>, salt: &dyn Fn() -> Salt, keep: &Keep<'_>) -> Scanned {
        self.scan_and_tell(change, salt, &|finding, candidate: &Candidate| {
            let secret = SecretValue::new(candidate.value.clone());
            let id = candidate.id.clone().map(SecretValue::new);
            keep(finding, Credential { secret, id });
        })
    }

    /// What [`Detector::commit`] says, and to `keep` the value of each finding.
    pub fn reveal_commit(
        &self,
        commit: &Commit,
        salt: &dyn Fn() -> Salt,
        keep: &Keep<'_>,
    ) -> Vec<Finding> {
        super::in_commit(commit, &|change| self.reveal(change, salt, keep))
    }

    /// What [`Detector::label`] says, and to `keep` the value of each finding.
    pub fn reveal_label(
        &self,
        label: &Label,
        salt: &dyn Fn() -> Salt,
        keep: &Keep<'_>,
    ) -> Vec<Finding> {
        self.in_label(label, &|change| self.reveal(change, salt, keep))
    }
}
