//! A commit's files, and how two commits' files differ.

use super::super::{Delta, Entry, GitEnvironment, SourceError, Status, Tree};
use super::contents::{Held, held};
use super::diff::{Regard, compare, contents};
use super::store::{Store, failed};
use crate::finding::RepoPath;
use git2::{ObjectType, Oid, Repository};
use std::path::Path;
use std::sync::Arc;

/// The files of one tree object; without one, no files. Links and submodules are no files.
pub(super) struct GitTree {
    store: Arc<Store>,
    root: Option<Oid>,
}

impl GitTree {
    pub(super) fn new(store: &Arc<Store>, root: Option<Oid>) -> Self {
        Self { store: Arc::clone(store), root }
    }

    /// What differs between an earlier tree and this one.
    pub(super) fn delta(&self, earlier: Option<&Self>) -> Result<Vec<Delta>, SourceError> {
        let before = [earlier.and_then(|earlier| earlier.root)];
        self.store.with(|repository| {
            let found = compare(repository.into(), self.root, &before, Regard::Mode)?;
            let touched = found.touched.into_iter().filter_map(|touched| {
                let was = touched.earlier.first().copied().flatten().map(|node| node.held);
                let status = match (was, touched.node.held) {
                    (Some(Held::Blob(_)), Held::Blob(_)) => Status::Modified,
                    (None | Some(Held::Submodule), Held::Blob(_)) => Status::Added,
                    (Some(Held::Blob(_)), Held::Submodule) => Status::Deleted,
                    (None | Some(Held::Submodule), Held::Submodule) => return None,
                };
                Some(Delta { path: touched.path, status })
            });
            let gone = found.removed.into_iter().flatten();
            let gone = gone.filter(|removed| removed.node.held != Held::Submodule);
            let gone = gone.map(|removed| Delta { path: removed.path, status: Status::Deleted });
            let mut delta: Vec<_> = touched.chain(gone).collect();
            delta.sort_unstable();
            Ok(delta)
        })
    }
}

impl Tree for GitTree {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        let all = self.store.with(|repository| contents(repository.into(), self.root))?;
        let files = all
            .into_iter()
            .filter(|found| matches!(found.node.held, Held::Blob(Entry::File | Entry::Executable)));
        Ok(files.map(|found| found.path).collect())
    }

    /// Reads no more than the way there: the rest of a tree can be large.
    fn folder(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let Some(root) = self.root else { return Ok(Vec::new()) };
        let inner = self.store.with(|repository| tree_at(repository, root, folder))?;
        let within = Self { store: Arc::clone(&self.store), root: inner };
        let mut paths = within.paths()?;
        paths.retain(|path| !path.as_bytes().contains(&b'/'));
        let full = |path: RepoPath| [folder.as_bytes(), path.as_bytes()].join(&b'/');
        Ok(paths.into_iter().map(|path| RepoPath::new(full(path))).collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(root) = self.root else { return Ok(None) };
        self.store.with(|repository| match file_at(repository, root, path)? {
            Some(id) => blob(repository, path, id).map(Some),
            None => Ok(None),
        })
    }
}

/// A file of the repository at `path` as a commit has it; `None` where there is no such commit or
/// file.
pub fn file_of_commit(
    path: &Path,
    environment: &GitEnvironment,
    commit: &str,
    file: &RepoPath,
) -> Result<Option<Vec<u8>>, SourceError> {
    let store = Arc::new(Store::open(path, environment)?);
    let root = store.with(|repository| {
        let commit = Oid::from_str(commit).and_then(|id| repository.find_commit(id));
        Ok(commit.ok().map(|commit| commit.tree_id()))
    })?;
    GitTree::new(&store, root).read(file)
}

/// The bytes of a blob.
pub(super) fn blob(repo: &Repository, path: &RepoPath, id: Oid) -> Result<Vec<u8>, SourceError> {
    let blob = repo.find_blob(id).map_err(|error| failed(format!("read {path}"), &error))?;
    Ok(blob.content().to_vec())
}

/// The folder of a path, if it is one.
fn tree_at(repo: &Repository, root: Oid, path: &RepoPath) -> Result<Option<Oid>, SourceError> {
    let mut at = root;
    for name in path.as_bytes().split(|byte| *byte == b'/') {
        let folder = repo.find_tree(at);
        let folder = folder.map_err(|error| failed(format!("read the folder {path}"), &error))?;
        match folder.get_name_bytes(name) {
            Some(entry) if entry.kind() == Some(ObjectType::Tree) => at = entry.id(),
            Some(_) | None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn file_at(repo: &Repository, root: Oid, path: &RepoPath) -> Result<Option<Oid>, SourceError> {
    let read = |error: &git2::Error| failed(format!("read the folder of {path}"), error);
    let mut folder = repo.find_tree(root).map_err(|error| read(&error))?;
    let mut names = path.as_bytes().split(|byte| *byte == b'/').peekable();
    while let Some(name) = names.next() {
        let Some(entry) = folder.get_name_bytes(name).map(|entry| entry.to_owned()) else {
            return Ok(None);
        };
        let is_file = matches!(
            held(entry.filemode_raw().cast_unsigned()),
            Held::Blob(Entry::File | Entry::Executable)
        );
        match (entry.kind(), names.peek()) {
            (Some(ObjectType::Blob), None) if is_file => return Ok(Some(entry.id())),
            (Some(ObjectType::Tree), Some(_)) => {
                folder = repo.find_tree(entry.id()).map_err(|error| read(&error))?;
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}
