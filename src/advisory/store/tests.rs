use super::*;
use crate::advisory::index::{Index, LoadOptions};
use crate::advisory::location::Location;
use crate::advisory::matching::{Affected, Event};
use crate::advisory::{Database, Network, Update};
use crate::package::Package;
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/advisories").join(name)
}

fn options() -> LoadOptions {
    LoadOptions {
        cache: PathBuf::from("unused"),
        network: Network::Off,
        max_age_days: 7,
        now: Timestamp::from_second(1_700_000_000).unwrap(),
        backoff: Duration::ZERO,
    }
}

fn everything() -> BTreeSet<Ecosystem> {
    Ecosystem::ALL.iter().copied().collect()
}

fn load(paths: &[&Path]) -> Result<Index, AdvisoryError> {
    let locations: Vec<_> = paths.iter().map(|path| Location::Path(path.to_path_buf())).collect();
    Index::load(&locations, &everything(), &options())
}

/// An index of these sources on these ecosystems, in a folder of its own.
fn made(sources: &[&Path], ecosystems: BTreeSet<Ecosystem>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("advisories.index");
    let sources: Vec<_> = sources.iter().map(|path| Location::Path(path.to_path_buf())).collect();
    let usual = Location::Path(PathBuf::from("nowhere"));
    let update = Update { sources, usual, ecosystems };
    Database::new(&path).update(&update, &options(), &mut || ()).unwrap();
    (folder, path)
}

/// Versions that an index speaks of, of every package that it knows, and strangers beside them.
fn questions(index: &Index) -> Vec<Package> {
    let mut packages = Vec::new();
    for (ecosystem, names) in index.packages() {
        for (name, advisories) in names {
            let affected = advisories.iter().map(|it| &it.affected);
            let mut versions: BTreeSet<&str> = affected.flat_map(spoken_of).take(12).collect();
            versions.extend(["0", "0.0.1", "1.0.0", "99999.0.0", "main"]);
            packages.extend(versions.into_iter().map(|version| Package {
                ecosystem: *ecosystem,
                name: name.clone(),
                version: version.to_owned(),
            }));
            let (name, version) = (format!("{name}-not"), "1.0.0".to_owned());
            packages.push(Package { ecosystem: *ecosystem, name, version });
        }
    }
    packages
}

fn spoken_of(affected: &Affected) -> impl Iterator<Item = &str> {
    let events = affected.ranges.iter().flat_map(|range| &range.0).map(|event| match event {
        Event::Introduced(version)
        | Event::Fixed(version)
        | Event::LastAffected(version)
        | Event::Limit(version) => &**version,
    });
    affected.versions.iter().chain(events)
}

/// Asks both the same, and says how many questions there were.
fn compare(read: &Index, stored: &Index) -> usize {
    let questions = questions(read);
    for package in &questions {
        let (expected, found) = (read.lookup(package).unwrap(), stored.lookup(package).unwrap());
        assert_eq!(expected.hits, found.hits, "{package:?}");
        assert_eq!(expected.doubts, found.doubts, "{package:?}");
    }
    questions.len()
}

#[test]
fn a_stored_index_answers_as_its_sources_do() {
    let sources = [fixtures("osv"), fixtures("rustsec")];
    let sources: Vec<_> = sources.iter().map(PathBuf::as_path).collect();
    let (_folder, path) = made(&sources, everything());
    let (read, stored) = (load(&sources).unwrap(), load(&[&path]).unwrap());
    assert!(compare(&read, &stored) > 50);
    assert_eq!(read.sources(), stored.sources());
    assert_eq!(read.uncovered(), stored.uncovered());
}

/// Over a mirror of the whole of OSV's bucket, for whoever has one:
/// `LOCKKEEPER_MIRROR=… cargo test --release --lib -- --ignored whole_mirror`.
#[test]
#[ignore = "needs a mirror of OSV's bucket"]
#[expect(clippy::disallowed_methods, reason = "the mirror is where its owner put it")]
fn a_stored_index_answers_as_a_whole_mirror_does() {
    let mirror = PathBuf::from(std::env::var("LOCKKEEPER_MIRROR").unwrap());
    let (_folder, path) = made(&[&mirror], everything());
    let asked = compare(&load(&[&mirror]).unwrap(), &load(&[&path]).unwrap());
    assert!(asked > 10_000, "{asked}");
    assert!(Database::new(&path).verify().is_ok());
}

#[test]
fn an_index_and_a_folder_answer_together_and_nothing_twice() {
    let osv = fixtures("osv");
    let (_folder, path) = made(&[&osv], everything());
    let (together, rust) = (load(&[&path, &osv]).unwrap(), fixtures("rustsec"));
    compare(&load(&[&osv]).unwrap(), &together);
    compare(&load(&[&osv, &rust]).unwrap(), &load(&[&path, &rust]).unwrap());
}

#[test]
fn no_altered_byte_makes_an_answer_wrong() {
    let wanted = BTreeSet::from([Ecosystem::RubyGems, Ecosystem::Go, Ecosystem::Npm]);
    let (_folder, path) = made(&[&fixtures("osv")], wanted.clone());
    let good = fs::read(&path).unwrap();
    let index = load(&[&path]).unwrap();
    let read = load(&[&fixtures("osv")]).unwrap();
    let mut asked = questions(&read);
    asked.retain(|package| wanted.contains(&package.ecosystem) && package.version != "0");
    let expected: Vec<_> = asked.iter().map(|it| index.lookup(it).unwrap().hits).collect();
    assert!(expected.iter().filter(|hits| !hits.is_empty()).count() > 5);
    let mut refused = 0;
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&path, bad).unwrap();
        assert!(Database::new(&path).verify().is_err(), "byte {at} is not noticed");
        let Ok(index) = Stored::open(&path, &wanted) else { continue };
        let mut broken = false;
        for (package, expected) in asked.iter().zip(&expected) {
            match index.records(package.ecosystem, &package.canonical_name()) {
                Ok(records) => {
                    assert_eq!(&crate::advisory::merge::lookup(package, &records).hits, expected);
                }
                Err(AdvisoryError::Damaged { .. }) => broken = true,
                Err(other) => panic!("{other}"),
            }
        }
        refused += usize::from(broken);
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_cut_or_grown_index_is_refused() {
    let (_folder, path) = made(&[&fixtures("osv")], everything());
    let good = fs::read(&path).unwrap();
    let open = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Stored::open(&path, &everything())
    };
    for length in (0..good.len()).step_by(61) {
        assert!(matches!(open(&good[..length]), Err(AdvisoryError::Damaged { .. })), "{length}");
    }
    assert!(open(&[&good, b"x".as_slice()].concat()).is_err());
    assert!(open(&good).is_ok());
}

#[test]
fn a_part_that_lies_outside_takes_no_memory() {
    let (_folder, path) = made(&[&fixtures("osv")], everything());
    let stored = Stored::open(&path, &everything()).unwrap();
    for (at, length) in [(0, u64::MAX), (u64::MAX, 1), (stored.head.body, 1), (1, 1 << 60)] {
        let error = stored.piece(Piece { at, length, crc: 0 }).unwrap_err();
        assert!(error.to_string().contains("outside"), "{error}");
    }
}

#[test]
fn the_same_records_make_the_same_index_whatever_the_day_and_the_threads() {
    let build = |threads, seconds| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let index = load(&[&fixtures("osv"), &fixtures("rustsec")]).unwrap();
            let contents = Contents::new(Vec::new(), &everything(), index.sources(), Vec::new());
            let now = Timestamp::from_second(seconds).unwrap();
            build(index.packages(), contents, now).unwrap()
        })
    };
    let (one, other) = (build(1, 1_700_000_000), build(7, 1_800_000_000));
    assert!(one.body == other.body && one.digest() == other.digest());
}

#[test]
fn an_index_of_another_format_says_so() {
    let (_folder, path) = made(&[&fixtures("osv")], everything());
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 9;
    fs::write(&path, bytes).unwrap();
    let error = Stored::open(&path, &everything()).unwrap_err();
    assert!(matches!(error, AdvisoryError::Format { found: 9, .. }), "{error}");
}
