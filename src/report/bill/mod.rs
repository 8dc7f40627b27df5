//! Bills of materials: every package of every lockfile in one document.
//!
//! A package that several lockfiles hold stands in it once, with every place. What a lockfile does
//! not say (which packages the project asks for itself, what asks for what) is left out rather than
//! said to be nothing. The same lockfiles make the same document, but for its time.

mod cyclonedx;
mod digest;
mod graph;
mod spdx;

use super::escape::inert_json;
use crate::finding::RepoPath;
use crate::lockfile::Locked;
use graph::Graph;
use jiff::Timestamp;
use std::io;

/// What a bill of materials is drawn up from.
#[derive(Debug, Clone)]
pub struct Bill<'a> {
    /// What the packages are for: the name of the project's folder.
    pub subject: &'a str,
    /// The name of the program that draws it up.
    pub tool: &'a str,
    /// Its version.
    pub version: &'a str,
    /// When.
    pub time: Timestamp,
    /// The lockfiles, in the order of their paths.
    pub lockfiles: Vec<Listed<'a>>,
}

/// One lockfile.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Where it is.
    pub path: &'a RepoPath,
    /// What it is: `Cargo.lock`.
    pub format: &'static str,
    /// What it holds.
    pub packages: &'a [Locked],
}

/// A form of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillFormat {
    /// `CycloneDX` 1.6 as JSON.
    CycloneDx,
    /// SPDX 2.3 as JSON.
    Spdx,
}

/// Writes a bill of materials.
pub fn write_bill(format: BillFormat, bill: &Bill<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let graph = Graph::of(bill);
    let document = match format {
        BillFormat::CycloneDx => cyclonedx::document(bill, &graph),
        BillFormat::Spdx => spdx::document(bill, &graph),
    };
    let json = serde_json::to_string_pretty(&document)?;
    writeln!(out, "{}", inert_json(&json))
}

/// Whether text can stand where a document asks for an address.
fn is_address(text: &str) -> bool {
    let safe = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(safe))
}
