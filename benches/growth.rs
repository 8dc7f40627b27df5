//! How making an index grows with the advisories: a quarter of 250,000, half of them and all, each in a
//! process of its own, with the time and the memory that one record takes. `cargo bench --bench growth`.
//!
//! `LOCKKEEPER_RECORDS` is the largest number. Linear is what keeps the last line near 1.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench that cannot be set up has failed; how many records is for its caller to say"
)]
#![expect(clippy::print_stdout, reason = "this is what it is for")]

mod synthetic;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};
use synthetic::{update, write_zip};

/// The variable by which this program tells itself what to make an index of.
const ZIP: &str = "LOCKKEEPER_GROWTH_ZIP";

/// How often each index is made; the fastest counts, which others disturb least.
const ROUNDS: usize = 3;

/// What making one index took.
#[derive(Clone, Copy)]
struct Taken {
    records: u32,
    time: Duration,
    /// `None` where the system does not say.
    peak_kib: Option<u32>,
    index: u32,
}

fn main() {
    if let Ok(zip) = env::var(ZIP) {
        return make(Path::new(&zip));
    }
    let asked = env::var("LOCKKEEPER_RECORDS").ok();
    let most: u32 = asked.and_then(|text| text.parse().ok()).unwrap_or(250_000);
    println!("   records     time    a record      peak    a record     index");
    let rows = [most / 4, most / 2, most].map(row);
    let [first, _, last] = rows;
    let times = each(last.time.as_secs_f64(), last) / each(first.time.as_secs_f64(), first);
    let memory = first.peak_kib.zip(last.peak_kib);
    let memory = memory.map_or_else(String::new, |(a, b)| {
        let grown = each(f64::from(b), last) / each(f64::from(a), first);
        format!(", {grown:.2} of the memory")
    });
    println!(
        "a record among {} takes {times:.2} of the time{memory} of one among {}",
        last.records, first.records
    );
}

fn each(whole: f64, taken: Taken) -> f64 {
    whole / f64::from(taken.records)
}

fn row(records: u32) -> Taken {
    let taken = measure(records);
    let Taken { time, peak_kib, index, .. } = taken;
    let peak = f64::from(peak_kib.unwrap_or_default());
    println!(
        "{records:>10} {:>7.2}s {:>8.1} µs {:>6.0} MiB {:>8.2} KiB {:>6.1} MB",
        time.as_secs_f64(),
        each(time.as_secs_f64(), taken) * 1e6,
        peak / 1024.0,
        each(peak, taken),
        f64::from(index) / 1e6
    );
    taken
}

/// Makes the dump here, and the index of it in a process that has done nothing else.
fn measure(records: u32) -> Taken {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("all.zip");
    write_zip(&zip, usize::try_from(records).unwrap());
    let program = env::current_exe().unwrap();
    let output = Command::new(program).env(ZIP, &zip).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<u32> = said.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [micros, peak, index] = numbers.try_into().unwrap();
    Taken {
        records,
        time: Duration::from_micros(micros.into()),
        peak_kib: (peak > 0).then_some(peak),
        index,
    }
}

fn make(zip: &Path) {
    let index = zip.with_file_name("the.index");
    let times = (0..ROUNDS).map(|_| {
        fs::remove_file(&index).unwrap_or_default();
        let start = Instant::now();
        update(zip, &index);
        start.elapsed()
    });
    let time = times.min().unwrap_or_default();
    let (peak, size) = (peak_kib().unwrap_or_default(), fs::metadata(&index).unwrap().len());
    println!("{} {peak} {size}", time.as_micros());
}

/// The most memory that this process had, where the system says.
fn peak_kib() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
