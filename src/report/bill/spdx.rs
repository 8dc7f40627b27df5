//! SPDX 2.3.
//!
//! The document describes the lockfiles. A lockfile contains its packages, depends on those that the
//! project asks for itself, and has those that serve development alone for `DEV_DEPENDENCY_OF`.

use super::Bill;
use super::graph::{Component, Graph};
use crate::lockfile::Origin;
use crate::report::identity::uuid;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is not known, in the format's word for it.
const UNKNOWN: &str = "NOASSERTION";

/// The longest readable part of an identifier.
const READABLE: usize = 60;

/// Endings of addresses that are of an archive rather than of a registry.
const ARCHIVES: [&str; 8] = [".tgz", ".tar.gz", ".zip", ".whl", ".gem", ".crate", ".nupkg", ".jar"];

pub(super) fn document(bill: &Bill<'_>, graph: &Graph<'_>) -> Value {
    let mut texts = BTreeMap::new();
    let mut packages: Vec<_> =
        graph.lockfiles.iter().map(|it| lockfile(&it.path, it.listed.format)).collect();
    packages.extend(graph.components.iter().map(|(it, of)| package(it, of, &mut texts)));
    let relationships = relationships(graph);
    let content = json!([packages, relationships]).to_string();
    let name = plain(bill.subject);
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": bill.subject,
        "documentNamespace": format!("https://spdx.org/spdxdocs/{name}-{}", uuid(&content)),
        "creationInfo": {
            "created": bill.time.to_string(),
            "creators": [format!("Tool: {}-{}", bill.tool, bill.version)],
        },
        "packages": packages,
        "relationships": relationships,
    });
    if !texts.is_empty()
        && let Some(fields) = document.as_object_mut()
    {
        let texts: Vec<_> = texts.into_values().collect();
        fields.insert("hasExtractedLicensingInfos".to_owned(), texts.into());
    }
    document
}

fn lockfile(path: &str, format: &str) -> Value {
    json!({
        "SPDXID": lockfile_id(path),
        "name": path,
        "packageFileName": path,
        "summary": format,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
        "primaryPackagePurpose": "FILE",
    })
}

fn lockfile_id(path: &str) -> String {
    id("Lockfile", path)
}

/// An identifier, readable as far as it may be, and its own.
fn id(kind: &str, of: &str) -> String {
    let readable: String = plain(of).chars().take(READABLE).collect();
    format!("SPDXRef-{kind}-{readable}-{}", short(of))
}

fn short(of: &str) -> String {
    uuid(of).chars().filter(|c| *c != '-').take(12).collect()
}

/// The letters, digits, dots and dashes of a text.
fn plain(text: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    text.chars().map(letter).collect()
}

fn package(reference: &str, of: &Component<'_>, texts: &mut BTreeMap<String, Value>) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| _ = fields.insert(name.to_owned(), value);
    let package = &of.locked.package;
    set("SPDXID", id("Package", reference).into());
    set("name", package.name.clone().into());
    if !package.version.is_empty() {
        set("versionInfo", package.version.clone().into());
    }
    set("downloadLocation", location(of).into());
    set("filesAnalyzed", false.into());
    if let Some(digest) = &of.digest {
        let checksum = json!({"algorithm": digest.kind.spdx(), "checksumValue": digest.hex});
        set("checksums", json!([checksum]));
    }
    if let Some(purl) = &of.purl {
        let reference = json!({
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl,
        });
        set("externalRefs", json!([reference]));
    }
    set("licenseConcluded", UNKNOWN.into());
    set("licenseDeclared", licence(of, texts).into());
    set("copyrightText", UNKNOWN.into());
    let places = of.places.iter().map(|(path, line)| format!("{path}, line {line}"));
    set("sourceInfo", format!("locked in {}", places.collect::<Vec<_>>().join("; ")).into());
    set("primaryPackagePurpose", "LIBRARY".into());
    Value::Object(fields)
}

fn location(of: &Component<'_>) -> String {
    let address = match &of.locked.origin {
        Origin::Git(address) if super::is_address(address) => {
            return format!("git+{}", address.replacen('#', "@", 1));
        }
        Origin::Git(_) | Origin::Registry(_) | Origin::Url(_) | Origin::Path(_) => of.address(),
    };
    let path = |address: &str| address.split(['?', '#']).next().unwrap_or_default().to_owned();
    let archive = |address: &&str| ARCHIVES.iter().any(|end| path(address).ends_with(end));
    address.filter(archive).unwrap_or(UNKNOWN).to_owned()
}

/// The licence that is declared; the texts of those that are not on SPDX's list are gathered.
fn licence(of: &Component<'_>, texts: &mut BTreeMap<String, Value>) -> String {
    match of.licence() {
        None => UNKNOWN.to_owned(),
        Some(Ok(licence)) => {
            let names = licence.terms().map(|term| term.to_string());
            for name in names.filter(|name| name.starts_with("LicenseRef-")) {
                let text = format!("stated as {name}, without its text");
                let name = name.split(' ').next().unwrap_or(&name).to_owned();
                texts.insert(name.clone(), json!({"licenseId": name, "extractedText": text}));
            }
            licence.as_str().to_owned()
        }
        Some(Err(stated)) => {
            let name = format!("LicenseRef-stated-{}", short(stated));
            texts.insert(name.clone(), json!({"licenseId": name, "extractedText": stated}));
            name
        }
    }
}

fn relationships(graph: &Graph<'_>) -> Vec<Value> {
    let relation = |from: &str, kind: &str, to: &str| json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to});
    let package = |reference: &String| id("Package", reference);
    let mut all = Vec::new();
    for members in &graph.lockfiles {
        let own = lockfile_id(&members.path);
        all.push(relation("SPDXRef-DOCUMENT", "DESCRIBES", &own));
        all.extend(members.all.iter().map(|it| relation(&own, "CONTAINS", &package(it))));
        let direct = members.direct.iter().flatten();
        all.extend(direct.map(|it| relation(&own, "DEPENDS_ON", &package(it))));
        let dev = members.dev.iter();
        all.extend(dev.map(|it| relation(&package(it), "DEV_DEPENDENCY_OF", &own)));
    }
    for (reference, component) in &graph.components {
        let required = component.requires.iter().flatten();
        let own = package(reference);
        all.extend(required.map(|it| relation(&own, "DEPENDS_ON", &package(it))));
    }
    all
}
