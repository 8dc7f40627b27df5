//! Which of several matches on the same bytes is reported: the most specific one.

use super::matcher::Match;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Keeps the best of the matches that share bytes; the rest, sorted by place, share none.
///
/// A generic match is never better than a specific one. Else the best is the one of the highest
/// confidence, then the longest, then the first by rule id; rules are numbered in the order of their
/// ids. But what a checksum refutes is not found by another rule on the same bytes or fewer: whoever
/// else takes it for a secret did not look as closely.
pub(super) fn most_specific(mut matches: Vec<Match>) -> Vec<Match> {
    let refuted = Refuted::new(&matches);
    matches.retain(|found| found.is_refuted() || !refuted.covers(&found.secret));
    matches.sort_by_key(|found| {
        let (sure, long) = (Reverse(found.confidence), Reverse(found.secret.len()));
        (found.rank, sure, long, found.rule, found.secret.start)
    });
    let mut taken = Taken::default();
    matches.retain(|found| {
        let free = found.claims().all(|range| taken.is_free(range));
        if free {
            found.claims().for_each(|range| taken.take(range));
        }
        free
    });
    matches.sort_by_key(|found| found.secret.start);
    matches
}

/// Whether two ranges share a byte.
pub(super) fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The ranges of refuted matches by their starts, each with the furthest end up to there.
struct Refuted(Vec<(usize, usize)>);

impl Refuted {
    fn new(matches: &[Match]) -> Self {
        let refuted = matches.iter().filter(|found| found.is_refuted());
        let mut ranges: Vec<_> =
            refuted.map(|found| (found.secret.start, found.secret.end)).collect();
        ranges.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut ranges {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        Self(ranges)
    }

    /// Whether one of the ranges holds all of this one.
    fn covers(&self, range: &Range<usize>) -> bool {
        let before = self.0.partition_point(|(start, _)| *start <= range.start);
        let last = before.checked_sub(1).and_then(|last| self.0.get(last));
        last.is_some_and(|(_, furthest)| *furthest >= range.end)
    }
}

/// Ranges that share no byte, by their ends.
#[derive(Default)]
struct Taken(BTreeMap<usize, usize>);

impl Taken {
    fn is_free(&self, range: &Range<usize>) -> bool {
        let next = self.0.range(range.start + 1..).next();
        next.is_none_or(|(_, start)| *start >= range.end)
    }

    fn take(&mut self, range: &Range<usize>) {
        self.0.insert(range.end, range.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::secrets::matcher::Rank;
    use crate::detect::secrets::verify::{Doubt, Facts};
    use crate::finding::Action;
    use crate::finding::Confidence::{self, High, Low, Medium};

    fn at(rule: usize, confidence: Confidence, secret: Range<usize>) -> Match {
        let (facts, rank, action) = (Facts::default(), Rank::Specific, Action::Block);
        Match { rule, secret, id: None, confidence, doubt: None, facts, rank, action }
    }

    fn kept(matches: Vec<Match>) -> Vec<usize> {
        most_specific(matches).iter().map(|found| found.rule).collect()
    }

    #[test]
    fn confidence_decides_then_length_then_the_rule() {
        assert_eq!(kept(vec![at(1, Medium, 0..30), at(2, High, 5..10)]), [2]);
        assert_eq!(kept(vec![at(1, High, 0..9), at(2, High, 0..10)]), [2]);
        assert_eq!(kept(vec![at(2, High, 0..10), at(1, High, 0..10)]), [1]);
    }

    #[test]
    fn what_a_checksum_refutes_no_other_rule_finds() {
        let refuted = || Match { doubt: Some(Doubt::Checksum), ..at(1, Low, 10..20) };
        assert_eq!(kept(vec![refuted(), at(2, High, 10..20)]), [1]);
        assert_eq!(kept(vec![at(2, High, 12..20), refuted()]), [1]);
        assert_eq!(kept(vec![refuted(), at(2, High, 10..21)]), [2]);
        assert_eq!(kept(vec![refuted(), at(2, Medium, 5..8)]), [2, 1]);
    }

    #[test]
    fn a_generic_match_gives_way() {
        let generic = Match { rank: Rank::Generic, ..at(1, High, 0..40) };
        assert_eq!(kept(vec![generic, at(2, Low, 4..30)]), [2]);
    }

    #[test]
    fn what_only_a_loser_overlapped_is_kept() {
        let chain = vec![at(1, Low, 0..10), at(2, Medium, 8..20), at(3, High, 18..30)];
        assert_eq!(kept(chain), [1, 3]);
    }

    #[test]
    fn matches_side_by_side_share_nothing() {
        assert_eq!(kept(vec![at(1, High, 10..20), at(2, High, 0..10)]), [2, 1]);
    }

    #[test]
    fn the_public_half_of_a_pair_is_not_reported_for_itself() {
        let pair = Match { id: Some(0..20), ..at(1, High, 30..70) };
        assert_eq!(kept(vec![at(0, High, 0..20), pair]), [1]);
    }
}
