//! TOML files that are read into a shape, with the lines of what they hold.

use super::super::ParseError;
use super::{checked, excerpt};
use crate::finding::LineIndex;
use crate::nesting;
use serde::de::DeserializeOwned;
use std::num::NonZeroU32;
use toml::Spanned;
use toml::de::DeTable;

/// A file and where its lines begin.
pub(in crate::lockfile) struct Toml<'a, T> {
    /// What it holds.
    pub(in crate::lockfile) file: T,
    lines: LineIndex<'a>,
    end: usize,
}

impl<'a, T: DeserializeOwned> Toml<'a, T> {
    /// Reads a whole text.
    pub(in crate::lockfile) fn read(text: &'a str) -> Result<Self, ParseError> {
        let text = checked(text)?;
        refuse_depth(text)?;
        let file = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        Ok(Self { file, lines: LineIndex::new(text.as_bytes()), end: text.trim_end().len() })
    }
}

impl<T> Toml<'_, T> {
    /// The line of a value.
    pub(in crate::lockfile) fn line<V>(&self, value: &Spanned<V>) -> NonZeroU32 {
        self.lines.line_at(value.span().start)
    }

    /// An error for something that the file ought to have and does not.
    pub(in crate::lockfile) fn missing(&self, what: &str) -> ParseError {
        let line = self.lines.line_at(self.end);
        ParseError { line, message: format!("{what} is missing: the file was cut") }
    }

    /// Refuses a version of the format whose first number is not one of these.
    pub(in crate::lockfile) fn check_version(
        &self,
        key: &str,
        version: &Spanned<String>,
        known: &[&str],
    ) -> Result<(), ParseError> {
        let major = version.get_ref().split('.').next().unwrap_or_default();
        if known.contains(&major) {
            return Ok(());
        }
        let (version, line) = (excerpt(version.get_ref()), self.line(version));
        let known = known.join(", ");
        Err(ParseError { line, message: format!("{key} {version} is not one of {known}") })
    }
}

/// Refuses what would exhaust the stack of whoever walks it.
fn refuse_depth(text: &str) -> Result<(), ParseError> {
    let Some(place) = nesting::too_deep(text) else { return Ok(()) };
    let line = LineIndex::new(text.as_bytes()).line_col(place).line;
    Err(ParseError { line, message: format!("nested more than {} levels deep", nesting::DEEPEST) })
}

/// Reads a text that [`checked`] let through as a tree.
pub(in crate::lockfile) fn toml_tree(text: &str) -> Result<Spanned<DeTable<'_>>, ParseError> {
    refuse_depth(text)?;
    DeTable::parse(text).map_err(|error| toml_error(text, &error))
}

/// What a TOML reader has against a text; without the reader's words where they repeat an address,
/// which may hold a credential.
pub(in crate::lockfile) fn toml_error(text: &str, error: &toml::de::Error) -> ParseError {
    let offset = error.span().map_or(0, |span| span.start.min(text.trim_end().len()));
    let line = LineIndex::new(text.as_bytes()).line_col(offset).line;
    let words = error.message();
    let message = if words.contains(['@', '/']) {
        "an entry cannot be read: write the file anew with its package manager".to_owned()
    } else {
        // Some quote what they could not read.
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
    };
    ParseError { line, message }
}
