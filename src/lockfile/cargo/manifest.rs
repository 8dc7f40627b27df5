//! What the workspace asks for in its manifests, since `Cargo.lock` keeps no constraints and does not say
//! what serves development alone.
//!
//! They are found from the one beside the lockfile: the members and the paths that a manifest names,
//! and where a pattern stands for members, the folder of a package's own name. A manifest that cannot be
//! found or read asks for nothing: the lockfile says by itself what is locked.

use crate::finding::RepoPath;
use crate::lockfile::Requirement;
use crate::lockfile::syntax::seen_from;
use crate::nesting::read_toml;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// The sections of what is built.
const BUILT: &[&str] = &["dependencies", "build-dependencies", "build_dependencies"];

/// The sections of what serves development.
const DEVELOPMENT: &[&str] = &["dev-dependencies", "dev_dependencies"];

/// How many folders are looked into for a manifest.
const MOST: usize = 4096;

/// The manifests of a workspace.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    /// The one beside the lockfile.
    root: Table,
    /// Those of the workspace's own packages, by their names; `None` for a name that several have.
    own: BTreeMap<String, Option<Manifest>>,
}

#[derive(Debug)]
struct Manifest {
    table: Table,
    /// What serves development alone.
    development: BTreeSet<String>,
}

impl Manifests {
    /// Finds the manifests of the workspace's own packages.
    pub(super) fn find(
        lockfile: &RepoPath,
        own: &BTreeSet<&str>,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Self {
        let path = lockfile.sibling("Cargo.toml");
        let Some(root) = table(&path, tree) else {
            return Self::default();
        };
        let mut found = Self { root: root.clone(), own: BTreeMap::new() };
        let mut seen = BTreeSet::from([path.clone()]);
        let (mut waiting, mut left) = (vec![(root, path)], MOST * 16);
        while let Some((manifest, path)) = waiting.pop() {
            let named: Vec<_> = named(&manifest, own).take(left).collect();
            left -= named.len();
            let named = named.iter().filter(|folder| !folder.starts_with('/'));
            let named =
                named.filter_map(|folder| seen_from(&path, &format!("{folder}/Cargo.toml")));
            let new = named.filter(|next| seen.len() < MOST && seen.insert(next.clone()));
            waiting.extend(new.filter_map(|next| Some((table(&next, tree)?, next))));
            found.keep(manifest, own);
        }
        found
    }

    fn keep(&mut self, table: Table, own: &BTreeSet<&str>) {
        let package = table.get("package").or_else(|| table.get("project"));
        let Some(name) = package.and_then(|it| it.get("name")).and_then(Value::as_str) else {
            return;
        };
        if !own.contains(name) {
            return;
        }
        let name = name.to_owned();
        let names = |sections| self.names(&table, sections);
        let development = names(DEVELOPMENT).difference(&names(BUILT)).cloned().collect();
        let manifest = Manifest { table, development };
        self.own.entry(name).and_modify(|known| *known = None).or_insert(Some(manifest));
    }

    /// The packages that the sections of a manifest name.
    fn names(&self, manifest: &Table, sections: &'static [&'static str]) -> BTreeSet<String> {
        let shared = self.root.get("workspace").and_then(|it| it.get("dependencies"));
        let named = dependencies(manifest, sections).map(|(key, value)| {
            let shared = shared.and_then(|it| it.get(key)).filter(|_| is_shared(value));
            let renamed = shared.unwrap_or(value).get("package").and_then(Value::as_str);
            renamed.unwrap_or(key).to_owned()
        });
        named.collect()
    }

    /// Whether the manifest of a package was found.
    pub(super) fn has(&self, name: &str) -> bool {
        self.own.get(name).is_some_and(Option::is_some)
    }

    /// Whether one of the workspace's own packages asks for another for development alone.
    pub(super) fn is_for_development(&self, from: &str, to: &str) -> bool {
        let manifest = self.own.get(from).and_then(Option::as_ref);
        manifest.is_some_and(|manifest| manifest.development.contains(to))
    }

    /// What all of them ask for.
    pub(super) fn declared(&self) -> Vec<Requirement> {
        let own = self.own.values().flatten().map(|manifest| &manifest.table);
        let workspace = self.root.get("workspace").and_then(Value::as_table);
        let tables = [Some(&self.root), workspace].into_iter().flatten().chain(own);
        let mut declared: Vec<_> = tables.flat_map(asked).collect();
        declared.sort_by(|a, b| (&a.name, &a.constraint).cmp(&(&b.name, &b.constraint)));
        declared.dedup();
        declared
    }
}

fn table(path: &RepoPath, tree: &dyn Fn(&RepoPath) -> Option<String>) -> Option<Table> {
    read_toml(&tree(path)?).ok()
}

/// The folders in which a manifest says that others are.
fn named<'a>(
    manifest: &'a Table,
    own: &'a BTreeSet<&str>,
) -> impl Iterator<Item = String> + use<'a> {
    let workspace = manifest.get("workspace").and_then(Value::as_table);
    let members = workspace.and_then(|it| it.get("members")).and_then(Value::as_array);
    let members = members.into_iter().flatten().filter_map(Value::as_str);
    let members = members.flat_map(move |member| match member.split_once('*') {
        None => vec![member.to_owned()],
        Some((before, after)) => own.iter().map(|name| format!("{before}{name}{after}")).collect(),
    });
    let tables = [Some(manifest), workspace].into_iter().flatten();
    let sections = || BUILT.iter().chain(DEVELOPMENT);
    let all = tables.flat_map(move |table| {
        let (table, sections) = (table, sections());
        sections.flat_map(move |section| dependencies(table, std::slice::from_ref(section)))
    });
    let paths = all.filter_map(|(_, value)| value.get("path").and_then(Value::as_str));
    members.chain(paths.map(str::to_owned))
}

/// The dependencies in sections of a manifest, or of the table of a workspace, on all platforms.
fn dependencies<'a>(
    manifest: &'a Table,
    sections: &'a [&'static str],
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let tables = [manifest].into_iter().chain(targets);
    let found = tables.flat_map(|table| sections.iter().filter_map(|name| table.get(*name)));
    found.filter_map(Value::as_table).flatten()
}

fn asked(manifest: &Table) -> Vec<Requirement> {
    let of = |sections| dependencies(manifest, sections).filter_map(|(key, it)| wish(key, it));
    of(BUILT).chain(of(DEVELOPMENT)).collect()
}

/// Whether the table of the workspace says more of a dependency.
fn is_shared(value: &Value) -> bool {
    value.get("workspace").is_some()
}

/// `None` where the workspace says more, in a table of its own.
fn wish(name: &str, value: &Value) -> Option<Requirement> {
    if is_shared(value) {
        return None;
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let constraint = value.as_str().or_else(|| text("version")).map(str::to_owned);
    let name = text("package").unwrap_or(name).to_owned();
    Some(Requirement { name, version: None, constraint })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(files: &[(&str, &str)], own: &[&str]) -> Manifests {
        let tree = |path: &RepoPath| {
            let path = path.to_string();
            files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
        };
        Manifests::find(&"x/Cargo.lock".into(), &own.iter().copied().collect(), &tree)
    }

    #[test]
    fn every_section_of_every_member_that_is_found_is_read() {
        let root = "[workspace]\nmembers = ['a', 'crates/*', 'gone']\n\
                    [workspace.dependencies]\nserde = '1.0.100'\n\
                    [dependencies]\nrope = { version = '0.3', features = ['x'] }\n\
                    [target.'cfg(unix)'.dev-dependencies]\nlibc = { git = 'x' }\n";
        let member = "[package]\nname = 'a'\n\
                      [build-dependencies]\nc = { package = 'cc', version = '=1.0.2' }\n\
                      serde = { workspace = true }\nd = { path = '../../d' }";
        let other = "[project]\nname = 'b'\n[dependencies]\nlog = '0.4'";
        let foreign = "[package]\nname = 'e'\n[dependencies]\nnone = '1'";
        let files = [
            ("x/Cargo.toml", root),
            ("x/a/Cargo.toml", member),
            ("x/crates/b/Cargo.toml", other),
            ("d/Cargo.toml", foreign),
        ];
        let declared = find(&files, &["a", "b", "c", "d"]).declared();
        let shown: Vec<_> =
            declared.iter().map(|it| (it.name.as_str(), it.constraint.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("cc", Some("=1.0.2")),
                ("d", None),
                ("libc", None),
                ("log", Some("0.4")),
                ("rope", Some("0.3")),
                ("serde", Some("1.0.100")),
            ]
        );
    }

    #[test]
    fn a_manifest_that_is_missing_or_broken_asks_for_nothing() {
        assert!(find(&[], &["a"]).declared().is_empty());
        for broken in ["[", "dependencies = 1", "[dependencies]\na = 1\n[workspace]\nmembers = 3"] {
            let all = find(&[("x/Cargo.toml", broken)], &["a"]).declared();
            assert!(all.iter().all(|it| it.constraint.is_none()), "{broken}");
        }
    }

    #[test]
    fn what_serves_development_is_what_no_other_section_names() {
        let root = "[package]\nname = 'a'\n[dependencies]\none = '1'\nb = { path = 'b' }\n\
                    [dev-dependencies]\none = '1'\ntwo = '1'\nr = { workspace = true }\n\
                    [target.x.dev_dependencies]\nthree = '1'\nfour = '1'\n\
                    [target.x.build_dependencies]\nfour = '1'\n\
                    [workspace.dependencies]\nr = { version = '1', package = 'renamed' }\n\
                    two = { version = '1', package = 'not-meant' }";
        let member = "[package]\nname = 'b'\n[dev-dependencies]\none = '1'";
        let files = [("x/Cargo.toml", root), ("x/b/Cargo.toml", member)];
        let manifests = find(&files, &["a", "b"]);
        let serves = |from, to| manifests.is_for_development(from, to);
        assert!(["two", "renamed", "three"].iter().all(|name| serves("a", name)));
        assert!(!["one", "four", "r", "b", "else"].iter().any(|name| serves("a", name)));
        assert!(serves("b", "one") && !serves("gone", "one"));
        assert!(manifests.has("a") && manifests.has("b") && !manifests.has("c"));
    }

    #[test]
    fn a_name_that_two_manifests_have_tells_nothing() {
        let root = "[workspace]\nmembers = ['p', 'q']";
        let member = "[package]\nname = 'a'\n[dev-dependencies]\none = '1'";
        let files =
            [("x/Cargo.toml", root), ("x/p/Cargo.toml", member), ("x/q/Cargo.toml", member)];
        let manifests = find(&files, &["a"]);
        assert!(!manifests.has("a") && !manifests.is_for_development("a", "one"));
    }

    #[test]
    fn many_patterns_and_many_packages_do_not_multiply() {
        let patterns: Vec<_> = (0..3000).map(|at| format!("{at}/*")).collect();
        let root = format!("[package]\nname = 'n1'\n[workspace]\nmembers = {patterns:?}");
        let names: Vec<_> = (0..3000).map(|at| format!("n{at}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let asked = std::cell::Cell::new(0);
        let tree = |path: &RepoPath| {
            asked.set(asked.get() + 1);
            (path.to_string() == "Cargo.toml").then(|| root.clone())
        };
        let found = Manifests::find(&"Cargo.lock".into(), &names.iter().copied().collect(), &tree);
        assert!(found.has("n1") && asked.get() <= MOST, "{}", asked.get());
    }

    #[test]
    fn paths_that_turn_in_circles_end() {
        let root = "[package]\nname = 'a'\n[dependencies]\nb = { path = 'b/./../b/' }\n\
                    c = { path = '../../../c' }\nd = { path = '/d' }";
        let member = "[package]\nname = 'b'\n[dependencies]\na = { path = '..' }";
        let manifests = find(&[("x/Cargo.toml", root), ("x/b/Cargo.toml", member)], &["a", "b"]);
        assert!(manifests.has("a") && manifests.has("b"));
    }
}
