use super::*;
use std::time::Duration;
use tempfile::TempDir;

/// A folder of records as a source, and a place for an index.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(bench.source()).unwrap();
        bench.record("A-1", "npm", "left");
        bench
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("records")
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cache/advisories.index")
    }

    fn database(&self) -> Database {
        Database::new(self.path())
    }

    fn record(&self, id: &str, ecosystem: &str, name: &str) {
        let text = format!(
            r#"{{"id": "{id}", "modified": "2024-01-02T00:00:00Z", "affected": [{{
                "package": {{"ecosystem": "{ecosystem}", "name": "{name}"}},
                "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}]}}]}}]}}"#
        );
        fs::write(self.source().join(format!("{id}.json")), text).unwrap();
    }

    fn update(&self, day: i64, ecosystems: &[Ecosystem]) -> Result<Updated, AdvisoryError> {
        let update = Update {
            sources: Vec::new(),
            usual: Location::Path(self.source()),
            ecosystems: ecosystems.iter().copied().collect(),
        };
        self.database().update(&update, &options(day), &mut || ())
    }

    /// What lies beside the index.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path().parent().unwrap()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn time(day: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap()
}

fn options(day: i64) -> LoadOptions {
    LoadOptions {
        cache: PathBuf::from("unused"),
        network: Network::Needed,
        max_age_days: 7,
        now: time(day),
        backoff: Duration::ZERO,
    }
}

#[test]
fn an_update_without_news_changes_the_date_alone() {
    let bench = Bench::new();
    let first = bench.update(0, &[Ecosystem::Npm]).unwrap();
    assert_eq!((first.change, first.status.packages), (Change::Renewed, 1));
    let second = bench.update(3, &[]).unwrap();
    assert_eq!(second.change, Change::Confirmed);
    assert_eq!((second.status.built, second.status.checked), (time(0), time(3)));
    assert_eq!(second.status.digest, first.status.digest);
    bench.record("A-2", "npm", "right");
    let third = bench.update(4, &[]).unwrap();
    assert_eq!((third.change, third.status.packages), (Change::Renewed, 2));
    assert_ne!(third.status.digest, first.status.digest);
    assert_eq!(bench.beside(), ["advisories.index", "advisories.index.lock"]);
}

#[test]
fn what_the_index_has_is_asked_for_again_beside_what_is_named() {
    let bench = Bench::new();
    bench.record("B-1", "Go", "example.org/b");
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    let status = bench.update(1, &[Ecosystem::Go, Ecosystem::PyPI]).unwrap().status;
    let about: Vec<_> = status.sources.iter().map(|source| source.ecosystem).collect();
    assert_eq!(about, [Ecosystem::Go, Ecosystem::Npm]);
    assert_eq!(status.uncovered, BTreeSet::from([Ecosystem::PyPI]));
}

#[test]
fn an_update_that_fails_leaves_the_index_as_it_was() {
    let bench = Bench::new();
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    let before = fs::read(bench.path()).unwrap();
    fs::remove_dir_all(bench.source()).unwrap();
    assert!(matches!(bench.update(1, &[]), Err(AdvisoryError::Missing(_))));
    fs::create_dir(bench.source()).unwrap();
    bench.record("B-1", "Go", "example.org/b");
    let error = bench.update(1, &[]).unwrap_err();
    assert!(matches!(&error, AdvisoryError::Empty(names) if names == "npm"), "{error}");
    assert_eq!(fs::read(bench.path()).unwrap(), before);
}

#[test]
fn what_a_killed_run_left_is_swept_and_never_read() {
    let bench = Bench::new();
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    let folder = bench.path().parent().unwrap().to_owned();
    let half = &fs::read(bench.path()).unwrap()[..100];
    fs::write(folder.join(".advisories-x1y2z3"), half).unwrap();
    assert!(bench.database().verify().is_ok());
    bench.update(1, &[]).unwrap();
    assert_eq!(bench.beside(), ["advisories.index", "advisories.index.lock"]);
}

#[test]
fn a_damaged_index_is_an_error_until_an_update_has_made_it_anew() {
    let bench = Bench::new();
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    let good = fs::read(bench.path()).unwrap();
    for at in [0, 20, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(bench.path(), bad).unwrap();
        assert!(bench.database().verify().is_err(), "byte {at}");
        bench.update(0, &[Ecosystem::Npm]).unwrap();
        assert_eq!(fs::read(bench.path()).unwrap(), good, "byte {at}");
    }
}

#[test]
fn without_an_index_and_without_ecosystems_there_is_nothing_to_do() {
    let bench = Bench::new();
    assert!(matches!(bench.database().status(), Err(AdvisoryError::NoIndex(_))));
    assert!(matches!(bench.database().verify(), Err(AdvisoryError::NoIndex(_))));
    assert!(matches!(bench.update(0, &[]), Err(AdvisoryError::NothingWanted)));
}

#[test]
fn an_index_is_no_source_of_another() {
    let bench = Bench::new();
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    let update = Update {
        sources: vec![Location::Path(bench.path())],
        usual: Location::Path(bench.source()),
        ecosystems: BTreeSet::new(),
    };
    let error = bench.database().update(&update, &options(0), &mut || ()).unwrap_err();
    assert!(matches!(error, AdvisoryError::IsIndex(_)), "{error}");
}

#[test]
fn updates_at_once_wait_for_each_other_and_readers_for_nobody() {
    let bench = Bench::new();
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    for round in 0..20 {
        bench.record(&format!("A-{round}"), "npm", &format!("name-{round}"));
        std::thread::scope(|scope| {
            let updates: Vec<_> = (0..3).map(|_| scope.spawn(|| bench.update(1, &[]))).collect();
            for _ in 0..20 {
                assert!(bench.database().verify().is_ok());
            }
            for update in updates {
                update.join().unwrap().unwrap();
            }
        });
    }
    assert_eq!(bench.beside(), ["advisories.index", "advisories.index.lock"]);
}

#[test]
fn age_is_counted_from_the_last_time_the_sources_were_asked() {
    let bench = Bench::new();
    bench.update(0, &[Ecosystem::Npm]).unwrap();
    let status = bench.update(5, &[]).unwrap().status;
    assert_eq!(status.age_days(time(12)), 7);
    assert!(status.is_fresh(time(12), 7).is_ok());
    let stale = status.is_fresh(time(13), 7).unwrap_err().to_string();
    assert!(stale.contains("8 days old") && stale.contains("db update"), "{stale}");
    assert!(status.is_fresh(time(1), 7).is_err(), "from the future");
}
