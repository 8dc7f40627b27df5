//! What a statement is about, and whether that is a locked package.
//!
//! Packages are the same by ecosystem, normalised name and version; qualifiers do not count, and a
//! statement without a version is about every version.

use super::VexProblem;
use super::wrong;
use crate::package::{Ecosystem, Package, Purl, PurlError, Version};

/// One product, or one component of it.
#[derive(Debug, Clone)]
pub(super) enum Product {
    /// A package of an ecosystem with lockfiles.
    Package { ecosystem: Ecosystem, name: String, versions: Versions },
    /// An image, a firmware, a program: nothing that a lockfile holds.
    Other,
}

/// Which versions are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Versions {
    /// All there are.
    Every,
    /// These alone.
    These(Vec<String>),
}

impl Product {
    /// The product of an identifier, most often a package URL.
    pub(super) fn new(place: &str, identifier: &str) -> Result<Self, VexProblem> {
        if identifier.trim().is_empty() {
            return Err(wrong(place, "a product's identifier is empty"));
        }
        if !identifier.trim_start().starts_with("pkg:") {
            return Ok(Self::Other);
        }
        match Purl::parse(identifier) {
            Ok(purl) => Ok(Self::of(&purl.package)),
            Err(PurlError::Foreign) => Ok(Self::Other),
            Err(PurlError::Malformed) => {
                let shown: String = identifier.chars().take(80).collect();
                Err(wrong(place, format!("{shown:?} is no package URL")))
            }
        }
    }

    fn of(package: &Package) -> Self {
        let version = &package.version;
        let versions = if version.is_empty() {
            Versions::Every
        } else {
            Versions::These(vec![version.clone()])
        };
        Self::Package { ecosystem: package.ecosystem, name: package.canonical_name(), versions }
    }

    /// The same product, at these versions.
    pub(super) fn at(self, these: Vec<String>) -> Self {
        match self {
            Self::Package { ecosystem, name, .. } => {
                Self::Package { ecosystem, name, versions: Versions::These(these) }
            }
            Self::Other => Self::Other,
        }
    }

    /// Whether it says which versions it means.
    pub(super) fn has_version(&self) -> bool {
        match self {
            Self::Package { versions, .. } => *versions != Versions::Every,
            Self::Other => true,
        }
    }

    /// Whether it is this package at its version.
    pub(super) fn is(&self, package: &Package) -> bool {
        let Self::Package { ecosystem, name, versions } = self else { return false };
        *ecosystem == package.ecosystem
            && *name == package.canonical_name()
            && match versions {
                Versions::Every => true,
                Versions::These(these) => these.iter().any(|it| is_version(it, package)),
            }
    }
}

/// Whether two spellings are of one version: `1.0` and `1.0.0`, where the ecosystem says so.
fn is_version(text: &str, package: &Package) -> bool {
    if text == package.version {
        return true;
    }
    let parse = |text: &str| Version::parse(package.ecosystem, text).ok();
    match (parse(text), parse(&package.version)) {
        (Some(a), Some(b)) => a.cmp(&b).is_eq(),
        _ => false,
    }
}
