//! Cargo's versions: Semantic Versioning as the `semver` crate reads it, which is Cargo's own
//! reader.
//!
//! Build metadata has no say in the order, and so none in equality. Advisories leave out trailing
//! components (`0`, `1.2`); those count as zero.

use semver::{BuildMetadata, Version};

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Version> {
    let version = Version::parse(text).or_else(|_| Version::parse(&completed(text))).ok()?;
    Some(Version { build: BuildMetadata::EMPTY, ..version })
}

fn completed(text: &str) -> String {
    let missing = 2_usize.saturating_sub(text.matches('.').count());
    format!("{text}{}", ".0".repeat(missing))
}
