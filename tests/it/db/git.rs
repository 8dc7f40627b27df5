//! Advisories out of a repository.

use super::{Desk, bucket};
use crate::repo::Repo;
use std::fs;

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"time\"\nversion = \"0.1.4\"\n\
    source = \"registry+https://registry.example.org/index\"\n";

fn advisory(name: &str) -> (String, String) {
    let (package, _) = name.split_once('/').unwrap();
    let path = bucket::fixtures("rustsec/crates").join(name);
    assert!(path.starts_with(bucket::fixtures("rustsec/crates").join(package)));
    (format!("crates/{name}"), fs::read_to_string(path).unwrap())
}

fn remote() -> Repo {
    let (path, text) = advisory("ansi_term/RUSTSEC-2024-9002.md");
    Repo::new().commit("one", |files| files.write(path, text))
}

fn desk() -> Desk {
    let desk = Desk::new();
    fs::remove_file(desk.folder.path().join("package-lock.json")).unwrap();
    fs::write(desk.folder.path().join("Cargo.lock"), LOCK).unwrap();
    desk
}

#[test]
fn a_repository_is_cloned_once_a_commit() {
    let (desk, remote) = (desk(), remote());
    let source = format!("git+file://{}#main", remote.path().display());
    let run = desk.run(&["db", "update", "--source", &source]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(
        run.stdout().contains("crates.io") && run.stdout().contains("#main at "),
        "{}",
        run.text()
    );
    let again = desk.run(&["db", "update"]);
    assert!(again.stdout().contains("nothing new"), "{}", again.text());
    let (path, text) = advisory("time/RUSTSEC-2024-9001.md");
    let remote = remote.commit("two", |files| files.write(path, text));
    let more = desk.run(&["db", "update"]);
    assert!(more.stdout().contains("renewed"), "{}", more.text());
    let scan = desk.run(&["scan", "--offline"]);
    assert!(scan.text().contains("RUSTSEC-2024-9001"), "{}", scan.text());
    drop(remote);
    let gone = desk.run(&["db", "update"]);
    assert!(gone.status() == 2 && gone.stderr().contains("git cannot fetch"), "{}", gone.text());
    assert_eq!(desk.run(&["db", "verify"]).status(), 0);
}

#[test]
fn a_scan_may_name_a_repository_and_later_go_without_the_network() {
    let (desk, remote) = (desk(), remote());
    let source = format!("git+file://{}", remote.path().display());
    let offline = ["scan", "--offline", "--advisories", &source];
    assert_eq!(desk.run(&offline).status(), 2);
    let run = desk.run(&["scan", "--advisories", &source]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert_eq!(desk.run(&offline).status(), 0);
}

#[test]
fn what_a_repository_asks_git_to_run_is_not_run() {
    let (desk, remote) = (desk(), remote());
    let mark = desk.folder.path().join("mark");
    let remote = remote.commit("trap", |files| {
        files
            .write(".gitattributes", "* filter=trap\n")
            .write(
                ".gitmodules",
                "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c 'touch mark'\n",
            )
            .symlink("crates/out", "/")
            .submodule("x")
    });
    let source = format!("git+file://{}", remote.path().display());
    let run = desk.run(&["db", "update", "--source", &source]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(!mark.exists());
    for bad in ["git+ext://sh -c touch mark", "git+file://--upload-pack=touch mark", "git+https://"]
    {
        let run = desk.run(&["db", "update", "--source", bad]);
        assert_eq!(run.status(), 2, "{}", run.text());
        assert!(!mark.exists(), "{bad}");
    }
}
