//! Bun's text lockfile `bun.lock`, versions 0 and 1: JSON with comments and trailing commas.
//!
//! Packages are listed by the path under which they are found, `a/b` being the `b` that only `a`
//! sees. What the workspaces ask for is direct; what is reached only through their development
//! dependencies serves development.

mod graph;

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{
    checked, excerpt, is_archive, line_number, named, origin, without_credentials,
};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use graph::Graph;

/// Bun's lockfile.
pub(super) struct BunLock;

impl Format for BunLock {
    fn name(&self) -> &'static str {
        "bun.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["bun.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse_relaxed(checked(text)?)?;
        check_version(&root)?;
        let workspaces = root
            .get("workspaces")
            .ok_or_else(|| ParseError::new(1, "the workspaces are missing: run `bun install`"))?;
        let packages = root.get("packages").map(Member::object).transpose()?;
        let packages = packages.map_or([].as_slice(), |packages| &packages.members);
        let entries: Result<Vec<_>, _> = packages.iter().map(Entry::read).collect();
        let entries = entries?;
        let graph = Graph::new(&entries, workspaces.object()?, &root)?;
        let uses = graph.uses()?;
        let locked = entries.iter().map(|entry| {
            let using = uses.get(entry.path).copied().unwrap_or_default();
            let reached = using.production || using.development;
            Locked {
                direct: Some(using.direct),
                dev: reached.then_some(!using.production),
                requires: graph.requires(entry),
                ..entry.locked()
            }
        });
        Ok(Reading { packages: locked.collect(), declared: graph.declared(), ..Reading::default() })
    }
}

fn check_version(root: &Object<'_>) -> Result<(), ParseError> {
    let version = root
        .get("lockfileVersion")
        .ok_or_else(|| ParseError::new(1, "lockfileVersion is missing: this is no bun.lock"))?;
    match version.value {
        Value::Number("0" | "1") => Ok(()),
        Value::Number(other) => {
            let message = format!("lockfileVersion {} is not 0 or 1", excerpt(other));
            Err(ParseError::new(version.line, message))
        }
        Value::Word(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
            Err(ParseError::new(version.line, "lockfileVersion is not a number"))
        }
    }
}

/// One entry of `packages`: `["name@place", …]`.
struct Entry<'a> {
    path: &'a str,
    line: usize,
    name: &'a str,
    /// A version, or where the package is from.
    place: &'a str,
    /// The address of the archive where the registry is not the usual one.
    address: Option<&'a str>,
    /// What the package asks for.
    info: Option<&'a Object<'a>>,
    integrity: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn read(member: &'a Member<'a>) -> Result<Self, ParseError> {
        let refuse =
            |what: &str| ParseError::new(member.line, format!("{} {what}", excerpt(&member.name)));
        let Value::List(parts) = &member.value else { return Err(refuse("is not a list")) };
        let Some(Value::Text(id)) = parts.first() else { return Err(refuse("names no package")) };
        let scope = usize::from(id.starts_with('@'));
        let at = id.get(scope..).and_then(|rest| rest.find('@')).map(|at| at + scope);
        let split = at.and_then(|at| Some((id.get(..at)?, id.get(at + 1..)?)));
        let (name, place) = split
            .filter(|(name, place)| !name.is_empty() && !place.is_empty())
            .ok_or_else(|| refuse("names no version"))?;
        let mut entry = Self {
            path: &member.name,
            line: member.line,
            name,
            place,
            address: None,
            info: None,
            integrity: None,
        };
        for part in parts.iter().skip(1) {
            match part {
                Value::Object(info) => entry.info = Some(info),
                Value::Text(text) if entry.info.is_none() => entry.address = Some(text),
                Value::Text(text) => {
                    entry.integrity = Some(&**text).filter(|text| text.contains('-'));
                }
                Value::Word(_) | Value::Number(_) | Value::List(_) => {
                    return Err(refuse("holds what Bun does not write"));
                }
            }
        }
        if entry.is_release() && (entry.info.is_none() || entry.address.is_none()) {
            return Err(refuse("is not whole"));
        }
        Ok(entry)
    }

    fn is_release(&self) -> bool {
        self.place.starts_with(|c: char| c.is_ascii_digit()) && !self.place.contains(['/', ':'])
    }

    fn locked(&self) -> Locked {
        let package = Package {
            ecosystem: Ecosystem::Npm,
            name: self.name.to_owned(),
            version: self.version().to_owned(),
        };
        Locked {
            integrity: self.integrity.map(str::to_owned),
            ..Locked::new(package, line_number(self.line), self.origin())
        }
    }

    /// What is not of a registry has its commit for a version, or nothing to be compared by.
    fn version(&self) -> &'a str {
        if self.is_release() {
            return self.place;
        }
        self.place.split_once('#').map_or("", |(_, commit)| commit)
    }

    fn origin(&self) -> Origin {
        let folder = |place: &str| {
            if is_archive(place) {
                Origin::Url(place.to_owned())
            } else {
                Origin::Path(place.to_owned())
            }
        };
        if self.is_release() {
            let address = self.address.filter(|address| !address.is_empty());
            return Origin::Registry(address.map(without_credentials));
        }
        match self.place.split_once(':') {
            Some(("workspace", path)) => Origin::Path(path.to_owned()),
            Some(("root", _)) => Origin::Path(String::new()),
            Some(_) => origin(self.place),
            None => folder(self.place),
        }
    }
}

#[cfg(test)]
mod tests;
