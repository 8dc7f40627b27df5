//! Files below a folder that are not under test: what installers left there.
//!
//! Links are not followed, and what is no plain file, or longer than any manifest, is not there.

use super::SourceError;
use super::worktree::{disk_path, is_behind_link};
use crate::finding::RepoPath;
use std::fs;
use std::path::Path;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// The bytes of such a file.
pub(super) fn read(root: &Path, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
    let Some(below) = disk_path(path).filter(|below| !is_behind_link(root, below)) else {
        return Ok(None);
    };
    let full = root.join(below);
    let fits = |metadata: fs::Metadata| metadata.is_file() && metadata.len() <= LONGEST;
    let bytes = fs::symlink_metadata(&full).is_ok_and(fits).then(|| fs::read(&full)).transpose();
    bytes.map_err(|source| SourceError::Io { path: full.clone(), source })
}

/// The names in such a folder, sorted; none where it is a link, or not there.
pub(super) fn names(root: &Path, folder: &RepoPath) -> Result<Vec<String>, SourceError> {
    let Some(below) = disk_path(folder).filter(|below| !is_behind_link(root, below)) else {
        return Ok(Vec::new());
    };
    let full = root.join(below);
    if !fs::symlink_metadata(&full).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(Vec::new());
    }
    let failed = |source| SourceError::Io { path: full.clone(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(&full).map_err(failed)? {
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}
