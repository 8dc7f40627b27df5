//! `go.sum`: the sums of modules that a build has seen, each of its archive and of its `go.mod`.
//!
//! It may list more than a build uses, and never less.

use crate::package::{Ecosystem, Version};
use std::collections::{BTreeMap, BTreeSet};

/// The modules of a `go.sum`.
#[derive(Default)]
pub(super) struct Sums<'a> {
    /// The sums of the archives, by module and version.
    archives: BTreeMap<(&'a str, &'a str), &'a str>,
    /// The modules and versions whose `go.mod` has a sum.
    manifests: BTreeSet<(&'a str, &'a str)>,
    /// The first line that is none of Go's.
    pub(super) malformed: Option<usize>,
}

impl<'a> Sums<'a> {
    /// Reads a file.
    pub(super) fn read(text: &'a str) -> Self {
        let mut sums = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [path, version, _] if version.ends_with("/go.mod") => {
                    sums.manifests.insert((path, version.trim_end_matches("/go.mod")));
                }
                [path, version, sum] => _ = sums.archives.insert((path, version), sum),
                _ => sums.malformed = sums.malformed.or(Some(number)),
            }
        }
        sums
    }

    /// The sum of a module's archive.
    pub(super) fn of(&self, path: &str, version: &str) -> Option<&'a str> {
        self.archives.get(&(path, version)).copied()
    }

    /// Whether a module at its version is in the file, in either way.
    pub(super) fn has(&self, path: &str, version: &str) -> bool {
        self.manifests.contains(&(path, version)) || self.of(path, version).is_some()
    }

    /// The modules that have the sum of an archive, each at its highest version.
    pub(super) fn modules(&self) -> BTreeMap<&'a str, &'a str> {
        let mut modules = BTreeMap::<&str, &str>::new();
        let order = |version: &str| Version::parse(Ecosystem::Go, version).ok();
        for (path, version) in self.archives.keys() {
            let highest = modules.entry(path).or_insert(version);
            if order(version) > order(highest) {
                *highest = version;
            }
        }
        modules
    }
}
