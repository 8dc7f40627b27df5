//! Reports: one file a format, each the whole of a run with every finding's disposition. Nothing is
//! filtered or decided here.

mod json;
mod printable;
mod sarif;
mod text;

pub use printable::printable;

use crate::finding::{CommitId, Notice, RuleId};
use crate::gate::Verdict;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::str::FromStr;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Text,
    /// The contract, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// A name that is no format.
#[derive(Debug, thiserror::Error)]
#[error("unknown report format {0:?}: known are text, json, sarif")]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "sarif" => Ok(Self::Sarif),
            _ => Err(FormatError(text.to_owned())),
        }
    }
}

/// How a text report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Letters alone.
    Plain,
    /// With colours, by ANSI escapes.
    Colored,
}

/// A run, as reports need it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What ran.
    pub tool: Tool,
    /// What it looked at.
    pub source: Source,
    /// What dependencies were checked against.
    pub advisories: Vec<Advisories>,
    /// What was found and decided.
    pub verdict: Verdict,
    /// What the reader should know besides; an error means that the run cannot pass.
    pub notices: Vec<Notice>,
    /// What the rules say that found something, or guard something.
    pub rules: BTreeMap<RuleId, RuleDoc>,
}

/// What ran, to the bit.
#[derive(Debug, Clone)]
pub struct Tool {
    /// This package's version.
    pub version: String,
    /// SHA-256 over the rules that were active.
    pub ruleset_digest: String,
    /// SHA-256 of the project file.
    pub config_digest: String,
    /// How many rules were active.
    pub rules: usize,
}

/// What was looked at.
#[derive(Debug, Clone)]
pub struct Source {
    /// `staged`, `range`, `history` or `worktree`.
    pub kind: &'static str,
    /// The folder, as it was named.
    pub repository: String,
    /// The commit against which the change was seen.
    pub base: Option<CommitId>,
    /// The commit under test.
    pub head: Option<CommitId>,
    /// Commits read.
    pub commits: u64,
    /// File versions read.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Lockfiles read.
    pub lockfiles: usize,
    /// Packages in them.
    pub packages: usize,
}

/// One source of advisories for one ecosystem.
#[derive(Debug, Clone)]
pub struct Advisories {
    /// Where it came from, without credentials.
    pub source: String,
    /// Whose advisories.
    pub ecosystem: &'static str,
    /// How many.
    pub records: usize,
    /// When the newest of them was changed, as RFC 3339.
    pub newest: Option<String>,
    /// SHA-256 of what was read.
    pub digest: String,
}

/// What a rule says, for help texts.
#[derive(Debug, Clone)]
pub struct RuleDoc {
    /// What it looks for, in a few words.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Where to read more.
    pub references: Vec<String>,
}

/// Writes a report.
pub fn write(format: Format, run: &Run, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(run, style, out),
        Format::Json => json::write(run, out),
        Format::Sarif => sarif::write(run, out),
    }
}
