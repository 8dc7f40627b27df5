//! The files on disk.

use super::{complaint, kind, worktree};
use crate::command::git;
use crate::repo::Repo;
use lockkeeper::finding::{Level, RepoPath};
use lockkeeper::source::{Entry, GitEnvironment, Request, open};
use std::fs;

fn ignoring() -> Repo {
    Repo::new()
        .commit("start", |files| {
            files.write(".gitignore", "*.log\nbuild/\n").write("kept.log", "k\n").write("a", "a\n")
        })
        .put("untracked", "u\n")
        .put("ignored.log", "i\n")
        .put("build/out", "o\n")
        .put(".hidden/file", "h\n")
}

#[test]
fn a_plain_folder_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/.env"), "x\n").unwrap();
    fs::write(folder.path().join(".gitignore"), ".env\n").unwrap();
    let seen = worktree(folder.path());
    assert_eq!(seen.new_lines(), [(".gitignore", ".env\n"), ("sub/.env", "x\n")]);
    assert_eq!((seen.coverage.files, seen.coverage.bytes, seen.coverage.commits), (2, 7, 0));
    assert_eq!(seen.delta().len(), 2);
}

#[test]
fn what_is_ignored_is_read_if_it_is_tracked() {
    let seen = worktree(ignoring().path());
    assert_eq!(seen.paths(), [".gitignore", ".hidden/file", "a", "kept.log", "untracked"]);
    assert_eq!(seen.notices, []);
}

#[test]
fn a_users_own_ignore_files_hide_nothing() {
    let repo = ignoring().put(".ignore", "untracked\n").put(".rgignore", "untracked\n");
    assert!(worktree(repo.path()).paths().contains(&"untracked"));
}

#[test]
fn a_folder_inside_has_paths_of_its_own() {
    let repo = ignoring()
        .put("sub/x.log", "ignored above\n")
        .put("sub/deep/y", "y\n")
        .put("other/z", "z\n");
    assert_eq!(worktree(&repo.path().join("sub")).paths(), ["deep/y"]);
    let repo = repo.commit("track", |files| files.write("sub/t.log", "t\n"));
    assert_eq!(worktree(&repo.path().join("sub")).paths(), ["t.log"]);
}

#[test]
fn one_file_can_be_named() {
    let repo = ignoring();
    let seen = worktree(&repo.path().join("kept.log"));
    assert_eq!(seen.new_lines(), [("kept.log", "k\n")]);
}

#[test]
fn a_tracked_file_that_is_gone_is_gone() {
    let repo = ignoring();
    fs::remove_file(repo.path().join("a")).unwrap();
    let seen = worktree(repo.path());
    assert!(!seen.paths().contains(&"a"));
    assert_eq!(seen.notices, []);
}

#[test]
fn the_disk_is_read_and_the_index_is_not() {
    let repo = ignoring().stage(|files| files.write("a", "staged\n"));
    assert!(worktree(repo.path()).new_lines().contains(&("a", "a\n")));
}

#[test]
fn a_submodule_is_noted_and_a_repository_inside_is_read() {
    let repo = Repo::new()
        .commit("start", |files| files.submodule("lib"))
        .put("lib/inside", "s\n")
        .put("nested/.git/config", "c\n")
        .put("nested/.git/HEAD", "ref: refs/heads/main\n")
        .put("nested/file", "n\n");
    let seen = worktree(repo.path());
    assert_eq!(seen.paths(), ["nested/file"]);
    assert!(seen.messages(Level::Note)[0].starts_with("lib: a submodule"));
}

#[test]
fn a_submodule_can_be_scanned_itself() {
    let library = Repo::new().commit("start", |files| files.write("inside", "i\n"));
    let repo = Repo::new().commit("start", |files| files.write("a", "a\n"));
    let url = format!("file://{}", library.path().display());
    repo.run_git(["submodule", "--quiet", "add", &url, "lib"]);
    assert_eq!(worktree(&repo.path().join("lib")).paths(), ["inside"]);
    assert_eq!(worktree(repo.path()).paths(), [".gitmodules", "a"]);
}

#[test]
fn a_linked_worktree_is_a_worktree() {
    let repo = ignoring();
    let folder = tempfile::tempdir().unwrap();
    let linked = folder.path().join("linked");
    repo.run_git(["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "other"]);
    assert_eq!(worktree(&linked).paths(), [".gitignore", "a", "kept.log"]);
}

#[test]
fn a_bare_repository_has_no_files() {
    let bare = tempfile::tempdir().unwrap();
    git(bare.path(), ["init", "-q", "--bare", "."]);
    let said = complaint(bare.path(), &Request::Worktree);
    assert!(said.contains("bare") && said.contains("--history"), "{said}");
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(complaint(&folder.path().join("gone"), &Request::Worktree).contains("gone"));
}

#[test]
fn a_large_file_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("large"), vec![b'x'; 100 << 20]).unwrap();
    let source = open(folder.path(), &Request::Worktree, &GitEnvironment::default()).unwrap();
    assert_eq!(source.visit(&super::Ignorer).unwrap().bytes, 100 << 20);
}

#[test]
fn a_repository_of_another_format_is_read_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), ["init", "-q", "--object-format=sha256", "."]);
    fs::write(folder.path().join("a"), "a\n").unwrap();
    let seen = worktree(folder.path());
    assert_eq!(seen.paths(), ["a"]);
    assert!(seen.messages(Level::Warning)[0].contains("SHA-256"));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_link_is_the_text_of_its_target_and_never_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "outside\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        symlink(outside.path(), folder.path().join("folder")).unwrap();
        symlink("nowhere", folder.path().join("link")).unwrap();
        symlink(".", folder.path().join("loop")).unwrap();
        let seen = worktree(folder.path());
        assert_eq!(seen.paths(), ["folder", "link", "loop"]);
        assert!(seen.files.iter().all(|file| file.entry == kind(Entry::Symlink)));
        assert_eq!(seen.files[1].content, "nowhere");
        assert!(seen.head_paths().is_empty());
        assert_eq!(seen.source.head().read(&RepoPath::from("link")).unwrap(), None);
    }

    #[test]
    fn a_tracked_file_behind_a_link_is_gone() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("b"), "outside\n").unwrap();
        let repo = Repo::new().commit("start", |files| files.write("dir/b", "b\n"));
        fs::remove_dir_all(repo.path().join("dir")).unwrap();
        symlink(outside.path(), repo.path().join("dir")).unwrap();
        assert_eq!(worktree(repo.path()).paths(), ["dir"]);
    }

    #[test]
    fn paths_need_not_be_text() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(OsStr::from_bytes(b"caf\xe9")), "x\n").unwrap();
        let seen = worktree(folder.path());
        assert_eq!(seen.paths(), ["caf\\xE9"]);
        let read = seen.source.head().read(&RepoPath::new(b"caf\xe9".to_vec())).unwrap();
        assert_eq!(read, Some(b"x\n".to_vec()));
    }

    #[test]
    fn a_tracked_ignored_path_need_not_be_text() {
        let repo = Repo::new()
            .commit("start", |files| files.write(".gitignore", "caf*\n").write(b"caf\xe9", "x\n"));
        assert_eq!(worktree(repo.path()).paths(), [".gitignore", "caf\\xE9"]);
    }

    #[test]
    fn a_socket_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let _listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let seen = worktree(folder.path());
        assert_eq!(seen.coverage.files, 0);
        assert!(seen.messages(Level::Note)[0].starts_with("socket: "));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().join("closed");
        fs::write(&closed, "c\n").unwrap();
        fs::write(folder.path().join("open"), "o\n").unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(&closed).is_ok() {
            return; // Nothing is closed to root.
        }
        let seen = worktree(folder.path());
        assert_eq!(seen.paths(), ["open"]);
        assert!(seen.messages(Level::Error)[0].starts_with("closed: cannot be read"));
    }
}
