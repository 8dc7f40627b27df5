//! `poetry.lock`, lock versions 1 and 2 and the files from before there was a lock version.
//!
//! Poetry writes `[metadata]` last, so a file without it was cut. Groups (from 2.1) or a category
//! (before 1.5) say what serves development; the files between say nothing. No file says what the
//! project itself asks for.

use super::syntax::{checked, excerpt, is_archive, named, toml_error, without_credentials};
use super::{Format, Locked, Origin, ParseError};
use crate::finding::{LineIndex, RepoPath};
use crate::package::{Ecosystem, Package};
use serde::Deserialize;
use toml::Spanned;

/// Poetry's lockfile.
pub(super) struct PoetryLock;

impl Format for PoetryLock {
    fn name(&self) -> &'static str {
        "poetry.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::PyPI
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["poetry.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pyproject.toml")
    }

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        let text = checked(text)?;
        let lines = LineIndex::new(text.as_bytes());
        let file: File = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        let metadata = file.metadata.ok_or_else(|| {
            let end = lines.line_col(text.trim_end().len()).line;
            ParseError { line: end, message: "[metadata] is missing: the file was cut".to_owned() }
        })?;
        if let Some(version) = metadata.lock_version {
            let major = version.get_ref().split('.').next().unwrap_or_default();
            if !matches!(major, "1" | "2") {
                let line = lines.line_col(version.span().start).line;
                let version = excerpt(version.get_ref());
                let message = format!("lock-version {version} is not one of 1 and 2");
                return Err(ParseError { line, message });
            }
        }
        Ok(file.package.into_iter().map(|entry| entry.locked(&lines)).collect())
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    package: Vec<Entry>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Metadata {
    lock_version: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct Entry {
    name: Spanned<String>,
    version: String,
    category: Option<String>,
    groups: Option<Vec<String>>,
    source: Option<Source>,
    #[serde(default)]
    files: Vec<Archive>,
}

#[derive(Deserialize)]
struct Archive {
    hash: Option<String>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    reference: Option<String>,
    resolved_reference: Option<String>,
}

impl Entry {
    fn locked(self, lines: &LineIndex<'_>) -> Locked {
        let by_group = self.groups.map(|groups| !groups.iter().any(|group| group == "main"));
        let integrity = self.files.into_iter().find_map(|file| file.hash);
        let by_category = self.category.map(|category| category != "main");
        let line = lines.line_col(self.name.span().start).line;
        let (name, version) = (self.name.into_inner(), self.version);
        let package = Package { ecosystem: Ecosystem::PyPI, name, version };
        let origin = self.source.map_or(Origin::Registry(None), Source::origin);
        Locked { dev: by_group.or(by_category), integrity, ..Locked::new(package, line, origin) }
    }
}

impl Source {
    fn origin(self) -> Origin {
        let address = without_credentials(&self.url);
        match self.kind.as_str() {
            "git" => {
                let commit = self.resolved_reference.or(self.reference).unwrap_or_default();
                Origin::Git(format!("{address}#{commit}"))
            }
            "directory" | "file" if !is_archive(&self.url) => Origin::Path(self.url),
            "url" | "directory" | "file" => Origin::Url(address),
            _ => Origin::Registry(Some(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(packages: &str, metadata: &str) -> Result<Vec<Locked>, ParseError> {
        PoetryLock.parse(&format!("{packages}\n[metadata]\n{metadata}\n"))
    }

    fn one(fields: &str) -> Locked {
        let package = format!("[[package]]\nversion = \"1.0\"\nname = \"a\"\n{fields}\n");
        parse(&package, "lock-version = \"2.1\"").unwrap().remove(0)
    }

    #[test]
    fn groups_and_categories_say_what_serves_development() {
        assert_eq!(one("").dev, None);
        assert_eq!(one("groups = [\"dev\", \"docs\"]").dev, Some(true));
        assert_eq!(one("groups = [\"dev\", \"main\"]").dev, Some(false));
        assert_eq!(one("category = \"dev\"").dev, Some(true));
        assert_eq!(one("category = \"main\"").dev, Some(false));
        assert_eq!(one("").line.get(), 3);
    }

    #[test]
    fn origins_are_told_apart() {
        let origin = |kind: &str, url: &str| {
            let source = format!("[package.source]\ntype = \"{kind}\"\nurl = \"{url}\"\n");
            one(&format!("{source}reference = \"main\"\nresolved_reference = \"0123\"")).origin
        };
        assert_eq!(one("").origin, Origin::Registry(None));
        assert_eq!(
            origin("legacy", "https://me:word@registry.example.org/simple"),
            Origin::Registry(Some("https://registry.example.org/simple".into()))
        );
        assert_eq!(
            origin("git", "https://me:word@git.example.org/a.git"),
            Origin::Git("https://git.example.org/a.git#0123".into())
        );
        assert_eq!(origin("directory", "../a"), Origin::Path("../a".into()));
        assert_eq!(origin("file", "dist/a-1.0.whl"), Origin::Url("dist/a-1.0.whl".into()));
        assert_eq!(
            origin("url", "https://h.example.org/a.zip"),
            Origin::Url("https://h.example.org/a.zip".into())
        );
    }

    #[test]
    fn lock_versions_are_known_or_refused() {
        assert_eq!(parse("", ""), Ok(vec![]));
        assert_eq!(parse("", "lock-version = \"1.1\""), Ok(vec![]));
        assert_eq!(parse("", "lock-version = \"3.0\"").unwrap_err().line.get(), 3);
    }

    #[test]
    fn a_file_without_its_end_is_refused() {
        let error = PoetryLock.parse("[[package]]\nname = \"a\"\nversion = \"1\"\n").unwrap_err();
        assert!(error.message.contains("cut"));
        assert_eq!(parse("[[package]]\nname = \"a\"\n", "").unwrap_err().line.get(), 1);
        assert_eq!(parse("[[package]]\nname = 'a\n", "").unwrap_err().line.get(), 2);
    }
}
