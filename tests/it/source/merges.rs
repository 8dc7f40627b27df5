//! What a merge brings of its own, and where histories that crossed parted.

use super::range;
use super::range::start;
use crate::repo::Repo;

#[test]
fn a_clean_merge_has_nothing_of_its_own() {
    let repo = start()
        .branch("topic")
        .commit("theirs", |files| files.write("a", "theirs\n"))
        .checkout("main")
        .commit("ours", |files| files.write("b", "ours\n"))
        .merge("merge", &["topic"], |files| files);
    let seen = range(repo.path(), "HEAD^..HEAD");
    assert_eq!(seen.coverage.commits, 2, "the merge and the commit that it brings");
    assert_eq!(seen.new_lines(), [("a", "theirs\n")]);
    let merge = seen.commits.iter().find(|commit| commit.parents.len() == 2).unwrap();
    assert_eq!(merge.anchor, None);
    let unclean = start()
        .branch("topic")
        .commit("theirs", |files| files.write("a", "one\ntheirs\n"))
        .checkout("main")
        .commit("ours", |files| files.write("b", "ours\n").write("a", "ours\none\n"))
        .merge("merge", &["topic"], |files| files.write("a", "ours\none\ntheirs\n"));
    let seen = range(unclean.path(), "HEAD^..HEAD");
    assert_eq!(seen.new_lines(), [("a", ""), ("a", "theirs\n")], "its lines are all of a parent");
}

#[test]
fn the_resolution_of_a_merge_is_seen() {
    let repo = start()
        .branch("topic")
        .commit("theirs", |files| files.write("a", "theirs\n"))
        .checkout("main")
        .commit("ours", |files| files.write("a", "ours\n"))
        .merge("merge", &["topic"], |files| {
            files.write("a", "ours\ntoken\ntheirs\n").write("evil", "new\n")
        });
    let seen = range(repo.path(), "HEAD^..HEAD");
    assert_eq!(seen.new_lines(), [("a", "theirs\n"), ("a", "token\n"), ("evil", "new\n")]);
}

#[test]
fn an_octopus_is_compared_with_every_arm() {
    let arm = |repo: Repo, name: &str| {
        let file = format!("of-{name}");
        repo.checkout("main").branch(name).commit(name, |files| files.write(file, name))
    };
    let repo = ["x", "y", "z"].into_iter().fold(start(), arm).checkout("x");
    let repo = repo.merge("octopus", &["y", "z"], |files| files.write("own", "own\n"));
    let merge = repo.id("HEAD").to_string();
    let seen = range(repo.path(), "main..HEAD");
    assert_eq!(seen.coverage.commits, 4);
    let own = seen.files.iter().filter(|file| file.commit.as_ref() == Some(&merge));
    assert_eq!(own.map(|file| file.path.as_str()).collect::<Vec<_>>(), ["own"]);
    assert_eq!(seen.commits.iter().map(|commit| commit.parents.len()).max(), Some(3));
}

/// Two branches that merged each other's tips have two places where they parted.
fn criss_cross() -> Repo {
    start()
        .branch("left")
        .commit("left", |files| files.write("left", "l\n"))
        .branch("left-tip")
        .checkout("main")
        .branch("right")
        .commit("right", |files| files.write("right", "r\n"))
        .branch("right-tip")
        .checkout("left")
        .merge("right into left", &["right-tip"], |files| files)
        .commit("left on", |files| files.write("left-on", "l\n"))
        .checkout("right")
        .merge("left into right", &["left-tip"], |files| files)
        .commit("right on", |files| files.write("right-on", "on\n"))
}

#[test]
fn a_criss_cross_has_a_base_and_loses_nothing() {
    let repo = criss_cross();
    let seen = range(repo.path(), "left...right");
    assert_eq!(seen.coverage.commits, 2);
    assert_eq!(seen.new_lines(), [("right-on", "on\n")]);
    let base = seen.source.origin().base.clone().unwrap();
    let parted = [repo.id("left-tip").to_string(), repo.id("right-tip").to_string()];
    assert!(parted.contains(&base.to_string()));
}
