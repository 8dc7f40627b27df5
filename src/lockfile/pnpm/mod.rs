//! pnpm's lockfile, versions 5 to 9.
//!
//! All documents of the file are read: pnpm 11 puts what it needs itself into a first one. Packages
//! are listed under keys, to which importers (the project's own folders) and other packages refer.
//! Every reference must have its package, every package its source, and from version 7 every
//! package its snapshot: so a file that was cut is an error, unless all that it lost is what
//! follows the source of the last package, which names none.
//!
//! Versions 5 and 6 say themselves what serves development; later ones are followed from the
//! importers. What pnpm needs itself counts as development.

mod graph;
mod key;
mod package;

use super::syntax::json::{Object, Value};
use super::syntax::{checked, excerpt, named, yaml};
use super::{Format, ParseError, PassedOver, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use graph::Graph;
use std::collections::BTreeMap;

/// pnpm's lockfile.
pub(super) struct PnpmLock;

impl Format for PnpmLock {
    fn name(&self) -> &'static str {
        "pnpm-lock.yaml"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["pnpm-lock.yaml"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let documents = yaml::parse(text)?;
        let mut reading = Reading::default();
        let mut complete = false;
        for document in &documents {
            let (found, whose) = read(document)?;
            complete |= whose == Whose::Projects;
            reading.packages.extend(found.packages);
            reading.passed_over.extend(found.passed_over);
            reading.declared.extend(found.declared);
        }
        if !complete {
            let last = text.trim_end().lines().count();
            return Err(ParseError::new(last, "the project's part is missing: run `pnpm install`"));
        }
        Ok(reading)
    }
}

/// How a file lays its packages out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Version 5: `/name/1.0.0_peer@1.0.0`.
    Slashes,
    /// Version 6: `/name@1.0.0(peer@1.0.0)`.
    Peers,
    /// Versions 7 and 9: `name@1.0.0`, what it depends on apart in `snapshots`.
    Snapshots,
}

/// Whose packages a document lists.
#[derive(PartialEq, Eq)]
enum Whose {
    Projects,
    /// Those of pnpm itself: its own release and its plugins.
    Tools,
}

fn read(document: &Object<'_>) -> Result<(Reading, Whose), ParseError> {
    let layout = layout(document)?;
    let graph = Graph::read(document, layout)?;
    let whose = if graph.tools_only { Whose::Tools } else { Whose::Projects };
    let uses = graph.uses()?;
    let mut requires = graph.requires();
    let mut reading = Reading { declared: graph.declared(), ..Reading::default() };
    let mut known = BTreeMap::<_, usize>::new();
    let Some(packages) = document.get("packages") else { return Ok((reading, whose)) };
    for member in &packages.object()?.members {
        let mut locked = package::locked(member, layout)?;
        if key::is_runtime(&member.name) {
            reading.passed_over.push(PassedOver {
                line: locked.line,
                name: member.name.clone().into_owned(),
                why: "a runtime and no package of the registry",
            });
            continue;
        }
        let using = uses.get(key::without_peers(&member.name, layout));
        locked.direct = Some(using.is_some_and(|using| using.direct));
        locked.requires =
            requires.remove(key::without_peers(&member.name, layout)).unwrap_or_default();
        locked.dev = locked.dev.or(using.map(|using| !using.production));
        // Before version 7 a package has a key for each set of peers.
        match known.get(&locked.package).and_then(|at| reading.packages.get_mut(*at)) {
            Some(same) if same.origin == locked.origin => {
                same.dev = same.dev.min(locked.dev);
            }
            _ => {
                known.insert(locked.package.clone(), reading.packages.len());
                reading.packages.push(locked);
            }
        }
    }
    Ok((reading, whose))
}

fn layout(document: &Object<'_>) -> Result<Layout, ParseError> {
    let Some(member) = document.get("lockfileVersion") else {
        return Err(ParseError::new(1, "lockfileVersion is missing: this is no pnpm-lock.yaml"));
    };
    let version = if let Value::Text(text) = &member.value { &**text } else { "" };
    match version.split(['.', '-']).next().unwrap_or_default() {
        "5" => Ok(Layout::Slashes),
        "6" => Ok(Layout::Peers),
        "7" | "9" => Ok(Layout::Snapshots),
        _ => Err(ParseError::new(
            member.line,
            format!("lockfileVersion {} is not one of 5, 6, 7 and 9", excerpt(version)),
        )),
    }
}

#[cfg(test)]
mod tests;
