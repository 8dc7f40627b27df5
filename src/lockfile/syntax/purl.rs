//! Package URLs, read (<https://github.com/package-url/purl-spec>).

use super::super::Origin;
use super::without_credentials;
use crate::package::{Ecosystem, Package};

/// What a package URL names.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lockfile) struct Purl {
    /// The package; without a version where the address has none.
    pub(in crate::lockfile) package: Package,
    /// Where it comes from, by its qualifiers.
    pub(in crate::lockfile) origin: Origin,
}

impl Purl {
    /// The same package, at the version that stands beside its address if the address has none.
    pub(in crate::lockfile) fn or_version(mut self, beside: Option<&str>) -> Self {
        if self.package.version.is_empty() {
            beside.unwrap_or_default().clone_into(&mut self.package.version);
        }
        self
    }
}

/// Why a package URL gives no package.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum NoPackage {
    /// It is not written as the specification demands.
    Malformed,
    /// Its type is that of no ecosystem of ours.
    Foreign,
}

/// Reads a package URL.
pub(in crate::lockfile) fn parse(text: &str) -> Result<Purl, NoPackage> {
    let rest = text.trim().strip_prefix("pkg:").ok_or(NoPackage::Malformed)?;
    let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = rest.trim_start_matches('/').split_once('/').ok_or(NoPackage::Malformed)?;
    // A scope that was not encoded begins with the `@` that divides the version.
    let version_at = path
        .rfind('@')
        .filter(|at| *at > 0 && !path.get(..*at).is_some_and(|before| before.ends_with('/')));
    let (path, version) = match version_at.and_then(|at| path.split_at_checked(at)) {
        Some((path, version)) => (path, version.trim_start_matches('@')),
        None => (path, ""),
    };
    let segments: Option<Vec<_>> =
        path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
    let segments = segments.filter(|segments| !segments.is_empty()).ok_or(NoPackage::Malformed)?;
    let version = decoded(version).ok_or(NoPackage::Malformed)?;
    let ecosystem = ecosystem(&kind.to_ascii_lowercase()).ok_or(NoPackage::Foreign)?;
    let subpath = decoded(subpath).ok_or(NoPackage::Malformed)?;
    let name = name(ecosystem, &segments, &subpath);
    Ok(Purl { package: Package { ecosystem, name, version }, origin: origin(qualifiers) })
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

fn origin(qualifiers: &str) -> Origin {
    let value = |key: &str| {
        let mut pairs = qualifiers.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == key).and_then(|(_, value)| decoded(value))
    };
    if let Some(address) = value("vcs_url") {
        Origin::Git(without_credentials(address.strip_prefix("git+").unwrap_or(&address)))
    } else if let Some(address) = value("download_url") {
        Origin::Url(without_credentials(&address))
    } else {
        Origin::Registry(value("repository_url").map(|address| without_credentials(&address)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_purl_gives_the_name_that_osv_uses() {
        for (text, ecosystem, name, version) in [
            ("pkg:maven/org.x/y@1.0?type=jar", Ecosystem::Maven, "org.x:y", "1.0"),
            ("pkg:npm/%40scope/a@1.0.0", Ecosystem::Npm, "@scope/a", "1.0.0"),
            ("pkg:npm/@scope/a@1.0.0", Ecosystem::Npm, "@scope/a", "1.0.0"),
            ("pkg:npm/@scope/a", Ecosystem::Npm, "@scope/a", ""),
            (
                "pkg:golang/example.org/x/y@v1.2.0%2Bincompatible#z",
                Ecosystem::Go,
                "example.org/x/y",
                "v1.2.0+incompatible",
            ),
            ("pkg:swift/github.com/a/b@1.0", Ecosystem::SwiftUrl, "github.com/a/b", "1.0"),
            ("pkg:githubactions/a/b@v4#c", Ecosystem::GitHubActions, "a/b/c", "v4"),
            ("pkg:conan/owner/zlib@1.2?channel=stable", Ecosystem::ConanCenter, "zlib", "1.2"),
            ("pkg://PyPI/A_b@1%212", Ecosystem::PyPI, "A_b", "1!2"),
        ] {
            let package = parse(text).unwrap().package;
            assert_eq!(
                (package.ecosystem, &*package.name, &*package.version),
                (ecosystem, name, version)
            );
        }
    }

    #[test]
    fn what_gives_no_package_says_why() {
        for text in ["", "npm/a@1", "pkg:npm", "pkg:npm/", "pkg:npm/a%2", "pkg:npm/%ff"] {
            assert_eq!(parse(text), Err(NoPackage::Malformed), "{text}");
        }
        assert_eq!(parse("pkg:deb/debian/curl@7"), Err(NoPackage::Foreign));
    }

    #[test]
    fn qualifiers_say_where_it_is_from_without_credentials() {
        let origin = |qualifiers: &str| parse(&format!("pkg:npm/a@1?{qualifiers}")).unwrap().origin;
        assert_eq!(
            origin("repository_url=https://me:word%40registry.example.org/x"),
            Origin::Registry(Some("https://registry.example.org/x".into()))
        );
        assert_eq!(
            origin("vcs_url=git%2Bhttps://git.example.org/x%23abc"),
            Origin::Git("https://git.example.org/x#abc".into())
        );
    }

    proptest! {
        #[test]
        fn what_we_write_we_read(name in "[a-z][a-z0-9 %@?#+é-]{0,12}", version in "[0-9][a-z0-9.+@?#% -]{0,8}") {
            for ecosystem in [Ecosystem::Npm, Ecosystem::CratesIo, Ecosystem::NuGet, Ecosystem::Cran] {
                let package = Package { ecosystem, name: name.clone(), version: version.clone() };
                prop_assert_eq!(parse(&package.purl()).map(|it| it.package), Ok(package));
            }
        }
    }
}
