//! The commits between two revisions.

use super::{Look, complaint, kind, range};
use crate::repo::Repo;
use lockkeeper::finding::{Level, RepoPath};
use lockkeeper::source::{Entry, Request};

pub(super) fn start() -> Repo {
    Repo::new().commit("start", |files| files.write("a", "one\n").write("b", "one\n"))
}

#[test]
fn each_commit_is_compared_with_its_own_parent() {
    let repo = start()
        .commit("first", |files| files.write("a", "one\ntwo\n"))
        .commit("second", |files| files.write("a", "one\ntwo\nthree\n"));
    let seen = range(repo.path(), "HEAD~2..HEAD");
    assert_eq!(seen.coverage.commits, 2);
    assert_eq!(seen.coverage.files, 2);
    assert_eq!(seen.coverage.bytes, 8 + 14);
    let mut lines: Vec<_> = seen.files.iter().map(|file| file.new.as_str()).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["three\n", "two\n"]);
}

#[test]
fn what_is_added_and_removed_again_is_seen() {
    let repo = start()
        .commit("leak", |files| files.write("leak", "token\n"))
        .commit("oops", |files| files.remove("leak"));
    let seen = range(repo.path(), "HEAD~2..");
    assert_eq!(seen.new_lines(), [("leak", "token\n")]);
    assert_eq!(seen.files[0].commit, Some(repo.id("HEAD~1").to_string()));
    assert_eq!(seen.head_paths(), ["a", "b"]);
    assert_eq!(seen.delta(), []);
}

#[test]
fn three_dots_begin_where_the_ends_parted() {
    let repo = start()
        .branch("topic")
        .commit("topic", |files| files.write("t", "t\n"))
        .checkout("main")
        .commit("main", |files| files.write("m", "m\n").remove("b"));
    let commits = |seen: &Look| seen.commits.iter().map(|c| c.message.clone()).collect::<Vec<_>>();
    let delta = |seen: &Look| {
        seen.delta().iter().map(|(path, status)| format!("{status} {path}")).collect::<Vec<_>>()
    };
    let three = range(repo.path(), "main...topic");
    assert_eq!(commits(&three), ["topic"]);
    assert_eq!(delta(&three), ["Added t"]);
    let two = range(repo.path(), "main..topic");
    assert_eq!(commits(&two), ["topic"]);
    assert_eq!(delta(&two), ["Added b", "Deleted m", "Added t"]);
}

#[test]
fn a_moved_or_copied_file_brings_no_bytes_but_is_seen() {
    let repo = start()
        .commit("long", |files| files.write("dir/long", "secret\nline\n"))
        .commit("move", |files| files.rename("dir/long", "new/name"))
        .commit("copy", |files| files.write("copied", "secret\nline\n"));
    let seen = range(repo.path(), "HEAD~2..HEAD");
    assert_eq!(seen.new_lines(), [("copied", ""), ("new/name", "")]);
    assert_eq!(seen.delta().len(), 3);
}

#[test]
fn a_file_that_moves_to_another_folder_and_changes_brings_its_new_lines_alone() {
    let repo = start()
        .commit("long", |files| files.write("old/config", "secret\nline\n"))
        .commit("move", |files| {
            files.remove("old/config").write("new/config", "secret\nline\nmore\n")
        });
    assert_eq!(range(repo.path(), "HEAD^..").new_lines(), [("new/config", "more\n")]);
}

#[test]
fn content_that_comes_back_after_it_was_gone_is_new_again() {
    let repo = start()
        .commit("gone", |files| files.remove("b").write("a", "other\n"))
        .commit("back", |files| files.write("a", "one\n"));
    assert_eq!(range(repo.path(), "HEAD^..").new_lines(), [("a", "one\n")]);
}

#[test]
fn the_permission_to_run_alone_is_no_change_of_content() {
    let repo = start().commit("run", |files| files.executable("a", "one\n"));
    let seen = range(repo.path(), "HEAD^..");
    assert_eq!(seen.coverage.files, 0);
    assert_eq!(seen.delta(), [("a".to_owned(), "Modified".to_owned())]);
}

#[test]
fn a_link_is_the_text_of_its_target() {
    let repo = start().commit("link", |files| files.symlink("a", "/etc/passwd"));
    let seen = range(repo.path(), "HEAD^..");
    assert_eq!(seen.files[0].entry, kind(Entry::Symlink));
    assert_eq!(seen.files[0].content, "/etc/passwd");
    assert_eq!(seen.head_paths(), ["b"]);
    assert_eq!(seen.source.head().read(&RepoPath::from("a")).unwrap(), None);
}

#[test]
fn a_file_that_becomes_a_folder_and_back_is_followed() {
    let repo = start()
        .commit("folder", |files| files.remove("a").write("a/deep/er", "x\n"))
        .commit("file", |files| files.remove("a/deep/er").write("a", "y\n"));
    assert_eq!(range(repo.path(), "HEAD~2..").new_lines(), [("a", "y\n"), ("a/deep/er", "x\n")]);
    assert_eq!(range(repo.path(), "HEAD~2..HEAD~1").delta().len(), 2);
}

#[test]
fn a_submodule_is_noted_once() {
    let repo = start()
        .commit("add", |files| files.submodule("lib"))
        .commit("remove", |files| files.remove("lib"))
        .commit("add again", |files| files.submodule("lib"));
    let seen = range(repo.path(), "HEAD~3..");
    assert_eq!(seen.coverage.files, 0);
    assert_eq!(seen.delta(), []);
    let notes = seen.messages(Level::Note);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("lib: a submodule"), "{notes:?}");
}

#[test]
fn a_large_file_pointer_is_warned_about() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    let repo = start().commit("lfs", |files| files.write("big.bin", pointer));
    let seen = range(repo.path(), "HEAD^..");
    assert!(seen.messages(Level::Warning)[0].starts_with("big.bin: a Git LFS pointer"));
    assert_eq!(seen.new_lines(), [("big.bin", pointer)]);
}

#[test]
fn attributes_and_null_bytes_hide_nothing() {
    let repo = start().commit("hide", |files| {
        files.write(".gitattributes", "* -diff binary\n").write("hidden", "\0token\n")
    });
    assert_eq!(range(repo.path(), "HEAD^..").paths(), [".gitattributes", "hidden"]);
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_text() {
    let repo = start().commit("odd", |files| files.write(b"caf\xe9/new\nline", "x\n"));
    let seen = range(repo.path(), "HEAD^..");
    assert_eq!(seen.paths(), ["caf\\xE9/new\nline"]);
    let path = RepoPath::new(b"caf\xe9/new\nline".to_vec());
    assert_eq!(seen.source.head().read(&path).unwrap(), Some(b"x\n".to_vec()));
}

#[test]
fn the_ends_can_be_read_file_by_file() {
    let repo = start().commit("more", |files| files.write("dir/c", "c\n").write("a", "two\n"));
    let seen = range(repo.path(), "HEAD^..HEAD");
    let read = |path: &str| seen.source.head().read(&RepoPath::from(path)).unwrap();
    assert_eq!(read("dir/c"), Some(b"c\n".to_vec()));
    assert_eq!(read("dir"), None);
    assert_eq!(read("dir/d"), None);
    assert_eq!(read("a/b"), None);
    let base = seen.source.base().unwrap();
    assert_eq!(base.read(&RepoPath::from("a")).unwrap(), Some(b"one\n".to_vec()));
    assert_eq!(seen.head_paths(), ["a", "b", "dir/c"]);
}

#[test]
fn a_replaced_commit_is_read_as_it_is() {
    let repo = start()
        .commit("leak", |files| files.write("leak", "token\n"))
        .commit("after", |files| files.write("c", "c\n"));
    repo.run_git(["replace", "HEAD~1", "HEAD~2"]);
    assert_eq!(range(repo.path(), "HEAD~2..HEAD").paths(), ["c", "leak"]);
}

#[test]
fn a_graft_hides_no_commit() {
    let repo = start()
        .commit("leak", |files| files.write("leak", "token\n"))
        .commit("after", |files| files.write("c", "c\n"));
    let graft = format!("{} {}\n", repo.id("HEAD"), repo.id("HEAD~2"));
    let base = repo.id("HEAD~2").to_string();
    let repo = repo.put(".git/info/grafts", graft);
    assert_eq!(range(repo.path(), &format!("{base}..HEAD")).paths(), ["c", "leak"]);
}

#[test]
fn clocks_that_go_backwards_lose_no_commit() {
    let step = |repo: Repo, second| {
        repo.at(second).commit("step", |files| files.write("c", second.to_string()))
    };
    let repo = [4_000_000_020, 1_000_000_020, 3_000_000_000].into_iter().fold(start(), step);
    let (base, tip) = (repo.id("HEAD~3"), repo.id("HEAD"));
    assert_eq!(range(repo.path(), &format!("{base}..{tip}")).coverage.commits, 3);
    assert_eq!(range(repo.path(), &format!("{tip}..{base}")).coverage.commits, 0);
    assert_eq!(range(repo.path(), &format!("{tip}~1..{tip}")).coverage.commits, 1);
}

/// `X` is below both ends, but the way to it from the base leads over a commit that says it is
/// older.
#[test]
fn clocks_that_go_backwards_bring_no_commit_of_the_base() {
    let step = |repo: Repo, name: &str, second| {
        repo.at(second).commit(name, |files| files.write(name, name))
    };
    let repo = step(step(start(), "x", 1_704_070_000).branch("side"), "y", 1_704_070_300);
    let repo = step(repo.checkout("main"), "older", 1_704_060_000);
    let repo = step(repo, "common", 1_704_070_200).branch("head");
    let repo = repo.at(1_704_070_400).merge("join", &["side"], |files| files).checkout("main");
    let repo = step(repo, "base", 1_704_070_500);
    let seen = range(repo.path(), "main...head");
    let mut messages: Vec<_> = seen.commits.iter().map(|commit| commit.message.as_str()).collect();
    messages.sort_unstable();
    assert_eq!(messages, ["join", "y"]);
    let base = seen.source.origin().base.clone().unwrap().to_string();
    assert_eq!(base, repo.id("main^").to_string());
}

#[test]
fn ends_part_at_the_last_commit_they_share_whatever_clocks_say() {
    let step = |repo: Repo, name: &str, second| {
        repo.at(second).commit(name, |files| files.write(name, name))
    };
    let repo = step(Repo::new(), "late", 1_800_000_000);
    let repo = step(step(repo, "fork", 1_704_070_000).branch("topic"), "t", 1_704_070_100);
    let repo = step(repo.checkout("main"), "m", 1_704_070_200);
    let base = range(repo.path(), "main...topic").source.origin().base.clone().unwrap();
    assert_eq!(base.to_string(), repo.id("main^").to_string());
}

#[test]
fn a_commit_says_who_and_when() {
    let repo = start().commit("title\n\nbody", |files| files.write("z", "z").write("c", "c"));
    let seen = range(repo.path(), "HEAD^..");
    let commit = &seen.commits[0];
    assert_eq!(commit.message, "title\n\nbody");
    assert_eq!(
        (commit.author.name.as_str(), commit.author.email.as_str()),
        ("Ada", "ada@example.org")
    );
    assert_eq!(commit.committer.seconds, 1_704_067_320);
    assert_eq!(commit.parents[0].to_string(), repo.id("HEAD^").to_string());
    assert_eq!(commit.anchor, Some(RepoPath::from("c")));
}

#[test]
fn a_commit_that_only_removes_is_anchored_on_what_is_gone() {
    let repo = start().commit("less", |files| files.remove("b"));
    assert_eq!(range(repo.path(), "HEAD^..").commits[0].anchor, Some(RepoPath::from("b")));
}

#[test]
fn what_is_no_range_is_said_to_be_none() {
    let repo = start();
    let said = |spec: &str| complaint(repo.path(), &Request::Range(spec.to_owned()));
    assert!(said("HEAD").contains("A..B"), "{}", said("HEAD"));
    assert!(said("nowhere..HEAD").contains("\"nowhere\""), "{}", said("nowhere..HEAD"));
    assert!(said("HEAD~9..HEAD").contains("fetch"), "{}", said("HEAD~9..HEAD"));
}

#[test]
fn ends_without_a_common_commit_need_two_dots() {
    let repo = start().orphan("other").commit("other root", |files| files.write("o", "o\n"));
    let spec = Request::Range("main...other".to_owned());
    assert!(complaint(repo.path(), &spec).contains("two dots"));
    let seen = range(repo.path(), "main..other");
    assert_eq!(seen.coverage.commits, 1);
    assert!(seen.paths().contains(&"o"));
}

#[test]
fn an_empty_range_covers_nothing() {
    let repo = start();
    assert_eq!(range(repo.path(), "HEAD..HEAD").coverage.commits, 0);
}
