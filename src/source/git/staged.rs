//! What would be committed: the index against `HEAD`, never the working files.
//!
//! Nothing is written, not even a tree. While a merge is in conflict all sides of it are read.

use super::super::remarks::Remarks;
use super::super::{
    Coverage, Delta, Entry, GitEnvironment, Kind, Origin, Sink, Source, SourceError, Status, Tree,
};
use super::batch::Batch;
use super::commit_id;
use super::contents::{Contents, Held, Item, Node, held};
use super::diff::{Difference, MOST_PATHS, Removed, Touched, joined};
use super::index::Index;
use super::open::head;
use super::store::{Store, failed};
use super::tree::{GitTree, blob};
use crate::finding::{Level, Notice, RepoPath, Salt};
use git2::Oid;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The index against `HEAD`.
pub(in super::super) struct Staged {
    store: Arc<Store>,
    origin: Origin,
    batch: Batch,
    delta: Vec<Delta>,
    conflicts: BTreeSet<RepoPath>,
    head: Files,
    base: Option<GitTree>,
}

impl Staged {
    /// Reads the index and `HEAD`'s tree; no blob is read yet.
    pub(in super::super) fn open(
        path: &Path,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let store = Arc::new(Store::open(path, environment)?);
        let index = store.index()?;
        let (at, tree, before) = store.with(|repository| {
            let at = head(repository)?;
            let tree = at.as_ref().map(git2::Commit::tree_id);
            let before = Before::read(store.contents(repository), tree, &index.folders)?;
            Ok((at.map(|commit| commit.id()), tree, before))
        })?;
        let entries = Entries::new(index);
        let delta = delta(&before, &entries.files);
        let parents: Vec<_> = tree.map(Some).into_iter().collect();
        let batch = Batch::new(None, &parents, entries.difference(&before, parents.len()));
        let origin = Origin {
            kind: Kind::Staged,
            repository: path.display().to_string(),
            base: at.map(commit_id),
            head: None,
        };
        let base = tree.map(|tree| GitTree::new(&store, Some(tree)));
        let head = Files { store: Arc::clone(&store), files: entries.files };
        Ok(Self { store, origin, batch, delta, conflicts: entries.conflicts, head, base })
    }
}

impl Source for Staged {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        let remarks = Remarks::new(sink);
        for path in &self.conflicts {
            let message = "in conflict: every side of it was scanned, but it has no staged content";
            remarks.once(Notice::at(path, Level::Warning, message));
        }
        let pushed = self.batch.push(&self.store, &remarks)?;
        remarks.finish();
        Ok(pushed)
    }

    fn head(&self) -> &dyn Tree {
        &self.head
    }

    fn base(&self) -> Option<&dyn Tree> {
        self.base.as_ref().map(|base| base as &dyn Tree)
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        Ok(self.delta.clone())
    }

    fn salt(&self) -> Salt {
        self.store.salt()
    }
}

/// The index, taken apart.
struct Entries {
    /// What would be committed.
    files: BTreeMap<RepoPath, Node>,
    /// The sides of conflicts.
    sides: Vec<(RepoPath, Node)>,
    conflicts: BTreeSet<RepoPath>,
}

impl Entries {
    fn new(index: Index) -> Self {
        let (mut sides, mut conflicts) = (Vec::new(), BTreeSet::new());
        let mut files = Vec::with_capacity(index.entries.len());
        for entry in index.entries.into_iter().filter(|entry| !entry.is_intent) {
            let node = Node { held: held(entry.mode), id: entry.id };
            let path = RepoPath::new(entry.path);
            if entry.stage == 0 {
                files.push((path, node));
            } else {
                conflicts.insert(path.clone());
                sides.push((path, node));
            }
        }
        Self { files: files.into_iter().collect(), sides, conflicts }
    }

    fn difference(&self, before: &Before, parents: usize) -> Difference {
        let sides = self.sides.iter().map(|(path, node)| (path, node));
        let files = self.files.iter().filter(|(path, _)| !before.is_same(path));
        let touched = files.chain(sides).filter_map(|(path, node)| {
            let was = before.files.get(path).copied();
            let unchanged = was.is_some_and(|was| node.same_content(was));
            let earlier = vec![was; parents];
            (!unchanged).then(|| Touched { path: path.clone(), node: *node, earlier })
        });
        let kept = |path: &RepoPath| self.files.contains_key(path) || self.conflicts.contains(path);
        let gone = before.files.iter().filter(|(path, _)| !kept(path));
        let gone = gone.map(|(path, node)| Removed { path: path.clone(), node: *node });
        let removed = if parents == 0 { Vec::new() } else { vec![gone.collect()] };
        Difference { touched: touched.collect(), removed }
    }
}

/// What `HEAD` has in the folders of which the index does not say that they are the same.
struct Before {
    files: BTreeMap<RepoPath, Node>,
    same: BTreeSet<Vec<u8>>,
}

impl Before {
    fn read(
        contents: Contents<'_>,
        root: Option<Oid>,
        folders: &BTreeMap<Vec<u8>, Oid>,
    ) -> Result<Self, SourceError> {
        let mut before = Self { files: BTreeMap::new(), same: BTreeSet::new() };
        let mut waiting: Vec<_> = root.map(|root| (Vec::new(), root)).into_iter().collect();
        while let Some((path, id)) = waiting.pop() {
            if folders.get(&path) == Some(&id) {
                before.same.insert(path);
                continue;
            }
            let read = |error| failed(format!("read tree {id}"), &error);
            let items = contents.tree(id).map_err(read)?;
            for (name, item) in items.all().map_err(read)? {
                let path = joined(&path, name);
                match item {
                    Item::Folder(id) => waiting.push((path, id)),
                    Item::Leaf(node) => _ = before.files.insert(RepoPath::new(path), node),
                }
            }
            if before.files.len() > MOST_PATHS || waiting.len() > MOST_PATHS {
                let why = format!("it unfolds into more than {MOST_PATHS} paths");
                return Err(SourceError::Git { what: format!("read tree {id}"), why });
            }
        }
        Ok(before)
    }

    /// Whether a path is in a folder that is the same.
    fn is_same(&self, path: &RepoPath) -> bool {
        let path = path.as_bytes();
        let above = |at| path.get(..at).is_some_and(|folder| self.same.contains(folder));
        self.same.contains(&[] as &[u8]) || memchr::memchr_iter(b'/', path).any(above)
    }
}

fn delta(before: &Before, after: &BTreeMap<RepoPath, Node>) -> Vec<Delta> {
    let is_blob = |node: &&Node| matches!(node.held, Held::Blob(_));
    let after_keys = after.keys().filter(|path| !before.is_same(path));
    let paths: BTreeSet<_> = before.files.keys().chain(after_keys).collect();
    let status = |path: &RepoPath| match (
        before.files.get(path).filter(is_blob),
        after.get(path).filter(is_blob),
    ) {
        (Some(was), Some(is)) => (was != is).then_some(Status::Modified),
        (None, Some(_)) => Some(Status::Added),
        (Some(_), None) => Some(Status::Deleted),
        (None, None) => None,
    };
    let changed = paths.into_iter().filter_map(|path| Some((path, status(path)?)));
    changed.map(|(path, status)| Delta { path: path.clone(), status }).collect()
}

/// The files of the index.
struct Files {
    store: Arc<Store>,
    files: BTreeMap<RepoPath, Node>,
}

impl Files {
    fn file(node: &Node) -> Option<Oid> {
        match node.held {
            Held::Blob(Entry::File | Entry::Executable) => Some(node.id),
            Held::Blob(Entry::Symlink) | Held::Submodule => None,
        }
    }
}

impl Tree for Files {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        let files = self.files.iter().filter(|(_, node)| Self::file(node).is_some());
        Ok(files.map(|(path, _)| path.clone()).collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(id) = self.files.get(path).and_then(Self::file) else { return Ok(None) };
        self.store.with(|it| blob(self.store.contents(it), path, id)).map(Some)
    }
}
