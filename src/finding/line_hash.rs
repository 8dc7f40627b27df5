//! The hash by which GitHub's code scanning recognises a line again after others have moved it.
//!
//! GitHub computes it itself where it can read the file, and warns about a report that disagrees:
//! so it is its own algorithm, to the digit. A line's hash is a polynomial over the hundred UTF-16
//! units that follow the line's start, spaces and tabs left out.

use std::collections::BTreeMap;

const BASE: u64 = 37;
const WINDOW: usize = 100;
const END_OF_FILE: u16 = u16::MAX;

/// The `primaryLocationLineHash` of every line of a text, in order: sixteen or fewer hexadecimal
/// digits, a colon, and which of the lines with this hash it is. Lines end as [`LineIndex`] ends
/// them.
///
/// [`LineIndex`]: super::LineIndex
pub fn line_hashes(text: &[u8]) -> Vec<String> {
    let (units, starts) = significant(&String::from_utf8_lossy(text));
    let mut seen = BTreeMap::<u64, usize>::new();
    let hashes = starts.into_iter().map(|start| {
        let hash = window_hash(units.get(start..).unwrap_or_default());
        let nth = seen.entry(hash).or_default();
        *nth += 1;
        format!("{hash:x}:{nth}")
    });
    hashes.collect()
}

/// The units that count, each line end as one `LF`, the end of the file as a unit of its own; and
/// where among them each line starts.
fn significant(text: &str) -> (Vec<u16>, Vec<usize>) {
    let (space, tab) = (u16::from(b' '), u16::from(b'\t'));
    let (lf, cr) = (u16::from(b'\n'), u16::from(b'\r'));
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut starts = vec![0];
    let mut after_cr = false;
    for unit in text.encode_utf16() {
        let second_half = after_cr && unit == lf;
        after_cr = unit == cr;
        if unit == space || unit == tab || second_half {
            continue;
        }
        units.push(if unit == cr { lf } else { unit });
        if unit == cr || unit == lf {
            starts.push(units.len());
        }
    }
    units.push(END_OF_FILE);
    (units, starts)
}

/// The hash of the first window of `units`, as if zeros without end followed them.
fn window_hash(units: &[u16]) -> u64 {
    let padded = units.iter().copied().chain(std::iter::repeat(0)).take(WINDOW);
    padded.fold(0, |hash: u64, unit| hash.wrapping_mul(BASE).wrapping_add(u64::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::LineIndex;
    use proptest::prelude::*;

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
        assert_eq!(line_hashes(b""), ["c129715d7a2bc9a3:1"]);
    }

    #[test]
    fn indentation_does_not_count() {
        let expected =
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(line_hashes(b" a\nb\n  \t\tc\n d"), expected);
    }

    #[test]
    fn every_line_end_is_the_same() {
        for text in [
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        ] {
            assert_eq!(line_hashes(text.as_bytes()), GREETINGS, "{text:?}");
        }
    }

    #[test]
    fn lines_alike_are_numbered() {
        let hashes = line_hashes("Lorem ipsum dolor sit amet.\n".repeat(10).as_bytes());
        assert_eq!(hashes[5], "a7f2ff13bc495cf2:6");
        assert_eq!(hashes[6], "a7f2ff1481e87703:1");
        assert_eq!(hashes[9], "cc97dc7b1d7d8f7b:1");
    }

    proptest! {
        #[test]
        fn every_line_of_the_index_has_a_hash(text in "[ab\u{e9}\u{1f600} \t\r\n]{0,60}") {
            let lines = LineIndex::new(text.as_bytes()).line_col(usize::MAX).line.get() as usize;
            prop_assert_eq!(line_hashes(text.as_bytes()).len(), lines);
        }
    }
}
