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
}
