//! Counts which four bytes in a row are common in source code, and prints the table that
//! `src/detect/secrets/quads.txt` holds: a keyword is looked for by its rarest.
//!
//! ```text
//! cargo run --release --example count-quads -- rails/ django/ > src/detect/secrets/quads.txt
//! ```
//!
//! Each folder counts the same, however large it is. Capital letters are counted as small ones.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod sources;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, io};

/// How many are kept.
const KEPT: usize = 4096;

type Quad = [u8; 4];

fn main() -> io::Result<()> {
    let mut shares = BTreeMap::<Quad, f64>::new();
    for folder in env::args_os().skip(1) {
        let mut counts = BTreeMap::new();
        sources::each_text(Path::new(&folder), |text| count(text, &mut counts))?;
        let all: f64 = counts.values().copied().map(f64::from).sum();
        for (quad, count) in counts {
            *shares.entry(quad).or_default() += f64::from(count) / all;
        }
    }
    let folders = f64::from(u32::try_from(env::args_os().count()).unwrap_or(2)) - 1.0;
    let mut quads: Vec<_> = shares.into_iter().collect();
    quads.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    quads.truncate(KEPT);
    quads.sort_by_key(|(quad, _)| *quad);
    for (quad, share) in quads {
        println!("{}{}", String::from_utf8_lossy(&quad), quantised(-(share / folders).log2()));
    }
    Ok(())
}

fn count(text: &[u8], counts: &mut BTreeMap<Quad, u32>) {
    let text = text.to_ascii_lowercase();
    let quads = text.windows(4).filter_map(|quad| Quad::try_from(quad).ok());
    for quad in quads.filter(|quad| quad.iter().all(|byte| matches!(byte, b' '..=b'~'))) {
        *counts.entry(quad).or_default() += 1;
    }
}

/// A cost as one character: quarters of a bit.
fn quantised(bits: f64) -> char {
    let quarters = (0..77_u8).find(|quarters| f64::from(*quarters) + 0.5 > bits * 4.0);
    char::from(b'0' + quarters.unwrap_or(77))
}
