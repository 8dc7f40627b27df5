//! What a visit remarks on, each remark once.
//!
//! A path that many commits touch is remarked on once, and so is a loss that has one cause: however
//! many objects a partial clone lacks, the reader is told once, with the number and the first of
//! them, and the run cannot pass.

use super::Sink;
use crate::finding::{Level, Notice, RepoPath};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Git LFS leaves this in the repository in place of a file.
const LFS_VERSION_LINE: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// Pointers are below this size by specification.
const LFS_POINTER_LIMIT: usize = 1024;

/// The remarks of one visit, on their way to its sink.
pub(super) struct Remarks<'a> {
    pub(super) sink: &'a dyn Sink,
    said: Mutex<BTreeSet<Notice>>,
    lost: Mutex<BTreeSet<String>>,
}

impl<'a> Remarks<'a> {
    pub(super) fn new(sink: &'a dyn Sink) -> Self {
        Self { sink, said: Mutex::default(), lost: Mutex::default() }
    }

    /// Passes a remark on unless it has been made already.
    pub(super) fn once(&self, notice: Notice) {
        if locked(&self.said).insert(notice.clone()) {
            self.sink.notice(notice);
        }
    }

    /// Says that a file is a Git LFS pointer: what it points to is not scanned.
    pub(super) fn lfs_pointer(&self, path: &RepoPath) {
        let message = "a Git LFS pointer: the content it stands for was not scanned";
        self.once(Notice::at(path, Level::Warning, message));
    }

    /// Says that a path is a submodule, whose content belongs to another repository.
    pub(super) fn submodule(&self, path: &RepoPath) {
        let message = "a submodule: its content belongs to another repository and was not scanned";
        self.once(Notice::at(path, Level::Note, message));
    }

    /// Counts something that should have been read and is not there; [`Remarks::finish`] tells.
    pub(super) fn lost(&self, what: String) {
        locked(&self.lost).insert(what);
    }

    /// Tells of everything that was lost.
    pub(super) fn finish(self) {
        let lost = locked(&self.lost);
        let Some(first) = lost.first() else { return };
        let message = format!(
            "{} of git's objects could not be read, the first: {first}; in a partial clone fetch them \
             with `git fetch --refetch --no-filter`, or clone again without --filter",
            lost.len()
        );
        self.sink.notice(Notice::new(Level::Error, message));
    }
}

/// Whether a file is a Git LFS pointer.
pub(super) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    bytes.len() <= LFS_POINTER_LIMIT && bytes.starts_with(LFS_VERSION_LINE)
}

/// A lock that a panicking thread left behind still holds whole values.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
