//! Package URLs.

use super::{Ecosystem, Package};

/// The purl of a package.
pub(super) fn purl(package: &Package) -> String {
    let kind = match package.ecosystem {
        Ecosystem::CratesIo => "cargo",
        Ecosystem::Go => "golang",
        Ecosystem::Npm => "npm",
        Ecosystem::PyPI => "pypi",
        Ecosystem::RubyGems => "gem",
    };
    format!("pkg:{kind}/{}@{}", package.name, package.version)
}
