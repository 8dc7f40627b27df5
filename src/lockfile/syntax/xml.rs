//! XML as a tree whose elements know their lines.
//!
//! A document type is refused, so no entity can grow into a bomb. Names are compared without their
//! namespace, which half of the tools leave out. A text that ends early has an open element, so a
//! cut is always an error.

use super::super::ParseError;
use crate::finding::LineIndex;
use roxmltree::{Document, Error, Node, ParsingOptions};
use std::num::NonZeroU32;

/// Elements below elements, more than which no file of packages has.
const MAX_DEPTH: usize = 256;

/// Attributes of one element, more than which cost quadratic time to compare with each other.
const MAX_ATTRIBUTES: usize = 1000;

/// Declarations of namespaces in a document, more than which cost cubic time where elements with
/// them are nested.
const MAX_NAMESPACES: usize = 100;

/// A document and the lines of its text.
pub(in crate::lockfile) struct Xml<'a> {
    document: Document<'a>,
    lines: LineIndex<'a>,
}

impl<'a> Xml<'a> {
    /// Reads a text whose root element has this name.
    pub(in crate::lockfile) fn parse(text: &'a str, root: &str) -> Result<Self, ParseError> {
        refuse_depth(text)?;
        let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| {
            let last = text.trim_end().matches('\n').count() + 1;
            let ended = matches!(error, Error::UnclosedRootNode | Error::UnexpectedEndOfStream);
            let row = usize::try_from(error.pos().row).ok().filter(|_| !ended);
            let line = row.unwrap_or(last).min(last);
            let message = if matches!(error, Error::DtdDetected) {
                "a document type is not read, since entities could hide packages: remove it"
            } else {
                "this is not well-formed XML: the file was cut or badly merged"
            };
            ParseError::new(line, message)
        })?;
        let xml = Self { document, lines: LineIndex::new(text.as_bytes()) };
        if is(xml.root(), root) {
            return Ok(xml);
        }
        let message =
            format!("the outermost element is not <{root}>: this is another kind of file");
        Err(ParseError { line: xml.line(xml.root()), message })
    }

    /// The outermost element.
    pub(in crate::lockfile) fn root(&self) -> Node<'_, 'a> {
        self.document.root_element()
    }

    /// The line on which an element begins.
    pub(in crate::lockfile) fn line(&self, node: Node<'_, '_>) -> NonZeroU32 {
        self.lines.line_at(node.range().start)
    }

    /// The line of an attribute, or that of its element where it has none of this name.
    pub(in crate::lockfile) fn line_of(&self, node: Node<'_, '_>, name: &str) -> NonZeroU32 {
        let attribute = node.attribute_node(name);
        attribute.map_or_else(|| self.line(node), |it| self.lines.line_at(it.range_value().start))
    }

    /// An attribute that an element must have.
    pub(in crate::lockfile) fn required<'n>(
        &self,
        node: Node<'n, 'a>,
        name: &str,
    ) -> Result<&'n str, ParseError> {
        let value = node.attribute(name).map(str::trim).filter(|value| !value.is_empty());
        value.ok_or_else(|| {
            let message = format!("<{}> has no {name}", node.tag_name().name());
            let message = message.chars().filter(|c| !c.is_control()).take(100).collect();
            ParseError { line: self.line(node), message }
        })
    }
}

/// Whether an element has this name.
pub(in crate::lockfile) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name
}

/// The elements of a name directly below a node.
pub(in crate::lockfile) fn children<'n, 'a>(
    node: Node<'n, 'a>,
    name: &str,
) -> impl Iterator<Item = Node<'n, 'a>> {
    node.children().filter(move |child| is(*child, name))
}

/// The first element of a name directly below a node.
pub(in crate::lockfile) fn child<'n, 'a>(node: Node<'n, 'a>, name: &str) -> Option<Node<'n, 'a>> {
    children(node, name).next()
}

/// The text of the first element of a name directly below a node, without blanks at its ends;
/// `None` where it says nothing.
pub(in crate::lockfile) fn text_of<'n>(node: Node<'n, '_>, name: &str) -> Option<&'n str> {
    child(node, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// Refuses nesting that would exhaust the stack of a recursive reader and elements that would cost
/// quadratic time or more, by counting tags and attributes roughly:
/// what looks like one in a comment counts too, and closes again there or does not.
fn refuse_depth(text: &str) -> Result<(), ParseError> {
    let (mut depth, mut line, mut namespaces) = (0_usize, 1, 0);
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (before, tag) = rest.split_at_checked(at).unwrap_or((rest, ""));
        line += before.matches('\n').count();
        rest = tag.get(1..).unwrap_or_default();
        if let Some(inner) = rest.strip_prefix("!--") {
            let end = inner.find("-->").unwrap_or(inner.len());
            let (comment, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
            line += comment.matches('\n').count();
            rest = after;
        } else if rest.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !rest.starts_with(['!', '?']) {
            let tag = tag_of(rest);
            namespaces += tag.matches("xmlns").count();
            refuse_attributes(tag, namespaces).map_err(|why| ParseError::new(line, why))?;
            depth += usize::from(!tag.ends_with('/'));
        }
        if depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(ParseError::new(line, message));
        }
    }
    Ok(())
}

/// Refuses a tag with too many attributes, or with which a document has too many namespaces.
fn refuse_attributes(tag: &str, namespaces: usize) -> Result<(), &'static str> {
    if tag.matches('=').count() > MAX_ATTRIBUTES {
        return Err("an element has too many attributes");
    }
    if namespaces > MAX_NAMESPACES {
        return Err("too many namespaces are declared");
    }
    Ok(())
}

/// The rest of a tag, up to its end, which is outside of quotes.
fn tag_of(tag: &str) -> &str {
    let mut quote = None;
    let end = tag.bytes().position(|byte| match (byte, quote) {
        (b'<', _) | (b'>', None) => true,
        (b'"' | b'\'', None) => {
            quote = Some(byte);
            false
        }
        _ => {
            quote = quote.filter(|open| *open != byte);
            false
        }
    });
    end.and_then(|end| tag.get(..end)).unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_has_its_line_and_its_text() {
        let xml = Xml::parse("<?xml version='1.0'?>\n<a xmlns='urn:x'>\n<b> c\n</b></a>", "a");
        let xml = xml.unwrap();
        let b = child(xml.root(), "b").unwrap();
        assert_eq!((xml.line(b).get(), text_of(xml.root(), "b")), (3, Some("c")));
        assert_eq!(text_of(xml.root(), "z"), None);
    }

    #[test]
    fn what_is_no_xml_of_this_kind_is_refused_with_its_line() {
        let line = |text: &str| Xml::parse(text, "a").err().unwrap().line.get();
        assert_eq!(line("\n<b/>"), 2);
        assert_eq!(line("<a>\n<b>\n"), 2);
        assert_eq!(line("<a>\n</b>"), 2);
        let bomb = "<!DOCTYPE a [<!ENTITY x 'y'><!ENTITY z '&x;&x;'>]><a>&z;</a>";
        assert!(Xml::parse(bomb, "a").err().unwrap().message.contains("document type"));
    }

    #[test]
    fn depth_is_an_error_before_it_is_a_problem() {
        let error = Xml::parse(&"<a>\n".repeat(200_000), "a").err().unwrap();
        assert!(error.message.contains("levels deep"));
        let flat = format!("<a>{}</a>", "<b/><c d='/'></c><!-- <x> -->".repeat(1000));
        assert!(Xml::parse(&flat, "a").is_ok());
    }

    #[test]
    fn a_document_declares_few_namespaces() {
        let nested = |count: usize| {
            let open = "<a b='>' xmlns:c='urn:d'>\n".repeat(count);
            Xml::parse(&format!("{open}{}", "</a>".repeat(count)), "a").map(|_| ())
        };
        assert!(nested(MAX_NAMESPACES).is_ok());
        let error = nested(MAX_NAMESPACES + 1).unwrap_err();
        assert_eq!((error.line.get(), &*error.message), (101, "too many namespaces are declared"));
    }
}
