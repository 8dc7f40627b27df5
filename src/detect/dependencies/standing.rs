//! Whether a change brought a package, or found it locked already.

use super::inventory::{Lockfile, text, text_of};
use crate::detect::Snapshot;
use crate::finding::{Level, Notice, RepoPath, Standing};
use crate::package::Package;
use crate::source::{Status, Tree};
use std::collections::BTreeSet;

/// What a lockfile held before the change.
pub(super) struct Before {
    packages: Packages,
    /// What kept an earlier lockfile from being read; its packages count as new.
    pub(super) notices: Vec<Notice>,
}

enum Packages {
    /// The lockfile has not changed.
    Same,
    /// Names, canonical, and versions.
    Known(BTreeSet<(String, String)>),
}

impl Before {
    /// Reads the base's version of a lockfile; where it had none under this path, those of the
    /// same format that the change deletes, because one of them was moved here.
    pub(super) fn new(lockfile: &Lockfile, snapshot: &Snapshot<'_>) -> Self {
        let mut before = Self { packages: Packages::Known(BTreeSet::new()), notices: Vec::new() };
        let Some(base) = snapshot.base else { return before };
        let Some(bytes) = before.read(base, &lockfile.path) else {
            before.take_deleted(lockfile, base, snapshot);
            return before;
        };
        if bytes == lockfile.text.as_bytes() && lockfile.format.stands_alone() {
            before.packages = Packages::Same;
        } else {
            before.take(lockfile, base, &lockfile.path, bytes);
        }
        before
    }

    /// How the package at its version stands.
    pub(super) fn standing(&self, package: &Package) -> Standing {
        let known = match &self.packages {
            Packages::Same => true,
            Packages::Known(packages) => {
                packages.contains(&(package.canonical_name(), package.version.clone()))
            }
        };
        if known { Standing::Existing } else { Standing::Introduced }
    }

    fn take_deleted(&mut self, lockfile: &Lockfile, base: &dyn Tree, snapshot: &Snapshot<'_>) {
        let deleted = snapshot.delta.iter().filter(|delta| delta.status == Status::Deleted);
        for delta in deleted.filter(|delta| lockfile.format.claims(&delta.path)) {
            if let Some(bytes) = self.read(base, &delta.path) {
                self.take(lockfile, base, &delta.path, bytes);
            }
        }
    }

    fn read(&mut self, base: &dyn Tree, path: &RepoPath) -> Option<Vec<u8>> {
        base.read(path).unwrap_or_else(|error| {
            self.unread(path, &error.to_string());
            None
        })
    }

    fn take(&mut self, lockfile: &Lockfile, base: &dyn Tree, path: &RepoPath, bytes: Vec<u8>) {
        let format = lockfile.format;
        let parsed = text(bytes).and_then(|text| {
            let reading = format.read_in(&text, path, &text_of(base));
            reading.map(|reading| reading.packages).map_err(|error| error.to_string())
        });
        match (parsed, &mut self.packages) {
            (Ok(packages), Packages::Known(known)) => known.extend(
                packages.into_iter().map(|it| (it.package.canonical_name(), it.package.version)),
            ),
            (Ok(_), Packages::Same) => {}
            (Err(why), _) => self.unread(path, &why),
        }
    }

    fn unread(&mut self, path: &RepoPath, why: &str) {
        let message = format!(
            "the version before the change cannot be read: {why}; all its packages count as new"
        );
        self.notices.push(Notice::at(path, Level::Warning, message));
    }
}
