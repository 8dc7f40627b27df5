//! Commits, trees and blobs, from whoever has them: what a history was decoded to, its packs, or libgit2.
//!
//! A history that was decoded as a whole knows its trees already; what is packed is read faster here
//! than by libgit2, which knows the rest: objects that lie loose, and what is wrong with others.

use super::super::Entry;
use super::items::Items;
use super::pack::{Kind, Name, Packs};
use super::record::Lineage;
use git2::{Commit, ObjectType, Oid, Repository};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Folder(Oid),
    Leaf(Node),
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
        let objects = self.repository.odb()?;
        let tree = objects.read(id)?;
        if tree.kind() != ObjectType::Tree {
            return Err(git2::Error::from_str("it is no tree"));
        }
        Ok(Items::new(Arc::new(tree.data().to_vec())))
    }

    pub(super) fn blob(&self, id: Oid) -> Result<Arc<Vec<u8>>, git2::Error> {
        match self.known.blob(id) {
            Some(known) => Ok(known),
            None => Ok(Arc::new(self.repository.find_blob(id)?.content().to_vec())),
        }
    }
}

impl Item {
    /// What a tree says of a name.
    pub(super) fn new(mode: u32, id: Oid) -> Self {
        match mode & 0o170_000 {
            0o040_000 => Self::Folder(id),
            _ => Self::Leaf(Node { held: held(mode), id }),
        }
    }

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
        Lineage::read(&self.record(id)?)
    }

    fn record(&self, id: Oid) -> Option<Arc<Vec<u8>>> {
        self.object(&packed_name(id)?, Kind::Commit)
    }

    fn tree(&self, id: Oid) -> Option<Items> {
        self.object(&packed_name(id)?, Kind::Tree).map(Items::new)
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

/// What a mode of a tree or an index says.
pub(super) fn held(mode: u32) -> Held {
    match mode & 0o170_000 {
        0o120_000 => Held::Blob(Entry::Symlink),
        0o160_000 => Held::Submodule,
        _ if mode & 0o111 != 0 => Held::Blob(Entry::Executable),
        _ => Held::Blob(Entry::File),
    }
}
