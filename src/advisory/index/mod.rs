//! All advisories that a run may need, by package.
//!
//! Sources are read in parallel and put together in the order in which they were named, so that the
//! index does not depend on the number of threads.

use super::bucket::{self, Network};
use super::document::{Advisory, Document, Entry};
use super::error::AdvisoryError;
use super::folder::{Found, survey};
use super::location::{Address, Location};
use super::merge::{self, Lookup};
use super::osv::{self, Batch, Limits};
use super::rustsec;
use crate::finding::Notice;
use crate::package::{Ecosystem, Package};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How large a zip on disk may be.
const LARGEST_ZIP: u64 = 1 << 30;

/// How sources are to be read.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The folder in which fetched dumps are kept.
    pub cache: PathBuf,
    /// Whether anything may be fetched.
    pub network: Network,
    /// How old a kept dump may be to stand in for one that cannot be fetched.
    pub max_age_days: u32,
    /// The present.
    pub now: Timestamp,
    /// How long to wait before a request is repeated for the first time.
    pub backoff: Duration,
}

/// What one source has on one ecosystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// The path or address, without credentials.
    pub source: String,
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// How many records are about it, those that were withdrawn included.
    pub records: usize,
    /// The latest date in them.
    pub newest: Option<Timestamp>,
    /// SHA-256 of the source in hexadecimal: of the zip, or of all files of the folder.
    pub digest: String,
}

/// Advisories by ecosystem and package.
#[derive(Debug, Default)]
pub struct Index {
    packages: BTreeMap<Ecosystem, BTreeMap<String, Vec<Advisory>>>,
    sources: Vec<SourceInfo>,
    uncovered: BTreeSet<Ecosystem>,
    notices: Vec<Notice>,
}

impl Index {
    /// Reads what the sources have on the wanted ecosystems.
    pub fn load(
        locations: &[Location],
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Self, AdvisoryError> {
        let mut tasks = Vec::new();
        for location in locations {
            tasks.extend(plan(location, wanted)?);
        }
        let done: Vec<_> = tasks.par_iter().map(|task| task.run(wanted, options)).collect();
        let mut index = Self { uncovered: wanted.clone(), ..Self::default() };
        let mut documents = Vec::new();
        for outcome in done {
            let Outcome { batch, notice } = outcome?;
            index.notices.extend(notice);
            documents.extend(batch.into_iter().flat_map(|batch| index.note(batch)));
        }
        index.file(documents);
        Ok(index)
    }

    /// What is known of a package at its version.
    pub fn lookup(&self, package: &Package) -> Lookup {
        let names = self.packages.get(&package.ecosystem);
        let advisories = names.and_then(|names| names.get(&package.canonical_name()));
        advisories.map(|advisories| merge::lookup(package, advisories)).unwrap_or_default()
    }

    /// What was read, in the order in which the sources were named.
    pub fn sources(&self) -> &[SourceInfo] {
        &self.sources
    }

    /// The wanted ecosystems on which no source has a single record: nothing can be said of their
    /// packages.
    pub fn uncovered(&self) -> &BTreeSet<Ecosystem> {
        &self.uncovered
    }

    /// What could not be read, and what stood in for what could not be fetched.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Takes note of what a source covers, and gives its documents back.
    fn note(&mut self, batch: Batch) -> Vec<Document> {
        let mut about = BTreeMap::<Ecosystem, (usize, Option<Timestamp>)>::new();
        for document in &batch.documents {
            let ecosystems: BTreeSet<_> = document.entries.iter().map(|it| it.ecosystem).collect();
            for ecosystem in ecosystems {
                let (records, newest) = about.entry(ecosystem).or_default();
                *records += 1;
                *newest = (*newest).max(document.dated);
            }
        }
        for (ecosystem, (records, newest)) in about {
            self.uncovered.remove(&ecosystem);
            let (source, digest) = (batch.origin.clone(), batch.digest.clone());
            self.sources.push(SourceInfo { source, ecosystem, records, newest, digest });
        }
        self.notices.extend(batch.notices);
        batch.documents
    }

    /// Files the documents by package, without those that were withdrawn or that a later copy of
    /// the same document replaces.
    fn file(&mut self, documents: Vec<Document>) {
        let mut latest = BTreeMap::<Box<str>, Timestamp>::new();
        for document in documents.iter().filter(|it| !it.id.is_empty()) {
            if let Some(modified) = document.modified {
                let known = latest.entry(document.id.clone()).or_insert(modified);
                *known = modified.max(*known);
            }
        }
        let replaced = |it: &Document| {
            it.modified.is_some_and(|at| latest.get(&it.id).is_some_and(|last| at < *last))
        };
        let standing = documents.into_iter().filter(|it| !it.withdrawn && !replaced(it));
        for Entry { ecosystem, name, advisory } in standing.flat_map(|it| it.entries) {
            let names = self.packages.entry(ecosystem).or_default();
            let filed = names.entry(name).or_default();
            if !filed.contains(&advisory) {
                filed.push(advisory);
            }
        }
    }
}

/// One source to read.
enum Task {
    Disk(Found),
    Bucket(Address, Ecosystem),
}

/// What came of it: nothing, where a bucket has no dump of the ecosystem.
struct Outcome {
    batch: Option<Batch>,
    notice: Option<Notice>,
}

fn plan(location: &Location, wanted: &BTreeSet<Ecosystem>) -> Result<Vec<Task>, AdvisoryError> {
    match location {
        Location::Path(path) => Ok(survey(path, wanted)?.into_iter().map(Task::Disk).collect()),
        Location::Bucket(address) => {
            Ok(wanted.iter().map(|it| Task::Bucket(address.clone(), *it)).collect())
        }
    }
}

impl Task {
    fn run(
        &self,
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Outcome, AdvisoryError> {
        match self {
            Self::Disk(found) => Ok(Outcome { batch: Some(read(found, wanted)?), notice: None }),
            Self::Bucket(address, ecosystem) => {
                let dump = bucket::obtain(address, *ecosystem, options)?;
                let origin = address.shown(&format!("{ecosystem}/all.zip"));
                let read =
                    |bytes: Vec<u8>| osv::read_zip(&origin, &bytes, wanted, Limits::default());
                Ok(Outcome { batch: dump.bytes.map(read).transpose()?, notice: dump.notice })
            }
        }
    }
}

fn read(found: &Found, wanted: &BTreeSet<Ecosystem>) -> Result<Batch, AdvisoryError> {
    let limits = Limits::default();
    match found {
        Found::Zip(path) => zip(path, wanted),
        Found::Records { root, files } => osv::read_files(root, files, wanted, limits),
        Found::RustSec { root, files } => rustsec::read(root, files, limits),
    }
}

fn zip(path: &Path, wanted: &BTreeSet<Ecosystem>) -> Result<Batch, AdvisoryError> {
    let bytes = osv::read_bytes(path, LARGEST_ZIP)?;
    osv::read_zip(&path.display().to_string(), &bytes, wanted, Limits::default())
}

#[cfg(test)]
mod tests;
