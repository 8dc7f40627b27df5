//! What the library takes from the world: variables, the current folder, the time, the terminal.
//! Read once, in `main`.

use crate::finding::RepositoryKey;
use crate::source::GitEnvironment;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

/// The world as one run sees it. Tests make their own.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Environment variables whose name and value are text.
    pub variables: BTreeMap<String, String>,
    /// The folder that relative paths start from.
    pub folder: PathBuf,
    /// The time, for waivers and the age of advisories.
    pub now: Timestamp,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_terminal: bool,
    /// This program, for the hooks that it installs.
    pub program: PathBuf,
}

impl Environment {
    /// The world as it is. Fails where the current folder is gone.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the world")]
    pub fn read() -> io::Result<Self> {
        let variables = env::vars_os();
        let text =
            variables.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Ok(Self {
            variables: text.collect(),
            folder: env::current_dir()?,
            now: Timestamp::now(),
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
            program: env::current_exe().unwrap_or_else(|_| PathBuf::from("lockkeeper")),
        })
    }

    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The day (UTC) on which waivers are judged.
    pub(super) fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The time that documents give as their own: that of the commit under build, where
    /// `SOURCE_DATE_EPOCH` says so, so that a build can be repeated byte for byte; else now.
    pub(super) fn document_time(&self) -> Timestamp {
        let told = self.variable("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse().ok());
        let told = told.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let now = Timestamp::from_second(self.now.as_second()).unwrap_or(self.now);
        told.unwrap_or(now)
    }

    /// Whether this is a CI job, as every provider says it.
    pub(super) fn in_ci(&self) -> bool {
        self.variable("CI").is_some_and(|value| value != "false" && value != "0")
    }

    /// A path as typed, from the current folder; `.` adds nothing to it.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path).components().collect()
    }

    /// Where downloads are kept: `LOCKKEEPER_CACHE`, else the user's cache folder, else (a user without
    /// a home) here.
    pub(super) fn cache(&self) -> PathBuf {
        if let Some(own) = self.variable("LOCKKEEPER_CACHE") {
            return self.resolve(Path::new(own));
        }
        let user = self.variable("XDG_CACHE_HOME").or_else(|| self.variable("LOCALAPPDATA"));
        let user = user.map(PathBuf::from);
        let home = || self.variable("HOME").map(|home| Path::new(home).join(".cache"));
        let folder = user.or_else(home).map(|folder| folder.join("lockkeeper"));
        folder.unwrap_or_else(|| self.resolve(Path::new(".lockkeeper-cache")))
    }

    /// Where `db update` keeps the index of advisories.
    pub(super) fn index(&self) -> PathBuf {
        self.cache().join("advisories.index")
    }

    /// Where cargo keeps what it knows of its registries.
    pub(super) fn cargo_index(&self) -> Option<PathBuf> {
        let own = self.variable("CARGO_HOME").map(|home| self.resolve(Path::new(home)));
        let usual = || {
            let home = self.variable("HOME").or_else(|| self.variable("USERPROFILE"));
            home.map(|home| Path::new(home).join(".cargo"))
        };
        own.or_else(usual).map(|home| home.join("registry/index"))
    }

    /// A key for a new baseline, as the operating system draws it.
    #[expect(clippy::unused_self, reason = "chance is part of the world, as the clock is")]
    pub(super) fn draw_key(&self) -> io::Result<RepositoryKey> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        Ok(RepositoryKey::new(key))
    }

    /// The variables by which git tells its hooks where things are.
    pub(super) fn git(&self) -> GitEnvironment {
        let path = |name| self.variable(name).map(|value| self.resolve(Path::new(value)));
        GitEnvironment {
            git_dir: path("GIT_DIR"),
            work_tree: path("GIT_WORK_TREE"),
            index_file: path("GIT_INDEX_FILE"),
            quarantine: path("GIT_QUARANTINE_PATH"),
            object_directory: path("GIT_OBJECT_DIRECTORY"),
            alternate_object_directories: self
                .variable("GIT_ALTERNATE_OBJECT_DIRECTORIES")
                .map(Into::into),
        }
    }
}
