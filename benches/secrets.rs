//! How fast clean code is read, beside the keyword pass alone, which is the floor.

#![expect(clippy::expect_used, reason = "a bench that cannot start says so by panicking")]

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::{RepoPath, Salt};
use lockkeeper::rule::{SecretRule, builtin_secrets, expand_from};
use lockkeeper::source::{Change, Entry};

fn main() {
    divan::main();
}

const LINES: u64 = 40_000;

/// Two megabytes that look like code: words, calls, hashes, URLs and comments, and no secret.
fn code() -> String {
    let line = |n| {
        let text = match n % 5 {
            0 => "    let {lower:6}_{lower:4} = self.{lower:8}(&{lower:5}, {digit:3})?;\n",
            1 => "  \"integrity\": \"sha512-{base64:86}==\",\n",
            2 => "// see https://{lower:8}.org/{lower:5}/{lower:9}.html for the reason\n",
            3 => "def {lower:7}({lower:4}, key=None): # {lower:3} {lower:9} {lower:5}\n",
            _ => "\n",
        };
        expand_from(text, n).map(|expansion| expansion.text).unwrap_or_default()
    };
    (0..LINES).map(line).collect()
}

fn rules() -> Vec<SecretRule> {
    builtin_secrets().expect("the embedded rules can be read")
}

fn ready() -> Detector {
    Detector::new(rules(), &Options::default()).expect("the embedded rules can be run")
}

#[divan::bench]
fn make_ready(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(rules).bench_values(|rules| Detector::new(rules, &Options::default()));
}

/// What every run pays for the proof that it can find something.
#[divan::bench]
fn prove(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(ready).bench_values(|detector| detector.prove().is_ok());
}

#[divan::bench]
fn scan(bencher: Bencher<'_, '_>) {
    let (code, detector, path) = (code(), ready(), RepoPath::from("src/code.rs"));
    bencher.counter(BytesCount::of_str(&code)).bench(|| {
        let change = Change::new(&path, None, Entry::File, code.as_bytes(), &());
        black_box(detector.scan(&change, &|| Salt::new("salt")).findings.len())
    });
}

#[divan::bench]
fn keywords_alone(bencher: Bencher<'_, '_>) {
    let code = code();
    let keywords: Vec<String> = rules().into_iter().flat_map(|rule| rule.keywords).collect();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(keywords)
        .expect("the keywords fit into one automaton");
    bencher
        .counter(BytesCount::of_str(&code))
        .bench(|| automaton.find_overlapping_iter(black_box(&code)).count());
}
