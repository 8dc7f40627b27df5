//! Hex's versions: Semantic Versioning as Elixir's `Version` reads it
//! (<https://hexdocs.pm/elixir/Version.html>).
//!
//! Advisories leave out trailing components; those count as zero.

use super::precedence::{Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let (release, pre, build) = split(text);
    Precedence::read(release, pre, build)
}
