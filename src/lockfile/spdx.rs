//! SPDX as JSON, versions 2.2 and 2.3: packages by their package URLs.
//!
//! A package without a package URL, or with one of a type that is no ecosystem of ours, is told.

use super::syntax::bill::Bill;
use super::syntax::json::{self, Member, Object, Value};
use super::syntax::purl::{self, NoPackage, Purl};
use super::syntax::{checked, ending, excerpt, line_number, passed_over};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// A bill of materials in the form of SPDX.
pub(super) struct Spdx;

impl Format for Spdx {
    fn name(&self) -> &'static str {
        "SPDX"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        ending(path, ".spdx.json")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let root = json::parse(checked(text)?)?;
        let Some(version) = root.get("spdxVersion") else {
            let message = "spdxVersion is missing: only SPDX 2.2 and 2.3 are read";
            return Err(ParseError::new(1, message));
        };
        if !matches!(version.text()?, "SPDX-2.2" | "SPDX-2.3") {
            let message =
                format!("{} is not one of SPDX-2.2 and SPDX-2.3", excerpt(version.text()?));
            return Err(ParseError::new(version.line, message));
        }
        let mut bill = bill(&root)?;
        let mut reading = Reading::default();
        for (package, above) in objects(&root, "packages")? {
            take(package, above, &mut bill, &mut reading)?;
        }
        bill.finish(&mut reading);
        Ok(reading)
    }
}

/// The objects of a list that may be missing, with the line of its name.
fn objects<'o, 'a>(
    holder: &'o Object<'a>,
    name: &str,
) -> Result<Vec<(&'o Object<'a>, usize)>, ParseError> {
    let Some(member) = holder.get(name) else { return Ok(Vec::new()) };
    let Value::List(list) = &member.value else {
        return Err(ParseError::new(member.line, format!("{name} is not a list")));
    };
    let object = |item: &'o Value<'a>| match item {
        Value::Object(object) => Ok((object, member.line)),
        Value::Word(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
            Err(ParseError::new(member.line, format!("an item of {name} is not an object")))
        }
    };
    list.iter().map(object).collect()
}

/// What the file describes and who depends on whom.
fn bill<'o>(root: &'o Object<'_>) -> Result<Bill<'o>, ParseError> {
    let mut bill = Bill::default();
    for (relation, _) in objects(root, "relationships")? {
        let text = |name: &str| relation.get(name).and_then(|member| member.text().ok());
        let (Some(from), Some(kind), Some(to)) =
            (text("spdxElementId"), text("relationshipType"), text("relatedSpdxElement"))
        else {
            continue;
        };
        match kind {
            "DESCRIBES" => _ = bill.subjects.insert(to),
            "DEPENDS_ON" => bill.edges.push((from, to)),
            "DEPENDENCY_OF" => bill.edges.push((to, from)),
            _ => {}
        }
    }
    if let Some(Value::List(names)) = root.get("documentDescribes").map(|member| &member.value) {
        bill.subjects.extend(names.iter().filter_map(Value::as_text));
    }
    Ok(bill)
}

fn take<'o>(
    package: &'o Object<'_>,
    above: usize,
    bill: &mut Bill<'o>,
    reading: &mut Reading,
) -> Result<(), ParseError> {
    let text = |name: &str| package.get(name).map(Member::text).transpose();
    let Some(name) = package.get("name") else {
        return Err(ParseError::new(above, "a package has no name"));
    };
    let (label, label_line) = (name.text()?, line_number(name.line));
    let mut foreign = false;
    let mut found = None;
    for (reference, above) in objects(package, "externalRefs")? {
        let part = |name: &str| reference.get(name).map(Member::text).transpose();
        if part("referenceType")? != Some("purl") {
            continue;
        }
        let Some(locator) = reference.get("referenceLocator") else {
            return Err(ParseError::new(above, "a reference has no locator"));
        };
        match purl::parse(locator.text()?) {
            Ok(purl) => found = found.or(Some((purl, locator.line))),
            Err(NoPackage::Foreign) => foreign = true,
            Err(NoPackage::Malformed) => {
                let message = format!("{} is no package URL", excerpt(locator.text()?));
                return Err(ParseError::new(locator.line, message));
            }
        }
    }
    let mut tell = |why| reading.passed_over.push(passed_over(label, label_line, why));
    let Some((purl, line)) = found else {
        let why = "of a kind that is no ecosystem with advisories here";
        tell(if foreign { why } else { "without a package URL" });
        return Ok(());
    };
    let beside = text("versionInfo")?.filter(|it| !matches!(*it, "NOASSERTION" | "NONE"));
    let Purl { package: found, origin } = purl.or_version(beside);
    if found.version.is_empty() {
        tell("without a version");
        return Ok(());
    }
    let locked = Locked {
        integrity: checksum(package)?,
        licence: licence(package),
        ..Locked::new(found, line_number(line), origin)
    };
    let id = package.get("SPDXID").and_then(|it| it.value.as_text());
    bill.add(id, locked, reading);
    Ok(())
}

/// The licence that was found to hold, or else the one that the package claims.
fn licence(package: &Object<'_>) -> Option<String> {
    let known = |name| {
        let text = package.get(name)?.value.as_text()?;
        Some(text.to_owned()).filter(|text| !matches!(&**text, "NOASSERTION" | "NONE"))
    };
    known("licenseConcluded").or_else(|| known("licenseDeclared"))
}

fn checksum(package: &Object<'_>) -> Result<Option<String>, ParseError> {
    let checksums = objects(package, "checksums")?;
    let Some((first, _)) = checksums.first() else { return Ok(None) };
    let text = |name: &str| first.get(name).and_then(|member| member.text().ok());
    let parts = text("algorithm").zip(text("checksumValue"));
    Ok(parts.map(|(kind, sum)| format!("{}:{sum}", kind.to_lowercase())))
}
