//! Which lines of a file are new, by comparing it with earlier versions.

use super::alike::{alike_after, alike_before};
use imara_diff::{Algorithm, Diff, InternedInput, Token};
use std::ops::Range;
use std::sync::Arc;

/// How much may differ that is taken for one change, in bytes: nobody looks for lines in it that stay.
const ONE_CHANGE: usize = 32 << 10;

/// How much is compared as lines at most, in bytes: the time of that grows with the square of what
/// differs where lines repeat themselves (4 MB: 98 s). Of more, a line is new that is there more often.
const MOST_COMPARED: usize = 256 << 10;

/// The byte ranges of the lines that no version has. A version that is not there has none.
pub(super) fn new_in_all(versions: &[Option<Arc<Vec<u8>>>], bytes: &[u8]) -> Vec<Range<usize>> {
    let whole = 0..bytes.len();
    versions.iter().fold(vec![whole], |new, version| match version {
        None => new,
        Some(version) => intersect(&new, &added(version, bytes)),
    })
}

/// The lines that a text has and an earlier one has not.
fn added(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let Between { head, before, after } = Between::of(before, after);
    let compare = if is_long(before, after) { more_often } else { hunks };
    let lines = compare(before, after).into_iter().filter(|range| !range.is_empty());
    lines.map(|range| range.start + head..range.end + head).collect()
}

/// Where a text differs from an earlier one, in whole lines; an empty range is where lines are gone.
/// What begins and ends alike is compared as bytes, and only what is between as lines, unless it is as
/// short as one change or too long.
pub(super) fn differing(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let Between { head, before, after } = Between::of(before, after);
    if before.is_empty() || after.len() <= ONE_CHANGE || is_long(before, after) {
        return std::iter::once(head..head + after.len()).collect();
    }
    let hunks = hunks(before, after).into_iter();
    hunks.map(|hunk| hunk.start + head..hunk.end + head).collect()
}

/// What is left of two texts between the lines with which both begin and those with which both end.
struct Between<'t> {
    /// How many bytes the first have.
    head: usize,
    before: &'t [u8],
    after: &'t [u8],
}

impl<'t> Between<'t> {
    fn of(before: &'t [u8], after: &'t [u8]) -> Self {
        let head = lines_alike(before, after);
        let (before, after) = (before.get(head..), after.get(head..));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let tail = last_lines_alike(before, after);
        let without = |text: &'t [u8]| text.get(..text.len() - tail).unwrap_or_default();
        Self { head, before: without(before), after: without(after) }
    }
}

fn is_long(before: &[u8], after: &[u8]) -> bool {
    before.len().max(after.len()) > MOST_COMPARED
}

/// How many bytes the lines have with which two texts begin.
fn lines_alike(a: &[u8], b: &[u8]) -> usize {
    let alike = a.get(..alike_before(a, b)).unwrap_or_default();
    memchr::memrchr(b'\n', alike).map_or(0, |end| end + 1)
}

/// The same of those with which they end, less the first.
fn last_lines_alike(a: &[u8], b: &[u8]) -> usize {
    let len = alike_after(a, b);
    let alike = a.get(a.len() - len..).unwrap_or_default();
    memchr::memchr(b'\n', alike).map_or(0, |end| len - end - 1)
}

/// The byte ranges of the lines that `after` has more often than `before`, every one of them: all that is
/// added is among them, and nothing that only moved.
fn more_often(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let input = InternedInput::new(before, after);
    let mut balance = vec![0_i64; input.interner.num_tokens() as usize];
    let mut count = |tokens: &[Token], by| {
        for token in tokens {
            if let Some(balance) = balance.get_mut(token.0 as usize) {
                *balance += by;
            }
        }
    };
    count(&input.after, 1);
    count(&input.before, -1);
    let more = |token: &Token| balance.get(token.0 as usize).is_some_and(|balance| *balance > 0);
    let starts = starts(&input);
    let lines = starts.iter().zip(starts.iter().skip(1)).map(|(start, end)| *start..*end);
    let lines = input.after.iter().zip(lines);
    lines.filter(|(token, _)| more(token)).map(|(_, line)| line).collect()
}

/// The byte ranges of the lines of `after` that a line diff against `before` adds; an empty one where it
/// only removes.
fn hunks(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let input = InternedInput::new(before, after);
    let starts = starts(&input);
    let start = |line: u32| starts.get(line as usize).copied().unwrap_or(after.len());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    diff.hunks().map(|hunk| start(hunk.after.start)..start(hunk.after.end)).collect()
}

/// Where each line of the later text begins, and where the last ends.
fn starts(input: &InternedInput<&[u8]>) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(input.after.iter().scan(0, |at, token| {
        *at += input.interner[*token].len();
        Some(*at)
    }));
    starts
}

fn intersect(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut both = Vec::new();
    for left in a {
        let first = b.partition_point(|right| right.end <= left.start);
        let overlapping = b.iter().skip(first).take_while(|right| right.start < left.end);
        both.extend(overlapping.map(|right| left.start.max(right.start)..left.end.min(right.end)));
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_begins_and_ends_alike_does_not_differ() {
        let before = format!("{}old\n{}", "head\n".repeat(40), "tail\n".repeat(40));
        let after = before.replace("old", "new");
        assert!(matches!(
            differing(before.as_bytes(), after.as_bytes())[..],
            [Range { start: 200, end: 204 }]
        ));
        let gone = before.replace("old\n", "");
        assert!(matches!(
            differing(before.as_bytes(), gone.as_bytes())[..],
            [Range { start: 200, .. }]
        ));
    }

    #[test]
    fn changes_that_are_far_apart_are_told_apart() {
        let before = format!("old\n{}old\ngone\nend", "same\n".repeat(10_000));
        let after = format!("newer\n{}new\nend", "same\n".repeat(10_000));
        assert_eq!(differing(before.as_bytes(), after.as_bytes()), [0..6, 50_006..50_010]);
    }

    #[test]
    fn the_ends_of_texts() {
        for (before, after) in
            [("", ""), ("", "a"), ("a", ""), ("a", "a"), ("a\n", "a\n"), ("a\n", "a\na\n")]
        {
            let differing = differing(before.as_bytes(), after.as_bytes());
            assert!(differing.iter().all(|range| range.end <= after.len()), "{before:?} {after:?}");
        }
    }

    /// Lines, of which some are so long that what lies between two others is more than one change.
    fn lines() -> impl Strategy<Value = String> {
        let long = "c".repeat(ONE_CHANGE / 3);
        "([ab]{0,3}\n|c\n){0,12}[ab]?".prop_map(move |text| text.replace('c', &long))
    }

    #[test]
    fn of_long_texts_those_lines_are_new_that_are_there_more_often() {
        let (moved, twice) = ("moved\n", "twice\n");
        let words = |word: &str| format!("{word}\n").repeat(MOST_COMPARED / word.len());
        let before = format!("{moved}{twice}{}", words("old"));
        let after = format!("new\n{twice}{}{moved}{twice}last", words("other"));
        let line = |range: &Range<usize>| after[range.clone()].to_owned();
        let added: BTreeSet<_> =
            added(before.as_bytes(), after.as_bytes()).iter().map(line).collect();
        assert_eq!(added, ["new\n", twice, "other\n", "last"].map(str::to_owned).into());
    }

    proptest! {
        #[test]
        fn a_line_is_new_that_is_there_more_often(before in lines(), after in lines()) {
            let new = more_often(before.as_bytes(), after.as_bytes());
            let count = |text: &str, line| text.split_inclusive('\n').filter(|it| *it == line).count();
            let mut end = 0;
            for line in after.split_inclusive('\n') {
                let range = end..end + line.len();
                end = range.end;
                prop_assert_eq!(new.contains(&range), count(&after, line) > count(&before, line));
            }
        }

        #[test]
        fn what_does_not_differ_stands_in_the_earlier_text(before in lines(), after in lines()) {
            let (before, after) = (before.as_bytes(), after.as_bytes());
            let ranges = differing(before, after);
            let ends: Vec<_> = ranges.iter().map(|range| range.start).chain([after.len()]).collect();
            let starts: Vec<_> = std::iter::once(0).chain(ranges.iter().map(|r| r.end)).collect();
            let mut from = 0;
            for (start, end) in starts.into_iter().zip(ends) {
                prop_assert!(start <= end && (start == 0 || start == after.len() || after[start - 1] == b'\n'));
                let kept = &after[start..end];
                let found = memchr::memmem::find(&before[from..], kept);
                prop_assert!(found.is_some(), "{} {}", start, end);
                from += found.unwrap() + kept.len();
            }
        }
    }
}
