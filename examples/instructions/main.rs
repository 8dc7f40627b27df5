//! Counts the instructions of three fixed workloads, which no noise of a machine disturbs.
//!
//! `cargo run --example instructions -- count PATH` runs that binary under callgrind on repositories that are the same
//! each time, and compares with `benches/instructions.tsv`; `record` writes that file anew. The counts are of
//! valgrind's processor: it has no instructions for SHA, so digests cost more than they do in truth, and
//! what it has of AVX is what the machine has. So they are a trend and no time, and only a leap fails.

#![expect(clippy::print_stdout, reason = "an example says what it counted")]

mod workload;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use workload::Workload;

/// From this ratio to what is recorded on, a count fails.
const LEAP: f64 = 1.5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["count", program] => compare(&count(Path::new(program))?),
        ["record", program] => record(&count(Path::new(program))?),
        _ => Err("what is to be done: count PROGRAM, or record PROGRAM".into()),
    }
}

/// The instructions of each workload, by its name, in order.
fn count(program: &Path) -> Result<Vec<(&'static str, u64)>, Box<dyn Error>> {
    let program = fs::canonicalize(program)?;
    let scratch = tempfile::tempdir()?;
    let workloads = workload::make(scratch.path())?;
    workloads
        .iter()
        .map(|workload| Ok((workload.name, instructions(&program, workload, scratch.path())?)))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "valgrind is found where the user has it")]
fn instructions(
    program: &Path,
    workload: &Workload,
    scratch: &Path,
) -> Result<u64, Box<dyn Error>> {
    let profile = scratch.join("callgrind.out");
    let output = Command::new("valgrind")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", scratch)
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args(["scan", "--only=secrets", "--offline", "--no-progress", "--jobs=1"])
        .args(&workload.arguments)
        .arg(&workload.folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    // Each of them holds a secret: a run that does not block has not looked.
    if output.status.code() != Some(1) {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}, not 1: {said}", workload.name, output.status).into());
    }
    let profile = fs::read_to_string(profile)?;
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("callgrind wrote no total")?.trim().parse()?)
}

fn compare(counts: &[(&str, u64)]) -> Result<(), Box<dyn Error>> {
    let recorded = read()?;
    let mut leaps = Vec::new();
    for (name, count) in counts {
        let Some(before) = recorded.get(*name) else {
            println!("instructions {name} {count} (nothing is recorded)");
            continue;
        };
        let ratio = ratio(*count, *before);
        println!("instructions {name} {count} ({ratio:.3} of the recorded {before})");
        if ratio > LEAP {
            leaps.push(*name);
        }
    }
    if leaps.is_empty() {
        return Ok(());
    }
    let leaps = leaps.join(", ");
    Err(format!("more than {LEAP} times what is recorded: {leaps}. If it is meant, `record` it")
        .into())
}

fn record(counts: &[(&str, u64)]) -> Result<(), Box<dyn Error>> {
    let mut text =
        "# Written by `cargo run --example instructions -- record PROGRAM`.\n".to_owned();
    for (name, count) in counts {
        println!("instructions {name} {count}");
        writeln!(text, "{name}\t{count}")?;
    }
    Ok(fs::write(place(), text)?)
}

fn read() -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let text = fs::read_to_string(place())?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let fields = lines.map(|line| {
        let (name, count) = line.split_once('\t').ok_or("a line without a tab")?;
        Ok((name.to_owned(), count.parse()?))
    });
    fields.collect()
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.tsv")
}

#[expect(clippy::cast_precision_loss, reason = "printed with three decimals")]
fn ratio(count: u64, before: u64) -> f64 {
    count as f64 / before as f64
}
