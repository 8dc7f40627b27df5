//! The index as one file: opened without reading it all, and asked by reading a page for a package.
//!
//! After a head of fixed length come, for each ecosystem, the packages in the order of their names,
//! each with all records about it, in blocks of about a page; then a table with the first name, the
//! place and the checksum of each block; and at the end the table of contents. Every piece is checked
//! when it is read and not before, so that an altered byte is an error where it would matter, and the
//! rest of the file costs nothing. [`verify`] reads everything.
//!
//! Nothing is trusted: no place, length or count is believed that the file could not hold.
//!
//! Two designs were measured with 250,000 synthetic records about as many packages (a file of 26 MB,
//! which is 38 MB now, two processors that others used, too; `cargo bench --bench index`). This one opens in 0.2 ms and answers
//! 2,000 questions in the order of nothing in 6.6 ms, of which 1.6 ms are reads; its memory is the table,
//! 0.3 MB. Reading the file whole takes 4.1 ms before the first byte is summed or sought in, takes 26 MB
//! of memory, and grows with the database instead of with the project. Mapping the file would save the
//! reads; it needs `unsafe`, and lets a file that is cut while it is read end the process. Lockfiles ask in the
//! order of names: 1,286 packages of a `Cargo.lock` take 55 reads and 1 ms. Making the file takes 3.0 s
//! (0.71 s for 62,500 records: `cargo bench --bench growth`), nearly all of it to inflate and parse them;
//! without the file, each scan would.

mod build;
mod codec;
mod contents;
mod file;
mod table;
mod verify;

pub(super) use build::{Built, build, clear};
pub(super) use contents::Contents;
pub(super) use file::is_index;

use super::document::Advisory;
use super::error::AdvisoryError;
use super::osv::hex;
use crate::package::Ecosystem;
use codec::{Broken, decode};
use file::{HEAD, Head, Piece, Unusable, read_at};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use table::{Names, Table};

/// An index file, open.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    file: File,
    head: Head,
    contents: Contents,
    tables: BTreeMap<Ecosystem, Table>,
    /// The block that was read last: lockfiles name their packages in the order of the index.
    last: Mutex<Option<(Piece, Arc<[u8]>)>>,
}

/// What can be said of an index file without reading its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// SHA-256 of the body in hexadecimal: the same records from the same sources have the same.
    pub(super) digest: String,
    /// When the records were last written.
    pub(super) built: Timestamp,
    /// When the sources last said that this is what they have.
    pub(super) checked: Timestamp,
    /// How long the file is.
    pub(super) size: u64,
    pub(super) names: u64,
    pub(super) advisories: u64,
}

impl Stored {
    /// Opens an index, and reads the tables of the wanted ecosystems.
    pub(super) fn open(path: &Path, wanted: &BTreeSet<Ecosystem>) -> Result<Self, AdvisoryError> {
        let io = |source: io::Error| {
            if source.kind() == io::ErrorKind::NotFound {
                return AdvisoryError::Missing(path.to_owned());
            }
            AdvisoryError::Io { path: path.to_owned(), source }
        };
        let file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        let mut bytes = [0; HEAD];
        if size < bytes.len() as u64 {
            return Err(damaged(path, "it ends too early"));
        }
        read_at(&file, &mut bytes, 0).map_err(io)?;
        let head = Head::parse(&bytes).map_err(|why| match why {
            Unusable::Broken(Broken(why)) => damaged(path, why),
            Unusable::Format(found) => AdvisoryError::Format { path: path.to_owned(), found },
        })?;
        if head.body.checked_add(HEAD as u64) != Some(size) {
            return Err(damaged(path, "it is not as long as it says"));
        }
        let (contents, tables, last) = (Contents::default(), BTreeMap::new(), Mutex::default());
        let mut stored = Self { path: path.to_owned(), file, head, contents, tables, last };
        let contents = stored.piece(stored.head.contents)?;
        stored.contents = serde_json::from_slice(&contents)
            .map_err(|_| damaged(path, "its table of contents cannot be read"))?;
        for part in stored.contents.parts.clone() {
            let Some(ecosystem) = part.ecosystem().filter(|it| wanted.contains(it)) else {
                continue;
            };
            let table = Table::parse(stored.piece(part.table())?, stored.head.body);
            stored.tables.insert(ecosystem, table.map_err(|Broken(why)| damaged(path, why))?);
        }
        Ok(stored)
    }

    /// All records about a package, by its canonical name; an ecosystem that was not wanted when the
    /// index was opened has none.
    pub(super) fn records(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> Result<Vec<Advisory>, AdvisoryError> {
        let block = self.tables.get(&ecosystem).and_then(|table| table.block_of(name));
        let Some(block) = block else { return Ok(Vec::new()) };
        let block = self.block(block)?;
        let records = Names::new(&block).find(name).and_then(|found| found.map(decode).transpose());
        records.map(Option::unwrap_or_default).map_err(|Broken(why)| damaged(&self.path, why))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    pub(super) fn stamp(&self) -> Stamp {
        let sum = |count: fn(&contents::Part) -> u64| self.contents.parts.iter().map(count).sum();
        Stamp {
            digest: hex(&self.head.digest),
            built: self.head.built,
            checked: self.head.checked,
            size: self.head.body + HEAD as u64,
            names: sum(|part| part.names),
            advisories: sum(|part| part.advisories),
        }
    }

    /// The same index, of which its sources say again that it is what they have.
    pub(super) fn confirmed(&self, now: Timestamp) -> Result<Built, AdvisoryError> {
        let whole = Piece { at: 0, length: self.head.body, crc: 0 };
        let body = self.bytes(whole)?;
        let built = Built { head: Head { checked: now, ..self.head.clone() }, body };
        if built.is_whole() { Ok(built) } else { Err(damaged(&self.path, "its body is altered")) }
    }

    fn block(&self, piece: Piece) -> Result<Arc<[u8]>, AdvisoryError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, block)) = last.as_ref().filter(|(of, _)| *of == piece) {
            return Ok(Arc::clone(block));
        }
        let block: Arc<[u8]> = self.piece(piece)?.into();
        *last = Some((piece, Arc::clone(&block)));
        Ok(block)
    }

    /// The bytes of a piece, which are those that were written.
    fn piece(&self, piece: Piece) -> Result<Vec<u8>, AdvisoryError> {
        let bytes = self.bytes(piece)?;
        if crc32fast::hash(&bytes) == piece.crc {
            Ok(bytes)
        } else {
            Err(damaged(&self.path, "a part of it is altered"))
        }
    }

    fn bytes(&self, Piece { at, length, .. }: Piece) -> Result<Vec<u8>, AdvisoryError> {
        let outside = || damaged(&self.path, "a part of it lies outside");
        if at.checked_add(length).is_none_or(|end| end > self.head.body) {
            return Err(outside());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| outside())?];
        read_at(&self.file, &mut bytes, HEAD as u64 + at)
            .map_err(|source| AdvisoryError::Io { path: self.path.clone(), source })?;
        Ok(bytes)
    }
}

fn damaged(path: &Path, why: &str) -> AdvisoryError {
    AdvisoryError::Damaged { path: path.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests;
