//! DEP-004: a manifest and its lockfile that do not change together.
//!
//! A manifest whose dependencies change while its lockfile stays is not what gets installed; a
//! lockfile that is removed leaves the choice to the day of the build. The dependency sections are
//! compared, not the bytes: a new version of the project itself is no drift. A lockfile that changes
//! alone is an update, and silent. Removal is told of every format that follows a manifest.

use super::{Check, Ends};
use crate::detect::policies::violation::Violation;
use crate::finding::{LineCol, Location, RepoPath};
use crate::lockfile::{Format, format_of};
use crate::source::{SourceError, Status, Tree};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The check; `[policies.DEP-004]` sets nothing of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct LockfileDrift {}

/// A manifest, its lockfiles, and what of it they follow.
struct Pair {
    manifest: &'static str,
    lockfiles: &'static [&'static str],
    /// The part of the manifest that decides what is locked.
    dependencies: fn(&str) -> Option<String>,
}

const PAIRS: &[Pair] = &[
    Pair {
        manifest: "Cargo.toml",
        lockfiles: &["Cargo.lock"],
        dependencies: |text| toml_parts(text, CARGO),
    },
    Pair {
        manifest: "Gemfile",
        lockfiles: &["Gemfile.lock"],
        dependencies: |text| Some(gemfile(text)),
    },
    Pair {
        manifest: "gems.rb",
        lockfiles: &["gems.locked"],
        dependencies: |text| Some(gemfile(text)),
    },
    Pair {
        manifest: "Pipfile",
        lockfiles: &["Pipfile.lock"],
        dependencies: |text| toml_parts(text, PIPFILE),
    },
    Pair {
        manifest: "composer.json",
        lockfiles: &["composer.lock"],
        dependencies: |text| json_parts(text, COMPOSER),
    },
    Pair { manifest: "go.mod", lockfiles: &["go.sum"], dependencies: |text| Some(go_mod(text)) },
    Pair {
        manifest: "package.json",
        lockfiles: &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
        ],
        dependencies: |text| json_parts(text, NPM),
    },
    Pair {
        manifest: "pyproject.toml",
        lockfiles: &["poetry.lock", "uv.lock", "pdm.lock"],
        dependencies: |text| toml_parts(text, PYPROJECT),
    },
];

const CARGO: &[&str] = &[
    "dependencies",
    "dev-dependencies",
    "build-dependencies",
    "target",
    "patch",
    "replace",
    "workspace.dependencies",
];
const PIPFILE: &[&str] = &["packages", "dev-packages", "source"];
const PYPROJECT: &[&str] = &[
    "project.dependencies",
    "project.optional-dependencies",
    "dependency-groups",
    "tool.poetry.dependencies",
    "tool.poetry.dev-dependencies",
    "tool.poetry.group",
    "tool.uv.sources",
    "tool.pdm.dev-dependencies",
];
const NPM: &[&str] = &[
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
    "overrides",
    "resolutions",
];
const COMPOSER: &[&str] = &["require", "require-dev", "repositories"];

impl Check for LockfileDrift {
    fn snapshot(&self, ends: &Ends<'_>) -> Result<Vec<(Location, Violation)>, SourceError> {
        let mut found = Vec::new();
        for (delta, pair) in ends.delta.iter().flat_map(|d| PAIRS.iter().map(move |pair| (d, pair)))
        {
            let name = delta.path.file_name_str();
            found.extend(match delta.status {
                Status::Modified if pair.manifest == name => drifted(ends, pair, &delta.path)?,
                Status::Deleted if pair.lockfiles.contains(&name) => {
                    removed(ends, pair, &delta.path)?
                }
                Status::Added | Status::Modified | Status::Deleted => None,
            });
        }
        let deleted = ends.delta.iter().filter(|delta| delta.status == Status::Deleted);
        for path in deleted.map(|delta| &delta.path) {
            let name = path.file_name_str();
            if !PAIRS.iter().any(|pair| pair.lockfiles.contains(&&*name)) {
                found.extend(orphaned(ends, path)?);
            }
        }
        Ok(found)
    }
}

/// A manifest whose dependencies changed while the lockfile that it had did not.
fn drifted(
    ends: &Ends<'_>,
    pair: &Pair,
    path: &RepoPath,
) -> Result<Option<(Location, Violation)>, SourceError> {
    let Some(lockfile) = lockfile_of(ends.base, pair, path)? else { return Ok(None) };
    let touched = ends.delta.binary_search_by(|delta| delta.path.cmp(&lockfile)).is_ok();
    if touched {
        return Ok(None);
    }
    let (before, after) = (part(ends.base, pair, path)?, part(ends.head, pair, path)?);
    let same = before.is_some() && before == after;
    Ok((!same).then(|| {
        let message = format!("the dependencies of {path} change, and {lockfile} does not");
        (whole(path), Violation::new(message, format!("drift {}", pair.manifest)))
    }))
}

/// A lockfile that is gone while its manifest stays, and no other lockfile takes its place.
fn removed(
    ends: &Ends<'_>,
    pair: &Pair,
    path: &RepoPath,
) -> Result<Option<(Location, Violation)>, SourceError> {
    let manifest = path.sibling(pair.manifest);
    let stays = ends.head.read(&manifest)?.is_some();
    if !stays || lockfile_of(ends.head, pair, &manifest)?.is_some() {
        return Ok(None);
    }
    let replaced = beside(ends.head, path)?.iter().any(|other| {
        format_of(other).is_some_and(|format| format.manifest() == Some(pair.manifest))
    });
    Ok((!replaced).then(|| removal(path, &manifest)))
}

/// The same for lockfiles that no pair names, by what their formats say.
fn orphaned(
    ends: &Ends<'_>,
    path: &RepoPath,
) -> Result<Option<(Location, Violation)>, SourceError> {
    let Some(format) = format_of(path) else { return Ok(None) };
    let name = path.file_name_str();
    let other = OTHER_MANIFESTS.iter().filter(|(lockfile, _)| *lockfile == name);
    let endings: Vec<_> = format.manifest().into_iter().chain(other.map(|(_, it)| *it)).collect();
    if endings.is_empty() {
        return Ok(None);
    }
    let beside = beside(ends.head, path)?;
    let replaces = |other: &RepoPath| {
        let manifest = |it: &dyn Format| it.manifest().is_some_and(|it| endings.contains(&it));
        format_of(other).is_some_and(|it| it.name() == format.name() || manifest(it))
    };
    if beside.iter().any(replaces) {
        return Ok(None);
    }
    let is_manifest = |other: &&RepoPath| {
        let name = other.file_name_str();
        endings.iter().any(|ending| {
            if ending.starts_with('.') { name.ends_with(ending) } else { name == *ending }
        })
    };
    Ok(beside.iter().find(is_manifest).map(|manifest| removal(path, manifest)))
}

/// Manifests besides the one that a format names; what begins with a dot is how theirs end.
const OTHER_MANIFESTS: &[(&str, &str)] = &[
    ("conan.lock", "conanfile.py"),
    ("deno.lock", "deno.jsonc"),
    ("gradle.lockfile", "build.gradle.kts"),
    ("packages.lock.json", ".csproj"),
    ("packages.lock.json", ".fsproj"),
    ("packages.lock.json", ".vbproj"),
];

/// The files of a tree that are in the same folder as a path.
fn beside(tree: &dyn Tree, path: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
    let prefix = path.sibling("");
    let folder = prefix.as_bytes().strip_suffix(b"/").unwrap_or_default();
    tree.folder(&RepoPath::new(folder.to_vec()))
}

fn removal(lockfile: &RepoPath, manifest: &RepoPath) -> (Location, Violation) {
    let message = format!("{lockfile} is removed, so nothing says which versions {manifest} gets");
    let name = manifest.file_name_str();
    (whole(manifest), Violation::new(message, format!("removed {name}")))
}

fn whole(path: &RepoPath) -> Location {
    let (start, end) = (LineCol::START, LineCol::START);
    Location { path: path.clone(), start, end, commit: None }
}

/// The lockfile of a manifest: beside it, or in the nearest folder above (workspaces).
fn lockfile_of(
    tree: &dyn Tree,
    pair: &Pair,
    manifest: &RepoPath,
) -> Result<Option<RepoPath>, SourceError> {
    let mut folder = manifest.as_bytes();
    while let Some(end) = folder.iter().rposition(|byte| *byte == b'/') {
        folder = folder.get(..end).unwrap_or_default();
        let prefix = String::from_utf8_lossy(folder).into_owned() + "/";
        if let Some(found) = in_folder(tree, pair, &prefix)? {
            return Ok(Some(found));
        }
    }
    in_folder(tree, pair, "")
}

fn in_folder(tree: &dyn Tree, pair: &Pair, prefix: &str) -> Result<Option<RepoPath>, SourceError> {
    for name in pair.lockfiles {
        let path = RepoPath::from(format!("{prefix}{name}").as_str());
        if tree.read(&path)?.is_some() {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// What decides the lockfile; `None` where the manifest cannot be read, which is equal to nothing.
fn part(tree: &dyn Tree, pair: &Pair, path: &RepoPath) -> Result<Option<String>, SourceError> {
    let bytes = tree.read(path)?.unwrap_or_default();
    Ok((pair.dependencies)(&String::from_utf8_lossy(&bytes)))
}

fn toml_parts(text: &str, keys: &[&str]) -> Option<String> {
    let table: toml::Table = crate::nesting::read_toml(text).ok()?;
    let value = toml::Value::Table(table);
    let parts = keys.iter().map(|key| {
        let part = key.split('.').try_fold(&value, |value, name| value.get(name));
        format!("{key}={part:?}")
    });
    Some(parts.collect::<Vec<_>>().join("\n"))
}

fn json_parts(text: &str, keys: &[&str]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let parts = keys.iter().map(|key| format!("{key}={:?}", value.get(key)));
    Some(parts.collect::<Vec<_>>().join("\n"))
}

/// A Gemfile is a program; its statements that are about gems, in any order, comments apart.
fn gemfile(text: &str) -> String {
    let words =
        ["gem ", "gem(", "gemspec", "source ", "git ", "path ", "git_source", "group ", "ruby "];
    let lines = text.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
    let lines: BTreeSet<_> =
        lines.filter(|line| words.iter().any(|word| line.starts_with(word))).collect();
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

/// What `go.sum` follows: required and replaced modules.
fn go_mod(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(line).trim());
    let other = ["module ", "go ", "toolchain ", "retract ", "exclude ", "tool ", "godebug "];
    let lines: BTreeSet<_> = lines
        .filter(|line| !line.is_empty() && !other.iter().any(|word| line.starts_with(word)))
        .collect();
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
