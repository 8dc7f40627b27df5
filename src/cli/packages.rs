//! `packages`: what the lockfiles resolve to.

use super::args::{Packages, PackagesFormat};
use super::environment::Environment;
use super::output::{discreet, printable};
use super::{CliError, Screen, Status};
use crate::detect::Snapshot;
use crate::detect::dependencies::{self, Inventory};
use crate::finding::{Level, RepoPath};
use crate::lockfile::{Locked, Origin};
use crate::report::{self, Bill, BillFormat, Listed};
use crate::source::{self, Request};
use serde::Serialize;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

/// One package, in the words of the contract.
#[derive(Serialize)]
struct Row {
    lockfile: String,
    line: u32,
    ecosystem: &'static str,
    name: String,
    version: String,
    purl: String,
    direct: Option<bool>,
    dev: Option<bool>,
    source: String,
}

/// Prints the packages of every lockfile on disk. A lockfile that cannot be read, or none at all,
/// ends with 2: a short list must not pass for a whole one.
pub(super) fn run(
    asked: &Packages,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let path = environment.resolve(&asked.path);
    let source = source::open(&path, &Request::Worktree, &environment.git())?;
    let snapshot = Snapshot { head: source.head(), base: None, delta: &[] };
    let mut inventory = dependencies::lockfiles(&snapshot, &|_| true)?;
    if matches!(asked.format, PackagesFormat::CycloneDx | PackagesFormat::Spdx) {
        dependencies::state_licences(&mut inventory, snapshot.head);
    }
    let write =
        |format, out| report::write_bill(format, &bill(&path, &inventory, environment), out);
    match asked.format {
        PackagesFormat::Table => table(&rows(&inventory), screen.out)?,
        PackagesFormat::Json => json(&rows(&inventory), screen.out)?,
        PackagesFormat::CycloneDx => write(BillFormat::CycloneDx, screen.out)?,
        PackagesFormat::Spdx => write(BillFormat::Spdx, screen.out)?,
    }
    let mut status = Status::Pass;
    for notice in &inventory.notices {
        let place = notice.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        writeln!(screen.err, "lockkeeper: {}", discreet(&format!("{place}{}", notice.message)))?;
        status = if notice.level == Level::Error { Status::Failure } else { status };
    }
    if inventory.lockfiles.is_empty() && inventory.notices.is_empty() {
        return Err(CliError::NoLockfile(path));
    }
    Ok(status)
}

/// The packages as a bill of materials of the folder, or of the file's folder.
fn bill<'a>(path: &'a Path, inventory: &'a Inventory, environment: &Environment) -> Bill<'a> {
    let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    let name = folder.file_name().and_then(OsStr::to_str);
    let lockfiles = inventory.lockfiles.iter().map(|file| Listed {
        path: &file.path,
        format: file.format.name(),
        packages: &file.packages,
    });
    Bill {
        subject: name.unwrap_or("project"),
        tool: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        time: environment.document_time(),
        lockfiles: lockfiles.collect(),
    }
}

fn rows(inventory: &Inventory) -> Vec<Row> {
    let lockfiles = inventory.lockfiles.iter();
    let rows =
        lockfiles.flat_map(|file| file.packages.iter().map(|locked| row(&file.path, locked)));
    rows.collect()
}

fn row(path: &RepoPath, locked: &Locked) -> Row {
    Row {
        lockfile: path.to_string(),
        line: locked.line.get(),
        ecosystem: locked.package.ecosystem.as_str(),
        name: locked.package.name.clone(),
        version: locked.package.version.clone(),
        purl: locked.package.purl(),
        direct: locked.direct,
        dev: locked.dev,
        source: match &locked.origin {
            Origin::Registry(None) => "registry".to_owned(),
            Origin::Registry(Some(address)) => format!("registry+{address}"),
            Origin::Git(address) => format!("git+{address}"),
            Origin::Url(address) => address.clone(),
            Origin::Path(folder) => format!("path+{folder}"),
        },
    }
}

fn json(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, rows)?;
    writeln!(out)
}

/// Columns as wide as their widest cell.
fn table(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let cells = |row: &Row| {
        let what = match (row.direct, row.dev) {
            (Some(true), Some(true)) => "direct, dev",
            (Some(true), _) => "direct",
            (_, Some(true)) => "dev",
            _ => "",
        };
        let place = format!("{}:{}", row.lockfile, row.line);
        [row.ecosystem, &row.name, &row.version, what, &place].map(printable)
    };
    let rows: Vec<[String; 5]> = rows.iter().map(cells).collect();
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
    Ok(())
}
