//! `CycloneDX` as JSON, versions 1.2 to 1.7: components by their package URLs.
//!
//! Components within components count. A component without a package URL, or with one of a type
//! that is no ecosystem of ours, is told. Other programs write `bom.json` too: a file that has none
//! of the marks of `CycloneDX` holds no packages.

use super::syntax::bill::Bill;
use super::syntax::json::{self, Member, Object, Value};
use super::syntax::purl::{self, NoPackage};
use super::syntax::{checked, ending, excerpt, line_number, named, passed_over};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

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
        let mut reader = Reader { bill: bill(&root), reading: Reading::default() };
        reader.components(&root)?;
        reader.bill.finish(&mut reader.reading);
        Ok(reader.reading)
    }
}

/// The subject of a bill and who depends on whom.
fn bill<'a>(root: &'a Object<'_>) -> Bill<'a> {
    let mut bill = Bill::default();
    let subject = root.get("metadata").and_then(|it| it.object().ok()?.get("component"));
    let subject = subject.and_then(|it| it.object().ok()?.get("bom-ref"));
    bill.subjects.extend(subject.and_then(|subject| subject.value.as_text()));
    for edge in objects(root.get("dependencies")) {
        let from = edge.get("ref").and_then(|it| it.value.as_text());
        let to = edge.get("dependsOn").map(|it| &it.value);
        if let (Some(from), Some(Value::List(to))) = (from, to) {
            bill.edges.extend(to.iter().filter_map(Value::as_text).map(|to| (from, to)));
        }
    }
    bill
}

/// The objects of a list; none where it is none.
fn objects<'o, 'a>(member: Option<&'o Member<'a>>) -> impl Iterator<Item = &'o Object<'a>> {
    let list = match member.map(|it| &it.value) {
        Some(Value::List(list)) => list.as_slice(),
        _ => &[],
    };
    list.iter()
        .filter_map(|item| if let Value::Object(object) = item { Some(object) } else { None })
}

struct Reader<'a> {
    bill: Bill<'a>,
    reading: Reading,
}

impl<'a> Reader<'a> {
    fn components(&mut self, holder: &'a Object<'_>) -> Result<(), ParseError> {
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

    fn component(&mut self, component: &'a Object<'_>, above: usize) -> Result<(), ParseError> {
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
        let package = Locked {
            dev: dev(component),
            integrity: hash(component),
            licence: licence(component),
            ..Locked::new(purl.package, line, purl.origin)
        };
        let reference = component.get("bom-ref").and_then(|it| it.value.as_text());
        self.bill.add(reference, package, &mut self.reading);
        Ok(())
    }
}

/// The licences of a component, all of which are taken to hold: names, or one expression.
fn licence(component: &Object<'_>) -> Option<String> {
    let name = |choice: &Object<'_>| {
        let named = choice.get("license").and_then(|it| it.object().ok());
        let named = named.and_then(|it| it.get("id").or(it.get("name")));
        choice.get("expression").or(named)?.value.as_text().map(str::to_owned)
    };
    let names: Vec<_> = objects(component.get("licenses")).filter_map(name).collect();
    (!names.is_empty()).then(|| names.join(" AND "))
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
