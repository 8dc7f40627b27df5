//! Trees as short lists: for each entry the numbers of its name and of what is there.
//!
//! A tree that was made from another is read only where it differs: an entry that was copied whole is
//! the base's. Entries have no mark by which they are recognised, so the stretches between those that
//! were copied must read as entries to the byte, or the whole tree is read.

use super::super::super::Entry as Content;
use super::super::contents::{Held, held};
use super::super::pack::{Delta, Name};
use super::super::record::TreeEntry;
use super::names::{Known, Names};

/// The bits of an entry below the number of its name.
const WANTED: u32 = 0b0001;
const EXECUTABLE: u32 = 0b1000;
const KIND: u32 = 0b0110;
const BITS: u32 = 4;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File = 0b000,
    Symlink = 0b010,
    Submodule = 0b100,
    Folder = 0b110,
}

/// One name of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    name: u32,
    pub(super) target: u32,
}

impl Entry {
    fn new(mode: u32, name: Known, target: u32) -> Self {
        let (kind, executable) = match (mode & 0o170_000, held(mode)) {
            (0o040_000, _) => (Kind::Folder, 0),
            (_, Held::Submodule) => (Kind::Submodule, 0),
            (_, Held::Blob(Content::Symlink)) => (Kind::Symlink, 0),
            (_, Held::Blob(Content::File)) => (Kind::File, 0),
            (_, Held::Blob(Content::Executable)) => (Kind::File, EXECUTABLE),
        };
        let wanted = u32::from(name.wanted) * WANTED;
        Self { name: name.number << BITS | kind as u32 | executable | wanted, target }
    }

    pub(super) fn kind(self) -> Kind {
        match self.name & KIND {
            0b000 => Kind::File,
            0b010 => Kind::Symlink,
            0b100 => Kind::Submodule,
            _ => Kind::Folder,
        }
    }

    /// What a file is in git's eyes; `None` for a folder.
    pub(super) fn held(self) -> Option<Held> {
        let executable = self.name & EXECUTABLE != 0;
        match self.kind() {
            Kind::File if executable => Some(Held::Blob(Content::Executable)),
            Kind::File => Some(Held::Blob(Content::File)),
            Kind::Symlink => Some(Held::Blob(Content::Symlink)),
            Kind::Submodule => Some(Held::Submodule),
            Kind::Folder => None,
        }
    }

    /// Whether the sieve wants files of this name, whatever they hold.
    pub(super) fn wanted(self) -> bool {
        self.name & WANTED != 0
    }

    /// The number of its name.
    pub(super) fn name(self) -> u32 {
        self.name >> BITS
    }

    /// Whether it is the same name for the same thing, but for the permission to run.
    pub(super) fn is_same(self, other: Self) -> bool {
        self.name | EXECUTABLE == other.name | EXECUTABLE && self.target == other.target
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
    pub(super) names: &'a Names,
    pub(super) number: &'a (dyn Fn(&Name) -> u32 + Sync),
    pub(super) wanted: &'a (dyn Fn(&[u8]) -> bool + Sync),
}

impl Grammar<'_> {
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
        let mut rest = bytes.get(from..to)?;
        while !rest.is_empty() {
            let start = u32::try_from(to - rest.len()).ok()?;
            let TreeEntry { mode, name, id } = TreeEntry::take(&mut rest)?;
            let name = self.names.number(name, self.wanted)?;
            spots.push(Spot { start, entry: Entry::new(mode, name, (self.number)(id)) });
        }
        Some(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn entry(name: u32, target: u32) -> Entry {
        Entry::new(0o100_644, Known { number: name, wanted: false }, target)
    }
}
