//! The head of an index file, and reading at places of it.
//!
//! ```text
//! magic      8   says what it is
//! format     4   of everything that follows; another one is not read
//! checked    8   when the sources last said that this is what they have, in seconds
//! built      8   when the body was made
//! body       8   how long it is: a file of another length is cut or grown
//! contents  20   where in the body its table of contents is: place, length, CRC-32
//! digest    32   SHA-256 of the body
//! crc        4   CRC-32 of all of the above
//! ```
//!
//! Integers are little-endian. The times are in no digest: the same records are the same digest.

use super::codec::{Broken, Reader};
use jiff::Timestamp;
use std::fs::File;
use std::io;
use std::path::Path;

/// What every index begins with.
pub(super) const MAGIC: [u8; 8] = *b"LKADVIX\n";

/// The format that this version writes and reads.
pub(super) const FORMAT: u32 = 1;

/// How long the head is.
pub(super) const HEAD: usize = 8 + 4 + 8 + 8 + 8 + 20 + 32 + 4;

/// The head of an index file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) checked: Timestamp,
    pub(super) built: Timestamp,
    pub(super) body: u64,
    pub(super) contents: Piece,
    pub(super) digest: [u8; 32],
}

/// A part of the body, and the checksum by which it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Counted from the start of the body.
    pub(super) at: u64,
    pub(super) length: u64,
    pub(super) crc: u32,
}

/// A head that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    Broken(Broken),
    /// Of another format.
    Format(u32),
}

impl From<Broken> for Unusable {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl Piece {
    /// The piece of these bytes at a place.
    pub(super) fn of(bytes: &[u8], at: u64) -> Self {
        Self { at, length: bytes.len() as u64, crc: crc32fast::hash(bytes) }
    }
}

impl Head {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self { checked, built, body, contents, digest } = self;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(checked.as_second().to_le_bytes());
        bytes.extend(built.as_second().to_le_bytes());
        bytes.extend(body.to_le_bytes());
        bytes.extend(contents.at.to_le_bytes());
        bytes.extend(contents.length.to_le_bytes());
        bytes.extend(contents.crc.to_le_bytes());
        bytes.extend(digest);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    pub(super) fn parse(bytes: &[u8; HEAD]) -> Result<Self, Unusable> {
        let mut reader = Reader(bytes);
        if reader.array()? != MAGIC {
            return Err(Broken("it is no index").into());
        }
        let format = u32::from_le_bytes(reader.array()?);
        if format != FORMAT {
            return Err(Unusable::Format(format));
        }
        let head = Self {
            checked: time(&mut reader)?,
            built: time(&mut reader)?,
            body: u64::from_le_bytes(reader.array()?),
            contents: Piece {
                at: u64::from_le_bytes(reader.array()?),
                length: u64::from_le_bytes(reader.array()?),
                crc: u32::from_le_bytes(reader.array()?),
            },
            digest: reader.array()?,
        };
        let summed = bytes.len() - reader.0.len();
        let crc = crc32fast::hash(bytes.get(..summed).unwrap_or_default());
        if crc != u32::from_le_bytes(reader.array()?) {
            return Err(Broken("its head is altered").into());
        }
        Ok(head)
    }
}

fn time(reader: &mut Reader<'_>) -> Result<Timestamp, Broken> {
    let second = i64::from_le_bytes(reader.array()?);
    Timestamp::from_second(second).map_err(|_| Broken("its time is none"))
}

/// Whether a file begins as an index does.
pub(in crate::advisory) fn is_index(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let read = File::open(path).and_then(|file| read_at(&file, &mut start, 0));
    read.is_ok() && start == MAGIC
}

/// Fills the bytes from a place in a file, without moving anybody's position in it.
pub(super) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, bytes, at);
    #[cfg(windows)]
    return {
        use std::os::windows::fs::FileExt as _;
        let (mut rest, mut at) = (bytes, at);
        while !rest.is_empty() {
            let read = file.seek_read(rest, at)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            rest = rest.get_mut(read..).unwrap_or_default();
            at += read as u64;
        }
        Ok(())
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            checked: Timestamp::from_second(1_700_000_000).unwrap(),
            built: Timestamp::from_second(1_600_000_000).unwrap(),
            body: 12,
            contents: Piece { at: 3, length: 4, crc: 5 },
            digest: [7; 32],
        }
    }

    #[test]
    fn a_head_is_read_back() {
        let bytes: [u8; HEAD] = head().to_bytes().try_into().unwrap();
        assert_eq!(Head::parse(&bytes), Ok(head()));
    }

    #[test]
    fn no_altered_byte_of_a_head_goes_unnoticed() {
        let bytes: [u8; HEAD] = head().to_bytes().try_into().unwrap();
        for at in 0..HEAD {
            let mut altered = bytes;
            altered[at] ^= 0x20;
            assert!(Head::parse(&altered).is_err(), "byte {at}");
        }
    }

    #[test]
    fn another_format_is_told_from_damage() {
        let mut bytes: [u8; HEAD] = head().to_bytes().try_into().unwrap();
        bytes[8] = 2;
        assert_eq!(Head::parse(&bytes), Err(Unusable::Format(2)));
    }
}
