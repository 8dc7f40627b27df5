//! Deno's `deno.lock`, versions 2 to 5.
//!
//! Only npm's packages can be held against advisories: those of JSR and code that is imported by
//! its address are passed over by name. Where the file lists what the project asks for, that is
//! direct; the file does not say what serves development.

mod project;
mod requires;

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{checked, distinct, excerpt, line_number, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use std::collections::BTreeSet;

/// Deno's lockfile.
pub(super) struct DenoLock;

impl Format for DenoLock {
    fn name(&self) -> &'static str {
        "deno.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["deno.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("deno.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let sections = Sections::of(&root)?;
        let wishes = project::wishes(&root, sections.specifiers)?;
        let direct: Option<BTreeSet<_>> =
            wishes.as_ref().map(|wishes| wishes.iter().map(|wish| &*wish.key).collect());
        let keys = requires::Keys::of(members(sections.npm));
        let mut packages = Vec::new();
        for member in members(sections.npm) {
            packages.push(Locked {
                direct: direct.as_ref().map(|direct| direct.contains(&*member.name)),
                requires: keys.asked_by(member)?,
                ..locked(member)?
            });
        }
        // A package is listed once for every set of peers.
        let mut reading = Reading::from(distinct(packages));
        reading.declared = wishes.into_iter().flatten().map(|wish| wish.requirement).collect();
        for member in members(sections.jsr) {
            let why = "of JSR, on which no source has advisories";
            let (line, name) = (line_number(member.line), member.name.clone().into_owned());
            reading.passed_over.push(PassedOver { line, name, why });
        }
        for member in members(sections.remote) {
            let why = "imported by its address, not a package";
            let (line, name) = (line_number(member.line), without_credentials(&member.name));
            reading.passed_over.push(PassedOver { line, name, why });
        }
        Ok(reading)
    }
}

/// The parts of a file, wherever its version has them.
struct Sections<'a> {
    specifiers: Option<&'a Object<'a>>,
    npm: Option<&'a Object<'a>>,
    jsr: Option<&'a Object<'a>>,
    remote: Option<&'a Object<'a>>,
}

impl<'a> Sections<'a> {
    fn of(root: &'a Object<'a>) -> Result<Self, ParseError> {
        let version = root.get("version").ok_or_else(|| {
            ParseError::new(1, "the version is missing: write the file anew with `deno install`")
        })?;
        let remote = section(root, "remote")?;
        match version.text()? {
            "2" => {
                let npm = section(root, "npm")?;
                let part = |name| npm.map_or(Ok(None), |npm| section(npm, name));
                Ok(Self {
                    specifiers: part("specifiers")?,
                    npm: part("packages")?,
                    jsr: None,
                    remote,
                })
            }
            "3" => {
                let packages = section(root, "packages")?;
                let part = |name| packages.map_or(Ok(None), |packages| section(packages, name));
                let (specifiers, npm, jsr) = (part("specifiers")?, part("npm")?, part("jsr")?);
                Ok(Self { specifiers, npm, jsr, remote })
            }
            "4" | "5" => {
                let part = |name| section(root, name);
                let (specifiers, npm, jsr) = (part("specifiers")?, part("npm")?, part("jsr")?);
                Ok(Self { specifiers, npm, jsr, remote })
            }
            other => {
                let message = format!("version {} is not one of 2 to 5", excerpt(other));
                Err(ParseError::new(version.line, message))
            }
        }
    }
}

fn section<'a>(object: &'a Object<'a>, name: &str) -> Result<Option<&'a Object<'a>>, ParseError> {
    object.get(name).map(Member::object).transpose()
}

fn members<'a>(section: Option<&'a Object<'a>>) -> &'a [Member<'a>] {
    section.map_or([].as_slice(), |section| &section.members)
}

/// The package of `name@version`, behind which its peers may stand: `_peer@1.0.0`.
fn locked(member: &Member<'_>) -> Result<Locked, ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let key = &*member.name;
    let (name, version) = split(key).ok_or_else(|| {
        ParseError::new(member.line, format!("{} names no version", excerpt(key)))
    })?;
    Ok(Locked {
        integrity: text("integrity")?.map(str::to_owned),
        ..Locked::new(
            Package {
                ecosystem: Ecosystem::Npm,
                name: name.to_owned(),
                version: version.to_owned(),
            },
            line_number(member.line),
            Origin::Registry(text("tarball")?.map(without_credentials)),
        )
    })
}

/// Name and version of a key, without its peers.
fn split(key: &str) -> Option<(&str, &str)> {
    let at = key.get(1..)?.find('@')? + 1;
    let version = key.get(at + 1..)?;
    Some((key.get(..at)?, version.split('_').next().unwrap_or(version)))
}

/// The texts of a list of strings.
fn texts<'a>(member: &'a Member<'a>) -> Result<Vec<&'a str>, ParseError> {
    let refuse =
        || ParseError::new(member.line, format!("{} is no list of names", excerpt(&member.name)));
    let Value::List(list) = &member.value else { return Err(refuse()) };
    let text = |value: &'a Value<'a>| {
        if let Value::Text(text) = value { Ok(&**text) } else { Err(refuse()) }
    };
    list.iter().map(text).collect()
}

#[cfg(test)]
mod tests;
