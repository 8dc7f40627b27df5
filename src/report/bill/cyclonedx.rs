//! `CycloneDX` 1.6.
//!
//! The project is the document's subject, and its lockfiles are the parts of it; both stand in the
//! graph of dependencies, where a component that is not there has unknown ones. What serves
//! development alone is out of scope: `excluded`.

use super::Bill;
use super::graph::{Component, Graph, Members};
use crate::lockfile::Origin;
use crate::package::{Ecosystem, Package};
use crate::report::identity::uuid;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What references the project itself.
const SUBJECT: &str = "project";

pub(super) fn document(bill: &Bill<'_>, graph: &Graph<'_>) -> Value {
    let components: Vec<_> =
        graph.components.iter().map(|(reference, it)| component(reference, it)).collect();
    let dependencies = dependencies(graph);
    let parts: Vec<_> = graph.lockfiles.iter().map(lockfile).collect();
    let subject = json!({
        "type": "application", "bom-ref": SUBJECT, "name": bill.subject, "components": parts,
    });
    let content = json!([subject, components, dependencies]).to_string();
    let tool = json!({"type": "application", "name": bill.tool, "version": bill.version});
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", uuid(&content)),
        "version": 1,
        "metadata": {
            "timestamp": bill.time.to_string(),
            "tools": {"components": [tool]},
            "component": subject,
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn lockfile(members: &Members<'_>) -> Value {
    json!({
        "type": "file",
        "bom-ref": reference_of(members),
        "name": members.path,
        "description": members.listed.format,
    })
}

fn reference_of(members: &Members<'_>) -> String {
    format!("lockfile:{}", members.path)
}

fn component(reference: &str, component: &Component<'_>) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| _ = fields.insert(name.to_owned(), value);
    set("type", "library".into());
    set("bom-ref", reference.into());
    let package = &component.locked.package;
    let (group, name) = parts(package);
    if let Some(group) = group {
        set("group", group.into());
    }
    set("name", name.into());
    if !package.version.is_empty() {
        set("version", package.version.clone().into());
    }
    if let Some(dev) = component.dev {
        set("scope", if dev { "excluded" } else { "required" }.into());
    }
    if let Some(digest) = &component.digest {
        set("hashes", json!([{"alg": digest.kind.cyclonedx(), "content": digest.hex}]));
    }
    match component.licence() {
        Some(Ok(licence)) => set("licenses", json!([{"expression": licence.as_str()}])),
        Some(Err(stated)) => set("licenses", json!([{"license": {"name": stated}}])),
        None => {}
    }
    if let Some(purl) = &component.purl {
        set("purl", purl.clone().into());
    }
    if let Some(address) = component.address() {
        set("externalReferences", json!([{"type": "distribution", "url": address}]));
    }
    let places = component.places.iter();
    let occurrences: Vec<_> =
        places.map(|(path, line)| json!({"location": path, "line": line})).collect();
    set("evidence", json!({"occurrences": occurrences}));
    set("properties", properties(component).into());
    Value::Object(fields)
}

/// What the format has no field of its own for.
fn properties(component: &Component<'_>) -> Vec<Value> {
    let property =
        |name: &str, value: &str| json!({"name": format!("lockkeeper:{name}"), "value": value});
    let package = &component.locked.package;
    let mut properties = vec![property("ecosystem", package.ecosystem.as_str())];
    if let Origin::Path(folder) = &component.locked.origin
        && !folder.is_empty()
    {
        properties.push(property("folder", folder));
    }
    let places = component.places.iter();
    properties.extend(places.map(|(path, line)| property("lockfile", &format!("{path}:{line}"))));
    properties
}

/// The namespace and the name, where the ecosystem has the two.
fn parts(package: &Package) -> (Option<&str>, &str) {
    let name = package.name.as_str();
    let divider = [(Ecosystem::Maven, ':'), (Ecosystem::Npm, '/'), (Ecosystem::Packagist, '/')];
    let divider = divider.into_iter().find(|(of, _)| *of == package.ecosystem);
    let divided = divider.and_then(|(_, divider)| name.split_once(divider));
    divided.map_or((None, name), |(group, name)| (Some(group), name))
}

/// The edges: of the project where a lockfile says what it asks for, of every lockfile, and of the
/// components whose requirements are known.
fn dependencies(graph: &Graph<'_>) -> Vec<Value> {
    let edges = |from: &str, to: &BTreeSet<String>| json!({"ref": from, "dependsOn": to});
    let mut all = Vec::new();
    if graph.lockfiles.iter().any(|members| members.direct.is_some()) {
        let direct = graph.lockfiles.iter().filter_map(|members| members.direct.as_ref());
        let mut asked: BTreeSet<_> = direct.flatten().cloned().collect();
        asked.extend(graph.lockfiles.iter().map(reference_of));
        all.push(edges(SUBJECT, &asked));
    }
    for members in &graph.lockfiles {
        let asked = members.direct.as_ref().unwrap_or(&members.all);
        all.push(edges(&reference_of(members), asked));
    }
    let known = graph.components.iter();
    let known = known.filter_map(|(reference, it)| Some((reference, it.requires.as_ref()?)));
    all.extend(known.map(|(reference, requires)| edges(reference, requires)));
    all
}
