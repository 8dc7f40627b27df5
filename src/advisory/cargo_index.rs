//! What cargo itself keeps of the indexes of its registries: one file for each crate that it looked up,
//! below `<index>/.cache/`.
//!
//! A file is a byte for its layout, four for that of the index (little-endian), what the index calls its
//! version and then, each ended by a zero byte, by turns a version and its entry as JSON. An entry is
//! believed of a package only if it has the checksum that the lockfile has: so neither a registry of
//! another name nor a crate of the same name elsewhere can speak for it. A file that is not laid out so
//! says nothing.

use crate::package::Package;
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The layout of a file that is read here.
const LAYOUT: u8 = 3;

/// The latest layout of an index that is known.
const LATEST_INDEX: u32 = 2;

/// How long a file may be; the longest of real ones has two megabytes.
const LARGEST: u64 = 64 << 20;

/// How much is looked at, from the end, in which order.
const PARTS: [u64; 3] = [8 << 10, 64 << 10, LARGEST];

/// What stands before the index's own version.
const HEAD: usize = 5;

/// The indexes of all registries that cargo has asked on this machine.
#[derive(Debug, Clone, Default)]
pub struct CargoIndex {
    folders: Vec<PathBuf>,
}

/// What an entry says of one version.
#[derive(Deserialize)]
struct Entry {
    cksum: String,
    #[serde(default)]
    yanked: bool,
}

impl CargoIndex {
    /// The indexes in a folder, which is `registry/index` in the home of cargo; none where there is no
    /// such folder.
    pub fn open(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut folders: Vec<_> = entries.map(|entry| entry.path().join(".cache")).collect();
        folders.retain(|folder| folder.is_dir());
        folders.sort();
        Self { folders }
    }

    /// Whether the package with this checksum is yanked; `None` where no index has it.
    pub fn is_yanked(&self, package: &Package, checksum: &str) -> Option<bool> {
        let file = file_of(&package.name)?;
        let said = self.folders.iter().filter_map(|folder| {
            let mut file = File::open(folder.join(&file)).ok()?;
            let json = find(&mut file, &package.version).ok()??;
            let entry: Entry = serde_json::from_slice(&json).ok()?;
            entry.cksum.eq_ignore_ascii_case(checksum).then_some(entry.yanked)
        });
        // One that was asked later may know more than another.
        said.reduce(|one, other| one || other)
    }
}

/// Where the file of a crate is; `None` for what no crate can be called.
fn file_of(name: &str) -> Option<String> {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.bytes().all(fit) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    match name.len() {
        0 => None,
        length @ 1..=2 => Some(format!("{length}/{name}")),
        3 => Some(format!("3/{}/{name}", name.get(..1)?)),
        _ => Some(format!("{}/{}/{name}", name.get(..2)?, name.get(2..4)?)),
    }
}

/// The entry of a version. What is locked is recent as a rule, and the latest versions come last, so the
/// end of a long file is looked at first.
fn find(file: &mut (impl Read + Seek), version: &str) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; HEAD];
    file.read_exact(&mut head)?;
    let [layout, index @ ..] = head;
    let length = file.seek(SeekFrom::End(0))?;
    if layout != LAYOUT || u32::from_le_bytes(index) > LATEST_INDEX || length > LARGEST {
        return Ok(None);
    }
    for most in PARTS {
        let from = length.saturating_sub(most).max(HEAD as u64);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::with_capacity(usize::try_from(length - from).unwrap_or_default());
        file.read_to_end(&mut bytes)?;
        let found = entry(&bytes, version);
        if found.is_some() || from == HEAD as u64 {
            return Ok(found.map(<[u8]>::to_vec));
        }
    }
    Ok(None)
}

/// The entry of a version: what stands behind it, up to a zero byte. No JSON holds one.
fn entry<'a>(bytes: &'a [u8], version: &str) -> Option<&'a [u8]> {
    let wanted = [b"\0", version.as_bytes(), b"\0"].concat();
    let at = memchr::memmem::rfind(bytes, &wanted)?;
    let behind = bytes.get(at + wanted.len()..)?;
    behind.get(..memchr::memchr(0, behind)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Ecosystem;
    use proptest::prelude::*;

    const SUM: &str = "ab12";

    fn file(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = vec![3, 2, 0, 0, 0];
        bytes.extend(b"etag: x\0");
        for (version, json) in entries {
            bytes.extend([version.as_bytes(), b"\0", json.as_bytes(), b"\0"].concat());
        }
        bytes
    }

    fn usual() -> Vec<u8> {
        let entry = |yanked: &str| format!(r#"{{"name":"a","cksum":"{SUM}"{yanked},"deps":[]}}"#);
        let (yes, no, silent) =
            (entry(r#","yanked":true"#), entry(r#","yanked": false"#), entry(""));
        file(&[("1.0.0", &no), ("1.0.1", &yes), ("1.0.1+b", &silent), ("2.0.0", "{}")])
    }

    fn says(bytes: &[u8], version: &str, sum: &str) -> Option<bool> {
        let json = find(&mut io::Cursor::new(bytes), version).ok()??;
        let entry: Entry = serde_json::from_slice(&json).ok()?;
        (entry.cksum.eq_ignore_ascii_case(sum)).then_some(entry.yanked)
    }

    #[test]
    fn an_old_version_of_a_long_file_is_found_too() {
        let json = format!(r#"{{"cksum":"{SUM}","yanked":true,"deps":"{}"}}"#, "x".repeat(5000));
        let versions: Vec<_> = (0..50).map(|at| format!("1.{at}.0")).collect();
        let entries: Vec<_> = versions.iter().map(|it| (it.as_str(), json.as_str())).collect();
        let bytes = file(&entries);
        for version in &versions {
            assert_eq!(says(&bytes, version, SUM), Some(true), "{version}");
        }
        assert_eq!((says(&bytes, "1.0", SUM), says(&bytes, "etag: x", SUM)), (None, None));
    }

    #[test]
    fn an_entry_is_that_of_the_version_and_of_the_checksum() {
        let bytes = usual();
        assert_eq!(says(&bytes, "1.0.0", SUM), Some(false));
        assert_eq!(says(&bytes, "1.0.1", "AB12"), Some(true));
        assert_eq!(says(&bytes, "1.0.1+b", SUM), Some(false));
        assert_eq!(says(&bytes, "1.0.1", "ff"), None, "another artefact");
        assert_eq!((says(&bytes, "2.0.0", SUM), says(&bytes, "3.0.0", SUM)), (None, None));
    }

    #[test]
    fn another_layout_says_nothing() {
        for (at, byte) in [(0, 2), (0, 4), (1, 3), (4, 1)] {
            let mut bytes = usual();
            bytes[at] = byte;
            assert_eq!(says(&bytes, "1.0.1", SUM), None, "byte {at} is {byte}");
        }
    }

    #[test]
    fn files_lie_where_cargo_puts_them_and_no_name_leads_elsewhere() {
        let at = |name| file_of(name);
        assert_eq!(at("a").as_deref(), Some("1/a"));
        assert_eq!(at("Ab").as_deref(), Some("2/ab"));
        assert_eq!(at("abc").as_deref(), Some("3/a/abc"));
        assert_eq!(at("Inflector").as_deref(), Some("in/fl/inflector"));
        for name in ["", "..", "a/../../b", "\u{e9}abc", "/etc/passwd", "a\\b", "a\0"] {
            assert_eq!(at(name), None, "{name:?}");
        }
    }

    #[test]
    fn every_index_is_asked_and_a_folder_that_is_not_there_knows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for (index, version) in [("one", "1.0.0"), ("two", "1.0.1")] {
            let place = folder.path().join(index).join(".cache/1");
            fs::create_dir_all(&place).unwrap();
            let entry = format!(r#"{{"cksum":"{SUM}","yanked":true}}"#);
            fs::write(place.join("a"), file(&[(version, &entry)])).unwrap();
        }
        let package = |version: &str| Package {
            ecosystem: Ecosystem::CratesIo,
            name: "a".to_owned(),
            version: version.to_owned(),
        };
        let index = CargoIndex::open(folder.path());
        assert_eq!(index.is_yanked(&package("1.0.0"), SUM), Some(true));
        assert_eq!(index.is_yanked(&package("1.0.1"), SUM), Some(true));
        assert_eq!(index.is_yanked(&package("1.0.2"), SUM), None);
        let none = CargoIndex::open(&folder.path().join("gone"));
        assert_eq!(none.is_yanked(&package("1.0.0"), SUM), None);
    }

    proptest! {
        #[test]
        fn a_damaged_file_says_what_it_said_or_nothing_of_another(
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = usual();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            let _ = says(&bytes, "1.0.1", SUM);
            let whole = usual();
            let cut = &whole[..cut.index(whole.len())];
            prop_assert!(says(cut, "1.0.1", SUM) != Some(false));
        }
    }
}
