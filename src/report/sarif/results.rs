//! The results of a SARIF run.

use super::bag;
use super::rules::{Rules, rule_id};
use crate::finding::{Finding, Severity, Subject};
use crate::gate::{Decided, Disposition, Waived};
use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region,
    Result as SarifResult, ResultLevel, Suppression,
};
use std::collections::BTreeMap;

/// A finding with what was decided on it.
pub(super) fn result(decided: &Decided, rules: &Rules) -> SarifResult {
    let finding = &decided.finding;
    let text = format!("{}. {}", finding.message.trim_end_matches('.'), finding.fix);
    let mut result = SarifResult::builder()
        .rule_id(rule_id(finding))
        .level(level(decided))
        .message(Message::builder().text(text).build())
        .locations(vec![location(finding)])
        .partial_fingerprints(fingerprints(finding))
        .suppressions(suppressions(&decided.disposition))
        .properties(bag(properties(decided)))
        .build();
    result.rule_index = rules.index(finding);
    result
}

fn level(decided: &Decided) -> ResultLevel {
    match (&decided.disposition, decided.finding.severity) {
        (Disposition::Blocking, _) => ResultLevel::Error,
        (_, Severity::Low) => ResultLevel::Note,
        (_, Severity::Medium | Severity::High | Severity::Critical) => ResultLevel::Warning,
    }
}

fn location(finding: &Finding) -> Location {
    let place = &finding.location;
    let region = Region::builder()
        .start_line(place.start.line.get())
        .start_column(place.start.column.get())
        .end_line(place.end.line.get())
        .end_column(place.end.column.get())
        .build();
    let artifact = ArtifactLocation::builder().uri(place.path.to_uri()).build();
    let physical = PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    let location = Location::builder().physical_location(physical);
    match &place.commit {
        Some(id) => {
            let commit = LogicalLocation::builder().kind("commit").name(id.as_str()).build();
            location.logical_locations(vec![commit]).build()
        }
        None => location.build(),
    }
}

fn fingerprints(finding: &Finding) -> BTreeMap<String, String> {
    let own = ("lockkeeper/v1".to_owned(), finding.fingerprint.to_string());
    let line = finding.line_hash.clone().map(|hash| ("primaryLocationLineHash".to_owned(), hash));
    std::iter::once(own).chain(line).collect()
}

/// Empty for a finding that nobody suppressed: an absent list would mean that it is not known.
fn suppressions(disposition: &Disposition) -> Vec<Suppression> {
    let (kind, justification) = match disposition {
        Disposition::Blocking | Disposition::Advisory => return Vec::new(),
        Disposition::Baselined => ("external", "known: it is in the baseline".to_owned()),
        Disposition::Waived(Waived::Comment(reason)) => ("inSource", reason.clone()),
        Disposition::Waived(Waived::File(waiver)) => {
            ("external", format!("{} ({}, until {})", waiver.reason, waiver.owner, waiver.until))
        }
    };
    let suppression = Suppression::builder()
        .kind(json!(kind))
        .status(json!("accepted"))
        .justification(justification);
    vec![suppression.build()]
}

fn properties(decided: &Decided) -> Value {
    let finding = &decided.finding;
    let mut properties = json!({
        "severity": finding.severity.as_str(),
        "confidence": finding.confidence.as_str(),
        "disposition": decided.disposition.as_str(),
        "commit": finding.location.commit.as_ref().map(ToString::to_string),
    });
    if let (Subject::Package(found), Some(object)) = (&finding.subject, properties.as_object_mut())
    {
        object.insert("purl".to_owned(), json!(found.package.purl()));
        object.insert("fixed".to_owned(), json!(found.fixed));
    }
    properties
}
