//! Waivers from end to end: written, listed and pruned, without touching the rest of the file.

use crate::command::Run;
use crate::repo::Repo;

const CONFIG: &str = "# ours\r\n[gate]\r\nfail-on = \"high\"\r\nmax-waiver-days = 65000\r\n";

fn token() -> String {
    lockkeeper::rule::expand("{github:ghp_}").unwrap().text
}

fn leak() -> Repo {
    let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
    let repo = repo.put(".lockkeeper.toml", CONFIG);
    repo.put("app.conf", format!("KEY={}\n", token()))
}

fn add(repo: &Repo, more: &[&str]) -> Run {
    let said = ["waive", "add", "secret/github-pat", "--reason", "a \"test\" key"];
    repo.run(said.iter().chain(more))
}

fn config(repo: &Repo) -> String {
    String::from_utf8(repo.read(".lockkeeper.toml")).unwrap()
}

#[test]
fn a_waiver_that_is_added_holds_and_leaves_the_file_as_it_was() {
    let repo = leak();
    assert_eq!(repo.scan(["--worktree", "--only", "secrets"]).status(), 1);
    let run = add(&repo, &["--until", "2199-01-01", "--owner", "ann", "--scope", "app.*"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(config(&repo).starts_with(CONFIG), "{}", config(&repo));
    assert!(config(&repo).contains("until = 2199-01-01\r\n"), "{}", config(&repo));
    let scan = repo.scan(["--worktree", "--only", "secrets"]);
    assert_eq!(scan.status(), 0, "{}", scan.text());
    let list = repo.run(["waive", "list"]);
    assert_eq!(list.status(), 0, "{}", list.text());
    let said = "secret/github-pat in app.*: a \"test\" key (ann)";
    assert!(list.stdout().starts_with("active") && list.stdout().contains(said), "{}", list.text());
}

#[test]
fn the_owner_is_whom_git_knows() {
    let repo = leak();
    repo.run_git(["config", "user.email", "eve@example.org"]);
    assert_eq!(add(&repo, &["--until", "2199-01-01"]).status(), 0);
    assert!(config(&repo).contains("owner = \"eve@example.org\""), "{}", config(&repo));
}

#[test]
fn a_waiver_that_would_not_hold_is_not_written() {
    let repo = leak();
    for wrong in [
        &["--until", "2001-01-01", "--owner", "ann"][..],
        &["--until", "soon", "--owner", "ann"],
        &["--until", "9999-01-01", "--owner", "ann"],
        &["--until", "2199-01-01", "--owner", "ann", "--scope", "a{"],
        &["--until", "2199-01-01", "--owner", " "],
    ] {
        let run = add(&repo, wrong);
        assert_eq!(run.status(), 2, "{wrong:?}: {}", run.text());
        assert_eq!(config(&repo), CONFIG);
    }
}

#[test]
fn pruning_removes_what_expired_and_after_a_scan_what_is_unused() {
    let repo = leak();
    let waiver = |id: &str, until: &str| {
        format!(
            "\r\n[[waiver]]\r\nid = \"{id}\"\r\nreason = \"r\"\r\nowner = \"o\"\r\nuntil = {until}\r\n"
        )
    };
    let (used, unused) =
        (waiver("secret/github-pat", "2199-01-01"), waiver("CI-001", "2199-01-01"));
    let text = format!("{CONFIG}{}{used}{unused}", waiver("secret/github-pat", "2001-01-01"));
    repo.write_file(".lockkeeper.toml", &text);
    let list = repo.run(["waive", "list", "--scan", "--only", "secrets,policies"]).stdout();
    let states: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(states, ["expired", "active", "unused"], "{list}");
    let run = repo.run(["waive", "prune"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert_eq!(config(&repo), format!("{CONFIG}{used}{unused}"));
    let run = repo.run(["waive", "prune", "--scan", "--only", "secrets,policies"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert_eq!(config(&repo).trim_end(), format!("{CONFIG}{used}").trim_end());
    assert_eq!(repo.run(["waive", "prune", "--scan", "--staged"]).status(), 2);
}
