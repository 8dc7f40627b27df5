//! Where a finding is: a path, and a range of lines and columns, both 1-based; columns count
//! Unicode code points.

use super::path::RepoPath;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A commit's object id in hexadecimal, whichever hash the repository uses.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(Arc<str>);

impl CommitId {
    /// An id from its hexadecimal digits.
    pub fn new(hex: &str) -> Self {
        Self(Arc::from(hex))
    }

    /// All hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place in a text. Both counts start at one, so a zero-based place cannot be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// The line, counted from one.
    pub line: NonZeroU32,
    /// The column in Unicode code points, counted from one.
    pub column: NonZeroU32,
}

impl LineCol {
    /// The start of a text.
    pub const START: Self = Self { line: NonZeroU32::MIN, column: NonZeroU32::MIN };

    /// The start of a line; line zero is taken for the first.
    pub fn line_start(line: u32) -> Self {
        Self { line: NonZeroU32::new(line).unwrap_or(NonZeroU32::MIN), column: NonZeroU32::MIN }
    }
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub path: RepoPath,
    /// The first code point.
    pub start: LineCol,
    /// One past the last code point, on the last line.
    pub end: LineCol,
    /// The commit that brought it, where a history was read.
    pub commit: Option<CommitId>,
}

/// The starts of the lines of one text, found in one pass, so that a place costs a binary search.
///
/// `LF`, `CRLF` and a lone `CR` each end a line, as editors count them.
#[derive(Debug)]
pub struct LineIndex<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
    /// How many code points there are before every [`STEP`]th byte, counted when first asked for what is far
    /// into a line: a text of many findings may be one line.
    counts: OnceLock<Vec<usize>>,
}

/// How far apart the places are of which that is known, in bytes.
const STEP: usize = 4096;

impl<'a> LineIndex<'a> {
    /// The index of a text.
    pub fn new(bytes: &'a [u8]) -> Self {
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
        // Of a CRLF the LF ends the line.
        let first_half = |at: &usize| bytes.get(*at..*at + 2) == Some(b"\r\n");
        let starts = ends.filter(|at| !first_half(at)).map(|at| at + 1);
        let starts = std::iter::once(0).chain(starts).collect();
        Self { bytes, starts, counts: OnceLock::new() }
    }

    /// The text.
    pub fn text(&self) -> &'a [u8] {
        self.bytes
    }

    /// The line of a byte offset, without the cost of counting its column: a text may be one line.
    pub fn line_at(&self, offset: usize) -> NonZeroU32 {
        count(self.starts.partition_point(|start| *start <= offset))
    }

    /// The place of a byte offset; an offset past the end is taken for the end.
    pub fn line_col(&self, offset: usize) -> LineCol {
        let offset = offset.min(self.bytes.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(0);
        let column = self.code_points(start, offset) + 1;
        LineCol { line: count(line), column: count(column) }
    }

    /// How many code points stand between the start of a line and an offset in it.
    fn code_points(&self, start: usize, offset: usize) -> usize {
        if offset - start <= STEP {
            return code_points(self.bytes.get(start..offset).unwrap_or_default());
        }
        self.count_before(offset) - self.count_before(start)
    }

    fn count_before(&self, offset: usize) -> usize {
        let counts = self.counts.get_or_init(|| {
            let places = (0..=self.bytes.len()).step_by(STEP).map(|at| self.between(at));
            let pieces = places.clone().zip(places.skip(1));
            let pieces =
                pieces.map(|(from, to)| code_points(self.bytes.get(from..to).unwrap_or_default()));
            let sums = pieces.scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            });
            std::iter::once(0).chain(sums).collect()
        });
        let rest = self.bytes.get(self.between(offset - offset % STEP)..offset);
        counts.get(offset / STEP).copied().unwrap_or(0) + code_points(rest.unwrap_or_default())
    }

    /// The last place at or before an offset that is in no code point.
    fn between(&self, offset: usize) -> usize {
        let inside = |at: &usize| self.bytes.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
        // What goes on for longer is no code point, and every byte counts for itself.
        let near = offset.saturating_sub(3)..=offset;
        near.rev().find(|at| !inside(at)).unwrap_or(offset)
    }

    /// The start and end of a byte range.
    pub fn span(&self, range: &Range<usize>) -> (LineCol, LineCol) {
        (self.line_col(range.start), self.line_col(range.end))
    }

    /// The byte range of the line that holds an offset, without its line end.
    pub fn line_range(&self, offset: usize) -> Range<usize> {
        let next = self.starts.partition_point(|start| *start <= offset);
        let start = next.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(0);
        let mut end = self.starts.get(next).copied().unwrap_or(self.bytes.len());
        while end > start && matches!(self.bytes.get(end - 1), Some(b'\n' | b'\r')) {
            end -= 1;
        }
        start..end
    }

    /// The byte range of a line by its number, without its line end.
    pub fn line(&self, number: NonZeroU32) -> Option<Range<usize>> {
        let start = *self.starts.get(usize::try_from(number.get()).ok()? - 1)?;
        Some(self.line_range(start))
    }
}

/// Code points of UTF-8; each byte that is not part of one counts for itself.
fn code_points(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

fn count(n: usize) -> NonZeroU32 {
    u32::try_from(n).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str, offset: usize) -> (u32, u32) {
        let place = LineIndex::new(text.as_bytes()).line_col(offset);
        (place.line.get(), place.column.get())
    }

    #[test]
    fn every_line_end_counts_once() {
        assert_eq!(at("a\r\nb\rc\nd", 7), (4, 1));
    }

    #[test]
    fn columns_count_code_points() {
        assert_eq!(at("héé=x", 6), (1, 5));
    }

    #[test]
    fn an_empty_text_has_a_first_line() {
        assert_eq!(at("", 0), (1, 1));
    }

    proptest! {
        #[test]
        fn far_into_a_line_columns_are_counted_as_near(
            piece in prop::collection::vec(
                prop_oneof![
                    "[a\u{e9}\u{20ac}\u{1d11e}]".prop_map(String::into_bytes),
                    prop::collection::vec(0x7F_u8..=0xFF, 1..5),
                ],
                1..30,
            ),
            before in 0..3_usize, at in any::<prop::sample::Index>(),
        ) {
            let piece = piece.concat();
            let mut text = vec![b'\n'; before];
            text.extend(piece.repeat(3 * STEP / piece.len()));
            let offset = before + at.index(text.len() + 1 - before);
            let column = code_points(&text[before..offset]) + 1;
            prop_assert_eq!(LineIndex::new(&text).line_col(offset).column, count(column));
        }

        #[test]
        fn a_place_leads_back_to_its_offset(text in "[aé\r\n]{0,40}") {
            let index = LineIndex::new(text.as_bytes());
            for (offset, _) in text.char_indices() {
                let place = index.line_col(offset);
                let start = index.line(place.line).map(|line| line.start).unwrap_or_default();
                let back = text.get(start..).unwrap_or_default().char_indices().nth(place.column.get() as usize - 1).map(|(at, _)| start + at);
                prop_assert_eq!(back, Some(offset));
            }
        }
    }
}
