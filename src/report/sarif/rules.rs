//! The rules of a SARIF run: one a rule, and one an advisory, since a rule carries the severity of
//! all its results.

use super::bag;
use crate::finding::{Confidence, Finding, RuleId, Severity, Subject, Vulnerability};
use crate::gate::Decided;
use crate::report::{RuleDoc, Run};
use serde_json::json;
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingDescriptor};
use std::collections::BTreeMap;

/// How many code points GitHub reads of a description.
const DESCRIPTION: usize = 1024;

/// The descriptors of the rules that found something, by id.
pub(super) struct Rules(BTreeMap<String, ReportingDescriptor>);

impl Rules {
    /// The rules of these findings.
    pub(super) fn of(run: &Run, findings: &[&Decided]) -> Self {
        let mut rules = BTreeMap::new();
        for decided in findings {
            let finding = &decided.finding;
            let doc = run.rules.get(&finding.rule);
            let describe = || describe(finding, doc);
            rules.entry(rule_id(finding)).or_insert_with(describe);
        }
        Self(rules)
    }

    /// Where a finding's rule stands in the list.
    pub(super) fn index(&self, finding: &Finding) -> Option<i64> {
        let id = rule_id(finding);
        self.0.keys().position(|key| *key == id).and_then(|at| i64::try_from(at).ok())
    }

    pub(super) fn into_descriptors(self) -> Vec<ReportingDescriptor> {
        self.0.into_values().collect()
    }
}

/// `secret/github-pat`, `CI-001`, `DEP-001.GHSA-…`.
pub(super) fn rule_id(finding: &Finding) -> String {
    match &finding.subject {
        Subject::Package(found) => format!("{}.{}", finding.rule, found.id),
        Subject::Secret(_) | Subject::Policy => finding.rule.to_string(),
    }
}

fn describe(finding: &Finding, doc: Option<&RuleDoc>) -> ReportingDescriptor {
    let text = match &finding.subject {
        Subject::Package(found) => advisory_text(finding, found),
        Subject::Secret(_) | Subject::Policy => rule_text(&finding.rule, doc),
    };
    let rule = ReportingDescriptor::builder()
        .id(rule_id(finding))
        .name(rule_id(finding))
        .short_description(plain(&text.title))
        .full_description(plain(&text.why))
        .help(
            MultiformatMessageString::builder()
                .text(filled(&format!("{} {}", text.why, text.fix)))
                .markdown(filled(&text.markdown()))
                .build(),
        )
        .properties(properties(finding));
    match text.references.into_iter().next() {
        Some(uri) => rule.help_uri(uri).build(),
        None => rule.build(),
    }
}

fn rule_text(id: &RuleId, doc: Option<&RuleDoc>) -> RuleDoc {
    doc.cloned().unwrap_or_else(|| RuleDoc {
        title: id.to_string(),
        why: format!("See 'lockkeeper rules explain {id}'."),
        fix: String::new(),
        references: Vec::new(),
    })
}

fn advisory_text(finding: &Finding, found: &Vulnerability) -> RuleDoc {
    let summary = if found.summary.is_empty() { &found.id } else { &found.summary };
    let aliases = found.aliases.join(", ");
    let also = if aliases.is_empty() { aliases } else { format!(" (also {aliases})") };
    RuleDoc {
        title: format!("{}: {summary}", found.id),
        why: format!("{} holds against {}{also}. {summary}", found.id, found.package.name),
        fix: finding.fix.clone(),
        references: found.url.iter().cloned().collect(),
    }
}

impl RuleDoc {
    fn markdown(&self) -> String {
        let links = self.references.iter().map(|uri| format!("\n- <{uri}>"));
        format!("{}\n\n**What to do:** {}\n{}", self.why, self.fix, links.collect::<String>())
    }
}

fn properties(finding: &Finding) -> PropertyBag {
    let precision = match finding.confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "low",
    };
    let mut properties = bag(json!({
        "precision": precision,
        "security-severity": security_severity(finding),
    }));
    properties.tags = Some(vec!["security".to_owned(), finding.subject.kind().to_owned()]);
    properties
}

/// GitHub's number, as a string: the advisory's own score, or the middle of the severity's band.
fn security_severity(finding: &Finding) -> String {
    let own = match &finding.subject {
        Subject::Package(found) => found.score.filter(|score| *score > 0.0),
        Subject::Secret(_) | Subject::Policy => None,
    };
    let band = match finding.severity {
        Severity::Low => 2.0,
        Severity::Medium => 5.5,
        Severity::High => 8.0,
        Severity::Critical => 9.5,
    };
    format!("{:.1}", own.unwrap_or(band))
}

fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(filled(text)).build()
}

/// Never empty, which GitHub takes for missing, and never longer than it reads.
fn filled(text: &str) -> String {
    let text: String = text.trim().chars().take(DESCRIPTION).collect();
    if text.is_empty() { "No description.".to_owned() } else { text }
}
