//! What a match of an expression begins with, as far as that is fixed.

use super::byte_set::ByteSet;
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeSet;

/// How many ways to begin are told apart.
const MOST: usize = 64;

/// How many places are known byte by byte: each has a bit in a number.
const PLACES: u32 = u16::BITS;

/// What the first bytes of every match can be.
pub struct Beginning(Vec<ByteSet>);

impl Beginning {
    /// How many bytes of a match are known at most.
    pub const LONGEST: usize = PLACES as usize;

    /// What matches of an expression begin with, if they all begin with one of some words, whatever the
    /// case of their letters.
    pub(super) fn of(hir: &Hir, words: &[String]) -> Option<Self> {
        let start = vec![Way { text: Vec::new(), open: true }];
        let words: Vec<_> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        let known = |way: &Way| words.iter().any(|word| way.text.starts_with(word.as_bytes()));
        let enough = words.iter().map(String::len).max().unwrap_or(0);
        go_on(start, hir, enough).iter().all(known).then(|| {
            let mut places = vec![ByteSet::empty(); PLACES as usize];
            stand(hir, 1, &mut places);
            // After the end of the shortest match anything may stand.
            places.truncate(hir.properties().minimum_len().unwrap_or(0));
            Self(places)
        })
    }

    /// Whether a match may begin where a text does.
    pub fn fits(&self, text: &[u8]) -> bool {
        text.len() >= self.0.len() && self.0.iter().zip(text).all(|(set, byte)| set.contains(*byte))
    }
}

/// Adds what an expression can begin with to the places at which it may stand, which are those of the
/// bits of a number, and returns those at which what comes next may.
fn stand(hir: &Hir, at: u16, places: &mut [ByteSet]) -> u16 {
    if at == 0 {
        return 0;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => at,
        HirKind::Literal(literal) => literal.0.iter().fold(at, |at, byte| {
            let set: ByteSet = [*byte].into_iter().collect();
            one(&set, at, places)
        }),
        HirKind::Class(class) => {
            let long = class.maximum_len() != Some(1);
            if long { any(at, places) } else { one(&ByteSet::of(class), at, places) }
        }
        HirKind::Repetition(repetition) => {
            let (mut now, mut next) = (at, if repetition.min == 0 { at } else { 0 });
            let most = repetition.max.unwrap_or(u32::MAX);
            for times in (1..=most).take_while(|times| *times <= repetition.min.max(PLACES)) {
                now = stand(&repetition.sub, now, places);
                next |= if times >= repetition.min { now } else { 0 };
            }
            next
        }
        HirKind::Capture(capture) => stand(&capture.sub, at, places),
        HirKind::Concat(parts) => parts.iter().fold(at, |at, part| stand(part, at, places)),
        HirKind::Alternation(choices) => {
            choices.iter().fold(0, |next, choice| next | stand(choice, at, places))
        }
    }
}

/// Adds one byte.
fn one(set: &ByteSet, at: u16, places: &mut [ByteSet]) -> u16 {
    let here = places.iter_mut().enumerate().filter(|(place, _)| at >> place & 1 == 1);
    for (_, place) in here {
        place.extend(set);
    }
    at << 1
}

/// Adds anything from here on: characters that are of several bytes.
fn any(at: u16, places: &mut [ByteSet]) -> u16 {
    let all: ByteSet = (0..=u8::MAX).collect();
    for place in places.iter_mut().skip(at.trailing_zeros() as usize) {
        place.extend(&all);
    }
    0
}

/// One way to begin, in small letters.
#[derive(Clone)]
struct Way {
    text: Vec<u8>,
    /// Whether it goes on with what comes next in the expression.
    open: bool,
}

/// How matches begin that begin in some ways and go on with an expression, as far as `enough` bytes.
fn go_on(ways: Vec<Way>, hir: &Hir, enough: usize) -> Vec<Way> {
    if !ways.iter().any(|way| way.open) {
        return ways;
    }
    let next = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => return ways,
        HirKind::Literal(literal) => followed_by(&ways, &[&literal.0], enough),
        HirKind::Class(class) => {
            let set = ByteSet::of(class);
            let bytes = (0..=u8::MAX).filter(|byte| set.contains(*byte)).take(2 * MOST);
            let bytes: BTreeSet<_> = bytes.map(|byte| [byte.to_ascii_lowercase()]).collect();
            followed_by(&ways, &bytes.iter().map(<[u8; 1]>::as_slice).collect::<Vec<_>>(), enough)
        }
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, Some(1)) => [go_on(ways.clone(), &repetition.sub, enough), ways.clone()].concat(),
            (0, _) => return ended(ways),
            (1.., _) => return ended(go_on(ways, &repetition.sub, enough)),
        },
        HirKind::Capture(capture) => return go_on(ways, &capture.sub, enough),
        HirKind::Concat(parts) => {
            return parts.iter().fold(ways, |ways, part| go_on(ways, part, enough));
        }
        HirKind::Alternation(choices) => {
            choices.iter().flat_map(|choice| go_on(ways.clone(), choice, enough)).collect()
        }
    };
    if next.len() > MOST { ended(ways) } else { next }
}

/// The ways, each followed by each of some texts; left as they are where those are too many.
fn followed_by(ways: &[Way], texts: &[&[u8]], enough: usize) -> Vec<Way> {
    if ways.len().saturating_mul(texts.len()) > MOST {
        return ended(ways.to_vec());
    }
    let one = |way: &Way, text: &[u8]| {
        let text = [&way.text, text.to_ascii_lowercase().as_slice()].concat();
        Way { open: text.len() < enough, text }
    };
    let all = |way: &Way| {
        let closed = (!way.open).then(|| way.clone());
        let texts = if way.open { texts } else { &[] };
        texts.iter().map(|text| one(way, text)).chain(closed).collect::<Vec<_>>()
    };
    ways.iter().flat_map(all).collect()
}

fn ended(ways: Vec<Way>) -> Vec<Way> {
    ways.into_iter().map(|way| Way { open: false, ..way }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;

    fn begins(source: &str, words: &[&str]) -> bool {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        Pattern::parse(source).unwrap().beginning(&words).is_some()
    }

    fn fits(source: &str, texts: &[&str]) -> bool {
        let words = ["key".to_owned()];
        let beginning = Pattern::parse(source).unwrap().beginning(&words).unwrap();
        texts.iter().all(|text| beginning.fits(text.as_bytes()))
    }

    #[test]
    fn what_stands_first_is_known_place_by_place() {
        let source = "(?<secret>key(?:-|_ab)?[0-9]{4,90})[a-z]";
        assert!(fits(source, &["key1234x", "key-1234", "key_ab12", "key99999"]));
        for text in ["KEY1234x", "keys 1234", "key12", "key-xb12", "key123.x"] {
            assert!(!fits(source, &[text]), "{text}");
        }
        assert!(fits("(?u)(?<secret>key[\u{e4}a]{2}b)", &["key\u{e4}\u{e4}b"]));
        assert!(fits("(?<secret>key(?:a?){40}b)", &["keyb....", "keyaaaab"]));
    }

    #[test]
    fn whatever_matches_fits() {
        let mut asked = 0;
        for rule in crate::rule::builtin_secrets().into_iter().flatten() {
            let Ok(pattern) = Pattern::parse(&rule.pattern) else { continue };
            let Some(beginning) = pattern.beginning(&rule.keywords) else { continue };
            for example in &rule.matches {
                let text = crate::rule::expand(example).unwrap().text.into_bytes();
                let mut found =
                    pattern.regex(text.len(), crate::rule::Effort::Fast).find_iter(&text);
                assert!(found.all(|found| beginning.fits(&text[found.start()..])), "{}", rule.id);
                asked += 1;
            }
        }
        assert!(asked > 1000, "{asked}");
    }

    #[test]
    fn fixed_beginnings_are_known_in_any_case() {
        assert!(begins("(?<secret>pat[0-9A-Za-z]{14})", &["pat"]));
        assert!(begins(r"(?i:\bKey)=(?<secret>[a-z]{3})", &["key"]));
        assert!(begins("(?i:https?)://(?<secret>[a-z]{3})", &["HTTP://", "https://"]));
        assert!(begins("(?<secret>(?:ghp|gho|ghu)_[a-z]{3})", &["ghp_", "gho_", "ghu_"]));
        assert!(begins("(?<secret>(?:ab){2,3}[a-z])", &["ab"]));
    }

    #[test]
    fn what_may_begin_otherwise_does_not() {
        assert!(!begins("[a-z]{1,9}key=(?<secret>[a-z]{3})", &["key"]));
        assert!(!begins("x?key=(?<secret>[a-z]{3})", &["key"]));
        assert!(!begins("(?i:https?)://(?<secret>[a-z]{3})", &["https://"]));
        assert!(!begins("(?<secret>(?:ab){0,3}[a-z])", &["ab"]));
        assert!(!begins("(?<secret>ke[a-z]{3})", &["key"]));
        assert!(!begins("(?:[abc][abc][abc][abc])(?<secret>key[0-9])", &["key"]));
    }
}
