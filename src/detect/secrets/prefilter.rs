//! Where it is worth trying a rule: one pass over the bytes for the keywords of all rules.
//!
//! Time is linear in the text, whatever is in it: the windows around a rule's keywords are merged as
//! they are found, so that no byte is searched twice for one rule.

use super::grams::Grams;
use std::collections::BTreeMap;
use std::ops::Range;

/// The keywords of all rules.
pub(super) struct Prefilter {
    grams: Grams,
    longest: usize,
    /// For each keyword the numbers of the rules that it leads to.
    owners: Vec<Vec<usize>>,
}

impl Prefilter {
    /// A prefilter for rules that are given as their keywords.
    pub(super) fn new<'r>(rules: impl IntoIterator<Item = &'r [String]>) -> Self {
        let mut keywords = BTreeMap::<String, Vec<usize>>::new();
        for (rule, words) in rules.into_iter().enumerate() {
            for word in words {
                keywords.entry(word.to_ascii_lowercase()).or_default().push(rule);
            }
        }
        let grams = Grams::new(keywords.keys().map(String::as_bytes));
        let longest = keywords.keys().map(String::len).max().unwrap_or(0);
        Self { grams, longest, owners: keywords.into_values().collect() }
    }

    /// Every keyword in a text, by its number, in the order of their ends.
    pub(super) fn hits(&self, bytes: &[u8]) -> Vec<(Range<usize>, usize)> {
        let mut hits = Vec::new();
        self.grams.search(bytes, &mut |hit, word| hits.push((hit, word)));
        hits.sort_unstable_by_key(|(hit, word)| (hit.end, hit.start, *word));
        hits
    }

    /// The rules that a keyword leads to.
    pub(super) fn owners(&self, word: usize) -> impl Iterator<Item = usize> {
        self.owners.get(word).into_iter().flatten().copied()
    }

    /// How many keywords there are.
    pub(super) fn len(&self) -> usize {
        self.owners.len()
    }

    /// How long the longest keyword is.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// For each rule of which a keyword occurs, the ranges that hold every possible match; sorted
    /// and apart. `reach` says how long a rule's match can get.
    pub(super) fn windows(
        &self,
        bytes: &[u8],
        reach: &dyn Fn(usize) -> usize,
    ) -> BTreeMap<usize, Vec<Range<usize>>> {
        let mut windows = BTreeMap::<usize, Vec<Range<usize>>>::new();
        for (hit, word) in self.hits(bytes) {
            for rule in self.owners(word) {
                let reach = reach(rule);
                // The keyword itself at least: a rule that looks for names has no reach.
                let start = hit.end.saturating_sub(reach).min(hit.start);
                let end = hit.start.saturating_add(reach).min(bytes.len()).max(hit.end);
                widen(windows.entry(rule).or_default(), start..end);
            }
        }
        windows
    }

    /// Whether a keyword of a rule occurs.
    pub(super) fn leads_to(&self, bytes: &[u8], rule: usize) -> bool {
        let hits = self.hits(bytes);
        hits.into_iter().any(|(_, word)| self.owners(word).any(|owner| owner == rule))
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
        let words = rules.iter().map(|(words, _)| words.as_slice());
        let reach = |rule: usize| rules[rule].1;
        Prefilter::new(words).windows(text.as_bytes(), &reach)
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
