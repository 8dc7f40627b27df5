//! Where a repository keeps its hooks.

use super::super::{GitEnvironment, SourceError};
use super::store::{Store, failed};
use std::path::{Path, PathBuf};

/// The folder of the hooks that git runs in the repository at `path`: `core.hooksPath` where it is
/// set, relative to the root of the worktree as git has it, else `hooks` beside the objects.
pub fn hooks_folder(path: &Path, environment: &GitEnvironment) -> Result<PathBuf, SourceError> {
    let store = Store::open(path, environment)?;
    store.with(|repository| {
        let config =
            repository.config().map_err(|error| failed("read git's configuration", &error))?;
        let root = repository.workdir().unwrap_or(repository.path());
        match config.get_path("core.hooksPath") {
            Ok(folder) => Ok(root.join(folder)),
            Err(_) => Ok(repository.commondir().join("hooks")),
        }
    })
}

/// The address by which git knows whoever works here, where it knows one.
pub fn user_email(path: &Path, environment: &GitEnvironment) -> Option<String> {
    let store = Store::find(path, environment).ok()??;
    let email = store.with(|repository| {
        let config = repository.config().and_then(|config| config.get_string("user.email"));
        config.map_err(|error| failed("read git's configuration", &error))
    });
    email.ok().filter(|email| !email.trim().is_empty())
}
