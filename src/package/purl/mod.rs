//! Package URLs in their canonical form (<https://github.com/package-url/purl-spec>).
//!
//! Besides separators, only letters, digits, `.`, `-`, `_`, `~` and `:` stand for themselves; all
//! else is percent-encoded. Types that the specification calls case-insensitive are lower-cased, so
//! a purl identifies a package, while [`Package::name`] keeps its spelling.

mod read;

pub use read::{Purl, PurlError};

use super::ecosystem::repository;
use super::{Ecosystem, Package};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The purl of a package; without a version where the lockfile has none.
pub(super) fn purl(package: &Package) -> String {
    let mut purl = format!("pkg:{}", kind(package.ecosystem));
    let (name, subpath) = parts(package);
    for segment in segments(&name) {
        purl.push('/');
        push_encoded(&mut purl, segment);
    }
    if !package.version.is_empty() {
        purl.push('@');
        push_encoded(&mut purl, &package.version);
    }
    for (at, segment) in segments(&subpath).filter(|it| !matches!(*it, "." | "..")).enumerate() {
        purl.push(if at == 0 { '#' } else { '/' });
        push_encoded(&mut purl, segment);
    }
    purl
}

/// A purl with qualifiers, which stand before its subpath.
pub(super) fn with_qualifiers(purl: &str, qualifiers: &BTreeMap<&str, String>) -> String {
    let (start, subpath) = purl.split_once('#').unwrap_or((purl, ""));
    let mut whole = start.to_owned();
    for (at, (name, value)) in qualifiers.iter().enumerate() {
        whole.push(if at == 0 { '?' } else { '&' });
        write!(whole, "{name}=").unwrap_or_default();
        push_encoded(&mut whole, value);
    }
    if !subpath.is_empty() {
        write!(whole, "#{subpath}").unwrap_or_default();
    }
    whole
}

fn segments(name: &str) -> impl Iterator<Item = &str> {
    name.split('/').filter(|segment| !segment.is_empty())
}

fn kind(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::CocoaPods => "cocoapods",
        Ecosystem::ConanCenter => "conan",
        Ecosystem::Cran => "cran",
        Ecosystem::CratesIo => "cargo",
        Ecosystem::GitHubActions => "github",
        Ecosystem::Go => "golang",
        Ecosystem::Hackage => "hackage",
        Ecosystem::Hex => "hex",
        Ecosystem::Julia => "julia",
        Ecosystem::Maven => "maven",
        Ecosystem::Npm => "npm",
        Ecosystem::NuGet => "nuget",
        Ecosystem::Opam => "opam",
        Ecosystem::Packagist => "composer",
        Ecosystem::Pub => "pub",
        Ecosystem::PyPI => "pypi",
        Ecosystem::RubyGems => "gem",
        Ecosystem::SwiftUrl => "swift",
    }
}

/// The namespace and name, with slashes between their segments, and the subpath: a pod's subspec or
/// an action's folder.
fn parts(package: &Package) -> (String, String) {
    let name = &package.name;
    match package.ecosystem {
        Ecosystem::Go | Ecosystem::Hex | Ecosystem::Npm | Ecosystem::Packagist | Ecosystem::Pub => {
            (name.to_lowercase(), String::new())
        }
        Ecosystem::PyPI => (package.canonical_name(), String::new()),
        Ecosystem::Maven => (name.replacen(':', "/", 1), String::new()),
        Ecosystem::SwiftUrl => (repository(name), String::new()),
        Ecosystem::CocoaPods | Ecosystem::GitHubActions => {
            let canonical = package.canonical_name();
            let depth = canonical.split('/').count();
            let subpath: Vec<_> = name.split('/').skip(depth).collect();
            (canonical, subpath.join("/"))
        }
        Ecosystem::ConanCenter
        | Ecosystem::Cran
        | Ecosystem::CratesIo
        | Ecosystem::Hackage
        | Ecosystem::Julia
        | Ecosystem::NuGet
        | Ecosystem::Opam
        | Ecosystem::RubyGems => (name.clone(), String::new()),
    }
}

fn push_encoded(purl: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                purl.push(char::from(byte));
            }
            _ => write!(purl, "%{byte:02X}").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn package(ecosystem: Ecosystem, name: &str, version: &str) -> Package {
        Package { ecosystem, name: name.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn each_type_follows_its_definition() {
        let cases = [
            (Ecosystem::CratesIo, "rand", "0.7.2", "pkg:cargo/rand@0.7.2"),
            (Ecosystem::CratesIo, "Inflector", "0.11.4", "pkg:cargo/Inflector@0.11.4"),
            (Ecosystem::Npm, "foobar", "12.3.1", "pkg:npm/foobar@12.3.1"),
            (Ecosystem::Npm, "@angular/animation", "12.3.1", "pkg:npm/%40angular/animation@12.3.1"),
            (Ecosystem::Npm, "@MyScope/MyPackage", "1.0.0", "pkg:npm/%40myscope/mypackage@1.0.0"),
            (
                Ecosystem::PyPI,
                "My.PyPI_.--._Package",
                "1.11.1.dev1",
                "pkg:pypi/my-pypi-package@1.11.1.dev1",
            ),
            (Ecosystem::PyPI, "torch", "1!2.0+cu118", "pkg:pypi/torch@1%212.0%2Bcu118"),
            (
                Ecosystem::RubyGems,
                "ruby-advisory-db-check",
                "0.12.4",
                "pkg:gem/ruby-advisory-db-check@0.12.4",
            ),
            (
                Ecosystem::Go,
                "github.com/BurntSushi/toml",
                "v1.4.0",
                "pkg:golang/github.com/burntsushi/toml@v1.4.0",
            ),
            (
                Ecosystem::Go,
                "gopkg.in/x.v2",
                "v2.0.0+incompatible",
                "pkg:golang/gopkg.in/x.v2@v2.0.0%2Bincompatible",
            ),
            (Ecosystem::Npm, "workspace", "", "pkg:npm/workspace"),
        ];
        for (ecosystem, name, version, purl) in cases {
            assert_eq!(package(ecosystem, name, version).purl(), purl);
        }
    }

    #[test]
    fn namespaces_and_subpaths_are_told_apart() {
        let cases = [
            (
                Ecosystem::Maven,
                "org.apache.xmlgraphics:batik-anim",
                "1.9.1",
                "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1",
            ),
            (
                Ecosystem::Packagist,
                "Laravel/Framework",
                "v5.5.0",
                "pkg:composer/laravel/framework@v5.5.0",
            ),
            (
                Ecosystem::NuGet,
                "EnterpriseLibrary.Common",
                "6.0.1304",
                "pkg:nuget/EnterpriseLibrary.Common@6.0.1304",
            ),
            (Ecosystem::CocoaPods, "ShareKit/Twitter", "2.0", "pkg:cocoapods/ShareKit@2.0#Twitter"),
            (
                Ecosystem::GitHubActions,
                "GitHub/CodeQL-Action/init",
                "v3.1.0",
                "pkg:github/github/codeql-action@v3.1.0#init",
            ),
            (
                Ecosystem::SwiftUrl,
                "https://github.com/Alamofire/Alamofire.git",
                "5.4.3",
                "pkg:swift/github.com/Alamofire/Alamofire@5.4.3",
            ),
            (Ecosystem::Cran, "A3", "1.0.0", "pkg:cran/A3@1.0.0"),
            (Ecosystem::Hackage, "AC-HalfInteger", "1.2.1", "pkg:hackage/AC-HalfInteger@1.2.1"),
            (Ecosystem::Hex, "phoenix_html", "2.13.3", "pkg:hex/phoenix_html@2.13.3"),
            (Ecosystem::Pub, "characters", "1.2.0", "pkg:pub/characters@1.2.0"),
            (Ecosystem::ConanCenter, "openssl", "3.0.3", "pkg:conan/openssl@3.0.3"),
            (Ecosystem::Julia, "Dates", "1.9.0", "pkg:julia/Dates@1.9.0"),
            (Ecosystem::Opam, "cohttp", "6.0.0~beta1", "pkg:opam/cohttp@6.0.0~beta1"),
        ];
        for (ecosystem, name, version, purl) in cases {
            assert_eq!(package(ecosystem, name, version).purl(), purl);
        }
    }

    proptest! {
        #[test]
        fn hostile_names_cannot_leave_their_component(name in "\\PC{1,20}", version in "\\PC{1,20}") {
            for ecosystem in Ecosystem::ALL {
                let purl = package(*ecosystem, &name, &version).purl();
                prop_assert!(purl.is_ascii());
                prop_assert!(!purl.contains(['?', '&', '"', '<', ' ', '\n']));
                prop_assert_eq!(purl.matches('@').count(), 1);
                let subpaths = purl.matches('#').count();
                prop_assert!(subpaths <= usize::from(name.contains('/')), "{}", purl);
            }
        }
    }
}
