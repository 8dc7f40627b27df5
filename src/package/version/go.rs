//! Go's versions: Semantic Versioning with a `v` in front, which OSV leaves out
//! (<https://go.dev/ref/mod#versions>).
//!
//! `+incompatible` is build metadata and a pseudo-version is a prerelease, so neither needs a rule
//! of its own.

use super::precedence::{Precedence, split_build};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (version, build) = split_build(text);
    let (release, pre) =
        version.split_once('-').map_or((version, None), |(release, pre)| (release, Some(pre)));
    Precedence::read(release, pre, build)
}
