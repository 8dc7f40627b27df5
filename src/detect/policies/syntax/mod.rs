//! The grammars that several checks read: YAML with places, Dockerfiles, shell, and which files a
//! CI provider runs. Every place is a byte offset in the file as it is.

pub(super) mod ci;
pub(super) mod dockerfile;
pub(super) mod shell;
pub(super) mod yaml;

use regex::Regex;
use std::borrow::Cow;

/// A regular expression that is part of the program.
#[expect(clippy::expect_used, reason = "every pattern is a constant that a test runs")]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern compiles")
}

/// The bytes as text of the same length: a byte that is not UTF-8 becomes `?`, so that places in
/// the text are places in the bytes.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// Whether `needle` occurs in the bytes: the cheap question before the dear ones.
pub(super) fn mentions(bytes: &[u8], needle: &str) -> bool {
    memchr::memmem::find(bytes, needle.as_bytes()).is_some()
}
