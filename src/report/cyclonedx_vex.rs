//! The findings about packages as VEX of `CycloneDX`, version 1.6.
//!
//! A ground that was stated in words alone has no label here, and stands in the `detail`.

use super::Run;
use super::claim::{Claim, Standing, claims};
use super::escape::inert_json;
use super::identity::uuid;
use crate::gate::{Assessment, Justification};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io;

/// Writes the report.
pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let claims = claims(run);
    let components: BTreeMap<_, _> =
        claims.iter().map(|claim| (claim.purl.as_str(), component(claim))).collect();
    let components: Vec<_> = components.into_values().collect();
    let vulnerabilities: Vec<_> = claims.iter().map(vulnerability).collect();
    let identity = uuid(&serde_json::to_string(&vulnerabilities)?);
    let tool = json!({
        "type": "application", "name": run.tool.name, "version": run.tool.version,
    });
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{identity}"),
        "version": 1,
        "metadata": {"timestamp": run.time.to_string(), "tools": {"components": [tool]}},
        "components": components,
        "vulnerabilities": vulnerabilities,
    });
    let json = serde_json::to_string_pretty(&document)?;
    writeln!(out, "{}", inert_json(&json))
}

fn component(claim: &Claim<'_>) -> Value {
    let package = &claim.vulnerability.package;
    json!({
        "type": "library",
        "bom-ref": claim.purl,
        "name": package.name,
        "version": package.version,
        "purl": claim.purl,
    })
}

fn vulnerability(claim: &Claim<'_>) -> Value {
    let found = claim.vulnerability;
    let mut fields = Map::new();
    fields.insert("id".to_owned(), found.id.clone().into());
    let source = json!({"name": "OSV"});
    let references = found.aliases.iter().map(|id| json!({"id": id, "source": source}));
    let references: Vec<_> = references.collect();
    if !references.is_empty() {
        fields.insert("references".to_owned(), references.into());
    }
    fields.insert("ratings".to_owned(), json!([rating(claim)]));
    if !found.summary.is_empty() {
        fields.insert("description".to_owned(), found.summary.clone().into());
    }
    if let Standing::Affected(action) = &claim.standing {
        fields.insert("recommendation".to_owned(), action.clone().into());
    }
    fields.insert("analysis".to_owned(), analysis(claim));
    fields.insert("affects".to_owned(), json!([{"ref": claim.purl}]));
    Value::Object(fields)
}

fn rating(claim: &Claim<'_>) -> Value {
    let found = claim.vulnerability;
    let mut rating = json!({"severity": claim.severity.as_str()});
    let Some(vector) = &found.cvss else { return rating };
    let methods = [("CVSS:4.0", "CVSSv4"), ("CVSS:3.1", "CVSSv31"), ("CVSS:3.0", "CVSSv3")];
    let method = methods.into_iter().find(|(start, _)| vector.starts_with(start));
    let fields = [("vector", json!(vector)), ("method", json!(method.map_or("CVSSv2", |it| it.1)))];
    let score = found.score.filter(|score| score.is_finite()).map(|it| ("score", json!(it)));
    for (name, value) in fields.into_iter().chain(score) {
        if let Some(rating) = rating.as_object_mut() {
            rating.insert(name.to_owned(), value);
        }
    }
    rating
}

fn analysis(claim: &Claim<'_>) -> Value {
    let mut analysis = Map::new();
    let mut set = |name: &str, value: Value| _ = analysis.insert(name.to_owned(), value);
    let notes = &claim.notes;
    match &claim.standing {
        Standing::Affected(_) => {
            set("state", "exploitable".into());
            if !claim.vulnerability.fixed.is_empty() {
                set("response", json!(["update"]));
            }
            set("detail", notes.clone().into());
        }
        Standing::Stated(Assessment::Fixed) => {
            set("state", "resolved".into());
            set("detail", notes.clone().into());
        }
        Standing::Stated(Assessment::NotAffected { justification, impact }) => {
            set("state", "not_affected".into());
            if let Some(label) = justification {
                set("justification", label.cyclonedx().as_str().into());
            }
            let label = justification.map(Justification::as_str);
            let ground = label.into_iter().chain(impact.as_deref());
            let words: Vec<_> = ground.chain([notes.as_str()]).collect();
            set("detail", words.join("; ").into());
        }
    }
    Value::Object(analysis)
}
