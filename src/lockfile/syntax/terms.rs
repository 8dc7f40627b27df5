//! Terms of Erlang and of Elixir, in the forms that their tools write into lockfiles.
//!
//! Maps and keyword lists are lists of pairs. Depth is bounded.

use super::super::ParseError;

/// Deeper than any lockfile nests its terms.
const MAX_DEPTH: usize = 64;

/// A term.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Term<'a> {
    /// A string, or a binary that is one.
    Text(&'a str, usize),
    /// An atom, or a number.
    Atom(&'a str),
    /// A tuple; a key with its value is a tuple of two.
    Tuple(Vec<Self>),
    /// A list or a map.
    List(Vec<Self>),
}

impl<'a> Term<'a> {
    /// The text of a string.
    pub(in crate::lockfile) fn text(&self) -> Option<&'a str> {
        if let Self::Text(text, _) = self { Some(text) } else { None }
    }

    /// The text of an atom or number.
    pub(in crate::lockfile) fn atom(&self) -> Option<&'a str> {
        if let Self::Atom(text) = self { Some(text) } else { None }
    }

    /// The members of a tuple.
    pub(in crate::lockfile) fn tuple(&self) -> Option<&[Self]> {
        if let Self::Tuple(members) = self { Some(members) } else { None }
    }

    /// The members of a list.
    pub(in crate::lockfile) fn list(&self) -> Option<&[Self]> {
        if let Self::List(members) = self { Some(members) } else { None }
    }

    /// The first line of a string in the term.
    pub(in crate::lockfile) fn line(&self) -> Option<usize> {
        match self {
            Self::Text(_, line) => Some(*line),
            Self::Atom(_) => None,
            Self::Tuple(members) | Self::List(members) => members.iter().find_map(Self::line),
        }
    }
}

/// Reads a text that is terms and nothing else, each of which may end in a full stop.
pub(in crate::lockfile) fn parse(text: &str) -> Result<Vec<Term<'_>>, ParseError> {
    let mut reader = Reader { rest: text, line: 1, last: 1 };
    let mut terms = Vec::new();
    while reader.peek().is_some() {
        terms.push(reader.term(0)?);
        reader.take(".");
    }
    Ok(terms)
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    /// The line of what was read last: there a file that ends too early ends.
    last: usize,
}

impl<'a> Reader<'a> {
    fn term(&mut self, depth: usize) -> Result<Term<'a>, ParseError> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deep"));
        }
        self.peek();
        if self.take("%{") {
            return self.members("}", depth).map(Term::List);
        } else if self.take("{") {
            return self.members("}", depth).map(Term::Tuple);
        } else if self.take("[") {
            return self.members("]", depth).map(Term::List);
        } else if self.take("<<") {
            let text = self.string()?;
            self.take("/utf8");
            return if self.take(">>") { Ok(text) } else { Err(self.error("expected `>>`")) };
        } else if self.rest.starts_with('"') {
            return self.string();
        }
        self.atom()
    }

    fn members(&mut self, end: &str, depth: usize) -> Result<Vec<Term<'a>>, ParseError> {
        let mut members = Vec::new();
        let mut more = !self.take(end);
        while more {
            members.push(self.member(depth)?);
            let comma = self.take(",");
            let ended = self.take(end);
            if !comma && !ended {
                return Err(self.error(&format!("expected a comma or `{end}`")));
            }
            more = !ended;
        }
        Ok(members)
    }

    /// A term, or a key with its value: without a blank before it, a colon makes a key of what it
    /// follows.
    fn member(&mut self, depth: usize) -> Result<Term<'a>, ParseError> {
        let term = self.term(depth + 1)?;
        let colon = self.rest.starts_with(": ") || self.rest.starts_with(":\n");
        if !colon && !self.take("=>") {
            return Ok(term);
        }
        self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        Ok(Term::Tuple(vec![term, self.term(depth + 1)?]))
    }

    fn string(&mut self) -> Result<Term<'a>, ParseError> {
        let line = self.line;
        let Some(inner) = self.rest.strip_prefix('"') else {
            return Err(self.error("expected a string"));
        };
        let mut escaped = false;
        let end = inner.find(|c| {
            let found = (c == '"' && !escaped) || c == '\n';
            escaped = c == '\\' && !escaped;
            found
        });
        let found = end.and_then(|end| inner.split_at_checked(end));
        match found {
            Some((text, rest)) if rest.starts_with('"') => {
                self.rest = rest.strip_prefix('"').unwrap_or(rest);
                self.last = line;
                Ok(Term::Text(text, line))
            }
            Some(_) | None => Err(self.error("a string has no end")),
        }
    }

    fn atom(&mut self) -> Result<Term<'a>, ParseError> {
        let rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        if let Some(inner) = rest.strip_prefix('\'') {
            let end = inner.find(['\'', '\n']).unwrap_or(inner.len());
            let (text, rest) = inner.split_at_checked(end).unwrap_or((inner, ""));
            let Some(rest) = rest.strip_prefix('\'') else {
                return Err(self.error("an atom has no end"));
            };
            self.rest = rest;
            return Ok(Term::Atom(text));
        }
        if self.rest.starts_with(":\"") {
            self.rest = rest;
            return self.string().map(|text| Term::Atom(text.text().unwrap_or_default()));
        }
        let part_of =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '?' | '!' | '-' | '+');
        let end = rest.find(|c| !part_of(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.error("expected a term"));
        }
        let (text, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        (self.rest, self.last) = (rest, self.line);
        Ok(Term::Atom(text))
    }

    /// The next letter that is neither blank nor part of a comment.
    fn peek(&mut self) -> Option<char> {
        loop {
            let first = self.rest.chars().next()?;
            let comment = first == '#' || (first == '%' && !self.rest.starts_with("%{"));
            if !first.is_whitespace() && !comment {
                self.last = self.line;
                return Some(first);
            }
            let skipped = if comment { self.rest.find('\n') } else { Some(first.len_utf8()) };
            let skipped = skipped.unwrap_or(self.rest.len());
            self.line += usize::from(first == '\n');
            self.rest = self.rest.get(skipped..).unwrap_or_default();
        }
    }

    fn take(&mut self, mark: &str) -> bool {
        self.peek();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn error(&mut self, message: &str) -> ParseError {
        let cut = self.peek().is_none();
        let message = if cut { "the file ends too early: it was cut" } else { message };
        ParseError::new(if cut { self.last } else { self.line }, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_read() {
        let elixir = "# x\n%{\n  \"a\": {:hex, :a, \"1\", [:mix], [{:b, \"~> 1\", [optional: true]}]},\n  \"c\" => nil,\n}\n";
        let terms = parse(elixir).unwrap();
        let map = terms[0].list().unwrap();
        let first = map[0].tuple().unwrap();
        assert_eq!((first[0].text(), first[0].line()), (Some("a"), Some(3)));
        assert_eq!(first[1].tuple().unwrap()[2].text(), Some("1"));
        assert_eq!(map[1].tuple().unwrap()[1].atom(), Some("nil"));
        let erlang = "%% x\n{\"1.2.0\",\n[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1\">>},0}]}.\n[].\n";
        let terms = parse(erlang).unwrap();
        assert_eq!(terms.len(), 2);
        assert_eq!(terms[0].tuple().unwrap()[1].list().unwrap()[0].line(), Some(3));
    }

    #[test]
    fn what_is_no_term_is_refused_with_its_line() {
        for (text, line) in [
            ("%{\n\"a\": {:hex", 2),
            ("%{\n\"a\n\": 1}", 2),
            ("%{\"a\": 1\n\"b\": 2}", 2),
            ("{<<\"a\">, 1}", 1),
            ("<html></html>", 1),
            ("\u{0}", 1),
            ("]", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().line.get(), line, "{text}");
        }
        for open in ["[", "{", "%{", "{a={"] {
            assert!(parse(&open.repeat(100_000)).is_err());
        }
    }
}
