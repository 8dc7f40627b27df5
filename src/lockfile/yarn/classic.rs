//! Yarn 1: indented lines of words, of which each may be quoted.

use super::wishes::{Answer, Answers, Wish};
use super::{Statement, alias, descriptor, locked, quoted, statements};
use crate::lockfile::syntax::{numbered, origin, without_credentials};
use crate::lockfile::{Locked, Origin, ParseError, Reading};
use std::collections::BTreeSet;

/// Packages of one entry, each of which asks for all that the entry lists, more than which no file
/// has.
const MAX_NAMES: usize = 100;

const HEADER: &str = "# yarn lockfile v";

/// Reads a whole file.
pub(super) fn read(text: &str) -> Result<Reading, ParseError> {
    let marked = check_version(text)?;
    let mut entries: Vec<Entry> = Vec::new();
    for statement in statements(text) {
        if statement.indent == 0 {
            entries.push(Entry::open(&statement)?);
        } else {
            let entry = entries.last_mut().ok_or_else(|| misplaced(&statement))?;
            entry.add(&statement)?;
        }
    }
    if entries.is_empty() && !marked {
        return Err(ParseError::new(1, "this is not a yarn.lock: its header is missing"));
    }
    let mut answers = Answers::default();
    for entry in &entries {
        for (name, range) in entry.descriptors.iter().map(|text| descriptor(text)) {
            let version = entry.version.as_deref().unwrap_or_default();
            answers.add(name, range, Answer { name: alias(range).unwrap_or(name), version });
        }
    }
    let mut reading = Reading::default();
    for entry in &entries {
        reading.packages.extend(entry.locked(&answers)?);
    }
    reading.passed_over = answers.missing(entries.iter().flat_map(|entry| &entry.wishes));
    Ok(reading)
}

/// Whether the file says that it is of version 1; another version is an error.
fn check_version(text: &str) -> Result<bool, ParseError> {
    let version = numbered(text).find_map(|(line, text)| Some((line, text.strip_prefix(HEADER)?)));
    match version {
        None => Ok(false),
        Some((_, version)) if version.trim() == "1" => Ok(true),
        Some((line, _)) => Err(ParseError::new(line, "this version of yarn.lock is not known")),
    }
}

/// One block: what was asked for, and what it came to.
struct Entry {
    line: usize,
    descriptors: Vec<String>,
    version: Option<String>,
    resolved: Option<String>,
    integrity: Option<String>,
    /// Whether a list is being read, and whether it is one of what the package asks for.
    list: List,
    wishes: Vec<Wish>,
}

#[derive(PartialEq, Eq)]
enum List {
    None,
    Wishes,
    Other,
}

impl Entry {
    fn open(statement: &Statement<'_>) -> Result<Self, ParseError> {
        let line = statement.number;
        let mut rest = statement
            .text
            .strip_suffix(':')
            .ok_or_else(|| ParseError::new(line, "expected a colon: the file was cut"))?;
        let mut descriptors = Vec::new();
        loop {
            let (word, after) = word(rest, line)?;
            descriptors.push(word);
            match after.trim_start().strip_prefix(',') {
                Some(next) => rest = next,
                None if after.is_empty() => break,
                None => return Err(ParseError::new(line, "expected a comma")),
            }
        }
        Ok(Self {
            line,
            descriptors,
            version: None,
            resolved: None,
            integrity: None,
            list: List::None,
            wishes: Vec::new(),
        })
    }

    fn add(&mut self, statement: &Statement<'_>) -> Result<(), ParseError> {
        if statement.indent == 2 && statement.text.ends_with(':') {
            let wishes = matches!(statement.text, "dependencies:" | "optionalDependencies:");
            self.list = if wishes { List::Wishes } else { List::Other };
            return Ok(());
        }
        let (name, rest) = word(statement.text, statement.number)?;
        let (value, rest) = word(rest, statement.number)?;
        let in_place = statement.indent == 2 || (statement.indent == 4 && self.list != List::None);
        // NOTE: Yarn 1 has a fault by which an integrity grows and is written as several words.
        if !in_place || !(rest.is_empty() || name == "integrity") {
            return Err(misplaced(statement));
        }
        if statement.indent == 2 {
            self.list = List::None;
            match name.as_str() {
                "version" => self.version = Some(value),
                "resolved" => self.resolved = Some(value),
                "integrity" => self.integrity = Some(value),
                _ => {}
            }
        } else if self.list == List::Wishes {
            self.wishes.push((name, value, self.line));
        }
        Ok(())
    }

    /// The entry's package; more than one where aliases of different packages were merged.
    fn locked(&self, answers: &Answers<'_>) -> Result<Vec<Locked>, ParseError> {
        let version = self.version.as_deref().ok_or_else(|| {
            ParseError::new(self.line, "this entry has no version: the file was cut")
        })?;
        let asked: Vec<_> = self.descriptors.iter().map(|text| descriptor(text)).collect();
        let range = asked.first().map_or("", |(_, range)| range);
        let names: BTreeSet<_> =
            asked.iter().map(|(name, range)| alias(range).unwrap_or(name)).collect();
        if names.len() > MAX_NAMES {
            return Err(ParseError::new(self.line, "this entry is of too many packages"));
        }
        let origin = self.origin(range);
        let locked = names.iter().map(|name| Locked {
            integrity: self.integrity.clone(),
            requires: self.wishes.iter().map(|wish| answers.requirement(wish)).collect(),
            ..locked(name, version, self.line, origin.clone())
        });
        Ok(locked.collect())
    }

    fn origin(&self, range: &str) -> Origin {
        let local = range.starts_with(['.', '/']) || range.starts_with("file:");
        let Some(resolved) = &self.resolved else {
            return if local || range.starts_with("link:") {
                origin(&format!("file:{}", range.split_once(':').map_or(range, |(_, path)| path)))
            } else {
                Origin::Registry(None)
            };
        };
        let shorthand = range.contains('/') && !range.contains(':') && !local;
        match origin(resolved) {
            Origin::Url(address) if shorthand => Origin::Git(address),
            Origin::Url(_) if !range.contains("://") && !local => {
                Origin::Registry(Some(without_credentials(resolved)))
            }
            other @ (Origin::Registry(_) | Origin::Git(_) | Origin::Url(_) | Origin::Path(_)) => {
                other
            }
        }
    }
}

/// The next word, quoted or not, and what follows it.
fn word(text: &str, line: usize) -> Result<(String, &str), ParseError> {
    let text = text.trim_start();
    if text.starts_with('"') {
        return quoted(text, line);
    }
    let end = text.find([' ', ',', '"']).unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((word, rest)) if !word.is_empty() => Ok((word.to_owned(), rest)),
        _ => Err(ParseError::new(line, "a word is missing: the file was cut")),
    }
}

fn misplaced(statement: &Statement<'_>) -> ParseError {
    ParseError::new(statement.number, "this line is not laid out as Yarn writes it")
}
