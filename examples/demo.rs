//! The gate at work: builds a small shop's git history from `fixtures/demo/`, in which a payment
//! key leaked for one commit, an image runs a script from the network and a lockfile went back to a
//! vulnerable version; then runs the gate over it. Needs no network.
//!
//! `cargo run --example demo` prints the verdict and leaves the SARIF in `target/demo/`. Further
//! arguments are those of `scan`: `cargo run --example demo -- --color always`.

use git2::{Repository, Signature, Time};
use lockkeeper::cli::{self, Environment, Status};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

#[derive(Deserialize)]
struct History {
    commit: Vec<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    message: String,
    files: BTreeMap<String, String>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = root.join("fixtures/demo");
    let work = root.join("target/demo");
    let history: History = toml::from_str(&fs::read_to_string(fixtures.join("history.toml"))?)?;
    let first = build(&work.join("shop"), &history)?;
    let sarif = work.join("report.sarif");
    let environment = Environment { folder: work, ..Environment::read()? };
    let mut arguments = vec![
        "lockkeeper".to_owned(),
        "scan".into(),
        "shop".into(),
        format!("--range={first}..HEAD"),
        "--offline".into(),
        format!("--advisories={}", fixtures.join("advisories").display()),
        "--report=text=-".into(),
        format!("--report=sarif={}", sarif.display()),
    ];
    arguments.extend(std::env::args().skip(1));
    let arguments = arguments.into_iter().map(Into::into);
    let status = cli::run(arguments, &environment, io::stdout(), io::stderr());
    Ok(epilogue(status, sarif.strip_prefix(root).unwrap_or(&sarif)))
}

/// The demo is a success when the gate did its job, and here that is to block.
#[expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]
fn epilogue(status: Status, sarif: &Path) -> ExitCode {
    println!("\nThe gate's exit status is {}; its SARIF is {}", status.code(), sarif.display());
    ExitCode::from(u8::from(status != Status::Block))
}

/// Makes the repository anew and returns its first commit.
fn build(path: &PathBuf, history: &History) -> Result<git2::Oid, Box<dyn Error>> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    let repository = Repository::init(path)?;
    repository.set_head("refs/heads/main")?;
    let mut first = None;
    for (at, commit) in (0..).zip(&history.commit) {
        for (name, text) in &commit.files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap_or(path))?;
            fs::write(file, lockkeeper::rule::expand(text)?.text)?;
        }
        let id = record(&repository, &commit.message, at)?;
        first.get_or_insert(id);
    }
    first.ok_or_else(|| "fixtures/demo/history.toml has no commit".into())
}

fn record(repository: &Repository, message: &str, at: i64) -> Result<git2::Oid, git2::Error> {
    let mut index = repository.index()?;
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let when = Time::new(1_790_000_000 + at * 3600, 0);
    let ada = Signature::new("Ada Example", "ada@example.org", &when)?;
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(Some("HEAD"), &ada, &ada, message, &tree, &parents)
}
