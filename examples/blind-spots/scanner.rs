//! Scanners: how each is called, and how its answer is read.

use crate::repository::Made;
use crate::spot::{Spot, Wanted};
use serde_json::Value;
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// The scanners beside ours whose command lines we know.
const PEERS: [(&str, Kind); 3] = [
    ("betterleaks", Kind::Betterleaks),
    ("gitleaks", Kind::Gitleaks),
    ("kingfisher", Kind::Kingfisher),
];

/// A program, and how it is spoken to.
pub(crate) struct Scanner {
    kind: Kind,
    program: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lockkeeper,
    Betterleaks,
    Gitleaks,
    Kingfisher,
}

/// What a scanner is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything that was ever committed.
    History,
    /// What came after the base.
    Range,
    /// What is staged.
    Staged,
    /// What is about to be pushed.
    Push,
}

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Range => "range",
            Self::Staged => "staged",
            Self::Push => "push",
        }
    }
}

/// How a scanner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    Yes,
    Late,
    No,
    Quiet,
    Alarm,
    NotApplicable,
}

impl Cell {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Late => "late",
            Self::No => "no",
            Self::Quiet => "quiet",
            Self::Alarm => "ALARM",
            Self::NotApplicable => "-",
        }
    }
}

/// The commits of what a scanner found; an empty text where it names none.
type Commits = Vec<String>;

/// Our own binary and those of the command line, or else of the `PATH`.
pub(crate) fn scanners(arguments: &[String]) -> Result<Vec<Scanner>, Box<dyn Error>> {
    let ours = env::current_exe()?.with_file_name("../lockkeeper");
    let mut scanners = vec![Scanner { kind: Kind::Lockkeeper, program: ours }];
    for argument in arguments {
        let (name, program) = argument.split_once('=').ok_or("an argument is NAME=PROGRAM")?;
        let program = PathBuf::from(program);
        match PEERS.iter().find(|(known, _)| *known == name) {
            Some((_, kind)) => scanners.push(Scanner { kind: *kind, program }),
            None if name == "lockkeeper" => {
                scanners.splice(..1, [Scanner { kind: Kind::Lockkeeper, program }]);
            }
            None => return Err(format!("{name} is no scanner that this example can run").into()),
        }
    }
    for (name, kind) in PEERS {
        let given = scanners.iter().any(|scanner| scanner.kind == kind);
        let version = Command::new(name).arg("--version").output();
        if !given && version.is_ok() {
            scanners.push(Scanner { kind, program: PathBuf::from(name) });
        }
    }
    Ok(scanners)
}

impl Scanner {
    /// What the table calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Lockkeeper => "lockkeeper",
            Kind::Betterleaks => "betterleaks",
            Kind::Gitleaks => "gitleaks",
            Kind::Kingfisher => "kingfisher",
        }
    }

    /// What it can be asked to look at.
    pub(crate) fn modes(&self) -> &'static [Mode] {
        match self.kind {
            Kind::Lockkeeper => &[Mode::History, Mode::Range, Mode::Staged, Mode::Push],
            Kind::Betterleaks | Kind::Gitleaks | Kind::Kingfisher => &[Mode::History, Mode::Range],
        }
    }

    /// Runs it over a spot.
    pub(crate) fn look(
        &self,
        spot: &Spot,
        made: &Made,
        mode: Mode,
    ) -> Result<Cell, Box<dyn Error>> {
        let folder = match mode {
            Mode::Staged => made.staged.as_deref(),
            Mode::History | Mode::Range | Mode::Push => Some(made.folder.as_path()),
        };
        let base = made.base.map(|id| id.to_string());
        let (Some(folder), true) =
            (folder, mode == Mode::History || mode == Mode::Staged || base.is_some())
        else {
            return Ok(Cell::NotApplicable);
        };
        let base = base.unwrap_or_default();
        let found = match self.kind {
            Kind::Lockkeeper if mode == Mode::Push => return self.push(spot, folder, &base),
            Kind::Lockkeeper => self.lockkeeper(folder, mode, &base)?,
            Kind::Betterleaks => self.betterleaks(folder, mode, &base)?,
            Kind::Gitleaks => self.gitleaks(folder, mode, &base)?,
            Kind::Kingfisher => self.kingfisher(folder, mode, &base)?,
        };
        let culprit = made.culprit.map(|id| id.to_string());
        let right = |commit: &String| {
            mode == Mode::Staged || culprit.as_ref().is_none_or(|culprit| culprit == commit)
        };
        let quiet = spot.wanted == Wanted::Quiet && mode != Mode::History;
        Ok(match (quiet, found.is_empty()) {
            (true, true) => Cell::Quiet,
            (true, false) => Cell::Alarm,
            (false, true) => Cell::No,
            (false, false) if found.iter().any(right) => Cell::Yes,
            (false, false) => Cell::Late,
        })
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    fn lockkeeper(&self, folder: &Path, mode: Mode, base: &str) -> Result<Commits, Box<dyn Error>> {
        let what = match mode {
            Mode::History => vec!["--history".to_owned(), "--all".to_owned()],
            Mode::Staged => vec!["--staged".to_owned()],
            Mode::Range | Mode::Push => vec![format!("--range={base}..HEAD")],
        };
        let output = self
            .command(folder)
            .args(["scan", "--only=secrets", "--no-progress", "--report=json=-"])
            .args(what)
            .output()?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        Ok(commits(report.get("findings"), |finding| finding.get("commit")))
    }

    /// The hook says by its status alone what it found; one that there is not says 2.
    fn push(&self, spot: &Spot, folder: &Path, base: &str) -> Result<Cell, Box<dyn Error>> {
        let refs = git2::Repository::open(folder)?;
        let none = "0".repeat(40);
        let lines = refs.references()?.flatten().filter_map(|reference| {
            let (name, id) = (reference.name().ok()?.to_owned(), reference.target()?);
            let known = if name == "refs/heads/main" { base } else { &none };
            Some(format!("{name} {id} {name} {known}\n"))
        });
        let lines: String = lines.collect();
        let mut child = self
            .command(folder)
            .args(["hook", "run", "pre-push", "origin", "https://git.example.org/app.git"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A hook that does not exist reads nothing.
            _ = stdin.write_all(lines.as_bytes());
        }
        let quiet = spot.wanted == Wanted::Quiet;
        Ok(match (child.wait()?.code(), quiet) {
            (Some(0), true) => Cell::Quiet,
            (Some(0), false) => Cell::No,
            (Some(1), true) => Cell::Alarm,
            (Some(1), false) => Cell::Yes,
            _ => Cell::NotApplicable,
        })
    }

    fn betterleaks(
        &self,
        folder: &Path,
        mode: Mode,
        base: &str,
    ) -> Result<Commits, Box<dyn Error>> {
        let report = tempfile::NamedTempFile::with_suffix(".json")?;
        let mut command = self.command(folder);
        command.args(["git", ".", "--no-banner", "--exit-code=0"]);
        command.arg("--include=commit-messages,tag-messages").arg("-o").arg(report.path());
        if mode == Mode::Range {
            command.arg(format!("--log-opts={base}..HEAD"));
        }
        let report: Value = run(&mut command, report.path())?;
        let sha = |finding: &Value| finding.pointer("/attributes/git.sha").cloned();
        Ok(owned(report.get("findings"), sha))
    }

    fn gitleaks(&self, folder: &Path, mode: Mode, base: &str) -> Result<Commits, Box<dyn Error>> {
        let report = tempfile::NamedTempFile::with_suffix(".json")?;
        let mut command = self.command(folder);
        command.args(["git", ".", "--no-banner", "--exit-code=0", "--max-archive-depth=8"]);
        command.arg("--report-format=json").arg("--report-path").arg(report.path());
        if mode == Mode::Range {
            command.arg(format!("--log-opts={base}..HEAD"));
        }
        let report: Value = run(&mut command, report.path())?;
        Ok(commits(Some(&report), |finding| finding.get("Commit")))
    }

    fn kingfisher(&self, folder: &Path, mode: Mode, base: &str) -> Result<Commits, Box<dyn Error>> {
        let report = tempfile::NamedTempFile::with_suffix(".json")?;
        let mut command = self.command(folder);
        command.args(["scan", ".", "--no-validate", "--no-update-check", "--confidence=low"]);
        command.args(["--format=json", "-o"]).arg(report.path());
        if mode == Mode::Range {
            command.arg(format!("--since-commit={base}"));
        }
        let report: Value = run(&mut command, report.path())?;
        let sha = |finding: &Value| finding.pointer("/finding/git_metadata/commit/id").cloned();
        Ok(owned(report.get("findings"), sha))
    }
}

/// Runs a scanner that writes its report into a file. No report is no finding: some write none then.
fn run(command: &mut Command, report: &Path) -> Result<Value, Box<dyn Error>> {
    command.output()?;
    let text = fs::read(report)?;
    Ok(serde_json::from_slice(&text).unwrap_or(Value::Null))
}

fn commits<'v>(
    findings: Option<&'v Value>,
    commit: impl Fn(&'v Value) -> Option<&'v Value>,
) -> Commits {
    owned(findings, |finding| commit(finding).cloned())
}

fn owned<'v>(findings: Option<&'v Value>, commit: impl Fn(&'v Value) -> Option<Value>) -> Commits {
    let findings = findings.and_then(Value::as_array).into_iter().flatten();
    let text = |value: Option<Value>| value.and_then(|v| v.as_str().map(str::to_owned));
    findings.map(|finding| text(commit(finding)).unwrap_or_default()).collect()
}
