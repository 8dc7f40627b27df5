//! The hash by which GitHub's code scanning recognises a line again after others have moved it.
//!
//! GitHub computes it itself where it can read the file, and warns about a report that disagrees:
//! so it is its own algorithm, to the digit. A line's hash is a polynomial over the hundred UTF-16
//! units that follow the line's start, spaces and tabs left out.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

const BASE: u64 = 37;
const WINDOW: usize = 100;
const END_OF_FILE: u16 = u16::MAX;

/// The `primaryLocationLineHash` of some lines of a text: sixteen or fewer hexadecimal digits, a
/// colon, and which of the lines with this hash it is. Lines end as [`LineIndex`] ends them; of one
/// that the text does not have, nothing is said.
///
/// [`LineIndex`]: super::LineIndex
pub fn line_hashes(text: &[u8], lines: &BTreeSet<NonZeroU32>) -> BTreeMap<NonZeroU32, String> {
    let Some(last) = lines.last() else { return BTreeMap::new() };
    let hashes = first_hashes(text, last.get() as usize);
    let of = |line: &NonZeroU32| hashes.get(line.get() as usize - 1).copied();
    let mut seen: BTreeMap<u64, usize> =
        lines.iter().filter_map(of).map(|hash| (hash, 0)).collect();
    let numbered = (1..).zip(&hashes).filter_map(|(line, hash)| {
        let nth = seen.get_mut(hash)?;
        *nth += 1;
        let line = NonZeroU32::new(line).filter(|line| lines.contains(line))?;
        Some((line, format!("{hash:x}:{nth}")))
    });
    numbered.collect()
}

/// The hash of each of the first lines, one window rolling over them.
fn first_hashes(text: &[u8], lines: usize) -> Vec<u64> {
    let Units { units, starts } = if text.is_ascii() {
        Units::of(text.iter().copied().map(u16::from), lines)
    } else {
        Units::of(String::from_utf8_lossy(text).encode_utf16(), lines)
    };
    let entering = units.get(WINDOW..).unwrap_or_default();
    let mut hash = units.iter().take(WINDOW).fold(0, |hash, unit| appended(hash, *unit));
    let weight = (0..WINDOW).fold(1_u64, |weight, _| weight.wrapping_mul(BASE));
    let mut steps = units.iter().zip(entering);
    let mut at = 0;
    let hashes = starts.into_iter().map(|start| {
        for (left, entered) in steps.by_ref().take(start - at) {
            let leaves = u64::from(*left).wrapping_mul(weight);
            hash = appended(hash, *entered).wrapping_sub(leaves);
        }
        at = start;
        hash
    });
    hashes.collect()
}

fn appended(hash: u64, unit: u16) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(unit))
}

/// The units that count, as far as the windows of the first lines reach: each line end as one `LF`,
/// the end of the file as a unit of its own and a window of zeros behind it; and where among them
/// each of these lines starts.
struct Units {
    units: Vec<u16>,
    starts: Vec<usize>,
}

impl Units {
    fn of(text: impl Iterator<Item = u16>, lines: usize) -> Self {
        let (space, tab) = (u16::from(b' '), u16::from(b'\t'));
        let (lf, cr) = (u16::from(b'\n'), u16::from(b'\r'));
        let mut units = Vec::with_capacity(text.size_hint().0 + 1 + WINDOW);
        let mut starts = vec![0];
        let mut after_cr = false;
        for unit in text {
            let second_half = after_cr && unit == lf;
            after_cr = unit == cr;
            if unit == space || unit == tab || second_half {
                continue;
            }
            units.push(if unit == cr { lf } else { unit });
            let ends = unit == cr || unit == lf;
            if ends {
                starts.push(units.len());
            }
            let beyond = |start: &usize| units.len() - start >= WINDOW;
            if ends && starts.get(lines).is_some_and(beyond) {
                break;
            }
        }
        units.push(END_OF_FILE);
        units.extend([0; WINDOW]);
        starts.truncate(lines);
        Self { units, starts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::LineIndex;
    use proptest::prelude::*;

    /// Of every line, in order, each window hashed for itself.
    fn one_by_one(text: &[u8]) -> Vec<String> {
        let units = Units::of(String::from_utf8_lossy(text).encode_utf16(), usize::MAX);
        let mut seen = BTreeMap::<u64, usize>::new();
        let hashes = units.starts.iter().map(|start| {
            let window = units.units.iter().skip(*start).take(WINDOW);
            let hash = window.fold(0, |hash, unit| appended(hash, *unit));
            let nth = seen.entry(hash).or_default();
            *nth += 1;
            format!("{hash:x}:{nth}")
        });
        hashes.collect()
    }

    fn hashes(text: &[u8], lines: impl IntoIterator<Item = u32>) -> Vec<String> {
        let lines = lines.into_iter().filter_map(NonZeroU32::new).collect();
        line_hashes(text, &lines).into_values().collect()
    }

    fn every(text: &[u8]) -> Vec<String> {
        let hashes = hashes(text, 1..1000);
        assert_eq!(hashes, one_by_one(text));
        hashes
    }

    /// What GitHub's own action computes for the same text.
    const GREETINGS: &[&str] = &[
        "e9496ae3ebfced30:1",
        "fb7c023a8b9ccb3f:1",
        "ce8ba1a563dcdaca:1",
        "e20e36e16fcb0cc8:1",
        "b3edc88f2938467e:1",
        "c8e28b0b4002a3a0:1",
        "c129715d7a2bc9a3:1",
    ];

    #[test]
    fn an_empty_file_has_one_line() {
        assert_eq!(every(b""), ["c129715d7a2bc9a3:1"]);
    }

    #[test]
    fn indentation_does_not_count() {
        let expected =
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(every(b" a\nb\n  \t\tc\n d"), expected);
    }

    #[test]
    fn every_line_end_is_the_same() {
        for text in [
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        ] {
            assert_eq!(every(text.as_bytes()), GREETINGS, "{text:?}");
        }
    }

    #[test]
    fn lines_alike_are_numbered() {
        let hashes = every("Lorem ipsum dolor sit amet.\n".repeat(10).as_bytes());
        assert_eq!(hashes[5], "a7f2ff13bc495cf2:6");
        assert_eq!(hashes[6], "a7f2ff1481e87703:1");
        assert_eq!(hashes[9], "cc97dc7b1d7d8f7b:1");
    }

    proptest! {
        #[test]
        fn every_line_of_the_index_has_a_hash(text in "[ab\u{e9}\u{1f600} \t\r\n]{0,60}") {
            let lines = LineIndex::new(text.as_bytes()).line_col(usize::MAX).line.get() as usize;
            prop_assert_eq!(every(text.as_bytes()).len(), lines);
        }

        #[test]
        fn some_lines_have_the_hashes_that_they_have_among_all(
            text in "([ab]{0,3}\n|\u{e9}{40}\r\n){0,60}",
            lines in prop::collection::btree_set(0..70_u32, 0..5),
        ) {
            let all = one_by_one(text.as_bytes());
            let some = lines.iter().filter_map(|line| all.get((*line as usize).checked_sub(1)?));
            prop_assert_eq!(hashes(text.as_bytes(), lines.clone()), some.cloned().collect::<Vec<_>>());
        }
    }
}
