//! What the entries of `packages` ask of each other.

use super::dependencies::alias;
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::syntax::{origin, without_credentials};
use crate::lockfile::{Origin, ParseError, Requirement};
use std::collections::{BTreeMap, BTreeSet};

const SECTIONS: &[&str] =
    &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// The entries, and what is asked of them.
pub(super) struct Requests<'a> {
    /// Every entry by its path.
    entries: BTreeMap<&'a str, &'a Object<'a>>,
    /// The installed folders by their names and the folders whose `node_modules` they are in.
    installed: BTreeMap<(&'a str, &'a str), Folder<'a>>,
    /// The paths for which the project's own folders ask.
    direct: BTreeSet<&'a str>,
    /// The addresses for which anyone asks instead of a version.
    addresses: BTreeSet<&'a str>,
}

/// An installed package.
#[derive(Clone, Copy)]
struct Folder<'a> {
    path: &'a str,
    entry: &'a Object<'a>,
}

impl<'a> Requests<'a> {
    /// The entries of a file, of which none has been asked what it asks for.
    pub(super) fn new(entries: &'a Object<'a>) -> Result<Self, ParseError> {
        let (direct, addresses) = (BTreeSet::new(), BTreeSet::new());
        let (by_path, installed) = (BTreeMap::new(), BTreeMap::new());
        let mut requests = Self { entries: by_path, installed, direct, addresses };
        for member in &entries.members {
            let (path, entry) = (&*member.name, member.object()?);
            requests.entries.insert(path, entry);
            if let Some(name) = installed_name(path) {
                requests.installed.insert((name, above(path)), Folder { path, entry });
            }
        }
        Ok(requests)
    }

    /// Notes and gives what an entry asks for.
    pub(super) fn take(&mut self, member: &'a Member<'a>) -> Result<Vec<Requirement>, ParseError> {
        let (asking, entry) = (&*member.name, member.object()?);
        let own = installed_name(asking).is_none();
        let mut requires = Vec::new();
        for section in SECTIONS {
            let Some(wishes) = entry.get(section) else { continue };
            for wish in &wishes.object()?.members {
                let constraint = wish.value.as_text();
                self.addresses.extend(constraint.filter(|text| text.contains("://")));
                let found = self.find(asking, &wish.name);
                self.direct.extend(found.filter(|_| own).map(|found| found.path));
                // What only goes along with a package need not be there.
                let absent = found.is_none() && *section == "peerDependencies";
                let wish = (!absent).then(|| self.requirement(&wish.name, constraint, found));
                requires.extend(wish);
            }
        }
        Ok(requires)
    }

    fn requirement(
        &self,
        name: &str,
        constraint: Option<&str>,
        found: Option<Folder<'_>>,
    ) -> Requirement {
        let renamed = constraint.and_then(alias);
        let within = |name| Requirement::new(name).within(renamed.map(|it| it.1).or(constraint));
        let Some(folder) = found else {
            return within(renamed.map_or(name, |it| it.0));
        };
        // A link has its version where it leads.
        let target = text(folder.entry, "resolved").filter(|_| folder.entry.is_true("link"));
        let entry = target.and_then(|target| self.entries.get(target).copied());
        let entry = entry.unwrap_or(folder.entry);
        let version = text(entry, "version").map(str::to_owned);
        Requirement { version, ..within(text(entry, "name").unwrap_or(name)) }
    }

    /// The installed folder that a name means to an entry: that of the nearest `node_modules`
    /// upwards that has it.
    fn find(&self, asking: &str, name: &str) -> Option<Folder<'a>> {
        let mut folder = asking;
        loop {
            match self.installed.get(&(name, folder)) {
                None if folder.is_empty() => return None,
                None => folder = above(folder),
                found => return found.copied(),
            }
        }
    }

    /// Whether the file has an entry of this path; the empty path is the project's.
    pub(super) fn has_folder(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    /// Whether the project's own folders ask for the entry of a path.
    pub(super) fn is_direct(&self, path: &str) -> bool {
        self.direct.contains(path)
    }

    /// Where an installed package is from. A tarball for which nobody asks by its address is a
    /// registry's, whatever its address looks like.
    pub(super) fn origin(&self, resolved: Option<&str>) -> Origin {
        let Some(address) = resolved else {
            return Origin::Registry(None);
        };
        match origin(address) {
            Origin::Url(_) if !self.addresses.contains(address) => {
                Origin::Registry(Some(without_credentials(address)))
            }
            other @ (Origin::Registry(_) | Origin::Git(_) | Origin::Url(_) | Origin::Path(_)) => {
                other
            }
        }
    }
}

/// The name that an installed folder's path gives to its package.
pub(super) fn installed_name(path: &str) -> Option<&str> {
    let (above, name) = path.rsplit_once("node_modules/")?;
    (above.is_empty() || above.ends_with('/')).then_some(name)
}

/// The folder above: for an installed one, that whose `node_modules` it is in.
fn above(path: &str) -> &str {
    let name = installed_name(path).map_or(0, |name| name.len() + "node_modules/".len());
    let above = path.get(..path.len() - name).map(|above| above.trim_end_matches('/'));
    let above = above.filter(|_| name > 0);
    above.unwrap_or_else(|| path.rsplit_once('/').map_or("", |(above, _)| above))
}

fn text<'o>(entry: &'o Object<'_>, key: &str) -> Option<&'o str> {
    entry.get(key)?.value.as_text()
}
