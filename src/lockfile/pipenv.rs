//! Pipenv's `Pipfile.lock`.
//!
//! What only `develop` lists serves development; of other categories than the two that Pipenv
//! always writes, the file does not say it. It does not say what the project itself asks for. What
//! is from git has its commit for a version, or nothing to be compared by.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{checked, excerpt, is_archive, line_number, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};

/// Pipenv's lockfile.
pub(super) struct PipfileLock;

impl Format for PipfileLock {
    fn name(&self) -> &'static str {
        "Pipfile.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::PyPI
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["Pipfile.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Pipfile")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        check_version(&root)?;
        if root.get("default").is_none() {
            return Err(ParseError::new(1, "the packages are missing: run `pipenv lock`"));
        }
        let mut reading = Reading::default();
        for category in root.members.iter().filter(|member| member.name != "_meta") {
            let dev = match &*category.name {
                "default" => Some(false),
                "develop" => Some(true),
                _ => None,
            };
            for member in &category.object()?.members {
                match locked(member)? {
                    Some(found) => reading.packages.push(Locked { dev, ..found }),
                    None => reading.passed_over.push(PassedOver {
                        line: line_number(member.line),
                        name: member.name.clone().into_owned(),
                        why: "not pinned to one version",
                    }),
                }
            }
        }
        Ok(reading)
    }
}

fn check_version(root: &Object<'_>) -> Result<(), ParseError> {
    let meta = root.get("_meta").ok_or_else(|| ParseError::new(1, "_meta is missing"))?;
    let version = meta.object()?.get("pipfile-spec");
    let version =
        version.ok_or_else(|| ParseError::new(meta.line, "pipfile-spec is missing from _meta"))?;
    match version.value {
        Value::Number("6") => Ok(()),
        Value::Number(other) => {
            let message = format!("pipfile-spec {} is not 6", excerpt(other));
            Err(ParseError::new(version.line, message))
        }
        Value::Word(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
            Err(ParseError::new(version.line, "pipfile-spec is not a number"))
        }
    }
}

/// The package of an entry; none where it has no version and is from a registry.
fn locked(member: &Member<'_>) -> Result<Option<Locked>, ParseError> {
    let entry = member.object()?;
    let text = |name: &str| entry.get(name).map(Member::text).transpose();
    let address = text("file")?.or(text("url")?);
    let (origin, version) = if let Some(repository) = text("git")? {
        let commit = text("ref")?.unwrap_or_default();
        (Origin::Git(format!("{}#{commit}", without_credentials(repository))), Some(commit))
    } else if let Some(address) = address {
        (Origin::Url(without_credentials(address)), text("version")?)
    } else if let Some(path) = text("path")? {
        let path = path.to_owned();
        let origin = if is_archive(&path) { Origin::Url(path) } else { Origin::Path(path) };
        (origin, Some(text("version")?.unwrap_or_default()))
    } else {
        (Origin::Registry(None), text("version")?)
    };
    let pinned = |version: &str| {
        version.trim_start_matches('=').trim().split(['*', '<', '>', '~', '!']).next().map(str::len)
    };
    let version = version
        .filter(|version| pinned(version) == Some(version.trim_start_matches('=').trim().len()));
    let Some(version) = version else { return Ok(None) };
    let package = Package {
        ecosystem: Ecosystem::PyPI,
        name: member.name.clone().into_owned(),
        version: version.trim_start_matches('=').trim().to_owned(),
    };
    let integrity = first_hash(entry);
    let line = line_number(member.line);
    Ok(Some(Locked { integrity, ..Locked::new(package, line, origin) }))
}

fn first_hash(entry: &Object<'_>) -> Option<String> {
    let Value::List(hashes) = &entry.get("hashes")?.value else { return None };
    match hashes.first()? {
        Value::Text(hash) => Some(hash.clone().into_owned()),
        Value::Word(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entry: &str) -> Result<Reading, ParseError> {
        let meta = "\"_meta\": {\"pipfile-spec\": 6}";
        PipfileLock.read(&format!("{{{meta},\n\"default\": {{\n\"a\": {entry}}}}}"))
    }

    #[test]
    fn entries_are_told_apart() {
        let one = |entry: &str| read(entry).unwrap().packages.remove(0);
        let pinned = one("{\"version\": \"==1.0\", \"hashes\": [\"sha256:aa\"]}");
        assert_eq!((pinned.line.get(), &*pinned.package.version), (3, "1.0"));
        assert_eq!(pinned.integrity.as_deref(), Some("sha256:aa"));
        let git = one("{\"git\": \"https://me:word@git.example.org/a.git\", \"ref\": \"0123\"}");
        assert_eq!(git.origin, Origin::Git("https://git.example.org/a.git#0123".into()));
        assert_eq!(git.package.version, "0123");
        assert_eq!(one("{\"path\": \".\", \"editable\": true}").origin, Origin::Path(".".into()));
    }

    #[test]
    fn what_is_not_pinned_is_told() {
        for entry in
            ["{\"version\": \"*\"}", "{}", "{\"version\": \">=1.0\"}", "{\"version\": \"==1.*\"}"]
        {
            let reading = read(entry).unwrap();
            assert!(reading.packages.is_empty(), "{entry}");
            assert_eq!(reading.passed_over[0].line.get(), 3);
        }
    }

    #[test]
    fn an_unknown_version_is_an_error() {
        for meta in ["{\"pipfile-spec\": 7}", "{\"pipfile-spec\": \"6\"}", "{}"] {
            let text = format!("{{\"default\": {{}},\n\"_meta\": {meta}}}");
            assert_eq!(PipfileLock.parse(&text).unwrap_err().line.get(), 2, "{meta}");
        }
        assert!(PipfileLock.parse("{\"_meta\": {\"pipfile-spec\": 6}}").is_err());
    }
}
