//! What a match of an expression begins with, as far as that is fixed.

use super::byte_set::ByteSet;
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeSet;

/// How many ways to begin are told apart.
const MOST: usize = 64;

/// One way to begin, in small letters.
#[derive(Clone)]
struct Beginning {
    text: Vec<u8>,
    /// Whether it goes on with what comes next in the expression.
    open: bool,
}

/// Whether every match begins with one of some words, whatever the case of their letters.
pub(super) fn begins_with(hir: &Hir, words: &[String]) -> bool {
    let start = vec![Beginning { text: Vec::new(), open: true }];
    let words: Vec<_> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let known = |way: &Beginning| words.iter().any(|word| way.text.starts_with(word.as_bytes()));
    go_on(start, hir).iter().all(known)
}

/// How matches begin that begin in some ways and go on with an expression.
fn go_on(ways: Vec<Beginning>, hir: &Hir) -> Vec<Beginning> {
    let next = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => return ways,
        HirKind::Literal(literal) => followed_by(&ways, &[&literal.0]),
        HirKind::Class(class) => {
            let mut set = ByteSet::empty();
            set.insert_class(class);
            let bytes = (0..=u8::MAX).filter(|byte| set.contains(*byte));
            let bytes: BTreeSet<_> = bytes.map(|byte| [byte.to_ascii_lowercase()]).collect();
            followed_by(&ways, &bytes.iter().map(<[u8; 1]>::as_slice).collect::<Vec<_>>())
        }
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, Some(1)) => [go_on(ways.clone(), &repetition.sub), ways.clone()].concat(),
            (0, _) => return ended(ways),
            (1.., _) => return ended(go_on(ways, &repetition.sub)),
        },
        HirKind::Capture(capture) => return go_on(ways, &capture.sub),
        HirKind::Concat(parts) => return parts.iter().fold(ways, go_on),
        HirKind::Alternation(choices) => {
            choices.iter().flat_map(|choice| go_on(ways.clone(), choice)).collect()
        }
    };
    if next.len() > MOST { ended(ways) } else { next }
}

/// The ways, each followed by each of some texts; left as they are where those are too many.
fn followed_by(ways: &[Beginning], texts: &[&[u8]]) -> Vec<Beginning> {
    if ways.len().saturating_mul(texts.len()) > MOST {
        return ended(ways.to_vec());
    }
    let one = |way: &Beginning, text: &[u8]| {
        let text = [&way.text, text.to_ascii_lowercase().as_slice()].concat();
        Beginning { text, open: true }
    };
    let all = |way: &Beginning| {
        let closed = (!way.open).then(|| way.clone());
        let texts = if way.open { texts } else { &[] };
        texts.iter().map(|text| one(way, text)).chain(closed).collect::<Vec<_>>()
    };
    ways.iter().flat_map(all).collect()
}

fn ended(ways: Vec<Beginning>) -> Vec<Beginning> {
    ways.into_iter().map(|way| Beginning { open: false, ..way }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;

    fn begins(source: &str, words: &[&str]) -> bool {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        Pattern::parse(source).unwrap().begins_with(&words)
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
