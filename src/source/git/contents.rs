//! Commits, trees and blobs, from whoever has them: what a history was decoded to, its packs, or libgit2.
//!
//! A history that was decoded as a whole knows its trees already; what is packed is read faster here
//! than by libgit2, which knows the rest: objects that lie loose, and what is wrong with others.

use super::super::Entry;
use super::pack::{Kind, Name, Packs};
use super::record::{Lineage, TreeEntry};
use git2::{Commit, Oid, Repository};
use std::ops::Range;
use std::sync::Arc;

/// What a path holds, as git tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Blob(Entry),
    Submodule,
}

/// A path and the object there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) held: Held,
    pub(super) id: Oid,
}

/// One name of one tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Folder(Oid),
    Leaf(Node),
}

/// The names of a tree, as often as it has them: a tree made by hand may repeat one. Most trees that
/// are read differ in one name from another, so none of them is worth an allocation of its own.
#[derive(Default)]
pub(super) struct Items {
    names: Vec<u8>,
    /// Where each name ends, and what it stands for.
    items: Vec<(usize, Item)>,
}

impl Items {
    pub(super) fn push(&mut self, name: &[u8], item: Item) {
        self.names.extend_from_slice(name);
        self.items.push((self.names.len(), item));
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The items from one place to another.
    pub(super) fn within(
        &self,
        places: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (&[u8], Item)> + Clone {
        places.filter_map(|place| {
            let (end, item) = *self.items.get(place)?;
            let before = place.checked_sub(1).and_then(|before| self.items.get(before));
            let start = before.map_or(0, |(end, _)| *end);
            Some((self.names.get(start..end)?, item))
        })
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], Item)> + Clone {
        self.within(0..self.len())
    }
}

/// What is known of a repository without asking libgit2.
pub(super) trait Known: Sync {
    /// What a commit says first, if that is known.
    fn commit(&self, id: Oid) -> Option<Lineage>;

    /// The bytes of a commit, if they are known.
    fn record(&self, id: Oid) -> Option<Arc<Vec<u8>>>;

    /// A tree, if it is known.
    fn tree(&self, id: Oid) -> Option<Items>;

    /// A blob, if it can be made.
    fn blob(&self, id: Oid) -> Option<Arc<Vec<u8>>>;
}

/// Where to read.
#[derive(Clone, Copy)]
pub(super) struct Contents<'a> {
    pub(super) known: &'a dyn Known,
    /// Asked for the rest; it also says what is wrong.
    pub(super) repository: &'a Repository,
}

impl Contents<'_> {
    /// What a commit says first.
    pub(super) fn commit(&self, id: Oid) -> Result<Lineage, git2::Error> {
        if let Some(known) = self.known.commit(id) {
            return Ok(known);
        }
        let commit = self.repository.find_commit(id)?;
        let (tree, seconds) = (commit.tree_id(), commit.time().seconds());
        Ok(Lineage { tree, parents: named_parents(&commit), seconds })
    }

    pub(super) fn tree(&self, id: Oid) -> Result<Items, git2::Error> {
        if let Some(known) = self.known.tree(id) {
            return Ok(known);
        }
        let tree = self.repository.find_tree(id)?;
        let mut items = Items::default();
        for entry in &tree {
            let mode = entry.filemode_raw().cast_unsigned();
            items.push(entry.name_bytes(), item(mode, entry.id()));
        }
        Ok(items)
    }

    pub(super) fn blob(&self, id: Oid) -> Result<Arc<Vec<u8>>, git2::Error> {
        match self.known.blob(id) {
            Some(known) => Ok(known),
            None => Ok(Arc::new(self.repository.find_blob(id)?.content().to_vec())),
        }
    }
}

impl Item {
    pub(super) fn folder(self) -> Option<Oid> {
        match self {
            Self::Folder(id) => Some(id),
            Self::Leaf(_) => None,
        }
    }

    pub(super) fn leaf(self) -> Option<Node> {
        match self {
            Self::Folder(_) => None,
            Self::Leaf(node) => Some(node),
        }
    }
}

impl Known for Packs {
    fn commit(&self, id: Oid) -> Option<Lineage> {
        let name = packed_name(id)?;
        let first = self.commit(&name).and_then(|lines| Lineage::read(&lines));
        first.or_else(|| Lineage::read(&self.object(&name, Kind::Commit)?))
    }

    fn record(&self, id: Oid) -> Option<Arc<Vec<u8>>> {
        self.object(&packed_name(id)?, Kind::Commit)
    }

    fn tree(&self, id: Oid) -> Option<Items> {
        let tree = self.object(&packed_name(id)?, Kind::Tree)?;
        let (mut rest, mut items) = (tree.as_slice(), Items::default());
        while !rest.is_empty() {
            let TreeEntry { mode, name, id } = TreeEntry::take(&mut rest)?;
            items.push(name, item(mode, Oid::from_bytes(id).ok()?));
        }
        Some(items)
    }

    fn blob(&self, id: Oid) -> Option<Arc<Vec<u8>>> {
        self.object(&packed_name(id)?, Kind::Blob)
    }
}

fn packed_name(id: Oid) -> Option<Name> {
    Name::try_from(id.as_bytes()).ok()
}

/// The parents that a commit object names.
pub(super) fn named_parents(commit: &Commit<'_>) -> Vec<Oid> {
    let header = commit.raw_header_bytes().split(|byte| *byte == b'\n');
    let named = header.skip(1).map_while(|line| line.strip_prefix(b"parent "));
    named.filter_map(|hex| Oid::from_str(std::str::from_utf8(hex).ok()?).ok()).collect()
}

fn item(mode: u32, id: Oid) -> Item {
    match mode & 0o170_000 {
        0o040_000 => Item::Folder(id),
        _ => Item::Leaf(Node { held: held(mode), id }),
    }
}

/// What a mode of a tree or an index says.
pub(super) fn held(mode: u32) -> Held {
    match mode & 0o170_000 {
        0o120_000 => Held::Blob(Entry::Symlink),
        0o160_000 => Held::Submodule,
        _ if mode & 0o111 != 0 => Held::Blob(Entry::Executable),
        _ => Held::Blob(Entry::File),
    }
}
