//! The ways in which a value is written down, read from `syntaxes.toml`.

use crate::text::{Encoding, Style, fill};
use lockkeeper::finding::RepoPath;
use serde::Deserialize;
use std::ops::Range;

/// Where the value goes.
const VALUE: &str = "@VALUE@";

/// Everything that `syntaxes.toml` says.
#[derive(Debug, Deserialize)]
pub(crate) struct Syntaxes {
    /// The ways to write a value.
    pub(crate) syntax: Vec<Syntax>,
    /// The surroundings of whole examples.
    pub(crate) frame: Vec<Frame>,
}

/// One way to write a value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Syntax {
    /// What it is called in the table.
    pub(crate) name: String,
    path: String,
    style: Style,
    #[serde(default)]
    never: String,
    #[serde(default)]
    encode: Encoding,
    text: String,
    /// Whether the value has no name here, so that only its own shape can prove it.
    #[serde(default)]
    proves: Proof,
    /// Whether a pattern can see the value only once it is decoded.
    #[serde(default)]
    pub(crate) encoded: bool,
}

/// What in a syntax can tell that a value is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Proof {
    /// The name or the value.
    #[default]
    Name,
    /// The value alone.
    Prefix,
}

/// The surroundings of a whole example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Frame {
    /// What it is called in the table.
    pub(crate) name: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    line: String,
    #[serde(default)]
    line_end: String,
    #[serde(default)]
    encode: Encoding,
}

/// A text with a value in it.
pub(crate) struct Written {
    /// The path of the file.
    pub(crate) path: RepoPath,
    /// The text.
    pub(crate) text: String,
    /// Where in it the value is, as it is written.
    pub(crate) at: Range<usize>,
}

/// The syntaxes and frames.
pub(crate) fn syntaxes() -> Syntaxes {
    toml::from_str(include_str!("syntaxes.toml")).expect("syntaxes.toml is as this file says")
}

impl Syntax {
    /// Whether a value has a name here.
    pub(crate) fn names(&self) -> bool {
        self.proves == Proof::Name
    }

    /// The value under a name; `None` where it cannot stand there as it is.
    pub(crate) fn write(
        &self,
        key: &str,
        value: &str,
        words: &[String],
        seed: u64,
    ) -> Option<Written> {
        let breaks = |c: char| self.never.contains(c) || c == '\n' || c == '\r';
        if self.encode == Encoding::None && value.contains(breaks) {
            return None;
        }
        let key = self.style.name(key);
        let template = self.text.trim_start_matches('\n').replace("@KEY@", &key);
        let template = fill(&template, words, seed);
        let (before, after) = template.split_once(VALUE).expect("a syntax has a place");
        let encoded = self.encode.encode(value);
        let path = RepoPath::from(fill(&self.path, words, seed).as_str());
        let at = before.len()..before.len() + encoded.len();
        Some(Written { path, text: format!("{before}{encoded}{after}"), at })
    }
}

impl Frame {
    /// A whole example in these surroundings; `at` is where in it the secret is.
    pub(crate) fn write(
        &self,
        example: &str,
        at: &Range<usize>,
        words: &[String],
        seed: u64,
    ) -> (String, Range<usize>) {
        let before = fill(&self.before, words, seed);
        let after = fill(&self.after, words, seed);
        let piece = |range: Range<usize>| self.shape(&example[range]);
        let head = before + &self.line + &piece(0..at.start);
        let secret = piece(at.clone());
        let tail = piece(at.end..example.len()) + &after;
        let place = head.len()..head.len() + secret.len();
        (head + &secret + &tail, place)
    }

    /// A piece of an example as it is written here.
    fn shape(&self, piece: &str) -> String {
        let lines = piece.replace('\n', &format!("\n{}", self.line));
        let ended = if self.line_end.is_empty() {
            lines
        } else {
            lines.replace("\r\n", "\n").replace('\n', &self.line_end)
        };
        self.encode.encode(&ended)
    }
}
