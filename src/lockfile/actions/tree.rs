//! YAML as people write it: anchors are allowed, keys may be anything.
//!
//! What an alias stands for is read where it is anchored. Depth is bounded.

use crate::lockfile::ParseError;
use crate::lockfile::syntax::line_number;
use saphyr_parser::{Event, Parser};
use std::borrow::Cow;
use std::num::NonZeroU32;

const MAX_DEPTH: usize = 64;

/// A value.
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// A scalar.
    Text(Scalar<'a>),
    /// The keys of a map, and its values in the same order.
    Map(Vec<Scalar<'a>>, Vec<Self>),
    /// A list, or an alias, which says nothing here.
    List(Vec<Self>),
}

/// A scalar, its line and the byte at which it begins.
#[derive(Debug)]
pub(super) struct Scalar<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) line: NonZeroU32,
    pub(super) at: usize,
}

impl Node<'_> {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(keys, values) = self else { return None };
        let place = keys.iter().position(|name| name.text == key)?;
        values.get(place)
    }

    /// The values of a map or of a list.
    pub(super) fn values(&self) -> &[Self] {
        match self {
            Self::Map(_, values) | Self::List(values) => values,
            Self::Text(_) => &[],
        }
    }
}

/// Reads a text that is one document, which is a map.
pub(super) fn read(text: &str) -> Result<Node<'_>, ParseError> {
    let last = text.trim_end().matches('\n').count() + 1;
    let mut builder = Builder::default();
    let mut bytes = Bytes { text, chars: 0, at: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            ParseError::new(error.marker().line().min(last), "this is not YAML")
        })?;
        bytes.advance(span.start.index());
        builder.take(event, span.start.line().min(last), bytes.at)?;
    }
    let mut documents = builder.documents.into_iter();
    match (documents.next(), documents.next()) {
        (Some(root @ Node::Map(..)), None) => Ok(root),
        (Some(_), Some(_)) => Err(ParseError::new(last, "more than one document")),
        _ => Err(ParseError::new(1, "the document is not a map")),
    }
}

/// A place in a text that only moves on: the parser counts characters, and a text is cut at bytes.
struct Bytes<'a> {
    text: &'a str,
    chars: usize,
    at: usize,
}

impl Bytes<'_> {
    /// Moves on to the character of this number, unless it is there or past it.
    fn advance(&mut self, chars: usize) {
        let Some(more) = chars.checked_sub(self.chars) else { return };
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.char_indices().nth(more).map_or(rest.len(), |(at, _)| at);
        self.chars = chars;
    }
}

#[derive(Default)]
struct Builder<'a> {
    documents: Vec<Node<'a>>,
    open: Vec<Open<'a>>,
}

enum Open<'a> {
    Map { keys: Vec<Scalar<'a>>, values: Vec<Node<'a>> },
    List(Vec<Node<'a>>),
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, row: usize, at: usize) -> Result<(), ParseError> {
        let line = line_number(row);
        match event {
            Event::Scalar(text, ..) => self.put(Node::Text(Scalar { text, line, at }), line),
            Event::Alias(_) => self.put(Node::List(Vec::new()), line),
            Event::MappingStart(..) => {
                self.open.push(Open::Map { keys: Vec::new(), values: Vec::new() });
            }
            Event::SequenceStart(..) => self.open.push(Open::List(Vec::new())),
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(Open::Map { keys, values }) => self.put(Node::Map(keys, values), line),
                Some(Open::List(items)) => self.put(Node::List(items), line),
                None => {}
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        if self.open.len() > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(ParseError::new(row, message));
        }
        Ok(())
    }

    fn put(&mut self, node: Node<'a>, line: NonZeroU32) {
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Map { keys, values }) if keys.len() == values.len() => {
                keys.push(match node {
                    Node::Text(text) => text,
                    Node::Map(..) | Node::List(_) => {
                        Scalar { text: Cow::Borrowed(""), line, at: 0 }
                    }
                });
            }
            Some(Open::Map { values, .. }) => values.push(node),
        }
    }
}
