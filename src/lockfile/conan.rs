//! Conan's `conan.lock`: the graph of Conan 1 (0.1 to 0.4) and the lists of Conan 2 (0.5).

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{checked, distinct, excerpt, locked, named};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::{LineIndex, RepoPath};
use crate::package::Ecosystem;
use std::num::NonZeroU32;

/// Conan's lockfile.
pub(super) struct ConanLock;

impl Format for ConanLock {
    fn name(&self) -> &'static str {
        "conan.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::ConanCenter
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["conan.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("conanfile.txt")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let root = json::parse(text)?;
        let version =
            root.get("version").ok_or_else(|| ParseError::new(1, "version is missing"))?;
        let packages = match version.text()? {
            "0.5" => lists(text, &root)?,
            "0.0" | "0.1" | "0.2" | "0.3" | "0.4" => graph(&root)?,
            other => {
                let message = format!("version {} is not one of 0.1 to 0.5", excerpt(other));
                return Err(ParseError::new(version.line, message));
            }
        };
        Ok(Reading { packages: distinct(packages), ..Reading::default() })
    }
}

/// Conan 2: references in lists, of which two serve the build.
fn lists(text: &str, root: &Object<'_>) -> Result<Vec<Locked>, ParseError> {
    let lines = LineIndex::new(text.as_bytes());
    let mut all = Vec::new();
    for (name, dev) in [
        ("requires", false),
        ("build_requires", true),
        ("python_requires", true),
        ("config_requires", true),
    ] {
        let Some(member) = root.get(name) else { continue };
        let Value::List(list) = &member.value else {
            if member.value == Value::Word("null") {
                continue;
            }
            return Err(ParseError::new(member.line, format!("{name} is not a list")));
        };
        for item in list {
            let Value::Text(reference) = item else {
                return Err(ParseError::new(
                    member.line,
                    format!("{name} has an item that is no reference"),
                ));
            };
            let offset = json::offset_in(text, reference).unwrap_or_default();
            let line = lines.line_at(offset);
            all.push(Locked { dev: Some(dev), ..entry(reference, line)? });
        }
    }
    Ok(all)
}

/// Conan 1: nodes of a graph; the one that has a path is the project itself.
fn graph(root: &Object<'_>) -> Result<Vec<Locked>, ParseError> {
    let graph =
        root.get("graph_lock").ok_or_else(|| ParseError::new(1, "graph_lock is missing"))?;
    let nodes = graph.object()?.get("nodes");
    let nodes = nodes.ok_or_else(|| ParseError::new(graph.line, "the graph has no nodes"))?;
    let mut all = Vec::new();
    for member in &nodes.object()?.members {
        let node = member.object()?;
        let reference = ["ref", "pref"].iter().find_map(|name| node.get(name));
        let Some(reference) = reference else {
            if node.get("path").is_some() {
                continue;
            }
            return Err(ParseError::new(member.line, "a node has no reference"));
        };
        // The project itself may have a version, a name, both or neither.
        let path = node.get("path").map(Member::text).transpose()?;
        if reference.value == Value::Word("null")
            || path.is_some() && !reference.text()?.contains('/')
        {
            continue;
        }
        let line = super::syntax::line_number(reference.line);
        let context = node.get("context").map(Member::text).transpose()?;
        let package = entry(reference.text()?, line)?;
        all.push(Locked {
            dev: context.map(|context| context == "build"),
            origin: path.map_or(Origin::Registry(None), |path| Origin::Path(path.to_owned())),
            ..package
        });
    }
    Ok(all)
}

/// A reference: `name/version@user/channel#revision:package%time`, all but the first two optional.
fn entry(reference: &str, line: NonZeroU32) -> Result<Locked, ParseError> {
    let (place, rest) = reference.split_once('#').unwrap_or((reference, ""));
    let place = place.split([':', '%', '@']).next().unwrap_or(place);
    let Some((name, version)) =
        place.split_once('/').filter(|(name, version)| !name.is_empty() && !version.is_empty())
    else {
        let message = format!("{} is not `name/version`", excerpt(reference));
        return Err(ParseError { line, message });
    };
    let revision = rest.split([':', '%']).next().filter(|revision| !matches!(*revision, "" | "0"));
    Ok(Locked {
        integrity: revision.map(|revision| format!("revision:{revision}")),
        ..locked(Ecosystem::ConanCenter, name, version, line)
    })
}
