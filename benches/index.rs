//! The index of advisories at 250,000 records: making it, and opening it for 2,000 look-ups, against the
//! floor of any design that reads the whole file. `cargo bench --bench index`.
//!
//! `LOCKKEEPER_RECORDS` makes it smaller or larger: making an index takes time in proportion.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench that cannot be set up has failed; how many records is for its caller to say"
)]

use divan::Bencher;
use jiff::Timestamp;
use lockkeeper::advisory::{Database, Index, LoadOptions, Location, Network, Update};
use lockkeeper::package::{Ecosystem, Package};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

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
        place.write_zip();
        place.update("the.index");
        place
    }

    fn zip(&self) -> PathBuf {
        self.folder.path().join("all.zip")
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("the.index")
    }

    fn write_zip(&self) {
        let mut zip = ZipWriter::new(BufWriter::new(File::create(self.zip()).unwrap()));
        for at in 0..self.records {
            zip.start_file(format!("{}.json", id(at)), SimpleFileOptions::default()).unwrap();
            zip.write_all(record(at).as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }

    fn update(&self, name: &str) {
        let update = Update {
            sources: vec![Location::Path(self.zip())],
            usual: Location::Path(self.zip()),
            ecosystems: BTreeSet::from([Ecosystem::Npm]),
        };
        let database = Database::new(self.folder.path().join(name));
        database.update(&update, &options(self.folder.path()), &mut || ()).unwrap();
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

fn options(cache: &Path) -> LoadOptions {
    LoadOptions {
        cache: cache.to_owned(),
        network: Network::Off,
        max_age_days: 7,
        now: Timestamp::from_second(1_700_000_000).unwrap(),
        backoff: Duration::ZERO,
    }
}

fn id(at: usize) -> String {
    // Eleven of twelve of OSV's records on npm are about malicious packages.
    if at.is_multiple_of(12) {
        format!("GHSA-{at:04x}-{at:04x}-syn")
    } else {
        format!("MAL-2024-{at}")
    }
}

fn name(at: usize) -> String {
    format!("pkg-{:08x}-{at}", at.wrapping_mul(0x9e37_79b1) & 0xffff_ffff)
}

fn record(at: usize) -> String {
    let mut text = format!(
        r#"{{"id":"{}","modified":"2024-03-01T10:00:00Z","published":"2024-03-01T09:00:00Z",
        "aliases":["CVE-2024-{at}"],"summary":"Malicious code in a package, number {at}","details":"{}",
        "affected":[{{"package":{{"ecosystem":"npm","name":"{}"}},"ranges":[{{"type":"SEMVER","events":[
        {{"introduced":"0"}}"#,
        id(at),
        "The package runs a script when it is installed. ".repeat(12),
        name(at)
    );
    let minor = at % 20;
    if at.is_multiple_of(12) {
        write!(text, r#",{{"fixed":"1.{minor}.0"}}"#).unwrap();
    }
    text.push_str(r#"]}],"versions":["#);
    let versions: Vec<_> = (0..at % 4).map(|patch| format!("\"1.{minor}.{patch}\"")).collect();
    text.push_str(&versions.join(","));
    text.push_str(r#"]}],"references":[{"type":"WEB","url":"https://advisories.example.org/"}]}"#);
    text
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
