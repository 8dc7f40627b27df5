//! opam's versions, which are ordered as Debian's are
//! (<https://opam.ocaml.org/doc/Manual.html#Version-ordering>).
//!
//! Text and numbers alternate. In text `~` is before the end, the end before letters, and letters
//! before all else.

use super::natural::Natural;

/// A version's alternating text and numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OpamVersion(Vec<(Vec<u16>, Natural)>);

/// The weight of the end of a text, after which comes a number.
const END: u16 = 1;

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<OpamVersion> {
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'.' | b'~');
    if !text.bytes().any(|byte| byte.is_ascii_alphanumeric()) || !text.bytes().all(allowed) {
        return None;
    }
    let text = text.strip_prefix('v').filter(|rest| rest.starts_with(digit)).unwrap_or(text);
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (words, after) = rest.split_at_checked(rest.find(digit).unwrap_or(rest.len()))?;
        let end = after.find(|c| !digit(c)).unwrap_or(after.len());
        let (digits, after) = after.split_at_checked(end)?;
        let weights = words.bytes().map(weight).chain([END]).collect();
        parts.push((weights, Natural::read(digits).unwrap_or_else(Natural::zero)));
        rest = after;
    }
    parts.push((vec![END], Natural::zero()));
    Some(OpamVersion(parts))
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn weight(byte: u8) -> u16 {
    match byte {
        b'~' => 0,
        b'A'..=b'Z' | b'a'..=b'z' => u16::from(byte),
        _ => 0x100 + u16::from(byte),
    }
}
