//! SARIF 2.1.0, as GitHub's code scanning reads it and its schema defines it.
//!
//! Every result has a location with both ends, a rule with non-empty texts, and the fingerprint by
//! which GitHub knows the line again. No snippet is written: a snippet could hold a secret. SARIF
//! calls what waivers and the baseline do a suppression.

use super::escape::{Escaped, inert_json};
use super::{Outcome, Run, rule_name};
use crate::finding::{CommitId, Confidence, Finding, Level, Location, Notice, Severity, Subject};
use crate::gate::{Decided, Disposition, WaivedBy};
use serde_json::{Value, json};
use serde_sarif::sarif;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const ROOT: &str = "%SRCROOT%";

/// GitHub keeps this many results of a run and drops the others without saying which.
const MOST_RESULTS: usize = 5_000;

/// GitHub refuses a longer description.
const LONGEST_TEXT: usize = 1_024;

/// GitHub refuses a longer name.
const LONGEST_NAME: usize = 255;

/// GitHub keeps this many tags of a rule.
const MOST_TAGS: usize = 10;

/// The most other places that are told of one secret.
const MOST_PLACES: usize = 100;

/// Writes the report.
pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let log = sarif::Sarif::builder().schema(SCHEMA).version("2.1.0").runs(vec![sarif_run(run)]);
    let json = serde_json::to_string_pretty(&log.build())?;
    writeln!(out, "{}", inert_json(&json))
}

fn sarif_run(run: &Run) -> sarif::Run {
    let kept = worst(&run.verdict.findings);
    let mut rules = BTreeMap::<String, Vec<&Finding>>::new();
    for Decided { finding, .. } in &kept {
        rules.entry(rule_name(finding)).or_default().push(finding);
    }
    let descriptors = rules.iter().map(|(name, findings)| descriptor(name, findings, run));
    let driver = sarif::ToolComponent::builder()
        .name(run.tool.name.as_str())
        .version(run.tool.version.as_str())
        .semantic_version(run.tool.version.as_str())
        .rules(descriptors.collect::<Vec<_>>())
        .build();
    let indexes: BTreeMap<&str, i64> = rules.keys().map(String::as_str).zip(0..).collect();
    let root =
        sarif::ArtifactLocation::builder().description("The root of the repository.").build();
    let mut sarif_run = sarif::Run::builder()
        .tool(driver)
        .results(kept.iter().map(|decided| result(decided, &indexes)).collect::<Vec<_>>())
        .column_kind("unicodeCodePoints")
        .automation_details(automation(run))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .invocations(vec![invocation(run, kept.len())])
        .properties(run_properties(run))
        .build();
    sarif_run.version_control_provenance = provenance(run);
    sarif_run
}

/// The findings that GitHub has room for, in their own order: those that block first, then the
/// worst.
fn worst(findings: &[Decided]) -> Vec<&Decided> {
    let mut ranked: Vec<_> = findings.iter().enumerate().collect();
    ranked.sort_by_key(|(at, Decided { finding, disposition })| {
        (*disposition != Disposition::Blocking, Reverse(finding.severity), *at)
    });
    ranked.truncate(MOST_RESULTS);
    ranked.sort_by_key(|(at, _)| *at);
    ranked.into_iter().map(|(_, decided)| decided).collect()
}

fn automation(run: &Run) -> sarif::RunAutomationDetails {
    // What precedes the last slash is GitHub's category: results of one kind of run replace those
    // of the last run of that kind, and leave others alone.
    let id = format!("lockkeeper/{}/", run.source.kind);
    sarif::RunAutomationDetails::builder().id(id).build()
}

fn provenance(run: &Run) -> Option<Vec<sarif::VersionControlDetails>> {
    let uri = run.source.repository_uri.as_deref().filter(|uri| is_uri(uri))?;
    let revision = run.source.head.as_ref()?.as_str();
    let details = sarif::VersionControlDetails::builder()
        .repository_uri(uri)
        .revision_id(revision)
        .mapped_to(sarif::ArtifactLocation::builder().uri_base_id(ROOT).build());
    Some(vec![details.build()])
}

fn run_properties(run: &Run) -> sarif::PropertyBag {
    let (base, head) = (run.source.base.as_ref(), run.source.head.as_ref());
    bag([
        ("rulesetDigest", json!(run.tool.ruleset_digest)),
        ("configDigest", json!(run.tool.config_digest)),
        ("base", json!(base.map(CommitId::as_str))),
        ("head", json!(head.map(CommitId::as_str))),
    ])
}

fn invocation(run: &Run, kept: usize) -> sarif::Invocation {
    let mut notifications: Vec<_> = run.notices().into_iter().map(notification).collect();
    let all = run.verdict.findings.len();
    if kept < all {
        let left_out = format!(
            "{kept} of {all} results are kept, those that block first, for GitHub takes no more: \
             the other report formats have them all"
        );
        notifications.push(notification(&Notice::new(Level::Warning, left_out)));
    }
    sarif::Invocation::builder()
        .execution_successful(run.outcome() != Outcome::Incomplete)
        .tool_execution_notifications(notifications)
        .build()
}

fn notification(notice: &Notice) -> sarif::Notification {
    let level = match notice.level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let mut notification =
        sarif::Notification::builder().level(level).message(&message(&notice.message)).build();
    notification.locations = notice.path.as_ref().map(|path| {
        let physical =
            sarif::PhysicalLocation::builder().artifact_location(artifact(&path.to_uri())).build();
        vec![sarif::Location::builder().physical_location(physical).build()]
    });
    notification
}

fn result(decided: &Decided, indexes: &BTreeMap<&str, i64>) -> sarif::Result {
    let Decided { finding, disposition } = decided;
    let rule = rule_name(finding);
    let mut result = sarif::Result::builder()
        .level(level(finding.severity, disposition))
        .message(&message(filled(&with_upgrade(finding), &rule)))
        .locations(vec![location(&finding.location)])
        .partial_fingerprints(fingerprints(finding))
        .properties(result_properties(decided))
        .build();
    result.rule_index = indexes.get(rule.as_str()).copied();
    result.rule_id = Some(rule);
    result.related_locations = elsewhere(finding);
    result.suppressions = suppression(disposition).map(|suppression| vec![suppression]);
    result
}

/// What a finding says, with the upgrade that solves it.
fn with_upgrade(finding: &Finding) -> String {
    let Finding { message, fix, .. } = finding;
    match upgrade(finding) {
        Some(_) => format!("{message}; {fix}"),
        None => message.clone(),
    }
}

/// The version of the package that solves a finding.
fn upgrade(finding: &Finding) -> Option<&str> {
    let Subject::Package(vulnerability) = &finding.subject else { return None };
    let upgrade = vulnerability.advice.upgrade.as_ref()?;
    upgrade.solves(&vulnerability.id).then_some(upgrade.version.as_str())
}

/// Where else the same secret is.
fn elsewhere(finding: &Finding) -> Option<Vec<sarif::Location>> {
    let Subject::Secret(secret) = &finding.subject else { return None };
    let places = secret.elsewhere.iter().take(MOST_PLACES).map(location);
    Some(places.collect::<Vec<_>>()).filter(|places| !places.is_empty())
}

fn level(severity: Severity, disposition: &Disposition) -> sarif::ResultLevel {
    match (disposition, severity) {
        (Disposition::Blocking, _) => sarif::ResultLevel::Error,
        (_, Severity::Low) => sarif::ResultLevel::Note,
        (_, Severity::Medium | Severity::High | Severity::Critical) => sarif::ResultLevel::Warning,
    }
}

fn location(place: &Location) -> sarif::Location {
    let end = place.end.max(place.start);
    let region = sarif::Region::builder()
        .start_line(i64::from(place.start.line.get()))
        .start_column(i64::from(place.start.column.get()))
        .end_line(i64::from(end.line.get()))
        .end_column(i64::from(end.column.get()))
        .build();
    let physical = sarif::PhysicalLocation::builder()
        .artifact_location(artifact(&place.path.to_uri()))
        .region(region)
        .build();
    sarif::Location::builder().physical_location(physical).build()
}

fn artifact(uri: &str) -> sarif::ArtifactLocation {
    sarif::ArtifactLocation::builder().uri(uri).uri_base_id(ROOT).build()
}

fn fingerprints(finding: &Finding) -> BTreeMap<String, String> {
    let ours = ("lockkeeperFingerprint/v1", Some(finding.fingerprint.to_string()));
    let line = ("primaryLocationLineHash", finding.line_hash.clone());
    let known = [ours, line].into_iter().filter_map(|(name, hash)| Some((name.to_owned(), hash?)));
    known.collect()
}

fn result_properties(Decided { finding, disposition }: &Decided) -> sarif::PropertyBag {
    let commit = finding.location.commit.as_ref();
    let purl = match &finding.subject {
        Subject::Package(vulnerability) => Some(vulnerability.package.purl()),
        Subject::Licence(licensed) => Some(licensed.package.purl()),
        Subject::Secret(_) | Subject::Policy => None,
    };
    let state = match &finding.subject {
        Subject::Secret(secret) => Some(secret.state.as_str()),
        Subject::Policy | Subject::Package(_) | Subject::Licence(_) => None,
    };
    let known = [
        ("kind", Some(finding.subject.kind())),
        ("severity", Some(finding.severity.as_str())),
        ("confidence", Some(finding.confidence.as_str())),
        ("disposition", Some(disposition.as_str())),
        ("commit", commit.map(CommitId::as_str)),
        ("purl", purl.as_deref()),
        ("state", state),
        ("upgrade", upgrade(finding)),
    ];
    let path = match &finding.subject {
        Subject::Package(vulnerability) => vulnerability.advice.path_purls(),
        Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => None,
    };
    let path = path.filter(|path| !path.is_empty()).map(|path| ("path", json!(path)));
    let known = known.into_iter().filter_map(|(name, value)| Some((name, json!(value?))));
    bag(known.chain(path))
}

fn suppression(disposition: &Disposition) -> Option<sarif::Suppression> {
    let (kind, justification) = match disposition {
        Disposition::Blocking | Disposition::Advisory => return None,
        Disposition::Baselined => ("external", "recorded in the baseline".to_owned()),
        Disposition::Waived(WaivedBy::Inline { reason }) => ("inSource", reason.clone()),
        Disposition::Waived(WaivedBy::Allow { reason } | WaivedBy::Vex { reason, .. }) => {
            ("external", reason.clone())
        }
        Disposition::Waived(WaivedBy::Waiver { reason, owner, approved_by, until }) => {
            let approved = approved_by.as_ref().map(|name| format!(", approved by {name}"));
            let approved = approved.unwrap_or_default();
            ("external", format!("{reason} ({owner}{approved}, until {until})"))
        }
    };
    let justification = Escaped(&justification).to_string();
    let suppression = sarif::Suppression::builder().kind(kind).status("accepted");
    Some(suppression.justification(justification).build())
}

fn descriptor(name: &str, findings: &[&Finding], run: &Run) -> sarif::ReportingDescriptor {
    let texts = Texts::of(name, findings, run);
    let severity = findings.iter().map(|f| f.severity).max().unwrap_or(Severity::Low);
    let tags = ["security".to_owned()].into_iter().chain(texts.tags.iter().cloned());
    let precision = match findings.iter().map(|f| f.confidence).max() {
        Some(Confidence::High) => "high",
        Some(Confidence::Medium) => "medium",
        Some(Confidence::Low) | None => "low",
    };
    let mut properties = bag([
        ("precision", json!(precision)),
        ("security-severity", json!(security_severity(severity, findings))),
    ]);
    properties.tags = Some(tags.take(MOST_TAGS).collect());
    let help = sarif::MultiformatMessageString::builder()
        .text(texts.help_text())
        .markdown(texts.help_markdown())
        .build();
    let default = level(severity, &Disposition::Advisory);
    let default = sarif::ReportingConfiguration::builder().level(json!(default)).build();
    let mut descriptor = sarif::ReportingDescriptor::builder()
        .id(name)
        .name(friendly_name(name))
        .short_description(&cut(&texts.title))
        .full_description(&cut(&texts.why))
        .help(help)
        .default_configuration(default)
        .properties(properties)
        .build();
    descriptor.help_uri = texts.references.into_iter().find(|uri| is_uri(uri));
    descriptor
}

/// A rule's id as one word: `secret/github-pat` is `SecretGithubPat`.
fn friendly_name(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric());
    let capitalized = words.flat_map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters)
    });
    capitalized.take(LONGEST_NAME).collect()
}

/// GitHub's number for a severity: the CVSS score where it agrees, else the middle of the band.
fn security_severity(severity: Severity, findings: &[&Finding]) -> String {
    let scores = findings.iter().filter_map(|finding| match &finding.subject {
        Subject::Package(vulnerability) => vulnerability.score,
        Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => None,
    });
    let agree = |score: &f64| score.is_finite() && Severity::from_cvss(*score) == severity;
    let score = scores.filter(agree).max_by(f64::total_cmp).unwrap_or(match severity {
        Severity::Low => 2.0,
        Severity::Medium => 5.5,
        Severity::High => 8.0,
        Severity::Critical => 9.5,
    });
    format!("{:.1}", score.clamp(0.1, 10.0))
}

/// What a rule says of itself; no text is empty, and none can be obeyed.
struct Texts {
    title: String,
    why: String,
    fix: String,
    references: Vec<String>,
    tags: Vec<String>,
}

impl Texts {
    fn of(name: &str, findings: &[&Finding], run: &Run) -> Self {
        let first = findings.first();
        let doc = first.and_then(|finding| run.rules.get(&finding.rule));
        let message = first.map_or("", |finding| &finding.message);
        let fix = first.map_or("", |finding| &finding.fix);
        let (title, why) = doc.map_or((message, message), |doc| (&doc.title, &doc.why));
        let mut texts = Self {
            title: title.to_owned(),
            why: why.to_owned(),
            fix: doc.map_or(fix, |doc| &doc.fix).to_owned(),
            references: doc.map(|doc| doc.references.clone()).unwrap_or_default(),
            tags: doc.map(|doc| doc.tags.clone()).unwrap_or_default(),
        };
        if let Some(Subject::Package(vulnerability)) = first.map(|finding| &finding.subject) {
            texts.title.clone_from(&vulnerability.summary);
            let ids: Vec<_> =
                [&vulnerability.id].into_iter().chain(&vulnerability.aliases).collect();
            let ids = ids.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            texts.why = format!("{ids}: {}", vulnerability.summary);
            fix.clone_into(&mut texts.fix);
            texts.references.splice(..0, vulnerability.url.clone());
        }
        let shown = |text: &str, otherwise| Escaped(filled(text, otherwise)).to_string();
        texts.title = shown(&texts.title, name);
        texts.why = shown(&texts.why, &texts.title);
        texts.fix = shown(&texts.fix, &texts.why);
        texts
    }

    fn help_text(&self) -> String {
        let references = self.references.iter().filter(|uri| is_uri(uri));
        let lines = [&self.why, &self.fix].into_iter().chain(references).map(String::as_str);
        lines.collect::<Vec<_>>().join("\n")
    }

    fn help_markdown(&self) -> String {
        let references = self.references.iter().filter(|uri| is_uri(uri));
        let references = references.map(|uri| format!("<{uri}>"));
        let lines = [markdown(&self.why), markdown(&self.fix)].into_iter().chain(references);
        lines.collect::<Vec<_>>().join("\n\n")
    }
}

/// GitHub takes an empty text for a missing one.
fn filled<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.trim().is_empty() { otherwise } else { text }
}

/// A message's text: SARIF reads `[text](target)` in it as a link.
fn message(text: &str) -> String {
    let text = Escaped(text).to_string();
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text }
}

/// Text that Markdown shows as it is.
fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, ',' | '.' | ';' | ':' | '\'' | '"' | '/' | '-')
        {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

fn cut(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut units = 0;
    let head = text.chars().take_while(|c| {
        units += c.len_utf16();
        units < LONGEST_TEXT
    });
    head.chain(['…']).collect()
}

/// Whether text is a web address that can stand in a URI field and between angle brackets.
fn is_uri(text: &str) -> bool {
    let safe = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && host.chars().all(safe))
}

fn bag<'a>(properties: impl IntoIterator<Item = (&'a str, Value)>) -> sarif::PropertyBag {
    let properties = properties.into_iter().map(|(name, value)| (name.to_owned(), value));
    let properties: BTreeMap<_, _> = properties.collect();
    sarif::PropertyBag::builder().additional_properties(properties).build()
}
