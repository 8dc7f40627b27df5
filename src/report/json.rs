//! The report for programs, `lockkeeper.report/v1`: a stable interface, described by
//! `fixtures/schemas/lockkeeper.report.v1.json`.

use super::{Advisories, Run};
use crate::finding::{Level, Notice, Subject, Vulnerability};
use crate::gate::{Decided, Decision, Disposition, Waived};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes the report.
pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &run.verdict;
    let report = json!({
        "schema": "lockkeeper.report/v1",
        "tool": {
            "name": "lockkeeper",
            "version": run.tool.version,
            "ruleset_digest": run.tool.ruleset_digest,
            "config_digest": run.tool.config_digest,
        },
        "source": source(run),
        "advisories": run.advisories.iter().map(advisories).collect::<Vec<_>>(),
        "verdict": {
            "decision": decision(run),
            "fail_on": verdict.fail_on.as_str(),
            "blocking": verdict.count("blocking"),
            "advisory": verdict.count("advisory"),
            "baselined": verdict.count("baselined"),
            "waived": verdict.count("waived"),
        },
        "findings": verdict.findings.iter().map(finding).collect::<Vec<_>>(),
        "notices": run.notices.iter().map(notice).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// A run that could not look at everything has no right to say "pass".
fn decision(run: &Run) -> &'static str {
    let whole = run.notices.iter().all(|notice| notice.level != Level::Error);
    match run.verdict.decision {
        Decision::Pass if whole => "pass",
        Decision::Pass | Decision::Block => "block",
    }
}

fn source(run: &Run) -> Value {
    let source = &run.source;
    json!({
        "kind": source.kind,
        "repository": source.repository,
        "base": source.base.as_ref().map(ToString::to_string),
        "head": source.head.as_ref().map(ToString::to_string),
        "commits": source.commits,
        "files": source.files,
        "bytes": source.bytes,
        "lockfiles": source.lockfiles,
        "packages": source.packages,
    })
}

fn advisories(source: &Advisories) -> Value {
    json!({
        "source": source.source,
        "ecosystem": source.ecosystem,
        "records": source.records,
        "newest": source.newest,
        "digest": source.digest,
    })
}

fn finding(decided: &Decided) -> Value {
    let (finding, place) = (&decided.finding, &decided.finding.location);
    let mut value = json!({
        "rule": finding.rule.as_str(),
        "kind": finding.subject.kind(),
        "severity": finding.severity.as_str(),
        "confidence": finding.confidence.as_str(),
        "disposition": decided.disposition.as_str(),
        "message": finding.message,
        "fix": finding.fix,
        "path": place.path.to_string(),
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
        "commit": place.commit.as_ref().map(ToString::to_string),
        "fingerprint": finding.fingerprint.to_string(),
    });
    let mut extend = |key: &str, part: Value| {
        if let Some(object) = value.as_object_mut() {
            object.insert(key.to_owned(), part);
        }
    };
    match &finding.subject {
        Subject::Secret(redacted) => extend("secret", json!(redacted)),
        Subject::Package(found) => {
            extend("package", package(found));
            extend("advisory", advisory(found));
        }
        Subject::Policy => {}
    }
    if let Disposition::Waived(waived) = &decided.disposition {
        extend("waiver", waiver(waived));
    }
    value
}

fn package(found: &Vulnerability) -> Value {
    json!({
        "purl": found.package.purl(),
        "name": found.package.name,
        "version": found.package.version,
        "ecosystem": found.package.ecosystem.as_str(),
        "direct": found.direct,
        "dev": found.dev,
    })
}

fn advisory(found: &Vulnerability) -> Value {
    json!({
        "id": found.id,
        "aliases": found.aliases,
        "fixed": found.fixed,
        "cvss": found.cvss,
    })
}

fn waiver(waived: &Waived) -> Value {
    match waived {
        Waived::File(waiver) => json!({
            "id": waiver.id,
            "reason": waiver.reason,
            "owner": waiver.owner,
            "approved_by": waiver.approved_by,
            "until": waiver.until.to_string(),
        }),
        Waived::Comment(reason) => json!({ "reason": reason, "in_source": true }),
    }
}

fn notice(notice: &Notice) -> Value {
    json!({
        "level": notice.level,
        "message": notice.message,
        "path": notice.path.as_ref().map(ToString::to_string),
    })
}
