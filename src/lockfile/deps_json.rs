//! `*.deps.json`: what a built .NET program loads, read from its `libraries`.
//!
//! Other programs write files of such a name: one without `runtimeTarget` and `libraries` holds no
//! packages.

use super::syntax::json::{self, Member};
use super::syntax::{checked, ending, excerpt, line_number, locked, passed_over};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

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

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        self.read(text).map(|reading| reading.packages)
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let mut reading = Reading::default();
        let (Some(_), Some(libraries)) = (root.get("runtimeTarget"), root.get("libraries")) else {
            return Ok(reading);
        };
        for member in &libraries.object()?.members {
            take(member, &mut reading)?;
        }
        Ok(reading)
    }
}

fn take(member: &Member<'_>, reading: &mut Reading) -> Result<(), ParseError> {
    let library = member.object()?;
    let text = |name: &str| library.get(name).map(Member::text).transpose();
    let Some((name, version)) = member.name.split_once('/') else {
        let message = format!("{} is not `name/version`", excerpt(&member.name));
        return Err(ParseError::new(member.line, message));
    };
    let line = line_number(member.line);
    let sha512 = text("sha512")?.filter(|hash| !hash.is_empty()).map(str::to_owned);
    match text("type")?.unwrap_or_default() {
        "package" => reading
            .packages
            .push(Locked { integrity: sha512, ..locked(Ecosystem::NuGet, name, version, line) }),
        // The packages of the runtime itself, under a name that says so.
        "runtimepack" => {
            let name = name.strip_prefix("runtimepack.").unwrap_or(name);
            reading.packages.push(locked(Ecosystem::NuGet, name, version, line));
        }
        "project" => reading.packages.push(Locked {
            origin: Origin::Path(name.to_owned()),
            ..locked(Ecosystem::NuGet, name, version, line)
        }),
        _ => reading.passed_over.push(passed_over(name, line, "an assembly and no package")),
    }
    Ok(())
}
