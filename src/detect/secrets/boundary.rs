//! Whether a match is a whole token or only a piece cut out of a longer one.

use crate::rule::Pattern;
use std::ops::Range;

/// Whether nothing before or after `secret` belongs to it.
pub(super) fn is_whole(pattern: &Pattern, bytes: &[u8], secret: &Range<usize>) -> bool {
    begins_at(bytes, secret.start) && ends_at(pattern, bytes, secret.end)
}

/// Whether a token can begin at `at`: the byte there or the one before is no part of a word, or what
/// stands before is an escape whose last character only looks like one.
pub(super) fn begins_at(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    !bytes.get(at).copied().is_some_and(is_word)
        || !before.last().copied().is_some_and(is_word)
        || ends_in_escape(before)
}

fn ends_at(pattern: &Pattern, bytes: &[u8], end: usize) -> bool {
    let last = end.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let Some(next) = bytes.get(end).copied() else {
        return true;
    };
    let joins = is_word(next) && last.is_some_and(is_word);
    !joins && !pattern.continues_with(next)
}

/// Whether a text ends in `\n`, `\u003d`, `\x3d`, `%3D` or the escape that colours a terminal.
pub(super) fn ends_in_escape(before: &[u8]) -> bool {
    let hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'a' | b'b' | b'e' | b'f' | b'n' | b'r' | b't' | b'v' | b'0'] => true,
        [.., b'%', a, b] | [.., b'\\', b'x', a, b] if hex(&[*a, *b]) => true,
        [.., b'\\', b'u', a, b, c, d] if hex(&[*a, *b, *c, *d]) => true,
        _ => ends_in_colour(before),
    }
}

fn ends_in_colour(before: &[u8]) -> bool {
    let Some(rest) = before.strip_suffix(b"m") else {
        return false;
    };
    let numbers = rest.iter().rev().take(16);
    let length = numbers.take_while(|b| b.is_ascii_digit() || **b == b';').count();
    rest.get(..rest.len() - length).unwrap_or_default().ends_with(b"\x1b[")
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(before: &str, after: &str) -> bool {
        let pattern = Pattern::parse("(?<secret>tok-[a-z-]{4})").unwrap();
        let text = format!("{before}tok-abcd{after}");
        is_whole(&pattern, text.as_bytes(), &(before.len()..before.len() + 8))
    }

    #[test]
    fn what_ends_a_token_in_practice_ends_it_here() {
        for after in
            ["", "\"", "'", ",", ")", "<", "&", "\\n", ";", "]", "}", "`", "@", "\n", "%22"]
        {
            assert!(whole("=", after), "{after:?}");
        }
    }

    #[test]
    fn a_longer_token_is_not_cut_to_fit() {
        assert!(!whole("", "x") && !whole("", "X") && !whole("", "-") && !whole("", "_"));
        assert!(!whole("my", "") && !whole("9", ""));
    }

    #[test]
    fn an_escape_before_a_token_is_no_part_of_it() {
        for before in ["\\n", "\\t", "%3D", "%22", "\\u003d", "\\x3D", "\x1b[0m", "\x1b[1;31m"] {
            assert!(whole(before, ""), "{before:?}");
        }
        assert!(!whole("%3", "") && !whole("n", "") && !whole("0m", ""));
    }
}
