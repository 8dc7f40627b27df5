//! The texts that a file holds: as it is, from UTF-16 and UTF-32, decoded, unpacked, and what those
//! hold in turn.
//!
//! A decoded run stands in its reading between what stood around it, so that the name before a value
//! still belongs to it: `password: aHVudGVyMg==` reads `password: hunter2`. Each byte of a reading
//! leads back to its place in the [`Surface`]. What a [`Budget`] cuts off is told.

mod archive;
mod encoded;
mod escapes;
mod near;
mod notebook;
mod surface;

use crate::finding::RepoPath;
use encoded::Run;
pub(super) use encoded::{MANIFEST, SHORTEST as LEAST_AROUND, is_manifest, says_manifest};
pub(super) use near::with_whole_runs;
pub(super) use notebook::is_notebook as is_read_by_name;
use std::borrow::Cow;
use std::ops::Range;

/// How often what was decoded or unpacked is decoded or unpacked again.
const DEPTH: usize = 3;

/// How much of its line is kept on either side of a decoded run, in bytes.
pub(super) const CONTEXT: usize = 160;

/// How far from a change anything encoded may be to be decoded to something else, or with something else
/// beside it, in bytes: the rest of its line, or the next line of its run.
pub(super) const REACH: usize = CONTEXT + encoded::LINE_END + encoded::INDENT;

/// How many bytes may be decoded of one file: twice its own, within these bounds.
const LEAST_DECODED: usize = 256 << 10;
const MOST_DECODED: usize = 32 << 20;

/// How many bytes may be unpacked of one file, and how many members looked at.
const MOST_UNPACKED: usize = 64 << 20;
const MOST_MEMBERS: usize = 10_000;

/// One way of showing a file as a whole; findings are told by its lines.
pub(super) struct Surface<'a> {
    pub(super) text: Cow<'a, [u8]>,
    /// Whether it is the file's own bytes.
    pub(super) own: Own,
}

/// Whether a surface is what the file holds byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Bytes,
    Transcoded,
}

/// One text of a file.
pub(super) struct Reading<'a> {
    pub(super) text: Cow<'a, [u8]>,
    /// The part that no other reading has; a match that does not touch it was found there.
    pub(super) fresh: Range<usize>,
    /// The name of the archive's member that it is, or is in.
    pub(super) member: Option<RepoPath>,
    pub(super) kind: Kind,
    place: Place,
    depth: usize,
}

/// Where a reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is the surface.
    Surface,
    /// It was decoded from what stands there.
    Decoded,
    /// It is, or is decoded from, the member of an archive.
    Member,
    /// The names of an archive's members.
    Names,
}

/// Where the bytes of a reading are on the surface.
enum Place {
    Same,
    /// For each byte, where it is.
    Mapped(Vec<u32>),
    /// All of them are in the whole of this range.
    Within(Range<usize>),
}

/// How much may still be decoded and unpacked of one file, and what could not be.
pub(super) struct Budget {
    decoded: usize,
    unpacked: usize,
    members: usize,
    cuts: Vec<String>,
}

/// The surfaces of a file's bytes.
pub(super) fn surfaces(bytes: &[u8]) -> Vec<Surface<'_>> {
    let texts = surface::surfaces(bytes).into_iter();
    let own = std::iter::once(Own::Bytes).chain(std::iter::repeat(Own::Transcoded));
    texts.zip(own).map(|(text, own)| Surface { text, own }).collect()
}

/// Whether a file is more than its bytes show: an archive, or text of more than one byte a character.
pub(super) fn is_read_otherwise(bytes: &[u8]) -> bool {
    archive::is_archive(bytes) || surface::is_wide(bytes)
}

/// Calls `found` with everything in some ranges that is decoded in a reading: escapes, and lines of runs
/// of digits. With [`LEAST_AROUND`] bytes on either side of a change, that is all that the change may
/// have made.
pub(super) fn each_encoded(
    text: &[u8],
    ranges: &[Range<usize>],
    found: &mut dyn FnMut(Range<usize>),
) {
    let mut done = 0;
    for range in ranges {
        done = encoded::each_line(text, range, done, found);
        escapes::each(text, range, found);
    }
}

/// A range with what a reading has of the lines that it begins and ends in.
pub(super) fn with_lines(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let before = line_tail(text.get(..range.start).unwrap_or_default());
    let after = line_head(text.get(range.end..).unwrap_or_default());
    range.start - before..range.end + after
}

/// All readings of one surface, the surface itself first.
pub(super) struct Walk<'p, 'a> {
    path: &'p RepoPath,
    waiting: Vec<Reading<'a>>,
    budget: &'p mut Budget,
}

impl<'p, 'a> Walk<'p, 'a> {
    pub(super) fn new(path: &'p RepoPath, text: &'a [u8], budget: &'p mut Budget) -> Self {
        let surface = Reading {
            text: Cow::Borrowed(text),
            fresh: 0..text.len(),
            member: None,
            kind: Kind::Surface,
            place: Place::Same,
            depth: 0,
        };
        Self { path, waiting: vec![surface], budget }
    }
}

impl<'a> Iterator for Walk<'_, 'a> {
    type Item = Reading<'a>;

    fn next(&mut self) -> Option<Reading<'a>> {
        let reading = self.waiting.pop()?;
        if reading.depth < DEPTH && reading.kind != Kind::Names {
            let mut children = reading.children(self.path, self.budget);
            children.reverse();
            self.waiting.append(&mut children);
        }
        Some(reading)
    }
}

impl Budget {
    /// What one file of this size may cost.
    pub(super) fn of(size: usize) -> Self {
        let decoded = size.saturating_mul(2).clamp(LEAST_DECODED, MOST_DECODED);
        Self { decoded, unpacked: MOST_UNPACKED, members: MOST_MEMBERS, cuts: Vec::new() }
    }

    /// What was not looked at, each in one sentence.
    pub(super) fn into_cuts(mut self) -> Vec<String> {
        self.cuts.sort();
        self.cuts.dedup();
        self.cuts
    }

    fn cut(&mut self, what: impl Into<String>) {
        self.cuts.push(what.into());
    }

    /// Whether `size` more bytes may be decoded.
    fn decodes(&mut self, size: usize) -> bool {
        let allowed = size <= self.decoded;
        if allowed {
            self.decoded -= size;
        } else {
            self.cut("it holds more encoded text than is decoded of one file");
        }
        allowed
    }
}

impl Reading<'_> {
    /// Where a range of the text is on the surface.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        match &self.place {
            Place::Same => range.clone(),
            Place::Within(whole) => whole.clone(),
            Place::Mapped(offsets) => {
                let at = |index: usize| offsets.get(index).map_or(0, |at| *at as usize);
                let last = range.end.saturating_sub(1).max(range.start);
                // A digit of base 64 holds six bits: the last byte reaches into the one after.
                at(range.start)..at(last) + 1
            }
        }
    }

    fn children(&self, path: &RepoPath, budget: &mut Budget) -> Vec<Self> {
        let mut children = Vec::new();
        if let Some(unpacked) = archive::unpack(&self.text, budget) {
            self.members(unpacked, &mut children);
            return children;
        }
        let name = self.member.as_ref().unwrap_or(path);
        if let Some(run) = notebook::joined(name, &self.text)
            && budget.decodes(run.decoded.len())
        {
            children.push(self.decoded(run));
        }
        let mut take = |run: Run| {
            let allowed = budget.decodes(run.decoded.len());
            if allowed {
                children.push(self.decoded(run));
            }
            allowed
        };
        encoded::runs(&self.text, &mut take);
        escapes::runs(&self.text, &mut take);
        children
    }

    /// A reading in which a run is replaced with what it decodes to.
    fn decoded(&self, run: Run) -> Self {
        let before = self.text.get(..run.range.start).unwrap_or_default();
        let after = self.text.get(run.range.end..).unwrap_or_default();
        let before = before.len() - line_tail(before)..before.len();
        let after = run.range.end..run.range.end + line_head(after);
        let piece = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        let wide = surface::narrowed(&run.decoded).filter(|_| run.wide());
        let (middle, at) = match wide {
            Some(narrow) => (narrow, run.at.iter().copied().step_by(2).collect::<Vec<_>>()),
            None => (run.decoded, run.at),
        };
        let text = [piece(&before), &middle, piece(&after)].concat();
        let fresh = before.len()..before.len() + middle.len();
        let place = match &self.place {
            Place::Within(whole) => Place::Within(whole.clone()),
            Place::Same | Place::Mapped(_) => {
                let own = before.clone().chain(at.iter().map(|at| *at as usize)).chain(after);
                let surface = own.map(|at| self.origin(&(at..at + 1)).start);
                Place::Mapped(surface.map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect())
            }
        };
        let kind = if self.kind == Kind::Surface { Kind::Decoded } else { self.kind };
        let member = self.member.clone();
        Reading { text: Cow::Owned(text), fresh, member, kind, place, depth: self.depth + 1 }
    }

    fn members(&self, unpacked: Vec<archive::Member>, children: &mut Vec<Self>) {
        let whole = || match &self.place {
            Place::Within(whole) => whole.clone(),
            Place::Same | Place::Mapped(_) => self.origin(&(0..self.text.len())),
        };
        let read = |text: Vec<u8>, member: Option<RepoPath>, kind| Reading {
            fresh: 0..text.len(),
            text: Cow::Owned(text),
            member,
            kind,
            place: Place::Within(whole()),
            depth: self.depth + 1,
        };
        let names: Vec<_> = unpacked.iter().map(|member| member.name.as_bytes()).collect();
        children.push(read(names.join(&b'\n'), None, Kind::Names));
        let members = unpacked.into_iter();
        children.extend(members.map(|member| read(member.bytes, Some(member.name), Kind::Member)));
    }
}

/// How many bytes at the end of a text belong to its last line, [`CONTEXT`] at most.
fn line_tail(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(CONTEXT);
    tail.take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
}

/// How many bytes at the start of a text belong to its first line, [`CONTEXT`] at most.
fn line_head(text: &[u8]) -> usize {
    let head = text.iter().take(CONTEXT);
    head.take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
}

#[cfg(test)]
mod tests;
