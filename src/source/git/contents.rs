//! Trees and blobs, from whoever has them: what a history was decoded to, or libgit2.
//!
//! libgit2 makes an object from its chain of deltas whenever it is asked for one, and maps the pack to
//! do so; a history that was decoded as a whole knows its trees already.

use super::super::Entry;
use git2::{ObjectType, Oid, Repository};

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

/// The names of a tree, as often as it has them: a tree made by hand may repeat one.
pub(super) type Items = Vec<(Vec<u8>, Item)>;

/// What is known of a repository without asking libgit2.
pub(super) trait Known: Sync {
    /// A tree, if it is known.
    fn tree(&self, id: Oid) -> Option<Items>;

    /// A blob, if it can be made.
    fn blob(&self, id: Oid) -> Option<Vec<u8>>;
}

/// Where to read.
#[derive(Clone, Copy)]
pub(super) struct Contents<'a> {
    pub(super) known: Option<&'a dyn Known>,
    /// Asked for the rest; it also says what is wrong.
    pub(super) repository: &'a Repository,
}

impl<'a> From<&'a Repository> for Contents<'a> {
    fn from(repository: &'a Repository) -> Self {
        Self { known: None, repository }
    }
}

impl Contents<'_> {
    pub(super) fn tree(&self, id: Oid) -> Result<Items, git2::Error> {
        if let Some(known) = self.known.and_then(|known| known.tree(id)) {
            return Ok(known);
        }
        let tree = self.repository.find_tree(id)?;
        let entry = |entry: git2::TreeEntry<'_>| (entry.name_bytes().to_vec(), item(&entry));
        Ok(tree.iter().map(entry).collect())
    }

    pub(super) fn blob(&self, id: Oid) -> Result<Vec<u8>, git2::Error> {
        match self.known.and_then(|known| known.blob(id)) {
            Some(known) => Ok(known),
            None => Ok(self.repository.find_blob(id)?.content().to_vec()),
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

fn item(entry: &git2::TreeEntry<'_>) -> Item {
    let held = match entry.kind() {
        Some(ObjectType::Tree) => return Item::Folder(entry.id()),
        Some(ObjectType::Commit) => Held::Submodule,
        _ => held(entry.filemode_raw().cast_unsigned()),
    };
    Item::Leaf(Node { held, id: entry.id() })
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
