//! The checks, one file each: a file is named as its policy is, and [`POLICIES`] lists them.
//!
//! A check is read from its own section of the configuration, so that its options are its fields.
//! It says what is wrong in a text, new or old alike; its caller keeps what is new.

use super::violation::Violation;
use crate::finding::{Location, RepoPath};
use crate::source::{Commit, Delta, SourceError, Tree};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::ops::Range;

mod gate_config_changed;
mod identity;
mod lockfile_drift;
mod remote_exec;
mod sensitive_file_added;
mod trojan_source;
mod unpinned_action;
mod unpinned_base_image;

/// One policy's logic. A check implements the one function of its scope.
pub(super) trait Check: Send + Sync {
    /// What is wrong in a file, and where in its bytes. Called for every version of every file: a
    /// path that is not of interest has to cost next to nothing.
    fn file(&self, _path: &RepoPath, _bytes: &[u8]) -> Vec<(Range<usize>, Violation)> {
        Vec::new()
    }

    /// Whether anything can be wrong in files of this name, whatever they hold. No check may find
    /// anything in a file that none of this, [`Check::reads`] and [`Check::suspects`] lets through.
    fn names(&self, _name: &str) -> bool {
        false
    }

    /// Whether anything can be wrong in a file by how its bytes begin, whatever its name.
    fn reads(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// Where near some parts of a text something can be wrong in any file: places that stay what they
    /// are as long as neither they nor what touches them changes.
    fn suspects(&self, _bytes: &[u8], _parts: &[Range<usize>]) -> Vec<Range<usize>> {
        Vec::new()
    }

    /// What is wrong with a commit.
    fn commit(&self, _commit: &Commit, _now: Timestamp) -> Vec<Violation> {
        Vec::new()
    }

    /// What is wrong with the difference between base and head.
    fn snapshot(&self, _ends: &Ends<'_>) -> Result<Vec<(Location, Violation)>, SourceError> {
        Ok(Vec::new())
    }
}

/// The two ends of a change.
pub(super) struct Ends<'a> {
    pub(super) base: &'a dyn Tree,
    pub(super) head: &'a dyn Tree,
    pub(super) delta: &'a [Delta],
}

/// How a policy's check is made.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) build: fn(toml::Table) -> Result<Box<dyn Check>, toml::de::Error>,
}

/// Every policy that has a check here.
pub(super) const POLICIES: &[Entry] = &[
    Entry { id: "CI-001", build: build::<unpinned_action::UnpinnedAction> },
    Entry { id: "CODE-002", build: build::<trojan_source::TrojanSource> },
    Entry { id: "DEP-004", build: build::<lockfile_drift::LockfileDrift> },
    Entry { id: "GATE-001", build: build::<gate_config_changed::GateConfigChanged> },
    Entry { id: "GOV-002", build: build::<identity::Identity> },
    Entry { id: "IMG-001", build: build::<unpinned_base_image::UnpinnedBaseImage> },
    Entry { id: "IMG-003", build: build::<remote_exec::RemoteExec> },
    Entry { id: "SEC-004", build: build::<sensitive_file_added::SensitiveFileAdded> },
];

fn build<C: Check + DeserializeOwned + 'static>(
    own: toml::Table,
) -> Result<Box<dyn Check>, toml::de::Error> {
    own.try_into::<C>().map(|check| Box::new(check) as Box<dyn Check>)
}
