//! The `dependencies` of lockfile version 1: packages by name, nested as they are installed.
//!
//! What is not from a registry has its address for a version, and so a commit or nothing to be
//! compared by. The file does not say what the project itself asks for.

use super::locked;
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::syntax::{origin, without_credentials};
use crate::lockfile::{Locked, Origin, ParseError};

/// Reads a section with all that is nested in it, in the order of the file.
pub(super) fn read(entries: &Object<'_>) -> Result<Vec<Locked>, ParseError> {
    let mut all = Vec::new();
    collect(entries, &mut all)?;
    Ok(all)
}

// The depth of the recursion is bounded by the depth to which JSON is read.
fn collect(entries: &Object<'_>, all: &mut Vec<Locked>) -> Result<(), ParseError> {
    for member in &entries.members {
        let entry = member.object()?;
        all.push(package(member, entry)?);
        if let Some(nested) = entry.get("dependencies") {
            collect(nested.object()?, all)?;
        }
    }
    Ok(())
}

fn package(member: &Member<'_>, entry: &Object<'_>) -> Result<Locked, ParseError> {
    let dev = Some(entry.is_true("dev"));
    let integrity = entry.get("integrity").map(Member::text).transpose()?.map(str::to_owned);
    let Some(version) = entry.get("version") else {
        return Ok(Locked {
            dev,
            integrity,
            ..locked(&member.name, "", member.line, registry(entry)?)
        });
    };
    let text = version.text()?;
    let found = if let Some((name, version_text)) = alias(text) {
        locked(name, version_text, version.line, registry(entry)?)
    } else if text.contains(':') {
        let commit = text.split_once('#').map_or("", |(_, commit)| commit);
        locked(&member.name, commit, member.line, origin(text))
    } else {
        locked(&member.name, text, member.line, registry(entry)?)
    };
    Ok(Locked { dev, integrity, ..found })
}

fn alias(version: &str) -> Option<(&str, &str)> {
    version.strip_prefix("npm:")?.rsplit_once('@')
}

fn registry(entry: &Object<'_>) -> Result<Origin, ParseError> {
    let address = entry.get("resolved").map(Member::text).transpose()?;
    Ok(Origin::Registry(address.map(without_credentials)))
}
