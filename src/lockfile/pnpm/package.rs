//! One entry of `packages`.

use super::{Layout, key};
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::syntax::{excerpt, line_number, origin, without_credentials};
use crate::lockfile::{Locked, Origin, ParseError};
use crate::package::{Ecosystem, Package};

/// Reads an entry; who uses it is not in it.
pub(super) fn locked(member: &Member<'_>, layout: Layout) -> Result<Locked, ParseError> {
    let entry = member.object()?;
    let resolution = entry.get("resolution").ok_or_else(|| {
        ParseError::new(member.line, "this package has no resolution: the file was cut")
    })?;
    let resolution = resolution.object()?;
    let spelled = key::split(key::without_peers(&member.name, layout), layout);
    let release = spelled.is_some_and(|(_, version)| key::is_release(version));
    let (name, line) = match (entry.get("name"), spelled) {
        (Some(name), _) => (name.text()?, name.line),
        (None, Some((name, _))) if release || layout == Layout::Snapshots => (name, member.line),
        (None, _) => {
            let message = format!("{} does not say which package it is", excerpt(&member.name));
            return Err(ParseError::new(member.line, message));
        }
    };
    let by_key = spelled.map(|(_, version)| version).filter(|_| release);
    let version = match entry.get("version") {
        Some(version) if !key::is_release(version.text()?) => {
            return Err(ParseError::new(
                version.line,
                "this version is not whole: the file was cut",
            ));
        }
        Some(version) => version.text()?,
        None if release && entry.get("name").is_some() => {
            return Err(ParseError::new(line, "a version is missing: the file was cut"));
        }
        None => by_key.unwrap_or_default(),
    };
    let split = layout == Layout::Snapshots;
    Ok(Locked {
        dev: (!split).then(|| entry.is_true("dev")),
        integrity: integrity(resolution)?,
        ..Locked::new(
            Package {
                ecosystem: Ecosystem::Npm,
                name: name.to_owned(),
                version: version.to_owned(),
            },
            line_number(line),
            origin_of(resolution, release)?,
        )
    })
}

fn integrity(resolution: &Object<'_>) -> Result<Option<String>, ParseError> {
    let text = resolution.get("integrity").map(Member::text).transpose()?;
    Ok(text.map(str::to_owned))
}

fn origin_of(resolution: &Object<'_>, release: bool) -> Result<Origin, ParseError> {
    let text = |name: &str| resolution.get(name).map(Member::text).transpose();
    let kind = resolution.get("type");
    match kind.map(Member::text).transpose()? {
        Some("git") => {
            let repository = without_credentials(text("repo")?.unwrap_or_default());
            let commit = text("commit")?.unwrap_or_default();
            return Ok(Origin::Git(format!("{repository}#{commit}")));
        }
        Some("directory") => {
            return Ok(Origin::Path(text("directory")?.unwrap_or_default().to_owned()));
        }
        Some("binary" | "variations") | None => {}
        Some(other) => {
            let message = format!("{} is not a type of resolution we know", excerpt(other));
            return Err(ParseError::new(kind.map_or(0, |kind| kind.line), message));
        }
    }
    Ok(match text("tarball")? {
        None => Origin::Registry(None),
        Some(address) if release => Origin::Registry(Some(without_credentials(address))),
        Some(address) if resolution.is_true("gitHosted") || is_git_archive(address) => {
            Origin::Git(without_credentials(address))
        }
        Some(address) => origin(address),
    })
}

/// Whether an address is that of a commit which a host of repositories packs on demand.
fn is_git_archive(address: &str) -> bool {
    let place = address.split_once("://").map_or(address, |(_, place)| place);
    place.starts_with("codeload.github.com/")
        || (place.starts_with("gitlab.com/") && place.contains("/archive"))
        || (place.starts_with("bitbucket.org/") && place.contains("/get/"))
}
