//! The files that Go writes for modules and workspaces: statements, in blocks or on their own.

use super::super::{Origin, ParseError};
use super::go_words::words;
use super::{excerpt, numbered};
use crate::package::{Ecosystem, Version};

/// One statement: a directive with its arguments.
pub(in crate::lockfile) struct Statement<'a> {
    /// The line, counted from one.
    pub(in crate::lockfile) line: usize,
    /// The directive, one of those that were given.
    pub(in crate::lockfile) directive: &'static str,
    /// What follows it.
    pub(in crate::lockfile) arguments: Vec<String>,
    /// The comment behind it.
    pub(in crate::lockfile) comment: &'a str,
}

impl Statement<'_> {
    /// An error for a statement that lacks something.
    pub(in crate::lockfile) fn incomplete(&self) -> ParseError {
        ParseError::new(self.line, format!("this {} is incomplete", self.directive))
    }
}

/// All statements of a file; an unknown directive and a block without an end are errors.
pub(in crate::lockfile) fn statements<'a>(
    text: &'a str,
    directives: &'static [&'static str],
) -> Result<Vec<Statement<'a>>, ParseError> {
    let mut statements = Vec::new();
    let mut block: Option<(&'static str, usize)> = None;
    for (line, content) in numbered(text) {
        let (mut arguments, comment) =
            words(content).map_err(|message| ParseError::new(line, message))?;
        let Some(first) = arguments.first() else { continue };
        if block.is_some() && *first == ")" && arguments.len() == 1 {
            block = None;
            continue;
        }
        let directive = if let Some((directive, _)) = block {
            directive
        } else {
            let known = directives.iter().find(|known| *known == first).ok_or_else(|| {
                let name = excerpt(first);
                ParseError::new(line, format!("{name} is not a directive we know"))
            })?;
            arguments.remove(0);
            known
        };
        let is = |words: &[&str]| arguments.iter().map(String::as_str).eq(words.iter().copied());
        if block.is_none() && is(&["("]) {
            block = Some((directive, line));
        } else if block.is_some() || !is(&["(", ")"]) {
            statements.push(Statement { line, directive, arguments, comment });
        }
    }
    match block {
        Some((directive, line)) => {
            let message = format!("the block {directive} has no end: the file was cut");
            Err(ParseError::new(line, message))
        }
        None => Ok(statements),
    }
}

/// What stands in for a module.
pub(in crate::lockfile) struct Replacement {
    pub(in crate::lockfile) line: usize,
    pub(in crate::lockfile) path: String,
    /// The one version that it stands in for; none for all.
    pub(in crate::lockfile) version: Option<String>,
    pub(in crate::lockfile) by: String,
    /// The version of the other module; none for a folder.
    pub(in crate::lockfile) by_version: Option<String>,
}

impl Replacement {
    /// Reads a `replace`.
    pub(in crate::lockfile) fn read(statement: &Statement<'_>) -> Result<Self, ParseError> {
        let line = statement.line;
        let words: Vec<_> = statement.arguments.iter().map(String::as_str).collect();
        let mut sides = words.split(|word| *word == "=>");
        let (Some(old), Some(new), None) = (sides.next(), sides.next(), sides.next()) else {
            return Err(statement.incomplete());
        };
        let (path, version) = match old {
            [path] => ((*path).to_owned(), None),
            [path, version] => ((*path).to_owned(), Some((*version).to_owned())),
            _ => return Err(statement.incomplete()),
        };
        let (by, by_version) = match new {
            [folder] if is_folder(folder) => ((*folder).to_owned(), None),
            [by, version] => ((*by).to_owned(), Some(complete(version, line)?)),
            _ => return Err(statement.incomplete()),
        };
        Ok(Self { line, path, version, by, by_version })
    }

    /// Where the other module is from.
    pub(in crate::lockfile) fn origin(&self) -> Origin {
        match &self.by_version {
            Some(_) => Origin::Registry(None),
            None => Origin::Path(self.by.clone()),
        }
    }
}

/// A path that Go takes for a folder and not for a module.
fn is_folder(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    path == "."
        || path == ".."
        || drive
        || ["./", "../", "/", ".\\", "..\\", "\\"].iter().any(|start| path.starts_with(start))
}

/// A version, refused if it is not written out as Go does it.
pub(in crate::lockfile) fn complete(version: &str, line: usize) -> Result<String, ParseError> {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let whole = version.starts_with('v')
        && release.matches('.').count() == 2
        && Version::parse(Ecosystem::Go, version).is_ok();
    if whole {
        return Ok(version.to_owned());
    }
    let message = format!("version {} is not complete: run `go mod tidy`", excerpt(version));
    Err(ParseError::new(line, message))
}
