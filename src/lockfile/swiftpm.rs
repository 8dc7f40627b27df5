//! Swift's `Package.resolved`, versions 1 to 3.
//!
//! A package is named by the address of its repository, as OSV names it. A pin to a branch or to a
//! revision has no version and is kept without one; a package of a registry has no address, which is
//! told.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{checked, line_number, locked, named, passed_over, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// The lockfile of Swift's package manager.
pub(super) struct PackageResolved;

impl Format for PackageResolved {
    fn name(&self) -> &'static str {
        "Package.resolved"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::SwiftUrl
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["Package.resolved", ".package.resolved"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Package.swift")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let version =
            root.get("version").ok_or_else(|| ParseError::new(1, "version is missing"))?;
        let (holder, address) = match version.value {
            Value::Number("1") => {
                (root.get("object").map(Member::object).transpose()?, "repositoryURL")
            }
            Value::Number("2" | "3") => (Some(&root), "location"),
            Value::Number(_)
            | Value::Word(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Object(_) => {
                let message = "this version of Package.resolved is not one of 1, 2 and 3";
                return Err(ParseError::new(version.line, message));
            }
        };
        let pins = holder.and_then(|holder| holder.get("pins"));
        let pins = pins.ok_or_else(|| {
            ParseError::new(1, "the pins are missing: run `swift package resolve`")
        })?;
        let Value::List(list) = &pins.value else {
            return Err(ParseError::new(pins.line, "the pins are not a list"));
        };
        let mut reading = Reading::default();
        for pin in list {
            let Value::Object(pin) = pin else {
                return Err(ParseError::new(pins.line, "a pin is not an object"));
            };
            take(pin, address, pins.line, &mut reading)?;
        }
        Ok(reading)
    }
}

fn take(
    pin: &Object<'_>,
    address: &str,
    above: usize,
    reading: &mut Reading,
) -> Result<(), ParseError> {
    let text = |name: &str| pin.get(name).map(Member::text).transpose();
    let label = text("identity")?.or(text("package")?).unwrap_or_default();
    let state = pin.get("state").ok_or_else(|| ParseError::new(above, "a pin has no state"))?;
    let state = state.object()?;
    // A version that a revision stands in for is written as null.
    let part = |name: &str| state.get(name).and_then(|member| member.text().ok());
    let member = pin.get(address);
    let place = text(address)?.map(without_credentials).unwrap_or_default();
    let line = line_number(member.or(pin.get("identity")).map_or(above, |member| member.line));
    let mut tell = |name: &str, why| reading.passed_over.push(passed_over(name, line, why));
    match text("kind")? {
        Some("registry") => tell(label, "of a registry, whose packages have no address"),
        _ if place.is_empty() => return Err(ParseError::new(above, "a pin has no address")),
        Some("localSourceControl") => {
            tell(&place, "a repository on the disk of whoever resolved it");
        }
        _ => {
            let (version, revision) = (part("version"), part("revision"));
            let Some(commit) = revision.or(part("branch")).or(version) else {
                return Err(ParseError::new(above, "a pin has neither version nor revision"));
            };
            reading.packages.push(Locked {
                origin: Origin::Git(format!("{place}#{commit}")),
                ..locked(
                    Ecosystem::SwiftUrl,
                    &repository(&place),
                    version.unwrap_or_default(),
                    line,
                )
            });
        }
    }
    Ok(())
}

/// Host and path of a repository, without scheme and `.git`.
fn repository(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or((None, address), |(a, b)| (Some(a), b));
    let rest = if scheme.is_none() { rest.replacen(':', "/", 1) } else { rest.to_owned() };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).to_owned()
}
