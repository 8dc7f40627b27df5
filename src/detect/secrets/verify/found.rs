//! A value where it was found: what stands around it, its public half, and the day.

use jiff::civil::Date;
use std::ops::Range;

/// What a check looks at.
#[derive(Debug, Clone, Copy)]
pub(in crate::detect::secrets) struct Found<'a> {
    /// The whole text.
    pub(in crate::detect::secrets) bytes: &'a [u8],
    /// Where the value is.
    pub(in crate::detect::secrets) secret: &'a Range<usize>,
    /// Where the public half of a pair is.
    pub(in crate::detect::secrets) id: Option<&'a Range<usize>>,
    /// The day on which is looked; without it nothing has expired.
    pub(in crate::detect::secrets) today: Option<Date>,
}

impl<'a> Found<'a> {
    /// The value.
    pub(in crate::detect::secrets) fn value(&self) -> &'a [u8] {
        self.bytes.get(self.secret.clone()).unwrap_or_default()
    }

    /// The public half of a pair, else the value itself.
    pub(super) fn key_id(&self) -> &'a [u8] {
        let id = self.id.unwrap_or(self.secret);
        self.bytes.get(id.clone()).unwrap_or_default()
    }

    /// At most `length` bytes before the value.
    pub(super) fn before(&self, length: usize) -> &'a [u8] {
        let end = self.secret.start.min(self.bytes.len());
        self.bytes.get(end.saturating_sub(length)..end).unwrap_or_default()
    }

    /// At most `length` bytes after the value.
    pub(super) fn after(&self, length: usize) -> &'a [u8] {
        let rest = self.bytes.get(self.secret.end..).unwrap_or_default();
        rest.get(..length.min(rest.len())).unwrap_or_default()
    }
}

/// A text from inside a token, if it is fit to be shown: short, of plain characters, and without
/// what could be a password in a URL.
pub(super) fn shown(text: &str) -> Option<&str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-:/@ ".contains(&b);
    let credentials = text.contains("://") && text.contains('@');
    let fit = !text.is_empty() && text.len() <= 100 && text.bytes().all(plain) && !credentials;
    fit.then_some(text)
}

/// The host of a URL, or the text itself where it is none.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
