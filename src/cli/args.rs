//! The command line as it is typed.

use super::verify_secret::VerifySecret;
use crate::gate::FailOn;
use crate::package::{Ecosystem, EcosystemError};
use crate::report;
use crate::source::Request;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

/// The gate between a commit and the pipeline.
///
/// Scans what changed for secrets and policy violations, checks lockfiles against advisories, and
/// ends with 0 (the gate passes), 1 (the gate blocks) or 2 (it could not look).
#[derive(Debug, Parser)]
#[command(name = "lockkeeper", version, propagate_version = true, max_term_width = 100)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub shared: Shared,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(super) struct Shared {
    /// When to colour what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the gate over what changed.
    Scan(Box<Scan>),
    /// List what the lockfiles resolve to.
    Packages(Packages),
    /// Keep the advisories in one local file, for scans without a download.
    #[command(subcommand)]
    Db(Db),
    /// Show and check the rules.
    #[command(subcommand)]
    Rules(Rules),
    /// Write or prune the baseline of findings that are known.
    #[command(subcommand)]
    Baseline(Baseline),
    /// Let findings through until a day, and say why: waivers of `.lockkeeper.toml`.
    #[command(subcommand)]
    Waive(Waive),
    /// Take over the rules, allowlists and baselines of other scanners.
    Import(Import),
    /// Ask those who issued the secrets that are found whether they still work.
    ///
    /// Each secret is sent to the one host that its rule names, if --allow-network says so, and never for
    /// a pull request from a fork. Ends with 1 if one is active; else with 2 if one could not be asked
    /// about; else with 0.
    VerifySecret(Box<VerifySecret>),
    /// Run the gate as a git hook.
    #[command(subcommand)]
    Hook(Hook),
}

/// The flags of `scan`.
#[derive(Debug, Clone, Args)]
pub(super) struct Scan {
    /// A repository or any folder.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    #[command(flatten)]
    pub changed: Changed,
    /// With --history: from every ref.
    #[arg(long, requires = "history")]
    pub all: bool,
    /// With --history: do not read again the commits that an earlier run under the same rules found
    /// clean; they are kept in FILE (default: in the git directory). Whoever writes it can hide a
    /// commit: keep it where only jobs of the same trust do.
    #[arg(
        long,
        value_name = "FILE",
        requires = "history",
        num_args = 0..=1,
        require_equals = true
    )]
    #[expect(clippy::option_option, reason = "clap's type for a flag whose value may be left out")]
    pub cache: Option<Option<PathBuf>>,
    /// Look for these alone.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KINDS")]
    pub only: Vec<Kind>,
    /// Block from this severity on: low, medium, high, critical or none (default: as configured, else
    /// high).
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Write a report: text, json, sarif, openvex or cyclonedx-vex; PATH - is standard output.
    /// Repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<ReportTo>,
    /// An index of `db update`, an OSV zip, a folder of OSV JSON, a `RustSec` checkout, the URL or folder
    /// of a bucket mirror, or a repository as `git+https://…#branch`. Repeatable.
    #[arg(long, value_name = "PATH|URL")]
    pub advisories: Vec<String>,
    /// Never touch the network.
    #[arg(long)]
    pub offline: bool,
    /// Read the configuration from here instead of `.lockkeeper.toml` of the base revision.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read the baseline from here instead of `.lockkeeper-baseline` of the base revision.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Go by this VEX document (`OpenVEX` or `CycloneDX`) besides those of `[dependencies] vex`.
    /// Repeatable.
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,
    /// How many threads to use (default: one a processor).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Draw no progress bar.
    #[arg(long)]
    pub no_progress: bool,
    /// Who waits for the verdict; not typed.
    #[arg(skip)]
    pub patience: Patience,
}

/// Who waits for the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Patience {
    /// A pipeline, which needs to know everything.
    #[default]
    Pipeline,
    /// A person in the middle of a commit or a push, who waits for no download that the project does not
    /// ask for, and is told rather than held up where advisories are missing or old.
    Commit,
}

impl Scan {
    /// A scan as a hook runs it.
    pub(super) fn for_hook(request: Request) -> Self {
        Self {
            path: PathBuf::from("."),
            changed: Changed { told: Some(request), ..Changed::default() },
            all: false,
            cache: None,
            only: Vec::new(),
            fail_on: None,
            report: Vec::new(),
            advisories: Vec::new(),
            offline: false,
            config: None,
            baseline: None,
            vex: Vec::new(),
            jobs: None,
            no_progress: false,
            patience: Patience::Commit,
        }
    }
}

/// The ways to say what changed.
#[derive(Debug, Clone, Default, Args)]
#[group(multiple = false)]
pub(super) struct Changed {
    /// The index against HEAD: what would be committed, never the working files.
    #[arg(long)]
    pub staged: bool,
    /// Every commit's own diff in the range; lockfiles of B against A.
    #[arg(long, value_name = "A..B|A...B")]
    pub range: Option<String>,
    /// Every commit reachable from HEAD.
    #[arg(long)]
    pub history: bool,
    /// The files on disk, whether or not it is a git repository.
    #[arg(long)]
    pub worktree: bool,
    /// What a hook was told; not typed.
    #[arg(skip)]
    pub told: Option<Request>,
}

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Credentials.
    Secrets,
    /// How the repository is worked on.
    Policies,
    /// Vulnerable packages.
    Dependencies,
}

/// `FORMAT=PATH` of `--report`.
#[derive(Debug, Clone)]
pub(super) struct ReportTo {
    /// How to write it.
    pub format: report::Format,
    /// Where to; `None` is standard output.
    pub path: Option<PathBuf>,
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text.split_once('=').unwrap_or((text, "-"));
        let format = format.parse().map_err(|error: report::FormatError| error.to_string())?;
        if path.is_empty() {
            return Err("the path after '=' is empty; '-' is standard output".to_owned());
        }
        Ok(Self { format, path: (path != "-").then(|| PathBuf::from(path)) })
    }
}

/// The flags of `packages`.
#[derive(Debug, Args)]
pub(super) struct Packages {
    /// A repository, any folder or one lockfile.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = PackagesFormat::Table)]
    pub format: PackagesFormat,
}

/// How `packages` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PackagesFormat {
    /// Columns for people.
    Table,
    /// A list of objects.
    Json,
    /// A bill of materials: `CycloneDX` 1.6 as JSON.
    #[value(name = "cyclonedx")]
    CycloneDx,
    /// A bill of materials: SPDX 2.3 as JSON.
    Spdx,
}

/// What to do with the index of advisories.
#[derive(Debug, Subcommand)]
pub(super) enum Db {
    /// Make the index, or ask its sources whether they have anything new.
    ///
    /// Scans without --advisories take it while it is young enough. One file: copy it to machines
    /// without a network.
    Update(DbUpdate),
    /// Say what the index holds and how old it is; ends with 2 if there is none or it is too old.
    Status(DbStatus),
    /// Read the index whole; ends with 2 if anything in it is not what was written.
    Verify(DbFile),
}

/// The flags of `db update`.
#[derive(Debug, Args)]
pub(super) struct DbUpdate {
    /// Whose lockfiles say which ecosystems are in use, where none is named.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// An ecosystem as OSV spells it, or all. What the index has already is always asked for.
    /// Repeatable.
    #[arg(long, value_name = "NAME")]
    pub ecosystem: Vec<EcosystemName>,
    /// An OSV zip, a folder of OSV JSON, a `RustSec` checkout, the URL or folder of a bucket mirror,
    /// or a repository as `git+https://…#branch` (default: what the index was made of, else OSV's
    /// bucket). Repeatable.
    #[arg(long, value_name = "PATH|URL")]
    pub source: Vec<String>,
    #[command(flatten)]
    pub file: DbFile,
}

/// The flags of `db status`.
#[derive(Debug, Args)]
pub(super) struct DbStatus {
    #[command(flatten)]
    pub file: DbFile,
    /// How old it may be (default: as configured in this folder, else 7).
    #[arg(long, value_name = "DAYS")]
    pub max_age_days: Option<u32>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = DbFormat::Table)]
    pub format: DbFormat,
}

/// Which index.
#[derive(Debug, Args)]
pub(super) struct DbFile {
    /// The index (default: the one in the cache that scans take).
    #[arg(long, value_name = "FILE")]
    pub index: Option<PathBuf>,
}

/// How `db status` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DbFormat {
    /// Columns for people.
    Table,
    /// An object.
    Json,
}

/// `NAME` of `--ecosystem`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EcosystemName {
    /// Every one that we know.
    All,
    /// This one.
    One(Ecosystem),
}

impl FromStr for EcosystemName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        text.parse().map(Self::One).map_err(|error: EcosystemError| error.to_string())
    }
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// List every rule with its severity.
    List,
    /// Say what a rule looks for, why, and what to do about a finding.
    Explain {
        /// The rule's id, as reports print it.
        id: String,
    },
    /// Run every rule's examples through the detector.
    Check {
        /// A rule file, or a folder of them (default: the built-in rules and the project's own).
        path: Option<PathBuf>,
    },
}

/// What to do with the baseline.
#[derive(Debug, Subcommand)]
pub(super) enum Baseline {
    /// Write every finding of the scan into the baseline.
    Write(Box<Scan>),
    /// Drop the entries that the scan does not find any more.
    Prune(Box<Scan>),
}

/// What to do with waivers.
#[derive(Debug, Subcommand)]
pub(super) enum Waive {
    /// Add a waiver.
    Add(WaiveAdd),
    /// List the waivers and how they stand.
    List(Waived),
    /// Remove the waivers that expired and, with --scan, those that are unused.
    Prune(Waived),
}

/// The flags of `waive add`.
#[derive(Debug, Args)]
pub(super) struct WaiveAdd {
    /// A rule, an advisory (any alias) or a fingerprint.
    pub id: String,
    /// Only in files of this path pattern.
    #[arg(long, value_name = "GLOB")]
    pub scope: Option<String>,
    /// Only for this package.
    #[arg(long, value_name = "NAME")]
    pub package: Option<String>,
    /// Why it may pass.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who answers for it (default: git's user.email).
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// Who agreed.
    #[arg(long, value_name = "WHO")]
    pub approved_by: Option<String>,
    /// The last day on which it holds.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: String,
    /// The repository.
    #[arg(long, default_value = ".", value_name = "REPO")]
    pub path: PathBuf,
}

/// The flags of `waive list` and `waive prune`.
#[derive(Debug, Args)]
pub(super) struct Waived {
    /// Scan, to know which are used: the files on disk, or --history.
    #[arg(long)]
    pub scan: bool,
    #[command(flatten)]
    pub asked: Box<Scan>,
}

/// The flags of `import`.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// `.gitleaks.toml`, `.betterleaks.toml`, `.gitleaksignore`, `.secrets.baseline`.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What the files are, where their names do not say.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<ImportFormat>,
    /// Write `.lockkeeper.toml` and the baseline, rather than show what would be added.
    #[arg(long)]
    pub write: bool,
    /// The repository.
    #[arg(long, default_value = ".", value_name = "REPO")]
    pub path: PathBuf,
}

/// What `import` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ImportFormat {
    /// The configuration of gitleaks.
    Gitleaks,
    /// The configuration of betterleaks.
    Betterleaks,
    /// The accepted findings of gitleaks or betterleaks.
    GitleaksIgnore,
    /// The baseline of detect-secrets.
    DetectSecrets,
}

/// What to do with hooks.
#[derive(Debug, Subcommand)]
pub(super) enum Hook {
    /// Install the hook into this repository.
    Install(HookName),
    /// Remove the hook that `install` wrote.
    Uninstall(HookName),
    /// Run the hook, as git does.
    Run(HookRun),
}

/// Which hook.
#[derive(Debug, Args)]
pub(super) struct HookName {
    /// The hook.
    #[arg(value_enum, default_value_t = HookKind::PreCommit)]
    pub hook: HookKind,
    /// The repository.
    #[arg(long, default_value = ".", value_name = "PATH")]
    pub repository: PathBuf,
}

/// The flags of `hook run`.
#[derive(Debug, Args)]
pub(super) struct HookRun {
    /// The hook.
    #[arg(value_enum)]
    pub hook: HookKind,
    /// What git or a hook framework passes along.
    #[arg(trailing_var_arg = true, hide = true)]
    pub rest: Vec<OsString>,
}

/// The hooks that can be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HookKind {
    /// Before a commit is made: the index against HEAD.
    PreCommit,
    /// Before a merge without conflicts is committed: the same.
    PreMergeCommit,
    /// When the message of a commit is written: the message.
    CommitMsg,
    /// Before a push: the commits, tags and names that the remote does not have.
    PrePush,
    /// On a server, before it takes a push in: the commits, tags and names that it does not have.
    PreReceive,
}

impl HookKind {
    /// What git calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }
}
