//! JSON with the line of every member, which the common readers do not give.
//!
//! Strict: what `JSON.parse` refuses is refused. A name that occurs twice in one object is refused
//! too, since readers disagree about which of the two counts. Depth is bounded, so no file can
//! exhaust the stack.

use super::super::ParseError;
use super::excerpt;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Deep enough for any tree of packages that a file system can hold.
const MAX_DEPTH: usize = 256;

/// A JSON value.
#[derive(Debug, PartialEq)]
pub(in crate::lockfile) enum Value<'a> {
    /// `null`, `true` or `false`.
    Word(&'static str),
    /// A number as it is written.
    Number(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Object(Object<'a>),
}

/// A JSON object in the order of the file.
#[derive(Debug, Default, PartialEq)]
pub(in crate::lockfile) struct Object<'a> {
    /// Its members; no two have the same name.
    pub(in crate::lockfile) members: Vec<Member<'a>>,
}

/// A name, its value, and the line on which the name is.
#[derive(Debug, PartialEq)]
pub(in crate::lockfile) struct Member<'a> {
    /// The name.
    pub(in crate::lockfile) name: Cow<'a, str>,
    /// The line of the name, counted from one.
    pub(in crate::lockfile) line: usize,
    /// The value.
    pub(in crate::lockfile) value: Value<'a>,
}

impl<'a> Object<'a> {
    /// The member of a name.
    pub(in crate::lockfile) fn get(&self, name: &str) -> Option<&Member<'a>> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Whether the member of a name is `true`.
    pub(in crate::lockfile) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|member| member.value == Value::Word("true"))
    }
}

impl Value<'_> {
    /// The text of a string.
    pub(in crate::lockfile) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl<'a> Member<'a> {
    /// The value, which must be a string.
    pub(in crate::lockfile) fn text(&self) -> Result<&str, ParseError> {
        if let Value::Text(text) = &self.value {
            return Ok(text);
        }
        Err(self.expected("a string"))
    }

    /// The value, which must be an object.
    pub(in crate::lockfile) fn object(&self) -> Result<&Object<'a>, ParseError> {
        if let Value::Object(object) = &self.value {
            return Ok(object);
        }
        Err(self.expected("an object"))
    }

    fn expected(&self, what: &str) -> ParseError {
        ParseError::new(self.line, format!("{} is not {what}", excerpt(&self.name)))
    }
}

/// Reads a text that is one JSON object and nothing else.
pub(in crate::lockfile) fn parse(text: &str) -> Result<Object<'_>, ParseError> {
    read(text, Dialect::Strict)
}

/// Reads a text as [`parse`] does, with comments between values and commas behind the last.
pub(in crate::lockfile) fn parse_relaxed(text: &str) -> Result<Object<'_>, ParseError> {
    read(text, Dialect::Relaxed)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Strict,
    Relaxed,
}

fn read(text: &str, dialect: Dialect) -> Result<Object<'_>, ParseError> {
    let mut reader = Reader { text, dialect, at: 0, line: 1 };
    let value = reader.value(0)?;
    if reader.peek().is_some() {
        return Err(reader.error("text follows the end of the object"));
    }
    if let Value::Object(object) = value {
        return Ok(object);
    }
    Err(ParseError::new(1, "the file is not a JSON object"))
}

/// Where in a text a string of it begins; `None` for a copy, as a string with escapes is.
pub(in crate::lockfile) fn offset_in(text: &str, part: &str) -> Option<usize> {
    let offset = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (offset + part.len() <= text.len()).then_some(offset)
}

struct Reader<'a> {
    text: &'a str,
    dialect: Dialect,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, ParseError> {
        if depth > MAX_DEPTH {
            return Err(self.error(&format!("nested more than {MAX_DEPTH} levels deep")));
        }
        match self.peek() {
            Some(b'{') => self.object(depth).map(Value::Object),
            Some(b'[') => self.list(depth).map(Value::List),
            Some(b'"') => self.string().map(Value::Text),
            Some(_) => self.scalar(),
            None => Err(self.error("the file ends too early: it was cut")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Object<'a>, ParseError> {
        self.at += 1;
        let mut members = Vec::new();
        let mut more = !self.take(b'}');
        while more {
            members.push(self.member(depth)?);
            more = self.more(b'}')?;
        }
        unique(&members)?;
        Ok(Object { members })
    }

    fn member(&mut self, depth: usize) -> Result<Member<'a>, ParseError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a name in quotes"));
        }
        let line = self.line;
        let name = self.string()?;
        if !self.take(b':') {
            return Err(self.error("expected a colon"));
        }
        Ok(Member { name, line, value: self.value(depth + 1)? })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value<'a>>, ParseError> {
        self.at += 1;
        let mut values = Vec::new();
        let mut more = !self.take(b']');
        while more {
            values.push(self.value(depth + 1)?);
            more = self.more(b']')?;
        }
        Ok(values)
    }

    /// Whether a comma follows rather than the end.
    fn more(&mut self, end: u8) -> Result<bool, ParseError> {
        if self.take(b',') {
            return Ok(self.dialect == Dialect::Strict || !self.take(end));
        }
        if self.take(end) {
            return Ok(false);
        }
        Err(self.error(&format!("expected a comma or {:?}", char::from(end))))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        let rest = self.rest();
        let mut bytes = rest.bytes().enumerate().skip(1);
        let mut plain = true;
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    self.at += at + 1;
                    return self.unescaped(rest.get(1..at), rest.get(..=at), plain);
                }
                b'\\' => {
                    plain = false;
                    bytes.next();
                }
                0..=0x1f => break,
                _ => {}
            }
        }
        Err(self.error("a string has no end"))
    }

    fn unescaped(
        &self,
        inner: Option<&'a str>,
        quoted: Option<&str>,
        plain: bool,
    ) -> Result<Cow<'a, str>, ParseError> {
        if plain {
            return Ok(Cow::Borrowed(inner.unwrap_or_default()));
        }
        serde_json::from_str(quoted.unwrap_or_default())
            .map(Cow::Owned)
            .map_err(|_| self.error("a string has an escape that JSON does not know"))
    }

    fn scalar(&mut self) -> Result<Value<'a>, ParseError> {
        let rest = self.rest();
        let part_of = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let end = rest.find(|c| !part_of(c)).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        self.at += end;
        if let Some(known) = ["null", "true", "false"].into_iter().find(|known| *known == word) {
            return Ok(Value::Word(known));
        }
        match serde_json::from_str::<serde_json::Number>(word) {
            Ok(_) => Ok(Value::Number(word)),
            Err(_) => Err(self.error("expected a value")),
        }
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                b'/' if self.dialect == Dialect::Relaxed && self.skip_comment() => continue,
                _ => return Some(byte),
            }
            self.at += 1;
        }
    }

    /// Steps over a comment; false where none begins here or it has no end.
    fn skip_comment(&mut self) -> bool {
        let rest = self.rest();
        let length = if rest.starts_with("//") {
            Some(rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            None
        };
        let comment = length.and_then(|length| rest.get(..length)).unwrap_or_default();
        self.line += comment.matches('\n').count();
        self.at += comment.len();
        !comment.is_empty()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// An error where reading stands; at the end of the file, on its last line that says something.
    fn error(&self, message: &str) -> ParseError {
        let last = self.text.trim_end().matches('\n').count() + 1;
        ParseError::new(self.line.min(last), message)
    }
}

/// Refuses a name that occurs twice.
pub(super) fn unique(members: &[Member<'_>]) -> Result<(), ParseError> {
    let mut seen = BTreeSet::new();
    match members.iter().find(|member| !seen.insert(&member.name)) {
        Some(twice) => Err(ParseError::new(
            twice.line,
            format!("{} is there twice: tools disagree about which counts", excerpt(&twice.name)),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(value: &Value<'_>) -> serde_json::Value {
        match value {
            Value::Word(word) | Value::Number(word) => serde_json::from_str(word).unwrap(),
            Value::Text(text) => serde_json::Value::String(text.to_string()),
            Value::List(list) => list.iter().map(plain).collect(),
            Value::Object(object) => {
                let pairs = object.members.iter().map(|m| (m.name.to_string(), plain(&m.value)));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    #[test]
    fn every_member_has_its_line() {
        let object =
            parse("{\"a\":\n{\"b\" : [1,\n2], \"a\": null},\n\n\"c\\u0041\": \"\\n\"}").unwrap();
        let inner = object.get("a").unwrap().object().unwrap();
        let lines = [object.get("a"), inner.get("b"), inner.get("a"), object.get("cA")];
        assert_eq!(lines.map(|member| member.unwrap().line), [1, 2, 3, 5]);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_line() {
        for (text, line) in [
            ("{\"a\": 1,\n}", 2),
            ("{\n\"a\": 1\n\"b\": 2}", 3),
            ("{\n\"a\": 1,\n\"a\": 2}", 3),
            ("{\"a\": 'x'}", 1),
            ("{\"a\": \"x\n\"}", 1),
            ("{} {}", 1),
            ("[]", 1),
            ("{\"a\": 01}", 1),
            ("{\"a\": \"\\q\"}", 1),
            ("{\"a\": tru}", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().line.get(), line, "{text}");
        }
    }

    #[test]
    fn comments_and_last_commas_are_read_where_they_are_allowed() {
        let text = "{ // one\n\"a\": [1, /* \n */ 2,],\n\"b\": {},\n}\n// end";
        let lines: Vec<_> =
            parse_relaxed(text).unwrap().members.iter().map(|member| member.line).collect();
        assert_eq!(lines, [2, 4]);
        assert!(parse(text).is_err());
        for odd in ["{\"a\": 1,,}", "{,}", "{} /* x", "{\"a\": 1} / x"] {
            assert!(parse_relaxed(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_string_of_a_list_has_its_place() {
        let text = "{\"a\": [\"b\",\n\"c\", \"\\n\"]}";
        let object = parse(text).unwrap();
        let Value::List(items) = &object.get("a").unwrap().value else { panic!("no list") };
        let place = |item: &Value<'_>| {
            if let Value::Text(part) = item { offset_in(text, part) } else { None }
        };
        let places: Vec<_> = items.iter().map(place).collect();
        assert_eq!(places, [text.find("b\""), text.find("c\""), None]);
    }

    #[test]
    fn depth_is_an_error_before_it_is_a_problem() {
        for open in ["[", "{\"a\":"] {
            let text = format!("{{\"a\": {}", open.repeat(100_000));
            assert!(parse(&text).unwrap_err().message.contains("levels deep"));
        }
    }

    fn documents() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            "\\PC{0,6}|[\\n\\t\"\\\\/é]{0,6}".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::btree_map("\\PC{0,4}", inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(document in documents()) {
            let text = serde_json::to_string_pretty(&serde_json::json!({ "x": document })).unwrap();
            prop_assert_eq!(plain(&Value::Object(parse(&text).unwrap()))["x"].clone(), document);
        }

        #[test]
        fn it_refuses_what_serde_json_refuses(text in "\\{[\\[\\]{}:,\"\\\\ \\na1-]{0,12}\\}?") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            let ours = parse(&text);
            let twice = ours.as_ref().is_err_and(|error| error.message.contains("twice"));
            prop_assert!(ours.is_ok() == theirs || twice, "{text}");
        }
    }
}
