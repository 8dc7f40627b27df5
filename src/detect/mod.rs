//! Detectors: bytes and trees in, findings out. Nothing here decides, prints or reads a disk.

pub mod dependencies;
pub mod policies;
pub mod secrets;

use crate::rule::PathsError;
use crate::source::{Delta, Tree};

/// The two ends of what is under test, for detectors that compare whole files rather than read new
/// bytes.
#[derive(Clone, Copy)]
pub struct Snapshot<'a> {
    /// The files as the change leaves them.
    pub head: &'a dyn Tree,
    /// The files as the change found them; `None` where everything is under test.
    pub base: Option<&'a dyn Tree>,
    /// What differs between the two, sorted by path.
    pub delta: &'a [Delta],
}

/// Options that cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The secret rules.
    #[error(transparent)]
    Secrets(#[from] secrets::SecretsError),
    /// The policies.
    #[error(transparent)]
    Policies(#[from] policies::PolicyError),
    /// A path pattern of `[dependencies]`.
    #[error("dependencies.exclude: {0}")]
    Exclude(#[from] PathsError),
}
