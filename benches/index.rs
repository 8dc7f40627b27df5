//! The index of advisories at 250,000 records: making it, and opening it for 2,000 look-ups, against the
//! floor of any design that reads the whole file. `cargo bench --bench index`.
//!
//! `LOCKKEEPER_RECORDS` makes it smaller or larger. How making an index grows with them: `cargo bench
//! --bench growth`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench that cannot be set up has failed; how many records is for its caller to say"
)]

mod synthetic;

use divan::Bencher;
use lockkeeper::advisory::{Index, Location};
use lockkeeper::package::{Ecosystem, Package};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use synthetic::{name, options, update, write_zip};
use tempfile::TempDir;

fn main() {
    divan::main();
}

static PLACE: LazyLock<Place> = LazyLock::new(Place::new);

/// A zip of synthetic records and the index of it.
struct Place {
    folder: TempDir,
    records: usize,
}

impl Place {
    fn new() -> Self {
        let asked = std::env::var("LOCKKEEPER_RECORDS").ok();
        let records = asked.and_then(|text| text.parse().ok()).unwrap_or(250_000);
        let place = Self { folder: tempfile::tempdir().unwrap(), records };
        write_zip(&place.zip(), records);
        place.update("the.index");
        place
    }

    fn zip(&self) -> PathBuf {
        self.folder.path().join("all.zip")
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("the.index")
    }

    fn update(&self, name: &str) {
        update(&self.zip(), &self.folder.path().join(name));
    }

    /// Every other one is known.
    fn questions(&self) -> Vec<Package> {
        let package = |at: usize| Package {
            ecosystem: Ecosystem::Npm,
            name: name(at * (self.records / 1000).max(1) / 2),
            version: "1.2.3".to_owned(),
        };
        let known = (0..2000).map(package);
        known.enumerate().map(|(at, it)| if at % 2 == 0 { it } else { stranger(it) }).collect()
    }
}

fn stranger(package: Package) -> Package {
    Package { name: format!("{}-x", package.name), ..package }
}

#[divan::bench]
fn open_and_look_up_2000(bencher: Bencher<'_, '_>) {
    let questions = PLACE.questions();
    bencher.bench(|| {
        let index = open();
        let hits = questions.iter().map(|it| index.lookup(it).unwrap().hits.len());
        assert!(hits.sum::<usize>() > 500);
    });
}

#[divan::bench]
fn open_alone(bencher: Bencher<'_, '_>) {
    let _ = PLACE.records;
    bencher.bench(open);
}

/// What a design must beat that reads, or sums, all of the file before it answers.
#[divan::bench]
fn read_the_whole_file_floor(bencher: Bencher<'_, '_>) {
    bencher.bench(|| fs::read(PLACE.index()).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn make(bencher: Bencher<'_, '_>) {
    let _ = PLACE.records;
    bencher.bench(|| {
        PLACE.update("another.index");
        fs::remove_file(PLACE.folder.path().join("another.index")).unwrap();
    });
}

/// What a scan costs without an index.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_the_zip_instead(bencher: Bencher<'_, '_>) {
    let (wanted, options) = (BTreeSet::from([Ecosystem::Npm]), options(PLACE.folder.path()));
    bencher.bench(|| Index::load(&[Location::Path(PLACE.zip())], &wanted, &options).unwrap());
}

fn open() -> Index {
    let (wanted, options) = (BTreeSet::from([Ecosystem::Npm]), options(PLACE.folder.path()));
    Index::load(&[Location::Path(PLACE.index())], &wanted, &options).unwrap()
}
