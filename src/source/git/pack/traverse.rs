//! Every object of a pack once, each after the one that it is made from.
//!
//! Families are read in parallel, the largest first so that none is left over at the end for one thread
//! alone, each depth first: what is held at a time is one object for each step from a whole one down,
//! and whatever its reader keeps for it.

use super::Kind;
use super::corrupt;
use super::delta::Delta;
use super::family::Pack;
use super::file::Made;
use libdeflater::Decompressor;
use rayon::prelude::*;
use std::io;

/// How much a thread keeps of its buffers from one family to the next, in bytes.
const MOST_SPARE: usize = 4 << 20;

/// What reads objects.
pub(super) trait Reader: Sync {
    /// What it keeps of an object for those that are made from it.
    type Kept: Send;

    /// Whether it reads objects of a kind.
    fn wants(&self, kind: Kind) -> bool;

    /// Reads an object, known by its place in the pack's index.
    fn read(
        &self,
        place: u32,
        kind: Kind,
        bytes: &[u8],
        from: Option<From<'_, Self::Kept>>,
    ) -> Self::Kept;
}

/// What an object is made from.
pub(in super::super) struct From<'a, Kept> {
    pub(in super::super) kept: &'a Kept,
    pub(in super::super) delta: &'a Delta,
}

/// Gives a pack's objects to a reader.
pub(super) fn traverse<R: Reader>(pack: &Pack, reader: &R) -> io::Result<()> {
    let roots = pack.roots.iter().filter(|(_, kind)| reader.wants(*kind));
    roots.par_bridge().try_for_each_init(
        || Thread::new(pack, reader),
        |thread, (root, kind)| thread.family(*root, *kind),
    )
}

/// One thread's tools; buffers are used again.
struct Thread<'a, R: Reader> {
    pack: &'a Pack,
    reader: &'a R,
    zlib: Decompressor,
    packed: Vec<u8>,
    code: Vec<u8>,
    delta: Delta,
    line: Vec<Member<R::Kept>>,
    spare: Vec<Vec<u8>>,
}

/// An object whose children are being read.
struct Member<Kept> {
    rank: u32,
    bytes: Vec<u8>,
    kept: Kept,
    next: usize,
}

impl<'a, R: Reader> Thread<'a, R> {
    fn new(pack: &'a Pack, reader: &'a R) -> Self {
        let (packed, code, delta) = (Vec::new(), Vec::new(), Delta::default());
        let (line, spare, zlib) = (Vec::new(), Vec::new(), Decompressor::new());
        Self { pack, reader, zlib, packed, code, delta, line, spare }
    }

    fn family(&mut self, root: u32, kind: Kind) -> io::Result<()> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        if self.inflate(root)? != Made::Whole(kind) {
            return Err(corrupt());
        }
        std::mem::swap(&mut bytes, &mut self.code);
        let kept = self.reader.read(self.pack.place(root), kind, &bytes, None);
        self.line.push(Member { rank: root, bytes, kept, next: 0 });
        while let Some(last) = self.line.last_mut() {
            let child = self.pack.children(last.rank).get(last.next).copied();
            last.next += 1;
            match child {
                Some(child) => self.child(child, kind)?,
                None => self.spare.extend(self.line.pop().map(|member| member.bytes)),
            }
        }
        // Buffers that grew for one family of long files would stay as long for all that are short.
        if self.spare.iter().map(Vec::capacity).sum::<usize>() > MOST_SPARE {
            self.spare.clear();
        }
        Ok(())
    }

    /// Reads a child of the last of the line, and puts it there if it has children of its own.
    fn child(&mut self, rank: u32, kind: Kind) -> io::Result<()> {
        self.inflate(rank)?;
        let mut bytes = self.spare.pop().unwrap_or_default();
        let base = self.line.last().ok_or_else(corrupt)?;
        self.delta.apply(&base.bytes, &self.code, &mut bytes)?;
        let from = From { kept: &base.kept, delta: &self.delta };
        let kept = self.reader.read(self.pack.place(rank), kind, &bytes, Some(from));
        if self.pack.children(rank).is_empty() {
            self.spare.push(bytes);
        } else {
            self.line.push(Member { rank, bytes, kept, next: 0 });
        }
        Ok(())
    }

    fn inflate(&mut self, rank: u32) -> io::Result<Made> {
        self.pack.inflate(rank, &mut self.zlib, &mut self.packed, &mut self.code)
    }
}
