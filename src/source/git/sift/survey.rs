//! What the objects of a repository hold, as far as it matters: filled while they are decoded.

use super::super::super::remarks::{is_lfs_pointer, locked};
use super::super::pack::{From, Kind, Name, Objects, Visitor};
use super::names::Names;
use super::tree::{Entry, Grammar, Spot};
use super::trees::Trees;
use crate::source::{Interest, Mark, Sieve};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// The bit of an interest's code that says that every version is to be read.
const ALWAYS: u32 = 1 << 31;

/// What was learned of every object, by number.
pub(in super::super) struct Survey {
    pub(super) names: Names,
    trees: Trees,
    sizes: Vec<AtomicU32>,
    /// What each blob holds: the number of a set of values, and [`ALWAYS`].
    codes: Vec<AtomicU32>,
    sets: Mutex<BTreeMap<Vec<u64>, u32>>,
    /// The sets by their number, once all are known.
    values: OnceLock<Vec<Vec<u64>>>,
    /// The numbers of what trees name and this repository does not have.
    foreign: Mutex<BTreeMap<Name, u32>>,
    /// The same by number, once all are known.
    strangers: OnceLock<BTreeMap<u32, Name>>,
    odd: AtomicBool,
}

impl Survey {
    pub(super) fn new(objects: &Objects) -> Self {
        let count = objects.len();
        let zeros = || std::iter::repeat_with(|| AtomicU32::new(0)).take(count).collect();
        Self {
            names: Names::new(),
            trees: Trees::new(count),
            sizes: zeros(),
            codes: zeros(),
            sets: Mutex::new(BTreeMap::from([(Vec::new(), 0)])),
            values: OnceLock::new(),
            foreign: Mutex::default(),
            strangers: OnceLock::new(),
            odd: AtomicBool::new(false),
        }
    }

    /// The number of an object, whether it is here or not.
    pub(super) fn number(&self, objects: &Objects, name: &Name) -> u32 {
        objects.find(name).unwrap_or_else(|| {
            let mut foreign = locked(&self.foreign);
            let next = u32::try_from(objects.len() + foreign.len()).unwrap_or(u32::MAX);
            *foreign.entry(*name).or_insert(next)
        })
    }

    /// Whether anything was met that is not as git writes it.
    pub(super) fn is_odd(&self) -> bool {
        self.odd.load(Ordering::Relaxed)
    }

    /// The name of what trees name and this repository does not have.
    pub(super) fn stranger(&self, number: u32) -> Option<&Name> {
        self.strangers.get()?.get(&number)
    }

    /// Puts in order what was learned; nothing may be read before.
    pub(super) fn settle(&self) {
        self.trees.settle();
        self.strangers.get_or_init(|| {
            let foreign = std::mem::take(&mut *locked(&self.foreign));
            foreign.into_iter().map(|(name, number)| (number, name)).collect()
        });
        self.values.get_or_init(|| {
            let sets = std::mem::take(&mut *locked(&self.sets));
            let mut sets: Vec<_> = sets.into_iter().collect();
            sets.sort_unstable_by_key(|(_, number)| *number);
            sets.into_iter().map(|(set, _)| set).collect()
        });
    }

    /// A tree's entries; `None` if it is not here.
    pub(super) fn tree(&self, number: u32) -> Option<&[Entry]> {
        self.trees.get(number)
    }

    /// A blob's size; `None` if it is not here.
    pub(super) fn size(&self, number: u32) -> Option<u64> {
        self.sizes.get(number as usize).map(|size| u64::from(size.load(Ordering::Relaxed)))
    }

    /// Whether a blob may hold what none of its earlier versions does. What is not here may.
    pub(super) fn adds(&self, number: u32, earlier: &[u32]) -> bool {
        let Some(code) = self.code(number) else { return true };
        if code & ALWAYS != 0 {
            return true;
        }
        let known = |value: &u64| {
            earlier.iter().any(|earlier| {
                self.code(*earlier).is_some_and(|code| self.set(code).binary_search(value).is_ok())
            })
        };
        code != 0 && !self.set(code).iter().all(known)
    }

    fn code(&self, number: u32) -> Option<u32> {
        self.codes.get(number as usize).map(|code| code.load(Ordering::Relaxed))
    }

    fn set(&self, code: u32) -> &[u64] {
        let values = self.values.get().map(Vec::as_slice).unwrap_or_default();
        values.get((code & !ALWAYS) as usize).map(Vec::as_slice).unwrap_or_default()
    }

    fn note(&self, number: u32, interest: Interest) {
        let mut code = 0;
        if !interest.values.is_empty() {
            let mut sets = locked(&self.sets);
            let next = u32::try_from(sets.len()).unwrap_or(0);
            code = *sets.entry(interest.values).or_insert(next);
        }
        if interest.always {
            code |= ALWAYS;
        }
        if let Some(slot) = self.codes.get(number as usize) {
            slot.store(code, Ordering::Relaxed);
        }
    }
}

/// Reads every tree and every blob into a survey.
pub(super) struct Surveyor<'a> {
    pub(super) survey: &'a Survey,
    pub(super) sieve: &'a dyn Sieve,
    pub(super) grammar: Grammar<'a>,
}

/// What is kept of an object for those that are made from it.
pub(super) enum Kept {
    Blob(Vec<Mark>),
    Tree(Vec<Spot>),
    Other,
}

impl Visitor for Surveyor<'_> {
    type Kept = Kept;

    fn wants(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Tree | Kind::Blob)
    }

    fn visit(&self, number: u32, kind: Kind, bytes: &[u8], from: Option<From<'_, Kept>>) -> Kept {
        match kind {
            Kind::Blob => Kept::Blob(self.blob(number, bytes, from.as_ref())),
            Kind::Tree => Kept::Tree(self.tree(number, bytes, from.as_ref())),
            Kind::Commit | Kind::Tag => Kept::Other,
        }
    }
}

impl Surveyor<'_> {
    fn blob(&self, number: u32, bytes: &[u8], from: Option<&From<'_, Kept>>) -> Vec<Mark> {
        let mut marks = Vec::new();
        let whole = 0..bytes.len();
        let mut new = std::slice::from_ref(&whole);
        if let Some(From { kept: Kept::Blob(base), delta }) = from {
            delta.carry(base, &mut marks);
            new = &delta.new;
        }
        let mut interest = self.sieve.blob(bytes, new, &mut marks);
        // Places are kept in four bytes.
        let size = u32::try_from(bytes.len());
        interest.always |= is_lfs_pointer(bytes) || size.is_err();
        self.survey.note(number, interest);
        if let Some(slot) = self.survey.sizes.get(number as usize) {
            slot.store(size.unwrap_or(u32::MAX), Ordering::Relaxed);
        }
        marks
    }

    fn tree(&self, number: u32, bytes: &[u8], from: Option<&From<'_, Kept>>) -> Vec<Spot> {
        let base = match from {
            Some(From { kept: Kept::Tree(base), delta }) => Some((base.as_slice(), *delta)),
            Some(_) | None => None,
        };
        let Some(spots) = self.grammar.read(bytes, base) else {
            self.survey.odd.store(true, Ordering::Relaxed);
            return Vec::new();
        };
        self.survey.trees.put(number, spots.iter().map(|spot| spot.entry));
        spots
    }
}
