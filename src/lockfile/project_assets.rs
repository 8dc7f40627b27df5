//! NuGet's `project.assets.json`, what a restore resolved, read from its `libraries`.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::nuget::{self, Says};
use super::syntax::{checked, excerpt, line_number, locked, named};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeSet;

/// What a restore of NuGet resolved.
pub(super) struct ProjectAssets;

impl Format for ProjectAssets {
    fn name(&self) -> &'static str {
        "project.assets.json"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["project.assets.json"])
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let version =
            root.get("version").ok_or_else(|| ParseError::new(1, "version is missing"))?;
        if !matches!(version.value, Value::Number("1" | "2" | "3" | "4")) {
            let message = "this version of project.assets.json is not one of 1 to 4";
            return Err(ParseError::new(version.line, message));
        }
        let libraries = root
            .get("libraries")
            .ok_or_else(|| ParseError::new(1, "libraries are missing: run `dotnet restore`"))?;
        let declared = declared(&root)?;
        let direct = declared.iter().map(|wish| wish.name.to_lowercase()).collect();
        let mut requires = nuget::by_library(&root, Says::Range)?;
        let packages = libraries.object()?.members.iter().map(|member| {
            let requires = requires.remove(&*member.name).unwrap_or_default();
            Ok(Locked { requires, ..entry(member, &direct)? })
        });
        let packages = packages.collect::<Result<_, _>>()?;
        Ok(Reading { packages, declared, ..Reading::default() })
    }
}

/// What the project asks for in any of its targets: names, each before the versions that would do.
fn declared(root: &Object<'_>) -> Result<Vec<Requirement>, ParseError> {
    let mut declared = Vec::new();
    let Some(groups) = root.get("projectFileDependencyGroups") else { return Ok(declared) };
    for group in &groups.object()?.members {
        let Value::List(wishes) = &group.value else { continue };
        for wish in wishes.iter().filter_map(Value::as_text) {
            let (name, range) = wish.split_once(' ').unwrap_or((wish, ""));
            let wish = Requirement::new(name).within(Some(range.trim()));
            if !declared.contains(&wish) {
                declared.push(wish);
            }
        }
    }
    Ok(declared)
}

fn entry(member: &Member<'_>, direct: &BTreeSet<String>) -> Result<Locked, ParseError> {
    let library = member.object()?;
    let text = |name: &str| library.get(name).map(Member::text).transpose();
    let (name, version) = nuget::library(member)?;
    let package = Locked {
        direct: Some(direct.contains(&name.to_lowercase())),
        ..locked(Ecosystem::NuGet, name, version, line_number(member.line))
    };
    match text("type")?.unwrap_or_default() {
        "package" => {
            let integrity = text("sha512")?.map(|hash| format!("sha512-{hash}"));
            Ok(Locked { integrity, ..package })
        }
        "project" | "msbuildProject" | "externalProject" => {
            let path = text("msbuildProject")?.or(text("path")?).unwrap_or(name);
            Ok(Locked { origin: Origin::Path(path.to_owned()), ..package })
        }
        other => {
            let message = format!("{} is no type of library that is known", excerpt(other));
            Err(ParseError::new(member.line, message))
        }
    }
}
