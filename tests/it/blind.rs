//! Places where tools that read patches are blind: a token is planted in each, and every way of saying
//! what changed must find it, at its place and in its commit.

use crate::repo::{Files, Repo};
use jiff::civil::date;
use lockkeeper::detect::secrets;
use lockkeeper::finding::CommitId;
use lockkeeper::gate::{Baseline, Existing, Extent, Options, Policy, Vex};
use lockkeeper::pipeline::{self, Detectors};
use lockkeeper::source::{Destination, GitEnvironment, Push, PushedRef, Request, open};
use std::fmt::{self, Debug, Formatter};
use std::path::Path;

/// The ref that `git notes` writes.
const NOTES: &str = "refs/notes/commits";

thread_local! {
    /// Ready once a test: making the rules ready takes longer than any scan here.
    static DETECTORS: Detectors = {
        let rules = lockkeeper::rule::builtin_secrets().unwrap();
        let detector = secrets::Detector::new(rules, &secrets::Options::default()).unwrap();
        Detectors { secrets: Some(detector), policies: None, dependencies: None }
    };
}

fn token() -> String {
    lockkeeper::rule::expand("{github:ghp_}").unwrap().text
}

/// Where a secret was found.
struct Found {
    rule: String,
    commit: Option<String>,
    path: String,
    message: String,
}

impl Debug for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let commit = self.commit.as_deref().unwrap_or("nowhere");
        write!(f, "{} at {} in {commit}: {}", self.rule, self.path, self.message)
    }
}

/// What is found; nothing that is said of it may repeat the token.
fn scan(path: &Path, request: &Request) -> Vec<Found> {
    let policy = Policy {
        options: Options::default(),
        existing: Existing::Report,
        waivers: Vec::new(),
        baseline: Baseline::default(),
        vex: Vex::default(),
        today: date(2024, 1, 1),
        extent: Extent::Part,
    };
    let source = open(path, request, &GitEnvironment::default()).unwrap();
    let run =
        |detectors: &Detectors| pipeline::run(&*source, detectors, &policy, None, &()).unwrap();
    let outcome = DETECTORS.with(run);
    let judged = outcome.verdict.findings.iter().map(|judged| &judged.finding);
    let found: Vec<_> = judged
        .map(|finding| Found {
            rule: finding.rule.to_string(),
            commit: finding.location.commit.as_ref().map(CommitId::to_string),
            path: finding.location.path.to_string(),
            message: finding.message.clone(),
        })
        .collect();
    assert!(!format!("{found:?} {:?}", outcome.notices).contains(&token()));
    found
}

fn history(all: bool) -> Request {
    Request::History { all }
}

fn range() -> Request {
    Request::Range("refs/remotes/origin/main..HEAD".to_owned())
}

fn push(name: &str, new: &str) -> Request {
    let pushed = PushedRef { name: name.into(), old: None, new: new.to_owned() };
    let to = Destination::Remote { name: "origin".to_owned(), url: String::new() };
    Request::Push(Push { refs: vec![pushed], to })
}

/// A repository of which a remote has all.
fn start() -> Repo {
    let repo = Repo::new().commit("start", |files| {
        files.write("README.md", "hello\n").write("kept", "kept\n").write("dir/other", "other\n")
    });
    repo.run_git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo
}

/// Holds that a token is found at a place: a path, and words of the message.
#[track_caller]
fn expect(repo: &Repo, request: &Request, revision: Option<&str>, place: [&str; 2]) {
    let found = scan(repo.path(), request);
    let commit = revision.map(|revision| repo.id(revision).to_string());
    let [path, words] = place;
    let there = found.iter().any(|found| {
        found.rule == "secret/github-pat"
            && found.commit == commit
            && found.path == path
            && found.message.contains(words)
    });
    assert!(there, "{request:?} does not find it at {place:?} in {commit:?}: {found:#?}");
}

/// Holds that a history, a range and a push find the token in the commit of a revision.
#[track_caller]
fn expect_in_commits(repo: &Repo, revision: &str, place: [&str; 2]) {
    for request in [history(false), history(true), range(), push("refs/heads/main", "HEAD")] {
        expect(repo, &request, Some(revision), place);
    }
}

/// Holds that a change of files shows the token in a commit and in the index.
#[track_caller]
fn expect_in_files(change: impl Fn(Files<'_>) -> Files<'_>, path: &str) {
    let repo = start().commit("plant", &change);
    expect_in_commits(&repo, "HEAD", [path, ""]);
    expect(&start().stage(&change), &Request::Staged, None, [path, ""]);
}

#[test]
fn attributes() {
    for attributes in ["* -diff\n", "* binary\n", "* diff=blank -text export-ignore\n"] {
        expect_in_files(
            |files| files.write(".gitattributes", attributes).write("hidden", token()),
            "hidden",
        );
    }
    let repo = start();
    repo.run_git(["config", "diff.blank.textconv", "true"]);
    repo.run_git(["config", "filter.blank.clean", "true"]);
    let repo = repo.commit("plant", |files| {
        files.write(".gitattributes", "* diff=blank filter=blank\n").write("hidden", token())
    });
    expect_in_commits(&repo, "HEAD", ["hidden", ""]);
}

#[test]
fn one_null_byte() {
    expect_in_files(|files| files.write("hidden", format!("\0{}\n", token())), "hidden");
    expect_in_files(|files| files.write("hidden", format!("{}\n\0", token())), "hidden");
}

#[test]
fn utf_16() {
    let text = format!("key = {}\r\n", token());
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [b"\xFF\xFE".as_slice(), &little].concat();
    for bytes in [little, big, marked] {
        expect_in_files(|files| files.write("hidden.txt", &bytes), "hidden.txt");
    }
}

#[test]
fn the_target_of_a_link() {
    expect_in_files(|files| files.symlink("link", format!("/x/{}", token())), "link");
}

#[test]
fn a_file_that_becomes_a_link() {
    expect_in_files(|files| files.symlink("kept", format!("/x/{}", token())), "kept");
}

#[test]
fn a_file_that_becomes_a_folder_and_a_file_that_may_be_run() {
    expect_in_files(|files| files.remove("kept").write("kept/file", token()), "kept/file");
    expect_in_files(|files| files.executable("kept", format!("kept\n{}\n", token())), "kept");
}

#[test]
fn the_address_of_a_package_in_a_lockfile() {
    let resolved = format!("https://ada:{}@registry.example.org/a/-/a-1.0.0.tgz", token());
    let lock = format!(
        "{{\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"node_modules/a\": {{\n      \"version\": \
         \"1.0.0\",\n      \"resolved\": \"{resolved}\"\n    }}\n  }}\n}}\n"
    );
    expect_in_files(|files| files.write("package-lock.json", &lock), "package-lock.json");
    let yarn = format!("a@^1.0.0:\n  version \"1.0.0\"\n  resolved \"{resolved}\"\n");
    expect_in_files(|files| files.write("yarn.lock", &yarn), "yarn.lock");
}

#[test]
fn the_output_of_a_notebook() {
    let notebook = format!(
        "{{\"cells\": [{{\"cell_type\": \"code\", \"outputs\": [{{\"output_type\": \"stream\", \"text\": \
         [\"{}\\n\"]}}], \"source\": []}}], \"nbformat\": 4}}\n",
        token()
    );
    expect_in_files(|files| files.write("work.ipynb", &notebook), "work.ipynb");
}

#[test]
fn beside_a_submodule() {
    expect_in_files(|files| files.submodule("lib").write("hidden", token()), "hidden");
    expect_in_files(|files| files.remove("kept").submodule("kept").write("x", token()), "x");
}

#[cfg(unix)]
#[test]
fn paths_that_git_quotes() {
    expect_in_files(|files| files.write("a \"b\"\n\tc", token()), "a \"b\"\n\tc");
    expect_in_files(|files| files.write(b"caf\xe9/\xff", token()), "caf\\xE9/\\xFF");
}

#[test]
fn the_name_of_a_file() {
    expect_in_files(|files| files.write(format!("dir/{}", token()), "x\n"), "dir/[secret]");
}

#[test]
fn the_first_commit() {
    let repo = Repo::new().commit("first", |files| files.write("hidden", token()));
    for request in [history(false), push("refs/heads/main", "HEAD")] {
        expect(&repo, &request, Some("HEAD"), ["hidden", ""]);
    }
    let staged = Repo::new().stage(|files| files.write("hidden", token()));
    expect(&staged, &Request::Staged, None, ["hidden", ""]);
}

#[test]
fn another_first_commit() {
    let repo = start()
        .orphan("other")
        .commit("other root", |files| files.clear().write("hidden", token()))
        .checkout("main")
        .merge("join", &["other"], |files| files);
    expect_in_commits(&repo, "other", ["hidden", ""]);
}

#[test]
fn the_resolution_of_a_merge() {
    let repo = start()
        .branch("topic")
        .commit("theirs", |files| files.write("kept", "theirs\n"))
        .checkout("main")
        .commit("ours", |files| files.write("kept", "ours\n"))
        .merge("merge", &["topic"], |files| {
            files.write("kept", format!("ours\n{}\ntheirs\n", token()))
        });
    expect_in_commits(&repo, "HEAD", ["kept", ""]);
}

#[test]
fn a_merge_that_adds_a_file_that_no_side_has() {
    let repo = start()
        .branch("topic")
        .commit("theirs", |files| files.write("theirs", "theirs\n"))
        .checkout("main")
        .commit("ours", |files| files.write("ours", "ours\n"))
        .merge("merge", &["topic"], |files| files.write("evil", token()));
    expect_in_commits(&repo, "HEAD", ["evil", ""]);
}

#[test]
fn an_octopus_and_one_of_its_arms() {
    let arm = |repo: Repo, name: &str| {
        let file = format!("of-{name}");
        repo.checkout("main").branch(name).commit(name, |files| files.write(file, name))
    };
    let arms = || ["x", "y", "z"].into_iter().fold(start(), arm).checkout("main");
    let own = arms().merge("octopus", &["x", "y", "z"], |files| files.write("own", token()));
    expect_in_commits(&own, "HEAD", ["own", ""]);
    let of_arm = arms()
        .checkout("y")
        .commit("leak", |files| files.write("leak", token()))
        .commit("oops", |files| files.remove("leak"))
        .checkout("main")
        .merge("octopus", &["x", "y", "z"], |files| files);
    expect_in_commits(&of_arm, "y^", ["leak", ""]);
}

#[test]
fn what_was_removed_and_came_back() {
    let repo = start()
        .commit("leak", |files| files.write("leak", token()))
        .commit("oops", |files| files.remove("leak"))
        .commit("again", |files| files.write("leak", token()));
    expect_in_commits(&repo, "HEAD~2", ["leak", ""]);
    let back = scan(repo.path(), &Request::Range("HEAD~1..HEAD".to_owned()));
    assert_eq!(back.len(), 1, "{back:#?}");
}

#[test]
fn the_message_of_a_commit() {
    let message = format!("title\n\ntry it with {}\n", token());
    let repo = start()
        .commit(&message, |files| files.write("a", "a\n"))
        .commit("after", |files| files.write("b", "b\n"));
    expect_in_commits(&repo, "HEAD^", ["a", "in the commit message"]);
}

#[test]
fn names_and_addresses_of_people() {
    let token = token();
    let person = |author: &str, settings: &[&str]| {
        let repo = start();
        repo.write_file("a", "a\n");
        repo.run_git(["add", "a"]);
        let commit = ["commit", "-q", "-m", "who", "--author", author];
        repo.run_git(settings.iter().flat_map(|setting| ["-c", *setting]).chain(commit));
        expect_in_commits(&repo, "HEAD", ["a", "in the commit's names"]);
    };
    person(&format!("{token} <ada@example.org>"), &[]);
    person(&format!("Ada <{token}@example.org>"), &[]);
    person("Ada <ada@example.org>", &[&format!("user.name={token}")]);
    person("Ada <ada@example.org>", &[&format!("user.email={token}@example.org")]);
}

/// A commit of which the remote does not know yet, that tags and branches name.
fn ahead() -> Repo {
    start().commit("ahead", |files| files.write("a", "a\n"))
}

#[test]
fn the_message_of_a_tag() {
    let repo = ahead();
    repo.run_git(["tag", "-a", "v1", "-m", &token()]);
    let place = ["a", "in the message of tag v1"];
    for request in [history(false), history(true), range(), push("refs/tags/v1", "refs/tags/v1")] {
        expect(&repo, &request, Some("HEAD"), place);
    }
    repo.run_git(["tag", "-a", "v2", "-m", "outside", "v1"]);
    expect(&repo, &push("refs/tags/v2", "refs/tags/v2"), Some("HEAD"), ["a", "message of tag v2"]);
}

#[test]
fn who_made_a_tag() {
    let repo = ahead();
    let email = format!("user.email={}@example.org", token());
    repo.run_git(["-c", &email, "tag", "-a", "v1", "-m", "a release"]);
    let place = ["a", "in the tagger of tag v1"];
    for request in [history(false), history(true), range(), push("refs/tags/v1", "refs/tags/v1")] {
        expect(&repo, &request, Some("HEAD"), place);
    }
}

#[test]
fn the_name_of_a_tag() {
    let repo = ahead();
    let name = format!("release-{}", token());
    repo.run_git(["tag", &name]);
    let name = format!("refs/tags/{name}");
    for request in [history(false), history(true), range(), push(&name, "HEAD")] {
        expect(&repo, &request, Some("HEAD"), ["a", "in the name of tag release-[secret]"]);
    }
    let repo = ahead();
    repo.run_git(["tag", "-a", "-m", "inside", &token()]);
    repo.run_git(["update-ref", "refs/tags/renamed", &format!("refs/tags/{}", token())]);
    repo.run_git(["tag", "-d", &token()]);
    expect(&repo, &range(), Some("HEAD"), ["a", "in the name of tag renamed"]);
}

#[test]
fn the_name_of_a_branch() {
    let repo = ahead();
    let name = format!("fix/{}", token());
    repo.run_git(["branch", &name]);
    let name = format!("refs/heads/{name}");
    for request in [history(false), history(true), range(), push(&name, "HEAD")] {
        expect(&repo, &request, Some("HEAD"), ["a", "in the name of branch fix/[secret]"]);
    }
    let repo = ahead();
    repo.run_git(["update-ref", &format!("refs/remotes/fork/{}", token()), "HEAD"]);
    expect(&repo, &range(), Some("HEAD"), ["a", "in the name of branch fork/[secret]"]);
}

#[test]
fn a_note() {
    let repo = ahead();
    repo.run_git(["notes", "add", "-m", &token(), "HEAD"]);
    for request in [history(false), range()] {
        expect(&repo, &request, Some("HEAD"), ["a", "in a note of refs/notes/commits"]);
    }
    let path = repo.id("HEAD").to_string();
    for request in [history(true), push(NOTES, NOTES)] {
        expect(&repo, &request, Some(NOTES), [&path, ""]);
    }
}

#[test]
fn remarks_repeat_no_secret() {
    let repo = ahead().commit("library", |files| files.submodule(format!("lib-{}", token())));
    repo.run_git(["tag", &token(), "HEAD^{tree}"]);
    for request in [history(true), push(&format!("refs/tags/{}", token()), "HEAD^{tree}")] {
        scan(repo.path(), &request);
    }
    expect(&repo, &history(true), None, [".lockkeeper.toml", "in the name of tag [secret]"]);
}

#[test]
fn a_file_without_a_commit() {
    let repo = ahead().stage(|files| files.write("hidden", token()));
    repo.run_git(["tag", "a-blob", &Repo::blob_id(&token()).to_string()]);
    for request in [history(true), push("refs/tags/a-blob", "refs/tags/a-blob")] {
        expect(&repo, &request, None, [".lockkeeper.toml", "in what a-blob stands for"]);
    }
}
