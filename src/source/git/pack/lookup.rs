//! Where a pack has an object, by its index as it lies in memory (gitformat-pack, version 2).
//!
//! Names are sorted and as good as random, so where one stands among those of its first byte is told by
//! the bytes after it, to within a few dozen. The file is mapped, and of what is mapped only what is
//! looked at is read: to read an index whole costs more than all that a range of commits asks for, and
//! to read around each name twice as much as to look there.

use super::corrupt;
use super::index::{FANOUT, LONG, MAGIC, Name};
use filebuffer::FileBuffer;
use std::io;
use std::ops::Range;
use std::path::Path;

/// How long a name, a checksum and a short offset are.
const NAME: usize = 20;
const CHECKSUM: usize = 4;
const OFFSET: usize = 4;

/// The index of a pack, of which little is read.
pub(super) struct Lookup {
    file: FileBuffer,
    count: usize,
}

impl Lookup {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = FileBuffer::open(path)?;
        let mut this = Self { file, count: 0 };
        let fanout = this.fanout().ok_or_else(corrupt)?;
        let ends = || fanout.iter().map(|four| u32::from_be_bytes(*four));
        this.count =
            ends().next_back().filter(|_| ends().is_sorted()).ok_or_else(corrupt)? as usize;
        Ok(this)
    }

    /// The offset of an object in the pack; `None` if the pack does not have it.
    pub(super) fn find(&self, name: &Name) -> io::Result<Option<u64>> {
        let [first, near @ ..] = *name;
        let first = usize::from(first);
        let end = |byte: usize| Some(u32::from_be_bytes(*self.fanout()?.get(byte)?) as usize);
        let start = first.checked_sub(1).map_or(Some(0), end);
        let among = start.zip(end(first)).map(|(start, end)| start..end).ok_or_else(corrupt)?;
        let names = self.table(0, NAME * self.count).ok_or_else(corrupt)?.as_chunks().0;
        let names = names.get(among.clone()).ok_or_else(corrupt)?;
        let found = place(names, name, &near);
        found.map(|place| self.offset(among.start + place).ok_or_else(corrupt)).transpose()
    }

    /// For each first byte, how many names begin with it or with a lesser one.
    fn fanout(&self) -> Option<&[[u8; 4]]> {
        let fanout = self.file.strip_prefix(MAGIC)?.get(..FANOUT)?;
        Some(fanout.as_chunks().0)
    }

    fn offset(&self, place: usize) -> Option<u64> {
        let offsets = self.count * (NAME + CHECKSUM);
        let short = self.table(offsets + place * OFFSET, OFFSET)?;
        let short = u32::from_be_bytes(*short.first_chunk()?);
        if short & LONG == 0 {
            return Some(u64::from(short));
        }
        let long = offsets + self.count * OFFSET + (short & !LONG) as usize * 8;
        self.table(long, 8)?.first_chunk().map(|long| u64::from_be_bytes(*long))
    }

    /// A part of the tables behind the fanout.
    fn table(&self, at: usize, len: usize) -> Option<&[u8]> {
        self.file.get(MAGIC.len() + FANOUT..)?.get(at..)?.get(..len)
    }
}

/// The place of a name among those of one first byte; `rest` is what follows it.
fn place(names: &[Name], name: &Name, rest: &[u8; 19]) -> Option<usize> {
    let near = around(names.len(), share(names.len(), rest));
    let here = names.get(near.clone()).unwrap_or_default();
    match here.binary_search(name) {
        Ok(at) => Some(near.start + at),
        Err(at) if at > 0 && at < here.len() => None,
        Err(_) => names.binary_search(name).ok(),
    }
}

/// How far into so many names the rest of a name points.
fn share(count: usize, rest: &[u8; 19]) -> usize {
    let [a, b, c, d, ..] = *rest;
    let part = u64::from(u32::from_be_bytes([a, b, c, d])) * count as u64;
    usize::try_from(part >> 32).unwrap_or_default()
}

/// The places around one: where among `n` random names one stands is guessed to within a standard
/// deviation of no more than half the root of `n`, and here are one and a half to either side, so that
/// of eight searches seven end here.
fn around(count: usize, place: usize) -> Range<usize> {
    let half = count.isqrt() * 3 / 4 + 4;
    place.saturating_sub(half)..place.saturating_add(half).min(count)
}
