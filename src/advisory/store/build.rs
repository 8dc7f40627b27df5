//! Makes an index and puts it in place: whoever reads meanwhile, and whoever comes after a run that
//! was killed, finds the old file or the new one.

use super::codec::encode;
use super::contents::{Contents, Part};
use super::file::{Head, Piece};
use super::table::Writer;
use crate::advisory::document::Advisory;
use crate::advisory::error::AdvisoryError;
use crate::advisory::osv::hex;
use crate::package::Ecosystem;
use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// How the names of files begin that are on their way to be an index.
const UNFINISHED: &str = ".advisories-";

/// An index that is not written yet.
pub(in crate::advisory) struct Built {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

/// Makes an index of packages and their records. It depends on nothing but those, the contents and
/// the version of the format.
pub(in crate::advisory) fn build(
    packages: &BTreeMap<Ecosystem, BTreeMap<String, Vec<Advisory>>>,
    mut contents: Contents,
    now: Timestamp,
) -> io::Result<Built> {
    let mut body = Vec::new();
    for (ecosystem, names) in packages {
        let names: Vec<_> = names.iter().collect();
        let encoded: Vec<_> = names.par_iter().map(|(_, records)| encode(records)).collect();
        let mut writer = Writer::new(&mut body);
        for ((name, _), records) in names.iter().zip(&encoded) {
            writer.add(name, records);
        }
        let table = writer.finish();
        let advisories = names.iter().map(|(_, records)| records.len() as u64).sum();
        contents.parts.push(Part::new(*ecosystem, names.len() as u64, advisories, table));
    }
    let contents = serde_json::to_vec(&contents)?;
    let piece = Piece::of(&contents, body.len() as u64);
    body.extend(contents);
    let digest = Sha256::digest(&body).into();
    let head = Head { checked: now, built: now, body: body.len() as u64, contents: piece, digest };
    Ok(Built { head, body })
}

impl Built {
    /// SHA-256 of the body in hexadecimal.
    pub(in crate::advisory) fn digest(&self) -> String {
        hex(&self.head.digest)
    }

    pub(super) fn is_whole(&self) -> bool {
        Sha256::digest(&self.body).as_slice() == self.head.digest
    }

    /// Writes the index beside its place and moves it there.
    pub(in crate::advisory) fn write(&self, path: &Path) -> Result<(), AdvisoryError> {
        let written = self.try_write(path);
        written.map_err(|source| AdvisoryError::Unwritten { path: path.to_owned(), source })
    }

    fn try_write(&self, path: &Path) -> io::Result<()> {
        // A link to an index goes on leading to it.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(&self.head.to_bytes())?;
        file.write_all(&self.body)?;
        readable(&file)?;
        file.as_file().sync_all()?;
        file.persist(&place)?;
        sync(folder)
    }
}

/// Removes what killed runs left beside an index. Only for whoever holds the lock of its writers.
pub(in crate::advisory) fn clear(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let left = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes());
    for entry in entries.filter(|entry| left(&entry.file_name())) {
        // What cannot be removed takes room and does no harm.
        let _ = fs::remove_file(entry.path());
    }
}

/// Temporary files are their owner's alone; an index is for whoever may read the folder.
fn readable(file: &NamedTempFile) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// Makes the new name of a file last through a loss of power, where folders can be told to.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
