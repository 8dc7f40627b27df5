//! The message of a commit that is being made, as its author leaves it.

use super::super::{
    Coverage, Delta, GitEnvironment, Kind, Label, LabelKind, Origin, Sink, Source, SourceError,
    Tree,
};
use super::commit_id;
use super::open::head;
use super::store::Store;
use super::tree::GitTree;
use crate::finding::{RepoPath, Salt};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Git cuts a message before a line that ends like this: what follows is the change itself.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// What a message's file is called for people: where a worktree keeps it differs.
const NAME: &str = "COMMIT_EDITMSG";

/// A message and the files of `HEAD`, which it does not change.
pub(in super::super) struct Message {
    store: Arc<Store>,
    origin: Origin,
    text: Vec<u8>,
    files: GitTree,
}

impl Message {
    /// Reads the message in `file`.
    pub(in super::super) fn open(
        path: &Path,
        file: &Path,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let store = Arc::new(Store::open(path, environment)?);
        let text = fs::read(file);
        let text = text.map_err(|source| SourceError::Io { path: file.to_owned(), source })?;
        let at = store.with(|repository| {
            Ok(head(repository)?.map(|commit| (commit.id(), commit.tree_id())))
        })?;
        let origin = Origin {
            kind: Kind::Staged,
            repository: path.display().to_string(),
            base: at.map(|(commit, _)| commit_id(commit)),
            head: None,
        };
        let files = GitTree::new(&store, at.map(|(_, tree)| tree));
        Ok(Self { store, origin, text: kept(&text).to_vec(), files })
    }
}

impl Source for Message {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        sink.label(&Label {
            kind: LabelKind::CommitMessage,
            name: String::new(),
            text: self.text.clone(),
            commit: None,
            anchor: Some(RepoPath::from(NAME)),
        });
        Ok(Coverage::file(&self.text))
    }

    fn head(&self) -> &dyn Tree {
        &self.files
    }

    fn base(&self) -> Option<&dyn Tree> {
        Some(&self.files)
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        Ok(Vec::new())
    }

    fn salt(&self) -> Salt {
        self.store.salt()
    }
}

/// The part of a message that git keeps.
fn kept(text: &[u8]) -> &[u8] {
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii_end().ends_with(SCISSORS) {
            break;
        }
        at += line.len();
    }
    text.get(..at).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_cuts_off_is_not_part_of_a_message() {
        let text = b"title\n# ------------------------ >8 ------------------------\n-old\n";
        assert_eq!(kept(text), b"title\n");
        assert_eq!(kept(b"title\n# comment"), b"title\n# comment");
    }
}
