//! `Cargo.lock`, versions 1 to 4, through the `cargo-lock` crate.
//!
//! The TOML reader gives each package's line. Checksums and dependencies are taken out before
//! `cargo-lock` sees the file: it panics at some checksums, and the time that it takes for
//! dependencies grows with the square of their number.
//!
//! Every dependency must itself be locked, which is how a file that was cut shows; only the version
//! of the workspace's own packages may be behind, as Cargo lets it be. A package without a source
//! is the workspace's own, and what such a package depends on is direct; Cargo does not write down
//! what serves development, nor the constraints, which are in the manifest beside the file.

mod manifest;

use super::syntax::{checked, excerpt, named, toml_error, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::{LineIndex, RepoPath};
use crate::package::{Ecosystem, Package};
use cargo_lock::{Lockfile, SourceId};
use serde::Deserialize as _;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

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

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let lines = LineIndex::new(text.as_bytes());
        let mut document = DeTable::parse(text).map_err(|error| toml_error(text, &error))?;
        let entries = take_entries(document.get_mut(), &lines)?;
        let lockfile = Lockfile::deserialize(Deserializer::from(document))
            .map_err(|error| toml_error(text, &error))?;
        let packages: Vec<_> = lockfile.root.iter().chain(&lockfile.packages).collect();
        let requires = requires(&packages, &entries)?;
        let direct = direct(&packages, &requires);
        let entries = entries.iter().zip(requires);
        let locked = packages.iter().zip(entries).map(|(package, (entry, requires))| Locked {
            direct: Some(package.source.is_none() || direct.contains(&id(package))),
            integrity: entry.checksum.clone(),
            requires,
            ..Locked::new(
                Package {
                    ecosystem: Ecosystem::CratesIo,
                    name: package.name.to_string(),
                    version: package.version.to_string(),
                },
                entry.line,
                origin(package.source.as_ref()),
            )
        });
        Ok(locked.collect::<Vec<_>>().into())
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let declared = manifest::declared(path, tree);
        Ok(Reading { declared, ..self.read(text)? })
    }
}

/// What is read of a package without `cargo-lock`.
struct Entry {
    line: NonZeroU32,
    /// Each is a name, then perhaps a version, then perhaps a source.
    dependencies: Vec<String>,
    checksum: Option<String>,
}

/// Takes dependencies and checksums out of a document: the entries of the root package, if there
/// is one, and of all packages, in the order of the file.
fn take_entries(
    document: &mut DeTable<'_>,
    lines: &LineIndex<'_>,
) -> Result<Vec<Entry>, ParseError> {
    document.remove("metadata");
    let mut entries = Vec::new();
    if let Some(root) = document.get_mut("root") {
        entries.push(take_entry(root, lines)?);
    }
    if let Some(packages) = document.get_mut("package") {
        let line = lines.line_col(packages.span().start).line;
        let DeValue::Array(packages) = packages.get_mut() else { return Err(malformed(line)) };
        for package in packages.iter_mut() {
            entries.push(take_entry(package, lines)?);
        }
    }
    Ok(entries)
}

fn take_entry(
    package: &mut Spanned<DeValue<'_>>,
    lines: &LineIndex<'_>,
) -> Result<Entry, ParseError> {
    let start = package.span().start;
    let line_of = |offset| lines.line_col(offset).line;
    let DeValue::Table(table) = package.get_mut() else { return Err(malformed(line_of(start))) };
    let checksum = table.remove("checksum");
    let checksum = checksum.and_then(|sum| sum.get_ref().as_str().map(str::to_owned));
    let line = line_of(table.get("name").map_or(start, |name| name.span().start));
    let mut dependencies = Vec::new();
    if let Some(list) = table.remove("dependencies") {
        let list = list.get_ref().as_array().ok_or_else(|| malformed(line))?;
        for dependency in list {
            let text = dependency.get_ref().as_str().ok_or_else(|| malformed(line))?;
            dependencies.push(text.to_owned());
        }
    }
    Ok(Entry { line, dependencies, checksum })
}

fn malformed(line: NonZeroU32) -> ParseError {
    ParseError {
        line,
        message: "its dependencies are not laid out as Cargo writes them".to_owned(),
    }
}

/// Name and version, by which a lockfile's packages are told apart.
fn id(package: &cargo_lock::Package) -> (String, String) {
    (package.name.to_string(), package.version.to_string())
}

/// What each package asks for, at the version to which the file resolves it; refuses what is not
/// locked.
fn requires(
    packages: &[&cargo_lock::Package],
    entries: &[Entry],
) -> Result<Vec<Vec<Requirement>>, ParseError> {
    let mut versions = BTreeMap::<&str, Vec<String>>::new();
    let mut own = BTreeSet::new();
    for package in packages {
        versions.entry(package.name.as_str()).or_default().push(package.version.to_string());
        if package.source.is_none() {
            own.insert(package.name.as_str());
        }
    }
    let resolved = |entry: &Entry, dependency: &String| {
        let mut words = dependency.split_whitespace();
        let name = words.next().ok_or_else(|| malformed(entry.line))?;
        let stated = words.next();
        let is_meant = |version: &&String| stated.is_none_or(|stated| *version == stated);
        let found = versions.get(name).into_iter().flatten().find(is_meant);
        if found.is_none() && !own.contains(name) {
            return Err(missing(name, entry.line));
        }
        Ok(Requirement { name: name.to_owned(), version: found.cloned(), constraint: None })
    };
    let each = |entry: &Entry| entry.dependencies.iter().map(|it| resolved(entry, it)).collect();
    entries.iter().map(each).collect()
}

/// What the workspace's own packages depend on.
fn direct(
    packages: &[&cargo_lock::Package],
    requires: &[Vec<Requirement>],
) -> BTreeSet<(String, String)> {
    let own = packages.iter().zip(requires).filter(|(package, _)| package.source.is_none());
    let asked = own.flat_map(|(_, requires)| requires);
    asked.filter_map(|it| Some((it.name.clone(), it.version.clone()?))).collect()
}

fn missing(name: &str, line: NonZeroU32) -> ParseError {
    let name = excerpt(name);
    let message = format!("depends on {name}, which is missing: the file was cut or badly merged");
    ParseError { line, message }
}

fn origin(source: Option<&SourceId>) -> Origin {
    let Some(source) = source else {
        return Origin::Path(String::new());
    };
    if source.is_git() {
        Origin::Git(git_address(source))
    } else if source.is_path() {
        Origin::Path(source.url().path().to_owned())
    } else {
        Origin::Registry(Some(without_credentials(source.url().as_str())))
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
    fn an_own_package_may_have_moved_on() {
        let old = "version = 1\n\n[root]\nname = \"app\"\nversion = \"2.0.0\"\n\n[[package]]\n\
                   name = \"tests\"\nversion = \"0.1.0\"\ndependencies = [\n \"app 1.0.0\",\n]\n";
        let lines: Vec<_> = parse(old).unwrap().iter().map(|entry| entry.line.get()).collect();
        assert_eq!(lines, [4, 8]);
    }

    #[test]
    fn an_unknown_version_is_an_error() {
        let error = parse(&format!("{TWO}{REST}").replace("version = 4", "version = 5"));
        assert!(error.unwrap_err().message.contains('5'));
    }

    #[test]
    fn lines_are_right_however_the_file_is_laid_out() {
        let odd = "package = [\n{ version = '1.0.0',\n'name' = 'a' },\n]\n\
                   [metadata]\nx = \"\"\"\n[[package]]\nname = \"b\"\n\"\"\"\n";
        let locked = parse(odd).unwrap();
        assert_eq!(locked.len(), 1);
        assert_eq!(locked[0].line.get(), 3);
    }

    #[test]
    fn a_package_that_is_no_table_is_an_error() {
        for odd in [
            "package = [['a', '1.0.0', 'registry+https://h.example.org/', 'é', [], 'b 1.0.0']]",
            "package = { name = 'a', version = '1.0.0' }",
            "root = ['a', '1.0.0']",
            "[[package]]\nname = 'a'\nversion = '1.0.0'\ndependencies = 'b'",
            "[[package]]\nname = 'a'\nversion = '1.0.0'\ndependencies = [1]",
        ] {
            assert!(parse(odd).unwrap_err().message.contains("not laid out"), "{odd}");
        }
    }

    #[test]
    fn a_hostile_checksum_does_no_harm() {
        let odd = format!("{TWO}checksum = \"{}é{}\"\n{REST}", "a".repeat(3), "a".repeat(59));
        assert_eq!(parse(&odd).unwrap().len(), 3);
    }

    #[test]
    fn no_error_repeats_an_address() {
        let odd = TWO.replace("git+https://", "svn+https://");
        assert!(!parse(&odd).unwrap_err().message.contains("word"));
    }
}
