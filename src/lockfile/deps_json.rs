//! `*.deps.json`: what a built .NET program loads, read from its `libraries`.
//!
//! Other programs write files of such a name: one without `runtimeTarget` and `libraries` holds no
//! packages.

use super::syntax::json::{self, Member};
use super::syntax::nuget::{self, Says};
use super::syntax::{checked, ending, line_number, locked, passed_over};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeSet;

/// The libraries of a built .NET program.
pub(super) struct DepsJson;

impl Format for DepsJson {
    fn name(&self) -> &'static str {
        "*.deps.json"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
    }

    fn claims(&self, path: &RepoPath) -> bool {
        ending(path, ".deps.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let mut reading = Reading::default();
        let (Some(_), Some(libraries)) = (root.get("runtimeTarget"), root.get("libraries")) else {
            return Ok(reading);
        };
        let mut requires = nuget::by_library(&root, Says::Version)?;
        for member in &libraries.object()?.members {
            let requires = requires.remove(&*member.name).unwrap_or_default();
            take(member, requires, &mut reading)?;
        }
        mark_direct(&mut reading);
        Ok(reading)
    }
}

/// What the program's own projects ask for is direct.
fn mark_direct(reading: &mut Reading) {
    let is_own = |it: &&Locked| matches!(it.origin, Origin::Path(_));
    let own = reading.packages.iter().filter(is_own);
    reading.declared = own.flat_map(|it| &it.requires).cloned().collect();
    let names: BTreeSet<_> = reading.declared.iter().map(|it| it.name.to_lowercase()).collect();
    for entry in &mut reading.packages {
        let own = matches!(entry.origin, Origin::Path(_));
        entry.direct = Some(own || names.contains(&entry.package.name.to_lowercase()));
    }
}

fn take(
    member: &Member<'_>,
    requires: Vec<Requirement>,
    reading: &mut Reading,
) -> Result<(), ParseError> {
    let library = member.object()?;
    let text = |name: &str| library.get(name).map(Member::text).transpose();
    let (name, version) = nuget::library(member)?;
    let line = line_number(member.line);
    let sha512 = text("sha512")?.filter(|hash| !hash.is_empty()).map(str::to_owned);
    match text("type")?.unwrap_or_default() {
        "package" => reading.packages.push(Locked {
            integrity: sha512,
            requires,
            ..locked(Ecosystem::NuGet, name, version, line)
        }),
        // The packages of the runtime itself, under a name that says so.
        "runtimepack" => {
            let name = name.strip_prefix("runtimepack.").unwrap_or(name);
            reading.packages.push(locked(Ecosystem::NuGet, name, version, line));
        }
        "project" => reading.packages.push(Locked {
            origin: Origin::Path(name.to_owned()),
            requires,
            ..locked(Ecosystem::NuGet, name, version, line)
        }),
        _ => reading.passed_over.push(passed_over(name, line, "an assembly and no package")),
    }
    Ok(())
}
