//! Every commit that can be reached.

use super::{complaint, history, look, range, worktree};
use crate::command::git;
use crate::repo::Repo;
use lockkeeper::finding::{Level, RepoPath};
use lockkeeper::source::{LabelKind, Request};

const ALL: Request = Request::History { all: true };

fn linear() -> Repo {
    Repo::new()
        .commit("start", |files| files.write("a", "one\n"))
        .commit("leak", |files| files.write("a", "one\ntoken\n"))
        .commit("oops", |files| files.write("a", "one\n"))
}

#[test]
fn every_commit_is_read_from_the_first() {
    let repo = linear();
    let seen = history(repo.path());
    assert_eq!(seen.coverage.commits, 3);
    let mut lines = seen.new_lines();
    lines.sort_unstable();
    assert_eq!(lines, [("a", ""), ("a", "one\n"), ("a", "token\n")]);
    assert_eq!(seen.delta(), [("a".to_owned(), "Added".to_owned())]);
    assert!(seen.source.base().is_none());
    assert_eq!(
        seen.source.origin().head.as_ref().unwrap().to_string(),
        repo.id("HEAD").to_string()
    );
}

#[test]
fn several_first_commits_are_all_new() {
    let repo = linear()
        .orphan("other")
        .commit("other root", |files| files.write("b", "b\n"))
        .merge("join", &["main"], |files| files);
    let seen = history(repo.path());
    assert_eq!(seen.coverage.commits, 5);
    assert!(seen.new_lines().contains(&("b", "b\n")));
}

#[test]
fn every_ref_is_read_when_asked_for() {
    let repo = linear()
        .branch("topic")
        .commit("tagged", |files| files.write("t", "t\n"))
        .tag("v1")
        .checkout("main");
    repo.run_git(["branch", "-D", "topic"]);
    assert_eq!(history(repo.path()).coverage.commits, 3);
    let seen = look(repo.path(), &ALL);
    assert_eq!(seen.coverage.commits, 4);
    assert!(seen.paths().contains(&"t"));
    assert_eq!(seen.head_paths(), ["a"], "the head is still HEAD's");
}

#[test]
fn a_ref_that_stands_for_a_file_is_read_and_one_that_stands_for_a_folder_is_warned_about() {
    let repo = linear();
    repo.run_git(["tag", "a-blob", &Repo::blob_id("one\n").to_string()]);
    repo.run_git(["tag", "a-tree", "HEAD^{tree}"]);
    let seen = look(repo.path(), &ALL);
    assert_eq!(seen.coverage.commits, 3);
    assert_eq!(seen.labels(LabelKind::RefContent), [("a-blob", "one\n")]);
    let warnings = seen.messages(Level::Warning);
    assert!(warnings.len() == 1 && warnings[0].starts_with("refs/tags/a-tree"), "{warnings:?}");
}

#[test]
fn a_remote_head_that_leads_nowhere_is_passed_over() {
    let repo = linear();
    repo.run_git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    assert_eq!(look(repo.path(), &ALL).coverage.commits, 3);
}

#[test]
fn a_shallow_clone_is_read_but_cannot_pass() {
    let repo = linear();
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(clone.path(), ["clone", "-q", "--depth=2", &url, "."]);
    let seen = history(clone.path());
    assert_eq!(seen.coverage.commits, 2);
    assert!(seen.new_lines().contains(&("a", "one\ntoken\n")), "all of the oldest commit is new");
    let errors = seen.messages(Level::Error);
    assert!(errors[0].contains("git fetch --unshallow"), "{errors:?}");
}

#[test]
fn without_commits_there_is_no_history() {
    let said = complaint(Repo::new().path(), &ALL);
    assert!(said.contains("no commits yet") && said.contains("--worktree"), "{said}");
}

#[test]
fn a_bare_repository_has_a_history() {
    let repo = linear();
    let bare = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(bare.path(), ["clone", "-q", "--bare", &url, "."]);
    assert_eq!(history(bare.path()).coverage.commits, 3);
}

#[test]
fn clones_agree_on_the_salt_and_strangers_do_not() {
    let repo = linear();
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(clone.path(), ["clone", "-q", &url, "."]);
    let salt = |path: &std::path::Path| history(path).source.salt();
    assert!(salt(repo.path()) == salt(clone.path()));
    let stranger = Repo::new().commit("other", |files| files.write("a", "other\n"));
    assert!(salt(repo.path()) != salt(stranger.path()));
}

#[test]
fn the_salt_does_not_depend_on_how_commits_are_stored() {
    let long = format!("{}\n", "the same words again and again ".repeat(40));
    let mut repo = linear();
    for number in 0..20 {
        let message = format!("{long}{number}");
        repo = repo.commit(&message, |files| files.write("a", format!("{number}\n")));
    }
    let salt = |repo: &Repo| range(repo.path(), "HEAD^..HEAD").source.salt();
    let loose = salt(&repo);
    repo.run_git(["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
    assert!(salt(&repo) == loose, "packed, some made from others");
    let repo = repo.commit("last", |files| files.write("a", "last\n"));
    assert!(salt(&repo) == loose, "and one loose");
    assert!(salt(&repo) == history(repo.path()).source.salt());
}

#[test]
fn a_partial_clone_says_what_it_lacks() {
    let repo = linear();
    repo.run_git(["config", "uploadpack.allowFilter", "true"]);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(clone.path(), ["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "."]);
    let seen = history(clone.path());
    assert_eq!(seen.coverage.files, 0);
    let errors = seen.messages(Level::Error);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("git fetch --refetch --no-filter"), "{errors:?}");
    git(clone.path(), ["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(history(clone.path()).coverage.files, 3, "and its advice helps");
}

#[test]
fn the_folder_without_a_name_holds_all_others() {
    let repo = Repo::new()
        .commit("one", |files| files.write("a", "a\n").write("b/c", "c\n").write("b/d/e", "e\n"));
    repo.run_git(["checkout", "-qf", "HEAD", "--", "."]);
    for seen in [history(repo.path()), worktree(repo.path())] {
        let files = |folder: &str| {
            let files = seen.source.head().folder(&RepoPath::from(folder)).unwrap();
            files.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            (files(""), files("b"), files("c")),
            (vec!["a".into()], vec!["b/c".into()], vec![])
        );
    }
}
