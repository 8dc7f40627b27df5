//! The `dependencies` of lockfile version 1: packages by name, nested as they are installed.
//!
//! What is not from a registry has its address for a version, and so a commit or nothing to be
//! compared by. The file does not say what the project itself asks for.

use super::locked;
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::syntax::{origin, without_credentials};
use crate::lockfile::{Locked, Origin, ParseError, Requirement};
use std::collections::BTreeMap;

/// Reads a section with all that is nested in it, in the order of the file.
pub(super) fn read(entries: &Object<'_>) -> Result<Vec<Locked>, ParseError> {
    let mut all = Vec::new();
    collect(entries, &mut vec![by_name(entries)], &mut all)?;
    Ok(all)
}

// The depth of the recursion is bounded by the depth to which JSON is read.
fn collect<'a>(
    entries: &'a Object<'a>,
    scopes: &mut Vec<Scope<'a>>,
    all: &mut Vec<Locked>,
) -> Result<(), ParseError> {
    for member in &entries.members {
        let entry = member.object()?;
        let nested = entry.get("dependencies").map(Member::object).transpose()?;
        scopes.push(nested.map(by_name).unwrap_or_default());
        all.push(Locked { requires: requires(entry, scopes)?, ..package(member, entry)? });
        if let Some(nested) = nested {
            collect(nested, scopes, all)?;
        }
        scopes.pop();
    }
    Ok(())
}

/// The entries that are installed beside each other, by name.
type Scope<'a> = BTreeMap<&'a str, &'a Member<'a>>;

fn by_name<'a>(entries: &'a Object<'a>) -> Scope<'a> {
    entries.members.iter().map(|member| (&*member.name, member)).collect()
}

/// What an entry asks for, each found in the nearest scope that has it.
fn requires(entry: &Object<'_>, scopes: &[Scope<'_>]) -> Result<Vec<Requirement>, ParseError> {
    let Some(wishes) = entry.get("requires") else { return Ok(Vec::new()) };
    // Early releases of npm wrote `true` for a file as a whole and for what asks for nothing.
    let Ok(wishes) = wishes.object() else { return Ok(Vec::new()) };
    let requirement = |wish: &Member<'_>| {
        let constraint = wish.text()?;
        let renamed = alias(constraint);
        let within = renamed.map_or(constraint, |(_, range)| range);
        let found = scopes.iter().rev().find_map(|scope| scope.get(&*wish.name));
        let version = found.and_then(|found| found.object().ok()?.get("version")?.value.as_text());
        let version = version.map(|text| alias(text).map_or(text, |(_, version)| version));
        let name = renamed.map_or(&*wish.name, |(name, _)| name);
        let version = version.filter(|text| !text.contains(':')).map(str::to_owned);
        Ok(Requirement { version, ..Requirement::new(name).within(Some(within)) })
    };
    wishes.members.iter().map(requirement).collect()
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

/// The package and the versions that an alias stands for: `npm:real@^1.0.0`.
pub(super) fn alias(version: &str) -> Option<(&str, &str)> {
    version.strip_prefix("npm:")?.rsplit_once('@').filter(|(name, _)| !name.is_empty())
}

fn registry(entry: &Object<'_>) -> Result<Origin, ParseError> {
    let address = entry.get("resolved").map(Member::text).transpose()?;
    Ok(Origin::Registry(address.map(without_credentials)))
}
