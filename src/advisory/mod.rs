//! Advisories: what is known against which versions of which packages, from OSV records and from
//! RustSec's own database.
//!
//! Reading is accounted for: a record about a wanted ecosystem that cannot be read is a remark, an
//! ecosystem without a single record is not covered, and a source that cannot be read is an error.

mod affects;
mod download;
mod index;
mod location;
mod osv;
mod rustsec;

pub use affects::{Affects, Answer, Event};
pub use index::{Index, LoadOptions, SourceInfo};
pub use location::Location;
pub use rustsec::Unless;

use crate::finding::Severity;
use std::path::PathBuf;

/// One advisory against one package.
#[derive(Debug, Clone)]
pub struct Advisory {
    /// Its id in the database that it comes from.
    pub id: String,
    /// The same advisory's ids in other databases.
    pub aliases: Vec<String>,
    /// What it says, in one line.
    pub summary: String,
    /// What sort of advisory it is.
    pub kind: Kind,
    /// By the highest CVSS score; else by the database's own word; else medium, since somebody
    /// thought it worth an advisory.
    pub severity: Severity,
    /// The CVSS vector that was scored.
    pub cvss: Option<String>,
    /// Its base score.
    pub score: Option<f64>,
    /// Where to read more.
    pub url: Option<String>,
    /// Which versions.
    pub affects: Affects,
}

/// What sort of advisory it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The package itself is the attack.
    Malicious,
    /// A weakness.
    Vulnerability,
    /// Worth knowing: unmaintained, unsound, a notice.
    Informational,
}

/// Advisories that cannot be had: the run cannot pass.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdvisoryError {
    /// The file system said no.
    #[error("cannot read advisories from {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file that is not what its name says.
    #[error("{} is not a readable advisory database ({why}): fetch it again", path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The network said no, and there is no copy that is fresh enough.
    #[error(
        "cannot download {url} ({why}), and {copy}: give a local copy by --advisories, or try again"
    )]
    Download {
        /// From where, without credentials.
        url: String,
        /// What the network said.
        why: String,
        /// What is wrong with the copy that was kept.
        copy: &'static str,
    },
    /// Offline without a copy, or with one that is too old.
    #[error("offline, and {copy} of {url}: give a local one by --advisories, or go online once")]
    Offline {
        /// From where it would have come, without credentials.
        url: String,
        /// What is wrong with the copy that was kept.
        copy: &'static str,
    },
}
