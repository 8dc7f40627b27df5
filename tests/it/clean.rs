//! `--cache`: a second scan of a history says the same and reads what is new.

use crate::command::Run;
use crate::repo::Repo;
use std::fs;

fn token(seed: u64) -> String {
    lockkeeper::rule::expand_from("{github:ghp_}", seed).unwrap().text
}

fn history() -> Repo {
    let leak = format!("KEY={}\n", token(1));
    Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("more", |tree| tree.write("a.rs", "fn main() {}\n"))
        .commit("leak", |tree| tree.write("app.conf", leak))
        .commit("mend", |tree| tree.write("app.conf", "KEY=\n"))
}

/// Scans the history; gives the findings without what is counted.
fn scan(repo: &Repo, more: &[&str]) -> (i32, Vec<String>, Run) {
    let asked = ["--history", "--only", "secrets", "--report", "json=-", "--no-progress"];
    let run = repo.scan(asked.iter().chain(more));
    let report: serde_json::Value = serde_json::from_str(&run.stdout()).unwrap();
    let findings = report["findings"].as_array().unwrap().iter().map(ToString::to_string);
    (run.status(), findings.collect(), run)
}

fn says_how_many(run: &Run) -> Option<u64> {
    let report: serde_json::Value = serde_json::from_str(&run.stdout()).unwrap();
    report["notices"].as_array().unwrap().iter().find_map(|notice| {
        let text = notice["message"].as_str()?;
        text.split_once(" commits were found clean by an earlier run")?.0.parse().ok()
    })
}

#[test]
fn a_second_scan_finds_the_same_and_reads_what_is_not_clean() {
    let repo = history();
    let (status, findings, run) = scan(&repo, &["--cache"]);
    assert_eq!((status, findings.len(), says_how_many(&run)), (1, 1, None), "{}", run.text());
    let (status, again, run) = scan(&repo, &["--cache"]);
    assert_eq!((status, &again), (1, &findings), "{}", run.text());
    assert_eq!(says_how_many(&run), Some(3), "the commit with the secret is read again");
}

#[test]
fn what_comes_later_is_found_and_other_rules_begin_anew() {
    let (repo, folder) = (history(), tempfile::tempdir().unwrap());
    let file = folder.path().join("kept/clean");
    let cache = format!("--cache={}", file.display());
    scan(&repo, &[&cache]);
    let leak = format!("other = {}\n", token(2));
    let repo = repo.commit("again", |tree| tree.write("b.conf", leak));
    let (_, findings, run) = scan(&repo, &[&cache]);
    assert_eq!((findings.len(), says_how_many(&run)), (2, Some(3)), "{}", run.text());
    let config = repo.write_file("own.toml", "[secrets]\ndisable = [\"secret/gitlab-pat\"]\n");
    let (_, findings, run) = scan(&repo, &[&cache, "--config", config.to_str().unwrap()]);
    assert_eq!((findings.len(), says_how_many(&run)), (2, None), "{}", run.text());
}

#[test]
fn a_record_that_is_damaged_or_cannot_be_written_costs_nothing_but_time() {
    let repo = history();
    let file = repo.path().join("clean");
    let cache = format!("--cache={}", file.display());
    let (_, findings, _) = scan(&repo, &[&cache]);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let (status, again, run) = scan(&repo, &[&cache]);
    assert_eq!((status, again, says_how_many(&run)), (1, findings, None));
    assert_eq!(fs::read(&file).unwrap(), whole, "it is made anew");
    let nowhere = format!("--cache={}", repo.path().join("clean/under-a-file").display());
    let (status, _, run) = scan(&repo, &[&nowhere]);
    assert_eq!(status, 1);
    assert!(run.stdout().contains("cannot be kept"), "{}", run.text());
}

#[test]
fn a_note_about_a_commit_that_was_clean_is_read() {
    let repo = history();
    scan(&repo, &["--cache"]);
    repo.run_git(["notes", "add", "-m", &format!("use {}", token(3)), "HEAD~3"]);
    let (_, findings, run) = scan(&repo, &["--cache"]);
    assert_eq!(findings.len(), 2, "{}", run.text());
}

#[test]
fn a_submodule_is_remarked_on_at_every_run() {
    let repo = history().commit("outside", |tree| tree.submodule("vendor/x"));
    for _ in 0..2 {
        let (_, _, run) = scan(&repo, &["--cache"]);
        assert!(run.stdout().contains("a submodule"), "{}", run.text());
    }
}
