//! One labelled text.

use lockkeeper::finding::RepoPath;
use std::ops::Range;

/// A file, and what ought to be found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    /// What it is counted with.
    pub(crate) group: Group,
    /// Which syntax or class of lookalikes it is.
    pub(crate) class: String,
    /// Its path.
    pub(crate) path: RepoPath,
    /// Its text.
    pub(crate) text: String,
    /// What ought to be found.
    pub(crate) expect: Expect,
}

/// What samples are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Secrets of a built-in rule.
    Provider,
    /// Secrets of a built-in rule that have to be decoded first.
    Encoded,
    /// Secrets of no known kind.
    Generic,
    /// What only looks like a secret.
    Lookalike,
}

impl Group {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "known kinds",
            Self::Encoded => "known kinds, encoded",
            Self::Generic => "other secrets",
            Self::Lookalike => "lookalikes",
        }
    }
}

/// What ought to be found in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expect {
    /// A secret of this kind, at these bytes.
    Secret {
        /// The rule's id.
        kind: String,
        /// Where it is, as it is written.
        at: Range<usize>,
    },
    /// Nothing.
    Silence,
    /// Nothing that blocks; a remark is fair.
    NoBlock,
}
