//! Package URLs in their canonical form (<https://github.com/package-url/purl-spec>).
//!
//! Besides separators, only letters, digits, `.`, `-`, `_`, `~` and `:` stand for themselves; all
//! else is percent-encoded. Types that the specification calls case-insensitive are lower-cased, so
//! a purl identifies a package, while [`Package::name`] keeps its spelling.

use super::{Ecosystem, Package};
use std::fmt::Write as _;

/// The purl of a package; without a version where the lockfile has none.
pub(super) fn purl(package: &Package) -> String {
    let mut purl = format!("pkg:{}/", kind(package.ecosystem));
    let name = canonical_name(package);
    for (at, segment) in name.split('/').filter(|segment| !segment.is_empty()).enumerate() {
        if at > 0 {
            purl.push('/');
        }
        push_encoded(&mut purl, segment);
    }
    if !package.version.is_empty() {
        purl.push('@');
        push_encoded(&mut purl, &package.version);
    }
    purl
}

fn kind(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::CratesIo => "cargo",
        Ecosystem::Go => "golang",
        Ecosystem::Npm => "npm",
        Ecosystem::PyPI => "pypi",
        Ecosystem::RubyGems => "gem",
    }
}

fn canonical_name(package: &Package) -> String {
    match package.ecosystem {
        Ecosystem::Go | Ecosystem::Npm => package.name.to_lowercase(),
        Ecosystem::PyPI => package.canonical_name(),
        Ecosystem::CratesIo | Ecosystem::RubyGems => package.name.clone(),
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

    proptest! {
        #[test]
        fn hostile_names_cannot_leave_their_component(name in "\\PC{1,20}", version in "\\PC{1,20}") {
            for ecosystem in Ecosystem::ALL {
                let purl = package(*ecosystem, &name, &version).purl();
                prop_assert!(purl.is_ascii());
                prop_assert!(!purl.contains(['?', '#', '&', '"', '<', ' ', '\n']));
                prop_assert_eq!(purl.matches('@').count(), 1);
            }
        }
    }
}
