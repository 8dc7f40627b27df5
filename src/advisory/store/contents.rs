//! The table of contents of an index: what it was made from, and where each ecosystem's part is.

use super::file::Piece;
use crate::advisory::index::SourceInfo;
use crate::package::Ecosystem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an index holds. It is written as JSON; what a later version adds is passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::advisory) struct Contents {
    /// The version of this program that read the records.
    pub(in crate::advisory) maker: String,
    /// The sources that were asked, as they are shown: without what grants access.
    pub(in crate::advisory) locations: Vec<String>,
    /// The ecosystems that they were asked about. One on which they have nothing has no part.
    asked: Vec<String>,
    sources: Vec<Row>,
    /// What could not be read when the index was made.
    pub(in crate::advisory) remarks: Vec<String>,
    pub(super) parts: Vec<Part>,
}

/// One source's records on one ecosystem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    source: String,
    ecosystem: String,
    records: usize,
    newest: Option<Timestamp>,
    digest: String,
}

/// Where the packages of one ecosystem are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    ecosystem: String,
    pub(super) names: u64,
    pub(super) advisories: u64,
    /// Its table of blocks.
    at: u64,
    length: u64,
    crc: u32,
}

impl Contents {
    pub(in crate::advisory) fn new(
        locations: Vec<String>,
        asked: &BTreeSet<Ecosystem>,
        sources: &[SourceInfo],
        remarks: Vec<String>,
    ) -> Self {
        let row = |info: &SourceInfo| Row {
            source: info.source.clone(),
            ecosystem: info.ecosystem.to_string(),
            records: info.records,
            newest: info.newest,
            digest: info.digest.clone(),
        };
        Self {
            maker: env!("CARGO_PKG_VERSION").to_owned(),
            locations,
            asked: asked.iter().map(Ecosystem::to_string).collect(),
            sources: sources.iter().map(row).collect(),
            remarks,
            parts: Vec::new(),
        }
    }

    /// The ecosystems that were asked about, as far as this version knows them.
    pub(in crate::advisory) fn asked(&self) -> BTreeSet<Ecosystem> {
        self.asked.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// What the sources have, as far as this version knows the ecosystems.
    pub(in crate::advisory) fn sources(&self) -> Vec<SourceInfo> {
        let info = |row: &Row| {
            Some(SourceInfo {
                source: row.source.clone(),
                ecosystem: row.ecosystem.parse().ok()?,
                records: row.records,
                newest: row.newest,
                digest: row.digest.clone(),
            })
        };
        self.sources.iter().filter_map(info).collect()
    }
}

impl Part {
    pub(super) fn new(ecosystem: Ecosystem, names: u64, advisories: u64, table: Piece) -> Self {
        let Piece { at, length, crc } = table;
        Self { ecosystem: ecosystem.to_string(), names, advisories, at, length, crc }
    }

    pub(super) fn ecosystem(&self) -> Option<Ecosystem> {
        self.ecosystem.parse().ok()
    }

    pub(super) fn table(&self) -> Piece {
        Piece { at: self.at, length: self.length, crc: self.crc }
    }
}
