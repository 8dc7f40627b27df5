//! Composer's `composer.lock`, and the `vendor/composer/installed.json` of what was installed.
//!
//! Composer always writes `packages` and `packages-dev` into the former; a file without either is not
//! whole. The latter is one list, of which Composer 2 names what serves development. Neither says
//! what the project itself asks for.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::{checked, line_number, named, passed_over, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use std::collections::BTreeSet;

/// Composer's lockfile.
pub(super) struct ComposerLock;

impl Format for ComposerLock {
    fn name(&self) -> &'static str {
        "composer.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Packagist
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["composer.lock"]) || is_installed(path)
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("composer.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        // Composer 1 writes the list alone.
        let list = text.starts_with('[').then(|| format!("{{\"{PACKAGES}\": {text}}}"));
        let root = json::parse(list.as_deref().unwrap_or(text))?;
        if list.is_some() || root.get("dev-package-names").is_some() {
            return installed(&root);
        }
        let mut all = Vec::new();
        for (section, dev) in [(PACKAGES, false), ("packages-dev", true)] {
            let member = root.get(section).ok_or_else(|| {
                ParseError::new(1, format!("{section} is missing: run `composer update --lock`"))
            })?;
            for entry in entries(member)? {
                all.push(Locked { dev: Some(dev), ..locked(entry, member.line)? });
            }
        }
        Ok(all.into())
    }
}

const PACKAGES: &str = "packages";

/// Whether a path is that of the list of what was installed.
fn is_installed(path: &RepoPath) -> bool {
    const PLACE: &[u8] = b"vendor/composer/installed.json";
    let above = path.as_bytes().strip_suffix(PLACE);
    above.is_some_and(|above| above.is_empty() || above.ends_with(b"/"))
        && named(path, &["installed.json"])
}

fn installed(root: &Object<'_>) -> Result<Reading, ParseError> {
    let packages = root
        .get(PACKAGES)
        .ok_or_else(|| ParseError::new(1, "packages are missing: run `composer install`"))?;
    let names = root.get("dev-package-names").map(|member| &member.value);
    let names: Option<BTreeSet<_>> = match names {
        Some(Value::List(names)) => Some(names.iter().filter_map(Value::as_text).collect()),
        _ => None,
    };
    let mut reading = Reading::default();
    for entry in entries(packages)? {
        if let (Some(name), None) = (entry.get("name"), entry.get("version")) {
            let entry = passed_over(name.text()?, line_number(name.line), "without a version");
            reading.passed_over.push(entry);
            continue;
        }
        let found = locked(entry, packages.line)?;
        let dev = names.as_ref().map(|names| names.contains(&*found.package.name));
        reading.packages.push(Locked { dev, ..found });
    }
    Ok(reading)
}

/// The objects of a list; none for the `null` that Composer wrote where it had not looked.
fn entries<'a>(member: &'a Member<'a>) -> Result<Vec<&'a Object<'a>>, ParseError> {
    let refuse = || ParseError::new(member.line, "a list of packages is none");
    let list = match &member.value {
        Value::List(list) => list,
        Value::Word("null") => return Ok(Vec::new()),
        Value::Word(_) | Value::Number(_) | Value::Text(_) | Value::Object(_) => {
            return Err(refuse());
        }
    };
    let object = |value: &'a Value<'a>| {
        if let Value::Object(object) = value { Ok(object) } else { Err(refuse()) }
    };
    list.iter().map(object).collect()
}

fn locked(entry: &Object<'_>, section: usize) -> Result<Locked, ParseError> {
    let first = entry.members.first().map_or(section, |member| member.line);
    let needed = |name: &str| {
        entry.get(name).ok_or_else(|| ParseError::new(first, format!("a package has no {name}")))
    };
    let (name, version) = (needed("name")?, needed("version")?);
    let part = |name: &str| entry.get(name).map(Part::read).transpose();
    let (source, dist) = (part("source")?.unwrap_or_default(), part("dist")?.unwrap_or_default());
    let registered = entry.get("notification-url").is_some();
    Ok(Locked {
        integrity: Some(dist.checksum).filter(|sum| !sum.is_empty()).map(str::to_owned),
        requires: requires(entry),
        licence: licence(entry),
        ..Locked::new(
            Package {
                ecosystem: Ecosystem::Packagist,
                name: name.text()?.to_owned(),
                version: version.text()?.to_owned(),
            },
            line_number(name.line),
            origin(&source, &dist, registered),
        )
    })
}

/// The packages that a package asks for. PHP itself, its extensions and the like are asked for under
/// names without a vendor.
fn requires(entry: &Object<'_>) -> Vec<Requirement> {
    let wishes = entry.get("require").and_then(|member| member.object().ok());
    let wishes = wishes.into_iter().flat_map(|wishes| &wishes.members);
    let wishes = wishes.filter(|wish| wish.name.contains('/'));
    wishes.map(|wish| Requirement::new(&*wish.name).within(wish.text().ok())).collect()
}

/// Of several licences, Composer means a choice.
fn licence(entry: &Object<'_>) -> Option<String> {
    let names = match &entry.get("license")?.value {
        Value::Text(name) => vec![&**name],
        Value::List(names) => names.iter().filter_map(Value::as_text).collect(),
        Value::Word(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    (!names.is_empty()).then(|| names.join(" OR "))
}

/// One of the two places from which a package can be had.
#[derive(Default)]
struct Part<'a> {
    kind: &'a str,
    address: &'a str,
    reference: &'a str,
    checksum: &'a str,
}

impl<'a> Part<'a> {
    fn read(member: &'a Member<'a>) -> Result<Self, ParseError> {
        let Value::Object(object) = &member.value else { return Ok(Self::default()) };
        let text = |name: &str| match object.get(name) {
            Some(member) if member.value != Value::Word("null") => member.text(),
            _ => Ok(""),
        };
        Ok(Self {
            kind: text("type")?,
            address: text("url")?,
            reference: text("reference")?,
            checksum: text("shasum")?,
        })
    }
}

/// Only a package of a registry is reported to it when it is installed. What has no place at all
/// is a list of other packages.
fn origin(source: &Part<'_>, dist: &Part<'_>, registered: bool) -> Origin {
    let place = if dist.address.is_empty() { source } else { dist };
    let address = without_credentials(place.address);
    if dist.kind == "path" {
        Origin::Path(dist.address.to_owned())
    } else if registered || place.address.is_empty() {
        Origin::Registry(Some(address).filter(|address| !address.is_empty()))
    } else if source.address.is_empty() {
        Origin::Url(address)
    } else {
        Origin::Git(format!("{}#{}", without_credentials(source.address), source.reference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(package: &str) -> Result<Vec<Locked>, ParseError> {
        ComposerLock.parse(&format!("{{\"packages\": [\n{package}],\n\"packages-dev\": []}}"))
    }

    fn origin(fields: &str) -> Origin {
        let package = format!("{{\"name\": \"a/b\", \"version\": \"v1.0.0\", {fields}}}");
        parse(&package).unwrap().remove(0).origin
    }

    #[test]
    fn origins_are_told_apart() {
        let source = "\"source\": {\"type\": \"git\", \"url\": \"https://me:word@git.example.org/b.git\", \"reference\": \"0123\"}";
        let dist = "\"dist\": {\"type\": \"zip\", \"url\": \"https://files.example.org/b.zip\", \"reference\": null}";
        let told = "\"notification-url\": \"https://registry.example.org/\"";
        let address = "https://files.example.org/b.zip".to_owned();
        assert_eq!(origin(source), Origin::Git("https://git.example.org/b.git#0123".into()));
        assert_eq!(origin(dist), Origin::Url(address.clone()));
        assert_eq!(origin(&format!("{source}, {dist}, {told}")), Origin::Registry(Some(address)));
        assert_eq!(origin("\"type\": \"metapackage\""), Origin::Registry(None));
        assert_eq!(
            origin("\"dist\": {\"type\": \"path\", \"url\": \"../b\"}"),
            Origin::Path("../b".into())
        );
    }

    #[test]
    fn composer_1_writes_what_it_installed_as_a_bare_list() {
        let text =
            "[\n{\"name\": \"a/b\",\n\"version\": \"1.0\", \"license\": [\"MIT\", \"ISC\"]}]";
        let [entry] = &ComposerLock.parse(text).unwrap()[..] else { panic!() };
        assert_eq!((entry.line.get(), entry.dev), (2, None));
        assert_eq!(entry.licence.as_deref(), Some("MIT OR ISC"));
        for cut in 1..text.len() {
            assert!(ComposerLock.parse(&text[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn what_is_not_whole_is_an_error_with_its_line() {
        for (package, line) in [
            ("{\"name\": \"a/b\"}", 2),
            ("{\"version\": \"1.0.0\"}", 2),
            ("\"a/b\"", 1),
            ("{\"name\": 1, \"version\": \"1.0.0\"}", 2),
        ] {
            assert_eq!(parse(package).unwrap_err().line.get(), line, "{package}");
        }
        for text in [
            "{\"packages\": []}",
            "{\"packages-dev\": []}",
            "{\"packages\": {}, \"packages-dev\": []}",
        ] {
            assert!(ComposerLock.parse(text).is_err(), "{text}");
        }
    }
}
