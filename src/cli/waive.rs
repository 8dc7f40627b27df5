//! `waive`: findings that somebody lets through, in `.lockkeeper.toml` as it lies on disk.
//!
//! A waiver is written only if it would be read and would hold, by the same code that reads it.

use super::args::{Scan, Waive, WaiveAdd, Waived};
use super::environment::Environment;
use super::output::{self, discreet};
use super::{CliError, Screen, Status, scan};
use crate::config::{self, Config, FILE_NAME};
use crate::finding::Finding;
use crate::gate::{Baseline, Existing, Extent, Policy, Vex, Waiver, WaiverFields, WaiverState};
use crate::source;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::Value;

pub(super) fn run(
    command: Waive,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    match command {
        Waive::Add(asked) => add(asked, environment, screen),
        Waive::List(asked) => list(&asked, environment, screen),
        Waive::Prune(asked) => prune(&asked, environment, screen),
    }
}

fn add(
    asked: WaiveAdd,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let folder = environment.resolve(&asked.path);
    let path = folder.join(FILE_NAME);
    let owner = asked.owner.or_else(|| source::user_email(&folder, &environment.git()));
    // A day is written as a day; anything else as text, for the reader to refuse.
    let until = asked.until.parse().map_or(Value::String(asked.until), Value::Datetime);
    let fields = WaiverFields {
        id: Some(asked.id),
        scope: asked.scope,
        package: asked.package,
        reason: Some(asked.reason),
        owner: Some(owner.ok_or(CliError::NoOwner)?),
        approved_by: asked.approved_by,
        until: Some(until),
    };
    let text = text_of(&path)?;
    let name = path.display().to_string();
    Config::parse(&name, &text)?;
    let text = config::with_waiver(&text, &fields);
    let config = Config::parse(&name, &text)?;
    let policy = policy(config, environment);
    let Some(waiver) = policy.waivers.last() else { return Err(CliError::NoOwner) };
    match policy.state(waiver, None) {
        WaiverState::Expired => return Err(CliError::WaiverHolds("its last day is past")),
        WaiverState::TooFar => {
            return Err(CliError::WaiverHolds("it reaches further ahead than max-waiver-days"));
        }
        WaiverState::Active | WaiverState::Unused => {}
    }
    output::replace(&path, text.as_bytes())?;
    print(waiver, WaiverState::Active, screen)?;
    Ok(Status::Pass)
}

fn list(
    asked: &Waived,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let Some((policy, findings)) = look(asked, environment, screen)? else {
        return Ok(Status::Failure);
    };
    for waiver in &policy.waivers {
        print(waiver, policy.state(waiver, findings.as_deref()), screen)?;
    }
    Ok(Status::Pass)
}

fn prune(
    asked: &Waived,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let Some((policy, findings)) = look(asked, environment, screen)? else {
        return Ok(Status::Failure);
    };
    let path = place(&asked.asked, environment);
    let state = |waiver: &Waiver| policy.state(waiver, findings.as_deref());
    let gone = |state| matches!(state, WaiverState::Expired | WaiverState::Unused);
    let gone: Vec<_> = policy.waivers.iter().filter(|waiver| gone(state(waiver))).collect();
    if !gone.is_empty() {
        let lines: BTreeSet<_> = gone.iter().map(|waiver| waiver.line()).collect();
        let text = config::without_waivers(&text_of(&path)?, &lines);
        let text = text.ok_or_else(|| CliError::Entangled(gone.len(), path.clone()))?;
        output::replace(&path, text.as_bytes())?;
    }
    for waiver in &gone {
        print(waiver, state(waiver), screen)?;
    }
    writeln!(screen.out, "{}: {} waivers removed", path.display(), gone.len())?;
    Ok(Status::Pass)
}

fn print(waiver: &Waiver, state: WaiverState, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let (line, until, summary) = (waiver.line(), waiver.until(), discreet(&waiver.summary()));
    writeln!(screen.out, "{:<15} until {until}, line {line}: {summary}", state.as_str())?;
    Ok(())
}

/// What judges the waivers, and what a scan found.
type Looked = (Policy, Option<Vec<Finding>>);

/// What judges the waivers, and what a scan found, if one was asked for; `None` where it could not
/// look at everything.
fn look(
    asked: &Waived,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Option<Looked>, CliError> {
    let path = place(&asked.asked, environment);
    let config = Config::parse(&path.display().to_string(), &text_of(&path)?)?;
    if !asked.scan {
        return Ok(Some((policy(config, environment), None)));
    }
    let mut scan = asked.asked.clone();
    scan.config = path.exists().then_some(path);
    let changed = &mut scan.changed;
    changed.worktree = !(changed.staged || changed.history || changed.range.is_some());
    let (run, policy) = scan::look(&scan, environment, &|project| match project.gate.extent {
        Extent::Whole => Ok(()),
        Extent::Part => Err(CliError::NotWhole),
    })?;
    if scan::errors(&run, screen)? {
        return Ok(None);
    }
    let findings = run.verdict.findings.into_iter().map(|decided| decided.finding);
    Ok(Some((policy, Some(findings.collect()))))
}

fn policy(config: Config, environment: &Environment) -> Policy {
    Policy {
        options: config.gate,
        existing: Existing::Report,
        waivers: config.waivers,
        baseline: Baseline::default(),
        vex: Vex::default(),
        today: environment.today(),
        extent: Extent::Part,
    }
}

fn place(asked: &Scan, environment: &Environment) -> PathBuf {
    match &asked.config {
        Some(path) => environment.resolve(path),
        None => environment.resolve(&asked.path).join(FILE_NAME),
    }
}

/// The text of a project file; that of none is empty.
pub(super) fn text_of(path: &Path) -> Result<String, CliError> {
    match fs::read_to_string(path) {
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(String::new()),
        text => text.map_err(|why| CliError::file("read", path, why)),
    }
}
