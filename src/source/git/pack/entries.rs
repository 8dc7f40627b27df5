//! The entries of a pack one at a time: an object, or how it is made.
//!
//! A pack of which little is asked for is mapped: in a range of 100 commits of rails nothing is copied that
//! way by five thousand reads, which is a twelfth of its time. What is mapped counts as the program's
//! memory, so where much is asked for, a pack is read.

use super::corrupt;
use super::file::{Head, Made, PackFile, inflate, is_pack};
use filebuffer::FileBuffer;
use libdeflater::Decompressor;
use std::io;
use std::path::Path;

/// An object that is larger is not made here, in bytes.
pub(super) const LARGEST: u64 = 64 << 20;

/// How much of an entry is read first, in bytes; most are shorter.
const PIECE: u64 = 4096;

/// How much will be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Access {
    /// A few objects here and there.
    Few,
    /// Objects from all over the packs.
    Many,
}

/// The entries of a pack.
pub(super) enum Entries {
    Mapped(FileBuffer),
    Read(PackFile),
}

/// What a thread reads and inflates with.
pub(super) struct Tools {
    zlib: Decompressor,
    packed: Vec<u8>,
}

impl Entries {
    pub(super) fn open(path: &Path, access: Access) -> io::Result<Self> {
        match access {
            Access::Many => PackFile::open(path).map(Self::Read),
            Access::Few => {
                let file = FileBuffer::open(path)?;
                if is_pack(&file, file.len() as u64) {
                    Ok(Self::Mapped(file))
                } else {
                    Err(corrupt())
                }
            }
        }
    }

    /// What begins at a place: `len` bytes, if there are as many. `buffer` is for what has to be read.
    fn at<'b>(&'b self, at: u64, len: u64, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        match self {
            Self::Mapped(file) => {
                let rest = usize::try_from(at).ok().and_then(|at| file.get(at..));
                let rest = rest.ok_or_else(corrupt)?;
                let len = usize::try_from(len).unwrap_or(usize::MAX).min(rest.len());
                Ok(rest.get(..len).unwrap_or_default())
            }
            Self::Read(file) => {
                file.read(at..file.len.min(at.saturating_add(len)), buffer)?;
                Ok(buffer)
            }
        }
    }
}

impl Tools {
    pub(super) fn new() -> Self {
        Self { zlib: Decompressor::new(), packed: Vec::new() }
    }

    /// Inflates an entry.
    pub(super) fn entry(&mut self, entries: &Entries, at: u64) -> io::Result<(Made, Vec<u8>)> {
        let Self { zlib, packed } = self;
        let mut entry = entries.at(at, PIECE, packed)?;
        let head = Head::read(entry, at).ok_or_else(corrupt)?;
        if head.size > LARGEST {
            return Err(corrupt());
        }
        let mut bytes = Vec::new();
        // Text packs to a third or less; what does not pack is as long as it is, and a little more for
        // each block.
        let likely = if head.size < 3 * PIECE { PIECE } else { head.size / 2 };
        for len in [likely, head.size + head.size / 64 + PIECE] {
            if len > PIECE {
                entry = entries.at(at, len, packed)?;
            }
            let rest = entry.get(head.len..).unwrap_or_default();
            if inflate(zlib, rest, head.size, &mut bytes).is_ok() {
                return Ok((head.made, bytes));
            }
        }
        Err(corrupt())
    }
}
