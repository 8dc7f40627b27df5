//! The gate as a git hook, run by git itself.

use crate::command::Run;
use crate::repo::Repo;

fn secret() -> String {
    lockkeeper::rule::expand("KEY={github:ghp_}\n").unwrap().text
}

fn with_hook() -> Repo {
    let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
    let run = repo.run(["hook", "install", "pre-commit"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    repo
}

#[test]
fn a_commit_with_a_secret_is_refused_and_one_without_is_made() {
    let repo = with_hook().stage(|tree| tree.write("app.conf", secret()));
    let refused = repo.git(["commit", "-m", "leak"]);
    assert_ne!(refused.status(), 0, "{}", refused.text());
    assert!(refused.text().contains("secret/github-pat"), "{}", refused.text());
    let repo = repo.stage(|tree| tree.write("README.md", "hello\nworld\n"));
    let made = repo.git(["commit", "-m", "docs"]);
    assert_eq!(made.status(), 0, "{}", made.text());
}

#[test]
fn the_index_is_read_and_not_the_disk() {
    let repo = with_hook().stage(|tree| tree.write("app.conf", secret()));
    repo.write_file("app.conf", "KEY=from the environment\n");
    assert_ne!(repo.git(["commit", "-m", "leak"]).status(), 0);
    // `commit -a` goes through an index of its own, which git names in GIT_INDEX_FILE.
    assert_eq!(repo.git(["commit", "-a", "-m", "clean"]).status(), 0);
    repo.write_file("app.conf", &secret());
    assert_ne!(repo.git(["commit", "-a", "-m", "leak"]).status(), 0);
}

#[test]
fn a_new_message_for_an_old_commit_needs_no_scan() {
    let amended = with_hook().git(["commit", "--amend", "-m", "a better word"]);
    assert_eq!(amended.status(), 0, "{}", amended.text());
}

#[test]
fn without_a_commit_and_with_nothing_staged_the_disk_is_scanned() {
    let repo = with_hook();
    repo.write_file("app.conf", &secret());
    assert_eq!(repo.run(["hook", "run", "pre-commit"]).status(), 1);
}

#[test]
fn a_hook_of_somebody_else_is_left_alone() {
    let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
    repo.write_file(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let run = repo.run(["hook", "install"]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert_eq!(repo.run(["hook", "uninstall"]).status(), 2);
    assert_eq!(repo.read(".git/hooks/pre-commit"), b"#!/bin/sh\nexit 0\n");
}

#[test]
fn what_was_installed_can_be_removed() {
    let repo = with_hook();
    assert_eq!(repo.run(["hook", "uninstall"]).status(), 0);
    let repo = repo.stage(|tree| tree.write("app.conf", secret()));
    assert_eq!(repo.git(["commit", "-m", "leak"]).status(), 0);
}

#[test]
fn a_commit_is_made_where_there_is_no_index_and_it_is_said() {
    let lock = "GEM\n  specs:\n    rack (2.2.3)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rack\n";
    let repo = with_hook().stage(|tree| tree.write("Gemfile.lock", lock));
    let made = repo.git(["commit", "-m", "gems"]);
    assert_eq!(made.status(), 0, "{}", made.text());
    assert!(
        made.text().contains("packages were not checked: there is no index"),
        "{}",
        made.text()
    );
}

#[test]
fn files_that_are_named_are_scanned_where_nothing_is_staged() {
    let repo = with_hook();
    repo.write_file("app.conf", &secret());
    repo.write_file("other.conf", "KEY=from the environment\n");
    let run = repo.run(["hook", "run", "pre-commit", "other.conf"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stderr().contains("nothing is staged, so the 1 file"), "{}", run.text());
    assert!(run.stdout().contains("1 file"), "{}", run.text());
    let run = repo.run(["hook", "run", "pre-commit", "other.conf", "app.conf"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stdout().contains("app.conf\n  1:5"), "{}", run.text());
    let gone = repo.run(["hook", "run", "pre-commit", "gone.conf"]);
    assert_eq!(gone.status(), 2, "{}", gone.text());
    let folder = repo.run(["hook", "run", "pre-commit", "."]);
    assert_eq!(folder.status(), 2, "{}", folder.text());
    let repo = repo.stage(|tree| tree.write("README.md", "hello\nworld\n"));
    let staged = repo.run(["hook", "run", "pre-commit", "README.md", "app.conf"]);
    assert_eq!(staged.status(), 0, "the index is meant: {}", staged.text());
}

#[test]
fn the_project_file_counts_for_files_that_are_named() {
    let repo = with_hook();
    repo.write_file(".lockkeeper.toml", "[secrets]\nexclude = [\"app.conf\"]\n");
    repo.write_file("app.conf", &secret());
    assert_eq!(repo.run(["hook", "run", "pre-commit", "app.conf"]).status(), 0);
}

#[test]
fn a_message_with_a_secret_is_refused() {
    let repo = with_hook();
    assert_eq!(repo.run(["hook", "install", "commit-msg"]).status(), 0);
    let repo = repo.stage(|tree| tree.write("README.md", "hello\nworld\n"));
    let refused = repo.git(["commit", "-m", &format!("try it with {}", secret())]);
    assert_ne!(refused.status(), 0, "{}", refused.text());
    assert!(refused.text().contains("in the commit message"), "{}", refused.text());
    assert!(!refused.text().contains(secret().trim()), "{}", refused.text());
    let made = repo.git(["commit", "-m", "docs"]);
    assert_eq!(made.status(), 0, "{}", made.text());
    assert_eq!(repo.run(["hook", "run", "commit-msg"]).status(), 2);
    assert_eq!(repo.run(["hook", "run", "commit-msg", "gone"]).status(), 2);
}

#[test]
fn a_merge_without_conflicts_is_checked_too() {
    let repo = Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .branch("topic")
        .commit("leak", |tree| tree.write("app.conf", secret()))
        .checkout("main")
        .commit("docs", |tree| tree.write("README.md", "hello\nworld\n"));
    assert_eq!(repo.run(["hook", "install", "pre-merge-commit"]).status(), 0);
    let refused = repo.git(["merge", "--no-edit", "topic"]);
    assert_ne!(refused.status(), 0, "{}", refused.text());
    assert!(refused.text().contains("secret/github-pat"), "{}", refused.text());
}

#[test]
fn every_hook_is_left_alone_that_somebody_else_wrote() {
    for hook in ["pre-merge-commit", "commit-msg", "pre-push", "pre-receive"] {
        let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
        repo.write_file(&format!(".git/hooks/{hook}"), "#!/bin/sh\nexit 0\n");
        assert_eq!(repo.run(["hook", "install", hook]).status(), 2);
        assert_eq!(repo.run(["hook", "uninstall", hook]).status(), 2);
    }
}

#[test]
fn help_names_every_hook() {
    let help = Run::command(Repo::new().path(), ["hook", "run", "--help"]).stdout();
    for hook in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push", "pre-receive"] {
        assert!(help.contains(hook), "{help}");
    }
}
