//! Where it is worth trying a rule: one pass over the bytes for the keywords of all rules.
//!
//! Time is linear in the text, whatever is in it: the windows around a rule's keywords are merged as
//! they are found, so that no byte is searched twice for one rule.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use std::collections::BTreeMap;
use std::ops::Range;

/// The keywords of all rules as one automaton.
pub(super) struct Prefilter {
    automaton: AhoCorasick,
    /// For each keyword the rules that it leads to.
    owners: Vec<Vec<Owner>>,
}

/// A rule as far as the prefilter knows it.
#[derive(Clone, Copy)]
struct Owner {
    rule: usize,
    reach: usize,
}

impl Prefilter {
    /// The automaton for rules that are given as their keywords and how long their match can get.
    ///
    /// It is a DFA because that read rails's history a third faster than the NFA that the crate
    /// would choose for as many keywords; it costs about a megabyte.
    pub(super) fn new<'r>(
        rules: impl IntoIterator<Item = (&'r [String], usize)>,
    ) -> Result<Self, BuildError> {
        let mut keywords = BTreeMap::<String, Vec<Owner>>::new();
        for (rule, (words, reach)) in rules.into_iter().enumerate() {
            for word in words {
                let owners = keywords.entry(word.to_ascii_lowercase()).or_default();
                owners.push(Owner { rule, reach });
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(keywords.keys())?;
        Ok(Self { automaton, owners: keywords.into_values().collect() })
    }

    /// Every keyword in a text, by its number, in the order of their ends.
    pub(super) fn hits(&self, bytes: &[u8]) -> impl Iterator<Item = (Range<usize>, usize)> {
        let hits = self.automaton.find_overlapping_iter(bytes);
        hits.map(|hit| (hit.start()..hit.end(), hit.pattern().as_usize()))
    }

    /// The rules that a keyword leads to, and how long the match of each can get.
    pub(super) fn owners(&self, word: usize) -> impl Iterator<Item = (usize, usize)> {
        let owners = self.owners.get(word).into_iter().flatten();
        owners.map(|owner| (owner.rule, owner.reach))
    }

    /// The longest of those matches.
    pub(super) fn reach(&self, word: usize) -> usize {
        self.owners(word).map(|(_, reach)| reach).max().unwrap_or(0)
    }

    /// How long the longest keyword is.
    pub(super) fn longest(&self) -> usize {
        self.automaton.max_pattern_len()
    }

    /// For each rule of which a keyword occurs, the ranges that hold every possible match; sorted
    /// and apart.
    pub(super) fn windows(&self, bytes: &[u8]) -> BTreeMap<usize, Vec<Range<usize>>> {
        let mut windows = BTreeMap::<usize, Vec<Range<usize>>>::new();
        for hit in self.automaton.find_overlapping_iter(bytes) {
            let owners = self.owners.get(hit.pattern().as_usize()).into_iter().flatten();
            for owner in owners {
                let start = hit.end().saturating_sub(owner.reach).min(hit.start());
                let end = hit.start().saturating_add(owner.reach).min(bytes.len()).max(hit.end());
                widen(windows.entry(owner.rule).or_default(), start..end);
            }
        }
        windows
    }
}

/// Adds a window to a rule's others. Keywords are met in the order of their ends, and how far a rule
/// reaches is fixed, so windows begin in order.
fn widen(windows: &mut Vec<Range<usize>>, window: Range<usize>) {
    match windows.last_mut() {
        Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
        _ => windows.push(window),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(text: &str) -> BTreeMap<usize, Vec<Range<usize>>> {
        let rules = [(vec!["key".to_owned()], 5), (vec!["KEYS".to_owned(), "lock".to_owned()], 6)];
        let rules = rules.iter().map(|(words, reach)| (words.as_slice(), *reach));
        Prefilter::new(rules).unwrap().windows(text.as_bytes())
    }

    #[test]
    fn a_window_holds_every_match_around_its_keyword() {
        assert_eq!(windows("........KeY........")[&0], std::slice::from_ref(&(6..13)));
    }

    #[test]
    fn keywords_within_keywords_lead_to_both_rules() {
        assert_eq!(windows("keys").len(), 2);
    }

    #[test]
    fn windows_that_touch_are_one() {
        assert_eq!(windows(&"key".repeat(100_000))[&0], std::slice::from_ref(&(0..300_000)));
    }

    #[test]
    fn a_text_without_keywords_has_no_windows() {
        assert!(windows("nothing here").is_empty() && windows("").is_empty());
    }
}
