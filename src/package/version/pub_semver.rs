//! Dart's versions: Semantic Versioning as the `pub_semver` package orders it
//! (<https://dart.dev/tools/pub/versioning>), which orders build metadata too.
//!
//! Components that are left out count as zero, and a leading `v` does not count.

use super::precedence::{Build, Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<(Precedence, Build)> {
    let (release, pre, build) = split(text.strip_prefix('v').unwrap_or(text));
    Some((Precedence::read(release, pre, build)?, Build::read(build)?))
}
