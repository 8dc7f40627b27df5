//! A checkout of the `RustSec` database: one Markdown file an advisory, read by its own crate.

use super::document::{Advisory, Document, Entry, Kind, date};
use super::error::AdvisoryError;
use super::matching::{Affected, Event, Range, Versions};
use super::osv::{Batch, Item, Limits, hex, read_bytes};
use super::rating::Rating;
use super::summary::one_line;
use crate::package::Ecosystem;
use rayon::prelude::*;
use rustsec::advisory::{Category, Informational};
use rustsec::osv::{OsvRange, ranges_for_advisory};
use sha2::{Digest as _, Sha256};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Reads the advisories of a checkout, `files` sorted.
pub(super) fn read(root: &Path, files: &[PathBuf], limits: Limits) -> Result<Batch, AdvisoryError> {
    let read: Vec<_> = files.par_iter().map(|path| read_bytes(path, limits.record)).collect();
    let mut digest = Sha256::new();
    let mut items = Vec::new();
    for (path, bytes) in files.iter().zip(read) {
        let bytes = bytes?;
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name.as_bytes());
        digest.update(Sha256::digest(&bytes));
        items.push((name, bytes));
    }
    let items: Vec<_> =
        items.par_iter().map(|(name, bytes)| Item::new(name, document(bytes))).collect();
    Batch::new(&root.display().to_string(), hex(&digest.finalize()), items)
}

fn document(markdown: &[u8]) -> Result<Option<Document>, String> {
    let text = std::str::from_utf8(markdown).map_err(|error| error.to_string())?;
    let text = text.replace("\r\n", "\n");
    if !text.starts_with("```toml") {
        return Err("it does not begin with a block of TOML".to_owned());
    }
    // NOTE: the crate asserts that version requirements make sense after a check that overlooks
    // some that do not; its panic must cost one record, not the run.
    let parsed = catch_unwind(|| parse(&text));
    parsed.unwrap_or_else(|_| Err("its versions contradict each other".to_owned())).map(Some)
}

fn parse(text: &str) -> Result<Document, String> {
    let record: rustsec::Advisory =
        text.parse().map_err(|error: rustsec::Error| error.to_string())?;
    let metadata = &record.metadata;
    let id: Box<str> = metadata.id.as_str().into();
    let vector = metadata.cvss.as_ref().map(ToString::to_string);
    let advisory = Advisory {
        id: id.clone(),
        aliases: metadata.aliases.iter().map(|alias| alias.as_str().into()).collect(),
        kind: kind(&metadata.categories, metadata.informational.as_ref()),
        summary: one_line(&metadata.title, 200).into(),
        url: None,
        rating: Rating::new(vector.as_deref(), []),
        affected: Affected {
            versions: Versions::default(),
            ranges: ranges_for_advisory(&record.versions).iter().map(range).collect(),
        },
        wider: false,
    };
    let day = |day: &rustsec::advisory::Date| date(&format!("{}T00:00:00Z", day.as_str()));
    let withdrawn = metadata.withdrawn.as_ref();
    let ecosystem = Ecosystem::CratesIo;
    let name = ecosystem.canonical_name(metadata.package.as_str());
    Ok(Document {
        id,
        // The day on which a flaw was reported says nothing about later changes; a withdrawal is
        // the last one.
        modified: withdrawn.and_then(day),
        dated: withdrawn.and_then(day).or_else(|| day(&metadata.date)),
        withdrawn: withdrawn.is_some(),
        entries: vec![Entry { ecosystem, name, advisory }],
        problems: Vec::new(),
    })
}

fn kind(categories: &[Category], informational: Option<&Informational>) -> Kind {
    if categories.contains(&Category::Malicious) {
        return Kind::Malicious;
    }
    informational.map_or(Kind::Vulnerability, |word| Kind::informational(word.as_str()))
}

fn range(range: &OsvRange) -> Range {
    let from = range.introduced.as_ref().map_or_else(|| "0".to_owned(), ToString::to_string);
    let fixed = range.fixed.as_ref().map(|version| Event::Fixed(version.to_string().into()));
    Range([Event::Introduced(from.into())].into_iter().chain(fixed).collect())
}
