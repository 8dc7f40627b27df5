//! OSV records (<https://ossf.github.io/osv-schema/>): one JSON object an advisory, in zips and
//! folders.
//!
//! Real records are lenient with their own schema, so are we: what is missing, null or unknown is
//! passed over where it does not decide a match. A record that cannot be read at all is remarked
//! on, not lost.

use super::affects::{Affects, Event};
use super::{Advisory, AdvisoryError, Kind};
use crate::finding::{Level, Notice, Severity};
use crate::package::Ecosystem;
use cvss::Cvss;
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;
use zip::ZipArchive;

/// The largest record that is read, in bytes; the largest real one has about 2 MB.
const RECORD: u64 = 16 << 20;

/// The most that one zip may inflate to, in bytes; the largest real one inflates to about 1 GB.
const ARCHIVE: u64 = 8 << 30;

/// What a source held about the wanted ecosystems.
#[derive(Default)]
pub(super) struct Read {
    /// The advisories, each under its ecosystem and canonical package name.
    pub advisories: Vec<(Ecosystem, String, Advisory)>,
    /// One entry a record: its ecosystems and when it was changed.
    pub records: Vec<(BTreeSet<Ecosystem>, Option<Timestamp>)>,
    /// Records that could not be read.
    pub notices: Vec<Notice>,
    /// SHA-256 over what was read.
    pub digest: Vec<u8>,
}

/// Reads a zip of records.
pub(super) fn read_zip(path: &Path, wanted: &BTreeSet<Ecosystem>) -> Result<Read, AdvisoryError> {
    let corrupt = |why: String| AdvisoryError::Corrupt { path: path.to_owned(), why };
    let bytes =
        fs::read(path).map_err(|source| AdvisoryError::Io { path: path.to_owned(), source })?;
    let archive =
        ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(|why| corrupt(why.to_string()))?;
    if archive.decompressed_size().is_some_and(|size| size > u128::from(ARCHIVE)) {
        return Err(corrupt(format!("it inflates to more than {ARCHIVE} bytes")));
    }
    // The directory is parsed once; a clone shares it.
    let records = (0..archive.len()).into_par_iter().map_init(
        || archive.clone(),
        |archive, at| {
            let entry = archive.by_index(at).map_err(|why| corrupt(why.to_string()))?;
            let name = entry.name().map_err(|why| corrupt(why.to_string()))?.into_owned();
            if Path::new(&name).extension().is_none_or(|extension| extension != "json") {
                return Ok(None);
            }
            let mut text = Vec::new();
            let size = entry.take(RECORD + 1).read_to_end(&mut text);
            let size = size.map_err(|why| corrupt(format!("{name}: {why}")))?;
            if size as u64 > RECORD {
                return Err(corrupt(format!("{name} has more than {RECORD} bytes")));
            }
            Ok(Some(parse(&name, &text, wanted)))
        },
    );
    let records = records.collect::<Result<Vec<_>, AdvisoryError>>()?;
    let mut read = gather(records.into_iter().flatten());
    read.digest = Sha256::digest(&bytes).to_vec();
    Ok(read)
}

/// Reads a folder: every record and every zip below it, but for folders that are named for an
/// ecosystem that is not wanted.
pub(super) fn read_folder(
    path: &Path,
    wanted: &BTreeSet<Ecosystem>,
) -> Result<Read, AdvisoryError> {
    let (mut records, mut zips) = (Vec::new(), Vec::new());
    let walk = WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_str().unwrap_or("");
        entry.depth() == 0
            || (name != ".git" && name.parse::<Ecosystem>().map_or(true, |e| wanted.contains(&e)))
    });
    for entry in walk {
        let entry =
            entry.map_err(|why| AdvisoryError::Io { path: path.to_owned(), source: why.into() })?;
        match entry.path().extension().and_then(|extension| extension.to_str()) {
            Some("json") => records.push(entry.into_path()),
            Some("zip") => zips.push(entry.into_path()),
            _ => {}
        }
    }
    let texts = records.into_par_iter().map(|file| read_record(path, &file, wanted));
    let texts = texts.collect::<Result<Vec<_>, AdvisoryError>>()?;
    let mut digest = Sha256::new();
    for (hash, _) in &texts {
        digest.update(hash);
    }
    let mut read = gather(texts.into_iter().map(|(_, record)| record));
    for zip in zips {
        let inner = read_zip(&zip, wanted)?;
        digest.update(&inner.digest);
        read.advisories.extend(inner.advisories);
        read.records.extend(inner.records);
        read.notices.extend(inner.notices);
    }
    read.digest = digest.finalize().to_vec();
    Ok(read)
}

fn read_record(
    root: &Path,
    file: &PathBuf,
    wanted: &BTreeSet<Ecosystem>,
) -> Result<(Vec<u8>, Parsed), AdvisoryError> {
    let text = fs::read(file).map_err(|source| AdvisoryError::Io { path: file.clone(), source })?;
    let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let hash = Sha256::new().chain_update(&name).chain_update(&text).finalize().to_vec();
    Ok((hash, parse(&name, &text, wanted)))
}

/// A record as OSV writes it; only what decides a match or is shown. Everything else, the long
/// texts above all, is skipped without being copied.
#[derive(Deserialize)]
struct Record {
    id: String,
    modified: Option<String>,
    withdrawn: Option<String>,
    aliases: Option<Vec<String>>,
    summary: Option<String>,
    severity: Option<Vec<Score>>,
    affected: Option<Vec<Affected>>,
    database_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Score {
    score: Option<String>,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Named>,
    ranges: Option<Vec<Range>>,
    // Some recorded answers hold a count here.
    #[serde(default)]
    versions: serde_json::Value,
    severity: Option<Vec<Score>>,
    database_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Named {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: Option<String>,
    events: Option<Vec<WrittenEvent>>,
}

#[derive(Deserialize)]
struct WrittenEvent {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
    limit: Option<String>,
}

#[derive(Deserialize)]
struct Specific {
    #[serde(default)]
    severity: serde_json::Value,
    #[serde(default)]
    informational: serde_json::Value,
}

enum Parsed {
    Record {
        advisories: Vec<(Ecosystem, String, Advisory)>,
        modified: Option<Timestamp>,
        about: BTreeSet<Ecosystem>,
    },
    Bad(Notice),
}

fn gather(records: impl Iterator<Item = Parsed>) -> Read {
    let mut read = Read::default();
    for record in records {
        match record {
            Parsed::Record { about, .. } if about.is_empty() => {}
            Parsed::Record { advisories, modified, about } => {
                read.advisories.extend(advisories);
                read.records.push((about, modified));
            }
            Parsed::Bad(notice) => read.notices.push(notice),
        }
    }
    read
}

fn parse(name: &str, text: &[u8], wanted: &BTreeSet<Ecosystem>) -> Parsed {
    let record: Record = match serde_json::from_slice(text) {
        Ok(record) => record,
        Err(why) => {
            let text = format!(
                "the advisory {name} cannot be read, so nothing is matched against it: {why}"
            );
            return Parsed::Bad(Notice::new(Level::Warning, text));
        }
    };
    // A date before the first advisory is a default, not a date.
    let modified = record.modified.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let modified = modified.filter(|time| time.as_second() > 0);
    let (mut advisories, mut about) = (Vec::new(), BTreeSet::new());
    for affected in record.affected.iter().flatten() {
        let Some(package) = &affected.package else { continue };
        let Ok(ecosystem) = package.ecosystem.parse::<Ecosystem>() else { continue };
        if !wanted.contains(&ecosystem) {
            continue;
        }
        about.insert(ecosystem);
        if record.withdrawn.is_none() {
            let name = ecosystem.canonical_name(&package.name);
            advisories.push((ecosystem, name, advisory(&record, affected)));
        }
    }
    Parsed::Record { advisories, modified, about }
}

fn advisory(record: &Record, affected: &Affected) -> Advisory {
    let scored = highest(affected.severity.iter().chain(&record.severity).flatten());
    let kind = kind(record, affected);
    let mut word = [&affected.database_specific, &record.database_specific].into_iter().flatten();
    let word = word.find_map(|specific| word_severity(specific.severity.as_str()?));
    let severity = match kind {
        Kind::Malicious => Severity::Critical,
        Kind::Informational => Severity::Low,
        Kind::Vulnerability => scored
            .as_ref()
            .map(|(score, _)| Severity::from_cvss(*score))
            .or(word)
            .unwrap_or(Severity::Medium),
    };
    Advisory {
        id: record.id.clone(),
        aliases: record.aliases.clone().unwrap_or_default(),
        summary: record.summary.clone().unwrap_or_default(),
        kind,
        severity,
        score: scored.as_ref().map(|(score, _)| *score),
        cvss: scored.map(|(_, vector)| vector),
        url: Some(format!("https://osv.dev/vulnerability/{}", record.id)),
        affects: affects(affected),
    }
}

fn kind(record: &Record, affected: &Affected) -> Kind {
    let specific = affected.database_specific.as_ref();
    if record.id.starts_with("MAL-") {
        Kind::Malicious
    } else if specific.is_some_and(|specific| specific.informational.is_string()) {
        Kind::Informational
    } else {
        Kind::Vulnerability
    }
}

/// The vector with the highest base score.
pub(super) fn highest_vector(vectors: impl Iterator<Item = String>) -> Option<(f64, String)> {
    let scored = vectors.filter_map(|vector| Some((vector.parse::<Cvss>().ok()?.score(), vector)));
    scored.max_by(|(a, _), (b, _)| a.total_cmp(b))
}

fn highest<'a>(scores: impl Iterator<Item = &'a Score>) -> Option<(f64, String)> {
    highest_vector(scores.filter_map(|score| score.score.clone()))
}

/// GitHub's words and their like.
fn word_severity(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "high" | "important" => Some(Severity::High),
        "moderate" | "medium" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        _ => None,
    }
}

fn affects(affected: &Affected) -> Affects {
    // Git ranges name commits, which no lockfile of a registry does.
    let ranges =
        affected.ranges.iter().flatten().filter(|range| range.kind.as_deref() != Some("GIT"));
    let events = |range: &Range| range.events.iter().flatten().filter_map(event).collect();
    let versions = affected.versions.as_array().into_iter().flatten();
    let versions = versions.filter_map(|version| version.as_str().map(str::to_owned));
    Affects::Ranges { ranges: ranges.map(events).collect(), versions: versions.collect() }
}

fn event(written: &WrittenEvent) -> Option<Event> {
    let introduced = written.introduced.clone().map(Event::Introduced);
    let fixed = written.fixed.clone().map(Event::Fixed);
    let last = written.last_affected.clone().map(Event::LastAffected);
    introduced.or(fixed).or(last).or_else(|| written.limit.clone().map(Event::Limit))
}
