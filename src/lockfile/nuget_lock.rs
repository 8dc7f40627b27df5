//! NuGet's `packages.lock.json`, versions 1 and 2.
//!
//! A package that several target frameworks share is one entry.

use super::syntax::json::{self, Member, Value};
use super::syntax::nuget::{self, Says};
use super::syntax::{checked, distinct, excerpt, line_number, locked, named, passed_over};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeMap;

/// NuGet's lockfile.
pub(super) struct NuGetLock;

impl Format for NuGetLock {
    fn name(&self) -> &'static str {
        "packages.lock.json"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["packages.lock.json"])
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let version =
            root.get("version").ok_or_else(|| ParseError::new(1, "version is missing"))?;
        if !matches!(version.value, Value::Number("1" | "2")) {
            let message = "this version of packages.lock.json is not one of 1 and 2";
            return Err(ParseError::new(version.line, message));
        }
        let frameworks = root
            .get("dependencies")
            .ok_or_else(|| ParseError::new(1, "dependencies are missing: run `dotnet restore`"))?;
        let mut reading = Reading::default();
        for framework in &frameworks.object()?.members {
            let members = &framework.object()?.members;
            let versions = members.iter().filter_map(resolved).collect();
            for member in members {
                reading.declared.extend(declared(member)?);
                match entry(member, &versions)? {
                    Ok(package) => reading.packages.push(package),
                    Err(unpinned) => reading.passed_over.push(unpinned),
                }
            }
        }
        reading.packages = distinct(reading.packages);
        Ok(reading)
    }
}

/// The name in lower case and the version of an entry.
fn resolved<'m>(member: &'m Member<'_>) -> Option<(String, &'m str)> {
    let version = member.object().ok()?.get("resolved")?.value.as_text()?;
    Some((member.name.to_lowercase(), version))
}

/// What the project asks for, if the entry is of that.
fn declared(member: &Member<'_>) -> Result<Option<Requirement>, ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).and_then(|member| member.value.as_text());
    Ok((text("type") == Some("Direct")).then(|| Requirement {
        version: text("resolved").map(str::to_owned),
        ..Requirement::new(&*member.name).within(text("requested"))
    }))
}

fn entry(
    member: &Member<'_>,
    versions: &BTreeMap<String, &str>,
) -> Result<Result<Locked, PassedOver>, ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let line = line_number(member.line);
    let kind = text("type")?.unwrap_or_default();
    let version = text("resolved")?;
    let package = Locked {
        requires: nuget::wishes(entry, versions, Says::Range)?,
        ..locked(Ecosystem::NuGet, &member.name, version.unwrap_or_default(), line)
    };
    match kind {
        "Project" => {
            let origin = Origin::Path(member.name.to_string());
            Ok(Ok(Locked { direct: Some(false), origin, ..package }))
        }
        "Direct" | "Transitive" | "CentralTransitive" if version.is_some() => Ok(Ok(Locked {
            direct: Some(kind == "Direct"),
            integrity: text("contentHash")?.map(|hash| format!("sha512-{hash}")),
            ..package
        })),
        "Direct" | "Transitive" | "CentralTransitive" => {
            Ok(Err(passed_over(&member.name, line, "not resolved to a version")))
        }
        other => {
            let message = format!("{} is no type of dependency that is known", excerpt(other));
            Err(ParseError::new(member.line, message))
        }
    }
}
