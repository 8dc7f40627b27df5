//! `CycloneDX` as JSON, versions 1.2 to 1.7: components by their package URLs.
//!
//! Components within components count. A component without a package URL, or with one of a type
//! that is no ecosystem of ours, is told. Other programs write `bom.json` too: a file that has none
//! of the marks of `CycloneDX` holds no packages.

use super::syntax::json::{self, Member, Object, Value};
use super::syntax::purl::{self, NoPackage};
use super::syntax::{checked, ending, excerpt, line_number, named, passed_over};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeSet;

/// A bill of materials in the form of `CycloneDX`.
pub(super) struct CycloneDx;

impl Format for CycloneDx {
    fn name(&self) -> &'static str {
        "CycloneDX"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["bom.json"]) || ending(path, ".cdx.json") || ending(path, ".bom.json")
    }

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        self.read(text).map(|reading| reading.packages)
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let Some(format) = root.get("bomFormat") else {
            if root.get("specVersion").is_some() && root.get("components").is_some() {
                return Err(ParseError::new(1, "bomFormat is missing"));
            }
            return Ok(Reading::default());
        };
        if format.text()? != "CycloneDX" {
            return Err(ParseError::new(format.line, "bomFormat is not CycloneDX"));
        }
        let version = root.get("specVersion");
        let version = version.ok_or_else(|| ParseError::new(1, "specVersion is missing"))?;
        if !matches!(version.text()?, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") {
            let message =
                format!("specVersion {} is not one of 1.2 to 1.7", excerpt(version.text()?));
            return Err(ParseError::new(version.line, message));
        }
        let mut reader = Reader { direct: direct(&root), reading: Reading::default() };
        reader.components(&root)?;
        Ok(reader.reading)
    }
}

/// The references on which the subject depends; `None` where the file does not say.
fn direct<'a>(root: &'a Object<'_>) -> Option<BTreeSet<&'a str>> {
    let subject = root.get("metadata")?.object().ok()?.get("component")?.object().ok()?;
    let subject = subject.get("bom-ref")?.text().ok()?;
    let Value::List(edges) = &root.get("dependencies")?.value else { return None };
    let of_subject = edges.iter().find_map(|edge| {
        let Value::Object(edge) = edge else { return None };
        (edge.get("ref")?.text().ok()? == subject).then_some(edge)
    })?;
    let Value::List(names) = &of_subject.get("dependsOn")?.value else { return None };
    let text =
        |name: &'a Value<'_>| if let Value::Text(text) = name { Some(&**text) } else { None };
    Some(names.iter().filter_map(text).collect())
}

struct Reader<'a> {
    direct: Option<BTreeSet<&'a str>>,
    reading: Reading,
}

impl Reader<'_> {
    fn components(&mut self, holder: &Object<'_>) -> Result<(), ParseError> {
        let Some(member) = holder.get("components") else { return Ok(()) };
        let Value::List(components) = &member.value else {
            return Err(ParseError::new(member.line, "components are not a list"));
        };
        for component in components {
            let Value::Object(component) = component else {
                return Err(ParseError::new(member.line, "a component is not an object"));
            };
            self.component(component, member.line)?;
            self.components(component)?;
        }
        Ok(())
    }

    fn component(&mut self, component: &Object<'_>, above: usize) -> Result<(), ParseError> {
        let text = |name: &str| component.get(name).map(Member::text).transpose();
        let Some(name) = component.get("name") else {
            return Err(ParseError::new(above, "a component has no name"));
        };
        let Some(member) = component.get("purl") else {
            let entry = passed_over(name.text()?, line_number(name.line), "without a package URL");
            self.reading.passed_over.push(entry);
            return Ok(());
        };
        let line = line_number(member.line);
        let purl = match purl::parse(member.text()?) {
            Ok(purl) => purl.or_version(text("version")?),
            Err(NoPackage::Foreign) => {
                let why = "of a kind that is no ecosystem with advisories here";
                self.reading.passed_over.push(passed_over(name.text()?, line, why));
                return Ok(());
            }
            Err(NoPackage::Malformed) => {
                let message = format!("{} is no package URL", excerpt(member.text()?));
                return Err(ParseError { line, message });
            }
        };
        if purl.package.version.is_empty() {
            let entry = passed_over(name.text()?, line, "without a version");
            self.reading.passed_over.push(entry);
            return Ok(());
        }
        let reference = text("bom-ref")?.unwrap_or_default();
        self.reading.packages.push(Locked {
            direct: self.direct.as_ref().map(|direct| direct.contains(reference)),
            dev: dev(component),
            integrity: hash(component),
            ..Locked::new(purl.package, line, purl.origin)
        });
        Ok(())
    }
}

/// Whether a component serves development: by its scope, or by what npm's generator adds.
fn dev(component: &Object<'_>) -> Option<bool> {
    if let Some(Value::List(properties)) = component.get("properties").map(|it| &it.value) {
        let is_dev = |property: &Value<'_>| {
            let Value::Object(property) = property else { return false };
            let text = |name: &str| property.get(name).and_then(|it| it.text().ok());
            text("name") == Some("cdx:npm:package:development") && text("value") == Some("true")
        };
        if properties.iter().any(is_dev) {
            return Some(true);
        }
    }
    match component.get("scope")?.text().ok()? {
        "excluded" => Some(true),
        "required" => Some(false),
        _ => None,
    }
}

fn hash(component: &Object<'_>) -> Option<String> {
    let Value::List(hashes) = &component.get("hashes")?.value else { return None };
    let Value::Object(first) = hashes.first()? else { return None };
    let text = |name: &str| first.get(name)?.text().ok();
    Some(format!("{}:{}", text("alg")?.to_lowercase(), text("content")?))
}
