//! Packages as advisory databases know them: an ecosystem, a name, a version, and how the
//! ecosystem's own tool orders versions; and the licences that they are under.

mod constraint;
mod ecosystem;
mod licence;
mod purl;
mod version;

pub use constraint::Constraint;
pub use ecosystem::{Ecosystem, EcosystemError};
pub use licence::{Licence, Listed, ListedError, Term};
pub use purl::{Purl, PurlError};
pub use version::{Version, VersionError};

use std::collections::BTreeMap;

/// One version of one package, named as OSV names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    /// Whose registry it is of.
    pub ecosystem: Ecosystem,
    /// The name as the lockfile spells it.
    pub name: String,
    /// The version as the lockfile spells it.
    pub version: String,
}

impl Package {
    /// The package URL (<https://github.com/package-url/purl-spec>).
    pub fn purl(&self) -> String {
        purl::purl(self)
    }

    /// The package URL with qualifiers, which stand in the order of their names.
    pub fn purl_with(&self, qualifiers: &BTreeMap<&str, String>) -> String {
        purl::with_qualifiers(&purl::purl(self), qualifiers)
    }

    /// The name under which advisories are looked up: normalised as the ecosystem's registry does
    /// it.
    pub fn canonical_name(&self) -> String {
        self.ecosystem.canonical_name(&self.name)
    }
}
