//! The bytes of a pack file: entries by their place, inflated.
//!
//! An entry is inflated at once, because it says how long it becomes. Of what was tried on the first 200,000
//! entries of rust-lang/cargo and of rails libdeflate takes 432 and 778 ms, zlib-rs 605 and 1032, fdeflate
//! 695 and 1353, zune-inflate 790 and 1099; to inflate only the first lines of a commit with zlib-rs takes
//! longer than to inflate all of it with libdeflate.
//!
//! A whole pack is read piece by piece rather than mapped: what is mapped counts as the program's
//! memory, and a read of a few hundred bytes from the system's cache costs less than inflating them.

use super::corrupt;
use libdeflater::Decompressor;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

/// The least that zlib takes for a byte of an object, so that a size that cannot be is known at once.
const BEST_RATIO: u64 = 1100;

/// What every pack begins and ends with, in bytes.
const HEAD: u64 = 12;
pub(super) const TAIL: u64 = 20;

/// How many bytes are to be seen behind what is inflated, and for how many there is to be room: to the
/// end of an entry whole matches are decoded at a time then instead of single bytes.
pub(super) const MORE: u64 = 16;
const ROOM: usize = 320;

/// A pack file.
pub(super) struct PackFile {
    file: File,
    pub(super) len: u64,
}

/// What kind of object an entry is, or what it is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Whole(super::Kind),
    /// From the entry at this place.
    FromOffset(u64),
    /// From the object of this name.
    FromName(super::Name),
}

/// The head of an entry.
pub(super) struct Head {
    pub(super) made: Made,
    /// How long what is inflated is.
    pub(super) size: u64,
    /// How long the head is.
    pub(super) len: usize,
}

impl PackFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        let this = Self { file, len };
        let mut head = Vec::new();
        this.read(0..HEAD, &mut head)?;
        if is_pack(&head, len) { Ok(this) } else { Err(corrupt()) }
    }

    /// Reads a range into `into`, whatever was there.
    pub(super) fn read(&self, range: Range<u64>, into: &mut Vec<u8>) -> io::Result<()> {
        let size = range.end.checked_sub(range.start).filter(|_| range.end <= self.len);
        let size = size.and_then(|size| usize::try_from(size).ok()).ok_or_else(corrupt)?;
        into.resize(size, 0);
        read_at(&self.file, range.start, into)
    }
}

/// Whether a file of `len` bytes that begins like this is a pack.
pub(super) fn is_pack(head: &[u8], len: u64) -> bool {
    len >= HEAD + TAIL && head.starts_with(b"PACK\0\0\0\x02")
}

/// Fills `into` with what is at a place of a file.
#[cfg(unix)]
pub(super) fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

/// Fills `into` with what is at a place of a file.
#[cfg(windows)]
pub(super) fn read_at(file: &File, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, into, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        at += read as u64;
        into = into.get_mut(read..).unwrap_or_default();
    }
    Ok(())
}

impl Head {
    /// Reads the head of the entry at `at`.
    pub(super) fn read(bytes: &[u8], at: u64) -> Option<Self> {
        let mut bytes_left = bytes.iter().copied();
        let first = bytes_left.next()?;
        let (mut size, mut shift, mut more) = (u64::from(first & 15), 4_u32, first & 0x80 != 0);
        while more {
            let byte = bytes_left.next()?;
            size |= u64::from(byte & 0x7F).checked_shl(shift)?;
            (shift, more) = (shift + 7, byte & 0x80 != 0);
        }
        let made = match first >> 4 & 7 {
            1 => Made::Whole(super::Kind::Commit),
            2 => Made::Whole(super::Kind::Tree),
            3 => Made::Whole(super::Kind::Blob),
            4 => Made::Whole(super::Kind::Tag),
            6 => Made::FromOffset(at.checked_sub(distance(&mut bytes_left)?)?),
            7 => {
                let mut name = super::Name::default();
                name.iter_mut().try_for_each(|slot| bytes_left.next().map(|byte| *slot = byte))?;
                Made::FromName(name)
            }
            _ => return None,
        };
        Some(Self { made, size, len: bytes.len() - bytes_left.len() })
    }
}

/// How far back an entry's base is.
fn distance(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut byte = bytes.next()?;
    let mut value = u64::from(byte & 0x7F);
    while byte & 0x80 != 0 {
        byte = bytes.next()?;
        value = (value.checked_add(1)?.checked_mul(128)?) | u64::from(byte & 0x7F);
    }
    Some(value)
}

/// Inflates what `packed` begins with to exactly `size` bytes.
pub(super) fn inflate(
    zlib: &mut Decompressor,
    packed: &[u8],
    size: u64,
    into: &mut Vec<u8>,
) -> io::Result<()> {
    let possible = (packed.len() as u64).saturating_mul(BEST_RATIO);
    let size = usize::try_from(size).ok().filter(|size| *size as u64 <= possible);
    let size = size.ok_or_else(corrupt)?;
    if into.capacity() < size + ROOM {
        *into = vec![0; size + ROOM];
    } else {
        into.resize(size + ROOM, 0);
    }
    let len = zlib.zlib_decompress(packed, into).map_err(|_| corrupt())?;
    into.truncate(len);
    if len == size { Ok(()) } else { Err(corrupt()) }
}
