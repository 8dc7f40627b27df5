//! What would be committed: the index against `HEAD`, never the working files.
//!
//! Nothing is written, not even a tree. While a merge is in conflict all sides of it are read.

use super::super::remarks::Remarks;
use super::super::{
    Coverage, Delta, Entry, GitEnvironment, Kind, Origin, Sink, Source, SourceError, Status, Tree,
};
use super::batch::Batch;
use super::commit_id;
use super::contents::{Held, Node, held};
use super::diff::{Difference, Removed, Touched, contents};
use super::open::head;
use super::store::Store;
use super::tree::{GitTree, blob};
use crate::finding::{Level, Notice, RepoPath, Salt};
use git2::{IndexEntry, IndexEntryExtendedFlag, Oid};
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
    head: Index,
    base: Option<GitTree>,
}

impl Staged {
    /// Reads the index and `HEAD`'s tree; no blob is read yet.
    pub(in super::super) fn open(
        path: &Path,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let store = Arc::new(Store::open(path, environment)?);
        let entries = Entries::read(&store)?;
        let (at, tree, before) = store.with(|repository| {
            let at = head(repository)?;
            let tree = at.as_ref().map(git2::Commit::tree_id);
            let before = contents(repository.into(), tree)?;
            Ok((at.map(|commit| commit.id()), tree, before))
        })?;
        let before: BTreeMap<_, _> = before.into_iter().map(|t| (t.path, t.node)).collect();
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
        let head = Index { store: Arc::clone(&store), files: entries.files };
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
    fn read(store: &Store) -> Result<Self, SourceError> {
        let (files, conflicts) = (BTreeMap::new(), BTreeSet::new());
        let mut entries = Self { files, sides: Vec::new(), conflicts };
        for entry in store.index()?.iter().filter(|entry| !is_intent(entry)) {
            let node = Node { held: held(entry.mode), id: entry.id };
            let in_conflict = stage(&entry) != 0;
            let path = RepoPath::new(entry.path);
            if in_conflict {
                entries.conflicts.insert(path.clone());
                entries.sides.push((path, node));
            } else {
                entries.files.insert(path, node);
            }
        }
        Ok(entries)
    }

    fn difference(&self, before: &BTreeMap<RepoPath, Node>, parents: usize) -> Difference {
        let sides = self.sides.iter().map(|(path, node)| (path, node));
        let touched = self.files.iter().chain(sides).filter_map(|(path, node)| {
            let was = before.get(path).copied();
            let unchanged = was.is_some_and(|was| node.same_content(was));
            let earlier = vec![was; parents];
            (!unchanged).then(|| Touched { path: path.clone(), node: *node, earlier })
        });
        let kept = |path: &RepoPath| self.files.contains_key(path) || self.conflicts.contains(path);
        let gone = before.iter().filter(|(path, _)| !kept(path));
        let gone = gone.map(|(path, node)| Removed { path: path.clone(), node: *node });
        let removed = if parents == 0 { Vec::new() } else { vec![gone.collect()] };
        Difference { touched: touched.collect(), removed }
    }
}

fn delta(before: &BTreeMap<RepoPath, Node>, after: &BTreeMap<RepoPath, Node>) -> Vec<Delta> {
    let is_blob = |node: &&Node| matches!(node.held, Held::Blob(_));
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let status =
        |path: &RepoPath| match (before.get(path).filter(is_blob), after.get(path).filter(is_blob))
        {
            (Some(was), Some(is)) => (was != is).then_some(Status::Modified),
            (None, Some(_)) => Some(Status::Added),
            (Some(_), None) => Some(Status::Deleted),
            (None, None) => None,
        };
    let changed = paths.into_iter().filter_map(|path| Some((path, status(path)?)));
    changed.map(|(path, status)| Delta { path: path.clone(), status }).collect()
}

/// `git add -N` promises a file without content.
fn is_intent(entry: &IndexEntry) -> bool {
    let flags = IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
    flags.contains(IndexEntryExtendedFlag::INTENT_TO_ADD)
}

/// Bits 12 and 13 of an entry's flags: zero, or which side of a conflict it is.
fn stage(entry: &IndexEntry) -> u16 {
    (entry.flags >> 12) & 3
}

/// The files of the index.
struct Index {
    store: Arc<Store>,
    files: BTreeMap<RepoPath, Node>,
}

impl Index {
    fn file(node: &Node) -> Option<Oid> {
        match node.held {
            Held::Blob(Entry::File | Entry::Executable) => Some(node.id),
            Held::Blob(Entry::Symlink) | Held::Submodule => None,
        }
    }
}

impl Tree for Index {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        let files = self.files.iter().filter(|(_, node)| Self::file(node).is_some());
        Ok(files.map(|(path, _)| path.clone()).collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(id) = self.files.get(path).and_then(Self::file) else { return Ok(None) };
        self.store.with(|repository| blob(repository, path, id)).map(Some)
    }
}
