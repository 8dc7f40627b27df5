//! Where a value begins and ends, with quotes and without.

use super::cursor::Cursor;
use super::place::Bare;
use std::ops::Range;

/// The longest value that is looked at, in bytes.
pub(super) const LONGEST: usize = 400;

/// What opens a text and what closes it; the longer before those that they begin with.
const QUOTES: &[(&str, &str)] = &[
    ("\\\\\\\"", "\\\\\\\""),
    ("\\\"", "\\\""),
    ("\\'", "\\'"),
    ("\\u0022", "\\u0022"),
    ("\"\"\"", "\"\"\""),
    ("'''", "'''"),
    ("&quot;", "&quot;"),
    ("&#34;", "&#34;"),
    ("%22", "%22"),
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
];

/// How a text can be announced: raw, of bytes, of another width.
const ANNOUNCED: &[&str] =
    &["r", "b", "u", "R", "B", "U", "L", "@", "br", "rb", "b", "u8", "N", "q", "$'", "::"];

/// A value in quotes.
pub(super) struct Quoted {
    pub(super) value: Range<usize>,
    /// Where the text goes on after it.
    pub(super) end: usize,
}

/// The text in quotes that begins at the cursor. A text that is filled in by the language (`f"…"`)
/// is none.
pub(super) fn quoted(mut cursor: Cursor<'_>) -> Option<Quoted> {
    let mut announced = cursor;
    let letters = announced.take(2, |byte| byte.is_ascii_alphanumeric() || byte == b'@');
    let known = ANNOUNCED.iter().any(|known| known.as_bytes() == letters);
    if !letters.is_empty() && known {
        cursor = announced;
    }
    let (open, close) =
        QUOTES.iter().find(|(open, _)| cursor.rest().starts_with(open.as_bytes()))?;
    let start = cursor.at + open.len();
    let rest = cursor.bytes.get(start..)?;
    let near = rest.get(..rest.len().min(LONGEST + close.len())).unwrap_or_default();
    let length = closing(near, close.as_bytes())?;
    Some(Quoted { value: start..start + length, end: start + length + close.len() })
}

/// Where the closing quote stands: the first that is not escaped, on the same line.
fn closing(text: &[u8], close: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..)?;
        if rest.starts_with(close) {
            return Some(at);
        }
        match rest.first()? {
            b'\n' | b'\r' => return None,
            // Within escaped quotes a lone quote ends the text around.
            b'"' if close.starts_with(b"\\") => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// The value without quotes that begins at the cursor.
pub(super) fn bare(cursor: Cursor<'_>, bare: Bare) -> Option<Range<usize>> {
    let rest = cursor.rest();
    let near = rest.get(..rest.len().min(LONGEST + 1)).unwrap_or_default();
    let length = match bare {
        Bare::Line => line(near),
        Bare::Word | Bare::Expression => {
            near.iter().position(|b| ends_word(*b)).unwrap_or(near.len())
        }
    };
    (length > 0 && length <= LONGEST).then(|| cursor.at..cursor.at + length)
}

/// A value to the end of its line, less a comment, a closing bracket and what separates it from the
/// next.
fn line(text: &[u8]) -> usize {
    let end = text.iter().position(|b| matches!(*b, b'\n' | b'\r' | ESCAPE)).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or_default();
    let pairs = line.iter().zip(line.iter().skip(1));
    let cut = pairs.into_iter().position(|pair| {
        matches!(pair, (b' ' | b'\t', b'#') | (b',' | b'}', b' ') | (b' ', b'}' | b'<'))
    });
    let line = line.get(..cut.unwrap_or(line.len())).unwrap_or_default();
    let mut line = line.trim_ascii_end();
    while let [rest @ .., b',' | b';' | b'"' | b'\''] = line {
        line = rest;
    }
    line.len()
}

/// Begins what colours a terminal.
const ESCAPE: u8 = 0x1b;

fn ends_word(byte: u8) -> bool {
    let separator = matches!(byte, b'<' | b'>' | b',' | b';' | b'&' | b'|' | b'\\');
    let closing = matches!(byte, b'"' | b'\'' | b'`' | b')' | b'}' | b']');
    separator || closing || byte.is_ascii_whitespace() || byte == ESCAPE
}

/// The value of a parameter in a URL.
pub(super) fn parameter(cursor: Cursor<'_>) -> Range<usize> {
    let mut end = cursor;
    end.take(LONGEST, |b| b.is_ascii_graphic() && !b"&#\"'`<>);\\".contains(&b));
    cursor.at..end.at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<&str> {
        quoted(Cursor { bytes: text.as_bytes(), at: 0 }).map(|found| &text[found.value])
    }

    #[test]
    fn texts_end_at_their_own_quote() {
        assert_eq!(read("\"a'b\" 'c'"), Some("a'b"));
        assert_eq!(read(r#""a\"b" c"#), Some(r#"a\"b"#));
        assert_eq!(read(r#"\"ab\",\"c\":"#), Some("ab"));
        assert_eq!(read("r'ab'"), Some("ab"));
        assert_eq!(read("'''ab'''"), Some("ab"));
        assert_eq!(read("f'a{b}'"), None);
        assert_eq!(read("'ab\n'"), None);
        assert_eq!(read("abc"), None);
    }

    #[test]
    fn a_line_ends_before_its_comment() {
        let kept = |text: &str| text[..line(text.as_bytes())].to_owned();
        assert_eq!(kept("abc # why\nd"), "abc");
        assert_eq!(kept("ab#c\r\n"), "ab#c");
        assert_eq!(kept("abc, user: x }"), "abc");
    }
}
