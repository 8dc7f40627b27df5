//! Git repositories: the only place that speaks to libgit2.
//!
//! Objects alone are read, never through patches, so configuration, attributes, filters and
//! `textconv` cannot hide a byte. Parents are those the commit objects name: neither replacement
//! refs nor grafts are followed. Nothing is ever written.

mod batch;
mod ci;
mod commits;
mod contents;
mod diff;
mod graph;
mod history;
mod hooks;
mod index;
mod items;
mod labels;
mod message;
mod open;
mod pack;
mod push;
mod range;
mod record;
mod refs;
mod sift;
mod staged;
mod store;
mod tree;

pub use ci::ci_request;
pub(super) use history::History;
pub use hooks::{hooks_folder, user_email};
pub(super) use message::Message;
pub(super) use push::Push;
pub(super) use range::Range;
pub(super) use staged::Staged;
pub(super) use store::Store;
pub use tree::file_of_commit;

use super::{GitEnvironment, SourceError};
use git2::Oid;
use std::path::Path;

use crate::finding::CommitId;

/// Decodes every object of the repository at `path` and looks at none; returns how many bytes that
/// are. No reader of a whole history can be faster: benches compare with it.
pub fn decode(path: &Path) -> Result<u64, SourceError> {
    let store = Store::open(path, &GitEnvironment::default())?;
    let cannot = |source| SourceError::Io { path: path.to_owned(), source };
    sift::floor(&store).map_err(cannot)
}

fn commit_id(id: Oid) -> CommitId {
    CommitId::new(&id.to_string())
}
