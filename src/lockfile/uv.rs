//! `uv.lock`, version 1 with all its revisions.
//!
//! Packages refer to each other, and every one that is referred to must be there, as must the
//! project's own, which is how a cut between two packages shows. What the project's own packages ask for is direct; what is reached only through their
//! groups serves development.

use super::syntax::{Toml, excerpt, is_archive, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// uv's lockfile.
pub(super) struct UvLock;

impl Format for UvLock {
    fn name(&self) -> &'static str {
        "uv.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::PyPI
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["uv.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pyproject.toml")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let toml = Toml::<File>::read(text)?;
        let file = &toml.file;
        if *file.version.get_ref() != 1 {
            let message = format!("version {} is not 1", file.version.get_ref());
            return Err(ParseError { line: toml.line(&file.version), message });
        }
        check_project(&toml)?;
        let uses = Uses::of(&toml)?;
        let locked = |(at, entry): (usize, &Entry)| entry.locked(at, &uses, &toml);
        let packages = file.package.iter().enumerate().map(locked).collect();
        Ok(Reading { packages, declared: declared(file), ..Reading::default() })
    }
}

/// Refuses a file that does not hold the project for which it locks.
fn check_project(toml: &Toml<'_, File>) -> Result<(), ParseError> {
    let File { manifest, package, .. } = &toml.file;
    let names: BTreeSet<_> = package.iter().map(|entry| entry.name.get_ref()).collect();
    if let Some(member) = manifest.members.iter().find(|member| !names.contains(member)) {
        return Err(toml.missing(&excerpt(member)));
    }
    let asked = !manifest.requirements.is_empty() || !manifest.dependency_groups.is_empty();
    if asked || package.is_empty() || package.iter().any(|entry| entry.source.is_own()) {
        return Ok(());
    }
    Err(toml.missing("the project's own package"))
}

/// What the project's packages, its script or its workspace ask for.
fn declared(file: &File) -> Vec<Requirement> {
    let own = file.package.iter().filter(|entry| entry.source.is_own());
    let own = own.flat_map(|entry| {
        let groups = entry.metadata.requires_dev.values().flatten();
        entry.metadata.requires_dist.iter().chain(groups)
    });
    let groups = file.manifest.dependency_groups.values().flatten();
    let wishes = own.chain(&file.manifest.requirements).chain(groups);
    let wish = |it: &Edge| Requirement::new(it.name.get_ref()).within(it.specifier.as_deref());
    wishes.map(wish).collect()
}

#[derive(Deserialize)]
struct File {
    version: Spanned<i64>,
    #[serde(default)]
    manifest: Manifest,
    #[serde(default)]
    package: Vec<Entry>,
}

/// What a script or a workspace without a package of its own asks for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Manifest {
    members: Vec<String>,
    requirements: Vec<Edge>,
    dependency_groups: BTreeMap<String, Vec<Edge>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    version: Option<String>,
    source: Source,
    #[serde(default)]
    dependencies: Vec<Edge>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Edge>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<Edge>>,
    sdist: Option<Archive>,
    #[serde(default)]
    wheels: Vec<Archive>,
    #[serde(default)]
    metadata: Metadata,
}

/// What a package of the project says that it asks for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Metadata {
    requires_dist: Vec<Edge>,
    requires_dev: BTreeMap<String, Vec<Edge>>,
}

#[derive(Deserialize)]
struct Edge {
    name: Spanned<String>,
    version: Option<String>,
    specifier: Option<String>,
}

#[derive(Deserialize)]
struct Archive {
    hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Registry(String),
    Git(String),
    Url(String),
    Path(String),
    Directory(String),
    Editable(String),
    Virtual(String),
}

impl Source {
    /// Whether this is one of the project's own folders.
    fn is_own(&self) -> bool {
        matches!(self, Self::Directory(_) | Self::Editable(_) | Self::Virtual(_))
    }

    fn origin(&self) -> Origin {
        match self {
            Self::Registry(address) => Origin::Registry(Some(without_credentials(address))),
            Self::Git(address) => Origin::Git(without_credentials(address)),
            Self::Url(address) => Origin::Url(without_credentials(address)),
            Self::Path(path) if is_archive(path) => Origin::Url(path.clone()),
            Self::Path(path)
            | Self::Directory(path)
            | Self::Editable(path)
            | Self::Virtual(path) => Origin::Path(path.clone()),
        }
    }
}

impl Entry {
    fn locked(&self, at: usize, uses: &Uses, toml: &Toml<'_, File>) -> Locked {
        let mut archives = self.sdist.iter().chain(&self.wheels);
        let (production, development) =
            (uses.production.contains(&at), uses.development.contains(&at));
        let extras = self.optional_dependencies.values().chain(self.dev_dependencies.values());
        let wishes = self.dependencies.iter().chain(extras.flatten());
        Locked {
            direct: Some(self.source.is_own() || uses.direct.contains(&at)),
            dev: (production || development).then_some(!production),
            integrity: archives.find_map(|archive| archive.hash.clone()),
            requires: wishes.map(Edge::requirement).collect(),
            ..Locked::new(
                Package {
                    ecosystem: Ecosystem::PyPI,
                    name: self.name.get_ref().clone(),
                    version: self.version.clone().unwrap_or_default(),
                },
                toml.line(&self.name),
                self.source.origin(),
            )
        }
    }
}

impl Edge {
    fn requirement(&self) -> Requirement {
        Requirement { version: self.version.clone(), ..Requirement::new(self.name.get_ref()) }
    }
}

/// The places of the packages that are asked for and of those that are reached.
#[derive(Default)]
struct Uses {
    direct: BTreeSet<usize>,
    production: BTreeSet<usize>,
    development: BTreeSet<usize>,
}

impl Uses {
    fn of(toml: &Toml<'_, File>) -> Result<Self, ParseError> {
        let file = &toml.file;
        let mut by_name = BTreeMap::<&str, Vec<usize>>::new();
        for (at, entry) in file.package.iter().enumerate() {
            by_name.entry(entry.name.get_ref()).or_default().push(at);
        }
        let find = |edge: &Edge| -> Result<Vec<usize>, ParseError> {
            let is_meant = |at: &usize| {
                let version = file.package.get(*at).and_then(|entry| entry.version.as_ref());
                edge.version.is_none() || version == edge.version.as_ref()
            };
            let found = by_name.get(edge.name.get_ref().as_str()).into_iter().flatten();
            let found: Vec<_> = found.copied().filter(is_meant).collect();
            if found.is_empty() { Err(missing(edge, toml)) } else { Ok(found) }
        };
        let all = |edges: &[&Edge]| -> Result<Vec<usize>, ParseError> {
            let found: Result<Vec<_>, _> = edges.iter().map(|edge| find(edge)).collect();
            Ok(found?.concat())
        };
        let (mut uses, mut edges) = (Self::default(), Vec::new());
        let groups = |map: &'_ BTreeMap<String, Vec<Edge>>| -> Result<Vec<usize>, ParseError> {
            all(&map.values().flatten().collect::<Vec<_>>())
        };
        let mut production = all(&file.manifest.requirements.iter().collect::<Vec<_>>())?;
        let mut development = groups(&file.manifest.dependency_groups)?;
        uses.direct.extend(production.iter().chain(&development));
        for (at, entry) in file.package.iter().enumerate() {
            let mut found = all(&entry.dependencies.iter().collect::<Vec<_>>())?;
            found.extend(groups(&entry.optional_dependencies)?);
            let grouped = groups(&entry.dev_dependencies)?;
            if entry.source.is_own() {
                uses.direct.extend(found.iter().chain(&grouped));
                production.push(at);
                development.extend(grouped);
            }
            edges.push(found);
        }
        uses.production = reach(production, &edges);
        uses.development = reach(development, &edges);
        Ok(uses)
    }
}

fn reach(mut open: Vec<usize>, edges: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            open.extend(edges.get(at).into_iter().flatten());
        }
    }
    reached
}

fn missing(edge: &Edge, toml: &Toml<'_, File>) -> ParseError {
    let name = excerpt(edge.name.get_ref());
    let message = format!("{name} is missing among the packages: run `uv lock`");
    ParseError { line: toml.line(&edge.name), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "own"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "a" }]

[package.optional-dependencies]
x = [{ name = "b", version = "2.0" }]

[package.dev-dependencies]
dev = [{ name = "c" }]

[[package]]
name = "a"
version = "1.0"
source = { registry = "https://me:word@registry.example.org/simple" }
wheels = [{ url = "https://registry.example.org/a.whl", hash = "sha256:aa" }]

[[package]]
name = "b"
version = "1.0"
source = { git = "https://git.example.org/b?rev=main#0123" }

[[package]]
name = "b"
version = "2.0"
source = { path = "b-2.0.whl" }

[[package]]
name = "c"
version = "1.0"
source = { url = "https://h.example.org/c.zip" }
dependencies = [{ name = "b", version = "1.0" }, { name = "a" }]
"#;

    #[test]
    fn uses_are_followed_from_the_projects_own_packages() {
        let locked = UvLock.parse(LOCK).unwrap();
        let rows: Vec<_> = locked
            .iter()
            .map(|it| (it.line.get(), &*it.package.name, it.direct.unwrap(), it.dev.unwrap()))
            .collect();
        let expected = [
            (6, "own", true, false),
            (18, "a", true, false),
            (24, "b", false, true),
            (29, "b", true, false),
            (34, "c", true, true),
        ];
        assert_eq!(rows, expected);
        assert_eq!(locked[0].origin, Origin::Path(".".into()));
        let registry = Some("https://registry.example.org/simple".into());
        assert_eq!(locked[1].origin, Origin::Registry(registry));
        assert_eq!(locked[1].integrity.as_deref(), Some("sha256:aa"));
    }

    #[test]
    fn a_file_without_the_project_or_a_member_was_cut() {
        let at = LOCK.find("[[package]]\nname = \"c\"").unwrap();
        let (rest, _) = LOCK.split_at_checked(at).unwrap();
        assert!(UvLock.parse(rest).unwrap_err().message.contains("missing"));
        let foreign =
            LOCK.replace("editable = \".\"", "registry = \"https://registry.example.org/simple\"");
        assert!(UvLock.parse(&foreign).unwrap_err().message.contains("the project's own package"));
        let members = LOCK.replace(
            "[[package]]\nname = \"own\"",
            "[manifest]\nmembers = [\"own\", \"more\"]\n\n[[package]]\nname = \"own\"",
        );
        assert!(UvLock.parse(&members).unwrap_err().message.contains("\"more\""));
    }

    #[test]
    fn what_is_unknown_or_missing_is_an_error() {
        for (from, to, line) in [
            ("version = 1\n", "version = 2\n", 1),
            ("name = \"a\" }]\n\n[package.o", "name = \"z\" }]\n\n[package.o", 9),
            ("version = \"2.0\" }", "version = \"3.0\" }", 12),
            ("{ editable = \".\" }", "{ parcel = \".\" }", 8),
        ] {
            let error = UvLock.parse(&LOCK.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.line.get(), line, "{to}: {error}");
        }
    }
}
