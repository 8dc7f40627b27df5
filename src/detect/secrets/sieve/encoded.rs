//! What is encoded in a blob, and what it decodes to.
//!
//! To look for it takes as long as to look for keywords, and it is nearly nowhere: in all versions of
//! the files of rust-lang/cargo 139 runs of digits and 41,000 stretches with escapes are decoded. So it
//! is marked, a change is searched for what is encoded in it, and what was before is decoded again where
//! the change may give it another meaning. To decode whatever stands around a change instead, for which
//! 518 MB of that history were read, took 4.5 % more processor time in all.

use super::super::Detector;
use super::super::overlap::overlaps;
use super::super::reading::{self, Budget, Kind, Walk};
use super::{AROUND, around, touches, widened};
use crate::finding::RepoPath;
use crate::source::{Mark, Note};
use std::ops::Range;

impl Detector {
    /// Decodes what is encoded so near to a change that it may have another meaning, and searches that.
    pub(super) fn mark_decoded_near(
        &self,
        bytes: &[u8],
        new: &[Range<usize>],
        marks: &[Mark],
        found: &mut Vec<Mark>,
    ) {
        let encoded = with_whole_runs(bytes, &near(new, marks), found);
        // A line of a run has its mark where the first line of the run says that it is one.
        mark(bytes, &encoded, found);
        let mut readings = readings(bytes, &encoded);
        readings.retain(|reading| touches(new, &around(reading, AROUND)));
        self.mark_decoded(bytes, readings, found);
    }

    /// Decodes whatever is encoded around some ranges, and searches that.
    pub(in super::super) fn mark_decoded_around(
        &self,
        bytes: &[u8],
        new: &[Range<usize>],
        found: &mut Vec<Mark>,
    ) {
        let whole = with_whole_runs(bytes, &widened(bytes, new, AROUND), found);
        self.mark_decoded(bytes, readings(bytes, &whole), found);
    }

    /// Decodes what is encoded in some parts of a text, and searches that.
    fn mark_decoded(&self, bytes: &[u8], parts: Vec<Range<usize>>, found: &mut Vec<Mark>) {
        let path = RepoPath::from("text");
        for part in parts {
            self.mark_decoded_in(&path, bytes, part, found);
        }
    }

    fn mark_decoded_in(
        &self,
        path: &RepoPath,
        bytes: &[u8],
        range: Range<usize>,
        found: &mut Vec<Mark>,
    ) {
        let (start, text) = (range.start, bytes.get(range.clone()).unwrap_or_default());
        let mut budget = Budget::of(bytes.len());
        for reading in Walk::new(path, text, &mut budget).skip(1) {
            let matches = self.search_everywhere(&reading.text).into_iter();
            let fresh = matches.filter(|secret| overlaps(secret, &reading.fresh));
            let whole = reading.origin(&(0..reading.text.len()));
            let whole = whole.start + start..whole.end + start;
            found.extend(fresh.map(|secret| {
                let origin = reading.origin(&secret);
                let origin = origin.start + start..origin.end + start;
                let decoded = reading.kind == Kind::Decoded;
                let value = decoded.then(|| self.value(bytes, &whole, &origin));
                value.unwrap_or_else(|| super::mark(whole.clone(), Note::Suspect))
            }));
        }
        if !budget.into_cuts().is_empty() {
            found.push(super::mark(range, Note::Suspect));
        }
    }
}

/// Ranges widened until no run is cut. A run that is longer than anybody writes is not decoded: one of
/// its places is suspect, as long as it is there, and if a change takes it away the next is.
fn with_whole_runs(
    bytes: &[u8],
    ranges: &[Range<usize>],
    found: &mut Vec<Mark>,
) -> Vec<Range<usize>> {
    let (mut whole, mut done, mut endless) = (Vec::new(), 0, None);
    for range in ranges.iter().cloned() {
        if range.end < done {
            continue;
        }
        if endless.is_some_and(|end| range.start <= end + reading::REACH) {
            endless = Some(range.end);
        } else if let Some(part) = reading::with_whole_runs(bytes, range.clone(), done) {
            done = part.end;
            whole.push(part);
        } else {
            endless = Some(range.end);
            found.push(super::mark(range, Note::Suspect));
        }
    }
    whole
}

/// What is read of a text to decode some ranges.
fn readings(bytes: &[u8], encoded: &[Range<usize>]) -> Vec<Range<usize>> {
    let lines: Vec<_> = encoded.iter().map(|range| reading::with_lines(bytes, range)).collect();
    widened(bytes, &lines, 0)
}

/// Marks what is encoded in some ranges, each by itself.
pub(super) fn mark(bytes: &[u8], ranges: &[Range<usize>], marks: &mut Vec<Mark>) {
    reading::each_encoded(bytes, ranges, &mut |place| {
        marks.push(super::mark(place, Note::Encoded));
    });
}

/// What is encoded so near to a change that what it decodes to may have another meaning.
fn near(new: &[Range<usize>], marks: &[Mark]) -> Vec<Range<usize>> {
    let encoded = marks.iter().filter(|mark| mark.note == Note::Encoded);
    let encoded = encoded.map(|mark| mark.start as usize..mark.end as usize);
    let reach = reading::REACH + AROUND;
    encoded.filter(|place| touches(new, &around(place, reach))).collect()
}
