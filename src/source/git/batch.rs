//! The files that one commit (or the index) leaves, on their way to the sink, each with what its
//! parents held.
//!
//! What a parent held under another path is earlier content too: an object that moved or was copied
//! brings nothing new. So is the file of the same name that left another folder in the same step.

use super::super::remarks::{Remarks, is_lfs_pointer};
use super::super::{Change, Coverage, Earlier, Entry, SHARE, SourceError};
use super::contents::{Contents, Held, Known, Node};
use super::diff::{Difference, Removed, Touched, contents};
use super::store::Store;
use crate::finding::{CommitId, RepoPath};
use git2::{Oid, Repository};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// How many searches for something moved one commit may cost; who moves more has it looked at.
const MOST_LOOKS: usize = 20_000;

/// Files that are pushed together because they have the same parents.
pub(super) struct Batch {
    commit: Option<CommitId>,
    parents: Vec<Parent>,
    touched: Vec<Touched>,
    /// How many searches of other files' earlier versions were made.
    looked_elsewhere: AtomicUsize,
}

/// Which of a commit's files to push, and what is known of what they hold.
#[derive(Default, Clone, Copy)]
pub(super) struct Choice<'a> {
    /// Without one, all.
    pub(super) wanted: Option<&'a (dyn Fn(&Touched) -> bool + Sync)>,
    pub(super) known: Option<&'a dyn Known>,
}

impl<'a> Choice<'a> {
    /// Where the files are read from.
    pub(super) fn contents(&self, store: &'a Store, repository: &'a Repository) -> Contents<'a> {
        let contents = store.contents(repository);
        Contents { known: self.known.unwrap_or(contents.known), ..contents }
    }

    fn takes(&self, touched: &Touched) -> bool {
        self.wanted.is_none_or(|wanted| wanted(touched))
    }
}

/// A tree that the files came from.
struct Parent {
    tree: Option<Oid>,
    removed: Vec<Removed>,
    /// Every blob in the tree, listed when somebody first asks for a file that is not there.
    blobs: OnceLock<BTreeSet<Oid>>,
}

impl Batch {
    /// The files of a difference; `trees` are those it was made against.
    pub(super) fn new(
        commit: Option<CommitId>,
        trees: &[Option<Oid>],
        difference: Difference,
    ) -> Self {
        let parents = trees.iter().zip(difference.removed);
        let parents =
            parents.map(|(tree, removed)| Parent { tree: *tree, removed, blobs: OnceLock::new() });
        let (parents, touched) = (parents.collect(), difference.touched);
        Self { commit, parents, touched, looked_elsewhere: AtomicUsize::new(0) }
    }

    /// The blobs that the parents have where this has others or none.
    fn earlier_blobs(&self) -> BTreeSet<Oid> {
        let touched = self.touched.iter().flat_map(|touched| touched.earlier.iter().flatten());
        let removed = self.parents.iter().flat_map(|parent| &parent.removed);
        let nodes = touched.copied().chain(removed.map(|removed| removed.node));
        nodes.filter(|node| matches!(node.held, Held::Blob(_))).map(|node| node.id).collect()
    }

    /// The first path that the files change, or that they are the reason to remove.
    pub(super) fn anchor(&self) -> Option<&RepoPath> {
        let first = self.touched.first().map(|touched| &touched.path);
        first.or_else(|| self.parents.first()?.removed.first().map(|removed| &removed.path))
    }

    /// Pushes every file.
    pub(super) fn push(
        &self,
        store: &Store,
        remarks: &Remarks<'_>,
    ) -> Result<Coverage, SourceError> {
        self.push_some(store, remarks, &Choice::default())
    }

    /// Pushes those of the files that are chosen.
    pub(super) fn push_some(
        &self,
        store: &Store,
        remarks: &Remarks<'_>,
        choice: &Choice<'_>,
    ) -> Result<Coverage, SourceError> {
        let files = self.touched.par_iter().with_max_len(SHARE);
        let files = files.filter(|touched| choice.takes(touched));
        let push = |touched: &Touched| {
            store.with(|repository| {
                let from = choice.contents(store, repository);
                Ok(Versions { batch: self, from, touched, remarks }.push())
            })
        };
        files.map(push).try_reduce(Coverage::default, |a, b| Ok(a + b))
    }

    /// Says that there was something to say of the commit.
    fn remarked(&self, remarks: &Remarks<'_>) {
        if let Some(commit) = &self.commit {
            remarks.sink.remarked(commit);
        }
    }
}

/// One file on its way, and its versions in the parents, found when asked for.
struct Versions<'a> {
    batch: &'a Batch,
    from: Contents<'a>,
    touched: &'a Touched,
    remarks: &'a Remarks<'a>,
}

impl Earlier for Versions<'_> {
    fn versions(&self) -> Vec<Option<Arc<Vec<u8>>>> {
        let parents = self.batch.parents.iter().zip(&self.touched.earlier);
        parents.map(|(parent, at_path)| self.read(self.earlier_id(parent, *at_path)?)).collect()
    }

    fn had_path(&self) -> bool {
        self.touched.earlier.iter().any(Option::is_some)
    }

    fn at_path(&self) -> Option<Arc<Vec<u8>>> {
        let mut there = self.touched.earlier.iter().flatten();
        let file = there.find(|node| matches!(node.held, Held::Blob(_)))?;
        self.from.blob(file.id).ok()
    }

    fn elsewhere(&self, cost: usize, show: &mut dyn FnMut(&[u8]) -> bool) {
        let others = self.batch.earlier_blobs();
        let price = cost.saturating_mul(others.len());
        let spent = self.batch.looked_elsewhere.fetch_add(price, Ordering::Relaxed);
        if spent.saturating_add(price) > MOST_LOOKS {
            return;
        }
        let mut blobs = others.iter().filter_map(|id| self.from.blob(*id).ok());
        while blobs.next().is_some_and(|blob| show(&blob)) {}
    }
}

impl Versions<'_> {
    /// Pushes the file.
    fn push(&self) -> Coverage {
        let Self { batch, from, touched, remarks, .. } = self;
        let path = &touched.path;
        let Held::Blob(entry) = touched.node.held else {
            remarks.submodule(path);
            batch.remarked(remarks);
            return Coverage::default();
        };
        let blob = match from.blob(touched.node.id) {
            Ok(blob) => blob,
            Err(error) => {
                remarks.lost(lost(path, touched.node.id, &error));
                return Coverage::default();
            }
        };
        if entry != Entry::Symlink && is_lfs_pointer(&blob) {
            remarks.lfs_pointer(path);
            batch.remarked(remarks);
        }
        let change = Change::new(path, batch.commit.as_ref(), entry, &blob, self);
        remarks.sink.change(&change);
        Coverage::file(&blob)
    }

    fn earlier_id(&self, parent: &Parent, at_path: Option<Node>) -> Option<Oid> {
        match at_path {
            Some(Node { held: Held::Blob(_), id }) => Some(id),
            Some(Node { held: Held::Submodule, .. }) => None,
            None if self.holds(parent, self.touched.node.id) => Some(self.touched.node.id),
            None => parent.moved_here(&self.touched.path),
        }
    }

    /// Whether the parent holds a blob anywhere; what is gone is asked first, because it is known.
    fn holds(&self, parent: &Parent, id: Oid) -> bool {
        parent.removed.iter().any(|gone| gone.node.id == id) || self.blobs(parent).contains(&id)
    }

    fn blobs<'p>(&self, parent: &'p Parent) -> &'p BTreeSet<Oid> {
        parent.blobs.get_or_init(|| match contents(self.from, parent.tree) {
            Ok(paths) => paths.into_iter().map(|path| path.node.id).collect(),
            Err(error) => {
                self.remarks.lost(error.to_string());
                BTreeSet::new()
            }
        })
    }

    fn read(&self, id: Oid) -> Option<Arc<Vec<u8>>> {
        match self.from.blob(id) {
            Ok(blob) => Some(blob),
            Err(error) => {
                self.remarks.lost(lost(&self.touched.path, id, &error));
                None
            }
        }
    }
}

impl Parent {
    /// The file of the same name that is gone from another folder, if there is exactly one.
    fn moved_here(&self, path: &RepoPath) -> Option<Oid> {
        let same_name = |gone: &&Removed| gone.path.file_name() == path.file_name();
        let mut candidates = self.removed.iter().filter(same_name);
        let only = candidates.next().filter(|_| candidates.next().is_none())?;
        matches!(only.node.held, Held::Blob(_)).then_some(only.node.id)
    }
}

fn lost(path: &RepoPath, id: Oid, error: &git2::Error) -> String {
    format!("{path} (object {id}: {})", error.message())
}
