//! Lockfiles: what they resolve to, with the line of every package.
//!
//! A format is one module that implements [`Format`], one entry in [`FORMATS`] and a folder of
//! `fixtures/lockfiles/` with a file of every version; `tests/lockfiles.rs` compares the three and
//! holds every format to the same promises. What formats share is in `syntax`. Nothing here reads a
//! disk. A file that cannot be understood is an error, never a shorter list.

mod actions;
mod bun;
mod bundler;
mod cabal;
mod cargo;
mod cocoapods;
mod composer;
mod conan;
mod cyclonedx;
mod deno;
mod deps_json;
mod gomod;
mod gowork;
mod gradle;
mod gradle_verification;
mod julia;
mod maven;
mod mix;
mod msbuild;
mod npm;
mod nuget_lock;
mod packages_config;
mod paket;
mod pdm;
mod pipenv;
mod pnpm;
mod poetry;
mod project_assets;
mod pubspec;
mod pylock;
mod rebar;
mod renv;
mod requirements;
mod spdx;
mod stack;
mod swiftpm;
mod syntax;
mod uv;
mod yarn;

pub use gomod::STANDARD_LIBRARY as GO_STANDARD_LIBRARY;

use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use std::num::NonZeroU32;
use syntax::manifest::Manifest;

/// A kind of lockfile.
pub trait Format: Sync {
    /// The name people know it by: `Cargo.lock`.
    fn name(&self) -> &'static str;

    /// Whose packages it locks.
    fn ecosystem(&self) -> Ecosystem;

    /// Whether a file of this path is of this format.
    fn claims(&self, path: &RepoPath) -> bool;

    /// The manifest beside the lockfile, whose dependency section the lockfile follows; none where
    /// there is none, or more than one kind.
    fn manifest(&self) -> Option<&'static str> {
        None
    }

    /// Reads a lockfile whole.
    fn read(&self, text: &str) -> Result<Reading, ParseError>;

    /// Reads a lockfile whole, for its packages alone.
    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        self.read(text).map(|reading| reading.packages)
    }

    /// Reads a lockfile whole, with what other files add to it: `tree` gives the text of a file of
    /// the same tree, if there is one of this path. Where a lockfile does not say what the project
    /// asks for, its manifest may.
    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let mut reading = self.read(text)?;
        if let Some(name) = self.manifest().filter(|_| reading.declared.is_empty()) {
            let manifest = Manifest::read(name, || tree(&path.sibling(name)));
            if let Some(manifest) = manifest {
                manifest.complete(&mut reading, self.ecosystem(), text);
            }
        }
        Ok(reading)
    }

    /// Whether the packages of a file are in it alone, whatever else [`Format::read_in`] learns from
    /// other files.
    fn stands_alone(&self) -> bool {
        true
    }

    /// Whether a file of this format that names no package is worth a remark: it is not where most
    /// files of its kind name none.
    fn emptiness_is_odd(&self) -> bool {
        true
    }
}

/// What a lockfile holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Its packages.
    pub packages: Vec<Locked>,
    /// Its entries that cannot be held against advisories.
    pub passed_over: Vec<PassedOver>,
    /// What the project itself asks for; empty where the file does not say.
    pub declared: Vec<Requirement>,
}

/// An entry that was understood, and that is no package at a version of a known ecosystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// The line that names it.
    pub line: NonZeroU32,
    /// What the file calls it.
    pub name: String,
    /// Why it was passed over, in words that fit one and many: "not pinned to a version".
    pub why: &'static str,
}

/// One package of a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The package.
    pub package: Package,
    /// The line that names it.
    pub line: NonZeroU32,
    /// Whether the project asks for it itself; `None` where the file does not say.
    pub direct: Option<bool>,
    /// Whether it serves development alone; `None` where the file does not say.
    pub dev: Option<bool>,
    /// Where it comes from.
    pub origin: Origin,
    /// The checksum of its content, as the file spells it, and the first where it has several;
    /// `None` where the file has none.
    pub integrity: Option<String>,
    /// What it asks for in turn; empty where the file does not say.
    pub requires: Vec<Requirement>,
    /// Its licence as the file states it, most often an SPDX expression; `None` where it does not.
    pub licence: Option<String>,
}

impl Locked {
    /// A package of which nothing more is known.
    pub fn new(package: Package, line: NonZeroU32, origin: Origin) -> Self {
        let (direct, dev, integrity, requires, licence) = (None, None, None, Vec::new(), None);
        Self { package, line, direct, dev, origin, integrity, requires, licence }
    }
}

impl From<Vec<Locked>> for Reading {
    /// A lockfile that holds packages and nothing else.
    fn from(packages: Vec<Locked>) -> Self {
        Self { packages, ..Self::default() }
    }
}

/// What a package, or the project itself, asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The name of the package asked for, as entries of the same file are named.
    pub name: String,
    /// The version to which the file resolves it, where it says so with the requirement.
    pub version: Option<String>,
    /// The versions that would do, as the file spells them: `~> 2.0`; `None` where it does not.
    pub constraint: Option<String>,
}

impl Requirement {
    /// A requirement of which no more is known than the name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), version: None, constraint: None }
    }

    /// With the versions that would do, unless the file leaves them open.
    #[must_use]
    pub fn within(self, constraint: Option<&str>) -> Self {
        let constraint = constraint.filter(|text| !text.is_empty()).map(str::to_owned);
        Self { constraint, ..self }
    }

    /// With the version to which the file resolves it.
    #[must_use]
    pub fn at(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }
}

/// Where a locked package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A registry; its address where the file names one.
    Registry(Option<String>),
    /// A git repository.
    Git(String),
    /// A plain download.
    Url(String),
    /// A folder of this repository: the project's own code, no advisory is about it.
    Path(String),
}

/// A lockfile that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ParseError {
    /// The line where reading stopped.
    pub line: NonZeroU32,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

impl ParseError {
    /// An error at a line; line zero is taken for the first.
    pub fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line: syntax::line_number(line), message: message.into() }
    }
}

/// Every format we read, in the order of their modules.
pub const FORMATS: &[&dyn Format] = &[
    &actions::Workflows,
    &bun::BunLock,
    &bundler::GemfileLock,
    &cabal::CabalFreeze,
    &cargo::CargoLock,
    &cocoapods::PodfileLock,
    &composer::ComposerLock,
    &conan::ConanLock,
    &cyclonedx::CycloneDx,
    &deno::DenoLock,
    &deps_json::DepsJson,
    &gomod::GoMod,
    &gowork::GoWork,
    &gradle::GradleLock,
    &gradle_verification::VerificationMetadata,
    &julia::Manifest,
    &maven::Pom,
    &mix::MixLock,
    &msbuild::MsBuild,
    &npm::PackageLock,
    &nuget_lock::NuGetLock,
    &packages_config::PackagesConfig,
    &paket::PaketLock,
    &pdm::PdmLock,
    &pipenv::PipfileLock,
    &pnpm::PnpmLock,
    &poetry::PoetryLock,
    &project_assets::ProjectAssets,
    &pubspec::PubspecLock,
    &pylock::Pylock,
    &rebar::RebarLock,
    &renv::RenvLock,
    &requirements::Requirements,
    &spdx::Spdx,
    &stack::StackLock,
    &swiftpm::PackageResolved,
    &uv::UvLock,
    &yarn::YarnLock,
];

/// The format of a file, if it is a lockfile.
pub fn format_of(path: &RepoPath) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.claims(path))
}
