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

/// Whether a version names a commit: what precedes it, a time of fourteen digits, twelve digits of
/// the commit (<https://go.dev/ref/mod#pseudo-versions>).
pub(super) fn is_pseudo(text: &str) -> bool {
    let text = text.split('+').next().unwrap_or(text);
    let Some((rest, commit)) = text.rsplit_once('-') else { return false };
    let time = rest.rsplit(['-', '.']).next().unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    commit.len() == 12 && hex && time.len() == 14 && digits(time)
}
