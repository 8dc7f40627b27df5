//! YAML with the line of every key, as the same tree that JSON gives.
//!
//! All documents of a text are read. A scalar is a string unless it stands without quotes and is
//! `true`, `false` or nothing. Lockfiles are written by programs, so anchors, keys that are no
//! scalars, and keys that occur twice are refused. Depth is bounded.

use super::super::ParseError;
use super::json::{Member, Object, Value, unique};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::borrow::Cow;

const MAX_DEPTH: usize = 64;

/// Reads a text that is one or more documents, each of which is a map.
pub(in crate::lockfile) fn parse(text: &str) -> Result<Vec<Object<'_>>, ParseError> {
    let mut builder = Builder::default();
    let last = text.trim_end().matches('\n').count() + 1;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            ParseError::new(
                error.marker().line().min(last),
                "this is not YAML as a program writes it: the file was cut or badly merged",
            )
        })?;
        // What a document lacks is missed on the line behind its end.
        builder.take(event, span.start.line().min(last))?;
    }
    Ok(builder.documents)
}

#[derive(Default)]
struct Builder<'a> {
    documents: Vec<Object<'a>>,
    open: Vec<Open<'a>>,
}

enum Open<'a> {
    Map { members: Vec<Member<'a>>, key: Option<(Cow<'a, str>, usize)> },
    Seq(Vec<Value<'a>>),
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, line: usize) -> Result<(), ParseError> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                refuse_anchor(anchor, line)?;
                self.put(scalar(text, style), line)?;
            }
            Event::Alias(_) => return Err(anchored(line)),
            Event::MappingStart(anchor, _) => {
                refuse_anchor(anchor, line)?;
                self.push(Open::Map { members: Vec::new(), key: None }, line)?;
            }
            Event::SequenceStart(anchor, _) => {
                refuse_anchor(anchor, line)?;
                self.push(Open::Seq(Vec::new()), line)?;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let value = match self.open.pop() {
                    Some(Open::Map { members, .. }) => {
                        unique(&members)?;
                        Value::Object(Object { members })
                    }
                    Some(Open::Seq(items)) => Value::List(items),
                    None => return Err(ParseError::new(line, "an end has no beginning")),
                };
                self.put(value, line)?;
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn push(&mut self, open: Open<'a>, line: usize) -> Result<(), ParseError> {
        if self.open.is_empty() && matches!(open, Open::Seq(_)) {
            return Err(ParseError::new(line, "this document is not a map"));
        }
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(ParseError::new(line, message));
        }
        self.open.push(open);
        Ok(())
    }

    fn put(&mut self, value: Value<'a>, line: usize) -> Result<(), ParseError> {
        match self.open.last_mut() {
            None => match value {
                Value::Object(object) => self.documents.push(object),
                Value::Word(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                    return Err(ParseError::new(line, "this document is not a map"));
                }
            },
            Some(Open::Seq(items)) => items.push(value),
            Some(Open::Map { members, key }) => match key.take() {
                Some((name, line)) => members.push(Member { name, line, value }),
                None => *key = Some((name(value, line)?, line)),
            },
        }
        Ok(())
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Value<'_> {
    if !matches!(style, ScalarStyle::Plain) {
        return Value::Text(text);
    }
    match &*text {
        "" | "~" | "null" => Value::Word("null"),
        "true" => Value::Word("true"),
        "false" => Value::Word("false"),
        _ => Value::Text(text),
    }
}

fn name(value: Value<'_>, line: usize) -> Result<Cow<'_, str>, ParseError> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Word(word) => Ok(Cow::Borrowed(word)),
        Value::Number(_) | Value::List(_) | Value::Object(_) => {
            Err(ParseError::new(line, "a key is not a name"))
        }
    }
}

fn refuse_anchor(anchor: usize, line: usize) -> Result<(), ParseError> {
    if anchor == 0 { Ok(()) } else { Err(anchored(line)) }
}

fn anchored(line: usize) -> ParseError {
    ParseError::new(line, "an anchor or alias of YAML, which no lockfile needs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> u32 {
        parse(text).unwrap_err().line.get()
    }

    #[test]
    fn every_document_is_read_with_the_line_of_every_key() {
        let documents = parse("---\na: {b: 1, c: 'x'}\n---\nd:\n  e: [1, 2]\n  f: true\n").unwrap();
        let [first, second] = documents.as_slice() else { panic!("{documents:?}") };
        assert_eq!(first.get("a").unwrap().object().unwrap().get("c").unwrap().line, 2);
        let inner = second.get("d").unwrap().object().unwrap();
        assert_eq!((inner.get("e").unwrap().line, inner.is_true("f")), (5, true));
        assert_eq!(first.get("a").unwrap().object().unwrap().get("b").unwrap().text(), Ok("1"));
    }

    #[test]
    fn what_no_program_writes_is_refused_with_its_line() {
        assert_eq!(line("a: 1\nb: &x 2\n"), 2);
        assert_eq!(line("a: 1\na: 2\n"), 2);
        assert_eq!(line("a: 1\n---\n- b\n"), 3);
        assert_eq!(line("a: 'x\n"), 1);
        assert_eq!((line("---"), line("a: 1\n---\n")), (1, 2));
        assert_eq!(line("a:\n  [b]: 1\n"), 2);
        assert!(parse(&"[".repeat(10_000)).is_err());
    }
}
