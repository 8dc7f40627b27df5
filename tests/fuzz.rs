//! Lockfiles damaged at random: no text makes a format panic, answer with more than it was given, or
//! take memory without bound.
//!
//! A run is short. `LOCKKEEPER_FUZZ_SECONDS=60 cargo test --release --test fuzz -- --nocapture`
//! damages the fixtures of every format for that long and prints how it went;
//! `LOCKKEEPER_FUZZ_FORMAT` picks one by its module, `LOCKKEEPER_FUZZ_SEED` other damage.

#![expect(clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]

use lockkeeper::finding::RepoPath;
use lockkeeper::lockfile::{ParseError, Reading, Requirement, format_of};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often each fixture is damaged in a short run.
const ROUNDS: usize = 25;
/// The longest text that is tried.
const LONGEST: usize = 128 * 1024;
/// How many times the length of all texts the strings of an answer may have: properties of XML
/// stand for longer texts, up to a bound.
const GROWTH: usize = 300;
/// How much memory a run may take at most.
const PEAK_MIB: u64 = 512;

/// Pieces of which lockfiles are made, and some that they never hold.
const PIECES: &[&str] = &[
    "\n",
    "\r",
    " ",
    "  ",
    "\t",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "\"",
    "'",
    "`",
    ":",
    "=",
    "@",
    "^",
    ",",
    ";",
    "#",
    "//",
    "/*",
    "\\",
    "|",
    "&",
    "*",
    "!",
    "%",
    "\0",
    "é",
    "\u{feff}",
    "\u{202e}",
    "1.0.0",
    "-1",
    "99999999999999999999",
    "null",
    "true",
    "[]",
    "{}",
    "../",
    "$(A)",
    "${a}",
    "npm:",
    "file:",
    "link:",
    "workspace:",
    "catalog:",
    "git+https://",
    "[[package]]\n",
    "---\n",
    "? ",
    "- ",
    "&a ",
    "*a",
    "<a>",
    "</a>",
    "<!--",
    "-r a.txt\n",
    "%{",
    "<<",
    "/",
    "node_modules/",
    "\n\n",
    "version",
    "name",
    "dependencies",
    "\u{1b}[31m",
];

struct Fixture {
    module: String,
    path: String,
    text: String,
}

/// A generator of numbers without pretensions, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound.max(1)).expect("it fits");
        usize::try_from(self.0 % bound).expect("it is below a usize")
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from.get(self.below(from.len())).expect("there is one")
    }

    /// A place between two letters.
    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    }

    /// Two places, the lower first.
    fn range(&mut self, text: &str) -> (usize, usize) {
        let (one, other) = (self.place(text), self.place(text));
        (one.min(other), one.max(other))
    }

    /// A whole line, with its end.
    fn line<'a>(&mut self, text: &'a str) -> &'a str {
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        lines.get(self.below(lines.len())).copied().unwrap_or_default()
    }

    fn damage(&mut self, text: &mut String, others: &[Fixture]) {
        let (start, end) = self.range(text);
        let piece = text.get(start..end).unwrap_or_default().to_owned();
        let at = self.place(text);
        match self.below(9) {
            0 => text.replace_range(start..end.min(self.near(text, start)), ""),
            1 => text.truncate(at),
            2 => text.insert_str(at, self.pick(PIECES)),
            3 => text.replace_range(at..self.near(text, at), self.pick(PIECES)),
            4 => {
                let line = self.line(text).to_owned();
                text.insert_str(at, &line);
            }
            5 => {
                let line = self.line(text).to_owned();
                *text = text.replacen(&line, "", 1);
            }
            6 => text.insert_str(at, &piece),
            7 => {
                let times = LONGEST / (piece.len() + 1);
                text.insert_str(at, &piece.repeat(self.below(times)));
            }
            _ => {
                let other = others.get(self.below(others.len())).map_or("", |it| &it.text);
                let (start, end) = self.range(other);
                text.insert_str(at, other.get(start..end).unwrap_or_default());
            }
        }
    }

    /// A place a few letters on.
    fn near(&mut self, text: &str, at: usize) -> usize {
        let end = (at + self.below(20)).min(text.len());
        (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len())
    }
}

fn files_below(folder: &Path, into: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files_below(&path, into);
        } else {
            let text = fs::read_to_string(&path).expect("a fixture is text");
            into.insert(path, text);
        }
    }
}

fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lockfiles");
    let mut files = BTreeMap::new();
    files_below(&root, &mut files);
    let fixture = |(path, text): (PathBuf, String)| {
        let path = path.strip_prefix(&root).expect("it is below").to_str().expect("it is plain");
        let mut parts = path.splitn(3, '/').map(str::to_owned);
        let (module, _, path) = (parts.next(), parts.next(), parts.next());
        Fixture { module: module.expect("a module"), path: path.expect("a case and a file"), text }
    };
    files.into_iter().map(fixture).collect()
}

fn weight(reading: &Reading) -> usize {
    let wish = |wish: &Requirement| {
        let more = [&wish.version, &wish.constraint].into_iter().flatten().map(String::len);
        wish.name.len() + more.sum::<usize>()
    };
    let packages = reading.packages.iter().map(|it| {
        let more = [&it.integrity, &it.licence].into_iter().flatten().map(String::len);
        it.package.name.len()
            + it.package.version.len()
            + more.sum::<usize>()
            + it.requires.iter().map(wish).sum::<usize>()
    });
    let passed_over = reading.passed_over.iter().map(|it| it.name.len());
    packages.sum::<usize>()
        + passed_over.sum::<usize>()
        + reading.declared.iter().map(wish).sum::<usize>()
}

/// What an answer may not be.
fn judge(text: &str, other: &str, answer: &Result<Reading, ParseError>) -> Result<(), String> {
    let lines = u32::try_from(text.lines().count().max(1)).expect("it is short");
    match answer {
        Ok(reading) => {
            let places = reading.packages.iter().map(|it| it.line);
            let places = places.chain(reading.passed_over.iter().map(|it| it.line));
            if let Some(line) = places.map(u32::from).find(|line| *line > lines) {
                return Err(format!("a package on line {line} of {lines}"));
            }
            let (weight, given) = (weight(reading), text.len() + other.len());
            if weight > GROWTH * given + 4096 {
                return Err(format!("an answer of {weight} bytes to {given}"));
            }
        }
        Err(error) => {
            if u32::from(error.line) > lines {
                return Err(format!("an error on line {} of {lines}", error.line));
            }
            if error.message.len() > 600 || error.message.contains(char::is_control) {
                return Err(format!("the message {:?}", error.message));
            }
        }
    }
    Ok(())
}

fn try_once(fixture: &Fixture, random: &mut Random, all: &[Fixture]) -> Duration {
    let format = format_of(&RepoPath::from(&*fixture.path)).expect("it has a format");
    let (mut text, mut other) = (fixture.text.clone(), String::new());
    for _ in 0..=random.below(4) {
        random.damage(&mut text, all);
    }
    if random.below(2) == 0 {
        other.clone_from(&all.get(random.below(all.len())).expect("there is one").text);
        random.damage(&mut other, all);
    }
    for text in [&mut text, &mut other] {
        let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
    let tree = |_: &RepoPath| (!other.is_empty()).then(|| other.clone());
    let start = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| {
        format.read_in(&text, &RepoPath::from(&*fixture.path), &tree)
    }));
    let took = start.elapsed();
    let place = std::env::temp_dir().join("lockkeeper-fuzz-case.txt");
    let keep = || {
        fs::write(&place, &text).expect("the text can be kept");
        format!("{}/{}: the text is in {}", fixture.module, fixture.path, place.display())
    };
    match answer {
        Ok(answer) => {
            let verdict = judge(&text, &other, &answer);
            assert!(verdict.is_ok(), "{}: {verdict:?}", keep());
        }
        Err(panic) => {
            eprintln_to_test(&keep());
            resume_unwind(panic);
        }
    }
    took
}

#[expect(clippy::print_stderr, reason = "a test says how it went to whoever asked for it")]
fn eprintln_to_test(text: &str) {
    eprintln!("{text}");
}

/// The most memory that this process had, where the system says.
fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1024)
}

/// The stack of a worker; unoptimised code takes many times what it takes in a release.
const STACK: usize = 2 << 20;

#[test]
fn damaged_lockfiles_do_no_harm() {
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(run);
    if let Err(panic) = worker.expect("a thread can be had").join() {
        resume_unwind(panic);
    }
}

fn run() {
    let variables: BTreeMap<_, _> = std::env::vars().collect();
    let variable = |name: &str| variables.get(&format!("LOCKKEEPER_FUZZ_{name}")).cloned();
    let number = |name: &str| variable(name).and_then(|text| text.parse::<u64>().ok());
    let seconds = number("SECONDS").map(Duration::from_secs);
    let (all, only) = (fixtures(), variable("FORMAT"));
    let mut modules = BTreeMap::<&str, Vec<&Fixture>>::new();
    for fixture in all.iter().filter(|it| only.as_ref().is_none_or(|only| *only == it.module)) {
        modules.entry(&fixture.module).or_default().push(fixture);
    }
    assert!(!modules.is_empty(), "no format has this name");
    let mut random = Random(number("SEED").unwrap_or(0).wrapping_mul(2).wrapping_add(0x9E37_79B9));
    for (module, fixtures) in modules {
        let (start, mut rounds, mut slowest) = (Instant::now(), 0_usize, Duration::ZERO);
        while seconds.map_or(rounds < ROUNDS, |seconds| start.elapsed() < seconds) {
            for fixture in &fixtures {
                slowest = slowest.max(try_once(fixture, &mut random, &all));
            }
            rounds += 1;
        }
        if seconds.is_some() {
            let texts = rounds * fixtures.len();
            let peak = peak_mib().map_or_else(String::new, |mib| format!(", peak {mib} MiB"));
            eprintln_to_test(&format!("{module}: {texts} texts, slowest {slowest:?}{peak}"));
        }
    }
    assert!(peak_mib().is_none_or(|mib| mib < PEAK_MIB), "{:?} MiB were taken", peak_mib());
}
