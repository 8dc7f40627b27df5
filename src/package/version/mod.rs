//! Versions, ordered as each ecosystem's own tool orders them.
//!
//! A scheme is one file with a `parse` function whose result has a total order with which its
//! equality agrees, one variant of [`Key`] and one arm in [`Key::parse`]; the compiler asks for the
//! arm. Text of any length and content is read or refused, never a panic.

mod actions;
mod cargo;
mod composer;
mod conan;
mod go;
mod hex;
mod julia;
mod maven;
mod natural;
mod npm;
mod nuget;
mod numeric;
mod opam;
mod precedence;
mod pub_semver;
mod pypi;
mod rubygems;
mod swift;
#[cfg(test)]
mod tests;

use super::Ecosystem;
use precedence::{Build, Precedence};
use std::cmp::Ordering;
use std::fmt;

/// A version of one ecosystem. Versions of different ecosystems have an order too, but it means
/// nothing.
///
/// Equality is that of the order: `1.0` and `1.0.0` are one version to Ruby and to Python.
#[derive(Debug, Clone)]
pub struct Version {
    text: Box<str>,
    key: Key,
}

/// A version that its ecosystem's tool would not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a version of {ecosystem}")]
pub struct VersionError {
    ecosystem: Ecosystem,
    text: String,
}

impl Version {
    /// Reads a version as the ecosystem's own tool does.
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Result<Self, VersionError> {
        let key = Key::parse(ecosystem, text)
            .ok_or_else(|| VersionError { ecosystem, text: text.chars().take(100).collect() })?;
        Ok(Self { text: Box::from(text), key })
    }

    /// Whether it was published before the release that it leads to. Go's names for commits without
    /// a version of their own are none, though they are spelled like one.
    pub fn is_prerelease(&self) -> bool {
        match &self.key {
            Key::Cargo(version) => !version.pre.is_empty(),
            Key::Composer(version) => version.is_prerelease(),
            Key::Conan(version) => version.is_prerelease(),
            Key::Debian(_) => self.text.contains('~'),
            Key::Gem(version) => version.is_prerelease(),
            Key::Julia((precedence, ..)) | Key::WithBuild(precedence, _) => {
                precedence.is_prerelease()
            }
            Key::Maven(version) => version.is_prerelease(),
            Key::Numeric(_) => false,
            Key::Pep440(version) => version.any_prerelease(),
            Key::Semantic(version) => version.is_prerelease() && !go::is_pseudo(&self.text),
        }
    }
}

/// What versions are compared by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Cargo(semver::Version),
    Composer(composer::ComposerVersion),
    Conan(conan::ConanVersion),
    Debian(opam::OpamVersion),
    Gem(rubygems::GemVersion),
    Julia(julia::JuliaVersion),
    Maven(maven::MavenVersion),
    Numeric(numeric::NumericVersion),
    Pep440(pep440_rs::Version),
    Semantic(Precedence),
    WithBuild(Precedence, Build),
}

impl Key {
    fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        match ecosystem {
            Ecosystem::CocoaPods | Ecosystem::RubyGems => rubygems::parse(text).map(Self::Gem),
            Ecosystem::ConanCenter => conan::parse(text).map(Self::Conan),
            Ecosystem::Cran => numeric::parse(text, &['.', '-']).map(Self::Numeric),
            Ecosystem::CratesIo => cargo::parse(text).map(Self::Cargo),
            Ecosystem::GitHubActions => actions::parse(text).map(Self::Semantic),
            Ecosystem::Go => go::parse(text).map(Self::Semantic),
            Ecosystem::Hackage => numeric::parse(text, &['.']).map(Self::Numeric),
            Ecosystem::Hex => hex::parse(text).map(Self::Semantic),
            Ecosystem::Julia => julia::parse(text).map(Self::Julia),
            Ecosystem::Maven => maven::parse(text).map(Self::Maven),
            Ecosystem::Npm => npm::parse(text).map(Self::Semantic),
            Ecosystem::NuGet => nuget::parse(text).map(Self::Semantic),
            Ecosystem::Opam => opam::parse(text).map(Self::Debian),
            Ecosystem::Packagist => composer::parse(text).map(Self::Composer),
            Ecosystem::Pub => pub_semver::parse(text).map(|(a, b)| Self::WithBuild(a, b)),
            Ecosystem::PyPI => pypi::parse(text).map(Self::Pep440),
            Ecosystem::SwiftUrl => swift::parse(text).map(Self::Semantic),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
