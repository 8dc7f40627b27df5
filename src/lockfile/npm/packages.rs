//! The `packages` of lockfile versions 2 and 3: every installed folder by its path.
//!
//! A path below `node_modules` is an installed package, the empty path is the project, and any
//! other path is the project's own folder. A link is another name for such a folder. An entry that
//! npm left without a version is kept without one: what cannot be compared must not vanish.

use super::requests::{Requests, installed_name};
use super::{licence, locked};
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::{Locked, Origin, ParseError, Reading, Requirement};

/// Reads the section, in the order of the file.
pub(super) fn read(entries: &Object<'_>) -> Result<Reading, ParseError> {
    let mut requests = Requests::new(entries)?;
    let mut asked = Vec::with_capacity(entries.members.len());
    for member in &entries.members {
        asked.push(requests.take(member)?);
    }
    let mut reading = Reading::default();
    for (member, requires) in entries.members.iter().zip(asked) {
        if installed_name(&member.name).is_none() {
            reading.declared.extend(requires.iter().cloned());
        }
        if !member.name.is_empty() {
            reading.packages.extend(package(member, requires, &requests)?);
        }
    }
    Ok(reading)
}

fn package(
    member: &Member<'_>,
    requires: Vec<Requirement>,
    requests: &Requests<'_>,
) -> Result<Option<Locked>, ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let (path, resolved) = (&*member.name, text("resolved")?);
    let installed = installed_name(path);
    let origin = if entry.is_true("link") {
        let target = resolved.unwrap_or_default();
        if requests.has_folder(target) {
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
        direct: requests.has_folder("").then(|| own || requests.is_direct(path)),
        dev: Some(entry.is_true("dev")),
        integrity: text("integrity")?.map(str::to_owned),
        requires,
        licence: licence(entry),
        ..locked(name, text("version")?.unwrap_or_default(), line, origin)
    }))
}
