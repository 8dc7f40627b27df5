//! Versions of actions: the tags `v4`, `v4.2` and `v4.2.2`, as Semantic Versioning.
//!
//! A tag that leaves components out moves from release to release; it counts as the first of them.
//! A commit or a branch is no version.

use super::precedence::{Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let (release, pre, build) = split(text.strip_prefix(['v', 'V']).unwrap_or(text));
    let commit = pre.is_none() && release.len() >= 40;
    if commit { None } else { Precedence::read(release, pre, build) }
}
