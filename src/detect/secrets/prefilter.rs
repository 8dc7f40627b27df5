//! Where it is worth trying a rule: one pass over the bytes for the keywords of all rules.
//!
//! Time is linear in the text, whatever is in it: the windows around a rule's keywords are merged as
//! they are found, so that no byte is searched twice for one rule.

use super::grams::Grams;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How many bytes of a keyword are looked for at most: so many on either side of a change have to be
/// read again in a history.
const LONGEST: usize = 16;

/// Where a rule may match around a keyword.
type WindowOf<'a> = dyn Fn(usize, &Range<usize>) -> Option<Range<usize>> + 'a;

/// The keywords of all rules.
pub(super) struct Prefilter {
    grams: Grams,
    longest: usize,
    /// For each keyword the numbers of the rules that it leads to.
    owners: Vec<Vec<usize>>,
}

impl Prefilter {
    /// A prefilter for rules that are given as their keywords, and for words that lead to no rule.
    pub(super) fn new<'r>(rules: impl IntoIterator<Item = &'r [String]>, others: &[&str]) -> Self {
        let mut keywords = BTreeMap::<Vec<u8>, Vec<usize>>::new();
        for (rule, words) in rules.into_iter().enumerate() {
            for word in words.iter().map(|word| known_by(word)).collect::<BTreeSet<_>>() {
                keywords.entry(word).or_default().push(rule);
            }
        }
        for word in others {
            keywords.entry(known_by(word)).or_default();
        }
        let grams = Grams::new(keywords.keys().map(Vec::as_slice));
        let longest = keywords.keys().map(Vec::len).max().unwrap_or(0);
        Self { grams, longest, owners: keywords.into_values().collect() }
    }

    /// Calls `found` with every keyword in some ranges of a text and its number, in about the order of
    /// their places.
    pub(super) fn each_in(
        &self,
        bytes: &[u8],
        ranges: &[Range<usize>],
        found: &mut dyn FnMut(Range<usize>, usize),
    ) {
        self.grams.each_in(bytes, ranges, found);
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

    /// How long the longest keyword is, as far as it is looked for.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// For each rule of which a keyword occurs, the ranges that hold every possible match; sorted
    /// and apart. `window` says which range that is for one rule and one keyword.
    pub(super) fn windows(
        &self,
        bytes: &[u8],
        window: &WindowOf<'_>,
    ) -> BTreeMap<usize, Vec<Range<usize>>> {
        let mut windows = BTreeMap::<usize, Vec<Range<usize>>>::new();
        for (hit, word) in self.hits(bytes) {
            for (rule, window) in
                self.owners(word).filter_map(|rule| Some((rule, window(rule, &hit)?)))
            {
                widen(windows.entry(rule).or_default(), window);
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

/// What of a keyword is looked for.
fn known_by(word: &str) -> Vec<u8> {
    let word = word.to_ascii_lowercase().into_bytes();
    word.into_iter().take(LONGEST).collect()
}

/// Adds a window to a rule's others. Keywords are met in the order of their ends, and so windows are
/// but for those of a keyword that holds another: they may begin before the last.
fn widen(windows: &mut Vec<Range<usize>>, mut window: Range<usize>) {
    while let Some(last) = windows.pop_if(|last| window.start <= last.end) {
        window = window.start.min(last.start)..window.end.max(last.end);
    }
    windows.push(window);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(text: &str) -> BTreeMap<usize, Vec<Range<usize>>> {
        let rules = [(vec!["key".to_owned()], 5), (vec!["KEYS".to_owned(), "lock".to_owned()], 6)];
        let words = rules.iter().map(|(words, _)| words.as_slice());
        let window = |rule: usize, hit: &Range<usize>| {
            let end = text.len().min(hit.start + rules[rule].1);
            Some(hit.end.saturating_sub(rules[rule].1)..end)
        };
        Prefilter::new(words, &[]).windows(text.as_bytes(), &window)
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
    fn long_keywords_of_one_beginning_lead_to_all_their_rules() {
        let words = ["elasticsearch.password", "elasticsearch.passphrase"].map(str::to_owned);
        let rules = [&words[..1], &words[1..], &words];
        let prefilter = Prefilter::new(rules, &["other"]);
        let owners = |word| prefilter.owners(word).collect::<Vec<_>>();
        let hits = prefilter.hits(b"Elasticsearch.Password, other");
        let found: Vec<_> = hits.into_iter().map(|(hit, word)| (hit, owners(word))).collect();
        assert_eq!(found, [(0..16, vec![0, 1, 2]), (24..29, vec![])]);
    }

    #[test]
    fn what_a_manifest_says_is_looked_for_as_a_whole() {
        assert!(super::super::reading::MANIFEST.iter().all(|said| said.len() <= LONGEST));
    }

    #[test]
    fn windows_that_touch_are_one() {
        assert_eq!(windows(&"key".repeat(100_000))[&0], std::slice::from_ref(&(0..300_000)));
    }

    #[test]
    fn windows_may_begin_in_another_order_than_keywords_end() {
        let mut windows = vec![0..2, 3..4];
        for window in [5..9, 11..12, 8..13, 20..22] {
            widen(&mut windows, window);
        }
        assert_eq!(windows, [0..2, 3..4, 5..13, 20..22]);
    }

    #[test]
    fn a_text_without_keywords_has_no_windows() {
        assert!(windows("nothing here").is_empty() && windows("").is_empty());
    }
}
