//! What a whole history costs beside its floor: the same objects decoded, and nothing else.
//!
//! `LOCKKEEPER_BENCH_REPOSITORY` names the repository; without it there is nothing to measure. Each
//! is done once in turn, as often as the second variable says, in this process with its threads.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it measured, or why it cannot"
)]

use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::Notice;
use lockkeeper::pipeline::Detectors;
use lockkeeper::rule::builtin_secrets;
use lockkeeper::source::{self, Change, Commit, GitEnvironment, Label, Request, Sieve, Sink};
use std::path::Path;
use std::time::{Duration, Instant};

/// Scans what it is given, and forgets what it finds.
struct Scan(Detectors);

impl Sink for Scan {
    fn change(&self, change: &Change<'_>) {
        let salt = || lockkeeper::finding::Salt::new("salt");
        self.0.secrets.as_ref().map(|secrets| secrets.scan(change, &salt));
    }

    fn commit(&self, _: &Commit) {}

    fn label(&self, _: &Label) {}

    fn notice(&self, _: Notice) {}

    fn sieve(&self) -> Option<&dyn Sieve> {
        Some(&self.0)
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[expect(clippy::disallowed_methods, reason = "whoever runs it names the repository by it")]
fn main() {
    let Ok(repository) = std::env::var("LOCKKEEPER_BENCH_REPOSITORY") else {
        println!("LOCKKEEPER_BENCH_REPOSITORY names no repository: nothing is measured");
        return;
    };
    let rounds = std::env::var("LOCKKEEPER_BENCH_ROUNDS").ok().and_then(|n| n.parse().ok());
    let path = Path::new(&repository);
    let rules = builtin_secrets().expect("the embedded rules can be read");
    let detector =
        Detector::new(rules, &Options::default()).expect("the embedded rules can be run");
    let scan = Scan(Detectors { secrets: Some(detector), policies: None, dependencies: None });
    for _ in 0..rounds.unwrap_or(3) {
        let floor = timed(|| {
            source::decode(path).expect("the repository can be decoded");
        });
        let history = timed(|| {
            let request = Request::History { all: false };
            let source = source::open(path, &request, &GitEnvironment::default());
            let source = source.expect("the repository can be opened");
            source.visit(&scan).expect("the history can be read");
        });
        let ratio = history.as_secs_f64() / floor.as_secs_f64();
        println!("decode {floor:.2?}  history {history:.2?}  ratio {ratio:.2}");
    }
}
