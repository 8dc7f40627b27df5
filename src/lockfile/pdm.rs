//! `pdm.lock`, lock versions 2 to 4.
//!
//! A package has an entry of its own for each set of extras with which it is wanted: these are one
//! package. A package of the group `default` serves more than development, one of groups whose
//! names speak of development alone does not, and of all others, which may be extras of the
//! project, the file does not say. Nor does it say what the project itself asks for.
//!
//! PDM marks the end of the file since version 4 no more. What a package asks for without a
//! condition must be locked, which is how most cuts show; a cut behind the last package for which
//! another one asks is not seen.

use super::syntax::python::Wish;
use super::syntax::{Toml, asked_but_not_locked, is_archive, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use toml::Spanned;

/// Names of groups that no user of a project installs.
const DEVELOPMENT: &[&str] =
    &["dev", "develop", "development", "test", "tests", "testing", "lint", "doc", "docs"];

/// PDM's lockfile.
pub(super) struct PdmLock;

impl Format for PdmLock {
    fn name(&self) -> &'static str {
        "pdm.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::PyPI
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["pdm.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pyproject.toml")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let toml = Toml::<File>::read(text)?;
        let metadata = toml.file.metadata.as_ref().ok_or_else(|| toml.missing("[metadata]"))?;
        toml.check_version("lock_version", &metadata.lock_version, &["2", "3", "4"])?;
        let entries = &toml.file.package;
        let mut packages = Vec::<Locked>::with_capacity(entries.len());
        let mut places = BTreeMap::new();
        for entry in entries {
            let found = entry.locked(toml.line(&entry.name));
            let key = (found.package.clone(), format!("{:?}", found.origin));
            let place = *places.entry(key).or_insert(packages.len());
            match packages.get_mut(place) {
                // The same package with extras, which ask for more.
                Some(first) => first.requires.extend(found.requires),
                None => packages.push(found),
            }
        }
        let named = |locked: &Locked| locked.package.canonical_name();
        let known: BTreeSet<_> = packages.iter().map(named).collect();
        let wishes = entries.iter().flat_map(|entry| {
            let line = toml.line(&entry.name);
            entry.wishes().filter(|wish| !wish.conditional).map(move |wish| (wish.name, line))
        });
        let is_locked = |name: &str| known.contains(&Ecosystem::PyPI.canonical_name(name));
        let passed_over = asked_but_not_locked(wishes, is_locked);
        Ok(Reading { packages, passed_over, ..Reading::default() })
    }
}

#[derive(Deserialize)]
struct File {
    metadata: Option<Metadata>,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Metadata {
    lock_version: Spanned<String>,
}

#[derive(Deserialize)]
struct Entry {
    name: Spanned<String>,
    version: Option<String>,
    groups: Option<Vec<String>>,
    git: Option<String>,
    revision: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    url: Option<String>,
    path: Option<String>,
    #[serde(default)]
    files: Vec<Archive>,
    #[serde(default)]
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Archive {
    hash: Option<String>,
}

impl Entry {
    fn wishes(&self) -> impl Iterator<Item = Wish<'_>> {
        self.dependencies.iter().filter_map(|text| Wish::read(text))
    }

    fn locked(&self, line: NonZeroU32) -> Locked {
        let package = Package {
            ecosystem: Ecosystem::PyPI,
            name: self.name.get_ref().clone(),
            version: self.version.clone().unwrap_or_default(),
        };
        // A package with extras asks for itself without them.
        let own = |wish: &Wish<'_>| wish.name == package.name;
        let requires = self.wishes().filter(|wish| !own(wish)).map(|wish| wish.requirement());
        Locked {
            dev: self.groups.as_deref().and_then(serves_development),
            integrity: self.files.iter().find_map(|file| file.hash.clone()),
            requires: requires.collect(),
            ..Locked::new(package, line, self.origin())
        }
    }

    fn origin(&self) -> Origin {
        if let Some(repository) = &self.git {
            let commit = self.revision.as_ref().or(self.reference.as_ref());
            let commit = commit.map_or("", String::as_str);
            return Origin::Git(format!("{}#{commit}", without_credentials(repository)));
        }
        match (&self.url, &self.path) {
            (Some(address), _) => Origin::Url(without_credentials(address)),
            (None, Some(path)) if is_archive(path) => Origin::Url(path.clone()),
            (None, Some(path)) => Origin::Path(path.clone()),
            (None, None) => Origin::Registry(None),
        }
    }
}

fn serves_development(groups: &[String]) -> Option<bool> {
    if groups.iter().any(|group| group == "default") {
        return Some(false);
    }
    let development = |group: &String| DEVELOPMENT.contains(&group.to_lowercase().as_str());
    (!groups.is_empty() && groups.iter().all(development)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(version: &str, fields: &str) -> Result<Vec<Locked>, ParseError> {
        let package = format!("[[package]]\nname = \"a\"\nversion = \"1.0\"\n{fields}\n");
        PdmLock.parse(&format!("[metadata]\nlock_version = \"{version}\"\n{package}"))
    }

    fn one(fields: &str) -> Locked {
        parse("4.5.0", fields).unwrap().remove(0)
    }

    #[test]
    fn groups_say_what_serves_development() {
        assert_eq!(one("").dev, None);
        assert_eq!(one("groups = [\"default\", \"dev\"]").dev, Some(false));
        assert_eq!(one("groups = [\"test\", \"dev\"]").dev, Some(true));
        assert_eq!(one("groups = [\"test\", \"all\"]").dev, None);
    }

    #[test]
    fn origins_are_told_apart() {
        assert_eq!(
            one("git = \"https://me:word@git.example.org/a\"\nrevision = \"0123\"").origin,
            Origin::Git("https://git.example.org/a#0123".into())
        );
        assert_eq!(one("path = \"./a\"").origin, Origin::Path("./a".into()));
        assert_eq!(one("path = \"./a.whl\"").origin, Origin::Url("./a.whl".into()));
        assert_eq!(
            one("url = \"https://h.example.org/a.whl\"").origin,
            Origin::Url("https://h.example.org/a.whl".into())
        );
        assert_eq!(one("").origin, Origin::Registry(None));
    }

    #[test]
    fn what_is_asked_for_without_a_condition_must_be_there() {
        let wishes = "dependencies = [\"A[x]==1.0\", \"b>=1\", \"c; python_version < '3'\"]";
        let text = format!(
            "[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"a\"\nversion = \"1.0\"\n{wishes}\n"
        );
        let reading = PdmLock.read(&text).unwrap();
        let told: Vec<_> =
            reading.passed_over.iter().map(|it| (it.line.get(), &*it.name)).collect();
        assert_eq!(told, [(4, "b")]);
    }

    #[test]
    fn extras_are_the_same_package_and_versions_are_known() {
        let twice = "extras = [\"x\"]\n[[package]]\nname = \"a\"\nversion = \"1.0\"";
        assert_eq!(parse("4.4", twice).unwrap().len(), 1);
        assert_eq!(parse("5.0", "").unwrap_err().line.get(), 2);
        let headless = PdmLock.parse("[[package]]\nname = \"a\"\nversion = \"1\"\n");
        assert!(headless.unwrap_err().message.contains("cut"));
    }
}
