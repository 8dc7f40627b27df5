//! Copies of what was fetched, each with the tag under which the server knows it, and with its
//! digest: a copy that is not what was fetched is no copy.

use super::location::Address;
use super::osv::hex;
use crate::package::Ecosystem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The place of one bucket's copies. Credentials are no part of its name, so that a new token does
/// not fetch everything anew.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

/// A dump as it was fetched.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) bytes: Vec<u8>,
    pub(super) label: Label,
}

/// What is known of a copy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Label {
    /// The server's `ETag`, if it gave one.
    pub(super) etag: Option<String>,
    /// When the server last said that this is what it has.
    pub(super) checked: Timestamp,
    /// SHA-256 of the copy.
    sha256: String,
}

impl Label {
    pub(super) fn new(bytes: &[u8], etag: Option<String>, checked: Timestamp) -> Self {
        Self { etag, checked, sha256: hex(&Sha256::digest(bytes)) }
    }

    /// The label of a copy that the server has confirmed.
    pub(super) fn confirmed(&self, checked: Timestamp) -> Self {
        Self { checked, ..self.clone() }
    }
}

impl Cache {
    pub(super) fn new(root: &Path, address: &Address) -> Self {
        let name: String = hex(&Sha256::digest(address.to_string())).chars().take(16).collect();
        Self(root.join(name))
    }

    /// The copy of an ecosystem's dump, if it is there and whole.
    pub(super) fn load(&self, ecosystem: Ecosystem) -> Option<Copy> {
        let label: Label = serde_json::from_slice(&fs::read(self.label(ecosystem)).ok()?).ok()?;
        let bytes = fs::read(self.dump(ecosystem)).ok()?;
        (hex(&Sha256::digest(&bytes)) == label.sha256).then_some(Copy { bytes, label })
    }

    /// Keeps a dump. Whoever reads meanwhile sees the old copy, the new one, or none.
    pub(super) fn store(
        &self,
        ecosystem: Ecosystem,
        bytes: &[u8],
        label: &Label,
    ) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        self.write(&self.dump(ecosystem), bytes)?;
        self.relabel(ecosystem, label)
    }

    /// Replaces what is known of the copy.
    pub(super) fn relabel(&self, ecosystem: Ecosystem, label: &Label) -> io::Result<()> {
        self.write(&self.label(ecosystem), &serde_json::to_vec(label)?)
    }

    /// Removes the copy of an ecosystem's dump.
    pub(super) fn forget(&self, ecosystem: Ecosystem) {
        // Without its label a copy is none; where it cannot be removed, it is as it was.
        let _ = fs::remove_file(self.label(ecosystem));
    }

    /// Where a dump is kept while it comes in.
    pub(super) fn partial(&self, ecosystem: Ecosystem) -> PathBuf {
        self.0.join(format!("{ecosystem}.part"))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.0)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    fn dump(&self, ecosystem: Ecosystem) -> PathBuf {
        self.0.join(format!("{ecosystem}.zip"))
    }

    fn label(&self, ecosystem: Ecosystem) -> PathBuf {
        self.0.join(format!("{ecosystem}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::location::Location;
    use super::*;

    fn cache(root: &Path, address: &str) -> Cache {
        match address.parse() {
            Ok(Location::Bucket(address)) => Cache::new(root, &address),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_copy_that_is_not_what_was_fetched_is_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), "http://a.example.org");
        assert!(cache.load(Ecosystem::Go).is_none());
        let label = Label::new(b"dump", Some("\"1\"".to_owned()), Timestamp::UNIX_EPOCH);
        cache.store(Ecosystem::Go, b"dump", &label).unwrap();
        let copy = cache.load(Ecosystem::Go).unwrap();
        assert_eq!((copy.bytes, copy.label.etag), (b"dump".to_vec(), Some("\"1\"".to_owned())));
        fs::write(cache.dump(Ecosystem::Go), b"dum").unwrap();
        assert!(cache.load(Ecosystem::Go).is_none());
    }

    #[test]
    fn buckets_do_not_share_copies_and_tokens_do_not_divide_them() {
        let root = Path::new("x");
        let plain = cache(root, "http://a.example.org/v").0;
        assert_eq!(plain, cache(root, "http://t@a.example.org/v?key=1").0);
        assert_ne!(plain, cache(root, "http://b.example.org/v").0);
    }
}
