//! `Cargo.lock`, versions 1 to 4.
//!
//! A file that is laid out as Cargo lays it out is read line by line, in `scan`; any other, and
//! with it every one that is malformed, by the general readers, in `document`. What both give is
//! the same, so only the time differs.
//!
//! Every dependency must itself be locked, which is how a file that was cut shows. Where another version
//! of it is, the file is read with a remark on the one that is not: old releases of Cargo wrote such
//! files, and Cargo takes them. The version of the workspace's own packages may be behind. A package
//! without a source is the workspace's own, and what such a package depends on is direct; Cargo does not
//! write down what serves development, nor the constraints, which are in the manifests of the workspace.

mod document;
mod manifest;
mod resolve;
mod scan;
mod use_of;

use super::syntax::{checked, excerpt, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use cargo_lock::SourceId;
use manifest::Manifests;
use resolve::{Resolved, resolve};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::num::NonZeroU32;

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
        read_with(text, &|_| Manifests::default())
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        read_with(text, &|own| Manifests::find(path, own, tree))
    }
}

/// Reads a file with the manifests of the workspace's own packages, which are found by their names.
fn read_with(
    text: &str,
    manifests: &dyn Fn(&BTreeSet<&str>) -> Manifests,
) -> Result<Reading, ParseError> {
    let text = checked(text)?;
    let entries = scan::entries(text).map_or_else(|| document::entries(text), Ok)?;
    let Resolved { requires, edges, passed_over } = resolve(&entries)?;
    let own = entries.iter().filter(|entry| entry.origin.is_none());
    let manifests = manifests(&own.map(|entry| &*entry.name).collect());
    let direct = use_of::direct(&entries, &edges);
    // What is missing may be the way by which something serves more than development.
    let dev = match passed_over.as_slice() {
        [] => use_of::development(&entries, &edges, &manifests),
        _ => vec![None; entries.len()],
    };
    let all = entries.into_iter().zip(requires).zip(direct.into_iter().zip(dev));
    let locked = all
        .map(|((entry, requires), (direct, dev))| Locked { dev, ..entry.locked(requires, direct) });
    Ok(Reading { packages: locked.collect(), passed_over, declared: manifests.declared() })
}

/// What a file says of one package.
#[derive(Debug, PartialEq)]
struct Entry<'a> {
    /// The line of its name.
    line: NonZeroU32,
    name: Cow<'a, str>,
    /// A semantic version, in its one spelling.
    version: Cow<'a, str>,
    /// `None` for the workspace's own.
    origin: Option<Origin>,
    /// Each is a name, then perhaps a version, then perhaps a source.
    dependencies: Vec<Cow<'a, str>>,
    checksum: Option<Cow<'a, str>>,
}

impl Entry<'_> {
    fn locked(self, requires: Vec<Requirement>, direct: bool) -> Locked {
        let package = Package {
            ecosystem: Ecosystem::CratesIo,
            name: self.name.into_owned(),
            version: self.version.into_owned(),
        };
        let own = || Origin::Path(String::new());
        Locked {
            direct: Some(self.origin.is_none() || direct),
            integrity: self.checksum.map(Cow::into_owned),
            requires,
            ..Locked::new(package, self.line, self.origin.unwrap_or_else(own))
        }
    }
}

fn malformed(line: NonZeroU32) -> ParseError {
    ParseError {
        line,
        message: "its dependencies are not laid out as Cargo writes them".to_owned(),
    }
}

fn missing(name: &str, line: NonZeroU32) -> ParseError {
    let name = excerpt(name);
    let message = format!("depends on {name}, which is missing: the file was cut or badly merged");
    ParseError { line, message }
}

fn origin(source: &SourceId) -> Origin {
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
    fn a_version_that_is_not_locked_is_told_where_another_one_is() {
        let whole = format!("{TWO}{REST}");
        let old = whole.replace("\"two\",", "\"two 0.9.0\",\n \"two 2.0.0+build\",");
        let reading = CargoLock.read(&old).unwrap();
        assert_eq!(reading.packages.len(), parse(&whole).unwrap().len());
        let told: Vec<_> =
            reading.passed_over.iter().map(|it| (it.name.as_str(), it.line.get())).collect();
        assert_eq!(told, [("two 0.9.0", 11)]);
        let asked: Vec<_> =
            reading.packages[1].requires.iter().map(|it| it.version.as_deref()).collect();
        assert_eq!(asked, [None, Some("2.0.0+build")]);
        assert!(parse(&whole.replace("\"two\",", "\"three 0.9.0\",")).is_err());
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
    fn an_error_is_one_line_whatever_it_quotes() {
        let odd = TWO.replace("git+https://me:word@git.example.org/one", "a\\tb\\nc");
        let message = parse(&odd).unwrap_err().message;
        assert!(message.contains("a b c") && !message.contains(char::is_control), "{message:?}");
    }

    #[test]
    fn no_error_repeats_an_address() {
        let odd = TWO.replace("git+https://", "svn+https://");
        assert!(!parse(&odd).unwrap_err().message.contains("word"));
    }
}
