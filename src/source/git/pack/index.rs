//! The index of a pack: which objects it has, by name, and where (gitformat-pack, version 2).

use super::corrupt;
use super::file::read_at;
use std::fs::File;
use std::io;
use std::path::Path;

/// An object's name.
pub(in super::super) type Name = [u8; 20];

/// How an index begins, and how long the table of first bytes is that comes next.
pub(super) const MAGIC: &[u8] = b"\xfftOc\0\0\0\x02";
pub(super) const FANOUT: usize = 256 * 4;

/// The offset has its high bit set if it is a place in the table of long ones.
pub(super) const LONG: u32 = 1 << 31;

/// What each object has in the tables: a name, a checksum and a short offset; and where the last begins.
const SHORT: usize = 20 + 4;
const EACH: usize = SHORT + 4;

/// The checksums of the pack and of the index, at its end.
const TRAILER: usize = 2 * 20;

/// How far from where it is looked for a name is found soon.
const FAR: usize = 3;

/// The names of a pack's objects, sorted.
pub(super) struct Index {
    names: Vec<Name>,
    /// For each two bytes that a name may begin with, the first such; and the number of names.
    buckets: Vec<u32>,
}

impl Index {
    /// Reads an index file: the index, and for each of its names where the object is.
    pub(super) fn read(path: &Path) -> io::Result<(Self, Vec<u64>)> {
        let file = File::open(path)?;
        let mut head = [0; MAGIC.len() + FANOUT];
        read_at(&file, 0, &mut head)?;
        let count = head.strip_prefix(MAGIC).and_then(<[u8]>::last_chunk).ok_or_else(corrupt)?;
        let count = u32::from_be_bytes(*count) as usize;
        let end = file.metadata()?.len().checked_sub((head.len() + TRAILER) as u64);
        let tables = usize::try_from(end.ok_or_else(corrupt)?).map_err(|_| corrupt())?;
        let longs = tables.checked_sub(count.checked_mul(EACH).ok_or_else(corrupt)?);
        let longs = longs.ok_or_else(corrupt)?;
        let mut names = vec![Name::default(); count];
        let mut short = vec![[0; 4]; count];
        let mut long = vec![[0; 8]; longs / 8];
        let table = |from: usize| (head.len() + from * count) as u64;
        read_at(&file, table(0), names.as_flattened_mut())?;
        read_at(&file, table(SHORT), short.as_flattened_mut())?;
        read_at(&file, table(EACH), long.as_flattened_mut())?;
        let offset = |short: &[u8; 4]| match u32::from_be_bytes(*short) {
            at if at & LONG == 0 => Some(u64::from(at)),
            at => long.get((at & !LONG) as usize).map(|long| u64::from_be_bytes(*long)),
        };
        let offsets = short.iter().map(offset).collect::<Option<_>>().ok_or_else(corrupt)?;
        let buckets = buckets(&names);
        Ok((Self { names, buckets }, offsets))
    }

    pub(super) fn name(&self, place: usize) -> Option<&Name> {
        self.names.get(place)
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The place of a name among the others.
    pub(super) fn find(&self, name: &Name) -> Option<u32> {
        let bucket = first_bytes(name);
        let start = *self.buckets.get(bucket)?;
        let end = *self.buckets.get(bucket + 1)?;
        let names = self.names.get(start as usize..end as usize)?;
        let at = near_guess(names, name).or_else(|| names.binary_search(name).ok())?;
        Some(start + u32::try_from(at).ok()?)
    }
}

/// The place of a name, if it is about where it should be: hashes are spread evenly, so that a guess
/// by their next two bytes is seldom far off.
fn near_guess(names: &[Name], name: &Name) -> Option<usize> {
    let [_, _, third, fourth, ..] = *name;
    let share = usize::from(third) << 8 | usize::from(fourth);
    let guess = (names.len() * share) >> 16;
    let near = guess.saturating_sub(FAR)..names.len().min(guess + FAR + 1);
    let start = near.start;
    names.get(near)?.iter().position(|other| other == name).map(|at| start + at)
}

fn first_bytes(name: &Name) -> usize {
    let [first, second, ..] = *name;
    usize::from(first) << 8 | usize::from(second)
}

fn buckets(names: &[Name]) -> Vec<u32> {
    let mut buckets = Vec::with_capacity((1 << 16) + 1);
    for (at, name) in names.iter().enumerate() {
        while buckets.len() <= first_bytes(name) {
            buckets.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
    }
    buckets.resize((1 << 16) + 1, u32::try_from(names.len()).unwrap_or(u32::MAX));
    buckets
}
