//! Trains the character model of the generic secret rules: reads folders of source code and prints
//! the table that `src/detect/secrets/generic/bigrams.txt` holds.
//!
//! ```text
//! cargo run --release --example train-model -- rails/ django/ > src/detect/secrets/generic/bigrams.txt
//! ```
//!
//! Each distinct word of a folder counts once, so that neither a large repository nor a word that it
//! repeats decides. Words that look random are left out: what is learnt is what is *not* a secret.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod sources;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, io};

/// The end of a word and the printable characters but the blank.
const SYMBOLS: usize = 95;

/// How much the frequency of a character by itself counts beside that of the pair.
const BACKOFF: f64 = 4.0;

/// The chance of a character that is in no word.
const UNKNOWN: f64 = 1.0 / 94.0;

fn main() -> io::Result<()> {
    let mut pairs = vec![[0_u32; SYMBOLS]; SYMBOLS];
    for folder in env::args_os().skip(1) {
        let mut words = BTreeSet::new();
        sources::each_text(Path::new(&folder), |text| {
            words.extend(words_of(text).map(<[u8]>::to_vec));
        })?;
        for word in &words {
            count(word, &mut pairs);
        }
    }
    println!("# What a character costs after another, in quarters of a bit; '0' is nothing.");
    println!(
        "# Rows and columns: the end of a word, then '!' to '~'. See examples/train-model.rs."
    );
    for row in rows(&pairs) {
        println!("{row}");
    }
    Ok(())
}

fn words_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = bytes.split(|b| !b.is_ascii_graphic() || b"\"'`()[]{}<>,;".contains(b));
    parts.filter(|word| (3..=64).contains(&word.len()) && !looks_random(word))
}

/// Whether letters and digits alternate often, or a long run of both has no separator.
fn looks_random(word: &[u8]) -> bool {
    let digit = |b: &u8| b.is_ascii_digit();
    let changes =
        word.iter().zip(word.iter().skip(1)).filter(|(a, b)| digit(a) != digit(b)).count();
    let runs = word.split(|b| !b.is_ascii_alphanumeric());
    let longest = runs.map(<[u8]>::len).max().unwrap_or(0);
    changes >= 4 || (longest >= 20 && word.iter().any(digit)) || longest >= 40
}

fn count(word: &[u8], pairs: &mut [[u32; SYMBOLS]]) {
    let mut last = 0;
    for byte in word.iter().copied().chain([b' ']) {
        let next = symbol(byte);
        if let Some(cell) = pairs.get_mut(last).and_then(|row| row.get_mut(next)) {
            *cell += 1;
        }
        last = next;
    }
}

fn symbol(byte: u8) -> usize {
    usize::from(byte.saturating_sub(b' ')).min(SYMBOLS - 1)
}

fn rows(pairs: &[[u32; SYMBOLS]]) -> Vec<String> {
    let total: f64 = pairs.iter().flatten().copied().map(f64::from).sum();
    let alone: Vec<f64> = (0..SYMBOLS)
        .map(|column| {
            let seen = pairs.iter().filter_map(|row| row.get(column)).copied().map(f64::from);
            let seen: f64 = seen.sum();
            // Words end at brackets and quotes: of those nothing is learnt.
            if seen > 0.0 { seen / total } else { 0.0 }
        })
        .collect();
    let row = |counts: &[u32; SYMBOLS]| {
        let sum: f64 = counts.iter().copied().map(f64::from).sum();
        let cell = |(seen, alone): (&u32, &f64)| {
            let chance = (f64::from(*seen) + BACKOFF * alone) / (sum + BACKOFF);
            quantised(-if *alone > 0.0 { chance } else { UNKNOWN }.log2())
        };
        counts.iter().zip(&alone).map(cell).collect()
    };
    pairs.iter().map(row).collect()
}

/// A cost as one character.
fn quantised(bits: f64) -> char {
    let quarters = (0..63_u8).find(|quarters| f64::from(*quarters) + 0.5 > bits * 4.0);
    char::from(b'0' + quarters.unwrap_or(63))
}
