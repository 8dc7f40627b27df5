//! Synthetic advisories on npm, about as many packages, and the index of them.

use jiff::Timestamp;
use lockkeeper::advisory::{Database, LoadOptions, Location, Network, Update};
use lockkeeper::package::Ecosystem;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Writes a dump as OSV's bucket has it.
pub(crate) fn write_zip(path: &Path, records: usize) {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path).unwrap()));
    for at in 0..records {
        zip.start_file(format!("{}.json", id(at)), SimpleFileOptions::default()).unwrap();
        zip.write_all(record(at).as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

/// Makes the index of a dump.
pub(crate) fn update(zip: &Path, index: &Path) {
    let update = Update {
        sources: vec![Location::Path(zip.to_owned())],
        usual: Location::Path(zip.to_owned()),
        ecosystems: BTreeSet::from([Ecosystem::Npm]),
    };
    let cache = index.parent().map(PathBuf::from).unwrap_or_default();
    Database::new(index).update(&update, &options(&cache), &mut || ()).unwrap();
}

/// Without a network.
pub(crate) fn options(cache: &Path) -> LoadOptions {
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

/// The package of a record.
pub(crate) fn name(at: usize) -> String {
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
