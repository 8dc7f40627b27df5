//! Hex's versions: Semantic Versioning as Elixir's `Version` reads it
//! (<https://hexdocs.pm/elixir/Version.html>).
//!
//! Advisories leave out trailing components; those count as zero, and a leading `v` does not count.

use super::precedence::{Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let (release, pre, build) = split(text.strip_prefix('v').unwrap_or(text));
    Precedence::read(release, pre, build)
}
