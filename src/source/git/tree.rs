//! A commit's files, and how two commits' files differ.

use super::super::{Delta, Entry, GitEnvironment, SourceError, Status, Tree};
use super::contents::{Contents, Held, Item, Node};
use super::diff::{Regard, compare, contents, joined};
use super::store::{Store, failed};
use crate::finding::RepoPath;
use git2::Oid;
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
            let found = compare(self.store.contents(repository), self.root, &before, Regard::Mode)?;
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
        let all =
            self.store.with(|repository| contents(self.store.contents(repository), self.root))?;
        let files = all
            .into_iter()
            .filter(|found| matches!(found.node.held, Held::Blob(Entry::File | Entry::Executable)));
        Ok(files.map(|found| found.path).collect())
    }

    /// Reads no more than the way there: the rest of a tree can be large.
    fn folder(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let Some(root) = self.root else { return Ok(Vec::new()) };
        let inner = self.store.with(|it| tree_at(self.store.contents(it), root, folder))?;
        let within = Self { store: Arc::clone(&self.store), root: inner };
        let mut paths = within.paths()?;
        paths.retain(|path| !path.as_bytes().contains(&b'/'));
        let full = |path: RepoPath| joined(folder.as_bytes(), path.as_bytes());
        Ok(paths.into_iter().map(|path| RepoPath::new(full(path))).collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(root) = self.root else { return Ok(None) };
        self.store.with(|repository| {
            let from = self.store.contents(repository);
            file_at(from, root, path)?.map(|id| blob(from, path, id)).transpose()
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
pub(super) fn blob(from: Contents<'_>, path: &RepoPath, id: Oid) -> Result<Vec<u8>, SourceError> {
    let blob = from.blob(id).map_err(|error| failed(format!("read {path}"), &error))?;
    Ok(Arc::unwrap_or_clone(blob))
}

/// The folder of a path, if it is one.
fn tree_at(from: Contents<'_>, root: Oid, path: &RepoPath) -> Result<Option<Oid>, SourceError> {
    if path.as_bytes().is_empty() {
        return Ok(Some(root));
    }
    let item = item_at(from, root, path);
    let item = item.map_err(|error| failed(format!("read the folder {path}"), &error))?;
    Ok(item.and_then(Item::folder))
}

/// The file of a path, if it is one.
fn file_at(from: Contents<'_>, root: Oid, path: &RepoPath) -> Result<Option<Oid>, SourceError> {
    let item = item_at(from, root, path);
    let item = item.map_err(|error| failed(format!("read the folder of {path}"), &error))?;
    let is_file = |node: &Node| matches!(node.held, Held::Blob(Entry::File | Entry::Executable));
    Ok(item.and_then(Item::leaf).filter(is_file).map(|node| node.id))
}

fn item_at(from: Contents<'_>, root: Oid, path: &RepoPath) -> Result<Option<Item>, git2::Error> {
    let mut at = Item::Folder(root);
    for name in path.as_bytes().split(|byte| *byte == b'/') {
        let Item::Folder(folder) = at else { return Ok(None) };
        let Some(item) = from.tree(folder)?.named(name)? else { return Ok(None) };
        at = item;
    }
    Ok(Some(at))
}
