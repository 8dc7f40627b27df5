//! The advisories of the ecosystems that occur, by package.

use super::download::{Cache, Fetched};
use super::osv::{self, Read};
use super::{Advisory, AdvisoryError, Location, rustsec};
use crate::finding::Notice;
use crate::package::{Ecosystem, Package};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// How advisories are loaded.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Where downloads are kept; without a place they cannot be made.
    pub cache: Option<PathBuf>,
    /// Whether the network may be used.
    pub offline: bool,
    /// The time, against which the age of downloads is measured.
    pub now: Timestamp,
    /// How many days a download may serve without having been confirmed by its server.
    pub max_age_days: u32,
}

/// What one source held about one ecosystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// Where it came from, without credentials.
    pub source: String,
    /// Whose advisories.
    pub ecosystem: Ecosystem,
    /// How many records, withdrawn ones included.
    pub records: usize,
    /// When the newest of them was changed.
    pub newest: Option<Timestamp>,
    /// SHA-256 of what was read, in hexadecimal.
    pub digest: String,
}

/// The advisories of some ecosystems, by package.
#[derive(Debug, Default)]
pub struct Index {
    packages: BTreeMap<(Ecosystem, String), Vec<Advisory>>,
    sources: Vec<SourceInfo>,
    notices: Vec<Notice>,
}

impl Index {
    /// Reads the advisories about `wanted` ecosystems from every location, in parallel.
    pub fn load(
        locations: &[Location],
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Self, AdvisoryError> {
        let reads = locations.par_iter().map(|location| read(location, wanted, options));
        let reads = reads.collect::<Result<Vec<_>, AdvisoryError>>()?;
        let mut index = Self::default();
        for (source, read) in reads.into_iter().flatten() {
            index.add(&source, read);
        }
        Ok(index)
    }

    /// The advisories that name a package, whatever its version.
    pub fn about(&self, package: &Package) -> &[Advisory] {
        let key = (package.ecosystem, package.canonical_name());
        self.packages.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What was read, from where.
    pub fn sources(&self) -> &[SourceInfo] {
        &self.sources
    }

    /// Whether any source held a record about an ecosystem.
    pub fn covers(&self, ecosystem: Ecosystem) -> bool {
        self.sources.iter().any(|source| source.ecosystem == ecosystem)
    }

    /// What the reader should know: records that could not be read, servers that did not answer.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn add(&mut self, source: &str, read: Read) {
        let mut counts = BTreeMap::<Ecosystem, (usize, Option<Timestamp>)>::new();
        for (about, modified) in &read.records {
            for ecosystem in about {
                let (records, newest) = counts.entry(*ecosystem).or_default();
                *records += 1;
                *newest = (*newest).max(*modified);
            }
        }
        let mut digest = String::with_capacity(64);
        for byte in &read.digest {
            write!(digest, "{byte:02x}").unwrap_or_default();
        }
        for (ecosystem, (records, newest)) in counts {
            let (source, digest) = (source.to_owned(), digest.clone());
            self.sources.push(SourceInfo { source, ecosystem, records, newest, digest });
        }
        for (ecosystem, name, advisory) in read.advisories {
            self.packages.entry((ecosystem, name)).or_default().push(advisory);
        }
        self.notices.extend(read.notices);
    }
}

type Named = (String, Read);

fn read(
    location: &Location,
    wanted: &BTreeSet<Ecosystem>,
    options: &LoadOptions,
) -> Result<Vec<Named>, AdvisoryError> {
    match location {
        Location::Path(path) => Ok(vec![(location.to_string(), read_path(path, wanted)?)]),
        Location::Url(url) if is_zip(url) => {
            Ok(read_url(url, wanted, options)?.into_iter().collect())
        }
        Location::Url(url) => {
            let zips = wanted.iter().map(|ecosystem| {
                let url = format!("{url}/{}/all.zip", ecosystem.as_str().replace(' ', "%20"));
                read_url(&url, &BTreeSet::from([*ecosystem]), options)
            });
            Ok(zips.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
    }
}

fn read_path(path: &Path, wanted: &BTreeSet<Ecosystem>) -> Result<Read, AdvisoryError> {
    let metadata = fs::metadata(path);
    let metadata =
        metadata.map_err(|source| AdvisoryError::Io { path: path.to_owned(), source })?;
    if metadata.is_file() {
        osv::read_zip(path, wanted)
    } else if rustsec::is_checkout(path) && wanted.contains(&Ecosystem::CratesIo) {
        rustsec::read(path)
    } else {
        osv::read_folder(path, wanted)
    }
}

fn is_zip(url: &str) -> bool {
    Path::new(url).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// `None` where the server has nothing about the ecosystem.
fn read_url(
    url: &str,
    wanted: &BTreeSet<Ecosystem>,
    options: &LoadOptions,
) -> Result<Option<Named>, AdvisoryError> {
    let source = Location::Url(url.to_owned()).to_string();
    let Some(folder) = &options.cache else {
        let copy = "there is no folder to keep downloads in (set LOCKKEEPER_CACHE)";
        return Err(AdvisoryError::Offline { url: source, copy });
    };
    let LoadOptions { offline, now, max_age_days, .. } = *options;
    match (Cache { folder, offline, now, max_age_days }).fetch(url)? {
        Fetched::Absent => Ok(None),
        Fetched::Copy(zip, notice) => {
            let mut read = osv::read_zip(&zip, wanted)?;
            read.notices.extend(notice);
            Ok(Some((source, read)))
        }
    }
}
