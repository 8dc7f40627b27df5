//! One file of one commit, with what it takes to tell which of its bytes are new.

use crate::finding::{CommitId, RepoPath};
use imara_diff::{Algorithm, Diff, InternedInput};
use std::cell::OnceCell;
use std::ops::Range;

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
    loaded: OnceCell<Loaded>,
}

/// The versions of a file before a change, read only when somebody asks.
pub trait Earlier {
    /// One version for each parent that has the file; `None` for a parent without it. Empty where
    /// the file has no parent at all (a disk, a first commit). A parent that cannot be read counts
    /// as a parent without the file, so that nothing new is missed; the source remarks on it.
    fn versions(&self) -> Vec<Option<Vec<u8>>>;
}

/// A file without a past.
impl Earlier for () {
    fn versions(&self) -> Vec<Option<Vec<u8>>> {
        Vec::new()
    }
}

struct Loaded {
    versions: Vec<Vec<u8>>,
    new: Vec<Range<usize>>,
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
        Self { path, commit, entry, bytes, earlier, loaded: OnceCell::new() }
    }

    /// The byte ranges of the lines that no parent has, sorted and apart. A line of a merge is new
    /// only if it is new against every parent.
    pub fn new_ranges(&self) -> &[Range<usize>] {
        &self.loaded().new
    }

    /// Whether any byte of `range` is new.
    pub fn is_new(&self, range: &Range<usize>) -> bool {
        let ranges = self.new_ranges();
        let first = ranges.partition_point(|new| new.end <= range.start);
        ranges.get(first).is_some_and(|new| new.start < range.end)
    }

    /// Whether no parent has the file.
    pub fn is_added(&self) -> bool {
        self.loaded().versions.is_empty()
    }

    /// Whether a parent's version of the file holds `needle` already.
    pub fn was_there(&self, needle: &[u8]) -> bool {
        let finder = memchr::memmem::Finder::new(needle);
        self.loaded().versions.iter().any(|version| finder.find(version).is_some())
    }

    fn loaded(&self) -> &Loaded {
        self.loaded.get_or_init(|| {
            let versions = self.earlier.versions();
            let new = new_in_all(&versions, self.bytes);
            Loaded { versions: versions.into_iter().flatten().collect(), new }
        })
    }
}

fn new_in_all(versions: &[Option<Vec<u8>>], bytes: &[u8]) -> Vec<Range<usize>> {
    let whole = 0..bytes.len();
    versions.iter().fold(vec![whole], |new, version| match version {
        None => new,
        Some(version) => intersect(&new, &new_lines(version, bytes)),
    })
}

/// The byte ranges of the lines of `after` that a line diff against `before` adds.
fn new_lines(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let input = InternedInput::new(before, after);
    let mut starts = vec![0];
    starts.extend(input.after.iter().scan(0, |at, token| {
        *at += input.interner[*token].len();
        Some(*at)
    }));
    let start = |line: u32| starts.get(line as usize).copied().unwrap_or(after.len());
    Diff::compute(Algorithm::Histogram, &input)
        .hunks()
        .map(|hunk| start(hunk.after.start)..start(hunk.after.end))
        .filter(|range| !range.is_empty())
        .collect()
}

fn intersect(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut both = Vec::new();
    for left in a {
        let first = b.partition_point(|right| right.end <= left.start);
        let overlapping = b.iter().skip(first).take_while(|right| right.start < left.end);
        both.extend(overlapping.map(|right| left.start.max(right.start)..left.end.min(right.end)));
    }
    both
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
