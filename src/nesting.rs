//! TOML that nests too deeply is refused before anyone walks into it.
//!
//! The reader of TOML bounds brackets and the parts of a name each by itself; together they nest
//! thousands of levels, more than the stack of a thread holds that walks or drops the tree. What is
//! counted here is brackets and parts of names together, over the reader's own tokens, so strings
//! and comments count nothing.

use serde::de::{DeserializeOwned, Error as _};
use toml::de::Error;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// Deeper than any file nests that a person or a package manager writes.
pub const DEEPEST: usize = 64;

/// Reads a text of which nobody knows who wrote it.
pub fn read_toml<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    match too_deep(text) {
        Some(_) => Err(Error::custom(format!("nested more than {DEEPEST} levels deep"))),
        None => toml::from_str(text),
    }
}

/// Where TOML first nests deeper than [`DEEPEST`] levels; arrays of tables in a name that is a
/// header count one level for both.
pub fn too_deep(text: &str) -> Option<usize> {
    let mut walk = Walk { line_begins: true, ..Walk::default() };
    Source::new(text).lex().find_map(|token| {
        walk.take(token.kind());
        (walk.depth > DEEPEST).then(|| token.span().start())
    })
}

#[derive(Default)]
struct Walk {
    depth: usize,
    /// The depth at which each name or value begins.
    base: usize,
    /// What closes each open bracket, and the base outside of it.
    open: Vec<(TokenKind, usize)>,
    in_header: bool,
    line_begins: bool,
}

impl Walk {
    fn take(&mut self, token: TokenKind) {
        let line_began = self.line_begins;
        self.line_begins &= token == TokenKind::Whitespace;
        match token {
            TokenKind::Dot => self.depth += 1,
            TokenKind::Comma => self.depth = self.base,
            TokenKind::LeftCurlyBracket => self.open(TokenKind::RightCurlyBracket),
            TokenKind::LeftSquareBracket => {
                if line_began && self.open.is_empty() {
                    (self.depth, self.base, self.in_header) = (0, 0, true);
                }
                self.open(TokenKind::RightSquareBracket);
            }
            TokenKind::RightCurlyBracket | TokenKind::RightSquareBracket => self.close(token),
            TokenKind::Newline => self.end_line(),
            TokenKind::Equals
            | TokenKind::Whitespace
            | TokenKind::Comment
            | TokenKind::LiteralString
            | TokenKind::BasicString
            | TokenKind::MlLiteralString
            | TokenKind::MlBasicString
            | TokenKind::Atom
            | TokenKind::Eof => {}
        }
    }

    fn open(&mut self, closing: TokenKind) {
        self.open.push((closing, self.base));
        self.depth += 1;
        self.base = self.depth;
    }

    /// A bracket that closes another than was opened last closes nothing, so that no text which is
    /// not TOML looks flatter than the reader takes it.
    fn close(&mut self, token: TokenKind) {
        let Some((_, base)) = self.open.pop_if(|(closing, _)| *closing == token) else { return };
        if !self.in_header {
            (self.depth, self.base) = (base, base);
        } else if self.open.is_empty() {
            // What follows is in the table that the header names.
            (self.base, self.in_header) = (self.depth, false);
        }
    }

    fn end_line(&mut self) {
        self.line_begins = true;
        if self.in_header {
            self.open.clear();
            (self.base, self.in_header) = (self.depth, false);
        }
        if self.open.is_empty() {
            self.depth = self.base;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use toml::Value;

    fn walked(text: &str) -> usize {
        let mut walk = Walk { line_begins: true, ..Walk::default() };
        let depths = Source::new(text).lex().map(|token| {
            walk.take(token.kind());
            walk.depth
        });
        depths.max().unwrap()
    }

    /// How many tables and arrays are in each other, the outermost table apart.
    fn depth(value: &Value) -> usize {
        let inner = match value {
            Value::Table(table) => table.values().map(depth).max(),
            Value::Array(list) => list.iter().map(depth).max(),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_) => return 0,
        };
        1 + inner.unwrap_or_default()
    }

    #[test]
    fn brackets_and_parts_of_names_count_together() {
        for (text, depth) in [
            ("a = 1\nb = 'x.y.z'\n", 0),
            ("a.b.c = 1\n", 2),
            ("[a.b]\nc = [[1, 2], [3]] # ....\n[d]\n", 4),
            ("[[a]]\nb = { c = { d = 1 }, e.f.g = 2, h = 3 }\n", 5),
            (
                "a = [\n  { b = \"[[[[\" },\n  '{',\n]\nc = \"\"\"\n[.[.[.[.\n\"\"\"\"\"\nd = []\n",
                2,
            ),
        ] {
            assert_eq!(walked(text), depth, "{text}");
        }
    }

    #[test]
    fn what_is_long_is_not_deep() {
        let dots = ".".repeat(10_000);
        let text = format!("a = '{dots}' # {dots}\n[b.c]\n");
        let text = format!(
            "{text}d = [{}]\n{}",
            "[1.5, {e.f = 2}],\n".repeat(1000),
            "[[g.h]]\ni.j = 1\n".repeat(1000)
        );
        assert_eq!(too_deep(&text), None);
        assert!(text.parse::<toml::Table>().is_ok());
    }

    #[test]
    fn depth_is_told_where_it_is_reached() {
        let names = |count: usize| vec!["a"; count].join(".");
        for (text, place) in [
            ("x = ".to_owned() + &"[".repeat(100), Some(4 + 64)),
            ("[".repeat(1_000_000), Some(64)),
            (format!("{} = 1", names(65)), None),
            (format!("{} = 1", names(66)), Some(64 * 2 + 1)),
            (format!("[{}]\n{} = {{}}", names(30), names(35)), Some(62 + 69 + 3)),
        ] {
            assert_eq!(too_deep(&text), place, "{text:.90}");
        }
        let nest = format!("{} = {{", names(60)).repeat(60);
        assert!(read_toml::<toml::Table>(&nest).unwrap_err().message().contains("levels deep"));
    }

    proptest! {
        #[test]
        fn no_tree_is_deeper_than_twice_what_was_walked(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "b.c", " = ", "1.5", "{", "}", "[", "]", ", ", "\n", "[[", "]]", "\"[\"", "''", "#",
                    "\"\"\"", ".", "[a.b]\n", "[[c]]\n", "d = {e = 1}\n", "f.g = [{}, []]\n", "x = [{y.z = [",
                ]),
                0..40,
            ),
        ) {
            let text = pieces.concat();
            if let Ok(table) = text.parse::<toml::Table>() {
                let depth = depth(&Value::Table(table)) - 1;
                prop_assert!(depth <= 2 * walked(&text), "{depth}: {text}");
            }
        }
    }
}
