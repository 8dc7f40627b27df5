//! The index of advisories: kept up to date over an unreliable network, and asked without one.

mod bucket;
mod git;

use crate::command::Run;
use crate::folder::Folder;
use bucket::{Bucket, Fault, dump, zip};
use jiff::Timestamp;
use lockkeeper::advisory::{Database, LoadOptions, Location, Network, Update};
use lockkeeper::package::Ecosystem;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const LEFT_PAD: &str = r#"{"lockfileVersion": 3, "packages": {"": {"name": "x"},
    "node_modules/left-pad": {"version": "1.1.0", "resolved": "https://registry.example.org/l.tgz"}}}"#;

/// A project with a lockfile, a cache of its own and a bucket.
struct Desk {
    folder: Folder,
    cache: Folder,
    bucket: Bucket,
}

impl Desk {
    fn new() -> Self {
        let bucket = Bucket::new();
        bucket.serve("npm");
        let folder = Folder::new().write("package-lock.json", LEFT_PAD);
        Self { folder, cache: Folder::new(), bucket }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let cache = self.cache.path().to_str().unwrap();
        Run::with(self.folder.path(), arguments, &[("LOCKKEEPER_CACHE", cache)], "")
    }

    fn update(&self) -> Run {
        self.run(&["db", "update", "--source", &self.bucket.address])
    }

    /// An update that must succeed.
    #[track_caller]
    fn updated(&self) -> Run {
        let run = self.update();
        assert_eq!(run.status(), 0, "{}", run.text());
        run
    }

    fn index(&self) -> PathBuf {
        self.cache.path().join("advisories.index")
    }

    fn status(&self) -> Value {
        let run = self.run(&["db", "status", "--format", "json"]);
        assert_eq!(run.status(), 0, "{}", run.text());
        serde_json::from_str(&run.stdout()).unwrap()
    }

    /// Makes an index whose sources were asked so many days ago.
    fn aged(&self, days: i64) {
        let source = bucket::fixtures("osv");
        let update = Update {
            sources: vec![Location::Path(source.clone())],
            usual: Location::Path(source),
            ecosystems: [Ecosystem::Npm].into(),
        };
        let options = LoadOptions {
            cache: self.cache.path().to_owned(),
            network: Network::Off,
            max_age_days: 7,
            now: Timestamp::now() - jiff::SignedDuration::from_hours(24 * days + 1),
            backoff: Duration::ZERO,
        };
        Database::new(self.index()).update(&update, &options, &mut || ()).unwrap();
    }

    /// An update that is under way.
    fn spawn(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockkeeper"));
        command
            .args(["db", "update", "--source", &self.bucket.address])
            .env("LOCKKEEPER_CACHE", self.cache.path())
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    }
}

#[test]
fn an_update_serves_scans_that_have_no_network() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["scan", "--offline"]).status(), 2);
    let run = desk.updated();
    assert!(run.stdout().contains("npm") && run.stdout().contains("renewed"), "{}", run.text());
    let scan = desk.run(&["scan", "--offline", "--report", "json=-"]);
    assert_eq!(scan.status(), 0, "what is new is not blocked at medium: {}", scan.text());
    let report: Value = serde_json::from_str(&scan.stdout()).unwrap();
    let ids: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| &it["advisory"]["id"]).collect();
    assert_eq!(ids, ["GHSA-2222-left-0001"]);
    let source = &report["advisories"][0];
    assert_eq!((source["ecosystem"].as_str(), source["records"].as_u64()), (Some("npm"), Some(3)));
    assert!(source["source"].as_str().unwrap().ends_with("/npm/all.zip"));
    assert_eq!(source["newest"], "2024-05-02T00:00:00Z");
    let digest = desk.status()["digest"].as_str().unwrap().to_owned();
    let told = report["notices"].as_array().unwrap().iter();
    assert!(told.filter_map(|it| it["message"].as_str()).any(|it| it.contains(&digest)));
}

#[test]
fn an_update_without_news_asks_by_tag_and_changes_nothing_but_the_date() {
    let desk = Desk::new();
    desk.updated();
    let before = (fs::read(desk.index()).unwrap(), desk.status());
    desk.bucket.requests();
    let run = desk.run(&["db", "update"]);
    assert_eq!(run.status(), 0, "the source is remembered: {}", run.text());
    assert!(run.stdout().contains("nothing new"), "{}", run.text());
    let requests = desk.bucket.requests();
    assert!(requests.len() == 1 && requests[0].contains("if-none-match"), "{requests:?}");
    let after = (fs::read(desk.index()).unwrap(), desk.status());
    assert_eq!((&before.1["digest"], &before.1["built"]), (&after.1["digest"], &after.1["built"]));
    assert_eq!(before.0[100..], after.0[100..]);
    desk.bucket.put("npm", zip([("A-1.json".to_owned(), record("A-1", "left-pad"))]));
    assert!(desk.updated().stdout().contains("renewed"));
    assert_ne!(desk.status()["digest"], before.1["digest"]);
}

fn record(id: &str, name: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2024-06-01T00:00:00Z", "affected": [{{"package":
            {{"ecosystem": "npm", "name": "{name}"}}, "versions": ["1.1.0"]}}]}}"#
    )
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let desk = Desk::new();
    desk.bucket.fail(&[Fault::Cut(500)]);
    desk.updated();
    let requests = desk.bucket.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(requests[1].contains("range: bytes=500-") && requests[1].contains("if-range: \""));
    assert_eq!(desk.run(&["db", "verify"]).status(), 0);
}

#[test]
fn a_run_that_gave_up_leaves_its_part_to_the_next() {
    let desk = Desk::new();
    desk.bucket.fail(&[Fault::Cut(500), Fault::Cut(100), Fault::Status("503 Service Unavailable")]);
    let run = desk.update();
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(run.stderr().contains("503"), "{}", run.text());
    assert!(!desk.index().exists());
    desk.bucket.requests();
    desk.updated();
    let requests = desk.bucket.requests();
    assert!(requests.len() == 1 && requests[0].contains("range: bytes=600-"), "{requests:?}");
}

#[test]
fn a_part_of_what_the_server_has_replaced_is_thrown_away() {
    let desk = Desk::new();
    desk.bucket.fail(&[Fault::Cut(500), Fault::Cut(100), Fault::Status("503 Service Unavailable")]);
    desk.update();
    desk.bucket.put("npm", zip([("A-1.json".to_owned(), record("A-1", "left-pad"))]));
    desk.updated();
    assert_eq!(desk.status()["sources"][0]["records"], 1);
}

#[test]
fn a_damaged_dump_leaves_the_index_and_is_not_confirmed_by_its_tag() {
    let desk = Desk::new();
    desk.updated();
    let before = fs::read(desk.index()).unwrap();
    let mut bad = dump("npm");
    bad[80] ^= 0xff;
    desk.bucket.put("npm", bad);
    for _ in 0..2 {
        let run = desk.update();
        assert_eq!(run.status(), 2, "{}", run.text());
        assert!(run.stderr().contains("damaged"), "{}", run.text());
        assert_eq!(fs::read(desk.index()).unwrap(), before);
    }
    desk.bucket.put("npm", b"<html>log in</html>".to_vec());
    assert_eq!(desk.update().status(), 2);
    assert_eq!(fs::read(desk.index()).unwrap(), before);
    desk.bucket.serve("npm");
    desk.updated();
}

#[test]
fn several_updates_at_once_are_one_after_the_other() {
    let desk = Desk::new();
    let updates: Vec<_> = (0..4).map(|_| desk.spawn()).collect();
    for mut update in updates {
        assert!(update.wait().unwrap().success());
    }
    assert_eq!(desk.run(&["db", "verify"]).status(), 0);
    assert_eq!(desk.bucket.requests().iter().filter(|it| !it.contains("if-none-match")).count(), 1);
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_index() {
    let desk = Desk::new();
    desk.updated();
    for round in 0..25_u64 {
        let many = (0..200).map(|at| {
            let id = format!("A-{round}-{at}");
            (format!("{id}.json"), record(&id, &format!("name-{at}")))
        });
        desk.bucket.put("npm", zip(many));
        let mut update = desk.spawn();
        std::thread::sleep(Duration::from_millis(round * 3));
        update.kill().unwrap();
        update.wait().unwrap();
        Database::new(desk.index()).verify().unwrap();
    }
    desk.updated();
    let left = fs::read_dir(desk.cache.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> =
        left.filter(|name| name.to_string_lossy().starts_with(".advisories")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn without_an_index_status_and_verify_say_how_to_make_one() {
    let desk = Desk::new();
    for command in ["status", "verify"] {
        let run = desk.run(&["db", command]);
        assert_eq!(run.status(), 2);
        assert!(run.stderr().contains("db update"), "{}", run.text());
    }
    let run = Run::with(
        Folder::new().path(),
        ["db", "update"],
        &[("LOCKKEEPER_CACHE", desk.cache.path().to_str().unwrap())],
        "",
    );
    assert!(run.status() == 2 && run.stderr().contains("--ecosystem"), "{}", run.text());
}

#[test]
fn an_old_index_is_no_pass() {
    let desk = Desk::new();
    desk.aged(30);
    let index = desk.index();
    let named = ["scan", "--offline", "--advisories", index.to_str().unwrap()];
    for arguments in [["db", "status"].as_slice(), &["scan", "--offline"], &named] {
        let run = desk.run(arguments);
        assert_eq!(run.status(), 2, "{}", run.text());
        assert!(
            run.text().contains("30 days old") && run.text().contains("db update"),
            "{}",
            run.text()
        );
    }
    assert_eq!(desk.run(&["db", "status", "--max-age-days", "31"]).status(), 0);
    let config = desk.folder.path().join(".lockkeeper.toml");
    fs::write(config, "[dependencies]\nmax-age-days = 31\n").unwrap();
    assert_eq!(desk.run(&["db", "status"]).status(), 0);
    assert_eq!(desk.run(&named).status(), 0);
    assert_eq!(desk.run(&["scan", "--offline"]).status(), 0);
}

#[test]
fn a_copy_of_the_file_is_all_that_a_machine_without_a_network_needs() {
    let desk = Desk::new();
    desk.updated();
    let there = Folder::new().write("package-lock.json", LEFT_PAD);
    fs::copy(desk.index(), there.path().join("advisories.index")).unwrap();
    drop(desk);
    let run = there.scan(["--offline", "--advisories", "advisories.index"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stdout().contains("GHSA-2222-left-0001"), "{}", run.text());
    let status = there.run(["db", "status", "--index", "advisories.index"]);
    assert!(status.status() == 0 && status.stdout().contains("npm"), "{}", status.text());
}

#[test]
fn what_is_altered_in_an_index_is_no_pass() {
    let desk = Desk::new();
    desk.updated();
    let mut bytes = fs::read(desk.index()).unwrap();
    let at = bytes.windows(8).position(|window| window == b"left-pad").unwrap();
    bytes[at] ^= 1;
    fs::write(desk.index(), bytes).unwrap();
    for arguments in [["db", "verify"].as_slice(), &["scan", "--offline"]] {
        let run = desk.run(arguments);
        assert_eq!(run.status(), 2, "{}", run.text());
        assert!(
            run.text().contains("damaged") && run.text().contains("db update"),
            "{}",
            run.text()
        );
    }
    desk.updated();
    assert_eq!(desk.run(&["db", "verify"]).status(), 0);
}

#[test]
fn an_ecosystem_that_is_not_in_the_index_is_no_pass() {
    let desk = Desk::new();
    desk.updated();
    let lock = "GEM\n  remote: https://registry.example.org/\n  specs:\n    rack (2.2.3)\n\n\
                PLATFORMS\n  ruby\n\nDEPENDENCIES\n  rack\n";
    fs::write(desk.folder.path().join("Gemfile.lock"), lock).unwrap();
    let named =
        ["scan", "--offline", "--advisories", desk.index().to_str().unwrap()].map(str::to_owned);
    let named: Vec<_> = named.iter().map(String::as_str).collect();
    for arguments in [["scan", "--offline"].as_slice(), &named] {
        let run = desk.run(arguments);
        assert!(run.status() == 2 && run.text().contains("RubyGems"), "{}", run.text());
    }
    desk.bucket.serve("RubyGems");
    desk.updated();
    let run = desk.run(&["scan", "--offline"]);
    assert!(run.text().contains("GHSA-2222-rack-0001"), "{}", run.text());
}

#[test]
fn a_source_without_the_ecosystem_is_told_and_asked_again() {
    let desk = Desk::new();
    let run = desk.run(&[
        "db",
        "update",
        "--source",
        &desk.bucket.address,
        "--ecosystem",
        "npm",
        "--ecosystem",
        "Hex",
    ]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stderr().contains("nothing on Hex"), "{}", run.text());
    assert_eq!(desk.status()["uncovered"][0], "Hex");
    desk.bucket.requests();
    desk.updated();
    assert_eq!(desk.bucket.requests().len(), 2);
    let unknown = desk.run(&["db", "update", "--ecosystem", "Cobol"]);
    assert!(unknown.status() == 2 && unknown.stderr().contains("Packagist"), "{}", unknown.text());
}

#[test]
fn folders_and_zips_are_sources_too() {
    let desk = Desk::new();
    let path = desk.folder.path().join("some.zip");
    fs::write(&path, dump("npm")).unwrap();
    let osv = bucket::fixtures("osv");
    for source in [path.as_path(), &osv, Path::new("some.zip")] {
        let run = desk.run(&["db", "update", "--source", source.to_str().unwrap()]);
        assert_eq!(run.status(), 0, "{}", run.text());
        assert_eq!(desk.status()["sources"][0]["records"], 3);
    }
}
