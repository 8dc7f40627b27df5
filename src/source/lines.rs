//! Which lines of a file are new, by comparing it with earlier versions.

use super::alike::{alike_after, alike_before};
use imara_diff::{Algorithm, Diff, InternedInput};
use std::ops::Range;
use std::sync::Arc;

/// How much may differ that is taken for one change, in bytes: nobody looks for lines in it that stay.
const ONE_CHANGE: usize = 32 << 10;

/// How much is compared as lines at most, in bytes: the time of that grows with the square of what
/// differs.
const MOST_COMPARED: usize = 256 << 10;

/// The byte ranges of the lines that no version has. A version that is not there has none.
pub(super) fn new_in_all(versions: &[Option<Arc<Vec<u8>>>], bytes: &[u8]) -> Vec<Range<usize>> {
    let whole = 0..bytes.len();
    versions.iter().fold(vec![whole], |new, version| match version {
        None => new,
        Some(version) => {
            let mut lines = hunks(version, bytes);
            lines.retain(|range| !range.is_empty());
            intersect(&new, &lines)
        }
    })
}

/// Where a text differs from an earlier one, in whole lines; an empty range is where lines are gone.
/// What begins and ends alike is compared as bytes, and only what is between as lines, unless it is as
/// short as one change or too long.
pub(super) fn differing(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let head = lines_alike(before, after);
    let (before, rest) = (before.get(head..), after.get(head..));
    let (before, rest) = (before.unwrap_or_default(), rest.unwrap_or_default());
    let tail = last_lines_alike(before, rest);
    let before = before.get(..before.len() - tail).unwrap_or_default();
    let rest = rest.get(..rest.len() - tail).unwrap_or_default();
    let long = rest.len().max(before.len()) > MOST_COMPARED;
    if before.is_empty() || rest.len() <= ONE_CHANGE || long {
        return std::iter::once(head..head + rest.len()).collect();
    }
    let hunks = hunks(before, rest).into_iter();
    hunks.map(|hunk| hunk.start + head..hunk.end + head).collect()
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

/// The byte ranges of the lines of `after` that a line diff against `before` adds; an empty one where it
/// only removes.
fn hunks(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let input = InternedInput::new(before, after);
    let mut starts = vec![0];
    starts.extend(input.after.iter().scan(0, |at, token| {
        *at += input.interner[*token].len();
        Some(*at)
    }));
    let start = |line: u32| starts.get(line as usize).copied().unwrap_or(after.len());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    diff.hunks().map(|hunk| start(hunk.after.start)..start(hunk.after.end)).collect()
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

    proptest! {
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
