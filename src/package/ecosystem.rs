//! The ecosystems that lockfiles name, as OSV spells them
//! (<https://ossf.github.io/osv-schema/#defined-ecosystems>).

use std::fmt;
use std::str::FromStr;

/// Whose registry a package is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ecosystem {
    /// Rust.
    CratesIo,
    /// Go modules.
    Go,
    /// JavaScript.
    Npm,
    /// Python.
    PyPI,
    /// Ruby.
    RubyGems,
}

impl Ecosystem {
    /// All ecosystems, in the order of their names.
    pub const ALL: &[Self] = &[Self::CratesIo, Self::Go, Self::Npm, Self::PyPI, Self::RubyGems];

    /// OSV's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CratesIo => "crates.io",
            Self::Go => "Go",
            Self::Npm => "npm",
            Self::PyPI => "PyPI",
            Self::RubyGems => "RubyGems",
        }
    }

    /// The name under which the registry files a package: PEP 503 for Python, unchanged elsewhere.
    pub fn canonical_name(self, name: &str) -> String {
        match self {
            Self::PyPI => pep_503(name),
            Self::CratesIo | Self::Go | Self::Npm | Self::RubyGems => name.to_owned(),
        }
    }
}

/// PEP 503: lower case, and each run of `-`, `_` and `.` is one `-`.
fn pep_503(name: &str) -> String {
    let words =
        name.split(['-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase);
    words.collect::<Vec<_>>().join("-")
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that is no ecosystem of ours.
#[derive(Debug, Clone, thiserror::Error)]
#[error("unknown ecosystem {0:?}: known are crates.io, Go, npm, PyPI, RubyGems")]
pub struct EcosystemError(String);

/// Reads OSV's spelling, in any case; what follows a colon (`Packagist:…`, `Debian:12`) names a
/// part of an ecosystem and is passed over.
impl FromStr for Ecosystem {
    type Err = EcosystemError;

    fn from_str(text: &str) -> Result<Self, EcosystemError> {
        let name = text.split(':').next().unwrap_or(text);
        let found =
            Self::ALL.iter().find(|ecosystem| ecosystem.as_str().eq_ignore_ascii_case(name));
        found.copied().ok_or_else(|| EcosystemError(text.chars().take(100).collect()))
    }
}
