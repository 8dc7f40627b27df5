//! What a push brings, and what it is compared with.

use super::range::start;
use super::{Look, complaint, look};
use crate::repo::Repo;
use lockkeeper::finding::{CommitId, Level};
use lockkeeper::source::{Destination, LabelKind, Push, PushedRef, Request};

fn request(refs: &[(&str, Option<&str>, &str)], to: Destination) -> Request {
    let refs = refs.iter().map(|(name, old, new)| PushedRef {
        name: name.as_bytes().to_vec(),
        old: old.map(str::to_owned),
        new: (*new).to_owned(),
    });
    Request::Push(Push { refs: refs.collect(), to })
}

fn to_origin(refs: &[(&str, Option<&str>, &str)]) -> Request {
    request(refs, Destination::Remote { name: "origin".to_owned(), url: String::new() })
}

fn messages(seen: &Look) -> Vec<&str> {
    let mut messages: Vec<_> = seen.commits.iter().map(|commit| commit.message.as_str()).collect();
    messages.sort_unstable();
    messages
}

/// A remote's `main` at the first commit; `one` and `two` branch off later.
fn forked() -> Repo {
    let repo = start();
    repo.run_git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.commit("shared", |files| files.write("shared", "s\n"))
        .branch("one")
        .commit("of one", |files| files.write("one", "1\n"))
        .checkout("main")
        .branch("two")
        .commit("of two", |files| files.write("two", "2\n"))
}

#[test]
fn commits_of_several_refs_are_pushed_once() {
    let repo = forked();
    let refs = [("refs/heads/one", None, "one"), ("refs/heads/two", None, "two")];
    let seen = look(repo.path(), &to_origin(&refs));
    assert_eq!(messages(&seen), ["of one", "of two", "shared"]);
    assert_eq!((seen.coverage.commits, seen.coverage.refs), (3, 2));
    let origin = seen.source.origin();
    let id = |commit: &Option<CommitId>| commit.as_ref().unwrap().to_string();
    assert_eq!(id(&origin.head), repo.id("two").to_string(), "the newest commit is a tip");
    assert_eq!(id(&origin.base), repo.id("origin/main").to_string());
    let added = ["shared", "two"].map(|path| (path.to_owned(), "Added".to_owned()));
    assert_eq!(seen.delta(), added);
    let mut names = seen.labels(LabelKind::BranchName);
    names.sort_unstable();
    assert_eq!(names, [("one", "one"), ("two", "two")]);
}

#[test]
fn a_ref_that_was_there_brings_what_it_did_not_reach() {
    let repo = forked();
    repo.run_git(["update-ref", "refs/remotes/origin/two", "two^"]);
    let seen = look(repo.path(), &to_origin(&[("refs/heads/two", Some("two^"), "two")]));
    assert_eq!(messages(&seen), ["of two"]);
    assert_eq!(seen.labels(LabelKind::BranchName), [], "its name is known there");
}

#[test]
fn what_was_not_fetched_is_told_and_hides_nothing() {
    let repo = forked();
    let gone = "1".repeat(40);
    let seen = look(repo.path(), &to_origin(&[("refs/heads/two", Some(&gone), "two")]));
    assert_eq!(messages(&seen), ["of two", "shared"]);
    assert!(seen.messages(Level::Note)[0].contains("was not fetched"));
}

#[test]
fn another_remote_has_nothing_that_is_known() {
    let repo = forked();
    let to = Destination::Remote { name: "fork".to_owned(), url: String::new() };
    let seen = look(repo.path(), &request(&[("refs/heads/two", None, "two")], to));
    assert_eq!(messages(&seen), ["of two", "shared", "start"]);
    assert!(seen.source.base().is_none());
}

#[test]
fn a_server_has_what_its_refs_reach() {
    let repo = forked();
    let tip = repo.id("two").to_string();
    repo.run_git(["checkout", "-q", "main"]);
    repo.run_git(["branch", "-q", "-D", "two"]);
    let seen = look(repo.path(), &request(&[("refs/heads/two", None, &tip)], Destination::Here));
    assert_eq!(messages(&seen), ["of two"]);
    let base = seen.source.origin().base.as_ref().unwrap().to_string();
    assert_eq!(base, repo.id("main").to_string());
}

#[test]
fn a_push_of_what_is_there_covers_its_refs() {
    let repo = forked();
    let seen = look(repo.path(), &to_origin(&[("refs/heads/copy", None, "origin/main")]));
    let coverage = seen.coverage;
    assert_eq!((coverage.commits, coverage.files, coverage.refs), (0, 0, 1));
    assert_eq!(seen.labels(LabelKind::BranchName), [("copy", "copy")]);
    assert_eq!(seen.delta(), []);
}

#[test]
fn a_push_from_a_shallow_clone_is_looked_at() {
    let repo = start().commit("second", |files| files.write("a", "two\n"));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    crate::command::git(folder.path(), ["clone", "-q", "--depth=1", &url, "."]);
    crate::command::git(folder.path(), ["commit", "-q", "--allow-empty", "-m", "own"]);
    let seen = look(folder.path(), &to_origin(&[("refs/heads/x", None, "HEAD")]));
    assert_eq!(messages(&seen), ["own\n"]);
    let to = Destination::Remote { name: "fork".to_owned(), url: String::new() };
    let seen = look(folder.path(), &request(&[("refs/heads/x", None, "HEAD")], to));
    assert_eq!(messages(&seen), ["own\n", "second"]);
    assert!(seen.messages(Level::Warning)[0].contains("shallow"));
}

#[test]
fn what_cannot_be_read_cannot_be_pushed_unseen() {
    let gone = "1".repeat(40);
    let said = complaint(forked().path(), &to_origin(&[("refs/heads/x", None, &gone)]));
    assert!(said.contains("cannot be read"), "{said}");
}
