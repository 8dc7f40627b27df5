//! Package URLs as bills of materials state them: the package, and where it comes from.

use super::super::Origin;
use super::without_credentials;
use crate::package::{self, Package};

/// Why a package URL gives no package.
pub(in crate::lockfile) use crate::package::PurlError as NoPackage;

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

/// Reads a package URL.
pub(in crate::lockfile) fn parse(text: &str) -> Result<Purl, NoPackage> {
    let purl = package::Purl::parse(text)?;
    let origin = origin(&purl);
    Ok(Purl { package: purl.package, origin })
}

fn origin(purl: &package::Purl) -> Origin {
    let value = |key: &str| purl.qualifiers.get(key).map(String::as_str);
    if let Some(address) = value("vcs_url") {
        Origin::Git(without_credentials(address.strip_prefix("git+").unwrap_or(address)))
    } else if let Some(address) = value("download_url") {
        Origin::Url(without_credentials(address))
    } else {
        Origin::Registry(value("repository_url").map(without_credentials))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Ecosystem;
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
