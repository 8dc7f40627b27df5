//! How a tree differs from the trees it came from, by object names alone.
//!
//! A path differs only if it differs from every parent's: a clean merge has nothing of its own, the
//! resolution of a conflict has. Folders that some parent has unchanged are never opened.

use super::super::{Entry, SourceError};
use super::contents::{Contents, Held, Item, Node};
use super::items::{Items, shared};
use super::store::failed;
use crate::finding::RepoPath;
use git2::Oid;
use std::ops::Range;

/// A tree that unfolds into more paths than this was made to exhaust its reader.
pub(super) const MOST_PATHS: usize = 2_000_000;

/// How long a path is that counts for one of these, in bytes; a longer one counts for several.
const LONG: usize = 256;

/// What counts as a difference between two files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Regard {
    /// Content and kind.
    Content,
    /// Content, kind and the permission to run.
    Mode,
}

/// A path that differs from every parent's.
pub(super) struct Touched {
    pub(super) path: RepoPath,
    pub(super) node: Node,
    /// What each parent has at the path.
    pub(super) earlier: Vec<Option<Node>>,
}

/// A path that one parent has and the tree has not.
pub(super) struct Removed {
    pub(super) path: RepoPath,
    pub(super) node: Node,
}

/// All that differs between a tree and its parents.
pub(super) struct Difference {
    pub(super) touched: Vec<Touched>,
    /// For each parent, what is gone; looked for in the folders that differ.
    pub(super) removed: Vec<Vec<Removed>>,
}

impl Node {
    /// Whether nothing but the permission to run differs.
    pub(super) fn same_content(self, other: Self) -> bool {
        self.same(other, Regard::Content)
    }

    fn same(self, other: Self, regard: Regard) -> bool {
        let kind = |node: Self| match (node.held, regard) {
            (Held::Blob(Entry::Executable), Regard::Content) => Held::Blob(Entry::File),
            (held, _) => held,
        };
        self.id == other.id && kind(self) == kind(other)
    }
}

/// Compares a tree with those of its parents; without parents, every path differs.
pub(super) fn compare(
    contents: Contents<'_>,
    tree: Option<Oid>,
    parents: &[Option<Oid>],
    regard: Regard,
) -> Result<Difference, SourceError> {
    let removed = parents.iter().map(|_| Vec::new()).collect();
    let found = Difference { touched: Vec::new(), removed };
    let mut comparison = Comparison { contents, regard, found, folders: Vec::new(), paths: 0 };
    comparison.folders.push(Folder { prefix: Vec::new(), tree, parents: parents.to_vec() });
    while let Some(folder) = comparison.folders.pop() {
        comparison.open(&folder)?;
    }
    let mut found = comparison.found;
    found.touched.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    found.removed.iter_mut().for_each(|gone| gone.sort_unstable_by(|a, b| a.path.cmp(&b.path)));
    Ok(found)
}

/// Every path of a tree.
pub(super) fn contents(from: Contents<'_>, tree: Option<Oid>) -> Result<Vec<Touched>, SourceError> {
    compare(from, tree, &[], Regard::Content).map(|difference| difference.touched)
}

struct Comparison<'r> {
    contents: Contents<'r>,
    regard: Regard,
    found: Difference,
    folders: Vec<Folder>,
    paths: usize,
}

/// A folder that is still to be compared: what the tree has there, and each parent.
struct Folder {
    prefix: Vec<u8>,
    tree: Option<Oid>,
    parents: Vec<Option<Oid>>,
}

impl Comparison<'_> {
    fn open(&mut self, folder: &Folder) -> Result<(), SourceError> {
        let here = self.items(folder.tree)?;
        let parents = folder.parents.iter().map(|parent| self.items(*parent));
        let parents: Vec<_> = parents.collect::<Result<_, _>>()?;
        let (start, end) = shared(&here, &parents);
        let own = |items: &Items| start..items.len() - end;
        let mut earlier = Vec::with_capacity(parents.len());
        for (tree, items) in folder.parents.iter().zip(&parents) {
            let mut names = self.names(folder, *tree, items, own(items))?;
            keep_last(&mut names);
            earlier.push(names);
        }
        let names = self.names(folder, folder.tree, &here, own(&here))?;
        let mut left: Vec<_> = earlier.iter().map(Vec::as_slice).collect();
        let mut old = Vec::with_capacity(left.len());
        for (name, item) in &names {
            old.clear();
            old.extend(left.iter_mut().map(|left| next_of(left, name)));
            if old.is_empty() || old.iter().any(|old| *old != Some(*item)) {
                self.item(joined(&folder.prefix, name), *item, &old);
            }
        }
        for (parent, earlier) in earlier.iter().enumerate() {
            let mut left = names.as_slice();
            for (name, item) in
                earlier.iter().filter(|(name, _)| next_of(&mut left, name).is_none())
            {
                self.gone(joined(&folder.prefix, name), *item, parent);
            }
        }
        Ok(())
    }

    fn item(&mut self, path: Vec<u8>, item: Item, earlier: &[Option<Item>]) {
        for (parent, old) in earlier.iter().enumerate() {
            match (item, *old) {
                (Item::Leaf(_), Some(old @ Item::Folder(_)))
                | (Item::Folder(_), Some(old @ Item::Leaf(_))) => {
                    self.gone(path.clone(), old, parent);
                }
                (Item::Leaf(_) | Item::Folder(_), _) => {}
            }
        }
        match item {
            Item::Folder(id) => {
                let parents: Vec<_> =
                    earlier.iter().map(|old| old.and_then(Item::folder)).collect();
                if !parents.contains(&Some(id)) {
                    self.folders.push(Folder { prefix: path, tree: Some(id), parents });
                }
            }
            Item::Leaf(node) => {
                let earlier: Vec<_> = earlier.iter().map(|old| old.and_then(Item::leaf)).collect();
                if !earlier.iter().flatten().any(|old| node.same(*old, self.regard)) {
                    self.found.touched.push(Touched { path: RepoPath::new(path), node, earlier });
                }
            }
        }
    }

    fn gone(&mut self, path: Vec<u8>, item: Item, parent: usize) {
        match item {
            Item::Folder(id) => {
                let mut parents = vec![None; self.found.removed.len()];
                if let Some(slot) = parents.get_mut(parent) {
                    *slot = Some(id);
                }
                self.folders.push(Folder { prefix: path, tree: None, parents });
            }
            Item::Leaf(node) => {
                if let Some(removed) = self.found.removed.get_mut(parent) {
                    removed.push(Removed { path: RepoPath::new(path), node });
                }
            }
        }
    }

    fn items(&self, tree: Option<Oid>) -> Result<Items, SourceError> {
        let Some(id) = tree else { return Ok(Items::default()) };
        self.contents.tree(id).map_err(|error| unreadable(tree, &error))
    }

    /// The names in a part of a tree, in the order of their bytes.
    fn names<'i>(
        &mut self,
        within: &Folder,
        tree: Option<Oid>,
        items: &'i Items,
        part: Range<usize>,
    ) -> Result<Vec<Named<'i>>, SourceError> {
        let mut names = items.within(part).map_err(|error| unreadable(tree, &error))?;
        names.sort_by_key(|(name, _)| *name);
        let paths = names.iter().map(|(name, _)| 1 + (within.prefix.len() + name.len()) / LONG);
        self.paths += paths.sum::<usize>();
        if self.paths > MOST_PATHS {
            let why = format!("it unfolds into more than {MOST_PATHS} paths");
            return Err(unreadable(tree, &git2::Error::from_str(&why)));
        }
        Ok(names)
    }
}

/// A name of a tree, and what it stands for.
type Named<'i> = (&'i [u8], Item);

/// Of a name that a tree made by hand repeats, the last counts.
fn keep_last(names: &mut Vec<Named<'_>>) {
    names.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            *kept = *later;
        }
        same
    });
}

/// What a sorted list has under a name; what comes before it in the list is passed over.
fn next_of(list: &mut &[Named<'_>], name: &[u8]) -> Option<Item> {
    let passed = list.iter().take_while(|(other, _)| *other < name).count();
    *list = list.get(passed..).unwrap_or_default();
    list.first().filter(|(other, _)| *other == name).map(|(_, item)| *item)
}

fn unreadable(tree: Option<Oid>, error: &git2::Error) -> SourceError {
    failed(format!("read tree {}", tree.unwrap_or(Oid::ZERO_SHA1)), error)
}

/// A name in a folder.
pub(super) fn joined(prefix: &[u8], name: &[u8]) -> Vec<u8> {
    match prefix {
        [] => name.to_vec(),
        _ => [prefix, name].join(&b'/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, number: u8) -> Named<'_> {
        (name.as_bytes(), Item::Folder(Oid::from_bytes(&[number; 20]).unwrap()))
    }

    #[test]
    fn of_a_name_that_is_repeated_the_last_counts() {
        let mut names =
            vec![named("a", 1), named("b", 2), named("b", 3), named("b", 4), named("c", 5)];
        keep_last(&mut names);
        assert_eq!(names, [named("a", 1), named("b", 4), named("c", 5)]);
    }

    #[test]
    fn a_sorted_list_is_asked_for_one_name_after_the_other() {
        let names = [named("b", 1), named("d", 2)];
        let mut list = names.as_slice();
        let asked = ["a", "b", "b", "c", "d", "e"].map(|name| next_of(&mut list, name.as_bytes()));
        let [(_, b), (_, d)] = names;
        assert_eq!(asked, [None, Some(b), Some(b), None, Some(d), None]);
    }
}
