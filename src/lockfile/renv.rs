//! R's `renv.lock`.
//!
//! Packages of Bioconductor have advisories under a name of their own, which is no ecosystem of
//! ours: they are told.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{
    checked, excerpt, line_number, locked, named, passed_over, without_credentials,
};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// The lockfile of renv.
pub(super) struct RenvLock;

impl Format for RenvLock {
    fn name(&self) -> &'static str {
        "renv.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Cran
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["renv.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("DESCRIPTION")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let packages = root
            .get("Packages")
            .ok_or_else(|| ParseError::new(1, "Packages are missing: run `renv::snapshot()`"))?;
        let mut reading = Reading::default();
        let packages = packages.object()?;
        for member in &packages.members {
            take(member, packages, &mut reading)?;
        }
        Ok(reading)
    }
}

fn take(member: &Member<'_>, all: &Object<'_>, reading: &mut Reading) -> Result<(), ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let (Some(name), Some(version)) = (text("Package")?, text("Version")?) else {
        let message = format!("{} has no Package or no Version", excerpt(&member.name));
        return Err(ParseError::new(member.line, message));
    };
    let line = line_number(entry.get("Package").map_or(member.line, |name| name.line));
    let source = text("Source")?.unwrap_or("unknown");
    if source == "Bioconductor" {
        let why = "of Bioconductor, which is no ecosystem with advisories here";
        reading.passed_over.push(passed_over(name, line, why));
        return Ok(());
    }
    reading.packages.push(Locked {
        origin: origin(source, entry)?,
        integrity: text("Hash")?.map(|sum| format!("md5:{sum}")),
        requires: requires(entry, all),
        licence: entry.get("License").and_then(|it| it.value.as_text()).map(str::to_owned),
        ..locked(Ecosystem::Cran, name, version, line)
    });
    Ok(())
}

const SECTIONS: &[&str] = &["Requirements", "Depends", "Imports", "LinkingTo"];

/// What a package asks for of what is locked: R itself and the packages that come with it are not.
/// Older files list all names at once, newer ones by section and with versions.
fn requires(entry: &Object<'_>, all: &Object<'_>) -> Vec<Requirement> {
    let mut requires = Vec::<Requirement>::new();
    for section in SECTIONS.iter().filter_map(|name| entry.get(name)) {
        let Value::List(wishes) = &section.value else { continue };
        for wish in wishes.iter().filter_map(Value::as_text) {
            let (name, range) = wish.split_once('(').unwrap_or((wish, ""));
            let (name, range) = (name.trim(), range.trim_end_matches(')').trim());
            let found = all.get(name).and_then(|member| member.object().ok());
            let version = found.and_then(|found| found.get("Version")?.value.as_text());
            let Some(version) = version else { continue };
            if !requires.iter().any(|known| known.name == name) {
                requires.push(Requirement::new(name).within(Some(range)).at(version));
            }
        }
    }
    requires
}

fn origin(source: &str, entry: &Object<'_>) -> Result<Origin, ParseError> {
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let part = |name: &str| text(name).map(Option::unwrap_or_default);
    Ok(match source.to_ascii_lowercase().as_str() {
        "github" | "gitlab" | "bitbucket" => {
            let (host, owner, repo) =
                (part("RemoteHost")?, part("RemoteUsername")?, part("RemoteRepo")?);
            let host = if host.is_empty() { source } else { host };
            let host = without_credentials(host);
            Origin::Git(format!("{host}/{owner}/{repo}#{}", part("RemoteSha")?))
        }
        "git" | "git2r" | "xgit" => Origin::Git(format!(
            "{}#{}",
            without_credentials(part("RemoteUrl")?),
            part("RemoteSha")?
        )),
        "url" => Origin::Url(without_credentials(part("RemoteUrl")?)),
        "local" => Origin::Path(part("RemoteUrl")?.to_owned()),
        _ => Origin::Registry(text("Repository")?.map(without_credentials)),
    })
}
