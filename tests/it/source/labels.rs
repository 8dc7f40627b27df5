//! Texts that belong to no file, and the order of commits.

use super::range::start;
use super::{Look, history, look, range};
use crate::repo::Repo;
use lockkeeper::finding::{CommitId, Level, RepoPath};
use lockkeeper::source::{Label, LabelKind, Request};

const ALL: Request = Request::History { all: true };

/// Two commits with a tag each, and a branch and a tag that are not of `HEAD`'s history.
fn tagged() -> Repo {
    let repo = start();
    repo.run_git(["tag", "-a", "v1", "-m", "the first"]);
    let repo = repo.commit("second", |files| files.write("a", "two\n"));
    repo.run_git(["tag", "-a", "v2", "-m", "the second"]);
    repo.run_git(["update-ref", "refs/remotes/origin/topic", "HEAD"]);
    let repo = repo.branch("other").commit("other", |files| files.write("b", "other\n"));
    repo.run_git(["tag", "light"]);
    repo.checkout("main")
}

fn of(seen: &Look, kind: LabelKind) -> Vec<&Label> {
    seen.labels.iter().filter(|label| label.kind == kind).collect()
}

#[test]
fn a_history_has_the_names_and_messages_of_its_own_refs() {
    let repo = tagged();
    let seen = history(repo.path());
    let mut messages = seen.labels(LabelKind::TagMessage);
    messages.sort_unstable();
    assert_eq!(messages, [("v1", "the first\n"), ("v2", "the second\n")]);
    let mut tags = seen.labels(LabelKind::TagName);
    tags.sort_unstable();
    assert_eq!(tags, [("v1", "v1"), ("v2", "v2")]);
    let branches = seen.labels(LabelKind::BranchName);
    assert_eq!(branches, [("main", "main"), ("origin/topic", "origin/topic")]);
    assert_eq!((seen.coverage.commits, seen.coverage.refs), (2, 4));
    let tagger = of(&seen, LabelKind::Tagger)[0];
    assert!(String::from_utf8_lossy(&tagger.text).contains("Ada <ada@example.org>"));
    let every = look(repo.path(), &ALL);
    assert!(every.labels(LabelKind::TagName).contains(&("light", "light")));
    assert!(every.labels(LabelKind::BranchName).contains(&("other", "other")));
    assert_eq!((every.coverage.commits, every.coverage.refs), (3, 6));
}

#[test]
fn a_range_has_those_of_its_commits_alone() {
    let repo = tagged();
    let seen = range(repo.path(), "HEAD^..HEAD");
    assert_eq!(seen.labels(LabelKind::TagMessage), [("v2", "the second\n")]);
    let label = of(&seen, LabelKind::TagMessage)[0];
    assert_eq!(label.commit.as_ref().unwrap().to_string(), repo.id("HEAD").to_string());
    assert_eq!(label.anchor, Some(RepoPath::from("a")));
    let branches = seen.labels(LabelKind::BranchName);
    assert_eq!(branches, [("main", "main"), ("origin/topic", "origin/topic")]);
    assert_eq!(seen.coverage.refs, 3);
}

#[test]
fn a_tag_of_a_tag_is_read_with_the_tag() {
    let repo = tagged();
    repo.run_git(["tag", "-a", "outer", "-m", "outside", "v2"]);
    repo.run_git(["tag", "-d", "v2"]);
    let seen = range(repo.path(), "HEAD^..HEAD");
    let messages = seen.labels(LabelKind::TagMessage);
    assert_eq!(messages, [("outer", "outside\n"), ("outer", "the second\n")]);
    assert_eq!(seen.labels(LabelKind::TagName), [("outer", "outer"), ("outer", "v2")]);
}

#[test]
fn refs_say_the_same_packed_and_loose() {
    let repo = tagged();
    repo.run_git(["tag", "-a", "outer", "-m", "outside", "v2"]);
    repo.run_git(["notes", "add", "-m", "of the second", "HEAD"]);
    let kinds = [
        LabelKind::BranchName,
        LabelKind::TagName,
        LabelKind::TagMessage,
        LabelKind::Tagger,
        LabelKind::Note,
    ];
    let said = || {
        let seen = range(repo.path(), "HEAD^..HEAD");
        let mut said = Vec::new();
        for kind in kinds {
            let labels = seen.labels(kind).into_iter();
            said.extend(labels.map(|(name, text)| (name.to_owned(), text.to_owned())));
        }
        said.sort_unstable();
        (said, seen.coverage.refs)
    };
    let loose = said();
    assert!(loose.0.len() > 6, "{loose:?}");
    repo.run_git(["pack-refs", "--all"]);
    assert_eq!(said(), loose);
    // One that is loose again hides the packed one.
    repo.run_git(["tag", "-f", "light", "HEAD~1"]);
    repo.run_git(["tag", "-f", "v1", "HEAD~1"]);
    assert_eq!(said(), loose);
    let packed = repo.path().join(".git/packed-refs");
    let text = std::fs::read_to_string(&packed).unwrap();
    assert!(text.contains(" fully-peeled"), "{text}");
    std::fs::write(&packed, text.replace(" fully-peeled", "")).unwrap();
    assert_eq!(said(), loose, "as an older git or another program wrote it");
}

#[test]
fn a_ref_of_another_kind_is_called_by_its_whole_name() {
    let repo = tagged();
    repo.run_git(["update-ref", "refs/changes/1", "HEAD"]);
    let seen = range(repo.path(), "HEAD^..HEAD");
    assert_eq!(seen.labels(LabelKind::RefName), [("refs/changes/1", "refs/changes/1")]);
}

#[test]
fn notes_are_read_at_the_commit_that_they_are_about() {
    let repo = tagged();
    repo.run_git(["notes", "add", "-m", "of the second", "HEAD"]);
    repo.run_git(["notes", "--ref=review", "add", "-m", "of the first", "HEAD^"]);
    let seen = history(repo.path());
    let mut notes = seen.labels(LabelKind::Note);
    notes.sort_unstable();
    assert_eq!(
        notes,
        [("refs/notes/commits", "of the second\n"), ("refs/notes/review", "of the first\n")]
    );
    let seen = range(repo.path(), "HEAD^..HEAD");
    assert_eq!(seen.labels(LabelKind::Note), [("refs/notes/commits", "of the second\n")]);
    let id = of(&seen, LabelKind::Note)[0].commit.as_ref().unwrap().to_string();
    assert_eq!(id, repo.id("HEAD").to_string());
}

#[test]
fn notes_in_folders_are_found() {
    let repo = tagged();
    let hex = repo.id("main").to_string();
    let (two, rest) = hex.split_at(2);
    let repo = repo
        .orphan("notes")
        .commit("notes", |files| files.clear().write(format!("{two}/{rest}"), "a note\n"));
    repo.run_git(["update-ref", "refs/notes/commits", "HEAD"]);
    let seen = range(repo.path(), "main^..main");
    assert_eq!(seen.labels(LabelKind::Note), [("refs/notes/commits", "a note\n")]);
}

#[test]
fn with_every_ref_notes_are_commits_like_any_other() {
    let repo = tagged();
    repo.run_git(["notes", "add", "-m", "of the second", "HEAD"]);
    let seen = look(repo.path(), &ALL);
    assert_eq!(seen.labels(LabelKind::Note), []);
    let note = seen.files.iter().find(|file| file.new == "of the second\n").unwrap();
    assert_eq!(note.path, repo.id("HEAD").to_string());
}

#[test]
fn a_merge_keeps_the_tag_that_it_merged() {
    let repo = tagged();
    let header = format!(
        "tree {}\nparent {}\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\
         mergetag object {}\n type commit\n tag v3\n tagger A <a@example.org> 1 +0000\n \n kept in a \
         header\nencoding latin1\ngpgsig x\n y\n\nmessage\n",
        repo.tree_id("HEAD^{tree}"),
        repo.id("HEAD"),
        repo.id("other")
    );
    let file = repo.write_file("made", &header);
    let made = repo.git(["hash-object", "-t", "commit", "-w", file.to_str().unwrap()]);
    let spec = format!("HEAD..{}", made.stdout().trim());
    let seen = range(repo.path(), &spec);
    let texts = seen.labels(LabelKind::CommitHeaders);
    let [(name, text)] = texts.as_slice() else { panic!("{}", texts.len()) };
    assert!(name.is_empty() && text.contains("kept in a header"), "{text}");
    assert!(text.ends_with("encoding latin1"), "no signature: {text}");
}

#[test]
fn ranks_follow_history_and_not_the_clock() {
    let step = |repo: Repo, second| {
        repo.at(second).commit("step", |files| files.write("c", second.to_string()))
    };
    let repo = [4_000_000_020, 1_000_000_020, 3_000_000_000].into_iter().fold(start(), step);
    let rank = |seen: &Look, revision: &str| {
        seen.source.rank(&CommitId::new(&repo.id(revision).to_string()))
    };
    let seen = history(repo.path());
    let ranks = ["HEAD~3", "HEAD~2", "HEAD~1", "HEAD"].map(|revision| rank(&seen, revision));
    assert_eq!(ranks, [0, 1, 2, 3]);
    let seen = range(repo.path(), "HEAD~2..HEAD");
    let ranks = ["HEAD~2", "HEAD~1", "HEAD"].map(|revision| rank(&seen, revision));
    assert_eq!(ranks, [usize::MAX, 0, 1]);
}

#[test]
fn tags_of_tags_without_end_are_told() {
    let repo = tagged();
    let name = "c".repeat(40);
    let tag = format!("object {name}\ntype tag\ntag v3\ntagger a <a@example.org> 1 +0000\n\nm\n");
    repo.forge(&name, "tag", tag.as_bytes());
    std::fs::write(repo.path().join(".git/refs/tags/v3"), name).unwrap();
    let seen = look(repo.path(), &Request::History { all: true });
    let told = seen.messages(Level::Error);
    assert!(told.iter().any(|message| message.contains("more than 100 tags")), "{told:?}");
}
