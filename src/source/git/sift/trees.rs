//! The entries of every tree, one after the other: a history has a million trees, and so few bytes in
//! most that each of them alone would cost as much again.

use super::super::super::remarks::locked;
use super::tree::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// How many entries lie together.
const SHELF: usize = 1 << 16;

/// A place says which shelf, where on it and how many entries, and that it is one.
const BITS: u32 = 21;
const MOST: usize = (1 << BITS) - 1;
const HERE: u64 = 1 << 63;

/// Trees by the numbers of their objects.
pub(super) struct Trees {
    places: Vec<AtomicU64>,
    filling: Mutex<Vec<Vec<Entry>>>,
    /// The same, once nothing is added any more.
    shelves: OnceLock<Vec<Vec<Entry>>>,
}

impl Trees {
    /// Room for the trees among so many objects.
    pub(super) fn new(objects: usize) -> Self {
        let places = std::iter::repeat_with(AtomicU64::default).take(objects).collect();
        Self { places, filling: Mutex::default(), shelves: OnceLock::new() }
    }

    /// Adds a tree. One of millions of entries is not kept: it counts as one that is not here.
    pub(super) fn put(&self, number: u32, entries: impl ExactSizeIterator<Item = Entry>) {
        if entries.len() > MOST {
            return;
        }
        let mut shelves = locked(&self.filling);
        let room = shelves.last().map(|shelf| shelf.capacity() - shelf.len());
        if room.is_none_or(|room| room < entries.len()) {
            shelves.push(Vec::with_capacity(SHELF.max(entries.len())));
        }
        let (number, count) = (number as usize, entries.len());
        let (slot, last) = (self.places.get(number), shelves.len() - 1);
        let (Some(slot), Some(shelf)) = (slot, shelves.last_mut()) else { return };
        if let Some(place) = place([last, shelf.len(), count]) {
            shelf.extend(entries);
            slot.store(place, Ordering::Relaxed);
        }
    }

    /// Ends the adding; nothing may be read before.
    pub(super) fn settle(&self) {
        self.shelves.get_or_init(|| std::mem::take(&mut *locked(&self.filling)));
    }

    /// A tree's entries; `None` if it is not here.
    pub(super) fn get(&self, number: u32) -> Option<&[Entry]> {
        let place = self.places.get(number as usize)?.load(Ordering::Relaxed);
        let part = |at: u32| usize::try_from(place >> (at * BITS) & MOST as u64).ok();
        let (shelf, start, count) = (part(2)?, part(1)?, part(0)?);
        let shelf = self.shelves.get()?.get(shelf).filter(|_| place & HERE != 0)?;
        shelf.get(start..start + count)
    }
}

/// Three numbers as one, if each is small enough.
fn place(parts: [usize; 3]) -> Option<u64> {
    let fits = parts.iter().all(|part| *part <= MOST);
    fits.then(|| parts.iter().fold(1, |place, part| place << BITS | *part as u64))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::entry;
    use super::*;

    #[test]
    fn trees_are_where_they_were_put() {
        let trees = Trees::new(5);
        let all = [(4, 0), (3, SHELF - 1), (0, 2), (1, 2 * SHELF)];
        for (number, count) in all {
            trees.put(number, (0..count).map(|at| entry(number, u32::try_from(at).unwrap())));
        }
        trees.settle();
        for (number, count) in all {
            let found = trees.get(number).unwrap();
            let targets = found.iter().map(|entry| entry.target as usize);
            assert!(targets.eq(0..count) && found.iter().all(|entry| entry.name() == number));
        }
        assert!(trees.get(2).is_none() && trees.get(5).is_none());
    }

    #[test]
    fn what_is_too_large_is_not_here() {
        let trees = Trees::new(1);
        trees.put(0, vec![entry(1, 1); MOST + 1].into_iter());
        trees.settle();
        assert!(trees.get(0).is_none());
    }
}
