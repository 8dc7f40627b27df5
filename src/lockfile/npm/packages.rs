//! The `packages` of lockfile versions 2 and 3: every installed folder by its path.
//!
//! A path below `node_modules` is an installed package, the empty path is the project, and any
//! other path is the project's own folder. A link is another name for such a folder. An entry that
//! npm left without a version is kept without one: what cannot be compared must not vanish.

use super::locked;
use crate::lockfile::syntax::json::{Member, Object, Value};
use crate::lockfile::syntax::{origin, without_credentials};
use crate::lockfile::{Locked, Origin, ParseError};
use std::collections::BTreeSet;

const DEPENDENCIES: &[&str] =
    &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Reads the section, in the order of the file.
pub(super) fn read(entries: &Object<'_>) -> Result<Vec<Locked>, ParseError> {
    let requests = Requests::read(entries)?;
    let mut all = Vec::with_capacity(entries.members.len());
    for member in entries.members.iter().filter(|member| !member.name.is_empty()) {
        all.extend(package(member, &requests)?);
    }
    Ok(all)
}

fn package(member: &Member<'_>, requests: &Requests<'_>) -> Result<Option<Locked>, ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let (path, resolved) = (&*member.name, text("resolved")?);
    let installed = installed_name(path);
    let origin = if entry.is_true("link") {
        let target = resolved.unwrap_or_default();
        if requests.paths.contains(target) {
            return Ok(None);
        }
        Origin::Path(target.to_owned())
    } else if installed.is_none() {
        Origin::Path(path.to_owned())
    } else {
        requests.origin(resolved)
    };
    let by_path = installed.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path));
    let name = text("name")?.unwrap_or(by_path);
    let line = entry.get("name").map_or(member.line, |name| name.line);
    let own = installed.is_none();
    Ok(Some(Locked {
        direct: requests.project.then(|| own || requests.direct.contains(path)),
        dev: Some(entry.is_true("dev")),
        integrity: text("integrity")?.map(str::to_owned),
        ..locked(name, text("version")?.unwrap_or_default(), line, origin)
    }))
}

/// The name that an installed folder's path gives to its package.
fn installed_name(path: &str) -> Option<&str> {
    let (above, name) = path.rsplit_once("node_modules/")?;
    (above.is_empty() || above.ends_with('/')).then_some(name)
}

/// What the entries ask of each other.
struct Requests<'a> {
    /// The path of every entry.
    paths: BTreeSet<&'a str>,
    /// Whether the project itself is among the entries.
    project: bool,
    /// The entries for which the project's own folders ask.
    direct: BTreeSet<String>,
    /// The addresses for which anyone asks instead of a version.
    addresses: BTreeSet<&'a str>,
}

impl<'a> Requests<'a> {
    fn read(entries: &'a Object<'a>) -> Result<Self, ParseError> {
        let paths: BTreeSet<_> = entries.members.iter().map(|member| &*member.name).collect();
        let project = paths.contains("");
        let (direct, addresses) = (BTreeSet::new(), BTreeSet::new());
        let mut requests = Self { paths, project, direct, addresses };
        for member in &entries.members {
            for section in DEPENDENCIES.iter().filter_map(|name| member.object().ok()?.get(name)) {
                requests.add(&member.name, section.object()?);
            }
        }
        Ok(requests)
    }

    fn add(&mut self, asking: &str, section: &'a Object<'a>) {
        for wish in &section.members {
            if installed_name(asking).is_none() {
                self.direct.extend(self.resolve(asking, &wish.name));
            }
            if let Value::Text(address) = &wish.value
                && address.contains("://")
            {
                self.addresses.insert(address);
            }
        }
    }

    /// The entry that a name means in a folder: the nearest `node_modules` upwards that has it.
    fn resolve(&self, asking: &str, name: &str) -> Option<String> {
        let mut folder = Some(asking);
        while let Some(path) = folder {
            let slash = if path.is_empty() { "" } else { "/" };
            let candidate = format!("{path}{slash}node_modules/{name}");
            if self.paths.contains(&*candidate) {
                return Some(candidate);
            }
            let above = path.rsplit_once('/').map_or("", |(above, _)| above);
            folder = (!path.is_empty()).then_some(above);
        }
        None
    }

    /// Where an installed package is from. A tarball for which nobody asks by its address is a
    /// registry's, whatever its address looks like.
    fn origin(&self, resolved: Option<&str>) -> Origin {
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
