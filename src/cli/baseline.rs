//! `baseline`: what is known and does not block.

use super::args::{Baseline as Command, Scan};
use super::environment::Environment;
use super::{CliError, Screen, Status, output, scan};
use crate::gate::{Baseline, Decided, Disposition, Policy};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the key of a baseline comes from that has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// It is drawn: every entry is written anew in any case.
    Drawn,
    /// There stays none: the entries were computed without it.
    Kept,
}

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

/// Puts every finding that the gate would not let through otherwise into the baseline. What was
/// written of an entry stays: an entry past its day stays past it.
fn write(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let keep = |decided: &Decided| !matches!(decided.disposition, Disposition::Waived(_));
    save(asked, environment, screen, Key::Drawn, keep)
}

/// Keeps those entries that the scan still finds and whose day is not past.
fn prune(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let keep = |decided: &Decided| decided.disposition == Disposition::Baselined;
    save(asked, environment, screen, Key::Kept, keep)
}

fn save(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
    key: Key,
    keep: fn(&Decided) -> bool,
) -> Result<Status, CliError> {
    let (run, gate) = scan::look(asked, environment, &|project| {
        let path = place(asked.baseline.as_deref(), &asked.path, environment, &project.gate);
        // What is to be rewritten is the file as it lies there, whether or not it is committed.
        let baseline = match on_disk(&path)? {
            Some(own) => own,
            None => std::mem::take(&mut project.gate.baseline),
        };
        let own = baseline.key();
        let drawn = own.is_none() && key == Key::Drawn;
        let key = if drawn { Some(environment.draw_key().map_err(CliError::Chance)?) } else { own };
        project.gate.baseline = baseline.with_key(key);
        Ok(())
    })?;
    if scan::errors(&run, screen)? {
        return Ok(Status::Failure);
    }
    let path = place(asked.baseline.as_deref(), &asked.path, environment, &gate);
    let kept = run.verdict.findings.iter().filter(|decided| keep(decided));
    let new = Baseline::of(kept.map(|decided| &decided.finding)).annotated(&gate.baseline);
    replace(&path, &new.with_key(gate.baseline.key()), screen)
}

/// Writes a baseline and says how long it is.
pub(super) fn replace(
    path: &Path,
    baseline: &Baseline,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    output::replace(path, baseline.to_string().as_bytes())?;
    writeln!(screen.out, "{}: {} entries", path.display(), baseline.len())?;
    Ok(Status::Pass)
}

/// Where the baseline is: as named, else in the scanned folder under its usual name.
pub(super) fn place(
    named: Option<&Path>,
    folder: &Path,
    environment: &Environment,
    gate: &Policy,
) -> PathBuf {
    match named {
        Some(path) => environment.resolve(path),
        None => environment.resolve(folder).join(&gate.options.baseline),
    }
}

/// The baseline as it lies there, committed or not; `None` where there is no file.
pub(super) fn on_disk(path: &Path) -> Result<Option<Baseline>, CliError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(CliError::file("read", path, why)),
    };
    let name = path.display().to_string();
    Baseline::parse(&text).map(Some).map_err(|why| CliError::Baseline(name, why))
}
