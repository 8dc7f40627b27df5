//! The command line: one file a command, and the only place that prints.

mod args;
mod baseline;
mod clean;
mod db;
mod environment;
mod hook;
mod import;
mod output;
mod packages;
mod progress;
mod project;
mod rules;
mod run;
mod scan;
mod verify_secret;
mod vex;
mod waive;

pub use environment::Environment;

use crate::advisory::{AdvisoryError, LocationError};
use crate::config::ConfigError;
use crate::detect::SetupError;
use crate::detect::dependencies::DependencyError;
use crate::gate::{BaselineError, VexError};
use crate::migrate::MigrateError;
use crate::pipeline::PipelineError;
use crate::report::Style;
use crate::rule::{ControlsError, PathsError, RuleFileError};
use crate::source::SourceError;
use crate::source::ci::CiError;
use args::{Cli, Color, Command};
use clap::Parser as _;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a run ended; a stable interface for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 0: the gate passes, or the command did its job.
    Pass,
    /// 1: the gate blocks, or a check found problems.
    Block,
    /// 2: the job could not be done.
    Failure,
}

impl Status {
    /// The exit status.
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Block => 1,
            Self::Failure => 2,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

/// Where a command prints.
struct Screen<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// How reports on `out` look.
    style: Style,
}

/// Why a command could not do its job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
enum CliError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Ci(#[from] CiError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Baseline(String, #[source] BaselineError),
    #[error(transparent)]
    Vex(#[from] VexError),
    #[error("[dependencies] vex names {0:?}, where no file is")]
    NoVex(String),
    #[error("[dependencies] vex: {0}")]
    VexPattern(#[from] PathsError),
    #[error(transparent)]
    Rules(#[from] RuleFileError),
    #[error(transparent)]
    Controls(#[from] ControlsError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    #[error("{0} {1}")]
    Location(&'static str, String, #[source] LocationError),
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
    #[error(transparent)]
    Dependencies(#[from] DependencyError),
    #[error("{} was not written by lockkeeper: move it away, or call 'lockkeeper hook run' from it", .0.display())]
    ForeignHook(PathBuf),
    #[error("commit-msg takes one argument, the file with the message")]
    NoMessage,
    #[error("cannot read what git says about the push")]
    Unheard(#[source] io::Error),
    #[error("cannot {what} {}", path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot start threads")]
    Threads(#[source] rayon::ThreadPoolBuildError),
    #[error("{0} is not UTF-8 text")]
    NotText(String),
    #[error("there is no lockfile in {}", .0.display())]
    NoLockfile(PathBuf),
    #[error("[secrets] rules names {0:?}, where no rule file is")]
    NoRuleFiles(String),
    #[error("there is no rule {0:?}: 'lockkeeper rules list' names them all")]
    NoSuchRule(String),
    #[error("--owner is missing, and git knows no user.email here")]
    NoOwner,
    #[error("the waiver would not hold: {0}")]
    WaiverHolds(&'static str),
    #[error("the {0} waivers cannot be cut out of {path} without touching the rest: remove them by hand", path = .1.display())]
    Entangled(usize, PathBuf),
    #[error("--scan must see the whole repository: --worktree or --history")]
    NotWhole,
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("{}: say what it is with --from", .0.display())]
    UnknownFormat(PathBuf),
    #[error("rules cannot be disabled in {} without touching the rest: add to [secrets] disable: {ids}", path.display())]
    Disable { path: PathBuf, ids: String },
    #[error("the operating system gives no random bytes")]
    Chance(#[source] io::Error),
    #[error(transparent)]
    Refusal(#[from] verify_secret::Refusal),
    #[error("cannot print")]
    Print(#[from] io::Error),
}

impl CliError {
    fn file(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { what, path: path.to_owned(), source }
    }
}

/// Parses the arguments, runs the command and says how it ended. Nothing else in this library
/// prints.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    mut out: impl Write,
    mut err: impl Write,
) -> Status {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(help) => return usage(&help, out, err),
    };
    let plain = !environment.stdout_terminal || environment.variable("NO_COLOR").is_some();
    let style = match cli.shared.color {
        Color::Never => Style::Plain,
        Color::Auto if plain => Style::Plain,
        Color::Auto | Color::Always => Style::Coloured,
    };
    let mut screen = Screen { out: &mut out, err: &mut err, style };
    let ended = match cli.command {
        Command::Scan(asked) => scan::run(&asked, environment, &mut screen),
        Command::Db(asked) => db::run(asked, environment, &mut screen),
        Command::Packages(asked) => packages::run(&asked, environment, &mut screen),
        Command::Rules(asked) => rules::run(asked, environment, &mut screen),
        Command::Baseline(asked) => baseline::run(asked, environment, &mut screen),
        Command::Waive(asked) => waive::run(asked, environment, &mut screen),
        Command::Import(asked) => import::run(&asked, environment, &mut screen),
        Command::VerifySecret(asked) => verify_secret::run(&asked, environment, &mut screen),
        Command::Hook(asked) => hook::run(asked, environment, &mut screen),
    };
    match ended.and_then(|status| out.flush().map(|()| status).map_err(CliError::from)) {
        Ok(status) => status,
        // The reader of a pipe went away (`| head`): it has what it wanted, but we cannot say
        // "pass".
        Err(CliError::Print(why)) if why.kind() == io::ErrorKind::BrokenPipe => Status::Failure,
        Err(error) => fail(&error, err),
    }
}

/// Prints an error and what caused it.
pub fn fail(error: &dyn Error, mut err: impl Write) -> Status {
    // Where even this cannot be printed, the status still tells.
    writeln!(err, "lockkeeper: {}", chain(error)).unwrap_or_default();
    Status::Failure
}

/// An error and what caused it, on one line.
fn chain(error: &dyn Error) -> String {
    let mut chain = output::discreet(&error.to_string());
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = output::discreet(&next.to_string());
        // Some messages quote their cause already.
        if !chain.ends_with(&text) {
            chain = format!("{chain}: {text}");
        }
        cause = next.source();
    }
    chain
}

/// Help and version are answers, not errors; clap knows which stream each belongs on.
fn usage(message: &clap::Error, mut out: impl Write, mut err: impl Write) -> Status {
    let text = message.render();
    let (printed, status) = if message.use_stderr() {
        (write!(err, "{text}"), Status::Failure)
    } else {
        (write!(out, "{text}"), Status::Pass)
    };
    printed.map_or(Status::Failure, |()| status)
}
