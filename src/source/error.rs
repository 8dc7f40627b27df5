//! Why a source cannot be read: each a run that cannot pass, said with what to do about it.

use std::path::PathBuf;

/// A source that cannot be read: the run cannot pass.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The path is no repository, and what was asked for needs one.
    #[error("{} is not a git repository (or any folder above it): {hint}", path.display())]
    NotARepository {
        /// The path as given.
        path: PathBuf,
        /// What to do instead.
        hint: &'static str,
    },
    /// The repository is of a kind that lockkeeper cannot read yet.
    #[error("{} uses {feature}, which lockkeeper cannot read yet", path.display())]
    Unsupported {
        /// The repository.
        path: PathBuf,
        /// The feature, in git's words.
        feature: String,
    },
    /// The repository cannot be opened or read.
    #[error("{what}: {why}")]
    Git {
        /// What was attempted.
        what: String,
        /// What git said, and what to do about it.
        why: String,
    },
    /// A revision that does not resolve.
    #[error("revision {name:?} is not in this repository: {hint}")]
    Revision {
        /// The revision as typed.
        name: String,
        /// What to do: deepen a shallow clone, fetch, correct the spelling.
        hint: String,
    },
    /// What a hook is told about a push cannot be understood. The line is not repeated: names of refs
    /// may hold secrets.
    #[error("line {line} of what git says about the push is not '{form}'")]
    Pushed {
        /// Which line, counted from one.
        line: usize,
        /// What it should look like.
        form: &'static str,
    },
    /// The file system said no.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}
