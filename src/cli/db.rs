//! `db`: the index of advisories that scans take.

use super::args::{Db, DbFile, DbFormat, DbStatus, DbUpdate, EcosystemName};
use super::environment::Environment;
use super::output::{discreet, printable};
use super::project::{BACKOFF, OSV_BUCKET, location};
use super::{CliError, Screen, Status, fail};
use crate::advisory::{
    AdvisoryError, Change, Database, LoadOptions, Network, SourceInfo, Status as Held, Update,
};
use crate::config::{Config, FILE_NAME};
use crate::detect::Snapshot;
use crate::detect::dependencies::{self, Options};
use crate::finding::Notice;
use crate::package::Ecosystem;
use crate::source::{self, Request};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};

/// Runs a command of `db`.
pub(super) fn run(
    asked: Db,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    match asked {
        Db::Update(asked) => update(&asked, environment, screen),
        Db::Status(asked) => status(&asked, environment, screen),
        Db::Verify(asked) => verify(&asked, environment, screen),
    }
}

impl DbFile {
    fn database(&self, environment: &Environment) -> Database {
        let named = self.index.as_ref().map(|path| environment.resolve(path));
        Database::new(named.unwrap_or_else(|| environment.index()))
    }
}

fn update(
    asked: &DbUpdate,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let (ecosystems, remarks) = ecosystems(asked, environment)?;
    complain(&remarks, screen.err)?;
    let sources = asked.source.iter().map(|text| location("--source", text, environment));
    let update = Update {
        sources: sources.collect::<Result<_, _>>()?,
        usual: location("--source", OSV_BUCKET, environment)?,
        ecosystems,
    };
    let options = LoadOptions {
        cache: environment.cache(),
        network: Network::Needed,
        max_age_days: Options::default().max_age_days,
        now: environment.now,
        backoff: BACKOFF,
    };
    let err = &mut *screen.err;
    let mut waiting = || {
        let told = writeln!(err, "lockkeeper: another update is under way: waiting for it");
        // It is waited for all the same.
        told.unwrap_or_default();
    };
    let updated = asked.file.database(environment).update(&update, &options, &mut waiting)?;
    complain(&updated.notices, screen.err)?;
    table(&updated.status, environment.now, screen.out)?;
    let change = match updated.change {
        Change::Renewed => "the index is renewed",
        Change::Confirmed => "the sources have nothing new",
    };
    writeln!(screen.out, "{change}")?;
    Ok(Status::Pass)
}

/// The ecosystems that are named; else those in use here, with remarks on lockfiles that cannot be
/// read.
fn ecosystems(
    asked: &DbUpdate,
    environment: &Environment,
) -> Result<(BTreeSet<Ecosystem>, Vec<Notice>), CliError> {
    if !asked.ecosystem.is_empty() {
        let named = asked.ecosystem.iter().flat_map(|name| match name {
            EcosystemName::All => Ecosystem::ALL.to_vec(),
            EcosystemName::One(ecosystem) => vec![*ecosystem],
        });
        return Ok((named.collect(), Vec::new()));
    }
    let path = environment.resolve(&asked.path);
    let source = source::open(&path, &Request::Worktree, &environment.git())?;
    let snapshot = Snapshot { head: source.head(), base: None, delta: &[] };
    let inventory = dependencies::lockfiles(&snapshot, &|_| true)?;
    Ok((inventory.ecosystems(), inventory.notices))
}

fn status(
    asked: &DbStatus,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let allowed = max_age_days(asked, environment)?;
    let held = asked.file.database(environment).status()?;
    let fresh = held.is_fresh(environment.now, allowed);
    match asked.format {
        DbFormat::Table => table(&held, environment.now, screen.out)?,
        DbFormat::Json => json(&held, environment.now, (allowed, &fresh), screen.out)?,
    }
    match fresh {
        Ok(()) => Ok(Status::Pass),
        Err(stale) => Ok(fail(&stale, &mut *screen.err)),
    }
}

/// How old the index may be: as asked for; else as the project file here says.
fn max_age_days(asked: &DbStatus, environment: &Environment) -> Result<u32, CliError> {
    if let Some(days) = asked.max_age_days {
        return Ok(days);
    }
    let path = environment.folder.join(FILE_NAME);
    let text = match fs::read_to_string(&path) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|why| CliError::file("read", &path, why))?,
    };
    Ok(Config::parse(FILE_NAME, &text)?.dependencies.max_age_days)
}

fn verify(
    asked: &DbFile,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let held = asked.database(environment).verify()?;
    let path = printable(&held.path.display().to_string());
    let (packages, digest) = (held.packages, &held.digest);
    writeln!(screen.out, "{path} is whole: {packages} packages, SHA-256 {digest}")?;
    Ok(Status::Pass)
}

fn complain(notices: &[Notice], err: &mut dyn Write) -> io::Result<()> {
    for notice in notices {
        let place = notice.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        writeln!(err, "lockkeeper: {}", discreet(&format!("{place}{}", notice.message)))?;
    }
    Ok(())
}

/// One line a source and ecosystem, and what holds for all of them.
fn table(held: &Held, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let cells = |info: &SourceInfo| {
        let newest = info.newest.map(day).unwrap_or_default();
        let digest: String = info.digest.chars().take(12).collect();
        let records = info.records.to_string();
        [info.ecosystem.to_string(), records, newest, digest, printable(&info.source)]
    };
    let heads = ["ecosystem", "records", "newest", "sha-256", "source"].map(str::to_owned);
    let mut rows = vec![heads];
    rows.extend(held.sources.iter().map(cells));
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in &rows {
        let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    for ecosystem in &held.uncovered {
        writeln!(out, "{ecosystem}: no source has anything")?;
    }
    for remark in &held.remarks {
        writeln!(out, "when it was made: {}", printable(remark))?;
    }
    let days = held.age_days(now);
    writeln!(out)?;
    writeln!(out, "index    {}", printable(&held.path.display().to_string()))?;
    writeln!(out, "size     {} bytes, {} packages", held.size, held.packages)?;
    writeln!(out, "sha-256  {}", held.digest)?;
    writeln!(out, "written  {}", held.built)?;
    writeln!(out, "checked  {}, {days} days ago", held.checked)
}

fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

/// What `db status --format json` prints: a contract, as the report is.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    index: String,
    size: u64,
    digest: &'a str,
    built: Timestamp,
    checked: Timestamp,
    age_days: i64,
    max_age_days: u32,
    fresh: bool,
    packages: u64,
    sources: Vec<Row<'a>>,
    uncovered: Vec<&'static str>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct Row<'a> {
    source: &'a str,
    ecosystem: &'static str,
    records: usize,
    newest: Option<Timestamp>,
    digest: &'a str,
}

fn json(
    held: &Held,
    now: Timestamp,
    (max_age_days, fresh): (u32, &Result<(), AdvisoryError>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let report = Report {
        schema: "lockkeeper.db/v1",
        index: held.path.display().to_string(),
        size: held.size,
        digest: &held.digest,
        built: held.built,
        checked: held.checked,
        age_days: held.age_days(now),
        max_age_days,
        fresh: fresh.is_ok(),
        packages: held.packages,
        sources: held
            .sources
            .iter()
            .map(|info| Row {
                source: &info.source,
                ecosystem: info.ecosystem.as_str(),
                records: info.records,
                newest: info.newest,
                digest: &info.digest,
            })
            .collect(),
        uncovered: held.uncovered.iter().map(|ecosystem| ecosystem.as_str()).collect(),
        remarks: &held.remarks,
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}
