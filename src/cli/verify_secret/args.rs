//! The command line of `verify-secret` as it is typed.

use crate::cli::args::{Changed, Scan};
use crate::cli::args::{Kind, Patience};
use crate::source::Request;
use crate::validity::StandIn;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The flags of `verify-secret`.
#[derive(Debug, Args)]
pub(in crate::cli) struct VerifySecret {
    /// A repository or any folder.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    #[command(flatten)]
    pub changed: Changed,
    /// With --history: from every ref.
    #[arg(long, requires = "history")]
    pub all: bool,
    /// Ask about secrets of this rule alone.
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
    /// Ask about one value, which is read from standard input and never from the command line.
    #[arg(
        long,
        requires = "rule",
        conflicts_with_all = ["path", "staged", "range", "history", "worktree"]
    )]
    pub stdin: bool,
    /// With --stdin: the public half of a credential that comes in two.
    #[arg(long, requires = "stdin", value_name = "ID")]
    pub id: Option<String>,
    #[command(flatten)]
    pub asking: Asking,
    /// How to print what is known.
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    /// Read the configuration from here. Rules of a project are asked about only if they come from a
    /// file that is named like this.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Who may be asked, and how much.
#[derive(Debug, Args)]
pub(in crate::cli) struct Asking {
    /// Yes, send each secret to the vendor that issued it.
    #[arg(long)]
    pub allow_network: bool,
    /// Say whom it would ask, and how often; ask nobody.
    #[arg(long, conflicts_with = "allow_network")]
    pub dry_run: bool,
    /// Make at most so many requests.
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub most: u32,
    /// Make at most so many requests a second to one host.
    #[arg(
        long,
        default_value_t = 2,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=20)
    )]
    pub per_second: u32,
    /// Ask a server on this machine in place of a host.
    #[arg(long, hide = true, value_name = "HOST=URL")]
    pub endpoint: Vec<StandIn>,
}

/// How `verify-secret` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// Lines for people.
    Text,
    /// One object.
    Json,
}

impl VerifySecret {
    /// The scan that finds the secrets.
    pub(super) fn scan(&self) -> Scan {
        Scan {
            path: self.path.clone(),
            changed: self.changed.clone(),
            all: self.all,
            only: vec![Kind::Secrets],
            config: self.config.clone(),
            patience: Patience::Pipeline,
            ..Scan::for_hook(Request::Staged)
        }
    }
}
