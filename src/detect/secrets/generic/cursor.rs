//! A place in a text from which one reads on.

/// How much white space may stand between the parts of an assignment, in bytes.
const BLANKS: usize = 60;

/// A place in a text. Every step is bounded, so that a reader that starts at each of many names stays
/// linear.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn before(&self) -> &'a [u8] {
        self.bytes.get(..self.at).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over `text` if it stands here.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text.as_bytes());
        if found {
            self.at += text.len();
        }
        found
    }

    /// Steps over `text` in capitals or not.
    pub(super) fn eat_word(&mut self, text: &str) -> bool {
        let here = self.rest().get(..text.len());
        let found = here.is_some_and(|here| here.eq_ignore_ascii_case(text.as_bytes()));
        if found {
            self.at += text.len();
        }
        found
    }

    /// Steps over at most `most` bytes that are `wanted`, and returns them.
    pub(super) fn take(&mut self, most: usize, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let near = rest.get(..most.min(rest.len())).unwrap_or_default();
        let end = near.iter().position(|byte| !wanted(*byte)).unwrap_or(near.len());
        self.at += end;
        near.get(..end).unwrap_or_default()
    }

    /// Steps over blanks, and over what colours a terminal (ECMA-48, SGR), and says whether there
    /// were any.
    pub(super) fn blanks(&mut self) -> bool {
        let start = self.at;
        self.take(BLANKS, |byte| matches!(byte, b' ' | b'\t'));
        self.colour();
        self.at > start
    }

    fn colour(&mut self) {
        let start = *self;
        if self.eat("\x1b[") {
            self.take(BLANKS, |byte| byte.is_ascii_digit() || byte == b';');
            if !self.eat("m") {
                *self = start;
            }
        }
    }

    /// Steps over blanks and the ends of lines.
    pub(super) fn space(&mut self) -> bool {
        !self.take(BLANKS, |byte| byte.is_ascii_whitespace()).is_empty()
    }
}

/// Whether a byte can be part of a name.
pub(super) fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}
