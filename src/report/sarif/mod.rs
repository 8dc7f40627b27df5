//! SARIF 2.1.0 for code scanning. What GitHub demands beyond the standard decides the shape: every
//! text is filled, a rule carries its severity (so each advisory is a rule of its own), every
//! result has a region and a `primaryLocationLineHash`, and no more results than are kept on
//! upload.

mod results;
mod rules;

use super::Run;
use crate::finding::{Level, Notice};
use crate::gate::{Decided, Disposition};
use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, Message, Notification, PhysicalLocation, PropertyBag,
    RunAutomationDetails, Sarif, Tool, ToolComponent,
};
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// How many results GitHub keeps of an upload; it rejects one of more than 25,000.
const KEPT: usize = 5_000;

/// Writes the report.
pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let log = Sarif::builder().schema(SCHEMA).version("2.1.0").runs(vec![sarif_run(run)]).build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn sarif_run(run: &Run) -> serde_sarif::sarif::Run {
    let (kept, cut) = worst(&run.verdict.findings);
    let rules = rules::Rules::of(run, &kept);
    let results: Vec<_> = kept.iter().map(|decided| results::result(decided, &rules)).collect();
    let driver = ToolComponent::builder()
        .name("lockkeeper")
        .full_name(format!("lockkeeper {}", run.tool.version))
        .semantic_version(run.tool.version.clone())
        .information_uri("https://git.example.org/lockkeeper")
        .rules(rules.into_descriptors())
        .properties(bag(json!({
            "ruleset_digest": run.tool.ruleset_digest,
            "config_digest": run.tool.config_digest,
        })))
        .build();
    let details = RunAutomationDetails::builder().id(format!("lockkeeper/{}/", run.source.kind));
    serde_sarif::sarif::Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .automation_details(details.build())
        .column_kind(json!("unicodeCodePoints"))
        .invocations(vec![invocation(run, cut)])
        .properties(bag(json!({
            "base": run.source.base.as_ref().map(ToString::to_string),
            "head": run.source.head.as_ref().map(ToString::to_string),
            "commits": run.source.commits,
            "files": run.source.files,
            "bytes": run.source.bytes,
        })))
        .results(results)
        .build()
}

/// The findings that are written, in their order, and how many were cut: what blocks stays first,
/// then what is most severe.
fn worst(findings: &[Decided]) -> (Vec<&Decided>, usize) {
    let mut ranked: Vec<(usize, &Decided)> = findings.iter().enumerate().collect();
    ranked.sort_by_key(|(at, decided)| {
        let blocks = decided.disposition == Disposition::Blocking;
        (std::cmp::Reverse((blocks, decided.finding.severity)), *at)
    });
    let cut = ranked.len().saturating_sub(KEPT);
    ranked.truncate(KEPT);
    ranked.sort_by_key(|(at, _)| *at);
    (ranked.into_iter().map(|(_, decided)| decided).collect(), cut)
}

fn invocation(run: &Run, cut: usize) -> Invocation {
    let whole = run.notices.iter().all(|notice| notice.level != Level::Error);
    let mut notifications: Vec<_> = run.notices.iter().map(notification).collect();
    if cut > 0 {
        let text =
            format!("{cut} further findings are left out here: the JSON report has them all");
        notifications.push(notification(&Notice::new(Level::Warning, text)));
    }
    Invocation::builder()
        .execution_successful(whole)
        .tool_execution_notifications(notifications)
        .build()
}

fn notification(notice: &Notice) -> Notification {
    let level = match notice.level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let location = notice.path.as_ref().map(|path| {
        let artifact = ArtifactLocation::builder().uri(path.to_uri()).build();
        let place = PhysicalLocation::builder().artifact_location(artifact).build();
        Location::builder().physical_location(place).build()
    });
    let notification = Notification::builder()
        .level(json!(level))
        .message(Message::builder().text(notice.message.clone()).build());
    match location {
        Some(location) => notification.locations(vec![location]).build(),
        None => notification.build(),
    }
}

/// A property bag of an object's members; anything else makes an empty one.
fn bag(members: Value) -> PropertyBag {
    let members = match members {
        Value::Object(members) => members.into_iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            std::collections::BTreeMap::new()
        }
    };
    PropertyBag::builder().additional_properties(members).build()
}
