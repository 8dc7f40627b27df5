//! Texts of a repository that belong to no file: what tags, notes and headers of commits say, and how
//! refs are called.

use crate::finding::{CommitId, RepoPath};

/// One text that belongs to no file. It has no `Debug`: a name or a text may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Label {
    /// What the text is.
    pub kind: LabelKind,
    /// What bears it, as people call that: a tag, a branch or a ref. Empty for the headers of a
    /// commit.
    pub name: String,
    /// The text, as git keeps it.
    pub text: Vec<u8>,
    /// The commit that it is about or stands for.
    pub commit: Option<CommitId>,
    /// The first path that the commit changes, on which a finding is anchored.
    pub anchor: Option<RepoPath>,
}

/// What a text is that belongs to no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelKind {
    /// The message of a commit that is being made.
    CommitMessage,
    /// Headers of a commit besides its tree, its parents, its people and its signature: its encoding,
    /// and the tags that a merge keeps.
    CommitHeaders,
    /// The message of an annotated tag.
    TagMessage,
    /// Who made an annotated tag.
    Tagger,
    /// The name of a tag.
    TagName,
    /// The name of a branch, here or of a remote.
    BranchName,
    /// The whole name of a ref that is neither.
    RefName,
    /// What a ref stands for, if that is no commit.
    RefContent,
    /// A note about a commit; its name is that of the ref that keeps it.
    Note,
}
