//! What every text holds in which an expression matches: where that is not, there is no match.
//!
//! Around most keywords stand words, and a token is longer than any; most addresses have no `@`. To see
//! that takes a look at every tenth byte or so; an automaton looks at each, and a third of a millisecond
//! goes by before it is made.

use super::byte_set::ByteSet;
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeSet;

/// Some bytes, anywhere, and as many bytes of one kind in a row as the secret has at least.
pub struct Needed {
    bytes: BTreeSet<u8>,
    set: ByteSet,
    least: usize,
}

impl Needed {
    /// What the matches of an expression hold whose secret is that of another.
    pub(super) fn of(hir: &Hir, secret: &Hir) -> Self {
        let mut set = ByteSet::within(secret);
        // Characters of several bytes are not told apart.
        if (0x80..=u8::MAX).any(|byte| set.contains(byte)) {
            set.extend(&(0x80..=u8::MAX).collect());
        }
        let mut bytes = in_all(hir);
        bytes.retain(|byte| !byte.is_ascii_alphanumeric());
        Self { bytes, set, least: secret.properties().minimum_len().unwrap_or(0) }
    }

    /// Whether a text holds all that.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.bytes.iter().all(|byte| memchr::memchr(*byte, text).is_some()) && self.runs_in(text)
    }

    fn runs_in(&self, text: &[u8]) -> bool {
        // What begins at `start` is such a run as far as `known`.
        let (mut start, mut known) = (0, 0);
        while let Some(unknown) = text.get(known..start + self.least) {
            let Some(other) = unknown.iter().rposition(|byte| !self.set.contains(*byte)) else {
                return true;
            };
            (start, known) = (known + other + 1, start + self.least);
        }
        false
    }
}

/// The bytes that are in every match.
fn in_all(hir: &Hir) -> BTreeSet<u8> {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.iter().copied().collect(),
        HirKind::Capture(capture) => in_all(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => in_all(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(in_all).collect(),
        HirKind::Alternation(choices) => {
            let both = |a: BTreeSet<u8>, b: BTreeSet<u8>| &a & &b;
            choices.iter().map(in_all).reduce(both).unwrap_or_default()
        }
        HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Empty | HirKind::Look(_) => {
            BTreeSet::new()
        }
    }
}

/// Whether some bytes stand in a row in every match.
pub(super) fn says(hir: &Hir, word: &[u8]) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => memchr::memmem::find(&literal.0, word).is_some(),
        HirKind::Capture(capture) => says(&capture.sub, word),
        HirKind::Repetition(repetition) => repetition.min > 0 && says(&repetition.sub, word),
        HirKind::Concat(parts) => parts.iter().any(|part| says(part, word)),
        HirKind::Alternation(choices) => choices.iter().all(|choice| says(choice, word)),
        HirKind::Class(_) | HirKind::Empty | HirKind::Look(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use proptest::prelude::*;

    fn holds(source: &str, text: &str) -> bool {
        Pattern::parse(source).unwrap().needed().is_in(text.as_bytes())
    }

    #[test]
    fn as_many_bytes_in_a_row_as_the_secret_has_at_least() {
        let source = "key(?<secret>ab_[0-9a-f]{4,9})";
        assert!(holds(source, "key = ab_1234") && holds(source, "x0_0_0_0x"));
        assert!(
            !holds(source, "ab_123") && !holds(source, "key=ab_123 4567") && !holds(source, "")
        );
    }

    #[test]
    fn a_byte_that_is_in_every_match() {
        let source = "(?:a:-|:[+]{1,2}b)/?(?<secret>[a-z]{3})@";
        assert!(holds(source, "abc:@") && !holds(source, "abc:") && !holds(source, "@abc"));
    }

    #[test]
    fn characters_of_several_bytes_count_as_their_bytes() {
        let source = "(?<secret>(?u:[\u{430}-\u{44f}]{3}))x";
        assert!(
            holds(source, "\u{430}\u{43f}\u{44f}x") && !holds(source, "\u{430}x\u{43f}\u{44f}")
        );
    }

    proptest! {
        #[test]
        fn no_place_is_passed_over(text in "[a-c.]{0,40}", least in 1..8_usize) {
            let source = format!("(?<secret>[a-c]{{{least}}})");
            let longest = text.split('.').map(str::len).max().unwrap_or(0);
            prop_assert_eq!(holds(&source, &text), longest >= least);
        }
    }

    #[test]
    fn every_example_of_a_rule_holds_what_it_needs() {
        let mut asked = 0;
        for rule in crate::rule::builtin_secrets().into_iter().flatten() {
            let Ok(pattern) = Pattern::parse(&rule.pattern) else { continue };
            for example in &rule.matches {
                let text = crate::rule::expand(example).unwrap().text.into_bytes();
                let matches = pattern.regex(text.len(), crate::rule::Effort::Fast).is_match(&text);
                assert!(!matches || pattern.needed().is_in(&text), "{}", rule.id);
                asked += usize::from(matches);
            }
        }
        assert!(asked > 1000, "{asked}");
    }
}
