//! `pylock.toml` and `pylock.<name>.toml` (<https://packaging.python.org/en/latest/specifications/pylock-toml/>).
//!
//! Every package must say where it is from, which is how a cut within one shows. Few tools write
//! down what packages ask for; where they do, a cut between two packages shows too, and where they do
//! not, it cannot be told from a shorter file. The file does not say what the project itself asks
//! for, nor what serves development alone.

use super::syntax::{Toml, asked_but_not_locked, excerpt, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use toml::Spanned;

/// The lockfile that Python's tools share.
pub(super) struct Pylock;

impl Format for Pylock {
    fn name(&self) -> &'static str {
        "pylock.toml"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::PyPI
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.file_name_str();
        let inner = name.strip_prefix("pylock.").and_then(|rest| rest.strip_suffix(".toml"));
        let by_name = inner.is_some_and(|inner| !inner.is_empty() && !inner.contains('.'));
        (name == "pylock.toml" || by_name) && named(path, &[name])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pyproject.toml")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let toml = Toml::<File>::read(text)?;
        toml.check_version("lock-version", &toml.file.lock_version, &["1"])?;
        let entries = &toml.file.packages;
        let packages = entries.iter().map(|entry| entry.locked(toml.line(&entry.name)));
        let packages = packages.collect::<Result<Vec<_>, _>>()?;
        let canonical = |name: &str| Ecosystem::PyPI.canonical_name(name);
        let known: BTreeSet<_> = entries.iter().map(|it| canonical(it.name.get_ref())).collect();
        let asked = entries.iter().flat_map(|entry| {
            let names = entry.dependencies.iter().filter_map(|wish| wish.name.as_deref());
            names.map(|name| (name, toml.line(&entry.name)))
        });
        let passed_over = asked_but_not_locked(asked, |name| known.contains(&canonical(name)));
        Ok(Reading { packages, passed_over, ..Reading::default() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    lock_version: Spanned<String>,
    packages: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    version: Option<String>,
    index: Option<String>,
    vcs: Option<Repository>,
    directory: Option<Directory>,
    archive: Option<Archive>,
    sdist: Option<Archive>,
    #[serde(default)]
    wheels: Vec<Archive>,
    #[serde(default)]
    dependencies: Vec<Wish>,
}

/// What tells a package that is asked for from others: its name, and more where that is not enough.
#[derive(Deserialize)]
struct Wish {
    name: Option<String>,
    version: Option<String>,
}

impl Wish {
    fn requirement(&self) -> Option<Requirement> {
        let name = self.name.as_deref()?;
        Some(Requirement { version: self.version.clone(), ..Requirement::new(name) })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Repository {
    url: Option<String>,
    path: Option<String>,
    commit_id: String,
}

#[derive(Deserialize)]
struct Directory {
    path: String,
}

#[derive(Deserialize)]
struct Archive {
    url: Option<String>,
    path: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

impl Entry {
    fn locked(&self, line: NonZeroU32) -> Result<Locked, ParseError> {
        let origin = self.origin().ok_or_else(|| {
            let name = excerpt(self.name.get_ref());
            ParseError { line, message: format!("{name} is from nowhere: the file was cut") }
        })?;
        let archives = self.archive.iter().chain(&self.sdist).chain(&self.wheels);
        let hashes = archives.flat_map(|archive| &archive.hashes);
        let integrity = hashes.map(|(kind, digits)| format!("{kind}:{digits}")).next();
        let package = Package {
            ecosystem: Ecosystem::PyPI,
            name: self.name.get_ref().clone(),
            version: self.version.clone().unwrap_or_default(),
        };
        let requires = self.dependencies.iter().filter_map(Wish::requirement).collect();
        Ok(Locked { integrity, requires, ..Locked::new(package, line, origin) })
    }

    fn origin(&self) -> Option<Origin> {
        if let Some(Repository { url, path, commit_id }) = &self.vcs {
            let place = url.as_ref().or(path.as_ref())?;
            return Some(Origin::Git(format!("{}#{commit_id}", without_credentials(place))));
        }
        if let Some(directory) = &self.directory {
            return Some(Origin::Path(directory.path.clone()));
        }
        if let Some(Archive { url, path, .. }) = &self.archive {
            return Some(Origin::Url(without_credentials(url.as_ref().or(path.as_ref())?)));
        }
        let index = self.index.as_ref().map(|address| without_credentials(address));
        (self.sdist.is_some() || !self.wheels.is_empty()).then_some(Origin::Registry(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(version: &str, fields: &str) -> Result<Vec<Locked>, ParseError> {
        let head = format!("lock-version = \"{version}\"\ncreated-by = \"x\"\n");
        Pylock.parse(&format!("{head}[[packages]]\nname = \"a\"\n{fields}\n"))
    }

    fn origin(fields: &str) -> Origin {
        parse("1.0", fields).unwrap().remove(0).origin
    }

    #[test]
    fn origins_are_told_apart() {
        assert_eq!(
            origin(
                "vcs = { type = \"git\", url = \"https://me:word@git.example.org/a\", commit-id = \"0123\" }"
            ),
            Origin::Git("https://git.example.org/a#0123".into())
        );
        assert_eq!(
            origin("directory = { path = \"a\", editable = true }"),
            Origin::Path("a".into())
        );
        assert_eq!(origin("archive = { path = \"a.whl\" }"), Origin::Url("a.whl".into()));
        assert_eq!(
            origin(
                "index = \"https://registry.example.org/simple\"\nwheels = [{ name = \"a.whl\" }]"
            ),
            Origin::Registry(Some("https://registry.example.org/simple".into()))
        );
    }

    #[test]
    fn versions_are_known_and_packages_are_from_somewhere() {
        assert_eq!(parse("2.0", "sdist = {}").unwrap_err().line.get(), 1);
        assert_eq!(parse("1.0", "version = \"1.0\"").unwrap_err().line.get(), 4);
        assert_eq!(parse("1.1", "sdist = {}").unwrap().len(), 1);
        assert!(Pylock.parse("lock-version = \"1.0\"\n").is_err());
    }

    #[test]
    fn one_name_may_stand_between_the_two_words() {
        let claimed = |path: &str| Pylock.claims(&RepoPath::from(path));
        assert!(claimed("pylock.toml") && claimed("a/pylock.dev.toml"));
        assert!(
            !claimed("pylock..toml") && !claimed("pylock.a.b.toml") && !claimed("xpylock.toml")
        );
    }
}
