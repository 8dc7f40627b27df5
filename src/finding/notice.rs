//! What a run wants its reader to know besides findings: what was passed over, and why.

use super::path::RepoPath;
use serde::Serialize;

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Note,
    /// Something was not looked at, or will soon matter.
    Warning,
    /// Something that should have been looked at was not: the run cannot pass.
    Error,
}

/// One remark about the run. An [`Level::Error`] makes the run end with status 2, whatever was
/// found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file it is about, if it is about one.
    pub path: Option<RepoPath>,
    /// How much it matters.
    pub level: Level,
    /// The remark, in one sentence.
    pub message: String,
}

impl Notice {
    /// A remark about the whole run.
    pub fn new(level: Level, message: impl Into<String>) -> Self {
        Self { path: None, level, message: message.into() }
    }

    /// A remark about one file.
    pub fn at(path: &RepoPath, level: Level, message: impl Into<String>) -> Self {
        Self { path: Some(path.clone()), level, message: message.into() }
    }
}
