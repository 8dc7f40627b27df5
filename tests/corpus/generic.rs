//! Secrets of no known kind: a name that says what they are, and a value that looks like it.

use crate::sample::{Expect, Group, Sample};
use crate::syntax::{Syntax, syntaxes};
use crate::text::{fill, pick};
use lockkeeper::rule::expand_from;
use serde::Deserialize;

/// How the kind is called in the table.
const RANDOM: &str = "made by a program";
const HUMAN: &str = "made up by somebody";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vocabulary {
    keys: Vec<String>,
    random: Vec<String>,
    human: Vec<String>,
    words: Vec<String>,
    innocent: Vec<String>,
}

fn vocabulary() -> Vocabulary {
    toml::from_str(include_str!("generic.toml")).expect("generic.toml is as this file says")
}

/// Words that mean nothing.
pub(crate) fn words() -> Vec<String> {
    vocabulary().words
}

/// Names of secrets.
pub(crate) fn keys() -> Vec<String> {
    vocabulary().keys
}

/// Every name with a random value and one that somebody thought up, each in every third syntax; and
/// names that only sound like a secret's.
pub(crate) fn samples() -> Vec<Sample> {
    let vocabulary = vocabulary();
    let syntaxes = syntaxes().syntax;
    let named: Vec<&Syntax> = syntaxes.iter().filter(|s| s.names() && !s.encoded).collect();
    let mut samples = Vec::new();
    for (key, row) in vocabulary.keys.iter().zip(0_u64..) {
        for (syntax, column) in named.iter().zip(0_u64..).filter(|(_, n)| (n + row) % 3 == 0) {
            let seed = row * 1_000 + column;
            for (kind, shapes) in [(RANDOM, &vocabulary.random), (HUMAN, &vocabulary.human)] {
                samples.extend(secret(&vocabulary.words, syntax, (kind, key), shapes, seed));
            }
        }
    }
    for (key, row) in vocabulary.innocent.iter().zip(0_u64..) {
        for (syntax, column) in named.iter().zip(0_u64..).filter(|(_, n)| (n + row) % 4 == 0) {
            let seed = row * 1_000 + column + 500_000;
            samples.extend(innocent(&vocabulary.words, syntax, key, seed));
        }
    }
    samples
}

fn secret(
    words: &[String],
    syntax: &Syntax,
    (kind, key): (&str, &str),
    shapes: &[String],
    seed: u64,
) -> Option<Sample> {
    let shape: &String = pick(shapes, seed);
    let value = expand_from(&fill(shape, words, seed), seed).unwrap().text;
    let written = syntax.write(key, &value, words, seed)?;
    let expect = Expect::Secret { kind: kind.to_owned(), at: written.at };
    let (path, text) = (written.path, written.text);
    Some(Sample { group: Group::Generic, class: syntax.name.clone(), path, text, expect })
}

/// What stands behind a name that is no secret's: words, places, identifiers, hashes.
fn innocent(words: &[String], syntax: &Syntax, key: &str, seed: u64) -> Option<Sample> {
    let shapes = [
        "@word@_@word@",
        "@word@",
        "{hex:32}",
        "@Word@@Word@@Word@",
        "{uuid}",
        "@word@/@word@.txt",
    ];
    let shape: &&str = pick(&shapes, seed);
    let value = expand_from(&fill(shape, words, seed), seed).unwrap().text;
    let written = syntax.write(key, &value, words, seed)?;
    Some(Sample {
        group: Group::Lookalike,
        class: "names that sound like a secret's".to_owned(),
        path: written.path,
        text: written.text,
        expect: Expect::Silence,
    })
}
