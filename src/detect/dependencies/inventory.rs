//! The lockfiles of a tree and what they lock.

use crate::detect::Snapshot;
use crate::finding::{Level, Notice, RepoPath};
use crate::lockfile::{Format, Locked, ParseError, format_of};
use crate::package::Ecosystem;
use crate::source::{SourceError, Tree};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What the lockfiles of the head lock.
pub struct Inventory {
    pub(super) lockfiles: Vec<Lockfile>,
    notices: Vec<Notice>,
}

/// One lockfile.
pub(super) struct Lockfile {
    pub path: RepoPath,
    pub format: &'static dyn Format,
    pub packages: Vec<Locked>,
}

/// Reads every lockfile of the head that is asked for, in parallel. One that cannot be read is an
/// error in the notices: the rest is read all the same, and the run cannot pass.
pub fn lockfiles(
    snapshot: &Snapshot<'_>,
    asked_for: &dyn Fn(&RepoPath) -> bool,
) -> Result<Inventory, SourceError> {
    let paths = snapshot.head.paths()?.into_iter().filter(|path| asked_for(path));
    let claimed: Vec<_> = paths.filter_map(|path| Some((format_of(&path)?, path))).collect();
    let read = claimed.into_par_iter().map(|(format, path)| {
        let parsed = parse(snapshot.head, format, &path)?;
        Ok((format, path, parsed))
    });
    let mut inventory = Inventory { lockfiles: Vec::new(), notices: Vec::new() };
    for (format, path, parsed) in read.collect::<Result<Vec<_>, SourceError>>()? {
        match parsed {
            Ok(packages) => {
                inventory.lockfiles.push(Lockfile { path, format, packages });
            }
            Err(error) => {
                let text = format!("this {} cannot be read: {error}", format.name());
                inventory.notices.push(Notice::at(&path, Level::Error, text));
            }
        }
    }
    Ok(inventory)
}

/// The packages of one lockfile of a tree.
pub(super) fn parse(
    tree: &dyn Tree,
    format: &dyn Format,
    path: &RepoPath,
) -> Result<Result<Vec<Locked>, ParseError>, SourceError> {
    let bytes = tree.read(path)?.unwrap_or_default();
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) => format.parse(text),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.split(|byte| *byte == b'\n').count();
            Err(ParseError::new(line, "it is not UTF-8: restore it, or make it anew with its tool"))
        }
    })
}

impl Inventory {
    /// Whether there is no lockfile at all, readable or not.
    pub fn is_empty(&self) -> bool {
        self.lockfiles.is_empty() && self.notices.is_empty()
    }

    /// Every package with its lockfile, in the order of paths and lines.
    pub fn packages(&self) -> impl Iterator<Item = (&RepoPath, &Locked)> {
        let lockfiles = self.lockfiles.iter();
        lockfiles
            .flat_map(|lockfile| lockfile.packages.iter().map(|locked| (&lockfile.path, locked)))
    }

    /// The ecosystems whose packages occur.
    pub fn ecosystems(&self) -> BTreeSet<Ecosystem> {
        self.packages().map(|(_, locked)| locked.package.ecosystem).collect()
    }

    /// The lockfiles that could not be read.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}
