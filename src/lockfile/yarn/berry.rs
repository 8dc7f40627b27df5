//! Yarn 2 and later: the part of YAML that Yarn writes.
//!
//! What an entry is stands in its `resolution`, so aliases need no rule. Entries of the project's
//! own folders say what the project asks for.

use super::wishes::{Answer, Answers, Wish};
use super::{Statement, descriptor, locked, quoted, statements};
use crate::lockfile::syntax::{excerpt, origin};
use crate::lockfile::{Locked, Origin, ParseError, Reading};
use std::collections::BTreeSet;

/// Lockfile versions from Yarn 2.0 to Yarn 4.
const VERSIONS: std::ops::RangeInclusive<u32> = 4..=8;

/// Reads a whole file.
pub(super) fn read(text: &str) -> Result<Reading, ParseError> {
    let entries = entries(text)?;
    let (metadata, packages) = entries
        .split_first()
        .filter(|(first, _)| first.key == "__metadata")
        .ok_or_else(|| ParseError::new(1, "__metadata is not the first entry"))?;
    check_version(metadata)?;
    let own = packages.iter().filter(|entry| entry.is_own());
    let own: Vec<_> = own.flat_map(|entry| &entry.wishes).collect();
    let asked = own.iter().map(|(name, range, _)| (&**name, &**range)).collect();
    let mut answers = Answers::default();
    for entry in packages {
        let Some((name, _)) = entry.resolution() else { continue };
        let version = entry.version.as_deref().unwrap_or_default();
        for (asked, range) in entry.key.split(", ").map(descriptor) {
            answers.add(asked, range, Answer { name, version });
        }
    }
    let locked = packages.iter().map(|entry| entry.locked(&asked, &answers));
    Ok(Reading {
        packages: locked.collect::<Result<_, _>>()?,
        passed_over: answers.missing(packages.iter().flat_map(|entry| &entry.wishes)),
        declared: own.into_iter().map(|wish| answers.requirement(wish)).collect(),
    })
}

/// One block.
#[derive(Default)]
struct Entry {
    line: usize,
    key: String,
    version: Option<String>,
    checksum: Option<String>,
    resolution: Option<(usize, String)>,
    in_dependencies: bool,
    wishes: Vec<Wish>,
}

fn entries(text: &str) -> Result<Vec<Entry>, ParseError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut statements = statements(text).peekable();
    while let Some(statement) = statements.next() {
        if statement.indent > 0 {
            let entry = entries.last_mut().ok_or_else(|| misplaced(&statement))?;
            entry.add(&statement)?;
            continue;
        }
        // A key of more than 1024 letters stands behind a question mark, its colon below it.
        let (key, rest) = match statement.text.strip_prefix("? ") {
            Some(long) => {
                let colon = statements.next_if(|next| next.indent == 0 && next.text == ":");
                (scalar(long, statement.number)?, colon.map_or("?", |_| ":"))
            }
            None => key(&statement)?,
        };
        if rest != ":" {
            return Err(misplaced(&statement));
        }
        entries.push(Entry { line: statement.number, key, ..Entry::default() });
    }
    Ok(entries)
}

impl Entry {
    fn add(&mut self, statement: &Statement<'_>) -> Result<(), ParseError> {
        let (name, rest) = key(statement)?;
        let value = match rest.strip_prefix(": ") {
            Some(value) => scalar(value, statement.number)?,
            None if rest == ":" => String::new(),
            None => return Err(misplaced(statement)),
        };
        if statement.indent == 2 {
            self.in_dependencies = name == "dependencies";
            match name.as_str() {
                "version" => self.version = Some(value),
                "checksum" => self.checksum = Some(value),
                "resolution" => self.resolution = Some((statement.number, value)),
                _ => {}
            }
        } else if statement.indent == 4 && self.in_dependencies {
            self.wishes.push((name, value, self.line));
        }
        Ok(())
    }

    /// The name of the package and the place that it comes from.
    fn resolution(&self) -> Option<(&str, &str)> {
        self.resolution.as_ref().map(|(_, text)| descriptor(text))
    }

    /// Whether it is one of the project's own folders.
    fn is_own(&self) -> bool {
        self.resolution().is_some_and(|(_, place)| place.starts_with("workspace:"))
    }

    fn locked(
        &self,
        asked: &BTreeSet<(&str, &str)>,
        answers: &Answers<'_>,
    ) -> Result<Locked, ParseError> {
        let incomplete =
            || ParseError::new(self.line, "this entry is incomplete: the file was cut");
        let resolution =
            self.resolution().filter(|(name, place)| !name.is_empty() && !place.is_empty());
        let (name, place) = resolution.ok_or_else(incomplete)?;
        let version = self.version.as_deref().ok_or_else(incomplete)?;
        let named = if self.key.contains(name) { None } else { self.resolution.as_ref() };
        let line = named.map_or(self.line, |(line, _)| *line);
        let direct = self.is_own() || self.key.split(", ").any(|key| is_asked(key, asked));
        let integrity = self.checksum.clone();
        let requires = self.wishes.iter().map(|wish| answers.requirement(wish)).collect();
        let found = locked(name, version, line, origin_of(place));
        Ok(Locked { direct: Some(direct), integrity, requires, ..found })
    }
}

/// Whether a project's folder asks for this. Yarn up to 3 leaves `npm:` out where it asks and
/// writes it where it answers.
fn is_asked(key: &str, asked: &BTreeSet<(&str, &str)>) -> bool {
    let (name, range) = descriptor(key);
    let forms = [Some(range), range.strip_prefix("npm:")];
    forms.into_iter().flatten().any(|range| asked.contains(&(name, range)))
}

/// Where a package is from. What is patched is its registry's release with the project's changes.
fn origin_of(place: &str) -> Origin {
    let place = place.split("::").next().unwrap_or(place);
    match place.split_once(':') {
        Some(("npm" | "patch", _)) => Origin::Registry(None),
        Some(("workspace", folder)) => Origin::Path(folder.to_owned()),
        _ => origin(place),
    }
}

fn check_version(metadata: &Entry) -> Result<(), ParseError> {
    let version = metadata.version.as_deref().unwrap_or_default();
    if version.parse().is_ok_and(|version: u32| VERSIONS.contains(&version)) {
        return Ok(());
    }
    let message = format!("version {} of yarn.lock is not one of 4 to 8", excerpt(version));
    Err(ParseError::new(metadata.line, message))
}

/// The name at the start of a line, and what follows from its colon on.
fn key<'a>(statement: &Statement<'a>) -> Result<(String, &'a str), ParseError> {
    let text = statement.text;
    if text.starts_with('"') {
        return quoted(text, statement.number);
    }
    let end = text.find(": ").or_else(|| text.strip_suffix(':').map(str::len));
    let (name, rest) = end
        .and_then(|end| text.split_at_checked(end))
        .ok_or_else(|| ParseError::new(statement.number, "expected a colon: the file was cut"))?;
    Ok((name.to_owned(), rest))
}

fn scalar(text: &str, line: usize) -> Result<String, ParseError> {
    if !text.starts_with('"') {
        return Ok(text.to_owned());
    }
    match quoted(text, line)? {
        (value, "") => Ok(value),
        _ => Err(ParseError::new(line, "text follows the end of a string")),
    }
}

fn misplaced(statement: &Statement<'_>) -> ParseError {
    ParseError::new(statement.number, "this line is not laid out as Yarn writes it")
}
