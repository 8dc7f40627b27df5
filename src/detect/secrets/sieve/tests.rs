//! The sieve, and that it forgets nothing.

use super::super::Options;
use super::*;
use crate::rule::{Paths, builtin_secrets, expand_from};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use std::sync::LazyLock;

static BUILTIN: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(builtin_secrets().unwrap(), &Options::default()).unwrap());

/// What the built-in rules say of a text of which all is new.
fn whole(pieces: &[String], marks: &mut Vec<Mark>) -> Interest {
    let text = pieces.concat();
    BUILTIN.sift(text.as_bytes(), std::slice::from_ref(&(0..text.len())), marks)
}

/// Pieces of files. What stands between angle brackets is encoded in base 64.
const PIECES: [&str; 23] = [
    "words that say nothing (at all)\n",
    "GITHUB = \"ghp_{alnum:36}\"\n",
    "ghp_",
    "{alnum:36}",
    "\n",
    "    ",
    "db_password = 'k9{alnum:9}'\n",
    "password:",
    "https://user:{alnum:12}@registry.example.org/a\n",
    "https://registry.example.org/a\n",
    "x: <db_password = {alnum:14}>\n",
    "<export API_TOKEN={alnum:20} >",
    "<and nothing else, for it is all in>",
    "<ghp_{alnum:36}>",
    "db_password%3D{alnum:12}%26x\n",
    "%3D",
    "\\/",
    "password&#61;&quot;{alnum:12}&quot;\n",
    "6462",
    "{base64:48}\n",
    "secret\\u003d{alnum:12}",
    "-----BEGIN PRIVATE KE",
    "Y-----\n{base64:64}\n{base64:64}\n-----END PRIVATE KEY-----\n",
];

fn made_up(template: &str, seed: u64) -> String {
    expand_from(template, seed).unwrap().text
}

fn plain() -> impl Strategy<Value = String> {
    (0..PIECES.len(), 0..3_u64).prop_map(|(kind, seed)| {
        let text = made_up(PIECES[kind], seed);
        let parts =
            text.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)));
        match parts {
            Some((before, (inner, after))) => format!("{before}{}{after}", STANDARD.encode(inner)),
            None => text,
        }
    })
}

/// Some lines of a long text that is encoded.
fn wrapped() -> impl Strategy<Value = String> {
    let indent = prop_oneof![Just(""), Just("      ")];
    (0..5_usize, 1..4_usize, indent, any::<bool>()).prop_map(|(from, lines, indent, hex)| {
        let text =
            made_up("words, db_password = {alnum:14} and much more of this kind ", 0).repeat(4);
        let digits = text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let digits = if hex { digits } else { STANDARD.encode(text) };
        let lines = digits.as_bytes().chunks(48).skip(from).take(lines);
        let line = |line| format!("{indent}{}\n", String::from_utf8_lossy(line));
        lines.map(line).collect::<Vec<_>>().concat()
    })
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![4 => plain(), 1 => wrapped()]
}

/// What is done to a file: which piece, how, and with which other.
type Edit = (prop::sample::Index, u8, String);

fn edit() -> impl Strategy<Value = Edit> {
    (any::<prop::sample::Index>(), 0..4_u8, piece())
}

/// The pieces after some edits, each with its place among those before, if it was there.
fn edited(pieces: &[String], edits: &[Edit]) -> Vec<(String, Option<usize>)> {
    let mut edited: Vec<_> = pieces.iter().cloned().zip((0..).map(Some)).collect();
    for (at, kind, piece) in edits {
        let new = (piece.clone(), None);
        let place = at.index(edited.len() + 1);
        match (kind, edited.get_mut(place)) {
            (0, Some(old)) => *old = new,
            (1, Some(_)) => _ = edited.remove(place),
            (2, Some(old)) => {
                let copy = old.clone();
                edited.push(copy);
            }
            _ => edited.insert(place, new),
        }
    }
    edited
}

/// What of a text stands in the one before: where it stood, and where it is.
type Copies = Vec<(usize, Range<usize>)>;

/// The same, and what is new, as a pack tells both.
fn made_from(before: &[String], after: &[(String, Option<usize>)]) -> (Copies, Vec<Range<usize>>) {
    let starts = |at: usize| before.iter().take(at).map(String::len).sum::<usize>();
    let (mut copies, mut new) = (Copies::new(), Vec::new());
    let (mut at, mut from) = (0, 0);
    for (piece, origin) in after {
        let range = at..at + piece.len();
        match (origin.map(starts), copies.last_mut()) {
            (None, _) => new.push(range.clone()),
            (Some(start), Some((_, last))) if start == from && last.end == at => {
                last.end = range.end;
            }
            (Some(start), _) => {
                new.extend((start > 0 || at > 0).then_some(at..at));
                copies.push((start, range.clone()));
            }
        }
        from = origin.map_or(usize::MAX, |origin| starts(origin) + piece.len());
        at = range.end;
    }
    new.extend((from != starts(before.len())).then_some(at..at));
    (copies, widened(&vec![0; at], &new, 0))
}

/// The marks that stay, where they are then, of a text that was `base` bytes long and is `len` now.
fn kept(marks: &[Mark], copies: &[(usize, Range<usize>)], base: usize, len: usize) -> Vec<Mark> {
    let moved = |(start, copy): &(usize, Range<usize>), mark: &Mark| {
        let range = mark.start as usize..mark.end as usize;
        let whole = *start <= range.start && range.end <= start + copy.len();
        let first = range.start > 0 || copy.start == 0;
        let last = range.end < base || copy.end == len;
        let place = |at: usize| u32::try_from(at - start + copy.start).unwrap();
        (whole && first && last).then(|| Mark {
            start: place(range.start),
            end: place(range.end),
            ..*mark
        })
    };
    copies.iter().flat_map(|copy| marks.iter().filter_map(move |mark| moved(copy, mark))).collect()
}

#[test]
fn a_name_that_no_pattern_is_for_is_not_asked_about() {
    for pattern in [".htpasswd*", "*keypair*.json", "**/config/master.key", "a?c"] {
        assert!(!Ends::of(pattern).has(b"COMMIT_EDITMSG"), "{pattern}");
    }
}

#[test]
fn a_run_longer_than_anybody_writes_is_looked_at_for_as_long_as_it_is_there() {
    let digits = STANDARD.encode("db_password = and much more of this kind ".repeat(3000));
    let lines = digits.as_bytes().chunks(76).map(String::from_utf8_lossy).collect::<Vec<_>>();
    for run in ["\\/".repeat(40_000), lines.join("\n")] {
        let pieces =
            [&run[..200], &run[200..], "\n", "words that say nothing\n"].map(str::to_owned);
        let mut marks = Vec::new();
        assert!(whole(&pieces, &mut marks).always);
        for left in [&[0, 1, 2][..], &[1, 2, 3], &[0, 1, 3]] {
            let after: Vec<_> = left.iter().map(|at| (pieces[*at].clone(), Some(*at))).collect();
            let text = after.iter().map(|(piece, _)| piece.as_str()).collect::<String>();
            let (copies, new) = made_from(&pieces, &after);
            let mut kept = kept(&marks, &copies, pieces.concat().len(), text.len());
            assert!(BUILTIN.sift(text.as_bytes(), &new, &mut kept).always, "{left:?}");
        }
    }
}

proptest! {
    #[test]
    fn what_a_file_holds_is_known_whatever_it_was_made_from(
        first in prop::collection::vec(piece(), 1..14),
        versions in prop::collection::vec(prop::collection::vec(edit(), 1..4), 1..5),
    ) {
        let (mut pieces, mut marks) = (first, Vec::new());
        whole(&pieces, &mut marks);
        for edits in versions {
            let after = edited(&pieces, &edits);
            let (copies, new) = made_from(&pieces, &after);
            let before = pieces.concat();
            pieces = after.into_iter().map(|(piece, _)| piece).collect();
            marks = kept(&marks, &copies, before.len(), pieces.concat().len());
            let known = BUILTIN.sift(pieces.concat().as_bytes(), &new, &mut marks);
            let mut fresh = Vec::new();
            let whole = whole(&pieces, &mut fresh);
            let missing = whole.values.iter().filter(|value| !known.values.contains(value)).count();
            let text = pieces.concat();
            prop_assert!(known.always >= whole.always && missing == 0, "{:?} {:?}", text, new);
            let encoded = fresh.iter().filter(|mark| mark.note == Note::Encoded);
            let lost: Vec<_> = encoded.filter(|mark| !marks.contains(mark)).collect();
            prop_assert!(lost.is_empty(), "{:?} in {:?} {:?}", lost, text, new);
        }
    }

    #[test]
    fn a_name_that_a_pattern_accepts_may_be_accepted(
        pattern in "(\\*\\*/|x/)?[ab*?.]{1,6}(\\{a,b\\}|\\[ab\\])?b?", name in "[ab.]{0,6}",
    ) {
        let accepts = |path: String| {
            let paths = Paths::new(std::slice::from_ref(&pattern));
            paths.is_ok_and(|paths| paths.accepts(&RepoPath::from(path.as_str())))
        };
        if accepts(name.clone()) || accepts(format!("x/{name}")) {
            prop_assert!(Ends::of(&pattern).has(name.as_bytes()), "{} {}", pattern, name);
        }
    }
}
