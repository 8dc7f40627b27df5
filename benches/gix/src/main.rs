//! What a history costs gitoxide to decode: every packed object of a repository by the tree of its
//! deltas, nobody looking at it. `gix-floor REPOSITORY THREADS [--unhashed]`.
//!
//! gix-pack runs with its own defaults, which hash the pack and each object of it, to hold them against
//! their names. `--unhashed` leaves that out, as `git cat-file` and our reader do. Loose objects and other
//! repositories that this one borrows from are not read.

use gix_hash::Kind;
use gix_pack::index::traverse::SafetyCheck;
use gix_pack::index::traverse::with_index::Options;
use gix_pack::{data, index};
use gix_utils::progress::Discard;
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (repository, threads, check) = match arguments.as_slice() {
        ["--version"] => {
            println!("gix-floor {}", env!("CARGO_PKG_VERSION"));
            return Ok(());
        }
        [repository, threads] => (repository, threads, SafetyCheck::All),
        [repository, threads, "--unhashed"] => {
            (repository, threads, SafetyCheck::SkipFileAndObjectChecksumVerification)
        }
        _ => return Err("usage: gix-floor REPOSITORY THREADS [--unhashed]".into()),
    };
    let folder = Path::new(repository);
    let own = folder.join(".git");
    let folder = if own.is_dir() { own } else { folder.to_owned() };
    let mut bytes = 0;
    for entry in fs::read_dir(folder.join("objects/pack"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            bytes += decode(&path, threads.parse()?, check)?;
        }
    }
    println!("{bytes} bytes");
    Ok(())
}

/// Decodes every object of the pack beside an index and returns how many bytes that is.
fn decode(path: &Path, threads: usize, check: SafetyCheck) -> Result<u64, Box<dyn Error>> {
    let index = index::File::at(path, Kind::Sha1)?;
    let pack = data::File::at(path.with_extension("pack"), Kind::Sha1)?;
    let (bytes, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let options = Options { check, thread_limit: Some(threads), alloc_limit_bytes: None };
    index.traverse_with_index(
        &pack,
        |_, object, _, _| {
            bytes.fetch_add(object.len() as u64, Ordering::Relaxed);
            Ok(())
        },
        &mut Discard,
        &stop,
        options,
    )?;
    Ok(bytes.into_inner())
}
