//! Finding a repository, and why it does not open.

use super::{complaint, history, look, look_with, range, staged};
use crate::command::git;
use crate::repo::Repo;
use lockkeeper::source::{GitEnvironment, Request};
use std::fs;

const HISTORY: Request = Request::History { all: false };

#[test]
fn a_folder_inside_a_repository_stands_for_it() {
    let repo = Repo::new().commit("start", |files| files.write("dir/a", "a\n").write("b", "b\n"));
    assert_eq!(history(&repo.path().join("dir")).paths(), ["b", "dir/a"]);
    assert_eq!(history(&repo.path().join("b")).paths(), ["b", "dir/a"]);
}

#[test]
fn outside_a_repository_there_is_nothing_to_compare() {
    let folder = tempfile::tempdir().unwrap();
    for request in [Request::Staged, HISTORY, Request::Range("A..B".to_owned())] {
        let said = complaint(folder.path(), &request);
        assert!(said.contains("not a git repository") && said.contains("--worktree"), "{said}");
    }
}

#[test]
fn a_repository_of_another_hash_is_named_so() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), ["init", "-q", "--object-format=sha256", "."]);
    for request in [Request::Staged, HISTORY] {
        let said = complaint(folder.path(), &request);
        assert!(
            said.contains("uses SHA-256 object names, which lockkeeper cannot read yet"),
            "{said}"
        );
    }
}

#[test]
fn a_repository_with_other_refs_is_named_so() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), ["init", "-q", "--ref-format=reftable", "."]);
    assert!(complaint(folder.path(), &HISTORY).contains("reftable"));
}

#[test]
fn a_detached_head_is_a_head() {
    let repo = Repo::new()
        .commit("start", |files| files.write("a", "a\n"))
        .commit("more", |files| files.write("a", "b\n"));
    repo.run_git(["checkout", "-q", "--detach", "HEAD^"]);
    assert_eq!(history(repo.path()).coverage.commits, 1);
    assert_eq!(staged(repo.path()).coverage.files, 0);
}

#[test]
fn a_range_before_the_first_commit_is_an_error() {
    let said = complaint(Repo::new().path(), &Request::Range("HEAD~1..HEAD".to_owned()));
    assert!(said.contains("revision") || said.contains("no commits yet"), "{said}");
    let said = complaint(Repo::new().path(), &Request::Range("..HEAD".to_owned()));
    assert!(said.contains("no commits yet"), "{said}");
}

#[test]
fn a_head_that_is_damaged_is_an_error() {
    let repo = Repo::new().commit("start", |files| files.write("a", "a\n"));
    repo.lose(repo.id("HEAD"));
    for request in [Request::Staged, HISTORY] {
        complaint(repo.path(), &request);
    }
}

#[test]
fn packed_objects_alternates_and_caches_of_the_graph_are_read() {
    let repo = Repo::new()
        .commit("start", |files| files.write("a", "a\n"))
        .commit("more", |files| files.write("a", "a\nb\n"));
    repo.run_git(["repack", "-q", "-a", "-d", "--write-bitmap-index"]);
    repo.run_git(["commit-graph", "write", "--reachable"]);
    repo.run_git(["multi-pack-index", "write"]);
    repo.run_git(["pack-refs", "--all"]);
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), ["clone", "-q", "--shared", repo.path().to_str().unwrap(), "."]);
    for path in [repo.path(), clone.path()] {
        assert_eq!(range(path, "HEAD^..").new_lines(), [("a", "b\n")]);
    }
}

#[test]
fn a_named_git_directory_is_followed_where_the_path_belongs_to_it() {
    let repo = Repo::new().commit("start", |files| files.write("a", "a\n"));
    let moved = tempfile::tempdir().unwrap();
    let git_dir = moved.path().join("apart");
    fs::rename(repo.path().join(".git"), &git_dir).unwrap();
    let environment = GitEnvironment {
        git_dir: Some(git_dir),
        work_tree: Some(repo.path().to_owned()),
        ..GitEnvironment::default()
    };
    assert_eq!(look_with(repo.path(), &HISTORY, &environment).paths(), ["a"]);
    let files = look_with(repo.path(), &Request::Worktree, &environment);
    assert_eq!(files.paths(), ["a"]);
    let other = Repo::new().commit("start", |files| files.write("other", "o\n"));
    assert_eq!(look_with(other.path(), &HISTORY, &environment).paths(), ["other"]);
    let index_file = Some(repo.path().join("gone"));
    let environment = GitEnvironment { index_file, ..environment };
    assert_eq!(look_with(other.path(), &Request::Staged, &environment).coverage.files, 0);
}

#[test]
fn a_push_that_waits_to_be_let_in_is_read() {
    let repo = Repo::new().commit("start", |files| files.write("a", "a\n"));
    let sender = tempfile::tempdir().unwrap();
    git(sender.path(), ["clone", "-q", repo.path().to_str().unwrap(), "."]);
    fs::write(sender.path().join("pushed"), "p\n").unwrap();
    git(sender.path(), ["add", "."]);
    git(sender.path(), ["commit", "-q", "-m", "pushed"]);
    let objects = sender.path().join(".git/objects");
    let pushed = Repo::tip_of(sender.path());
    let request = Request::Range(format!("HEAD..{pushed}"));
    assert!(complaint(repo.path(), &request).contains(&pushed));
    let environment = GitEnvironment {
        object_directory: Some(objects),
        alternate_object_directories: Some(repo.path().join(".git/objects").into()),
        ..GitEnvironment::default()
    };
    assert_eq!(look_with(repo.path(), &request, &environment).paths(), ["pushed"]);
}

#[test]
fn one_thread_sees_what_many_see() {
    let repo = (0..20).fold(Repo::new(), |repo, n| {
        repo.commit("more", |files| files.write(format!("f{}", n % 7), format!("{n}\n")))
    });
    let path = repo.path();
    let seen = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let seen = look(path, &HISTORY);
            (seen.files, seen.coverage)
        })
    };
    assert_eq!(seen(1), seen(8));
}

#[test]
fn the_executable_answers() {
    let run = Repo::new().scan(["--help"]);
    assert_eq!((run.status(), run.stderr().as_str()), (0, ""), "{}", run.stdout());
}
