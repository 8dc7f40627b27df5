//! The gate before a push and where a push arrives, run by git itself.

use crate::command::{Run, git};
use crate::repo::Repo;
use std::path::Path;
use tempfile::TempDir;

fn token() -> String {
    lockkeeper::rule::expand("{github:ghp_}").unwrap().text
}

fn secret() -> String {
    format!("KEY={}\n", token())
}

/// A repository that has pushed its first commit to a remote called `origin`.
struct Pushed {
    repo: Repo,
    origin: TempDir,
}

fn pushed() -> Pushed {
    let origin = tempfile::tempdir().unwrap();
    git(origin.path(), ["init", "-q", "--bare", "."]);
    let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
    repo.run_git(["remote", "add", "origin", origin.path().to_str().unwrap()]);
    repo.run_git(["push", "-q", "origin", "main"]);
    Pushed { repo, origin }
}

/// The same with the hook that looks at what leaves.
fn with_hook() -> Pushed {
    let pushed = pushed();
    let run = pushed.repo.run(["hook", "install", "pre-push"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    pushed
}

impl Pushed {
    fn after(self, change: impl FnOnce(Repo) -> Repo) -> Self {
        Self { repo: change(self.repo), origin: self.origin }
    }

    fn push<const N: usize>(&self, what: [&str; N]) -> Run {
        self.repo.git(["push", "origin"].into_iter().chain(what))
    }
}

#[track_caller]
fn made(run: &Run) {
    assert_eq!(run.status(), 0, "{}", run.text());
}

#[track_caller]
fn refused(run: &Run, place: &str) {
    assert_ne!(run.status(), 0, "{}", run.text());
    assert!(run.text().contains("secret/github-pat"), "{}", run.text());
    assert!(run.text().contains(place), "{}", run.text());
}

#[test]
fn a_push_with_a_secret_that_is_gone_again_is_refused() {
    let pushed = with_hook().after(|repo| {
        repo.commit("leak", |tree| tree.write("app.conf", secret()))
            .commit("oops", |tree| tree.remove("app.conf"))
    });
    refused(&pushed.push(["main"]), "app.conf");
}

#[test]
fn a_clean_push_is_made_and_says_what_was_looked_at() {
    let pushed = with_hook()
        .after(|repo| repo.commit("docs", |tree| tree.write("README.md", "hello\nworld\n")));
    let run = pushed.push(["main"]);
    made(&run);
    assert!(run.text().contains("1 commit"), "{}", run.text());
    made(&pushed.push(["main"]));
}

#[test]
fn every_ref_of_a_push_is_looked_at() {
    let pushed = with_hook().after(|repo| {
        repo.branch("clean")
            .commit("docs", |tree| tree.write("README.md", "hello\nworld\n"))
            .checkout("main")
            .branch("leaky")
            .commit("leak", |tree| tree.write("app.conf", secret()))
    });
    refused(&pushed.push(["clean", "leaky"]), "app.conf");
    made(&pushed.push(["clean"]));
}

#[test]
fn what_the_remote_has_is_not_looked_at_again() {
    let pushed =
        pushed().after(|repo| repo.commit("old leak", |tree| tree.write("app.conf", secret())));
    made(&pushed.push(["main"]));
    made(&pushed.repo.run(["hook", "install", "pre-push"]));
    let pushed = pushed.after(|repo| {
        repo.branch("topic").commit("docs", |tree| tree.write("README.md", "hello\nworld\n"))
    });
    made(&pushed.push(["topic"]));
    let same = pushed.push(["topic:copy"]);
    made(&same);
    assert!(same.text().contains("names and tags alone were read"), "{}", same.text());
    made(&pushed.push(["--delete", "copy"]));
}

#[test]
fn a_tag_is_refused_for_what_it_says_and_how_it_is_called() {
    let pushed = with_hook();
    let repo = &pushed.repo;
    repo.run_git(["tag", "-a", "v1", "-m", &secret()]);
    refused(&pushed.push(["v1"]), "in the message of tag v1");
    repo.run_git(["tag", "-a", "v2", "-m", "outside", "v1"]);
    refused(&pushed.push(["v2"]), "in the message of tag v2");
    let name = format!("release-{}", token());
    repo.run_git(["tag", &name]);
    let run = repo.git(["push", "-q", "origin", "HEAD:main", &format!("refs/tags/{name}")]);
    refused(&run, "in the name of tag release-[secret]");
    repo.run_git(["tag", "v3"]);
    made(&pushed.push(["v3"]));
}

#[test]
fn a_new_branch_is_refused_for_its_name() {
    let pushed = with_hook();
    let name = format!("fix/{}", token());
    let run = pushed.repo.git(["push", "-q", "origin", &format!("main:refs/heads/{name}")]);
    refused(&run, "in the name of branch fix/[secret]");
}

#[test]
fn a_name_is_never_said() {
    let pushed = pushed();
    let name = format!("fix/{}", token());
    let commit = pushed.repo.id("HEAD");
    let said = format!("refs/heads/{name} {commit} refs/heads/{name} {}\n", "0".repeat(40));
    let run = Run::hook(pushed.repo.path(), ["pre-push", "origin", "x"], &said, &[]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(!run.text().contains(&token()), "{}", run.text());
}

#[test]
fn a_remote_that_moved_on_is_said_to_be_unknown() {
    let pushed = with_hook();
    let other = tempfile::tempdir().unwrap();
    git(other.path(), ["clone", "-q", pushed.origin.path().to_str().unwrap(), "."]);
    git(other.path(), ["commit", "-q", "--allow-empty", "-m", "ahead"]);
    git(other.path(), ["push", "-q", "origin", "HEAD:main"]);
    let pushed = pushed.after(|repo| repo.commit("leak", |tree| tree.write("app.conf", secret())));
    let run = pushed.push(["--force", "main"]);
    refused(&run, "app.conf");
    assert!(run.text().contains("was not fetched"), "{}", run.text());
    assert!(run.text().contains("1 commit,"), "{}", run.text());
}

#[test]
fn a_remote_that_is_named_by_its_address_is_known() {
    let pushed =
        pushed().after(|repo| repo.commit("old leak", |tree| tree.write("app.conf", secret())));
    made(&pushed.push(["main"]));
    made(&pushed.repo.run(["hook", "install", "pre-push"]));
    let url = pushed.origin.path().to_str().unwrap();
    made(&pushed.repo.git(["push", url, "main:topic"]));
}

#[test]
fn what_git_says_is_read_or_the_push_cannot_pass() {
    let pushed = pushed();
    let run = |said| Run::hook(pushed.repo.path(), ["pre-push", "origin", "x"], said, &[]);
    let nothing = run("");
    made(&nothing);
    assert!(nothing.text().contains("nothing is pushed"), "{}", nothing.text());
    let gone = format!("(delete) {zero} refs/heads/x {zero}\n", zero = "0".repeat(40));
    made(&run(&gone));
    assert_eq!(run("nonsense\n").status(), 2);
    let unknown = format!("refs/heads/x {} refs/heads/x {}\n", "1".repeat(40), "0".repeat(40));
    assert_eq!(run(&unknown).status(), 2);
}

#[test]
fn a_framework_says_in_variables_what_is_pushed() {
    let pushed =
        pushed().after(|repo| repo.commit("leak", |tree| tree.write("app.conf", secret())));
    let run =
        |variables: &[(&str, &str)]| Run::hook(pushed.repo.path(), ["pre-push"], "", variables);
    let head = pushed.repo.id("HEAD").to_string();
    let base = pushed.repo.id("HEAD^").to_string();
    let from_to = [
        ("PRE_COMMIT", "1"),
        ("PRE_COMMIT_REMOTE_NAME", "origin"),
        ("PRE_COMMIT_FROM_REF", &base),
        ("PRE_COMMIT_TO_REF", &head),
    ];
    refused(&run(&from_to), "app.conf");
    let whole_branch = [
        ("PRE_COMMIT", "1"),
        ("PRE_COMMIT_REMOTE_NAME", "origin"),
        ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
    ];
    refused(&run(&whole_branch), "app.conf");
    let same = [("PRE_COMMIT_FROM_REF", head.as_str()), ("PRE_COMMIT_TO_REF", &head)];
    made(&run(&same));
    refused(&run(&[("PRE_COMMIT", "1")]), "app.conf");
}

/// A server that looks at what arrives.
fn server() -> Pushed {
    let pushed = pushed();
    made(&Run::command(pushed.origin.path(), ["hook", "install", "pre-receive"]));
    pushed
}

#[test]
fn a_server_refuses_a_secret_and_takes_in_the_rest() {
    let pushed = server().after(|repo| {
        repo.commit("docs", |tree| tree.write("README.md", "hello\nworld\n"))
            .branch("leaky")
            .commit("leak", |tree| tree.write("app.conf", secret()))
            .commit("oops", |tree| tree.remove("app.conf"))
    });
    refused(&pushed.push(["main", "leaky"]), "app.conf");
    assert_eq!(tip(pushed.origin.path(), "main"), pushed.repo.id("main~1").to_string());
    made(&pushed.push(["main"]));
    assert_eq!(tip(pushed.origin.path(), "main"), pushed.repo.id("main").to_string());
    pushed.repo.run_git(["tag", "-a", "v1", "-m", &secret(), "main"]);
    refused(&pushed.push(["v1"]), "in the message of tag v1");
    made(&pushed.push(["main:copy"]));
    made(&pushed.push(["--delete", "copy"]));
}

#[test]
fn an_unrelated_history_brings_no_gate_of_its_own() {
    let pushed = server().after(|repo| {
        repo.orphan("other").commit("other root", |tree| {
            tree.clear()
                .write(".lockkeeper.toml", "[gate]\nfail-on = \"none\"\n")
                .write("app.conf", secret())
        })
    });
    refused(&pushed.push(["other"]), "app.conf");
}

fn tip(repository: &Path, branch: &str) -> String {
    Run::git(repository, ["rev-parse", branch]).stdout().trim().to_owned()
}
