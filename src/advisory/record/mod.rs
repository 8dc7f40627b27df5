//! OSV records (<https://ossf.github.io/osv-schema/>), read leniently: unknown fields, ecosystems
//! and range types cost nothing, and one entry that cannot be read does not cost the others.

use super::document::{Advisory, Document, Entry, Kind, date};
use super::lenient::{FirstLine, List, Object, Present, Text};
use super::matching::{Affected, Event, Range, Versions};
use super::rating::Rating;
use super::summary::one_line;
use crate::package::Ecosystem;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The longest summary that is kept.
const SUMMARY: usize = 200;

/// Reads one record. `None` where it is about no wanted ecosystem; an error says why a record that
/// may be about one cannot be read.
pub(super) fn read(json: &[u8], wanted: &BTreeSet<Ecosystem>) -> Result<Option<Document>, String> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json).trim_ascii_start();
    if !json.starts_with(b"{") {
        return Err("not a JSON object".to_owned());
    }
    match serde_json::from_slice::<Record<'_>>(json) {
        Ok(record) => Ok(document(&record, wanted, Vec::new())),
        Err(error) => mend(json, wanted, &error),
    }
}

#[derive(Debug, Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    modified: Text<'a>,
    #[serde(default)]
    withdrawn: Present,
    #[serde(borrow, default)]
    aliases: List<Text<'a>>,
    #[serde(default)]
    summary: FirstLine,
    #[serde(default)]
    details: FirstLine,
    #[serde(borrow, default)]
    severity: List<Object<Score<'a>>>,
    #[serde(borrow, default)]
    affected: Option<Vec<AffectedPackage<'a>>>,
    #[serde(borrow, default)]
    references: List<Object<Reference<'a>>>,
    #[serde(borrow, default)]
    database_specific: Object<Specific<'a>>,
}

#[derive(Debug, Deserialize)]
struct AffectedPackage<'a> {
    #[serde(borrow, default)]
    package: Option<Name<'a>>,
    #[serde(borrow, default)]
    ranges: List<RawRange<'a>>,
    #[serde(borrow, default)]
    versions: List<Text<'a>>,
    #[serde(borrow, default)]
    severity: List<Object<Score<'a>>>,
    #[serde(borrow, default)]
    database_specific: Object<Specific<'a>>,
    #[serde(borrow, default)]
    ecosystem_specific: Object<Specific<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Name<'a> {
    #[serde(borrow)]
    ecosystem: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct RawRange<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    events: List<RawEvent<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawEvent<'a> {
    #[serde(borrow)]
    introduced: Text<'a>,
    #[serde(borrow)]
    fixed: Text<'a>,
    #[serde(borrow)]
    last_affected: Text<'a>,
    #[serde(borrow)]
    limit: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Score<'a> {
    #[serde(borrow)]
    score: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

/// The fields that databases add: GitHub's word for the severity, `RustSec`'s kind and categories,
/// and Go's sign that it could not express the real ranges.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Specific<'a> {
    #[serde(borrow)]
    severity: Text<'a>,
    #[serde(borrow)]
    informational: Text<'a>,
    #[serde(borrow)]
    categories: List<Text<'a>>,
    custom_ranges: Present,
}

/// A record in which something is not of its type: the entries that can be read are kept.
fn mend(
    json: &[u8],
    wanted: &BTreeSet<Ecosystem>,
    error: &serde_json::Error,
) -> Result<Option<Document>, String> {
    let mut value: Value = serde_json::from_slice(json).map_err(|e| format!("not JSON: {e}"))?;
    let Some(entries) = value.get_mut("affected").and_then(Value::as_array_mut) else {
        return Err(error.to_string());
    };
    if !entries.iter().any(|entry| may_concern(entry, wanted)) {
        return Ok(None);
    }
    let mut problems = Vec::new();
    entries.retain(|entry| match AffectedPackage::deserialize(entry) {
        Ok(_) => true,
        Err(error) => {
            problems.extend(may_concern(entry, wanted).then(|| error.to_string()));
            false
        }
    });
    let record = Record::deserialize(&value).map_err(|_| error.to_string())?;
    Ok(document(&record, wanted, problems))
}

/// Whether an entry of `affected` is about a wanted ecosystem, or too odd to tell.
fn may_concern(entry: &Value, wanted: &BTreeSet<Ecosystem>) -> bool {
    match entry.get("package") {
        None | Some(Value::Null) => !entry.is_object(),
        Some(package) => match package.get("ecosystem").map(Value::as_str) {
            Some(Some(text)) => text.parse().is_ok_and(|ecosystem| wanted.contains(&ecosystem)),
            None | Some(None) => true,
        },
    }
}

fn document(
    record: &Record<'_>,
    wanted: &BTreeSet<Ecosystem>,
    problems: Vec<String>,
) -> Option<Document> {
    let id = one_line(record.id.get().unwrap_or(""), SUMMARY);
    let modified = record.modified.get().and_then(date);
    let mut document = Document {
        id: id.into(),
        modified,
        dated: modified,
        withdrawn: record.withdrawn.0,
        entries: Vec::new(),
        problems,
    };
    for affected in record.affected.iter().flatten() {
        let Some(package) = &affected.package else { continue };
        let ecosystem = package.ecosystem.get().and_then(|text| text.parse().ok());
        let Some(ecosystem) = ecosystem.filter(|it| wanted.contains(it)) else { continue };
        match package.name.get() {
            Some(name) => add(&mut document, record, affected, (ecosystem, name)),
            None => document.problems.push("a package without a name".to_owned()),
        }
    }
    if document.id.is_empty() && !document.entries.is_empty() {
        document.problems.push("it has no id".to_owned());
    }
    (!document.entries.is_empty() || !document.problems.is_empty()).then_some(document)
}

/// Adds what one entry says to what the record said of the same package before.
fn add(
    document: &mut Document,
    record: &Record<'_>,
    affected: &AffectedPackage<'_>,
    (ecosystem, name): (Ecosystem, &str),
) {
    let name = ecosystem.canonical_name(name);
    let ranges: Vec<_> =
        affected.ranges.0.iter().filter_map(|raw| range(raw, &mut document.problems)).collect();
    let versions = affected.versions.0.iter().filter_map(Text::get);
    if ranges.is_empty() && !affected.ranges.0.is_empty() && affected.versions.0.is_empty() {
        document.problems.push(format!("{name} has ranges of commits alone, which are not read"));
    }
    let specific = [&affected.database_specific.0, &affected.ecosystem_specific.0];
    let wider = specific.iter().any(|specific| specific.custom_ranges.0);
    let same = |entry: &&mut Entry| entry.ecosystem == ecosystem && entry.name == name;
    if let Some(Entry { advisory, .. }) = document.entries.iter_mut().find(same) {
        advisory.affected.ranges.extend(ranges);
        advisory.affected.versions = advisory.affected.versions.extended(versions);
        advisory.kind = advisory.kind.max(kind(record, &specific));
        advisory.wider |= wider;
        return;
    }
    let advisory = Advisory {
        id: document.id.clone(),
        aliases: aliases(record),
        kind: kind(record, &specific),
        summary: summary(record).into(),
        url: url(record),
        rating: rating(record, affected, &specific),
        affected: Affected { versions: Versions::default().extended(versions), ranges },
        wider,
    };
    document.entries.push(Entry { ecosystem, name, advisory });
}

fn range(raw: &RawRange<'_>, problems: &mut Vec<String>) -> Option<Range> {
    if raw.kind.get() == Some("GIT") {
        return None;
    }
    let mut events = Vec::new();
    for raw in &raw.events.0 {
        let before = events.len();
        events.extend(raw.introduced.get().map(|text| Event::Introduced(text.into())));
        events.extend(raw.fixed.get().map(|text| Event::Fixed(text.into())));
        events.extend(raw.last_affected.get().map(|text| Event::LastAffected(text.into())));
        events.extend(raw.limit.get().map(|text| Event::Limit(text.into())));
        if events.len() == before {
            problems
                .push("an event that is neither introduced, fixed, last_affected nor limit".into());
        }
    }
    if !events.iter().any(|event| matches!(event, Event::Introduced(_))) {
        problems.push("a range without an introduced event".into());
    }
    Some(Range(events))
}

fn kind(record: &Record<'_>, specific: &[&Specific<'_>]) -> Kind {
    let mut ids = record.id.get().into_iter().chain(record.aliases.0.iter().filter_map(Text::get));
    let malicious = |specific: &&Specific<'_>| {
        specific.categories.0.iter().any(|category| category.get() == Some("malicious"))
    };
    if ids.any(|id| id.starts_with("MAL-")) || specific.iter().any(malicious) {
        return Kind::Malicious;
    }
    let informational = specific.iter().find_map(|specific| specific.informational.get());
    informational.map_or(Kind::Vulnerability, Kind::informational)
}

fn aliases(record: &Record<'_>) -> Vec<Box<str>> {
    let aliases = record.aliases.0.iter().filter_map(Text::get);
    aliases.map(|alias| one_line(alias, SUMMARY).into()).collect()
}

fn summary(record: &Record<'_>) -> String {
    let lines = [&record.summary.0, &record.details.0];
    let line = lines.into_iter().find(|line| !line.is_empty());
    one_line(line.map_or("", |line| line.trim_start_matches('#')), SUMMARY)
}

fn url(record: &Record<'_>) -> Option<Box<str>> {
    let urls = record.references.0.iter().filter_map(|reference| reference.0.url.get());
    let mut web = urls.filter(|url| {
        url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
    });
    web.next().map(Into::into)
}

fn rating(
    record: &Record<'_>,
    affected: &AffectedPackage<'_>,
    specific: &[&Specific<'_>],
) -> Rating {
    let scores = affected.severity.0.iter().chain(&record.severity.0);
    let own = specific.iter().copied().chain([&record.database_specific.0]);
    Rating::new(
        scores.filter_map(|score| score.0.score.get()),
        own.filter_map(|specific| specific.severity.get()),
    )
}

#[cfg(test)]
mod tests;
