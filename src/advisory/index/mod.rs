//! All advisories that a run may need, by package.
//!
//! Sources are read in parallel and put together in the order in which they were named, so that the
//! index does not depend on the number of threads. Files that are indexes already are not read but
//! asked.

use super::age::too_old;
use super::bucket::Network;
use super::document::{Advisory, Document, Entry};
use super::error::AdvisoryError;
use super::location::Location;
use super::merge::{self, Lookup};
use super::osv::Batch;
use super::store::{Stored, is_index};
use super::task::{Fetched, Outcome, plan};
use crate::finding::{Level, Notice};
use crate::package::{Ecosystem, Package};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// What is to become of an index that is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    /// It is an error.
    Refused,
    /// It is asked all the same, with a warning.
    Told,
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

/// Advisories by ecosystem and canonical name.
pub(super) type Packages = BTreeMap<Ecosystem, BTreeMap<String, Vec<Advisory>>>;

/// Advisories by ecosystem and package.
#[derive(Debug, Default)]
pub struct Index {
    packages: Packages,
    stored: Vec<Stored>,
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
        let mut index = Self { uncovered: wanted.clone(), ..Self::default() };
        let mut tasks = Vec::new();
        for location in locations {
            match location {
                Location::Path(path) if is_index(path) => {
                    index.take(fresh(path, wanted, options)?, wanted);
                }
                Location::Path(_) | Location::Bucket(_) | Location::Git(_) => {
                    tasks.extend(plan(location, wanted)?);
                }
            }
        }
        let done = tasks.into_par_iter().map(|task| {
            let fetched = task.fetch(wanted, options)?;
            fetched.read(wanted, options)
        });
        let done: Vec<_> = done.collect();
        index.gather(done)?;
        Ok(index)
    }

    /// Asks the index at the usual place, as far as it is young enough, and the locations about the
    /// ecosystems that it was not made for. Without such a file the locations are asked about all.
    pub fn load_usual(
        usual: &Path,
        locations: &[Location],
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Self, AdvisoryError> {
        let stored = match Stored::open(usual, wanted) {
            Err(AdvisoryError::Missing(_)) => return Self::load(locations, wanted, options),
            opened => opened?,
        };
        if let Err(stale) = is_fresh(&stored, options) {
            if options.network == Network::Off {
                return Err(stale);
            }
            let mut index = Self::load(locations, wanted, options)?;
            index.notices.push(Notice::new(Level::Warning, format!("not used: {stale}")));
            return Ok(index);
        }
        let asked = stored.contents().asked();
        let missing: BTreeSet<_> = wanted.difference(&asked).copied().collect();
        let mut index = if missing.is_empty() {
            Self::default()
        } else {
            Self::load(locations, &missing, options)?
        };
        index.uncovered.extend(wanted.intersection(&asked));
        index.take(stored, wanted);
        Ok(index)
    }

    /// Asks the index at the usual place alone, and never a network. An ecosystem that it was not made
    /// for stays uncovered.
    pub fn open_usual(
        usual: &Path,
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
        stale: Stale,
    ) -> Result<Self, AdvisoryError> {
        let stored = match Stored::open(usual, wanted) {
            Err(AdvisoryError::Missing(path)) => return Err(AdvisoryError::NoIndex(path)),
            opened => opened?,
        };
        let mut index = Self { uncovered: wanted.clone(), ..Self::default() };
        match (is_fresh(&stored, options), stale) {
            (Ok(()), _) => {}
            (Err(why), Stale::Refused) => return Err(why),
            (Err(why), Stale::Told) => {
                let message = format!("newer advisories were not looked at: {why}");
                index.notices.push(Notice::new(Level::Warning, message));
            }
        }
        index.take(stored, wanted);
        Ok(index)
    }

    /// What was fetched, read.
    pub(super) fn read(
        fetched: Vec<Fetched>,
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Self, AdvisoryError> {
        let mut index = Self { uncovered: wanted.clone(), ..Self::default() };
        let read: Vec<_> = fetched.into_par_iter().map(|it| it.read(wanted, options)).collect();
        index.gather(read)?;
        Ok(index)
    }

    /// What is known of a package at its version; an error where that cannot be read.
    pub fn lookup(&self, package: &Package) -> Result<Lookup, AdvisoryError> {
        let name = package.canonical_name();
        let names = self.packages.get(&package.ecosystem);
        let read = names.and_then(|names| names.get(&name)).map(Vec::as_slice).unwrap_or_default();
        if self.stored.is_empty() {
            return Ok(merge::lookup(package, read));
        }
        let mut all = read.to_vec();
        for stored in &self.stored {
            let records = stored.records(package.ecosystem, &name)?;
            if all.is_empty() {
                all = records;
            } else {
                let new: Vec<_> = records.into_iter().filter(|it| !all.contains(it)).collect();
                all.extend(new);
            }
        }
        Ok(merge::lookup(package, &all))
    }

    /// The advisories that were read, by package.
    pub(super) fn packages(&self) -> &Packages {
        &self.packages
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

    /// Puts together what was read, in its order.
    fn gather(&mut self, read: Vec<Result<Outcome, AdvisoryError>>) -> Result<(), AdvisoryError> {
        let mut documents = Vec::new();
        for outcome in read {
            let Outcome { batches, notice } = outcome?;
            self.notices.extend(notice);
            documents.extend(batches.into_iter().flat_map(|batch| self.note(batch)));
        }
        self.file(documents);
        Ok(())
    }

    /// Asks an index file, too.
    fn take(&mut self, stored: Stored, wanted: &BTreeSet<Ecosystem>) {
        let contents = stored.contents();
        let about = contents.sources().into_iter().filter(|it| wanted.contains(&it.ecosystem));
        for source in about {
            self.uncovered.remove(&source.ecosystem);
            self.sources.push(source);
        }
        let (path, stamp) = (stored.path().display(), stored.stamp());
        let message = format!(
            "the index {path}, checked on {}, is used: SHA-256 {}",
            stamp.checked, stamp.digest
        );
        self.notices.push(Notice::new(Level::Note, message));
        if let [first, more @ ..] = contents.remarks.as_slice() {
            let count = more.len();
            let more = if count == 0 { String::new() } else { format!(" (and {count} more)") };
            let message = format!("of the index {path}: {first}{more}");
            self.notices.push(Notice::new(Level::Warning, message));
        }
        self.stored.push(stored);
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

/// An index file that was named, if it is young enough.
fn fresh(
    path: &Path,
    wanted: &BTreeSet<Ecosystem>,
    options: &LoadOptions,
) -> Result<Stored, AdvisoryError> {
    let stored = Stored::open(path, wanted)?;
    is_fresh(&stored, options).map(|()| stored)
}

fn is_fresh(stored: &Stored, options: &LoadOptions) -> Result<(), AdvisoryError> {
    let (path, allowed) = (stored.path().to_owned(), options.max_age_days);
    match too_old(stored.stamp().checked, options.now, allowed) {
        Some(age) => Err(AdvisoryError::Stale { path, age, allowed }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
