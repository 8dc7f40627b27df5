//! `NuGet`'s versions: Semantic Versioning with a fourth component and without regard to case
//! (<https://learn.microsoft.com/nuget/concepts/package-versioning>).

use super::precedence::{Precedence, split};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Precedence> {
    let text = text.trim_ascii().to_ascii_lowercase();
    let (release, pre, build) = split(&text);
    Precedence::read_longer(4, release, pre, build)
}
