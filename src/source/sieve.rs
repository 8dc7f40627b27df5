//! Which files of a history are worth reading, asked of every object as it is decoded.
//!
//! A sieve may let through what turns out to be nothing: that costs time. It must never hold back
//! what a detector would report. It is given a blob with what is new in it against the blob that it
//! was made from, and with the [`Mark`]s that it left on the other, so that no byte is searched twice.

use super::Commit;
use crate::finding::RepoPath;
use std::ops::Range;

/// Tells what may be worth reading.
pub trait Sieve: Sync {
    /// What a blob holds. `new` are the ranges that were not copied from another blob, sorted and
    /// apart; an empty one is a seam, where what stands on one side of it stood elsewhere. `marks`
    /// are those on what was copied whole; the sieve adds its own and keeps them sorted.
    fn blob(&self, bytes: &[u8], new: &[Range<usize>], marks: &mut Vec<Mark>) -> Interest;

    /// Whether files (and what is in folders) of this name are worth a look, whatever they hold.
    fn name(&self, name: &[u8]) -> bool;

    /// Whether a file at this path is: asked where [`Sieve::name`] said so of a part of it.
    fn path(&self, path: &RepoPath) -> bool;

    /// Whether a text that is in no file is worth a look.
    fn text(&self, text: &[u8]) -> bool;

    /// Whether a commit's own record is worth a look. Its anchor is not known yet.
    fn commit(&self, commit: &Commit) -> bool;
}

/// A place in a blob that stays what it is wherever the whole of its range is copied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// What is there.
    pub note: Note,
}

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// Something that matters to what is near it, by a number that is the sieve's own.
    Hint(u32),
    /// Something encoded, which is read again when something near it changes.
    Encoded,
    /// A value, by its hash, that stands there byte for byte.
    Value(u64),
    /// Something to look at in every version of a file.
    Suspect,
    /// The same, if the file is text.
    SuspectText,
}

/// What a blob holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// Values that a detector may report where no parent has them: hashes, sorted, each once.
    pub values: Vec<u64>,
    /// Whether every version is to be read, whatever the parents have.
    pub always: bool,
}

impl Interest {
    /// What both say.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.values.extend(other.values);
        self.values.sort_unstable();
        self.values.dedup();
        Self { values: self.values, always: self.always || other.always }
    }
}
