//! Versions of Swift packages: tags that are Semantic Versioning, with or without a `v`.

use super::precedence::{Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let (release, pre, build) = split(text.strip_prefix('v').unwrap_or(text));
    Precedence::read(release, pre, build)
}
