//! What a tool can be asked to look at.

use std::fmt;
use std::path::PathBuf;

/// What there is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything that was ever committed, on every ref.
    History,
    /// The last hundred commits of the first line of parents, and what they merged.
    Range,
    /// One changed file in the index.
    Staged,
    /// All files on disk.
    Worktree,
}

impl Mode {
    /// All of them, in the order of the tables.
    pub(crate) const ALL: [Self; 4] = [Self::History, Self::Range, Self::Staged, Self::Worktree];

    /// What the variables and the tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Range => "range",
            Self::Staged => "staged",
            Self::Worktree => "worktree",
        }
    }

    /// The mode of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Why a repository may not have it.
    pub(crate) fn impossible(self) -> &'static str {
        match self {
            Self::Range => "there are not a hundred commits before HEAD",
            Self::Staged => "no tracked text file of 1 to 100 kB that could be changed",
            Self::History | Self::Worktree => "nothing to look at",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What every tool is asked to do.
pub(crate) struct Job {
    /// What to look at.
    pub(crate) mode: Mode,
    /// Where the repository is.
    pub(crate) folder: String,
    /// Where the range begins.
    pub(crate) base: String,
    /// Where the objects of the repository are listed, for a history.
    pub(crate) lists: PathBuf,
    /// How many threads to use.
    pub(crate) threads: usize,
}
