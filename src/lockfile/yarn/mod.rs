//! Yarn's lockfile, in its classic layout (version 1) and that of Yarn 2 and later.
//!
//! Both list entries under what was asked for, `name@range`. The classic file says neither what the
//! project itself asks for nor what serves development; the later one says the former. An entry
//! without a version is an error. What an entry asks for must have an entry, which is how a cut
//! between two shows, unless nobody asked for all that it lost: that cannot be told from a shorter
//! file.

mod berry;
mod classic;
mod wishes;

use super::syntax::{checked, line_number, named, numbered};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};

/// Yarn's lockfile.
pub(super) struct YarnLock;

impl Format for YarnLock {
    fn name(&self) -> &'static str {
        "yarn.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["yarn.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        if numbered(text).any(|(_, line)| line.starts_with("__metadata:")) {
            berry::read(text)
        } else {
            classic::read(text)
        }
    }
}

/// A line that says something: how far it is indented, and what it says.
struct Statement<'a> {
    number: usize,
    indent: usize,
    text: &'a str,
}

/// The lines that are neither blank nor comments.
fn statements(text: &str) -> impl Iterator<Item = Statement<'_>> {
    numbered(text).filter_map(|(number, line)| {
        let text = line.trim_start_matches(' ');
        let said = !text.trim().is_empty() && !text.starts_with('#');
        said.then_some(Statement { number, indent: line.len() - text.len(), text: text.trim_end() })
    })
}

/// Splits `name@range`, where the name may have a scope with an `@` of its own.
fn descriptor(text: &str) -> (&str, &str) {
    let scope = usize::from(text.starts_with('@'));
    let at = text.get(scope..).and_then(|rest| rest.find('@'));
    at.and_then(|at| Some((text.get(..at + scope)?, text.get(at + scope + 1..)?)))
        .unwrap_or((text, ""))
}

/// The package that a range names in place of its entry's: `npm:real@^1.0.0`.
fn alias(range: &str) -> Option<&str> {
    let (name, _) = descriptor(range.strip_prefix("npm:")?);
    let ranged = range.get("npm:".len() + name.len()..).is_some_and(|rest| rest.starts_with('@'));
    ranged.then_some(name)
}

fn locked(name: &str, version: &str, line: usize, origin: Origin) -> Locked {
    let package =
        Package { ecosystem: Ecosystem::Npm, name: name.to_owned(), version: version.to_owned() };
    Locked::new(package, line_number(line), origin)
}

/// A string in double quotes from the start of a text, and what follows it.
fn quoted(text: &str, line: usize) -> Result<(String, &str), ParseError> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    let (string, rest) = end
        .and_then(|(at, _)| text.split_at_checked(at + 1))
        .ok_or_else(|| ParseError::new(line, "a string has no end: the file was cut"))?;
    let value = serde_json::from_str(string)
        .map_err(|_| ParseError::new(line, "a string has an escape that cannot be read"))?;
    Ok((value, rest))
}

#[cfg(test)]
mod tests;
