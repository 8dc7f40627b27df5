//! The packages that a commit adds, against the index of advisories at the usual place: by a hook, which
//! holds nobody up for want of one, and by `scan --staged`, which does.

use crate::command::Run;
use crate::folder::Folder;
use crate::repo::Repo;
use jiff::{SignedDuration, Timestamp};
use lockkeeper::advisory::{Database, LoadOptions, Location, Network, Update};
use lockkeeper::package::Ecosystem;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{fs, thread};

const FLAW: &str = "GHSA-wq4h-7r42-5hrr";

fn lock(rack: &str) -> String {
    format!(
        "GEM\n  remote: https://registry.example.org/\n  specs:\n    rack ({rack})\n\nPLATFORMS\n  ruby\n\n\
         DEPENDENCIES\n  rack\n\nBUNDLED WITH\n   2.5.16\n"
    )
}

/// A repository with a staged lockfile, and a cache of its own. Whoever asks the network is counted.
struct Commit {
    repo: Repo,
    cache: Folder,
    proxy: String,
    asked: Arc<AtomicUsize>,
}

impl Commit {
    fn new(before: &str, staged: &str) -> Self {
        Self::with("", before, staged)
    }

    fn with(config: &str, before: &str, staged: &str) -> Self {
        let repo = Repo::new()
            .commit("start", |tree| {
                tree.write(".lockkeeper.toml", config).write("Gemfile.lock", before)
            })
            .stage(|tree| tree.write("Gemfile.lock", staged));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                drop(stream);
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { repo, cache: Folder::new(), proxy, asked }
    }

    fn index(&self) -> PathBuf {
        self.cache.path().join("advisories.index")
    }

    /// Makes an index about an ecosystem, whose sources were asked so many days ago.
    fn indexed(self, ecosystem: Ecosystem, days: i64) -> Self {
        let ruby = ecosystem == Ecosystem::RubyGems;
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let source = fixtures.join(if ruby { "demo/advisories" } else { "advisories/osv" });
        let update = Update {
            sources: vec![Location::Path(source.clone())],
            usual: Location::Path(source),
            ecosystems: [ecosystem].into(),
        };
        let options = LoadOptions {
            cache: self.cache.path().to_owned(),
            network: Network::Off,
            max_age_days: 7,
            now: Timestamp::now() - SignedDuration::from_hours(24 * days + 1),
            backoff: Duration::ZERO,
        };
        Database::new(self.index()).update(&update, &options, &mut || ()).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let cache = self.cache.path().to_str().unwrap();
        let variables = [
            ("LOCKKEEPER_CACHE", cache),
            ("HTTPS_PROXY", &self.proxy),
            ("ALL_PROXY", &self.proxy),
            ("NO_PROXY", "localhost"),
        ];
        Run::with(self.repo.path(), arguments, &variables, "")
    }

    /// What the hook and the command end with, and what they say.
    #[track_caller]
    fn ends(&self, hook: i32, command: i32, said: &[&str]) {
        for (arguments, status) in
            [(["hook", "run", "pre-commit"].as_slice(), hook), (&["scan", "--staged"], command)]
        {
            let run = self.run(arguments);
            assert_eq!(run.status(), status, "{arguments:?}: {}", run.text());
            for said in said {
                assert!(run.stdout().contains(said), "{arguments:?}: {said}: {}", run.text());
            }
        }
        assert_eq!(self.asked.load(Ordering::SeqCst), 0, "nothing is downloaded");
    }
}

#[test]
fn a_package_with_a_flaw_is_refused_where_there_is_an_index() {
    let ruby = Ecosystem::RubyGems;
    Commit::new(&lock("2.2.9"), &lock("2.2.3")).indexed(ruby, 0).ends(1, 1, &[FLAW]);
    Commit::new(&lock("2.2.3"), &lock("2.2.9")).indexed(ruby, 0).ends(0, 0, &["1 package"]);
    let before = lock("2.2.3").replace("BUNDLED WITH\n   2.5.16", "BUNDLED WITH\n   2.5.15");
    Commit::new(&before, &lock("2.2.3")).indexed(ruby, 0).ends(0, 0, &[FLAW]);
}

#[test]
fn without_an_index_a_hook_warns_and_the_command_cannot_say_clean() {
    let said = ["packages were not checked: there is no index at", "'lockkeeper db update'"];
    let commit = Commit::new("", &lock("2.2.3"));
    commit.ends(0, 2, &said);
    fs::write(commit.index(), "LOCKKEEP of another format").unwrap();
    commit.ends(2, 2, &["packages were not checked", "is damaged", "db update"]);
}

#[test]
fn the_scan_of_the_files_on_disk_asks_the_network_for_what_is_missing() {
    let commit = Commit::new(&lock("2.2.3"), &lock("2.2.3"));
    let run = commit.run(&["scan", "--worktree"]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(
        commit.asked.load(Ordering::SeqCst) > 0,
        "the other tests would see no download: {}",
        run.text()
    );
}

#[test]
fn an_old_index_is_asked_by_a_hook_which_says_so() {
    let ruby = Ecosystem::RubyGems;
    let said = ["30 days old", "'lockkeeper db update'"];
    Commit::new("", &lock("2.2.9")).indexed(ruby, 30).ends(0, 2, &said);
    let flawed = Commit::new("", &lock("2.2.3")).indexed(ruby, 30);
    flawed.ends(1, 2, &said);
    let run = flawed.run(&["hook", "run", "pre-commit"]);
    assert!(run.stdout().contains("newer advisories were not looked at"), "{}", run.text());
    assert!(run.stdout().contains(FLAW), "{}", run.text());
    let config = "[dependencies]\nmax-age-days = 31\n";
    Commit::with(config, "", &lock("2.2.9")).indexed(ruby, 30).ends(0, 0, &["1 package"]);
}

#[test]
fn an_index_that_was_made_for_other_ecosystems_is_told() {
    let commit = Commit::new("", &lock("2.2.3")).indexed(Ecosystem::Npm, 0);
    commit.ends(0, 2, &["covers RubyGems: its packages were not checked", "db update"]);
}

#[test]
fn a_part_that_is_altered_is_no_pass() {
    let commit = Commit::new("", &lock("2.2.9")).indexed(Ecosystem::RubyGems, 0);
    let mut bytes = fs::read(commit.index()).unwrap();
    let at = bytes.windows(4).position(|window| window == b"rack").unwrap();
    bytes[at] ^= 1;
    fs::write(commit.index(), bytes).unwrap();
    commit.ends(2, 2, &["damaged"]);
}

#[test]
fn a_catalogue_that_only_the_pipeline_has_holds_no_commit_up() {
    let config = "[dependencies]\nkev = \"gone.json\"\n";
    let commit = Commit::with(config, "", &lock("2.2.3")).indexed(Ecosystem::RubyGems, 0);
    let run = commit.run(&["hook", "run", "pre-commit"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stdout().contains("not held against what is attacked"), "{}", run.text());
    assert!(run.stdout().contains(FLAW), "{}", run.text());
    assert_eq!(commit.run(&["scan", "--staged"]).status(), 2);
}

#[test]
fn a_commit_without_a_lockfile_says_nothing_of_advisories() {
    let commit = Commit::new(&lock("2.2.3"), &lock("2.2.3"));
    fs::write(commit.repo.path().join("README.md"), "hello\n").unwrap();
    commit.repo.run_git(["add", "README.md"]);
    let run = commit.run(&["scan", "--staged"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(!run.text().contains("not checked"), "{}", run.text());
}

#[test]
fn a_push_is_checked_as_a_commit_is() {
    let commit = Commit::new("", &lock("2.2.3")).indexed(Ecosystem::RubyGems, 0);
    commit.repo.run_git(["commit", "-m", "gems"]);
    let (old, new) = (commit.repo.id("HEAD~1"), commit.repo.id("HEAD"));
    let line = format!("refs/heads/main {new} refs/heads/main {old}\n");
    let cache = commit.cache.path().to_str().unwrap();
    let push = |cache: &str| {
        let variables = [("LOCKKEEPER_CACHE", cache)];
        Run::hook(commit.repo.path(), ["pre-push", "origin", "/gone"], &line, &variables)
    };
    let run = push(cache);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stdout().contains(FLAW), "{}", run.text());
    let empty = Folder::new();
    let run = push(empty.path().to_str().unwrap());
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stdout().contains("there is no index"), "{}", run.text());
}
