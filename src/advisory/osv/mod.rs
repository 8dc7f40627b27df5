//! OSV records in zips and in files of a folder, read in parallel and in a fixed order.

use super::document::Document;
use super::error::AdvisoryError;
use super::record;
use super::summary::one_line;
use crate::finding::{Level, Notice};
use crate::package::Ecosystem;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use zip::ZipArchive;

/// How many records that cannot be read are named before the rest is counted.
const NAMED: usize = 20;

/// How many records are inflated before they are read. A decoder's buffers are large and live
/// shortly; were the small allocations of a record made after each, they would settle in the place
/// of its buffers, and the heap would grow by a buffer a record: for OSV's 15,000 records on our
/// ecosystems to 260 MB instead of 59 MB.
const CHUNK: usize = 256;

/// How many bytes are inflated before they are read, even if they are of fewer records.
const HELD: usize = 4 << 20;

/// How much a source may hold, inflated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) record: u64,
    pub(super) total: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record: 16 << 20, total: 4 << 30 }
    }
}

/// What one source held.
#[derive(Debug)]
pub(super) struct Batch {
    /// The source, without credentials.
    pub(super) origin: String,
    /// SHA-256 in hexadecimal.
    pub(super) digest: String,
    pub(super) documents: Vec<Document>,
    pub(super) notices: Vec<Notice>,
}

/// Reads every record of a zip.
pub(super) fn read_zip(
    origin: &str,
    bytes: &[u8],
    wanted: &BTreeSet<Ecosystem>,
    limits: Limits,
) -> Result<Batch, AdvisoryError> {
    let archive = open(origin, bytes)?;
    let zip = Zip { origin, wanted, limits, spent: AtomicU64::new(0) };
    let read: Vec<_> = (0..archive.len())
        .into_par_iter()
        .chunks(CHUNK)
        .map_init(|| archive.clone(), |archive, chunk| zip.chunk(archive, &chunk))
        .collect();
    let items = read.into_iter().collect::<Result<Vec<_>, _>>()?;
    Batch::new(origin, hex(&Sha256::digest(bytes)), items.into_iter().flatten())
}

/// Whether the bytes are a zip at all, by its directory.
pub(super) fn open<'a>(
    origin: &str,
    bytes: &'a [u8],
) -> Result<ZipArchive<Cursor<&'a [u8]>>, AdvisoryError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| corrupt(origin, &error))
}

/// Reads the records of a folder, `files` sorted.
pub(super) fn read_files(
    root: &Path,
    files: &[PathBuf],
    wanted: &BTreeSet<Ecosystem>,
    limits: Limits,
) -> Result<Batch, AdvisoryError> {
    let read: Vec<_> = files.par_iter().map(|path| read_file(path, wanted, limits)).collect();
    let mut digest = Sha256::new();
    let mut records = Vec::new();
    for (path, read) in files.iter().zip(read) {
        let (content, item) = read?;
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name.as_bytes());
        digest.update(content);
        records.push(item);
    }
    Batch::new(&root.display().to_string(), hex(&digest.finalize()), records)
}

/// The bytes of a file that may be as large as `limit`.
pub(super) fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, AdvisoryError> {
    let io = |source| AdvisoryError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        let origin = path.display().to_string();
        return Err(AdvisoryError::TooLarge { origin, what: "the file".to_owned(), limit });
    }
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

/// One file that may be a record: what it says, or why it cannot be read.
pub(super) struct Item {
    name: String,
    read: Result<Option<Document>, String>,
}

impl Item {
    pub(super) fn new(name: &str, read: Result<Option<Document>, String>) -> Self {
        Self { name: one_line(name, 200), read }
    }
}

impl Batch {
    /// Collects what was read; a source without a single record is not one.
    pub(super) fn new(
        origin: &str,
        digest: String,
        items: impl IntoIterator<Item = Item>,
    ) -> Result<Self, AdvisoryError> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return Err(AdvisoryError::Unrecognised(origin.to_owned()));
        }
        let mut batch =
            Self { origin: origin.to_owned(), digest, documents: Vec::new(), notices: Vec::new() };
        let mut problems = Vec::new();
        for item in items {
            match item.read {
                Ok(None) => {}
                Ok(Some(document)) => {
                    let told = |why: &String| (item.name.clone(), why.clone());
                    problems.extend(document.problems.iter().map(told));
                    batch.documents.push(document);
                }
                Err(why) => problems.push((item.name, why)),
            }
        }
        batch.remark(&problems);
        Ok(batch)
    }

    fn remark(&mut self, problems: &[(String, String)]) {
        let Self { origin, notices, .. } = self;
        notices.extend(problems.iter().take(NAMED).map(|(name, why)| {
            let why = one_line(why, 200);
            Notice::new(Level::Warning, format!("{origin}: {name} cannot be read whole: {why}"))
        }));
        let more = problems.len().saturating_sub(NAMED);
        if more > 0 {
            let message = format!("{origin}: {more} more records cannot be read whole");
            notices.push(Notice::new(Level::Warning, message));
        }
    }
}

/// A zip while it is read by several threads.
struct Zip<'a> {
    origin: &'a str,
    wanted: &'a BTreeSet<Ecosystem>,
    limits: Limits,
    spent: AtomicU64,
}

impl Zip<'_> {
    fn chunk(
        &self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        chunk: &[usize],
    ) -> Result<Vec<Item>, AdvisoryError> {
        let mut items = Vec::new();
        let mut inflated = Inflated::default();
        for at in chunk {
            self.inflate(archive, *at, &mut inflated)?;
            if inflated.bytes.len() > HELD {
                inflated.parse(self.wanted, &mut items);
            }
        }
        inflated.parse(self.wanted, &mut items);
        Ok(items)
    }

    fn inflate(
        &self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        at: usize,
        inflated: &mut Inflated,
    ) -> Result<(), AdvisoryError> {
        let entry = archive.by_index(at).map_err(|error| corrupt(self.origin, &error))?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if !is_json(Path::new(&name)) {
            return Ok(());
        }
        let read = entry.take(self.limits.record + 1).read_to_end(&mut inflated.bytes);
        let length = read.map_err(|error| corrupt(self.origin, &error))?;
        self.within(length as u64, self.limits.record, &name)?;
        let spent = self.spent.fetch_add(length as u64, Ordering::Relaxed) + length as u64;
        self.within(spent, self.limits.total, "the sum of its records")?;
        inflated.records.push((name, length));
        Ok(())
    }

    fn within(&self, length: u64, limit: u64, what: &str) -> Result<(), AdvisoryError> {
        if length <= limit {
            return Ok(());
        }
        let (origin, what) = (self.origin.to_owned(), one_line(what, 200));
        Err(AdvisoryError::TooLarge { origin, what, limit })
    }
}

/// Records that are inflated and not yet read, one after the other.
#[derive(Default)]
struct Inflated {
    bytes: Vec<u8>,
    /// The name and the length of each.
    records: Vec<(String, usize)>,
}

impl Inflated {
    fn parse(&mut self, wanted: &BTreeSet<Ecosystem>, items: &mut Vec<Item>) {
        let mut rest = self.bytes.as_slice();
        for (name, length) in self.records.drain(..) {
            let (json, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            items.push(Item::new(&name, record::read(json, wanted)));
            rest = after;
        }
        self.bytes.clear();
    }
}

/// Whether a path names a JSON file.
pub(super) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// The digest of a file's bytes, and its record.
fn read_file(
    path: &Path,
    wanted: &BTreeSet<Ecosystem>,
    limits: Limits,
) -> Result<(Vec<u8>, Item), AdvisoryError> {
    let bytes = read_bytes(path, limits.record)?;
    let item = Item::new(&path.display().to_string(), record::read(&bytes, wanted));
    Ok((Sha256::digest(&bytes).to_vec(), item))
}

fn corrupt(origin: &str, error: &dyn std::error::Error) -> AdvisoryError {
    AdvisoryError::Corrupt { origin: origin.to_owned(), why: one_line(&error.to_string(), 200) }
}

#[cfg(test)]
mod tests;
