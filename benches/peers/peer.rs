//! The tools, which of them are installed, and how one tells that it did its job.

use crate::command;
use crate::mode::Job;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The programs whose command lines we know.
const PEERS: [(&str, Kind); 7] = [
    ("gix-floor", Kind::Gix),
    ("betterleaks", Kind::Betterleaks),
    ("gitleaks", Kind::Gitleaks),
    ("kingfisher", Kind::Kingfisher),
    ("trufflehog", Kind::Trufflehog),
    ("noseyparker", Kind::Noseyparker),
    ("ripsecrets", Kind::Ripsecrets),
];

/// How a tool is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Lockkeeper,
    Floor,
    Git,
    /// `benches/gix`.
    Gix,
    GixUnhashed,
    Betterleaks,
    Gitleaks,
    Kingfisher,
    Trufflehog,
    Noseyparker,
    Ripsecrets,
}

/// A program that is measured.
pub(crate) struct Tool {
    kind: Kind,
    name: &'static str,
    version: String,
    program: PathBuf,
}

/// A command line and what is added to the environment.
pub(crate) struct Call {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(&'static str, String)>,
}

/// Our own binary, the floor, git, and the peers among these folders and binaries: of each the first.
pub(crate) fn installed(places: &[PathBuf]) -> Result<Vec<Tool>, Box<dyn Error>> {
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_lockkeeper"));
    let mut tools = vec![
        Tool {
            kind: Kind::Lockkeeper,
            name: "lockkeeper",
            version: version(&ours)?,
            program: ours,
        },
        Tool {
            kind: Kind::Floor,
            name: "floor",
            version: "the same objects or files read, and nothing looked at".to_owned(),
            program: env::current_exe()?,
        },
        Tool {
            kind: Kind::Git,
            name: "git",
            version: "the same objects given out by `git cat-file`, a process for each thread"
                .to_owned(),
            program: env::current_exe()?,
        },
    ];
    let mut known: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
    for (name, kind) in PEERS {
        let candidate = |place: &PathBuf| {
            if place.is_dir() {
                return Some(place.join(name));
            }
            place.file_name().filter(|file| *file == name).map(|_| place.clone())
        };
        let found = places.iter().filter_map(candidate).find(|program| program.is_file());
        let Some(program) = found else { continue };
        let program = fs::canonicalize(program)?;
        // Some put one scanner in the place of another under both names.
        if let Some(twin) = known.insert(fs::read(&program)?, name) {
            println!("{name} is {twin} under another name, and not measured again");
            continue;
        }
        let version = version(&program)?;
        tools.push(Tool { kind, name, version: version.clone(), program: program.clone() });
        if kind == Kind::Gix {
            let (kind, name) = (Kind::GixUnhashed, "gix-unhashed");
            tools.push(Tool { kind, name, version, program });
        }
    }
    Ok(tools)
}

fn version(program: &Path) -> Result<String, Box<dyn Error>> {
    let output = Command::new(program).arg("--version").output()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("unknown");
    Ok(line.rsplit_once(' ').map_or(line, |(_, version)| version).to_owned())
}

impl Tool {
    /// What the tables call it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// What it says of itself.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Whether it ended as one that did the job, and found something or nothing.
    pub(crate) fn worked(&self, status: Option<i32>) -> bool {
        let good: &[i32] = match self.kind {
            Kind::Lockkeeper | Kind::Ripsecrets => &[0, 1],
            Kind::Floor
            | Kind::Git
            | Kind::Gix
            | Kind::GixUnhashed
            | Kind::Betterleaks
            | Kind::Gitleaks
            | Kind::Noseyparker => &[0],
            Kind::Kingfisher => &[0, 200, 205],
            Kind::Trufflehog => &[0, 183],
        };
        status.is_some_and(|status| good.contains(&status))
    }

    /// Whether what it writes to standard error means that it failed. Their statuses do not tell: for a
    /// range that does not exist, gitleaks and kingfisher end with 0.
    pub(crate) fn is_silent_unless_it_fails(&self) -> bool {
        matches!(self.kind, Kind::Betterleaks | Kind::Gitleaks | Kind::Kingfisher)
    }

    /// How it is called; none if it cannot do the job.
    pub(crate) fn command(&self, job: &Job, report: &Path) -> Option<Call> {
        let arguments = command::arguments(self.kind, job, &report.display().to_string())?;
        let threads = job.threads.to_string();
        Some(Call {
            program: self.program.clone(),
            arguments,
            environment: vec![
                ("RAYON_NUM_THREADS", threads.clone()),
                ("GOMAXPROCS", threads),
                // Nobody's own settings of git, whoever owns the repository; and somebody to commit as,
                // which is how kingfisher looks at what is staged.
                ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
                ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
                ("GIT_CONFIG_COUNT", "1".to_owned()),
                ("GIT_CONFIG_KEY_0", "safe.directory".to_owned()),
                ("GIT_CONFIG_VALUE_0", "*".to_owned()),
                ("GIT_AUTHOR_NAME", "Ada".to_owned()),
                ("GIT_AUTHOR_EMAIL", "ada@example.org".to_owned()),
                ("GIT_COMMITTER_NAME", "Ada".to_owned()),
                ("GIT_COMMITTER_EMAIL", "ada@example.org".to_owned()),
            ],
        })
    }
}
