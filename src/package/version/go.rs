//! Go's versions: Semantic Versioning with a `v` in front, which OSV leaves out
//! (<https://go.dev/ref/mod#versions>).
//!
//! `+incompatible` is build metadata and a pseudo-version is a prerelease, so neither needs a rule
//! of its own.

use super::precedence::{Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let (release, pre, build) = split(text.strip_prefix('v').unwrap_or(text));
    Precedence::read(release, pre, build)
}
