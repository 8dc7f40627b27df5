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
    /// Neither the lockfile nor any file that it was read with has changed.
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
        let touched = |path| snapshot.delta.binary_search_by(|it| it.path.cmp(path)).is_ok();
        let same = bytes == lockfile.text.as_bytes();
        if same && (lockfile.format.stands_alone() || !lockfile.consulted.iter().any(touched)) {
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

    /// Takes note of what an earlier lockfile held, read as the base's other files complete it.
    fn take(&mut self, lockfile: &Lockfile, base: &dyn Tree, path: &RepoPath, bytes: Vec<u8>) {
        let other = text_of(base);
        let read = |text: String| lockfile.format.read_in(&text, path, &other);
        let reading = text(bytes).and_then(|text| read(text).map_err(|error| error.to_string()));
        match (reading, &mut self.packages) {
            (Ok(reading), Packages::Known(known)) => {
                let packages = reading.packages.into_iter();
                known.extend(packages.map(|it| (it.package.canonical_name(), it.package.version)));
            }
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
