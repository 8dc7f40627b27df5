//! Which of several matches on the same bytes is reported: the most specific one.

use super::matcher::Match;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Keeps the best of the matches that share bytes; the rest, sorted by place, share none.
///
/// A generic match is never better than a specific one. Else the best is the one of the highest
/// confidence, then the longest, then the first by rule id; rules are numbered in the order of their
/// ids.
pub(super) fn most_specific(mut matches: Vec<Match>) -> Vec<Match> {
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
    use crate::finding::Action;
    use crate::finding::Confidence::{self, High, Low, Medium};

    fn at(rule: usize, confidence: Confidence, secret: Range<usize>) -> Match {
        let (rank, action) = (Rank::Specific, Action::Block);
        Match { rule, secret, id: None, confidence, doubt: None, rank, action }
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
