//! Trees as short lists: for each name its hash and the number of what is there.
//!
//! A tree that was made from another is read only where it differs: an entry that was copied whole is
//! the base's. Entries have no mark by which they are recognised, so the stretches between those that
//! were copied must read as entries to the byte, or the whole tree is read.

use super::super::pack::{Delta, Name};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

const KIND: u32 = 0b110;
const WANTED: u32 = 1;

/// How many names are remembered.
const ANSWERS: usize = 1 << 16;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File = 0b000,
    Symlink = 0b010,
    Submodule = 0b100,
    Folder = 0b110,
}

/// One name of a tree. Two that are equal are the same name for the same thing; the hash is keyed, so
/// that nobody can make two names equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    name: u32,
    pub(super) target: u32,
}

impl Entry {
    pub(super) fn kind(self) -> Kind {
        match self.name & KIND {
            0b000 => Kind::File,
            0b010 => Kind::Symlink,
            0b100 => Kind::Submodule,
            _ => Kind::Folder,
        }
    }

    /// Whether the sieve wants files of this name, whatever they hold.
    pub(super) fn wanted(self) -> bool {
        self.name & WANTED != 0
    }

    pub(super) fn same_name(self, other: Self) -> bool {
        self.name >> 3 == other.name >> 3
    }
}

/// An entry and where in its tree it begins.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    start: u32,
    pub(super) entry: Entry,
}

/// Reads trees.
pub(super) struct Grammar<'a> {
    key: RandomState,
    number: &'a (dyn Fn(&Name) -> u32 + Sync),
    wanted: &'a (dyn Fn(&[u8]) -> bool + Sync),
    /// What was said of a name, by some bits of its hash: the others, and the answer as the last.
    answers: Vec<AtomicU64>,
}

impl<'a> Grammar<'a> {
    pub(super) fn new(
        number: &'a (dyn Fn(&Name) -> u32 + Sync),
        wanted: &'a (dyn Fn(&[u8]) -> bool + Sync),
    ) -> Self {
        let answers = std::iter::repeat_with(|| AtomicU64::new(0)).take(ANSWERS).collect();
        Self { key: RandomState::new(), number, wanted, answers }
    }

    /// The entries of a tree; `None` for what is no tree.
    pub(super) fn read(&self, bytes: &[u8], from: Option<(&[Spot], &Delta)>) -> Option<Vec<Spot>> {
        let made = from.and_then(|(base, delta)| self.changed(bytes, base, delta));
        made.or_else(|| {
            let mut spots = Vec::new();
            self.stretch(bytes, 0, bytes.len(), &mut spots)?;
            Some(spots)
        })
    }

    fn changed(&self, bytes: &[u8], base: &[Spot], delta: &Delta) -> Option<Vec<Spot>> {
        let mut spots = Vec::with_capacity(base.len() + 4);
        let mut done = 0;
        for copy in &delta.copies {
            let first = base.partition_point(|spot| (spot.start as usize) < copy.from);
            let within = base.get(first..)?;
            let ends = within.iter().skip(1).map(|next| next.start as usize);
            // Where the last entry of the base ends is not known here; it is read again.
            let whole = within.iter().zip(ends).take_while(|(_, end)| *end <= copy.from + copy.len);
            for (spot, end) in whole {
                let start = spot.start as usize - copy.from + copy.to;
                self.stretch(bytes, done, start, &mut spots)?;
                spots.push(Spot { start: u32::try_from(start).ok()?, entry: spot.entry });
                done = end - copy.from + copy.to;
            }
        }
        self.stretch(bytes, done, bytes.len(), &mut spots)?;
        Some(spots)
    }

    /// Reads the entries between two places.
    fn stretch(&self, bytes: &[u8], from: usize, to: usize, spots: &mut Vec<Spot>) -> Option<()> {
        let mut at = from;
        while at < to {
            let rest = bytes.get(at..to)?;
            let space = memchr::memchr(b' ', rest.get(..rest.len().min(8))?)?;
            let end = memchr::memchr(0, rest)?;
            let (name, id) = (rest.get(space + 1..end)?, rest.get(end + 1..end + 21)?);
            let entry = self.entry(rest.get(..space)?, name, Name::try_from(id).ok()?)?;
            spots.push(Spot { start: u32::try_from(at).ok()?, entry });
            at += end + 21;
        }
        (at == to).then_some(())
    }

    /// The same names come again and again: most answers are known.
    fn is_wanted(&self, name: &[u8], hash: u64) -> bool {
        let slot = usize::try_from(hash).unwrap_or_default() % ANSWERS;
        let Some(slot) = self.answers.get(slot) else { return (self.wanted)(name) };
        let known = slot.load(Ordering::Relaxed);
        if known != 0 && known >> 1 == hash >> 1 {
            return known & 1 == 1;
        }
        let wanted = (self.wanted)(name);
        slot.store(hash & !1 | u64::from(wanted), Ordering::Relaxed);
        wanted
    }

    fn entry(&self, mode: &[u8], name: &[u8], id: Name) -> Option<Entry> {
        let digit = |mode: u32, byte: &u8| Some(mode * 8 + char::from(*byte).to_digit(8)?);
        let mode = mode.iter().try_fold(0_u32, digit)?;
        let kind = match mode & 0o170_000 {
            0o040_000 => Kind::Folder,
            0o120_000 => Kind::Symlink,
            0o160_000 => Kind::Submodule,
            _ => Kind::File,
        };
        let hash = self.key.hash_one(name);
        let wanted = u32::from(self.is_wanted(name, hash)) * WANTED;
        let hash = u32::try_from(hash >> 35).unwrap_or_default() << 3;
        Some(Entry { name: hash | kind as u32 | wanted, target: (self.number)(&id) })
    }
}
