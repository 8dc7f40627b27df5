//! One thing to read for an index: fetched first where it is not on disk, and then read.

use super::bucket;
use super::error::AdvisoryError;
use super::folder::{Found, survey};
use super::git::{self, GitAddress};
use super::index::LoadOptions;
use super::location::{Address, Location};
use super::osv::{self, Batch, Limits, hex};
use super::rustsec;
use crate::finding::Notice;
use crate::package::Ecosystem;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// How large a zip on disk may be.
const LARGEST_ZIP: u64 = 1 << 30;

/// Something to fetch.
pub(super) enum Task {
    Disk(Found),
    Bucket(Address, Ecosystem),
    Git(GitAddress),
}

/// Something to read, and a remark on how it was come by.
pub(super) struct Fetched {
    held: Held,
    notice: Option<Notice>,
}

enum Held {
    Disk(Found),
    /// What a path on disk holds, and what to call it.
    Checkout(Vec<Found>, String),
    Dump {
        address: Address,
        ecosystem: Ecosystem,
        bytes: Vec<u8>,
    },
    /// A bucket has no dump of the ecosystem.
    Nothing,
}

/// What was read.
pub(super) struct Outcome {
    pub(super) batches: Vec<Batch>,
    pub(super) notice: Option<Notice>,
}

/// What is to be read at a location for the wanted ecosystems.
pub(super) fn plan(
    location: &Location,
    wanted: &BTreeSet<Ecosystem>,
) -> Result<Vec<Task>, AdvisoryError> {
    match location {
        Location::Path(path) => Ok(survey(path, wanted)?.into_iter().map(Task::Disk).collect()),
        Location::Bucket(address) => {
            Ok(wanted.iter().map(|it| Task::Bucket(address.clone(), *it)).collect())
        }
        Location::Git(address) => Ok(vec![Task::Git(address.clone())]),
    }
}

impl Task {
    pub(super) fn fetch(
        self,
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Fetched, AdvisoryError> {
        match self {
            Self::Disk(found) => Ok(Fetched { held: Held::Disk(found), notice: None }),
            Self::Bucket(address, ecosystem) => {
                let dump = bucket::obtain(&address, ecosystem, options)?;
                let held = dump.bytes.map_or(Held::Nothing, |bytes| Held::Dump {
                    address,
                    ecosystem,
                    bytes,
                });
                Ok(Fetched { held, notice: dump.notice })
            }
            Self::Git(address) => {
                let checkout = git::obtain(&address, options)?;
                let held = Held::Checkout(survey(&checkout.folder, wanted)?, checkout.origin);
                Ok(Fetched { held, notice: checkout.notice })
            }
        }
    }
}

impl Fetched {
    /// The source and digest of a dump, which say what reading it would come to; `Err` of what must
    /// be read to know.
    pub(super) fn identity(&self) -> Result<Option<(String, String)>, Unknown> {
        match &self.held {
            Held::Dump { address, ecosystem, bytes } => {
                Ok(Some((origin(address, *ecosystem), hex(&Sha256::digest(bytes)))))
            }
            Held::Nothing => Ok(None),
            Held::Disk(_) | Held::Checkout(..) => Err(Unknown),
        }
    }

    /// A remark on how it was come by.
    pub(super) fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    pub(super) fn read(
        self,
        wanted: &BTreeSet<Ecosystem>,
        options: &LoadOptions,
    ) -> Result<Outcome, AdvisoryError> {
        let batches = match self.held {
            Held::Nothing => Vec::new(),
            Held::Disk(found) => vec![read(&found, wanted)?],
            Held::Checkout(found, origin) => {
                let read = |found: &Found| {
                    read(found, wanted).map(|batch| Batch { origin: origin.clone(), ..batch })
                };
                found.par_iter().map(read).collect::<Result<_, _>>()?
            }
            Held::Dump { address, ecosystem, bytes } => {
                let origin = origin(&address, ecosystem);
                let read = dump(&origin, &bytes, ecosystem);
                // What the server calls by the same tag would be the same tomorrow.
                vec![read.inspect_err(|_| bucket::forget(&address, ecosystem, options))?]
            }
        };
        Ok(Outcome { batches, notice: self.notice })
    }
}

/// It must be read to be known.
pub(super) struct Unknown;

fn origin(address: &Address, ecosystem: Ecosystem) -> String {
    address.shown(&format!("{ecosystem}/all.zip"))
}

fn read(found: &Found, wanted: &BTreeSet<Ecosystem>) -> Result<Batch, AdvisoryError> {
    let limits = Limits::default();
    match found {
        Found::Zip(path) => osv::read_zip(&path.display().to_string(), &zip(path)?, wanted, limits),
        Found::Dump(path, ecosystem) => dump(&path.display().to_string(), &zip(path)?, *ecosystem),
        Found::Records { root, files } => osv::read_files(root, files, wanted, limits),
        Found::RustSec { root, files } => rustsec::read(root, files, limits),
    }
}

/// A bucket's dump. Records about several ecosystems are in the dumps of each; what this one says of
/// others is not taken, or a dump that is missing would seem to be there.
fn dump(origin: &str, bytes: &[u8], ecosystem: Ecosystem) -> Result<Batch, AdvisoryError> {
    osv::read_zip(origin, bytes, &BTreeSet::from([ecosystem]), Limits::default())
}

fn zip(path: &Path) -> Result<Vec<u8>, AdvisoryError> {
    osv::read_bytes(path, LARGEST_ZIP)
}
