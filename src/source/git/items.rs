//! The names of trees as git writes them, and which of several trees' they share.
//!
//! Most trees that are read differ in one name from another. So none is taken apart as a whole: what they
//! begin and end with alike is found byte by byte, and of that no more is read than where its names end.

use super::super::Entry;
use super::super::alike::{alike_after, alike_before};
use super::contents::{Held, Item, Node};
use super::record::TreeEntry;
use git2::Oid;
use std::ops::Range;
use std::sync::Arc;

/// The names of a tree, as often as it has them: a tree made by hand may repeat one.
#[derive(Default, Clone)]
pub(super) struct Items(Arc<Vec<u8>>);

impl Items {
    /// A tree's bytes; what is wrong with them is told by who reads them.
    pub(super) fn new(bytes: Arc<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Adds a name to the bytes of a tree.
    pub(super) fn write(bytes: &mut Vec<u8>, name: &[u8], item: Item) {
        let (mode, id): (&[u8], _) = match item {
            Item::Folder(id) => (b"40000 ", id),
            Item::Leaf(Node { held, id }) => match held {
                Held::Blob(Entry::File) => (b"100644 ", id),
                Held::Blob(Entry::Executable) => (b"100755 ", id),
                Held::Blob(Entry::Symlink) => (b"120000 ", id),
                Held::Submodule => (b"160000 ", id),
            },
        };
        for part in [mode, name, b"\0", id.as_bytes()] {
            bytes.extend_from_slice(part);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What stands from one place to another. An error is what is not as git writes it.
    pub(super) fn within(&self, range: Range<usize>) -> Result<Vec<(&[u8], Item)>, git2::Error> {
        let mut rest = self.0.get(range).ok_or_else(unusual)?;
        let mut items = Vec::new();
        while !rest.is_empty() {
            let TreeEntry { mode, name, id } = TreeEntry::take(&mut rest).ok_or_else(unusual)?;
            items.push((name, Item::new(mode, Oid::from_bytes(id)?)));
        }
        Ok(items)
    }

    /// All of them.
    pub(super) fn all(&self) -> Result<Vec<(&[u8], Item)>, git2::Error> {
        self.within(0..self.len())
    }

    /// What a name stands for, the first time it is there.
    pub(super) fn named(&self, name: &[u8]) -> Result<Option<Item>, git2::Error> {
        let mut rest = self.after(0);
        while !rest.is_empty() {
            let entry = TreeEntry::take(&mut rest).ok_or_else(unusual)?;
            if entry.name == name {
                return Ok(Some(Item::new(entry.mode, Oid::from_bytes(entry.id)?)));
            }
        }
        Ok(None)
    }

    fn after(&self, start: usize) -> &[u8] {
        self.0.get(start..).unwrap_or_default()
    }

    /// Where the last name from `start` on ends that ends where `most` says or before.
    fn end_before(&self, start: usize, most: usize) -> usize {
        let (mut rest, mut end) = (self.after(start), start);
        while TreeEntry::take(&mut rest).is_some() && self.len() - rest.len() <= most {
            end = self.len() - rest.len();
        }
        end
    }

    /// Where the first name from `start` on ends that ends where `least` says or after.
    fn end_after(&self, start: usize, least: usize) -> Option<usize> {
        let mut rest = self.after(start);
        while self.len() - rest.len() < least {
            TreeEntry::take(&mut rest)?;
        }
        Some(self.len() - rest.len())
    }
}

fn unusual() -> git2::Error {
    git2::Error::from_str("it is not as git writes trees")
}

/// How many bytes that are whole names a tree begins and ends with like all of some others.
pub(super) fn shared(here: &Items, others: &[Items]) -> (usize, usize) {
    if others.is_empty() {
        return (0, 0);
    }
    let before = others.iter().map(|other| alike_before(&here.0, &other.0)).min();
    let start = here.end_before(0, before.unwrap_or(0));
    let after = others.iter().map(|other| alike_after(here.after(start), other.after(start))).min();
    let end = here.end_after(start, here.len() - after.unwrap_or(0));
    let left = end.map_or(0, |end| here.len() - end);
    // The same bytes may be names in one and within a name in another.
    let ends = |other: &Items| {
        let end = other.len() - left;
        other.end_after(start, end) == Some(end)
    };
    (start, if others.iter().all(ends) { left } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(number: u8) -> Oid {
        Oid::from_bytes(&[number; 20]).unwrap()
    }

    fn tree(names: &[(String, u8)]) -> Items {
        let mut bytes = Vec::new();
        for (name, number) in names {
            let leaf = Item::Leaf(Node { held: Held::Blob(Entry::File), id: id(*number) });
            let item = if number % 2 == 0 { Item::Folder(id(*number)) } else { leaf };
            Items::write(&mut bytes, name.as_bytes(), item);
        }
        Items::new(Arc::new(bytes))
    }

    fn names() -> impl Strategy<Value = Vec<(String, u8)>> {
        prop::collection::vec(("[ab0 ]{1,3}", 0..4_u8), 0..12)
    }

    proptest! {
        #[test]
        fn what_is_shared_is_whole_names_of_all(
            start in names(), middles in prop::collection::vec(names(), 1..4), end in names()
        ) {
            let trees = middles.iter().map(|middle| tree(&[&start[..], middle, &end].concat()));
            let (here, others) = (trees.clone().next().unwrap(), trees.skip(1).collect::<Vec<_>>());
            let (before, after) = shared(&here, &others);
            for other in std::iter::once(&here).chain(&others) {
                let own = before..other.len() - after;
                let parts = [0..own.start, own.clone(), own.end..other.len()];
                let parts = parts.map(|part| other.within(part).unwrap());
                prop_assert!(parts.concat() == other.all().unwrap());
                prop_assert!(parts[0] == here.within(0..before).unwrap());
                prop_assert!(parts[2] == here.within(here.len() - after..here.len()).unwrap());
            }
            let least = |names: &[(String, u8)]| tree(names).len();
            if others.is_empty() {
                prop_assert_eq!((before, after), (0, 0));
            } else {
                prop_assert!(before >= least(&start));
            }
        }
    }

    #[test]
    fn a_name_that_is_within_another_in_one_tree_is_not_shared() {
        // To where the second begins, the bytes before it are a name in one tree, and in the other they
        // are the end of what a name stands for.
        let name = |name: &[u8], id: &[u8]| [b"100644 ", name, b"\0", id].concat();
        let last = name(b"z", &[9; 20]);
        let here = [name(b"a", &[1; 20]), last.clone()].concat();
        let inside = [b"100644 b\0".as_slice(), &[2; 9], b"100644 z\0", &[9; 2]].concat();
        let other = [inside.as_slice(), &[9; 18]].concat();
        let (here, other) = (Items::new(Arc::new(here)), Items::new(Arc::new(other)));
        assert!(other.all().is_err());
        assert_eq!(shared(&here, &[other]), (0, 0));
    }

    #[test]
    fn what_git_would_not_write_is_not_read() {
        for bytes in [b"100644 a".as_slice(), b"100644 a\0abc", b"a\0", b"1006x4 a\0", b" "] {
            assert!(Items::new(Arc::new(bytes.to_vec())).all().is_err());
        }
        assert!(Items::default().all().unwrap().is_empty());
    }
}
