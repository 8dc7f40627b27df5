//! What the project asks for in `Cargo.toml`, since `Cargo.lock` keeps no constraints.
//!
//! Members of a workspace are read where it lists them by their paths; patterns are not followed,
//! for which their constraints stay unknown. A manifest that cannot be read asks for nothing: the
//! lockfile says by itself what is locked.

use crate::finding::RepoPath;
use crate::lockfile::Requirement;
use crate::nesting::read_toml;
use toml::{Table, Value};

const SECTIONS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// What the manifest beside a lockfile asks for, and those of the members that it lists.
pub(super) fn declared(
    lockfile: &RepoPath,
    tree: &dyn Fn(&RepoPath) -> Option<String>,
) -> Vec<Requirement> {
    let path = lockfile.sibling("Cargo.toml");
    let Some(manifest) = table(&path, tree) else { return Vec::new() };
    let workspace = manifest.get("workspace").and_then(Value::as_table);
    let mut declared = asked(&manifest);
    declared.extend(workspace.into_iter().flat_map(asked));
    let members = workspace.and_then(|it| it.get("members")).and_then(Value::as_array);
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        let path = path.sibling(&format!("{}/Cargo.toml", member.trim_end_matches('/')));
        let manifest = if member.contains('*') { None } else { table(&path, tree) };
        declared.extend(manifest.iter().flat_map(asked));
    }
    declared.sort_by(|a, b| (&a.name, &a.constraint).cmp(&(&b.name, &b.constraint)));
    declared.dedup();
    declared
}

fn table(path: &RepoPath, tree: &dyn Fn(&RepoPath) -> Option<String>) -> Option<Table> {
    read_toml(&tree(path)?).ok()
}

/// The dependencies of a manifest, or of the table of a workspace, on all platforms.
fn asked(manifest: &Table) -> Vec<Requirement> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let tables = [manifest].into_iter().chain(targets);
    let sections = tables.flat_map(|table| SECTIONS.iter().filter_map(|name| table.get(*name)));
    let dependencies = sections.filter_map(Value::as_table).flatten();
    dependencies.filter_map(|(name, value)| requirement(name, value)).collect()
}

/// `None` where the workspace says more, in a table of its own.
fn requirement(name: &str, value: &Value) -> Option<Requirement> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if value.get("workspace").is_some() {
        return None;
    }
    let constraint = value.as_str().or_else(|| text("version")).map(str::to_owned);
    let name = text("package").unwrap_or(name).to_owned();
    Some(Requirement { name, version: None, constraint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_every_member_that_is_listed_is_read() {
        let root = "[workspace]\nmembers = ['a', 'crates/*', 'gone']\n\
                    [workspace.dependencies]\nserde = '1.0.100'\n\
                    [dependencies]\nrope = { version = '0.3', features = ['x'] }\n\
                    [target.'cfg(unix)'.dev-dependencies]\nlibc = { git = 'x' }\n";
        let member = "[build-dependencies]\nc = { package = 'cc', version = '=1.0.2' }\n\
                      serde = { workspace = true }\n";
        let tree = |path: &RepoPath| match path.to_string().as_str() {
            "x/Cargo.toml" => Some(root.to_owned()),
            "x/a/Cargo.toml" => Some(member.to_owned()),
            _ => None,
        };
        let declared = declared(&"x/Cargo.lock".into(), &tree);
        let shown: Vec<_> =
            declared.iter().map(|it| (it.name.as_str(), it.constraint.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("cc", Some("=1.0.2")),
                ("libc", None),
                ("rope", Some("0.3")),
                ("serde", Some("1.0.100")),
            ]
        );
    }

    #[test]
    fn a_manifest_that_is_missing_or_broken_asks_for_nothing() {
        let path = RepoPath::from("Cargo.lock");
        assert!(declared(&path, &|_| None).is_empty());
        for broken in ["[", "dependencies = 1", "[dependencies]\na = 1\n[workspace]\nmembers = 3"] {
            let all = declared(&path, &|_| Some(broken.to_owned()));
            assert!(all.iter().all(|it| it.constraint.is_none()), "{broken}");
        }
    }
}
