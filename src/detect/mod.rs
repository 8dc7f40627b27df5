//! Detectors: bytes and trees in, findings out. Nothing here decides, prints or reads a disk.

pub mod dependencies;

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
