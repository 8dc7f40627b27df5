//! The ecosystems that lockfiles name, as OSV spells them
//! (<https://ossf.github.io/osv-schema/#defined-ecosystems>).

use std::fmt;
use std::str::FromStr;

/// Whose registry a package is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ecosystem {
    /// Pods, of which OSV has no advisories: a folder of records with this name may.
    CocoaPods,
    /// C and C++.
    ConanCenter,
    /// R.
    Cran,
    /// Rust.
    CratesIo,
    /// The actions that workflows use.
    GitHubActions,
    /// Go modules.
    Go,
    /// Haskell.
    Hackage,
    /// Elixir and Erlang.
    Hex,
    /// Julia.
    Julia,
    /// The JVM; names are `group:artifact`.
    Maven,
    /// JavaScript.
    Npm,
    /// .NET.
    NuGet,
    /// `OCaml`.
    Opam,
    /// PHP; names are `vendor/package`.
    Packagist,
    /// Dart.
    Pub,
    /// Python.
    PyPI,
    /// Ruby.
    RubyGems,
    /// Swift; names are addresses of repositories, as in `github.com/owner/name`.
    SwiftUrl,
}

impl Ecosystem {
    /// All ecosystems, in the order of their names.
    pub const ALL: &[Self] = &[
        Self::CocoaPods,
        Self::ConanCenter,
        Self::Cran,
        Self::CratesIo,
        Self::GitHubActions,
        Self::Go,
        Self::Hackage,
        Self::Hex,
        Self::Julia,
        Self::Maven,
        Self::Npm,
        Self::NuGet,
        Self::Opam,
        Self::Packagist,
        Self::Pub,
        Self::PyPI,
        Self::RubyGems,
        Self::SwiftUrl,
    ];

    /// OSV's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CocoaPods => "CocoaPods",
            Self::ConanCenter => "ConanCenter",
            Self::Cran => "CRAN",
            Self::CratesIo => "crates.io",
            Self::GitHubActions => "GitHub Actions",
            Self::Go => "Go",
            Self::Hackage => "Hackage",
            Self::Hex => "Hex",
            Self::Julia => "Julia",
            Self::Maven => "Maven",
            Self::Npm => "npm",
            Self::NuGet => "NuGet",
            Self::Opam => "opam",
            Self::Packagist => "Packagist",
            Self::Pub => "Pub",
            Self::PyPI => "PyPI",
            Self::RubyGems => "RubyGems",
            Self::SwiftUrl => "SwiftURL",
        }
    }

    /// Whether its packages are those of lockfiles. Workflows name theirs in passing: every
    /// repository has some, and a gate that must not run without advisories about them would not run.
    pub fn is_locked(self) -> bool {
        self != Self::GitHubActions
    }

    /// The name under which the registry files a package, by the registry's own rules for case and
    /// separators.
    pub fn canonical_name(self, name: &str) -> String {
        match self {
            Self::PyPI => pep_503(name),
            Self::NuGet | Self::Packagist => name.to_lowercase(),
            Self::SwiftUrl => repository(name).to_lowercase(),
            Self::GitHubActions => first_segments(name, 2).to_lowercase(),
            Self::CocoaPods => first_segments(name, 1).to_owned(),
            Self::ConanCenter
            | Self::Cran
            | Self::CratesIo
            | Self::Go
            | Self::Hackage
            | Self::Hex
            | Self::Julia
            | Self::Maven
            | Self::Npm
            | Self::Opam
            | Self::Pub
            | Self::RubyGems => name.to_owned(),
        }
    }
}

/// The host and path of a git address, without scheme, user and `.git`: three spellings of one
/// repository are one name.
pub(super) fn repository(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or((None, address), |(a, b)| (Some(a), b));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = if scheme.is_none() { host.replacen(':', "/", 1) } else { host.to_owned() };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    if path.is_empty() { host } else { format!("{host}/{path}") }
}

/// A pod without its subspec, an action without its folder.
fn first_segments(name: &str, most: usize) -> &str {
    let end = name.match_indices('/').nth(most.saturating_sub(1)).map(|(at, _)| at);
    end.and_then(|end| name.get(..end)).unwrap_or(name)
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
#[error("unknown ecosystem {0:?}: known are {known}", known = known())]
pub struct EcosystemError(String);

fn known() -> String {
    Ecosystem::ALL.iter().map(|ecosystem| ecosystem.as_str()).collect::<Vec<_>>().join(", ")
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_back() {
        for ecosystem in Ecosystem::ALL {
            assert_eq!(ecosystem.as_str().parse::<Ecosystem>().unwrap(), *ecosystem);
        }
        let drupal = "Packagist:https://packages.example.org/8".parse::<Ecosystem>();
        assert_eq!(drupal.unwrap(), Ecosystem::Packagist);
        assert!(
            "Debian:12".parse::<Ecosystem>().unwrap_err().to_string().contains("opam, Packagist")
        );
    }

    #[test]
    fn names_are_filed_as_their_registries_file_them() {
        let cases = [
            (Ecosystem::PyPI, "Flask.Admin", "flask-admin"),
            (Ecosystem::NuGet, "Newtonsoft.Json", "newtonsoft.json"),
            (Ecosystem::Packagist, "Symfony/HTTP-Kernel", "symfony/http-kernel"),
            (Ecosystem::Maven, "Org.X:Y", "Org.X:Y"),
            (
                Ecosystem::SwiftUrl,
                "https://github.com/Apple/swift-nio.git",
                "github.com/apple/swift-nio",
            ),
            (
                Ecosystem::SwiftUrl,
                "git@github.com:apple/swift-nio.git",
                "github.com/apple/swift-nio",
            ),
            (
                Ecosystem::SwiftUrl,
                "ssh://git@github.com/apple/swift-nio/",
                "github.com/apple/swift-nio",
            ),
            (Ecosystem::SwiftUrl, "github.com/apple/swift-nio", "github.com/apple/swift-nio"),
            (Ecosystem::GitHubActions, "GitHub/CodeQL-Action/init", "github/codeql-action"),
            (Ecosystem::CocoaPods, "ShareKit/Twitter", "ShareKit"),
        ];
        for (ecosystem, name, canonical) in cases {
            assert_eq!(ecosystem.canonical_name(name), canonical);
        }
    }
}
