//! Where a pack has an object, by a few reads of its index (gitformat-pack, version 2).
//!
//! Names are sorted and as good as random, so where one stands among those of its first byte is told by
//! the bytes after it, to within a few dozen: a read of the names around that place finds most. Reading
//! an index whole costs more than all that a range of commits asks for.

use super::corrupt;
use super::file::read_at;
use super::index::{FANOUT, LONG, MAGIC, Name};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

/// How long a name, a checksum and a short offset are.
const NAME: usize = 20;
const CHECKSUM: usize = 4;
const OFFSET: usize = 4;

/// How many names are read at once.
const MOST: u32 = 128;

/// The index of a pack, of which little is read.
pub(super) struct Lookup {
    file: File,
    /// For each first byte, how many names begin with it or with a lesser one.
    fanout: Vec<u32>,
}

impl Lookup {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut head = vec![0; MAGIC.len() + FANOUT];
        read_at(&file, 0, &mut head)?;
        let fanout = head.strip_prefix(MAGIC).ok_or_else(corrupt)?;
        let fanout: Vec<_> =
            fanout.as_chunks().0.iter().map(|four| u32::from_be_bytes(*four)).collect();
        if fanout.is_sorted() { Ok(Self { file, fanout }) } else { Err(corrupt()) }
    }

    /// The offset of an object in the pack; `None` if the pack does not have it.
    pub(super) fn find(&self, name: &Name) -> io::Result<Option<u64>> {
        let [first, near @ ..] = *name;
        let end = |byte: usize| self.fanout.get(byte).copied().unwrap_or_default();
        let first = usize::from(first);
        let mut among = first.checked_sub(1).map_or(0, end)..end(first);
        let mut buffer = [Name::default(); MOST as usize];
        let mut guess = among.start + share(among.end - among.start, &near);
        while !among.is_empty() {
            let part = around(&among, guess);
            let names = buffer.get_mut(..part.len()).ok_or_else(corrupt)?;
            self.read(part.start as usize * NAME, names.as_flattened_mut())?;
            match names.binary_search(name) {
                Ok(at) => return self.offset(part.start as usize + at).map(Some),
                Err(0) => among.end = part.start,
                Err(at) if at == part.len() => among.start = part.end,
                Err(_) => return Ok(None),
            }
            guess = among.start + (among.end.saturating_sub(among.start)) / 2;
        }
        Ok(None)
    }

    fn offset(&self, place: usize) -> io::Result<u64> {
        let count = self.fanout.last().copied().unwrap_or_default() as usize;
        let mut short = [0; OFFSET];
        let offsets = count * (NAME + CHECKSUM);
        self.read(offsets + place * OFFSET, &mut short)?;
        let short = u32::from_be_bytes(short);
        if short & LONG == 0 {
            return Ok(u64::from(short));
        }
        let mut long = [0; 8];
        self.read(offsets + count * OFFSET + (short & !LONG) as usize * long.len(), &mut long)?;
        Ok(u64::from_be_bytes(long))
    }

    /// Reads from the tables behind the fanout.
    fn read(&self, at: usize, into: &mut [u8]) -> io::Result<()> {
        read_at(&self.file, (MAGIC.len() + FANOUT + at) as u64, into)
    }
}

/// How far into so many names the rest of a name points.
fn share(count: u32, rest: &[u8; 19]) -> u32 {
    let [a, b, c, d, ..] = *rest;
    let part = u64::from(u32::from_be_bytes([a, b, c, d])) * u64::from(count);
    u32::try_from(part >> 32).unwrap_or_default()
}

/// The places around one, within a range: where among `n` random names one stands is guessed to within
/// a standard deviation of no more than half the root of `n`, and here are one and a half to either side,
/// so that of eight searches seven end with one read.
fn around(among: &Range<u32>, place: u32) -> Range<u32> {
    let half = ((among.end - among.start).isqrt() * 3 / 4 + 4).min(MOST / 2);
    place.saturating_sub(half).max(among.start)..place.saturating_add(half).min(among.end)
}
