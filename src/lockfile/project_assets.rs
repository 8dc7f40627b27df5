//! NuGet's `project.assets.json`, what a restore resolved, read from its `libraries`.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{checked, excerpt, line_number, locked, named};
use super::{Format, Locked, Origin, ParseError, Reading};
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

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        self.read(text).map(|reading| reading.packages)
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
        let direct = direct(&root)?;
        let packages = libraries.object()?.members.iter().map(|member| entry(member, &direct));
        Ok(Reading { packages: packages.collect::<Result<_, _>>()?, ..Reading::default() })
    }
}

/// The names for which the project asks, in lower case; each stands before the range of a version.
fn direct(root: &Object<'_>) -> Result<BTreeSet<String>, ParseError> {
    let mut names = BTreeSet::new();
    let Some(groups) = root.get("projectFileDependencyGroups") else { return Ok(names) };
    for group in &groups.object()?.members {
        let Value::List(wishes) = &group.value else { continue };
        for wish in wishes {
            if let Value::Text(wish) = wish {
                names.extend(wish.split_whitespace().next().map(str::to_lowercase));
            }
        }
    }
    Ok(names)
}

fn entry(member: &Member<'_>, direct: &BTreeSet<String>) -> Result<Locked, ParseError> {
    let library = member.object()?;
    let text = |name: &str| library.get(name).map(Member::text).transpose();
    let Some((name, version)) = member.name.split_once('/') else {
        let message = format!("{} is not `name/version`", excerpt(&member.name));
        return Err(ParseError::new(member.line, message));
    };
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
