//! One file of one commit, with what it takes to tell which of its bytes are new.

use super::lines::{differing, new_in_all};
use crate::finding::{CommitId, RepoPath};
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

/// What a path holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A link; its bytes are its target, which is never followed.
    Symlink,
}

/// One file as one commit (or the index, or the disk) leaves it.
pub struct Change<'a> {
    /// Where it is.
    pub path: &'a RepoPath,
    /// The commit that made it; `None` for an index or a disk.
    pub commit: Option<&'a CommitId>,
    /// What kind of entry it is.
    pub entry: Entry,
    /// Its bytes, whole.
    pub bytes: &'a [u8],
    earlier: &'a dyn Earlier,
    versions: OnceCell<Vec<Option<Arc<Vec<u8>>>>>,
    new: OnceCell<Vec<Range<usize>>>,
}

/// One version of a file, and what is new in the next.
pub struct Step {
    /// The earlier version.
    pub before: Arc<Vec<u8>>,
    /// The lines of the later that are new, as byte ranges, sorted and apart; an empty one is where lines
    /// are gone. Every stretch of the later version without one stands in the earlier as it is.
    pub new: Vec<Range<usize>>,
}

/// The past of a file, read only when somebody asks.
pub trait Earlier {
    /// One version for each parent that has the file; `None` for a parent without it. Empty where
    /// the file has no parent at all (a disk, a first commit). A parent that cannot be read counts
    /// as a parent without the file, so that nothing new is missed; the source remarks on it.
    fn versions(&self) -> Vec<Option<Arc<Vec<u8>>>>;

    /// Whether a parent has a file under the same path.
    fn had_path(&self) -> bool {
        false
    }

    /// What the first parent has there that has a file under the same path; `None` also where that
    /// cannot be read.
    fn at_path(&self) -> Option<Arc<Vec<u8>>> {
        None
    }

    /// Shows the parents' versions of the other files that the same change touches or removes.
    /// `cost` is what each of them is looked through for; a source may show less where all that
    /// would be too much, so that something moved counts as new. `show` says whether to go on.
    fn elsewhere(&self, _cost: usize, _show: &mut dyn FnMut(&[u8]) -> bool) {}
}

/// A file without a past.
impl Earlier for () {
    fn versions(&self) -> Vec<Option<Arc<Vec<u8>>>> {
        Vec::new()
    }
}

impl<'a> Change<'a> {
    /// A change whose past is read when first asked for.
    pub fn new(
        path: &'a RepoPath,
        commit: Option<&'a CommitId>,
        entry: Entry,
        bytes: &'a [u8],
        earlier: &'a dyn Earlier,
    ) -> Self {
        let (versions, new) = (OnceCell::new(), OnceCell::new());
        Self { path, commit, entry, bytes, earlier, versions, new }
    }

    /// The byte ranges of the lines that no parent has, sorted and apart. A line of a merge is new
    /// only if it is new against every parent.
    pub fn new_ranges(&self) -> &[Range<usize>] {
        self.new.get_or_init(|| new_in_all(self.all_versions(), self.bytes))
    }

    /// Whether any byte of `range` is new.
    pub fn is_new(&self, range: &Range<usize>) -> bool {
        let ranges = self.new_ranges();
        let first = ranges.partition_point(|new| new.end <= range.start);
        ranges.get(first).is_some_and(|new| new.start < range.end)
    }

    /// The parents' versions of the file.
    pub fn versions(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.all_versions().iter().flatten().map(|version| version.as_slice())
    }

    /// How the file came from what a parent has under this path; `None` where no parent has anything
    /// there that could be read.
    pub fn step(&self) -> Option<Step> {
        let before = self.earlier.at_path()?;
        let new = differing(&before, self.bytes);
        Some(Step { before, new })
    }

    /// Whether a parent has a file under this path.
    pub fn had_path(&self) -> bool {
        self.earlier.had_path()
    }

    /// Shows what the other files of the same change held before it; see [`Earlier::elsewhere`].
    pub fn elsewhere(&self, cost: usize, show: &mut dyn FnMut(&[u8]) -> bool) {
        self.earlier.elsewhere(cost, show);
    }

    fn all_versions(&self) -> &[Option<Arc<Vec<u8>>>] {
        self.versions.get_or_init(|| self.earlier.versions())
    }
}

/// One commit, as policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// Its parents' ids.
    pub parents: Vec<CommitId>,
    /// Who wrote the change.
    pub author: Person,
    /// Who made the commit.
    pub committer: Person,
    /// The message; bytes that are not UTF-8 are replaced.
    pub message: String,
    /// The first path that the commit changes, on which a finding about the whole commit is
    /// anchored.
    pub anchor: Option<RepoPath>,
}

/// A name in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address, without angle brackets.
    pub email: String,
    /// When, in seconds since 1970 (UTC).
    pub seconds: i64,
}
