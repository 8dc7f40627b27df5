//! Julia's versions: `VersionNumber`, which is Semantic Versioning with build metadata in the order
//! (<https://docs.julialang.org/en/v1/manual/strings/#man-version-number-literals>).

use super::precedence::{Build, Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<(Precedence, Build)> {
    let (release, pre, build) = split(text.strip_prefix('v').unwrap_or(text));
    Some((Precedence::read(release, pre, build)?, Build::read(build)?))
}
