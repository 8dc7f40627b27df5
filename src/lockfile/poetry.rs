//! `poetry.lock`, lock versions 1 and 2 and the files from before there was a lock version.
//!
//! Poetry writes `[metadata]` last, so a file without it was cut. Groups (from 2.1) or a category
//! (before 1.5) say what serves development; the files between say nothing. No file says what the
//! project itself asks for.

use super::syntax::{Toml, is_archive, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
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

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let toml = Toml::<File>::read(text)?;
        let metadata = toml.file.metadata.as_ref().ok_or_else(|| toml.missing("[metadata]"))?;
        if let Some(version) = &metadata.lock_version {
            toml.check_version("lock-version", version, &["1", "2"])?;
        }
        let packages = toml.file.package.iter().map(|entry| entry.locked(toml.line(&entry.name)));
        Ok(packages.collect::<Vec<_>>().into())
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
    #[serde(default)]
    dependencies: BTreeMap<String, Wish>,
}

/// What a package asks for: the versions that would do, or more about it, or several of these for
/// several environments.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wish {
    Version(String),
    More { version: Option<String> },
    Several(Vec<Self>),
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
    fn locked(&self, line: NonZeroU32) -> Locked {
        let of_main = |groups: &Vec<String>| groups.iter().any(|group| group == "main");
        let by_group = self.groups.as_ref().map(|groups| !of_main(groups));
        let by_category = self.category.as_ref().map(|category| category != "main");
        let package = Package {
            ecosystem: Ecosystem::PyPI,
            name: self.name.get_ref().clone(),
            version: self.version.clone(),
        };
        let origin = self.source.as_ref().map_or(Origin::Registry(None), Source::origin);
        Locked {
            dev: by_group.or(by_category),
            integrity: self.files.iter().find_map(|file| file.hash.clone()),
            requires: self.dependencies.iter().flat_map(requirements).collect(),
            ..Locked::new(package, line, origin)
        }
    }
}

fn requirements((name, wish): (&String, &Wish)) -> Vec<Requirement> {
    // Poetry writes an asterisk where any version would do.
    let within = |version: Option<&str>| {
        Requirement::new(name).within(version.filter(|version| *version != "*"))
    };
    match wish {
        Wish::Version(version) => vec![within(Some(version))],
        Wish::More { version } => vec![within(version.as_deref())],
        Wish::Several(wishes) => {
            wishes.iter().flat_map(|wish| requirements((name, wish))).collect()
        }
    }
}

impl Source {
    fn origin(&self) -> Origin {
        let address = without_credentials(&self.url);
        match self.kind.as_str() {
            "git" => {
                let commit = self.resolved_reference.as_ref().or(self.reference.as_ref());
                let commit = commit.map_or("", String::as_str);
                Origin::Git(format!("{address}#{commit}"))
            }
            "directory" | "file" if !is_archive(&self.url) => Origin::Path(self.url.clone()),
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
