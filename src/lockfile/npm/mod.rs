//! npm's lockfiles: `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.
//!
//! Versions 2 and 3 are read from `packages`, as npm 7 and later do, version 1 from `dependencies`.
//! A file that says one and holds the other is refused, since tools would read different packages
//! from it.

mod dependencies;
mod packages;
mod requests;

use super::syntax::json::{self, Object, Value};
use super::syntax::{checked, excerpt, line_number, named};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};

/// npm's lockfile.
pub(super) struct PackageLock;

impl Format for PackageLock {
    fn name(&self) -> &'static str {
        "package-lock.json"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["package-lock.json", "npm-shrinkwrap.json"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let section = |name: &str| root.get(name).map(json::Member::object).transpose();
        let empty = Object::default();
        match (version(&root)?, section("packages")?, section("dependencies")?) {
            (Generation::Packages, Some(entries), _) => packages::read(entries),
            (Generation::Dependencies, None, entries) => {
                dependencies::read(entries.unwrap_or(&empty)).map(Reading::from)
            }
            (Generation::Unmarked, None, Some(entries)) => {
                dependencies::read(entries).map(Reading::from)
            }
            (Generation::Packages | Generation::Unmarked, None, _) => {
                Err(ParseError::new(1, "the packages are missing: run `npm install`"))
            }
            (Generation::Dependencies | Generation::Unmarked, Some(_), _) => {
                Err(ParseError::new(1, "lockfileVersion 1 knows no `packages`: run `npm install`"))
            }
        }
    }
}

/// Which of npm's two layouts a file has.
enum Generation {
    /// A shrinkwrap from before there were version numbers.
    Unmarked,
    Dependencies,
    Packages,
}

fn version(root: &Object<'_>) -> Result<Generation, ParseError> {
    let Some(member) = root.get("lockfileVersion") else {
        return Ok(Generation::Unmarked);
    };
    match member.value {
        Value::Number("1") => Ok(Generation::Dependencies),
        Value::Number("2" | "3") => Ok(Generation::Packages),
        Value::Number(other) => Err(ParseError::new(
            member.line,
            format!("lockfileVersion {} is not one of 1, 2 and 3", excerpt(other)),
        )),
        Value::Word(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
            Err(ParseError::new(member.line, "lockfileVersion is not a number"))
        }
    }
}

/// The licence of an entry, in any of the forms in which packages state theirs.
fn licence(entry: &Object<'_>) -> Option<String> {
    let name = |value: &Value<'_>| match value {
        Value::Text(name) => Some(name.clone().into_owned()),
        Value::Object(more) => more.get("type")?.value.as_text().map(str::to_owned),
        Value::Word(_) | Value::Number(_) | Value::List(_) => None,
    };
    match &entry.get("license").or(entry.get("licenses"))?.value {
        Value::List(several) => {
            let names: Vec<_> = several.iter().filter_map(name).collect();
            (!names.is_empty()).then(|| names.join(" OR "))
        }
        one @ (Value::Text(_) | Value::Object(_) | Value::Word(_) | Value::Number(_)) => name(one),
    }
}

fn locked(name: &str, version: &str, line: usize, origin: Origin) -> Locked {
    let package =
        Package { ecosystem: Ecosystem::Npm, name: name.to_owned(), version: version.to_owned() };
    Locked::new(package, line_number(line), origin)
}

#[cfg(test)]
mod tests;
