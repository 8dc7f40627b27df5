//! `Cargo.lock`, versions 1 to 4, through the `cargo-lock` crate.
//!
//! The crate gives no lines, so a scan of the text does, and the two must name the same packages.
//! Every dependency must itself be locked, which is how a file that was cut shows. A package
//! without a source is the workspace's own, and what such a package depends on is direct; Cargo
//! does not write down what serves development.

use super::syntax::{checked, line_number, named, numbered, toml_error, without_credentials};
use super::{Format, Locked, Origin, ParseError};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use cargo_lock::package::SourceKind;
use cargo_lock::{Lockfile, SourceId, Version};
use std::collections::BTreeSet;

/// Cargo's lockfile.
pub(super) struct CargoLock;

impl Format for CargoLock {
    fn name(&self) -> &'static str {
        "Cargo.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::CratesIo
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["Cargo.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Cargo.toml")
    }

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        let text = checked(text)?;
        let lockfile: Lockfile = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        let packages: Vec<_> = lockfile.root.iter().chain(&lockfile.packages).collect();
        let lines = lines(text, &packages)?;
        let direct = direct(&packages, &lines)?;
        let locked = packages.iter().zip(&lines).map(|(package, line)| Locked {
            package: Package {
                ecosystem: Ecosystem::CratesIo,
                name: package.name.to_string(),
                version: package.version.to_string(),
            },
            line: line_number(*line),
            direct: Some(package.source.is_none() || direct.contains(&id(package))),
            dev: None,
            origin: origin(package.source.as_ref()),
        });
        Ok(locked.collect())
    }
}

type Id<'a> = (&'a str, &'a Version);

fn id(package: &cargo_lock::Package) -> Id<'_> {
    (package.name.as_str(), &package.version)
}

/// The line of each package's name, in the order of the packages.
fn lines(text: &str, packages: &[&cargo_lock::Package]) -> Result<Vec<usize>, ParseError> {
    let mut lines = Vec::with_capacity(packages.len());
    let mut expected = packages.iter();
    let mut in_header = false;
    for (number, line) in numbered(text) {
        let line = line.trim();
        if line.starts_with('[') {
            in_header = matches!(line, "[[package]]" | "[root]");
        } else if let Some(name) = quoted_name(line).filter(|_| in_header) {
            in_header = false;
            if expected.next().is_none_or(|package| package.name.as_str() != name) {
                return Err(not_as_cargo_writes(number));
            }
            lines.push(number);
        }
    }
    if lines.len() == packages.len() { Ok(lines) } else { Err(not_as_cargo_writes(1)) }
}

fn quoted_name(line: &str) -> Option<&str> {
    line.strip_prefix("name = \"")?.strip_suffix('"')
}

fn not_as_cargo_writes(line: usize) -> ParseError {
    ParseError::new(line, "this is not laid out as Cargo writes it: run `cargo update --workspace`")
}

/// What the workspace's own packages depend on; refuses a dependency that is not locked.
fn direct<'a>(
    packages: &[&'a cargo_lock::Package],
    lines: &[usize],
) -> Result<BTreeSet<Id<'a>>, ParseError> {
    let locked: BTreeSet<_> = packages.iter().map(|package| id(package)).collect();
    let mut direct = BTreeSet::new();
    for (package, line) in packages.iter().zip(lines) {
        for dependency in &package.dependencies {
            let id = (dependency.name.as_str(), &dependency.version);
            if !locked.contains(&id) {
                return Err(ParseError::new(
                    *line,
                    "a dependency of this is missing: the file was cut",
                ));
            }
            if package.source.is_none() {
                direct.insert(id);
            }
        }
    }
    Ok(direct)
}

fn origin(source: Option<&SourceId>) -> Origin {
    let Some(source) = source else {
        return Origin::Path(String::new());
    };
    match source.kind() {
        SourceKind::Git(_) => Origin::Git(git_address(source)),
        SourceKind::Path => Origin::Path(source.url().path().to_owned()),
        _ => Origin::Registry(Some(without_credentials(source.url().as_str()))),
    }
}

/// The repository with its reference and commit, as Cargo writes them after `git+`.
fn git_address(source: &SourceId) -> String {
    let whole = source.to_string();
    without_credentials(whole.strip_prefix("git+").unwrap_or(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "one",
]

[[package]]
name = "one"
version = "1.0.0"
source = "git+https://me:word@git.example.org/one?branch=main#0123abc"
dependencies = [
 "two",
]
"#;

    const REST: &str = r#"
[[package]]
name = "two"
version = "2.0.0+build"
source = "sparse+https://registry.example.org/index/"
"#;

    fn parse(text: &str) -> Result<Vec<Locked>, ParseError> {
        CargoLock.parse(text)
    }

    #[test]
    fn own_packages_make_direct_dependencies() {
        let locked = parse(&format!("{TWO}{REST}")).unwrap();
        let direct: Vec<_> = locked.iter().map(|entry| (entry.direct, entry.line.get())).collect();
        assert_eq!(direct, [(Some(true), 4), (Some(true), 11), (Some(false), 19)]);
        assert_eq!(
            locked[1].origin,
            Origin::Git("https://git.example.org/one?branch=main#0123abc".into())
        );
        assert_eq!(
            locked[2].origin,
            Origin::Registry(Some("https://registry.example.org/index/".into()))
        );
        assert_eq!(locked[2].package.version, "2.0.0+build");
    }

    #[test]
    fn a_file_cut_between_packages_is_an_error() {
        assert!(parse(TWO).is_err());
    }

    #[test]
    fn an_unknown_version_is_an_error() {
        let error = parse(&format!("{TWO}{REST}").replace("version = 4", "version = 5"));
        assert!(error.unwrap_err().message.contains('5'));
    }

    #[test]
    fn text_that_only_looks_like_a_package_does_not_move_lines() {
        let odd = "[metadata]\nx = \"\"\"\n[[package]]\nname = \"three\"\n\"\"\"\n";
        assert!(parse(&format!("{TWO}{REST}{odd}")).is_err());
    }

    #[test]
    fn no_error_repeats_an_address() {
        let odd = TWO.replace("git+https://", "svn+https://");
        assert!(!parse(&odd).unwrap_err().message.contains("word"));
    }
}
