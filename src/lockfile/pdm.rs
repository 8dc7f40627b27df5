//! `pdm.lock`, lock versions 2 to 4.
//!
//! A package has an entry of its own for each set of extras with which it is wanted: these are one
//! package. A package of the group `default` serves more than development, one of groups whose
//! names speak of development alone does not, and of all others, which may be extras of the
//! project, the file does not say. Nor does it say what the project itself asks for.

use super::syntax::{checked, excerpt, is_archive, named, toml_error, without_credentials};
use super::{Format, Locked, Origin, ParseError};
use crate::finding::{LineIndex, RepoPath};
use crate::package::{Ecosystem, Package};
use serde::Deserialize;
use std::collections::BTreeSet;
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

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        let text = checked(text)?;
        let lines = LineIndex::new(text.as_bytes());
        let file: File = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        let metadata = file.metadata.ok_or_else(|| {
            let line = lines.line_col(text.trim_end().len()).line;
            ParseError { line, message: "[metadata] is missing: the file was cut".to_owned() }
        })?;
        let version = metadata.lock_version;
        let major = version.get_ref().split('.').next().unwrap_or_default();
        if !matches!(major, "2" | "3" | "4") {
            let line = lines.line_col(version.span().start).line;
            let message = format!("lock_version {} is not 2, 3 or 4", excerpt(version.get_ref()));
            return Err(ParseError { line, message });
        }
        let mut seen = BTreeSet::new();
        let mut locked: Vec<_> =
            file.package.into_iter().map(|entry| entry.locked(&lines)).collect();
        locked.retain(|it| seen.insert((it.package.clone(), format!("{:?}", it.origin))));
        Ok(locked)
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
}

#[derive(Deserialize)]
struct Archive {
    hash: Option<String>,
}

impl Entry {
    fn locked(self, lines: &LineIndex<'_>) -> Locked {
        let dev = self.groups.as_deref().and_then(serves_development);
        let line = lines.line_col(self.name.span().start).line;
        let origin = self.origin();
        let integrity = self.files.into_iter().find_map(|file| file.hash);
        let (name, version) = (self.name.into_inner(), self.version.unwrap_or_default());
        let package = Package { ecosystem: Ecosystem::PyPI, name, version };
        Locked { dev, integrity, ..Locked::new(package, line, origin) }
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
    fn extras_are_the_same_package_and_versions_are_known() {
        let twice = "extras = [\"x\"]\n[[package]]\nname = \"a\"\nversion = \"1.0\"";
        assert_eq!(parse("4.4", twice).unwrap().len(), 1);
        assert_eq!(parse("5.0", "").unwrap_err().line.get(), 2);
        let headless = PdmLock.parse("[[package]]\nname = \"a\"\nversion = \"1\"\n");
        assert!(headless.unwrap_err().message.contains("cut"));
    }
}
