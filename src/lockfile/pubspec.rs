//! Dart's `pubspec.lock`.
//!
//! Pub writes `sdks` last. The oldest files have none, so a file without it is read and the want of
//! it is told.

use super::syntax::json::{Member, Object};
use super::syntax::{
    checked, excerpt, line_number, locked, named, passed_over, without_credentials, yaml,
};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// Pub's lockfile.
pub(super) struct PubspecLock;

impl Format for PubspecLock {
    fn name(&self) -> &'static str {
        "pubspec.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pub
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["pubspec.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pubspec.yaml")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let documents = yaml::parse(checked(text)?)?;
        let [root] = documents.as_slice() else {
            return Err(ParseError::new(1, "the file is not one document: run `dart pub get`"));
        };
        let packages = root
            .get("packages")
            .ok_or_else(|| ParseError::new(1, "packages are missing: run `dart pub get`"))?;
        let mut reading = Reading::default();
        for member in &packages.object()?.members {
            take(member, &mut reading)?;
        }
        if root.get("sdks").is_none() && root.get("sdk").is_none() {
            let why = "missing though Pub writes it last, so the file may have been cut";
            reading.passed_over.push(passed_over("sdks", line_number(packages.line), why));
        }
        Ok(reading)
    }
}

fn take(member: &Member<'_>, reading: &mut Reading) -> Result<(), ParseError> {
    let entry = member.object()?;
    let text = |name: &str| match entry.get(name) {
        Some(member) => member.text(),
        None => {
            Err(ParseError::new(member.line, format!("{} has no {name}", excerpt(&member.name))))
        }
    };
    let (source, version, line) = (text("source")?, text("version")?, line_number(member.line));
    let description = entry.get("description");
    let inner = description.and_then(|it| it.object().ok());
    let part =
        |object: Option<&Object<'_>>, name: &str| object?.get(name)?.text().ok().map(str::to_owned);
    let address = part(inner, "url").map(|url| without_credentials(&url));
    let origin = match source {
        "hosted" => Origin::Registry(address),
        "git" => Origin::Git(format!(
            "{}#{}",
            address.unwrap_or_default(),
            part(inner, "resolved-ref").unwrap_or_default()
        )),
        "path" => Origin::Path(part(inner, "path").unwrap_or_default()),
        "sdk" => {
            let why = "part of an SDK and no package of a registry";
            reading.passed_over.push(passed_over(&member.name, line, why));
            return Ok(());
        }
        other => {
            let message = format!("{} is no source that is known", excerpt(other));
            return Err(ParseError::new(member.line, message));
        }
    };
    let dependency = entry.get("dependency").map(Member::text).transpose()?;
    // An override may stand for a dependency of any kind.
    let kind = dependency.filter(|it| *it != "direct overridden");
    reading.packages.push(Locked {
        direct: dependency.map(|it| it.starts_with("direct")),
        dev: kind.filter(|it| *it != "transitive").map(|it| it == "direct dev"),
        origin,
        integrity: part(inner, "sha256").map(|sum| format!("sha256:{sum}")),
        ..locked(Ecosystem::Pub, &member.name, version, line)
    });
    Ok(())
}
