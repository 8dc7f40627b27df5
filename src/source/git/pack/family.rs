//! One pack's objects as families: which object is made from which.
//!
//! Heads alone are read, front to back. An object is known here by its rank: its place in the file
//! among the others.

use super::Kind;
use super::corrupt;
use super::file::{Head, MORE, Made, PackFile, TAIL, inflate};
use super::index::Index;
use libdeflater::Decompressor;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::io;
use std::ops::Range;
use std::path::Path;

/// How much is read at once while heads are looked for.
const PIECE: u64 = 4 << 20;

/// The longest that a head gets: a size, and a name.
const LONGEST_HEAD: u64 = 32;

/// What an object costs beside its bytes in a pack, in bytes.
const EACH: u64 = 256;

const NOBODY: u32 = u32::MAX;

/// What an object is made from.
#[derive(Clone, Copy)]
enum Origin {
    Whole(Kind),
    Rank(u32),
}

/// A pack with its index.
pub(super) struct Pack {
    pub(super) file: PackFile,
    pub(super) index: Index,
    /// Where each rank begins, and where the last ends.
    starts: Vec<u64>,
    /// For each rank, its place in the index.
    places: Vec<u32>,
    /// The ranks that are made from each rank: a slice of `children` from here to the next.
    firsts: Vec<u32>,
    children: Vec<u32>,
    /// The ranks that are whole, and their kinds; that with the largest family first.
    pub(super) roots: Vec<(u32, Kind)>,
}

impl Pack {
    /// Opens the pack beside an index.
    pub(super) fn open(index: &Path) -> io::Result<Self> {
        let file = PackFile::open(&index.with_extension("pack"))?;
        let (index, offsets) = Index::read(index)?;
        let count = u32::try_from(index.len()).map_err(|_| corrupt())?;
        let offset = |place: &u32| offsets.get(*place as usize).copied().unwrap_or_default();
        let mut places: Vec<u32> = (0..count).collect();
        places.par_sort_unstable_by_key(offset);
        let mut starts: Vec<u64> = places.iter().map(offset).collect();
        starts.push(file.len.saturating_sub(TAIL));
        let (firsts, children, roots) = (Vec::new(), Vec::new(), Vec::new());
        let mut pack = Self { file, index, starts, places, firsts, children, roots };
        pack.relate(&offsets)?;
        Ok(pack)
    }

    /// Where an object is.
    pub(super) fn range(&self, rank: u32) -> io::Result<Range<u64>> {
        let at = rank as usize;
        let range = self.starts.get(at).zip(self.starts.get(at + 1));
        range.map(|(start, end)| *start..*end).ok_or_else(corrupt)
    }

    /// The place of an object in the index.
    pub(super) fn place(&self, rank: u32) -> u32 {
        self.places.get(rank as usize).copied().unwrap_or(NOBODY)
    }

    /// The objects that are made from an object.
    pub(super) fn children(&self, rank: u32) -> &[u32] {
        let at = rank as usize;
        let range = self.firsts.get(at).zip(self.firsts.get(at + 1));
        let range = range.map(|(start, end)| *start as usize..*end as usize);
        range.and_then(|range| self.children.get(range)).unwrap_or_default()
    }

    /// Inflates an entry into `code`: an object, or how it is made.
    pub(super) fn inflate(
        &self,
        rank: u32,
        zlib: &mut Decompressor,
        packed: &mut Vec<u8>,
        code: &mut Vec<u8>,
    ) -> io::Result<Made> {
        let range = self.range(rank)?;
        let at = range.start;
        self.file.read(at..self.file.len.min(range.end + MORE), packed)?;
        let head = Head::read(packed, at).ok_or_else(corrupt)?;
        inflate(zlib, packed.get(head.len..).unwrap_or_default(), head.size, code)?;
        Ok(head.made)
    }

    /// What an entry is made from, which is told by its distance or its name.
    fn origin(&self, rank: usize, made: &Made, offsets: &[u64]) -> io::Result<Origin> {
        let at = match made {
            Made::Whole(kind) => return Ok(Origin::Whole(*kind)),
            Made::FromOffset(at) => *at,
            Made::FromName(name) => {
                let place = self.index.find(name).ok_or_else(corrupt)?;
                *offsets.get(place as usize).ok_or_else(corrupt)?
            }
        };
        // What is named by its distance stands before what is made from it.
        let near = |base: &u32| (*base as usize) < rank || matches!(made, Made::FromName(_));
        self.rank_at(at).filter(near).map(Origin::Rank).ok_or_else(corrupt)
    }

    fn relate(&mut self, offsets: &[u64]) -> io::Result<()> {
        let pieces = self.pieces().into_par_iter();
        let origins = pieces.map(|ranks| self.origins(ranks, offsets));
        let origins = origins.collect::<io::Result<Vec<_>>>()?;
        let (mut bases, mut whole) = (Vec::with_capacity(self.places.len()), Vec::new());
        for (rank, origin) in (0_u32..).zip(origins.into_iter().flatten()) {
            match origin {
                Origin::Whole(kind) => {
                    bases.push(NOBODY);
                    whole.push((rank, kind));
                }
                Origin::Rank(base) => bases.push(base),
            }
        }
        self.adopt(&bases);
        let roots = whole.into_par_iter();
        let mut roots: Vec<_> =
            roots.map(|(root, kind)| (Reverse(self.weight(root)), root, kind)).collect();
        roots.par_sort_unstable_by_key(|(weight, root, _)| (*weight, *root));
        self.roots = roots.into_iter().map(|(_, root, kind)| (root, kind)).collect();
        Ok(())
    }

    /// About how much work a family is: its bytes in the pack, and something for each object.
    fn weight(&self, root: u32) -> u64 {
        let (mut weight, mut waiting) = (0, vec![root]);
        while let Some(rank) = waiting.pop() {
            let range = self.range(rank).unwrap_or(0..0);
            weight += range.end.saturating_sub(range.start) + EACH;
            waiting.extend(self.children(rank));
        }
        weight
    }

    fn rank_at(&self, offset: u64) -> Option<u32> {
        let rank = self.starts.binary_search(&offset).ok()?;
        u32::try_from(rank).ok().filter(|rank| (*rank as usize) < self.places.len())
    }

    /// Sorts the objects below their bases.
    fn adopt(&mut self, bases: &[u32]) {
        let mut counts = vec![0_u32; bases.len() + 1];
        for base in bases.iter().filter(|base| **base != NOBODY) {
            if let Some(count) = counts.get_mut(*base as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut counts {
            sum += *count;
            *count = sum;
        }
        self.children = vec![0; sum as usize];
        let mut next = counts.clone();
        for (rank, base) in (0_u32..).zip(bases).filter(|(_, base)| **base != NOBODY) {
            let Some(next) = next.get_mut(*base as usize) else { continue };
            if let Some(slot) = self.children.get_mut(*next as usize) {
                *slot = rank;
            }
            *next += 1;
        }
        self.firsts = counts;
    }

    /// The ranks by what is read at once of the file.
    fn pieces(&self) -> Vec<Range<usize>> {
        let ranks = self.places.len();
        let mut pieces = Vec::new();
        let mut first = 0;
        while let Some(start) = self.starts.get(first).filter(|_| first < ranks) {
            let next = self.starts.partition_point(|at| *at < start + PIECE).min(ranks);
            pieces.push(first..next);
            first = next;
        }
        pieces
    }

    /// What each object is made from.
    fn origins(&self, ranks: Range<usize>, offsets: &[u64]) -> io::Result<Vec<Origin>> {
        let starts = self.starts.get(ranks.clone()).unwrap_or_default();
        let (Some(from), Some(last)) = (starts.first(), starts.last()) else {
            return Ok(Vec::new());
        };
        let mut bytes = Vec::new();
        self.file.read(*from..self.file.len.min(last + LONGEST_HEAD), &mut bytes)?;
        let origins = ranks.zip(starts).map(|(rank, at)| {
            let bytes = usize::try_from(at - from).ok().and_then(|skip| bytes.get(skip..));
            let head = bytes.and_then(|bytes| Head::read(bytes, *at)).ok_or_else(corrupt)?;
            self.origin(rank, &head.made, offsets)
        });
        origins.collect()
    }
}
