//! DEP-004: a manifest and its lockfile that do not change together.
//!
//! A manifest whose dependencies change while its lockfile stays is not what gets installed; a
//! lockfile that is removed leaves the choice to the day of the build. The dependency sections are
//! compared, not the bytes: a new version of the project itself is no drift. A lockfile that changes
//! alone is an update, and silent.

use super::{Check, Ends};
use crate::detect::policies::violation::Violation;
use crate::finding::{LineCol, Location, RepoPath};
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
    let message = format!("{path} is removed, so nothing says which versions {manifest} gets");
    Ok(Some((whole(&manifest), Violation::new(message, format!("removed {}", pair.manifest)))))
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
    let table: toml::Table = text.parse().ok()?;
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
mod tests {
    use super::*;
    use crate::source::Delta;
    use std::collections::BTreeMap;

    struct Files(BTreeMap<RepoPath, Vec<u8>>);

    impl Tree for Files {
        fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
            Ok(self.0.keys().cloned().collect())
        }

        fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
            Ok(self.0.get(path).cloned())
        }
    }

    fn files(all: &[(&str, &str)]) -> Files {
        Files(
            all.iter()
                .map(|(path, text)| (RepoPath::from(*path), text.as_bytes().to_vec()))
                .collect(),
        )
    }

    fn found(before: &[(&str, &str)], after: &[(&str, &str)]) -> usize {
        let (base, head) = (files(before), files(after));
        let paths: BTreeSet<_> = base.0.keys().chain(head.0.keys()).cloned().collect();
        let changed = paths.into_iter().filter_map(|path| {
            let status = match (base.0.get(&path), head.0.get(&path)) {
                (Some(a), Some(b)) if a == b => return None,
                (Some(_), Some(_)) => Status::Modified,
                (None, _) => Status::Added,
                (_, None) => Status::Deleted,
            };
            Some(Delta { path, status })
        });
        let delta: Vec<_> = changed.collect();
        let ends = Ends { base: &base, head: &head, delta: &delta };
        LockfileDrift::default().snapshot(&ends).unwrap().len()
    }

    #[test]
    fn a_new_dependency_without_the_lockfile_is_found() {
        let lock = ("Cargo.lock", "version = 4\n");
        let before = [lock, ("Cargo.toml", "[dependencies]\na = '1'\n")];
        assert_eq!(
            found(&before, &[lock, ("Cargo.toml", "[dependencies]\na = '1'\nb = '1'\n")]),
            1
        );
        let together =
            [("Cargo.lock", "version = 4\n# b\n"), ("Cargo.toml", "[dependencies]\na = '2'\n")];
        assert_eq!(found(&before, &together), 0);
    }

    #[test]
    fn what_does_not_decide_the_lockfile_is_silent() {
        let lock = ("package-lock.json", "{}");
        let before = [lock, ("package.json", r#"{"version": "1", "dependencies": {"a": "1"}}"#)];
        let after = [
            lock,
            ("package.json", r#"{"version": "2", "scripts": {}, "dependencies": {"a": "1"}}"#),
        ];
        assert_eq!(found(&before, &after), 0);
        assert_eq!(found(&before, &[("package-lock.json", "{\"a\": 1}"), before[1]]), 0);
    }

    #[test]
    fn a_member_of_a_workspace_follows_the_lockfile_above() {
        let lock = ("Cargo.lock", "");
        let member = |text| [lock, ("crates/a/Cargo.toml", text)];
        assert_eq!(found(&member("[dependencies]\n"), &member("[dependencies]\nb = '1'\n")), 1);
    }

    #[test]
    fn a_lockfile_that_goes_is_found_unless_another_takes_its_place() {
        let manifest = ("package.json", "{}");
        let before = [manifest, ("yarn.lock", "")];
        assert_eq!(found(&before, &[manifest]), 1);
        assert_eq!(found(&before, &[manifest, ("package-lock.json", "{}")]), 0);
        assert_eq!(found(&before, &[]), 0);
    }

    #[test]
    fn a_manifest_without_a_lockfile_is_somebody_s_choice() {
        assert_eq!(found(&[("Gemfile", "gem 'a'\n")], &[("Gemfile", "gem 'b'\n")]), 0);
    }
}
