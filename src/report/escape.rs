//! Text from outside, made harmless: what a terminal, a build log or a reader's eye would obey
//! becomes visible.

use crate::finding::RepoPath;
use std::fmt::{self, Write as _};

/// Shows text from outside on one line.
///
/// Line ends, control characters (and so terminal escapes), characters that turn the direction of
/// text or cannot be seen are written as escapes; so is what a build log would take for a command
/// (`::error::` at the start, `##vso[` anywhere).
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let blank = text.len() - text.trim_start().len();
        let command = text.trim_start().starts_with("::").then_some(blank);
        for (at, c) in text.char_indices() {
            let rest = text.get(at..).unwrap_or_default();
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ if is_deceptive(c) || command == Some(at) || starts_log_command(rest) => {
                    write!(f, "\\u{{{:x}}}", u32::from(c))?;
                }
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A path for people: as it is where it is plain, in quotes where it is not.
pub(super) struct PathText<'a>(pub(super) &'a RepoPath);

impl fmt::Display for PathText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &&str| {
            let odd = |c: char| c.is_whitespace() || is_deceptive(c) || matches!(c, '"' | '\\');
            !text.is_empty() && !text.starts_with([':', '#']) && !text.contains(odd)
        };
        if let Some(text) = self.0.as_str().filter(plain) {
            return write!(f, "{}", Escaped(text));
        }
        f.write_char('"')?;
        for chunk in self.0.as_bytes().utf8_chunks() {
            let quoted = chunk.valid().replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "{}", Escaped(&quoted))?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02X}"))?;
        }
        f.write_char('"')
    }
}

/// JSON that holds nothing deceptive: the same document, with escapes for what a terminal, a build
/// log or a reader's eye would obey. All of it is in strings, for JSON's own syntax has none of it.
pub(crate) fn inert_json(json: &str) -> String {
    let mut inert = String::with_capacity(json.len());
    for (at, c) in json.char_indices() {
        let rest = json.get(at..).unwrap_or_default();
        if (is_deceptive(c) && c != '\n') || starts_log_command(rest) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(inert, "\\u{unit:04x}").unwrap_or_default();
            }
        } else {
            inert.push(c);
        }
    }
    inert
}

/// Whether a character controls rather than shows: C0 and C1 controls, line and paragraph
/// separators, direction marks, and what takes no room.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Several build systems read `##word[` or `##[` as a command wherever it stands.
fn starts_log_command(text: &str) -> bool {
    text.strip_prefix("##")
        .is_some_and(|rest| rest.starts_with(|c: char| c == '[' || c.is_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_be_obeyed_is_shown() {
        for (text, shown) in [
            ("plain: text::here", "plain: text::here"),
            ("red \u{1b}[31m\u{7}", "red \\u{1b}[31m\\u{7}"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("x\u{202e}y\u{200b}\u{e0041}", "x\\u{202e}y\\u{200b}\\u{e0041}"),
            ("  ::error::x", "  \\u{3a}:error::x"),
            ("a ##vso[task] ##[x] ## y", "a \\u{23}#vso[task] \\u{23}#[x] ## y"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
    }

    #[test]
    fn a_path_that_is_not_plain_is_quoted() {
        for (path, shown) in [
            (&b"src/main.rs"[..], "src/main.rs"),
            ("café/日本".as_bytes(), "café/日本"),
            (b"a b", "\"a b\""),
            (b"\xFFx\"\\", "\"\\xFFx\\\"\\\\\""),
            (b"::error::x", "\"\\u{3a}:error::x\""),
            (b"a\nb", "\"a\\nb\""),
            (b"", "\"\""),
        ] {
            assert_eq!(PathText(&RepoPath::new(path)).to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_deceptive_comes_through(text: String) {
            prop_assert!(!Escaped(&text).to_string().contains(is_deceptive));
        }

        #[test]
        fn inert_json_says_the_same(text in "(.|##vso\\[|##\\[){0,20}") {
            let json = serde_json::to_string(&text).unwrap();
            let inert = inert_json(&json);
            prop_assert!(!inert.contains(is_deceptive) && !inert.contains("##vso["));
            prop_assert_eq!(serde_json::from_str::<String>(&inert).unwrap(), text);
        }
    }
}
