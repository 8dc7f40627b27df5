//! Package URLs, read (<https://github.com/package-url/purl-spec>).

use crate::package::{Ecosystem, Package};
use std::collections::BTreeMap;

/// What a package URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl {
    /// The package, as OSV spells its name; without a version where the address has none.
    pub package: Package,
    /// What stands behind the question mark, decoded; the first of several of one name.
    pub qualifiers: BTreeMap<String, String>,
}

/// Why a package URL gives no package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PurlError {
    /// It is not written as the specification demands.
    #[error("it is no package URL")]
    Malformed,
    /// Its type is that of no ecosystem of ours.
    #[error("its type is that of no ecosystem with advisories here")]
    Foreign,
}

impl Purl {
    /// Reads a package URL.
    pub fn parse(text: &str) -> Result<Self, PurlError> {
        let rest = text.trim().strip_prefix("pkg:").ok_or(PurlError::Malformed)?;
        let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, path) =
            rest.trim_start_matches('/').split_once('/').ok_or(PurlError::Malformed)?;
        let (path, version) = divided(path);
        let segments: Option<Vec<_>> =
            path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
        let segments =
            segments.filter(|segments| !segments.is_empty()).ok_or(PurlError::Malformed)?;
        let version = decoded(version).ok_or(PurlError::Malformed)?;
        let ecosystem = ecosystem(&kind.to_ascii_lowercase()).ok_or(PurlError::Foreign)?;
        let subpath = decoded(subpath).ok_or(PurlError::Malformed)?;
        let name = name(ecosystem, &segments, &subpath);
        let package = Package { ecosystem, name, version };
        Ok(Self { package, qualifiers: pairs(qualifiers) })
    }
}

/// The path and the version. A scope that was not encoded begins with the `@` that divides the two.
fn divided(path: &str) -> (&str, &str) {
    let at = path
        .rfind('@')
        .filter(|at| *at > 0 && !path.get(..*at).is_some_and(|before| before.ends_with('/')));
    match at.and_then(|at| path.split_at_checked(at)) {
        Some((path, version)) => (path, version.trim_start_matches('@')),
        None => (path, ""),
    }
}

fn pairs(qualifiers: &str) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    for (name, value) in qualifiers.split('&').filter_map(|pair| pair.split_once('=')) {
        if let Some(value) = decoded(value) {
            pairs.entry(name.to_owned()).or_insert(value);
        }
    }
    pairs
}

fn ecosystem(kind: &str) -> Option<Ecosystem> {
    Some(match kind {
        "cargo" => Ecosystem::CratesIo,
        "cocoapods" => Ecosystem::CocoaPods,
        "composer" => Ecosystem::Packagist,
        "conan" => Ecosystem::ConanCenter,
        "cran" => Ecosystem::Cran,
        "gem" => Ecosystem::RubyGems,
        "github" | "githubactions" => Ecosystem::GitHubActions,
        "golang" => Ecosystem::Go,
        "hackage" => Ecosystem::Hackage,
        "hex" => Ecosystem::Hex,
        "julia" => Ecosystem::Julia,
        "maven" => Ecosystem::Maven,
        "npm" => Ecosystem::Npm,
        "nuget" => Ecosystem::NuGet,
        "opam" => Ecosystem::Opam,
        "pub" => Ecosystem::Pub,
        "pypi" => Ecosystem::PyPI,
        "swift" => Ecosystem::SwiftUrl,
        _ => return None,
    })
}

/// The name as OSV spells it.
fn name(ecosystem: Ecosystem, segments: &[String], subpath: &str) -> String {
    let with_subpath = matches!(ecosystem, Ecosystem::CocoaPods | Ecosystem::GitHubActions);
    let last = segments.last().map_or("", String::as_str);
    // User and channel of a Conan package, and the owner of a private Hex package, are no part of
    // its name.
    if matches!(ecosystem, Ecosystem::ConanCenter | Ecosystem::Hex) {
        last.to_owned()
    } else if ecosystem == Ecosystem::Maven {
        segments.join(":")
    } else if with_subpath && !subpath.is_empty() {
        format!("{}/{subpath}", segments.join("/"))
    } else {
        segments.join("/")
    }
}

/// A component without its percent signs; `None` where they stand for no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}
