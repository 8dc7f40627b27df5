//! The packages of all lockfiles, each once, and which asks for which.

use super::digest::{Digest, digest};
use super::{Bill, Listed, is_address};
use crate::lockfile::{Locked, Origin, Requirement};
use crate::package::Licence;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a document tells.
pub(super) struct Graph<'a> {
    /// By what references them: the package URL, where there is one.
    pub(super) components: BTreeMap<String, Component<'a>>,
    /// What each lockfile holds, in the order of the bill.
    pub(super) lockfiles: Vec<Members<'a>>,
}

/// One package at one version from one origin.
pub(super) struct Component<'a> {
    pub(super) locked: &'a Locked,
    /// `None` for a part of the project itself: a registry's package of its name is another.
    pub(super) purl: Option<String>,
    pub(super) dev: Option<bool>,
    pub(super) digest: Option<Digest>,
    pub(super) licence: Option<&'a str>,
    /// The lockfiles and lines that name it.
    pub(super) places: Vec<(String, u32)>,
    /// What it asks for; `None` where no lockfile says.
    pub(super) requires: Option<BTreeSet<String>>,
}

/// What one lockfile holds.
pub(super) struct Members<'a> {
    pub(super) listed: Listed<'a>,
    pub(super) path: String,
    pub(super) all: BTreeSet<String>,
    /// Those that the project asks for itself; `None` where the lockfile does not say.
    pub(super) direct: Option<BTreeSet<String>>,
    /// Those that serve development alone.
    pub(super) dev: BTreeSet<String>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(bill: &Bill<'a>) -> Self {
        let mut graph = Self { components: BTreeMap::new(), lockfiles: Vec::new() };
        for listed in &bill.lockfiles {
            graph.take(*listed);
        }
        graph
    }

    fn take(&mut self, listed: Listed<'a>) {
        let path = listed.path.to_string();
        let names = Names::of(listed.packages);
        let says_requires = listed.packages.iter().any(|locked| !locked.requires.is_empty());
        let says_direct = listed.packages.iter().any(|locked| locked.direct.is_some());
        let mut members = Members {
            listed,
            path: path.clone(),
            all: BTreeSet::new(),
            direct: says_direct.then(BTreeSet::new),
            dev: BTreeSet::new(),
        };
        for locked in listed.packages {
            let (reference, purl) = reference(locked);
            let component = self.components.entry(reference.clone());
            let component = component.or_insert_with(|| Component::new(locked, purl));
            component.take(locked, listed.format, &path);
            if says_requires {
                let required = component.requires.get_or_insert_default();
                required.extend(locked.requires.iter().filter_map(|it| names.find(locked, it)));
            }
            if locked.direct == Some(true)
                && let Some(direct) = &mut members.direct
            {
                direct.insert(reference.clone());
            }
            if locked.dev == Some(true) {
                members.dev.insert(reference.clone());
            }
            members.all.insert(reference);
        }
        self.lockfiles.push(members);
    }
}

impl<'a> Component<'a> {
    fn new(locked: &'a Locked, purl: Option<String>) -> Self {
        Self {
            locked,
            purl,
            dev: locked.dev,
            digest: None,
            licence: None,
            places: Vec::new(),
            requires: None,
        }
    }

    /// It serves development alone only if all its entries do.
    fn take(&mut self, locked: &'a Locked, format: &str, path: &str) {
        self.dev = match (self.dev, locked.dev) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            (None, _) | (_, None) => None,
        };
        let own = || locked.integrity.as_deref().and_then(|checksum| digest(format, checksum));
        self.digest = self.digest.take().or_else(own);
        self.licence = self.licence.or(locked.licence.as_deref());
        let place = (path.to_owned(), locked.line.get());
        if !self.places.contains(&place) {
            self.places.push(place);
        }
    }

    /// Where its archive is to be had, where the lockfile says so.
    pub(super) fn address(&self) -> Option<&str> {
        match &self.locked.origin {
            Origin::Registry(Some(address)) | Origin::Url(address) => {
                Some(address.as_str()).filter(|address| is_address(address))
            }
            Origin::Registry(None) | Origin::Git(_) | Origin::Path(_) => None,
        }
    }

    /// Its licence as an SPDX expression, or as the text that is none.
    pub(super) fn licence(&self) -> Option<Result<Licence, &'a str>> {
        let stated = self.licence.filter(|stated| !stated.trim().is_empty())?;
        Some(Licence::read(stated).ok_or(stated))
    }
}

/// What references a package: its package URL with where it comes from; of the project's own code,
/// which has none, its folder.
fn reference(locked: &Locked) -> (String, Option<String>) {
    let with = |name, value: String| locked.package.purl_with(&BTreeMap::from([(name, value)]));
    match &locked.origin {
        Origin::Registry(_) => {
            let purl = locked.package.purl();
            (purl.clone(), Some(purl))
        }
        Origin::Git(address) => {
            // Some lockfiles leave the scheme out; a path over SSH has none.
            let bare = !address.contains([':', '@']);
            let scheme = if bare { "https://" } else { "" };
            let purl = with("vcs_url", format!("git+{scheme}{address}"));
            (purl.clone(), Some(purl))
        }
        Origin::Url(address) => {
            let purl = with("download_url", address.clone());
            (purl.clone(), Some(purl))
        }
        Origin::Path(folder) => {
            let plain = folder.is_empty();
            let named = if plain { locked.package.purl() } else { with("path", folder.clone()) };
            (named.replacen("pkg:", "local:", 1), None)
        }
    }
}

/// The entries of one lockfile by name.
struct Names(BTreeMap<String, Vec<(String, String)>>);

impl Names {
    fn of(packages: &[Locked]) -> Self {
        let mut names = BTreeMap::<String, Vec<(String, String)>>::new();
        for locked in packages {
            let entry = (locked.package.version.clone(), reference(locked).0);
            let known = names.entry(locked.package.canonical_name()).or_default();
            if !known.contains(&entry) {
                known.push(entry);
            }
        }
        Self(names)
    }

    /// The entry that a requirement is met by: that of its version; of a requirement without one, the
    /// only entry of the name. One of several would be a guess.
    fn find(&self, asking: &Locked, asked: &Requirement) -> Option<String> {
        let name = asking.package.ecosystem.canonical_name(&asked.name);
        let known = self.0.get(&name)?;
        let found = match (&asked.version, known.as_slice()) {
            (Some(version), known) => known.iter().find(|(own, _)| own == version),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        found.map(|(_, reference)| reference.clone())
    }
}
