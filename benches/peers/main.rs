//! What every mode costs us, the scanners beside us and the floor, on a repository of your choice.
//!
//! `LOCKKEEPER_BENCH_REPOSITORY` names the repository; without it there is nothing to measure. It is only
//! read: what has to be staged or checked out is made elsewhere. All tools run one after the other, round
//! by round, each as a process of its own, after a round that is not counted. A tool that fails is told
//! and has no figures.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench says what it measured, or why it cannot"
)]

mod command;
mod floor;
mod git;
mod measure;
mod mode;
mod peer;
mod settings;
mod table;
mod target;

use measure::Outcome;
use mode::{Job, Mode};
use peer::Tool;
use settings::Settings;
use std::error::Error;
use std::fs;
use std::path::Path;
use table::Row;
use target::Target;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [measure::ALONE, complaints, program, rest @ ..] => {
            measure::alone(complaints, program, rest)
        }
        [floor::FLOOR, mode, folder, base] => floor::read(mode, Path::new(folder), base),
        [git::GIT, folder, lists] => git::read(folder, Path::new(lists)),
        _ => {
            let Some(settings) = settings::read()? else {
                println!("LOCKKEEPER_BENCH_REPOSITORY names no repository: nothing is measured");
                return Ok(());
            };
            compare(&settings)
        }
    }
}

fn compare(settings: &Settings) -> Result<(), Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let target = Target::open(&settings.repository, scratch.path())?;
    let tools = peer::installed(&settings.peers)?;
    println!("{}", target.describe()?);
    println!("{}", settings.describe());
    for tool in &tools {
        println!("{:<13}{}", tool.name(), tool.version());
    }
    for mode in &settings.modes {
        let Some((folder, base)) = target.of(*mode)? else {
            println!("\n{mode}: {}", mode.impossible());
            continue;
        };
        let (threads, lists) = (settings.threads, scratch.path().join("lists"));
        if *mode == Mode::History {
            git::list(&folder, threads, &lists)?;
        }
        let job = Job { mode: *mode, folder, base, lists, threads };
        let rows = rounds(&tools, &job, settings.rounds, scratch.path())?;
        print!("\n{mode}: {}\n{}", target.what(*mode)?, table::table(&rows));
    }
    Ok(())
}

/// Lets every tool do the job in turn, as often as asked and once before.
fn rounds(
    tools: &[Tool],
    job: &Job,
    rounds: usize,
    scratch: &Path,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows: Vec<_> = tools.iter().map(|tool| Row::new(tool.name())).collect();
    for round in 0..=rounds {
        eprintln!("{}: round {round} of {rounds}", job.mode);
        for (tool, row) in tools.iter().zip(&mut rows) {
            let report = scratch.join("report.json");
            let Some(command) = tool.command(job, &report) else { continue };
            row.can();
            if row.failed() {
                continue;
            }
            let outcome = measure::run(command, &scratch.join("complaints"))?;
            forget(&report)?;
            match outcome {
                Outcome { status, .. } if !tool.worked(status) => row.fail(status),
                Outcome { complained: true, .. } if tool.is_silent_unless_it_fails() => {
                    row.complain();
                }
                Outcome { status, cost, .. } if round > 0 => row.add(status, cost),
                Outcome { .. } => {}
            }
        }
    }
    Ok(rows)
}

/// A report, or a folder of them. Not every tool writes one where nothing is found.
fn forget(report: &Path) -> Result<(), Box<dyn Error>> {
    match report.symlink_metadata() {
        Ok(found) if found.is_dir() => Ok(fs::remove_dir_all(report)?),
        Ok(_) => Ok(fs::remove_file(report)?),
        Err(_) => Ok(()),
    }
}
