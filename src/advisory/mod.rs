//! Advisories: what is known to be wrong with which versions of which packages.
//!
//! [`Index::load`] reads OSV dumps, folders and buckets and `RustSec` checkouts, or opens the file that
//! [`Database`] made of them; [`Index::lookup`] answers for one locked package, with the records of
//! one flaw merged into one [`Hit`]. A source
//! that cannot be read is an error, a record that cannot be read is a notice, and an ecosystem that
//! no source covers is remembered: nothing is ever taken for clean because it was not looked at.
//! [`Exploited`] tells which vulnerabilities are attacked, and [`CargoIndex`] which versions are yanked.

mod age;
mod bucket;
mod cache;
mod cargo_index;
mod database;
mod document;
mod error;
mod exploited;
mod folder;
mod git;
mod index;
mod lenient;
mod location;
mod matching;
mod merge;
mod osv;
mod rating;
mod record;
mod rustsec;
mod store;
mod summary;
mod task;

pub use bucket::Network;
pub use cargo_index::CargoIndex;
pub use database::{Change, Database, Status, Update, Updated};
pub use document::Kind;
pub use error::AdvisoryError;
pub use exploited::{Exploited, ExploitedFiles, ExploitedSource};
pub use git::GitAddress;
pub use index::{Index, LoadOptions, SourceInfo, Stale};
pub use location::{Address, Location, LocationError};
pub use merge::{Doubt, Doubtful, Hit, Lookup};
pub use summary::one_line;
