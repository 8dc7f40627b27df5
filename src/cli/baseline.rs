//! `baseline`: what is known and does not block.

use super::args::{Baseline as Command, Scan};
use super::environment::Environment;
use super::{CliError, Screen, Status, output, scan};
use crate::gate::{Baseline, Decided, Disposition};
use std::path::PathBuf;

pub(super) fn run(
    command: Command,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    match command {
        Command::Write(asked) => write(&asked, environment, screen),
        Command::Prune(asked) => prune(&asked, environment, screen),
    }
}

/// Puts every finding that the gate would not let through otherwise into the baseline.
fn write(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    save(asked, environment, screen, |decided| {
        !matches!(decided.disposition, Disposition::Waived(_))
    })
}

/// Keeps those entries that the scan still finds.
fn prune(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    save(asked, environment, screen, |decided| decided.disposition == Disposition::Baselined)
}

fn save(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
    keep: fn(&Decided) -> bool,
) -> Result<Status, CliError> {
    let (run, usual) = scan::look(asked, environment)?;
    if scan::errors(&run, screen)? {
        return Ok(Status::Failure);
    }
    let path = place(asked, environment, &usual);
    let kept: Vec<_> = run.verdict.findings.iter().filter(|decided| keep(decided)).collect();
    let text = Baseline::of(kept.iter().map(|decided| &decided.finding)).to_string();
    output::replace(&path, text.as_bytes())?;
    writeln!(screen.out, "{}: {} entries", path.display(), kept.len())?;
    Ok(Status::Pass)
}

/// Where the baseline is: as named, else in the scanned folder under its usual name.
fn place(asked: &Scan, environment: &Environment, usual: &str) -> PathBuf {
    match &asked.baseline {
        Some(path) => environment.resolve(path),
        None => environment.resolve(&asked.path).join(usual),
    }
}
