//! The members of zip, tar and gzip files, within bounds: what they unpack to may be made to exhaust
//! their reader.

use super::Budget;
use crate::finding::RepoPath;
use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};

/// A file unpacks to this many times its size at most, or to [`SMALL`].
const RATIO: usize = 200;
const SMALL: usize = 4 << 20;

/// Where a tar file says that it is one (POSIX.1-1988, `ustar`).
const TAR_MAGIC: usize = 257;

/// A file in an archive.
pub(super) struct Member {
    /// Its name, as the archive has it.
    pub(super) name: RepoPath,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Whether a file is an archive by its first bytes.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    matches!(bytes, [b'P', b'K', 3, 4, ..] | [0x1F, 0x8B, 8, ..])
        || bytes.get(TAR_MAGIC..TAR_MAGIC + 5) == Some(b"ustar")
}

/// The members of an archive; `None` for what is none. What cannot be unpacked is told to `budget`.
pub(super) fn unpack(bytes: &[u8], budget: &mut Budget) -> Option<Vec<Member>> {
    let most = bytes.len().saturating_mul(RATIO).max(SMALL);
    let mut unpacking = Unpacking { budget, left: most, members: Vec::new() };
    let done = match bytes {
        [b'P', b'K', 3, 4, ..] => unpacking.zip(bytes),
        [0x1F, 0x8B, 8, ..] => unpacking.gzip(bytes),
        _ if bytes.get(TAR_MAGIC..TAR_MAGIC + 5) == Some(b"ustar") => unpacking.tar(bytes),
        _ => return None,
    };
    if done.is_err() {
        unpacking.budget.cut("an archive that cannot be unpacked whole: it is damaged or encrypted, and was read as it is");
    }
    Some(unpacking.members)
}

struct Unpacking<'b> {
    budget: &'b mut Budget,
    left: usize,
    members: Vec<Member>,
}

impl Unpacking<'_> {
    fn zip(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
        let mut failed = false;
        for index in 0..archive.len() {
            let Ok(mut file) = archive.by_index(index) else {
                failed = true;
                continue;
            };
            if file.is_dir() {
                continue;
            }
            let name = RepoPath::new(file.name_raw());
            let read = self.member(name, &mut file);
            failed |= read.is_err();
            if matches!(read, Ok(More::No)) {
                break;
            }
        }
        if failed { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    }

    fn gzip(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut decoder = MultiGzDecoder::new(bytes);
        let name = decoder.header().and_then(|header| header.filename()).unwrap_or_default();
        self.member(RepoPath::new(name), &mut decoder).map(|_| ())
    }

    fn tar(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut archive = tar::Archive::new(bytes);
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.header().entry_type().is_dir() {
                continue;
            }
            let name = RepoPath::new(entry.path_bytes().into_owned());
            if self.member(name, &mut entry)? == More::No {
                break;
            }
        }
        Ok(())
    }

    /// Reads one member; what was read of a damaged one is kept.
    fn member(&mut self, name: RepoPath, reader: &mut dyn Read) -> io::Result<More> {
        if self.budget.members == 0 {
            self.budget.cut("it holds archives of more members than are read of one file");
            return Ok(More::No);
        }
        let most = self.left.min(self.budget.unpacked);
        let mut bytes = Vec::new();
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let read = reader.take(limit).read_to_end(&mut bytes);
        let over = bytes.len() > most;
        bytes.truncate(most);
        self.left -= bytes.len();
        self.budget.unpacked -= bytes.len();
        self.budget.members -= 1;
        self.members.push(Member { name, bytes });
        if over {
            self.budget.cut("it holds archives that unpack to more than is read of one file");
            return Ok(More::No);
        }
        read.map(|_| More::Yes)
    }
}

/// Whether another member may be read.
#[derive(PartialEq, Eq)]
enum More {
    Yes,
    No,
}
