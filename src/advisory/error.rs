//! Why advisories cannot be had, and what to do about it.

use std::path::PathBuf;

/// A source of advisories that cannot be read: the run cannot pass.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdvisoryError {
    /// Nothing is there.
    #[error("no advisories at {}: there is no such file or folder", .0.display())]
    Missing(PathBuf),
    /// Something is there, and it is not what we read.
    #[error(
        "{0} holds no advisories: expected an OSV zip, a folder of OSV records or zips, or a \
         RustSec checkout"
    )]
    Unrecognised(String),
    /// A file that was named is not there.
    #[error("there is no file {}, which is named as {what}", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
        /// What it was named for.
        what: &'static str,
    },
    /// A file of another kind than it was named for.
    #[error("{origin} is not {what}: {why}")]
    Unfit {
        /// The file.
        origin: String,
        /// What it was named for.
        what: &'static str,
        /// Why it is not.
        why: String,
    },
    /// The file system said no.
    #[error("cannot read {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A zip that is cut short or altered.
    #[error("{origin} is damaged ({why}): fetch it again, or name another source")]
    Corrupt {
        /// The file or address.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// Data larger than any database: a zip bomb, or the wrong file.
    #[error("{origin} is refused: {what} is larger than {limit} bytes")]
    TooLarge {
        /// The file or address.
        origin: String,
        /// What in it.
        what: String,
        /// How large it may be.
        limit: u64,
    },
    /// The network failed, and no cached copy is young enough to stand in.
    #[error("cannot fetch {address}: {why}; {cached}: try again, or name a mirror")]
    Network {
        /// The address, without credentials.
        address: String,
        /// Why not.
        why: String,
        /// What the cache holds.
        cached: String,
    },
    /// The network is off, and the cache cannot stand in.
    #[error(
        "{address} is needed, and the network is off; {cached}: run once with the network on, or name a local copy with --advisories"
    )]
    Offline {
        /// The address, without credentials.
        address: String,
        /// What the cache holds.
        cached: String,
    },
    /// An index of which something is not what was written.
    #[error(
        "the index {} is damaged: {why}; make it anew with 'lockkeeper db update', or copy it again",
        path.display()
    )]
    Damaged {
        /// The index.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An index that another version wrote.
    #[error(
        "the index {} has format {found}, which this version does not read: make it anew with \
         'lockkeeper db update'",
        path.display()
    )]
    Format {
        /// The index.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// An index that was not held against its sources for too long.
    #[error(
        "the index {} is {age}, and at most {allowed} days are allowed: run 'lockkeeper db update', \
         or copy a newer one",
        path.display()
    )]
    Stale {
        /// The index.
        path: PathBuf,
        /// How old it is, in words.
        age: String,
        /// How many days it may be.
        allowed: u32,
    },
    /// There is no index.
    #[error("there is no index at {}: make one with 'lockkeeper db update'", .0.display())]
    NoIndex(PathBuf),
    /// An update without anything to ask for.
    #[error(
        "there is no lockfile to take ecosystems from, and no index yet: name them with --ecosystem"
    )]
    NothingWanted,
    /// Sources that have nothing on any of the ecosystems.
    #[error("no source has a single record on {0}: the index is left as it was")]
    Empty(String),
    /// An index where its sources are to be named.
    #[error("{} is an index already: copy it, or name it with --advisories", .0.display())]
    IsIndex(PathBuf),
    /// An index that cannot be made.
    #[error("the index {} cannot be written", path.display())]
    Unwritten {
        /// The index.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A repository of advisories that git cannot get.
    #[error("git cannot fetch {address}: {why}")]
    Git {
        /// The address, without credentials.
        address: String,
        /// What git says.
        why: String,
    },
}

impl AdvisoryError {
    /// Whether there is just nothing that could be read, and nothing wrong with what is there.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Missing(_) | Self::Absent { .. } | Self::NoIndex(_) | Self::Format { .. }
        )
    }
}
