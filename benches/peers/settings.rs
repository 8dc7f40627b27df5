//! What is asked for, from the environment.

use crate::mode::Mode;
use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;

/// What to measure, and how often.
pub(crate) struct Settings {
    /// `LOCKKEEPER_BENCH_REPOSITORY`.
    pub(crate) repository: PathBuf,
    /// `LOCKKEEPER_BENCH_PEERS`: folders and binaries, or else those of the `PATH`.
    pub(crate) peers: Vec<PathBuf>,
    /// `LOCKKEEPER_BENCH_MODES`: with commas between them.
    pub(crate) modes: Vec<Mode>,
    /// `LOCKKEEPER_BENCH_ROUNDS`.
    pub(crate) rounds: usize,
    /// `LOCKKEEPER_BENCH_THREADS`.
    pub(crate) threads: usize,
}

/// Reads them all; none if there is no repository.
pub(crate) fn read() -> Result<Option<Settings>, Box<dyn Error>> {
    let Some(repository) = variable("LOCKKEEPER_BENCH_REPOSITORY") else { return Ok(None) };
    let peers = variable("LOCKKEEPER_BENCH_PEERS").or_else(|| variable("PATH"));
    Ok(Some(Settings {
        repository: PathBuf::from(repository),
        peers: env::split_paths(&peers.unwrap_or_default()).collect(),
        modes: modes()?,
        rounds: number("LOCKKEEPER_BENCH_ROUNDS", 5)?,
        threads: number("LOCKKEEPER_BENCH_THREADS", 2)?,
    }))
}

impl Settings {
    /// On what machine, and how.
    pub(crate) fn describe(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, Into::into);
        let (rounds, threads) = (self.rounds, self.threads);
        format!(
            "{cores} cores, {threads} threads for each tool, {rounds} rounds after one to warm up\n"
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever runs it says by it what to measure")]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn modes() -> Result<Vec<Mode>, Box<dyn Error>> {
    let Some(names) = variable("LOCKKEEPER_BENCH_MODES") else { return Ok(Mode::ALL.to_vec()) };
    let names = names.to_string_lossy().into_owned();
    let mode = |name: &str| Mode::named(name).ok_or_else(|| format!("{name} is no mode"));
    Ok(names.split(',').map(|name| mode(name.trim())).collect::<Result<_, _>>()?)
}

fn number(name: &str, otherwise: usize) -> Result<usize, Box<dyn Error>> {
    let Some(value) = variable(name) else { return Ok(otherwise) };
    let value = value.to_string_lossy();
    match value.parse::<usize>() {
        Ok(number) if number > 0 => Ok(number),
        Ok(_) | Err(_) => Err(format!("{name} is not a number above 0: {value}").into()),
    }
}
