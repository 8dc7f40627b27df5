//! CODE-002: text that reads otherwise than it runs (CVE-2021-42574, CVE-2021-42694).
//!
//! Everywhere: controls that embed or override the direction of text, which no keyboard makes. In
//! source code also: a character without width inside a word, and a word of letters of two scripts
//! that look alike.

use super::Check;
use crate::detect::policies::syntax::text;
use crate::detect::policies::violation::Violation;
use crate::finding::RepoPath;
use serde::Deserialize;
use std::ops::Range;

/// The check; `[policies.CODE-002]` sets nothing of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct TrojanSource {}

/// Endings of files that people read as prose, in which letters of several scripts are ordinary.
const PROSE: [&str; 14] = [
    "md", "txt", "rst", "adoc", "po", "pot", "html", "htm", "xml", "svg", "csv", "json", "yml",
    "yaml",
];

type Found = (Range<usize>, Violation);

impl Check for TrojanSource {
    fn file(&self, path: &RepoPath, bytes: &[u8]) -> Vec<Found> {
        // Every character that is looked for begins with one of these bytes; binary files have NULs.
        if bytes.is_ascii() || memchr::memchr(0, bytes).is_some() {
            return Vec::new();
        }
        let mut found = look(bytes, if is_prose(path) { Words::Any } else { Words::OneScript });
        found.sort_by_key(|(range, _)| range.start);
        found
    }

    fn suspects(&self, bytes: &[u8], parts: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut suspects = Vec::new();
        for part in parts {
            let part = with_whole_words(bytes, part.clone());
            let slice = bytes.get(part.clone()).unwrap_or_default();
            // In binary files nothing is reported.
            if slice.is_ascii() || memchr::memchr(0, slice).is_some() {
                continue;
            }
            let found = look(slice, Words::OneScript).into_iter();
            suspects
                .extend(found.map(|(range, _)| range.start + part.start..range.end + part.start));
        }
        suspects
    }
}

/// What words may consist of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Letters of any scripts.
    Any,
    /// Letters of one script, as in source code.
    OneScript,
}

/// What a text has in words that are not ASCII throughout: the others cannot be mistaken, and in most
/// files there is no more than a name.
fn look(bytes: &[u8], may: Words) -> Vec<Found> {
    let mut all = Vec::new();
    for part in foreign(bytes) {
        let text = text(bytes.get(part.clone()).unwrap_or_default());
        let directions = text.char_indices().filter_map(direction);
        let words = words(&text).filter(|_| may == Words::OneScript);
        let words = words.filter_map(|(at, word)| confusing(at, word));
        let found = directions.chain(words);
        all.extend(found.map(|(range, violation)| {
            (range.start + part.start..range.end + part.start, violation)
        }));
    }
    all
}

/// The words with characters that are not ASCII.
fn foreign(text: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (number, piece) in text.chunks(PIECE).enumerate() {
        // Tested as a whole, which is far faster than byte by byte.
        if piece.is_ascii() {
            continue;
        }
        let foreign = piece.iter().enumerate().filter(|(_, byte)| !byte.is_ascii());
        for at in foreign.map(|(at, _)| number * PIECE + at) {
            if found.last().is_none_or(|last| last.end <= at) {
                found.push(with_whole_words(text, at..at + 1));
            }
        }
    }
    found
}

/// How much of a text is tested at once, in bytes.
const PIECE: usize = 64;

/// A part of a text with the words, and the characters, that it cuts.
fn with_whole_words(bytes: &[u8], part: Range<usize>) -> Range<usize> {
    let joins = |byte: &&u8| !byte.is_ascii() || byte.is_ascii_alphanumeric() || **byte == b'_';
    let before = bytes.get(..part.start).unwrap_or_default().iter().rev();
    let after = bytes.get(part.end..).unwrap_or_default().iter();
    part.start - before.take_while(joins).count()..part.end + after.take_while(joins).count()
}

fn is_prose(path: &RepoPath) -> bool {
    let extension = path.file_name_str().rsplit_once('.').map(|(_, extension)| extension);
    extension
        .is_none_or(|extension| PROSE.iter().any(|prose| extension.eq_ignore_ascii_case(prose)))
}

/// Embeddings, overrides and isolates (Unicode Bidirectional Algorithm, 3.1).
fn direction((at, c): (usize, char)) -> Option<Found> {
    let hidden = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    hidden.then(|| {
        let message = format!("{} changes the order in which the line is shown", name(c));
        (at..at + c.len_utf8(), Violation::new(message, name(c)))
    })
}

/// Runs of letters, digits, underscores and characters without width.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || c == '_' || is_zero_width(c);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text.get(rest..)?.find(part)?;
        let tail = text.get(start..)?;
        let end = start + tail.find(|c| !part(c)).unwrap_or(tail.len());
        rest = end;
        Some((start, text.get(start..end)?))
    })
}

fn confusing(at: usize, word: &str) -> Option<Found> {
    if word.is_ascii() {
        return None;
    }
    let range = at..at + word.len();
    let inner = word.trim_matches(is_zero_width);
    let latin = inner.chars().any(|c| c.is_ascii_alphabetic());
    if latin && let Some(c) = inner.chars().find(|c| is_zero_width(*c)) {
        let message = format!("{} hides inside a word", name(c));
        return Some((range, Violation::new(message, format!("{} {inner}", name(c)))));
    }
    let other = inner.split(|c: char| !c.is_alphabetic()).find_map(impostor)?;
    let message = format!("{} stands in a word of Latin letters and looks like one", name(other));
    Some((range, Violation::new(message, format!("{} {inner}", name(other)))))
}

/// The first letter that only looks Latin, in a word of which nothing else gives it away: with one
/// letter that no Latin alphabet has, a reader sees the other script (`\\nтекст`).
fn impostor(letters: &str) -> Option<char> {
    let latin = letters.chars().any(|c| c.is_ascii_alphabetic());
    let mut others = letters.chars().filter(|c| !c.is_ascii()).peekable();
    let first = *others.peek()?;
    (latin && others.all(looks_latin)).then_some(first)
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}')
}

/// Letters of Cyrillic and Greek whose shape is that of a Latin letter (Unicode Technical Standard 39,
/// single-script confusables).
fn looks_latin(c: char) -> bool {
    "аеорсухѕіјһԁԛԝАВЕКМНОРСТУХЅІЈԌοαντυρικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ".contains(c)
}

fn name(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let found = TrojanSource::default().file(&RepoPath::from(path), text.as_bytes());
        found
            .into_iter()
            .map(|(range, violation)| format!("{}: {violation:?}", &text[range]))
            .collect()
    }

    #[test]
    fn what_turns_the_line_round_is_found_in_any_file() {
        for path in ["a.rs", "a.md", "Makefile"] {
            let found = found(path, "if admin {\u{202E} // no\n");
            assert!(found.len() == 1 && found[0].contains("U+202E"), "{path}: {found:?}");
        }
    }

    #[test]
    fn a_word_of_two_scripts_is_found_in_code() {
        assert_eq!(found("a.rs", "fn p\u{0430}ypal() {}\n").len(), 1);
        assert_eq!(found("a.js", "is\u{200B}Admin = 1\n").len(), 1);
    }

    #[test]
    fn other_languages_are_not_an_attack() {
        for text in [
            "// Привет, мир\n",
            "λ = 3; Δx = 1\n",
            "s = \"naïve café\"\n",
            "assert_select \"#user_title_господин\"\n",
            "s = \"a\\nтекст\"\n",
            "\u{FEFF}int x;\n",
            "family = \"👨\u{200D}👩\u{200D}👧\"\n",
        ] {
            assert!(found("a.rs", text).is_empty(), "{text}");
        }
        assert!(found("a.md", "\u{0421}ertificate\u{200B}s\n").is_empty());
    }
}
