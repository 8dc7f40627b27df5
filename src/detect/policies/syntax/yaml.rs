//! YAML as a tree whose scalars know their places.
//!
//! What is not YAML (a template, a half-written file) is read line by line instead: a check that
//! looks for `key: value` finds it either way. An alias is passed over: what it stands for is
//! seen where it is anchored.

use super::pattern;
use regex::Regex;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;
use std::sync::LazyLock;

/// The largest text that is read as a tree; a larger one is read line by line.
const LARGEST: usize = 1 << 20;
/// The deepest nesting that is read as a tree.
const DEEPEST: usize = 100;

/// A value.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Node {
    Scalar(Scalar),
    Map(Vec<(Scalar, Self)>),
    Seq(Vec<Self>),
    /// A reference to a node that is written elsewhere.
    Alias,
}

/// A piece of text and the bytes that hold it.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Scalar {
    pub(in super::super) value: String,
    pub(in super::super) range: Range<usize>,
}

/// One `key: value` of a text, wherever it is; the key of an item is that of its list.
#[derive(Debug, PartialEq)]
pub(in super::super) struct Pair {
    pub(in super::super) path: Vec<String>,
    pub(in super::super) value: Scalar,
}

impl Pair {
    /// The key of the value itself.
    pub(in super::super) fn key(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

impl Node {
    /// The value of a key of this map.
    pub(in super::super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }

    /// The text of a key of this map.
    pub(in super::super) fn text(&self, key: &str) -> Option<&Scalar> {
        self.get(key).and_then(Self::scalar)
    }

    /// The keys and values of this map.
    pub(in super::super) fn entries(&self) -> &[(Scalar, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Scalar(_) | Self::Seq(_) | Self::Alias => &[],
        }
    }

    /// The items of this list; a value that is no list is a list of itself.
    pub(in super::super) fn items(&self) -> &[Self] {
        match self {
            Self::Seq(items) => items,
            Self::Scalar(_) | Self::Map(_) | Self::Alias => std::slice::from_ref(self),
        }
    }

    /// The text of this scalar.
    pub(in super::super) fn scalar(&self) -> Option<&Scalar> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            Self::Map(_) | Self::Seq(_) | Self::Alias => None,
        }
    }

    /// Every scalar below this node that is no key.
    fn pairs(&self, path: &mut Vec<String>, pairs: &mut Vec<Pair>) {
        match self {
            Self::Scalar(value) => pairs.push(Pair { path: path.clone(), value: value.clone() }),
            Self::Seq(items) => items.iter().for_each(|item| item.pairs(path, pairs)),
            Self::Map(entries) => {
                for (key, node) in entries {
                    path.push(key.value.chars().take(LONGEST_KEY).collect());
                    node.pairs(path, pairs);
                    path.pop();
                }
            }
            Self::Alias => {}
        }
    }
}

/// How much of a key is kept, in characters: every value below it has a copy.
const LONGEST_KEY: usize = 256;

/// The documents of a text; `None` where it is no YAML.
pub(in super::super) fn documents(text: &str) -> Option<Vec<Node>> {
    if text.len() > LARGEST {
        return None;
    }
    let places = Places::of(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        builder.take(event, &span, &places)?;
    }
    builder.open.is_empty().then_some(builder.documents)
}

/// Every `key: value` of a text: of its tree, or of its lines where it is no YAML.
pub(in super::super) fn pairs(text: &str) -> Vec<Pair> {
    let Some(documents) = documents(text) else { return lines(text) };
    let mut pairs = Vec::new();
    for document in &documents {
        document.pairs(&mut Vec::new(), &mut pairs);
    }
    pairs
}

/// Every `key: value` that stands on a line of its own, and the items of lists as values without a
/// key.
fn lines(text: &str) -> Vec<Pair> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r#"(?m)^[ \t]*(?:-[ \t]+)*(?:["']?(?<key>[\w.-]+)["']?[ \t]*:[ \t]+)?(?:[&!]\S+[ \t]+)?"#,
            r#"(?:"(?<double>[^"\n]*)"|'(?<single>[^'\n]*)'|(?<plain>[^\s#"'\n][^\n]*?))"#,
            r"[ \t]*(?:[ \t]#[^\n]*)?\r?$"
        ))
    });
    let pair = |found: regex::Captures<'_>| {
        let value = ["double", "single", "plain"].iter().find_map(|name| found.name(name))?;
        let path = found.name("key").map(|key| key.as_str().to_owned()).into_iter().collect();
        let value = Scalar { value: value.as_str().to_owned(), range: value.range() };
        Some(Pair { path, value })
    };
    LINE.captures_iter(text).filter_map(pair).collect()
}

/// From places in code points, which the parser counts, to places in bytes.
struct Places<'t> {
    text: &'t str,
    offsets: Vec<usize>,
}

impl<'t> Places<'t> {
    fn of(text: &'t str) -> Self {
        let offsets = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self { text, offsets }
    }

    fn offset(&self, index: usize) -> usize {
        let at =
            if self.offsets.is_empty() { Some(index) } else { self.offsets.get(index).copied() };
        at.unwrap_or(self.text.len()).min(self.text.len())
    }

    /// The bytes of a scalar's content, without its quotes, anchor and tag.
    fn content(&self, span: &Span, style: ScalarStyle) -> Range<usize> {
        let (mut start, mut end) = (self.offset(span.start.index()), self.offset(span.end.index()));
        while let Some(rest) = self.text.get(start..end).filter(|rest| rest.starts_with(['&', '!']))
        {
            let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let gap = rest.get(word..).map_or(0, |gap| gap.len() - gap.trim_start().len());
            start += word + gap;
        }
        // The parser's place of a quoted scalar's end is off where the line is not ASCII.
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            start += 1;
            end = start + self.text.get(start..).map_or(0, |rest| quoted(rest, style));
        }
        let kept = self.text.get(start..end).map_or(0, |content| content.trim_end().len());
        start..start + kept
    }
}

/// The length of a quoted scalar's content, which `rest` begins with. A single quote is written
/// twice inside single quotes, and behind a backslash a double quote is not the last one.
fn quoted(rest: &str, style: ScalarStyle) -> usize {
    let single = matches!(style, ScalarStyle::SingleQuoted);
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if single => match chars.next_if(|(_, next)| *next == '\'') {
                Some(_) => {}
                None => return at,
            },
            '\\' if !single => _ = chars.next(),
            '"' if !single => return at,
            _ => {}
        }
    }
    rest.len()
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
}

enum Open {
    Map(Vec<(Scalar, Node)>, Option<Scalar>),
    Seq(Vec<Node>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span, places: &Places<'_>) -> Option<()> {
        match event {
            Event::Scalar(value, style, ..) => {
                let range = places.content(span, style);
                self.put(Node::Scalar(Scalar { value: value.into_owned(), range }));
            }
            Event::Alias(_) => self.put(Node::Alias),
            Event::MappingStart(..) => self.open.push(Open::Map(Vec::new(), None)),
            Event::SequenceStart(..) => self.open.push(Open::Seq(Vec::new())),
            Event::MappingEnd | Event::SequenceEnd => {
                let node = match self.open.pop()? {
                    Open::Map(entries, _) => Node::Map(entries),
                    Open::Seq(items) => Node::Seq(items),
                };
                self.put(node);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        (self.open.len() < DEEPEST).then_some(())
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::Seq(items)) => items.push(node),
            Some(Open::Map(entries, key)) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(key_of(node)),
            },
        }
    }
}

/// The name of a key; a key that is itself a list or a map has none.
fn key_of(node: Node) -> Scalar {
    match node {
        Node::Scalar(scalar) => scalar,
        Node::Map(_) | Node::Seq(_) | Node::Alias => Scalar { value: String::new(), range: 0..0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<(String, &str)> {
        let pairs = pairs(text).into_iter();
        pairs.map(|pair| (pair.path.join("/"), &text[pair.value.range])).collect()
    }

    #[test]
    fn a_scalar_knows_its_bytes() {
        let text = "é: &x 'ä b' # c\nl:\n  - d: \"e\"\n  - {f: g}\r\nh: !t i\nj: *x\n";
        let expected = [("é", "ä b"), ("l/d", "e"), ("l/f", "g"), ("h", "i")];
        assert_eq!(found(text), expected.map(|(key, value)| (key.to_owned(), value)));
    }

    #[test]
    fn a_block_is_its_lines() {
        assert_eq!(found("run: |\n  a\n\n  b\nz: 1\n")[0], ("run".to_owned(), "a\n\n  b"));
    }

    #[test]
    fn what_is_no_yaml_is_read_by_lines() {
        let text = "{{ if .x }}\n- uses: a/b@v1 # c\n  'image': \"d\"\n  - &e f\n{{ end }}\n";
        let found = found(text);
        for expected in [("uses", "a/b@v1"), ("image", "d"), ("", "f")] {
            assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?}");
        }
    }

    #[test]
    fn nesting_without_end_is_no_tree() {
        assert!(documents(&"[".repeat(100_000)).is_none());
        assert!(documents(&"- ".repeat(100_000)).is_none());
        assert!(documents(&"{a: ".repeat(50_000)).is_none());
    }

    proptest! {
        #[test]
        fn every_text_has_pairs_within_it(text in "[ \t\r\na-cé:'\"|>&*!{}\\[\\]#,?%@-]{0,60}") {
            for pair in pairs(&text) {
                prop_assert!(text.get(pair.value.range).is_some());
            }
        }
    }
}
