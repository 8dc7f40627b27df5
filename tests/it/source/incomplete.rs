//! Clones that lack commits or objects: never silently less.

use super::range::start;
use super::{complaint, history, look, range};
use crate::command::git;
use crate::repo::Repo;
use lockkeeper::finding::{Level, RepoPath};
use lockkeeper::source::Request;

fn shallow_clone(depth: &str) -> (Repo, tempfile::TempDir) {
    let repo = (0..6)
        .fold(start(), |repo, n| repo.commit("more", |files| files.write("a", format!("{n}\n"))));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(folder.path(), ["clone", "-q", "--depth", depth, &url, "."]);
    (repo, folder)
}

#[test]
fn a_shallow_clone_that_has_the_base_is_enough() {
    let (_, clone) = shallow_clone("3");
    let seen = range(clone.path(), "HEAD~2..HEAD");
    assert_eq!(seen.coverage.commits, 2);
    assert_eq!(seen.messages(Level::Error), [""; 0]);
}

#[test]
fn a_shallow_clone_without_the_base_says_how_to_deepen() {
    let (repo, clone) = shallow_clone("3");
    let base = repo.id("HEAD~5");
    let said = complaint(clone.path(), &Request::Range(format!("{base}..HEAD")));
    assert!(said.contains("git fetch --deepen") && said.contains("fetch-depth: 0"), "{said}");
}

#[test]
fn a_shallow_clone_cut_before_the_ends_meet_says_how_to_deepen() {
    let (repo, clone) = shallow_clone("2");
    let base = repo.id("HEAD~5").to_string();
    git(clone.path(), ["fetch", "-q", "--depth=1", "origin", &base]);
    for dots in ["..", "..."] {
        let said = complaint(clone.path(), &Request::Range(format!("{base}{dots}HEAD")));
        assert!(said.contains("history ends at") && said.contains("--deepen"), "{said}");
    }
}

#[test]
fn a_base_whose_past_was_not_fetched_says_how_to_deepen() {
    let repo = start()
        .branch("topic")
        .commit("topic", |files| files.write("t", "t\n"))
        .checkout("main")
        .commit("main", |files| files.write("m", "m\n"))
        .commit("main", |files| files.write("m", "n\n"));
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(clone.path(), ["clone", "-q", "--single-branch", "--branch=topic", &url, "."]);
    git(clone.path(), ["fetch", "-q", "--depth=1", "origin", "main"]);
    let spec = format!("{}..topic", repo.id("main"));
    let said = complaint(clone.path(), &Request::Range(spec));
    assert!(said.contains("history ends at"), "{said}");
}

#[test]
fn an_object_that_was_never_fetched_is_told_and_hides_nothing_else() {
    let repo = start().commit("more", |files| files.write("a", "lost\n").write("c", "c\n"));
    repo.lose(Repo::blob_id("lost\n"));
    let seen = range(repo.path(), "HEAD^..");
    assert_eq!(seen.paths(), ["c"]);
    let errors = seen.messages(Level::Error);
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].contains("a (object") && errors[0].contains("git fetch --refetch"),
        "{errors:?}"
    );
    assert!(seen.source.head().read(&RepoPath::from("a")).is_err());
}

#[test]
fn an_earlier_version_that_was_never_fetched_is_told_and_counts_as_absent() {
    let repo = start().commit("more", |files| files.write("a", "one\ntwo\n"));
    repo.lose(Repo::blob_id("one\n"));
    let seen = range(repo.path(), "HEAD^..");
    assert_eq!(seen.new_lines(), [("a", "one\ntwo\n")]);
    assert_eq!(seen.messages(Level::Error).len(), 1);
}

#[test]
fn a_tree_that_was_never_fetched_loses_its_commit_alone() {
    let repo = start()
        .commit("lost", |files| files.write("dir/c", "c\n"))
        .commit("same", |files| files.write("d", "d\n"));
    repo.lose(repo.tree_id("HEAD~1:dir"));
    let seen = range(repo.path(), "HEAD~2..");
    assert_eq!(seen.new_lines(), [("d", "d\n")]);
    assert_eq!(seen.messages(Level::Error).len(), 1);
    assert!(seen.source.delta().is_err());
}

#[test]
fn a_commit_that_is_its_own_ancestor_is_read() {
    let repo = start();
    let [one, two] = ["a".repeat(40), "b".repeat(40)];
    let commit = |parent: &str| {
        let (tree, who) = (repo.tree_id("HEAD^{tree}"), "a <a@example.org> 1 +0000");
        format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nforged\n")
    };
    repo.forge(&one, "commit", commit(&two).as_bytes());
    repo.forge(&two, "commit", commit(&one).as_bytes());
    let point = |branch: &str| {
        std::fs::write(repo.path().join(".git/refs/heads").join(branch), &one).unwrap();
    };
    point("forged");
    for all in [false, true] {
        let seen = look(repo.path(), &Request::History { all });
        assert_eq!(
            seen.coverage.commits,
            history(repo.path()).coverage.commits + 2 * u64::from(all)
        );
    }
    point("main");
    assert_eq!(history(repo.path()).coverage.commits, 2);
}
