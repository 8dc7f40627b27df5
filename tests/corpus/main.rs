//! How good the detection of secrets is, measured on a corpus that is made on the spot.
//!
//! `cargo test --test corpus -- --nocapture` prints the table. The corpus has secrets of every built-in
//! rule in every way of writing them down, secrets of no known kind, and texts that look like secrets
//! and are none. It is data (`syntaxes.toml`, `generic.toml`, `lookalikes.toml`), filled in from fixed
//! seeds, so that two runs measure the same and no secret-shaped text is in the repository.
//!
//! The surroundings are as in real life: a rule that knows its secrets by their shape gets them under
//! names that mean nothing; one that needs its context gets its own examples.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a corpus that cannot be built has failed; clippy excuses test bodies alone"
)]

mod generic;
mod lookalike;
mod measure;
mod mutation;
mod provider;
mod sample;
mod syntax;
mod table;
mod text;

use measure::{Measured, Share, measure};
use sample::Group;
use std::fs;
use std::path::Path;

/// How many secrets of known kinds must be found.
const PROVIDER_RECALL: f64 = 0.98;

/// How many secrets of no known kind must be found, by their names alone.
const GENERIC_RECALL: f64 = 0.84;

/// How many secrets that are written in another alphabet must be found.
const ENCODED_RECALL: f64 = 0.95;

/// How many of the findings that block must be true.
const BLOCKING_PRECISION: f64 = 0.99;

/// How many lines the corpus must have to say anything.
const LINES: usize = 6_000;

#[test]
fn detection_is_as_good_as_we_say() {
    let samples = [provider::samples(), generic::samples(), lookalike::samples()].concat();
    let measured = measure(&samples);
    let table = table::table(&measured);
    println!("{table}");
    // Where `.ci/run` takes it from: a test that passes has its output swallowed.
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("detection.txt");
    fs::write(place, table).unwrap();
    assert!(measured.lines >= LINES, "the corpus has {} lines", measured.lines);
    let recall = |group| measured.recall(group);
    at_least("recall of known kinds", recall(Group::Provider), PROVIDER_RECALL);
    at_least("recall of other secrets", recall(Group::Generic), GENERIC_RECALL);
    at_least("recall of encoded secrets", recall(Group::Encoded), ENCODED_RECALL);
    at_least("precision of what blocks", measured.blocking_precision(), BLOCKING_PRECISION);
}

/// Each lookalike that must not block does not, whatever the shares say.
#[test]
fn a_wrong_checksum_and_a_key_of_a_test_mode_never_block() {
    let strict = ["tokens with a wrong checksum", "keys of test modes"];
    let samples: Vec<_> = lookalike::samples()
        .into_iter()
        .filter(|sample| strict.contains(&sample.class.as_str()))
        .collect();
    assert!(samples.len() >= 20);
    let alarms = measure(&samples).blocking_alarms;
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn the_same_corpus_is_made_every_time() {
    assert_eq!(generic::samples(), generic::samples());
    assert_eq!(lookalike::samples(), lookalike::samples());
}

fn at_least(what: &str, share: Share, floor: f64) {
    assert!(share.value() >= floor, "{what}: {share}, and it should be {floor}: see the table");
}

/// What the table needs of a run beside [`Measured`]'s own counts is asked of it here, so that the
/// numbers in the documentation and those that are asserted are the same.
impl Measured {
    fn recall(&self, group: Group) -> Share {
        self.by_group.get(&group).map(|tally| tally.reported).unwrap_or_default()
    }
}
