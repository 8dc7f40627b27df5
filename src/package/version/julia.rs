//! Julia's versions: `VersionNumber`, which is Semantic Versioning with build metadata in the order
//! (<https://docs.julialang.org/en/v1/manual/strings/#man-version-number-literals>).
//!
//! A prerelease may do without its hyphen (`1.0rc1`). It and the build metadata may be empty (`1.0-`,
//! `1.0+`), which is before all others.

use super::precedence::{Build, Precedence, split_build};

/// A version's place in the order.
pub(super) type JuliaVersion = (Precedence, Plus, Build);

/// Whether there is a `+`, with or without something after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plus {
    Absent,
    Present,
}

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<JuliaVersion> {
    let (version, build) = split_build(text.strip_prefix(['v', 'V']).unwrap_or(text));
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let (release, pre) = version.split_at_checked(end)?;
    let plus = if build.is_some() { Plus::Present } else { Plus::Absent };
    let build = build.filter(|build| !build.is_empty());
    let precedence = match pre {
        "" => Precedence::read(release, None, build)?,
        "-" => Precedence::read_first(release)?,
        pre => Precedence::read(release, Some(pre.strip_prefix('-').unwrap_or(pre)), build)?,
    };
    Some((precedence, plus, Build::read(build)?))
}
