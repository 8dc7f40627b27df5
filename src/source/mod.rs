//! What changed: commits, files and the bytes in them that are new.
//!
//! A [`Source`] pushes borrowed [`Change`]s into a [`Sink`] from as many threads as it likes, in
//! the order that is cheapest for it. A worktree file is a change whose every byte is new; so are
//! the files of a first commit. Detectors need not know where a change comes from.

mod alike;
mod change;
pub mod ci;
mod clean;
mod error;
mod git;
mod hex;
mod installed;
mod label;
mod lines;
mod push;
mod remarks;
mod sieve;
mod worktree;

pub use change::{Change, Commit, Earlier, Entry, Person, Step};
pub use clean::Clean;
pub use error::SourceError;
pub use git::{ci_request, decode, file_of_commit, hooks_folder, user_email};
pub use label::{Label, LabelKind};
pub use push::{Destination, Push, PushedRef};
pub use sieve::{Interest, Mark, Note, Sieve};

use crate::finding::{CommitId, Notice, RepoPath, Salt};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::ops::Add;
use std::path::{Path, PathBuf};

/// Of how many commits or files a thread may keep to itself at most: they differ much in size, and one
/// thread must not be left with a list when the others are done.
const SHARE: usize = 8;

/// What a run is going to ask a source for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// What it pushes.
    Changes,
    /// [`Source::delta`] as well.
    Delta,
}

/// Something that can be scanned.
pub trait Source: Send + Sync {
    /// What is scanned, in the report's words.
    fn origin(&self) -> &Origin;

    /// Does what takes time before anything can be pushed, so that the caller may do something else
    /// meanwhile; whoever needs it does it otherwise.
    fn prepare(&self, _for: Wanted) -> Result<(), SourceError> {
        Ok(())
    }

    /// Pushes every commit and every change once; returns what was looked at.
    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError>;

    /// The files as the change under test leaves them.
    fn head(&self) -> &dyn Tree;

    /// The files as the change under test found them; `None` where everything is under test.
    fn base(&self) -> Option<&dyn Tree>;

    /// The paths whose content, kind or existence differs between [`Source::base`] and
    /// [`Source::head`], sorted; without a base, every path of the head.
    fn delta(&self) -> Result<Vec<Delta>, SourceError>;

    /// How early in its history a commit comes among those that were read: no commit comes before
    /// one that it descends from. Commits that were not read come last.
    fn rank(&self, _commit: &CommitId) -> usize {
        usize::MAX
    }

    /// The commits of a whole history.
    fn commits(&self) -> Vec<CommitId> {
        Vec::new()
    }

    /// Where the repository keeps what is its own.
    fn git_dir(&self) -> Option<&Path> {
        None
    }

    /// The key for hashing secrets where no baseline has one: the repository's first commit, so that
    /// every full clone agrees. Computed when first asked for, which walks the whole history.
    fn salt(&self) -> Salt;
}

/// What a source pushes into. Called from several threads at once.
pub trait Sink: Sync {
    /// Takes one file of one commit (or of the index, or of the disk).
    fn change(&self, change: &Change<'_>);

    /// Takes one commit.
    fn commit(&self, commit: &Commit);

    /// Takes a text that belongs to no file.
    fn label(&self, label: &Label);

    /// Takes a remark: what was passed over, and why.
    fn notice(&self, notice: Notice);

    /// What tells the source which files of a history need not be pushed; without it, all are.
    fn sieve(&self) -> Option<&dyn Sieve> {
        None
    }

    /// The commits of a history that need not be pushed.
    fn clean(&self) -> Option<&Clean> {
        None
    }

    /// Told that something was remarked on in a commit.
    fn remarked(&self, _commit: &CommitId) {}
}

/// A set of files at one moment.
pub trait Tree: Sync {
    /// Every file's path, sorted.
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError>;

    /// The files right in a folder, sorted; none where there is no such folder. That without a name holds
    /// all others.
    fn folder(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let mut start = folder.as_bytes().to_vec();
        if !start.is_empty() {
            start.push(b'/');
        }
        let below = |path: &RepoPath| {
            let name = path.as_bytes().strip_prefix(start.as_slice())?;
            Some(!name.contains(&b'/'))
        };
        let mut paths = self.paths()?;
        paths.retain(|path| below(path) == Some(true));
        Ok(paths)
    }

    /// A file's bytes; `None` where there is no such file.
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError>;

    /// The same, be it a file that git is told to pass over: what an installer left beside the
    /// project's own. `None` also where it is longer than any manifest.
    fn installed(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        self.read(path)
    }

    /// The names right in such a folder, of files and folders, sorted.
    fn installed_names(&self, folder: &RepoPath) -> Result<Vec<String>, SourceError> {
        let start = [folder.as_bytes(), b"/"].concat();
        let name = |path: RepoPath| {
            let rest = path.as_bytes().strip_prefix(start.as_slice())?;
            let name = rest.split(|byte| *byte == b'/').next()?;
            String::from_utf8(name.to_vec()).ok()
        };
        let names: BTreeSet<_> = self.paths()?.into_iter().filter_map(name).collect();
        Ok(names.into_iter().collect())
    }
}

/// One path that differs between base and head.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta {
    /// The path.
    pub path: RepoPath,
    /// What happened to it.
    pub status: Status,
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It was not there before.
    Added,
    /// Its content, mode or kind changed.
    Modified,
    /// It is gone.
    Deleted,
}

/// What is scanned, in the report's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Which way of saying what changed.
    pub kind: Kind,
    /// The folder that was named, as it was named.
    pub repository: String,
    /// The commit against which the change is seen.
    pub base: Option<CommitId>,
    /// The commit that is under test; `None` for an index or a folder.
    pub head: Option<CommitId>,
}

/// Which way of saying what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The index against `HEAD`.
    Staged,
    /// The commits between two revisions.
    Range,
    /// Every commit that can be reached.
    History,
    /// The files on disk.
    Worktree,
}

impl Kind {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Range => "range",
            Self::History => "history",
            Self::Worktree => "worktree",
        }
    }
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Commits read.
    pub commits: u64,
    /// File versions whose bytes were pushed.
    pub files: u64,
    /// Bytes of those file versions.
    pub bytes: u64,
    /// Refs whose names and tags were read.
    pub refs: u64,
}

impl Add for Coverage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            commits: self.commits + other.commits,
            files: self.files + other.files,
            bytes: self.bytes + other.bytes,
            refs: self.refs + other.refs,
        }
    }
}

impl Coverage {
    /// Whether nothing was looked at.
    pub fn is_empty(self) -> bool {
        self.commits == 0 && self.files == 0 && self.refs == 0
    }

    /// One file version of `bytes` bytes.
    fn file(bytes: &[u8]) -> Self {
        Self { files: 1, bytes: bytes.len() as u64, ..Self::default() }
    }
}

/// What the user asked to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The index against `HEAD`.
    Staged,
    /// `A..B` or `A...B`, as typed.
    Range(String),
    /// Every commit reachable from `HEAD`, or from every ref.
    History {
        /// From every ref.
        all: bool,
    },
    /// The files on disk.
    Worktree,
    /// These files on disk alone; relative names start from the scanned path.
    Files(Vec<PathBuf>),
    /// The message in this file, of a commit that is being made.
    Message(PathBuf),
    /// What a push brings.
    Push(Push),
}

impl Request {
    /// Which way of saying what changed this is, in the report's words.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Staged | Self::Message(_) => Kind::Staged,
            Self::Range(_) | Self::Push(_) => Kind::Range,
            Self::History { .. } => Kind::History,
            Self::Worktree | Self::Files(_) => Kind::Worktree,
        }
    }
}

/// The variables by which git tells a hook where its repository is. `cli` reads them; the library
/// never looks at the environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitEnvironment {
    /// `GIT_DIR`: followed where the scanned path belongs to that repository.
    pub git_dir: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: `git commit -a` and `git commit PATH` stage in an index of their own.
    pub index_file: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY`: where a push waits until `pre-receive` lets it in.
    pub object_directory: Option<PathBuf>,
    /// `GIT_QUARANTINE_PATH`: the same, said to hooks of a push alone.
    pub quarantine: Option<PathBuf>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`, as it is: a list in the system's own form.
    pub alternate_object_directories: Option<OsString>,
}

/// Opens what is asked for at `path`, a repository, a folder or a file. Everything that can be
/// known to be wrong before reading is an error here: a revision that is missing, a history that
/// was cut short, a repository without commits.
pub fn open(
    path: &Path,
    request: &Request,
    environment: &GitEnvironment,
) -> Result<Box<dyn Source>, SourceError> {
    Ok(match request {
        Request::Staged => Box::new(git::Staged::open(path, environment)?),
        Request::Range(spec) => Box::new(git::Range::open(path, spec, environment)?),
        Request::History { all } => Box::new(git::History::open(path, *all, environment)?),
        Request::Worktree => Box::new(worktree::Worktree::open(path, environment)?),
        Request::Files(files) => Box::new(worktree::Worktree::of_files(path, files, environment)?),
        Request::Message(file) => Box::new(git::Message::open(path, file, environment)?),
        Request::Push(push) => Box::new(git::Push::open(path, push, environment)?),
    })
}
