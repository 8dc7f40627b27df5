//! What a CI provider says, held against a repository.

use crate::command::git;
use crate::repo::Repo;
use git2::Oid;
use lockkeeper::source::ci::{CiBase, CiRange, CiScope};
use lockkeeper::source::{GitEnvironment, Request, SourceError, ci_request};
use std::path::Path;

fn said(bases: &[CiBase], head: Oid) -> CiRange {
    let scope = CiScope::Commits { bases: bases.to_vec(), head: head.to_string() };
    CiRange { provider: "GitHub Actions", scope }
}

fn ask(path: &Path, said: &CiRange) -> Result<Request, SourceError> {
    ci_request(path, said, &GitEnvironment::default())
}

fn commit(id: Oid) -> CiBase {
    CiBase::Commit(id.to_string())
}

/// `topic` left `main` one commit ago; the provider's clone knows `main` as `origin/main`.
fn forked() -> Repo {
    let repo = Repo::new()
        .commit("start", |files| files.write("a", "a\n"))
        .branch("topic")
        .commit("topic", |files| files.write("t", "t\n"))
        .checkout("main")
        .commit("main", |files| files.write("m", "m\n"))
        .checkout("topic");
    repo.run_git(["update-ref", "refs/remotes/origin/main", "main"]);
    repo
}

fn nowhere() -> Oid {
    Oid::from_str(&"9".repeat(40)).unwrap()
}

fn gone() -> CiBase {
    commit(nowhere())
}

#[test]
fn a_range_begins_where_the_change_left_its_base() {
    let repo = forked();
    let (base, head) = (repo.id("main"), repo.id("topic"));
    let range = Request::Range(format!("{base}...{head}"));
    let branch = CiBase::Branch("main".to_owned());
    for bases in [vec![commit(base)], vec![gone(), branch], vec![CiBase::DefaultBranch]] {
        assert_eq!(ask(repo.path(), &said(&bases, head)).unwrap(), range, "{bases:?}");
    }
}

#[test]
fn a_change_without_commits_leaves_the_files() {
    let repo = forked();
    let found = ask(repo.path(), &said(&[commit(repo.id("topic"))], repo.id("topic^")));
    assert_eq!(found.unwrap(), Request::Worktree);
}

#[test]
fn a_schedule_leaves_the_files() {
    let range = CiRange { provider: "GitLab CI", scope: CiScope::Worktree };
    assert_eq!(ask(forked().path(), &range).unwrap(), Request::Worktree);
}

#[test]
fn a_first_push_is_the_whole_history() {
    let repo = forked();
    let found = ask(repo.path(), &said(&[CiBase::Nothing], repo.id("topic")));
    assert_eq!(found.unwrap(), Request::History { all: false });
}

#[test]
fn a_base_that_cannot_be_had_says_how_to_get_it() {
    let repo = forked();
    let found = ask(repo.path(), &said(&[gone()], repo.id("topic")));
    let message = found.unwrap_err().to_string();
    assert!(message.contains("git fetch origin 999"), "{message}");
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(clone.path(), ["clone", "-q", "--depth=1", &url, "."]);
    let head = repo.id("topic");
    for base in [commit(repo.id("main")), CiBase::Branch("main".to_owned())] {
        let message = ask(clone.path(), &said(&[base], head)).unwrap_err().to_string();
        assert!(message.contains("fetch-depth: 0"), "{message}");
    }
}

#[test]
fn a_head_that_is_not_checked_out_is_an_error() {
    let repo = forked();
    let found = ask(repo.path(), &said(&[commit(repo.id("main"))], nowhere()));
    assert!(found.unwrap_err().to_string().contains("999"));
}

#[test]
fn histories_that_never_met_are_read_whole() {
    let repo = forked().orphan("other").commit("other root", |files| files.write("o", "o\n"));
    let (base, head) = (repo.id("main"), repo.id("other"));
    let found = ask(repo.path(), &said(&[commit(base)], head)).unwrap();
    assert_eq!(found, Request::Range(format!("{base}..{head}")));
}
