//! Finding a repository from a path and git's environment, and saying clearly why it cannot be
//! opened.

use super::super::{GitEnvironment, SourceError};
use super::store::{Store, failed, handle, with_objects};
use git2::{Commit, ErrorCode, Repository, RepositoryOpenFlags};
use std::env::split_paths;
use std::fs;
use std::path::{Path, PathBuf};

impl Store {
    /// The repository that a path belongs to.
    pub(in super::super) fn open(
        path: &Path,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let hint = "name one, or scan its files with --worktree";
        let nowhere = SourceError::NotARepository { path: path.to_owned(), hint };
        Self::find(path, environment)?.ok_or(nowhere)
    }

    /// The repository that a path belongs to, if it belongs to one.
    pub(in super::super) fn find(
        path: &Path,
        environment: &GitEnvironment,
    ) -> Result<Option<Self>, SourceError> {
        let path = absolute(path)?;
        if let Some(git_dir) = &environment.git_dir
            && let Some(store) = named(git_dir, environment, &path)?
        {
            return Ok(Some(store));
        }
        // The other variables are about the repository of `GIT_DIR`, where there is one.
        let elsewhere = GitEnvironment::default();
        let environment = environment.git_dir.as_ref().map_or(environment, |_| &elsewhere);
        let folders = object_folders(environment);
        let Some(repository) = discovered(&path, &folders)? else { return Ok(None) };
        let work_dir = repository.workdir().map(Path::to_owned);
        Self::new(repository, work_dir, environment.index_file.clone(), folders).map(Some)
    }
}

/// The commit that `HEAD` stands at; `None` before the first one.
pub(super) fn head(repository: &Repository) -> Result<Option<Commit<'_>>, SourceError> {
    let head = match repository.head() {
        Ok(head) => head,
        Err(error) if error.code() == ErrorCode::UnbornBranch => return Ok(None),
        Err(error) => return Err(failed("read HEAD", &error)),
    };
    head.peel_to_commit().map(Some).map_err(|error| failed("read the commit of HEAD", &error))
}

/// What to say of a repository without commits.
pub(super) fn no_commits(store: &Store) -> SourceError {
    SourceError::Git {
        what: format!("read the history of {}", store.git_dir.display()),
        why: "there are no commits yet; use --worktree or --staged".to_owned(),
    }
}

/// The repository of `GIT_DIR`, if `path` is in it: a hook may well scan another repository than
/// the one it runs for, and must not be told "clean" of the wrong one.
fn named(
    git_dir: &Path,
    environment: &GitEnvironment,
    path: &Path,
) -> Result<Option<Store>, SourceError> {
    let git_dir = absolute(git_dir)?;
    let folders = object_folders(environment);
    let repository = handle(&git_dir, &folders).map_err(|error| closed(&git_dir, &error))?;
    let work_dir = environment.work_tree.as_deref().or_else(|| repository.workdir());
    let work_dir = work_dir.map(absolute).transpose()?;
    let belongs = path.starts_with(&git_dir)
        || work_dir.as_ref().is_some_and(|work_dir| path.starts_with(work_dir));
    let index_file = environment.index_file.clone();
    let store = belongs.then(|| Store::new(repository, work_dir, index_file, folders));
    store.transpose()
}

fn discovered(path: &Path, folders: &[PathBuf]) -> Result<Option<Repository>, SourceError> {
    let nothing_above: [&Path; 0] = [];
    let flags = RepositoryOpenFlags::CROSS_FS;
    let start = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    match Repository::open_ext(start, flags, nothing_above) {
        Ok(repository) => {
            with_objects(&repository, folders).map_err(|error| closed(path, &error))?;
            Ok(Some(repository))
        }
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(closed(path, &error)),
    }
}

/// A quarantined push keeps its objects apart and names the repository's own as alternates.
fn object_folders(environment: &GitEnvironment) -> Vec<PathBuf> {
    let alternates = environment.alternate_object_directories.iter().flat_map(split_paths);
    let own = environment.object_directory.iter().chain(&environment.quarantine);
    own.cloned().chain(alternates).collect()
}

/// Why a repository does not open. libgit2 tells formats apart by its message alone.
fn closed(path: &Path, error: &git2::Error) -> SourceError {
    let unsupported = |feature: &str| SourceError::Unsupported {
        path: path.to_owned(),
        feature: feature.to_owned(),
    };
    let said = error.message();
    if error.code() == ErrorCode::Owner {
        let why = "another user owns it, so git does not trust it; if you do, run \
                   `git config --global --add safe.directory` with its path";
        return SourceError::Git { what: format!("open {}", path.display()), why: why.to_owned() };
    }
    match said {
        _ if said.contains("object format") => unsupported("SHA-256 object names"),
        _ if said.contains("extensions.refstorage") => unsupported("the reftable format"),
        _ if said.contains("extensions.partialclone") => {
            unsupported("the partial clone extension (clone again without --filter)")
        }
        _ if said.contains("unsupported extension") => unsupported(said),
        _ => failed(format!("open {}", path.display()), error),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, SourceError> {
    fs::canonicalize(path).map_err(|source| SourceError::Io { path: path.to_owned(), source })
}
