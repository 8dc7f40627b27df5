//! What would be committed.

use super::{kind, look_with, staged, try_look};
use crate::command::git;
use crate::repo::Repo;
use lockkeeper::finding::{Level, RepoPath};
use lockkeeper::source::{Entry, GitEnvironment, Request};
use std::fs;
use std::path::{Path, PathBuf};

fn start() -> Repo {
    Repo::new().commit("start", |files| {
        files.write("a", "one\n").write("dir/b", "b\n").symlink("l", "a").submodule("lib")
    })
}

fn with_index(path: PathBuf) -> GitEnvironment {
    GitEnvironment { index_file: Some(path), ..GitEnvironment::default() }
}

#[test]
fn nothing_staged_is_nothing_to_see() {
    let seen = staged(start().path());
    assert_eq!((seen.coverage.files, seen.delta()), (0, vec![]));
    assert_eq!(seen.head_paths(), ["a", "dir/b"]);
}

#[test]
fn staged_content_is_seen_and_the_working_file_is_not() {
    let repo = start()
        .stage(|files| files.write("a", "one\nstaged\n").write("new", "n\n").remove("dir/b"))
        .put("a", "one\nedited\n")
        .put("untracked", "u\n");
    let seen = staged(repo.path());
    assert_eq!(seen.new_lines(), [("a", "staged\n"), ("new", "n\n")]);
    assert!(seen.files.iter().all(|file| file.commit.is_none()));
    let delta = [("a", "Modified"), ("dir/b", "Deleted"), ("new", "Added")];
    assert_eq!(seen.delta(), delta.map(|(path, status)| (path.to_owned(), status.to_owned())));
    let read = seen.source.head().read(&RepoPath::from("a")).unwrap();
    assert_eq!(read, Some(b"one\nstaged\n".to_vec()));
    let base = seen.source.base().unwrap().read(&RepoPath::from("dir/b")).unwrap();
    assert_eq!(base, Some(b"b\n".to_vec()));
}

#[test]
fn an_index_of_its_own_is_followed() {
    let repo = start();
    let index = repo.stage_apart(|files| files.write("a", "apart\n"));
    assert_eq!(staged(repo.path()).coverage.files, 0);
    let seen = look_with(repo.path(), &Request::Staged, &with_index(index));
    assert_eq!(seen.new_lines(), [("a", "apart\n")]);
}

#[test]
fn an_index_that_is_named_and_not_there_is_an_error() {
    let repo = start();
    let environment = with_index(repo.path().join("gone"));
    assert!(try_look(repo.path(), &Request::Staged, &environment).is_err());
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let repo = Repo::new().stage(|files| files.write("a", "one\n").executable("run", "r\n"));
    let seen = staged(repo.path());
    assert_eq!(seen.new_lines(), [("a", "one\n"), ("run", "r\n")]);
    assert_eq!(seen.files[1].entry, kind(Entry::Executable));
    assert!(seen.source.base().is_none());
    assert_eq!(staged(Repo::new().path()).coverage.files, 0);
}

#[test]
fn a_promised_file_has_no_content_yet() {
    let repo = start().put("later", "later\n");
    repo.run_git(["add", "-N", "later"]);
    let seen = staged(repo.path());
    assert_eq!((seen.coverage.files, seen.delta()), (0, vec![]));
}

#[test]
fn every_side_of_a_conflict_is_seen() {
    let repo = start().conflict("a", ["one\n", "ours\n", "theirs\n"]);
    let seen = staged(repo.path());
    assert_eq!(seen.new_lines(), [("a", "ours\n"), ("a", "theirs\n")]);
    assert!(seen.messages(Level::Warning)[0].starts_with("a: in conflict"));
}

#[test]
fn a_change_of_kind_is_seen_and_a_permission_is_not() {
    let repo = start().stage(|files| files.executable("a", "one\n").symlink("dir/b", "b\n"));
    let seen = staged(repo.path());
    assert_eq!(seen.paths(), ["dir/b"]);
    assert_eq!(seen.files[0].entry, kind(Entry::Symlink));
    assert_eq!(seen.delta().len(), 2);
}

#[test]
fn staged_content_that_cannot_be_read_is_told() {
    let repo = start().stage(|files| files.write("a", "lost\n").write("c", "c\n"));
    repo.lose(Repo::blob_id("lost\n"));
    let seen = staged(repo.path());
    assert_eq!(seen.paths(), ["c"]);
    assert!(seen.messages(Level::Error)[0].contains("a (object"));
}

#[test]
fn a_staged_move_brings_no_bytes() {
    let repo = start().stage(|files| files.rename("dir/b", "moved"));
    assert_eq!(staged(repo.path()).new_lines(), [("moved", "")]);
}

/// Every file below a folder with its size.
fn files_below(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

#[test]
fn nothing_is_written() {
    let repo = start().stage(|files| files.write("a", "two\n").write("c", "c\n"));
    let before = files_below(&repo.path().join(".git"));
    staged(repo.path());
    assert_eq!(files_below(&repo.path().join(".git")), before);
}

#[test]
fn an_index_that_cannot_be_read_says_what_to_do() {
    let repo = start();
    repo.run_git(["update-index", "--split-index"]);
    let found = try_look(repo.path(), &Request::Staged, &GitEnvironment::default());
    let said = found.err().unwrap().to_string();
    assert!(said.contains("git update-index --no-split-index"), "{said}");
}

#[test]
fn a_linked_worktree_has_an_index_of_its_own() {
    let repo = start();
    let folder = tempfile::tempdir().unwrap();
    let linked = folder.path().join("linked");
    repo.run_git(["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "other"]);
    fs::write(linked.join("a"), "linked\n").unwrap();
    git(&linked, ["add", "a"]);
    assert_eq!(staged(&linked).new_lines(), [("a", "linked\n")]);
    assert_eq!(staged(repo.path()).coverage.files, 0);
}
