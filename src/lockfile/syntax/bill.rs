//! Who depends on whom in a bill of materials, by the identifiers that the bill gives its parts.

use crate::lockfile::{Locked, Reading, Requirement};
use std::collections::{BTreeMap, BTreeSet};

/// The parts of a bill and the edges between them.
#[derive(Default)]
pub(in crate::lockfile) struct Bill<'a> {
    /// What the bill is about.
    pub(in crate::lockfile) subjects: BTreeSet<&'a str>,
    /// Each from what depends to what it depends on.
    pub(in crate::lockfile) edges: Vec<(&'a str, &'a str)>,
    /// The packages of a reading by their places.
    parts: BTreeMap<&'a str, usize>,
}

impl<'a> Bill<'a> {
    /// Adds a package, under its identifier if it has one.
    pub(in crate::lockfile) fn add(
        &mut self,
        id: Option<&'a str>,
        package: Locked,
        reading: &mut Reading,
    ) {
        self.parts.extend(id.map(|id| (id, reading.packages.len())));
        reading.packages.push(package);
    }

    /// Tells the packages what they depend on, and whether the subject depends on them itself. That
    /// is not known where no edge of the subject is.
    pub(in crate::lockfile) fn finish(&self, reading: &mut Reading) {
        let named: Vec<_> = reading.packages.iter().map(|it| it.package.clone()).collect();
        let requirement = |id: &str| {
            let package = self.parts.get(id).and_then(|at| named.get(*at))?;
            Some(Requirement::new(&*package.name).at(&*package.version))
        };
        let mut direct = BTreeSet::new();
        for (from, to) in &self.edges {
            let by_subject = self.subjects.contains(from);
            direct.extend(Some(*to).filter(|_| by_subject));
            let Some(wish) = requirement(to) else { continue };
            if by_subject {
                reading.declared.push(wish.clone());
            }
            if let Some(asking) = self.parts.get(from).and_then(|at| reading.packages.get_mut(*at))
            {
                asking.requires.push(wish);
            }
        }
        if direct.is_empty() {
            return;
        }
        for package in &mut reading.packages {
            package.direct = Some(false);
        }
        for at in direct.iter().filter_map(|id| self.parts.get(id)) {
            if let Some(package) = reading.packages.get_mut(*at) {
                package.direct = Some(true);
            }
        }
    }
}
