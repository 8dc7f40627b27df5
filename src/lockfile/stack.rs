//! Haskell's `stack.yaml.lock`.
//!
//! It lists what a project takes beside a snapshot; the packages of the snapshot itself are in no
//! file of the project, which is told. `snapshots` comes last, so a file without it was cut.

use super::syntax::json::{Member, Object, Value};
use super::syntax::{
    checked, excerpt, line_number, locked, named, passed_over, without_credentials, yaml,
};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// Stack's lockfile.
pub(super) struct StackLock;

impl Format for StackLock {
    fn name(&self) -> &'static str {
        "stack.yaml.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Hackage
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["stack.yaml.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("stack.yaml")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let documents = yaml::parse(checked(text)?)?;
        let [root] = documents.as_slice() else {
            return Err(ParseError::new(1, "the file is not one document: run `stack build`"));
        };
        let last = root.members.last().map_or(1, |member| member.line);
        let section = |name: &str| {
            let missing = || ParseError::new(last, format!("{name} are missing: the file was cut"));
            list(root.get(name).ok_or_else(missing)?)
        };
        let mut reading = Reading::default();
        for package in section("packages")? {
            reading.packages.push(entry(package, last)?);
        }
        for snapshot in section("snapshots")? {
            let Some(url) = completed(snapshot)?.get("url") else { continue };
            let why = "a snapshot, whose packages are in no file here";
            let address = without_credentials(url.text()?);
            reading.passed_over.push(passed_over(&address, line_number(url.line), why));
        }
        Ok(reading)
    }
}

fn list<'a>(member: &'a Member<'a>) -> Result<Vec<&'a Object<'a>>, ParseError> {
    let Value::List(items) = &member.value else {
        return Err(ParseError::new(
            member.line,
            format!("{} is not a list", excerpt(&member.name)),
        ));
    };
    let objects = items.iter().map(|item| match item {
        Value::Object(object) => Ok(object),
        Value::Word(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
            Err(ParseError::new(member.line, "an entry is not a map"))
        }
    });
    objects.collect()
}

fn completed<'a>(entry: &'a Object<'a>) -> Result<&'a Object<'a>, ParseError> {
    let above = entry.members.first().map_or(1, |member| member.line);
    let completed = entry.get("completed");
    completed.ok_or_else(|| ParseError::new(above, "an entry is not completed"))?.object()
}

fn entry(package: &Object<'_>, last: usize) -> Result<Locked, ParseError> {
    let above = package.members.first().map_or(last, |member| member.line);
    let completed = completed(package)?;
    let text = |name: &str| completed.get(name).map(Member::text).transpose();
    if let Some(member) = completed.get("hackage") {
        let (place, sum) = member.text()?.split_once('@').unwrap_or((member.text()?, ""));
        let Some((name, version)) = place.rsplit_once('-').filter(|(name, _)| !name.is_empty())
        else {
            return Err(ParseError::new(
                member.line,
                format!("{} is not `name-version`", excerpt(place)),
            ));
        };
        let sum = sum.split(',').next().filter(|sum| !sum.is_empty());
        let package = locked(Ecosystem::Hackage, name, version, line_number(member.line));
        return Ok(Locked { integrity: sum.map(str::to_owned), direct: Some(true), ..package });
    }
    let (Some(name), Some(version)) = (completed.get("name"), text("version")?) else {
        return Err(ParseError::new(above, "a package has no name or no version"));
    };
    let address =
        text("git")?.or(text("hg")?).or(text("url")?).map(without_credentials).unwrap_or_default();
    let origin = match text("commit")? {
        Some(commit) => Origin::Git(format!("{address}#{commit}")),
        None => Origin::Url(address),
    };
    let package = locked(Ecosystem::Hackage, name.text()?, version, line_number(name.line));
    Ok(Locked { origin, direct: Some(true), ..package })
}
