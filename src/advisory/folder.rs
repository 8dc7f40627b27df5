//! What a path on disk holds: a zip, a mirror of OSV's bucket, a folder of OSV records, or a
//! `RustSec` checkout. Links to folders are not followed.

use super::error::AdvisoryError;
use super::osv::is_json;
use crate::package::Ecosystem;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep folders of records may be nested.
const DEPTH: usize = 32;

/// Something to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A zip of OSV records.
    Zip(PathBuf),
    /// A bucket's zip of all records about one ecosystem.
    Dump(PathBuf, Ecosystem),
    /// Files of one OSV record each, sorted, under one folder.
    Records {
        /// The folder.
        root: PathBuf,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Advisories of a `RustSec` checkout, sorted.
    RustSec {
        /// The checkout.
        root: PathBuf,
        /// The files.
        files: Vec<PathBuf>,
    },
}

/// What there is to read at a path for the wanted ecosystems.
pub(super) fn survey(
    path: &Path,
    wanted: &BTreeSet<Ecosystem>,
) -> Result<Vec<Found>, AdvisoryError> {
    if !path.exists() {
        return Err(AdvisoryError::Missing(path.to_owned()));
    }
    if path.is_file() {
        return Ok(vec![file(path)]);
    }
    if path.join("crates").is_dir() {
        let files = walk(&path.join("crates"))?.rust_sec;
        if !files.is_empty() {
            return Ok(vec![Found::RustSec { root: path.to_owned(), files }]);
        }
    }
    if is_bucket(path) { bucket(path, wanted) } else { folder(path) }
}

fn file(path: &Path) -> Found {
    if is_json(path) {
        let root = path.parent().unwrap_or(Path::new("")).to_owned();
        Found::Records { root, files: vec![path.to_owned()] }
    } else {
        Found::Zip(path.to_owned())
    }
}

/// A bucket has its list of ecosystems, or at least one of their dumps in its place.
fn is_bucket(path: &Path) -> bool {
    path.join("ecosystems.txt").is_file()
        || Ecosystem::ALL.iter().any(|ecosystem| dump(path, *ecosystem).is_file())
}

fn dump(path: &Path, ecosystem: Ecosystem) -> PathBuf {
    path.join(ecosystem.as_str()).join("all.zip")
}

/// For each wanted ecosystem its dump, or the single records that stand in for it.
fn bucket(path: &Path, wanted: &BTreeSet<Ecosystem>) -> Result<Vec<Found>, AdvisoryError> {
    let mut found = Vec::new();
    for ecosystem in wanted {
        let dump = dump(path, *ecosystem);
        let single = path.join(ecosystem.as_str());
        if dump.is_file() {
            found.push(Found::Dump(dump, *ecosystem));
        } else if single.is_dir() {
            found.extend(folder(&single)?);
        }
    }
    Ok(found)
}

fn folder(path: &Path) -> Result<Vec<Found>, AdvisoryError> {
    let Files { records, zips, .. } = walk(path)?;
    let mut found: Vec<_> = zips.into_iter().map(Found::Zip).collect();
    if !records.is_empty() {
        found.push(Found::Records { root: path.to_owned(), files: records });
    }
    if found.is_empty() {
        return Err(AdvisoryError::Unrecognised(path.display().to_string()));
    }
    Ok(found)
}

/// The files below a folder that may hold advisories, each kind sorted.
#[derive(Default)]
struct Files {
    records: Vec<PathBuf>,
    zips: Vec<PathBuf>,
    rust_sec: Vec<PathBuf>,
}

fn walk(root: &Path) -> Result<Files, AdvisoryError> {
    let mut files = Files::default();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for path in entries(&folder)? {
            let hidden =
                path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if path.is_file() {
                files.take(path);
            } else if !hidden && depth < DEPTH && path.is_dir() && !path.is_symlink() {
                folders.push((path, depth + 1));
            }
        }
    }
    files.records.sort();
    files.zips.sort();
    files.rust_sec.sort();
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, AdvisoryError> {
    let io = |source| AdvisoryError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(io)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(io)).collect()
}

impl Files {
    fn take(&mut self, path: PathBuf) {
        let extension =
            path.extension().map(std::ffi::OsStr::to_ascii_lowercase).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if extension == "json" {
            self.records.push(path);
        } else if extension == "zip" {
            self.zips.push(path);
        } else if extension == "md" && name.starts_with(b"RUSTSEC-") {
            self.rust_sec.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: &Path, files: &[&str]) {
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
    }

    fn look(files: &[&str]) -> Result<Vec<Found>, AdvisoryError> {
        let folder = tempfile::tempdir().unwrap();
        place(folder.path(), files);
        let wanted = BTreeSet::from([Ecosystem::Go, Ecosystem::Npm]);
        let under = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
        let all = |files: Vec<PathBuf>| files.into_iter().map(under).collect();
        let found = survey(folder.path(), &wanted)?;
        Ok(found
            .into_iter()
            .map(|found| match found {
                Found::Zip(path) => Found::Zip(under(path)),
                Found::Dump(path, ecosystem) => Found::Dump(under(path), ecosystem),
                Found::Records { root, files } => {
                    Found::Records { root: under(root), files: all(files) }
                }
                Found::RustSec { root, files } => {
                    Found::RustSec { root: under(root), files: all(files) }
                }
            })
            .collect())
    }

    #[test]
    fn of_a_bucket_only_what_is_wanted_is_read() {
        let found =
            look(&["ecosystems.txt", "npm/all.zip", "npm/A-1.json", "PyPI/all.zip"]).unwrap();
        assert_eq!(found, [Found::Dump("npm/all.zip".into(), Ecosystem::Npm)]);
    }

    #[test]
    fn single_records_stand_in_for_a_missing_dump() {
        let found = look(&["npm/all.zip", "Go/GO-1.json"]).unwrap();
        let records = Found::Records { root: "Go".into(), files: vec!["Go/GO-1.json".into()] };
        assert_eq!(found, [records, Found::Dump("npm/all.zip".into(), Ecosystem::Npm)]);
    }

    #[test]
    fn a_folder_is_read_to_its_depths_and_not_its_hidden_folders() {
        let found = look(&["b/c/2.json", "a.json", ".git/x.json", "z/x.ZIP", "read.me"]).unwrap();
        let files = vec!["a.json".into(), "b/c/2.json".into()];
        assert_eq!(
            found,
            [Found::Zip("z/x.ZIP".into()), Found::Records { root: "".into(), files }]
        );
    }

    #[test]
    fn a_checkout_is_known_by_its_advisories() {
        let found =
            look(&["crates/a/RUSTSEC-2020-0001.md", "crates/a/notes.md", "x.json"]).unwrap();
        let files = vec!["crates/a/RUSTSEC-2020-0001.md".into()];
        assert_eq!(found, [Found::RustSec { root: "".into(), files }]);
    }

    #[test]
    fn a_folder_without_advisories_is_an_error() {
        assert!(matches!(look(&["read.me"]), Err(AdvisoryError::Unrecognised(_))));
        let wanted = BTreeSet::new();
        let gone = survey(Path::new("no/such/folder"), &wanted);
        assert!(matches!(gone, Err(AdvisoryError::Missing(_))));
    }
}
