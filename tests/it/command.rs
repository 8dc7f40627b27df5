//! Running programs without anything of the place where the tests run.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// How the names of variables begin that change what git or lockkeeper do.
const SCRUBBED: [&str; 14] = [
    "GIT_",
    "GITHUB_",
    "GITLAB_",
    "CI",
    "NO_COLOR",
    "APPVEYOR",
    "BITBUCKET_",
    "BUILDKITE",
    "DRONE",
    "JENKINS_",
    "PRE_COMMIT",
    "SEMAPHORE",
    "TF_BUILD",
    "TRAVIS",
];

/// What the executable did.
pub(crate) struct Run(Output);

impl Run {
    /// Runs `lockkeeper scan` in a folder.
    pub(crate) fn scan<S: AsRef<OsStr>>(
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockkeeper"));
        scrub(&mut command).current_dir(folder).arg("scan").args(arguments);
        Self(command.output().unwrap())
    }

    /// Runs another command of `lockkeeper` in a folder.
    pub(crate) fn command<S: AsRef<OsStr>>(
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockkeeper"));
        scrub(&mut command).current_dir(folder).args(arguments);
        Self(command.output().unwrap())
    }

    /// Runs `lockkeeper` in a folder with these variables and this on standard input.
    pub(crate) fn with<S: AsRef<OsStr>>(
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
        variables: &[(&str, &str)],
        input: &str,
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockkeeper"));
        scrub(&mut command).current_dir(folder).args(arguments).envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A run that reads nothing may be over before all is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Self(child.wait_with_output().unwrap())
    }

    /// Runs a hook in a folder, as git or a framework would: with words on standard input.
    pub(crate) fn hook<const N: usize>(
        folder: &Path,
        arguments: [&str; N],
        said: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let arguments = ["hook", "run"].into_iter().chain(arguments);
        Self::with(folder, arguments, variables, said)
    }

    /// Runs git, which may fail.
    pub(crate) fn git<S: AsRef<OsStr>>(
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self(hermetic_git(folder).args(arguments).output().expect("git is installed"))
    }

    /// Everything that it said.
    pub(crate) fn text(&self) -> String {
        self.stdout() + &self.stderr()
    }

    /// The exit status.
    pub(crate) fn status(&self) -> i32 {
        self.0.status.code().expect("no signal ends it")
    }

    /// What it printed.
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    /// What it complained about.
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

/// Runs git itself; it must succeed.
pub(crate) fn git<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) {
    let run = Run::git(folder, arguments);
    assert!(run.status() == 0, "{}", run.text());
}

/// Git without anybody's configuration, and with ours as the only `lockkeeper` that its hooks find.
fn hermetic_git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "gc.auto=0"];
    scrub(&mut command)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .current_dir(folder)
        .args(identity)
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]);
    command
}

/// Takes every variable away that would let the place where tests run show in their results, and the
/// advisories that whoever runs them has kept.
fn scrub(command: &mut Command) -> &mut Command {
    command.env("LOCKKEEPER_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-cache"));
    for (name, _) in std::env::vars_os() {
        let known = |prefix: &&str| name.to_string_lossy().starts_with(*prefix);
        if SCRUBBED.iter().any(known) {
            command.env_remove(&name);
        }
    }
    command
}
