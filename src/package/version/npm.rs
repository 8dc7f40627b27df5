//! npm's versions: Semantic Versioning as node reads it in its loose mode, which is how the
//! registry's older versions are written.
//!
//! A leading `v` or `=`, blanks around, leading zeros, and a prerelease without its hyphen are let
//! through. Node refuses numbers above 2^53; we compare them all the same, since a version that is
//! compared loses nothing and one that is refused may.

use super::precedence::{Precedence, split_build};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let text =
        text.trim().trim_start_matches(|c: char| matches!(c, 'v' | '=') || c.is_whitespace());
    let (version, build) = split_build(text);
    let Some(end) = version.find(|c: char| !c.is_ascii_digit() && c != '.') else {
        return Precedence::read(version, None, build);
    };
    let (release, pre) = version.split_at_checked(end)?;
    Precedence::read(release, Some(pre.strip_prefix('-').unwrap_or(pre)), build)
}
