//! A `Cargo.lock` that is laid out as Cargo lays it out, in one pass over its lines.
//!
//! Only what cannot mean anything else in TOML is read: one key or one element a line, plain
//! strings without escapes, each key once. Anything besides, and anything that Cargo would refuse,
//! is left to the general readers, which know what to make of it and what to say.

use super::{Entry, origin};
use crate::lockfile::Origin;
use crate::lockfile::syntax::{line_number, numbered};
use cargo_lock::SourceId;
use semver::Version;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The entries of a file, in its order; `None` where it is laid out otherwise.
pub(super) fn entries(text: &str) -> Option<Vec<Entry<'_>>> {
    let mut scan = Scan::default();
    let mut lines = numbered(text);
    while let Some((number, line)) = lines.next() {
        if line.is_empty() || is_comment(line) {
            continue;
        }
        if line.starts_with('[') {
            scan.open(line)?;
        } else if line == "dependencies = [" {
            let list = elements(&mut lines)?;
            set(&mut scan.draft()?.dependencies, list)?;
        } else {
            scan.pair(number, line)?;
        }
    }
    scan.close()?;
    Some(scan.entries)
}

#[derive(Default)]
struct Scan<'a> {
    section: Section<'a>,
    version: Option<&'a str>,
    entries: Vec<Entry<'a>>,
    /// What each source that occurs comes to: most packages have the same one.
    origins: BTreeMap<&'a str, Origin>,
    has_metadata: bool,
}

/// What the lines at hand are about.
#[derive(Default)]
enum Section<'a> {
    /// The file itself.
    #[default]
    Head,
    /// A package that is locked.
    Package(Draft<'a>),
    /// A patch that no package uses.
    Unused(Draft<'a>),
    /// The checksums of version 1, of which the last key is kept: sorted, none occurs twice.
    Metadata(&'a str),
}

/// What was read of a package so far.
#[derive(Default)]
struct Draft<'a> {
    name: Option<(usize, &'a str)>,
    version: Option<&'a str>,
    source: Option<&'a str>,
    checksum: Option<&'a str>,
    dependencies: Option<Vec<Cow<'a, str>>>,
}

impl<'a> Scan<'a> {
    /// Begins the section of a header.
    fn open(&mut self, header: &str) -> Option<()> {
        let is_first = matches!(self.section, Section::Head);
        self.close()?;
        self.section = match header {
            "[[package]]" => Section::Package(Draft::default()),
            "[root]" if is_first => Section::Package(Draft::default()),
            "[[patch.unused]]" => Section::Unused(Draft::default()),
            "[metadata]" if !self.has_metadata => Section::Metadata(""),
            _ => return None,
        };
        self.has_metadata |= matches!(self.section, Section::Metadata(_));
        Some(())
    }

    /// Ends the section at hand.
    fn close(&mut self) -> Option<()> {
        match std::mem::take(&mut self.section) {
            Section::Head | Section::Metadata(_) => {}
            Section::Package(draft) => {
                let entry = self.entry(draft)?;
                self.entries.push(entry);
            }
            Section::Unused(draft) => {
                self.entry(draft)?;
            }
        }
        Some(())
    }

    fn entry(&mut self, draft: Draft<'a>) -> Option<Entry<'a>> {
        let (number, name) = draft.name?;
        let version = draft.version?;
        Version::parse(version).ok()?;
        let origin = match draft.source {
            Some(source) => Some(self.origin(source)?),
            None => None,
        };
        Some(Entry {
            line: line_number(number),
            name: name.into(),
            version: version.into(),
            origin,
            dependencies: draft.dependencies.unwrap_or_default(),
            checksum: draft.checksum.map(Into::into),
        })
    }

    fn origin(&mut self, source: &'a str) -> Option<Origin> {
        if let Some(known) = self.origins.get(source) {
            return Some(known.clone());
        }
        let origin = origin(&source.parse::<SourceId>().ok()?);
        self.origins.insert(source, origin.clone());
        Some(origin)
    }

    fn draft(&mut self) -> Option<&mut Draft<'a>> {
        match &mut self.section {
            Section::Package(draft) | Section::Unused(draft) => Some(draft),
            Section::Head | Section::Metadata(_) => None,
        }
    }

    /// Takes a line that is a key and its value.
    fn pair(&mut self, number: usize, line: &'a str) -> Option<()> {
        match &mut self.section {
            Section::Head => {
                let version = line.strip_prefix("version = ")?;
                matches!(version, "1" | "2" | "3" | "4").then_some(())?;
                set(&mut self.version, version)
            }
            Section::Package(draft) | Section::Unused(draft) => draft.pair(number, line),
            Section::Metadata(last) => {
                let (key, value) = line.strip_prefix('"')?.split_once("\" = \"")?;
                plain(value.strip_suffix('"')?)?;
                let key = plain(key).filter(|key| *last < *key)?;
                *last = key;
                Some(())
            }
        }
    }
}

impl<'a> Draft<'a> {
    fn pair(&mut self, number: usize, line: &'a str) -> Option<()> {
        let (key, value) = line.split_once(' ')?;
        let value = plain(value.strip_prefix("= \"")?.strip_suffix('"')?)?;
        match key {
            "name" => set(&mut self.name, (number, value)),
            "version" => set(&mut self.version, value),
            "source" => set(&mut self.source, value),
            "checksum" => set(&mut self.checksum, value),
            _ => None,
        }
    }
}

/// Fills what was empty: TOML has each key once.
fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    let is_first = slot.is_none();
    *slot = Some(value);
    is_first.then_some(())
}

/// The elements of a list up to its end, each alone on its line.
fn elements<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>) -> Option<Vec<Cow<'a, str>>> {
    let mut list = Vec::new();
    loop {
        let (_, line) = lines.next()?;
        if line == "]" {
            return Some(list);
        }
        list.push(plain(line.strip_prefix(" \"")?.strip_suffix("\",")?)?.into());
    }
}

/// A text that is within quotes what it is without them.
fn plain(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    // Without a way out of the loop it takes many bytes at a time.
    text.bytes().fold(true, |all, byte| all & is_plain(byte)).then_some(text)
}

fn is_comment(line: &str) -> bool {
    line.starts_with('#') && line.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests;
