//! The index, read from its own file (gitformat-index, versions 2 to 4).
//!
//! It is read without libgit2, which hashes the whole of it and files every entry three times, because
//! of a hook that waits on it: and for the trees of folders that have not changed, which git keeps in
//! it and libgit2 does not tell.

use super::super::SourceError;
use git2::Oid;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What an index holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    /// The tree that each folder would be written as, by its path, where git has written it already
    /// and nothing in it has changed since. The root is the empty path.
    pub(super) folders: BTreeMap<Vec<u8>, Oid>,
}

/// One path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) mode: u32,
    pub(super) id: Oid,
    /// Zero, or which side of a conflict it is.
    pub(super) stage: u16,
    /// Whether `git add -N` promises a file without content.
    pub(super) is_intent: bool,
}

/// The bits of an entry's flags.
const EXTENDED: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;

/// What an entry has before its flags, in bytes, and the checksum behind the last extension.
const FIXED: usize = 60;
const CHECKSUM: usize = 20;

impl Index {
    /// Reads an index file; one that is not there is an empty index.
    pub(super) fn read(path: &Path) -> Result<Self, SourceError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(SourceError::Io { path: path.to_owned(), source }),
        };
        Self::parse(&bytes).map_err(|why| {
            let what = format!("read the index {}", path.display());
            SourceError::Git { what, why: why.to_owned() }
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        const CUT: &str = "it ends before its last entry";
        let mut rest = Bytes(bytes);
        let magic = rest.take(4).ok_or(CUT)?;
        let version = rest.number().ok_or(CUT)?;
        if magic != b"DIRC" || !(2..=4).contains(&version) {
            return Err("it is of an unknown version");
        }
        let count = rest.number().ok_or(CUT)?;
        let mut index = Self::default();
        for _ in 0..count {
            let last = index.entries.last().map(|entry| entry.path.as_slice());
            let entry = entry(&mut rest, version, last.unwrap_or_default()).ok_or(CUT)?;
            index.entries.push(entry);
        }
        let end = rest.0.len().checked_sub(CHECKSUM).ok_or(CUT)?;
        index.extensions(Bytes(rest.0.get(..end).unwrap_or_default()))?;
        Ok(index)
    }

    fn extensions(&mut self, mut rest: Bytes<'_>) -> Result<(), &'static str> {
        const CUT: &str = "it ends within an extension";
        while !rest.0.is_empty() {
            let name = rest.take(4).ok_or(CUT)?;
            let size = rest.number().ok_or(CUT)?;
            let body = rest.take(size as usize).ok_or(CUT)?;
            match name {
                b"TREE" => self.trees(Bytes(body)).ok_or("its list of trees is damaged")?,
                b"link" => return Err(SPLIT),
                b"sdir" => return Err(SPARSE),
                // What begins with a capital may be passed over.
                [first, ..] if first.is_ascii_uppercase() => {}
                _ => return Err("it has an extension that is not known here"),
            }
        }
        Ok(())
    }

    fn trees(&mut self, mut body: Bytes<'_>) -> Option<()> {
        while !body.0.is_empty() {
            self.folder(&mut body, &[], 0)?;
        }
        Some(())
    }

    /// Reads a folder and those in it.
    fn folder(&mut self, rest: &mut Bytes<'_>, above: &[u8], depth: usize) -> Option<()> {
        let name = rest.until(0)?;
        let entries: i64 = text(rest.until(b' ')?)?.parse().ok()?;
        let folders: u64 = text(rest.until(b'\n')?)?.parse().ok()?;
        let path = if above.is_empty() { name.to_vec() } else { [above, name].join(&b'/') };
        if entries >= 0 {
            let id = Oid::from_bytes(rest.take(20)?).ok()?;
            self.folders.insert(path.clone(), id);
        }
        (depth < MOST_DEPTH).then_some(())?;
        (0..folders).try_for_each(|_| self.folder(rest, &path, depth + 1))
    }
}

/// How deep folders may be in each other.
const MOST_DEPTH: usize = 512;

const SPLIT: &str =
    "it is split in two, which lockkeeper cannot read; run `git update-index --no-split-index`";
const SPARSE: &str = "it is sparse, which lockkeeper cannot read; run \
                      `git sparse-checkout reapply --no-sparse-index`";

fn entry(rest: &mut Bytes<'_>, version: u32, last: &[u8]) -> Option<Entry> {
    let before = rest.0.len();
    let fixed = rest.take(FIXED)?;
    let mode = u32::from_be_bytes(*fixed.get(24..)?.first_chunk()?);
    let id = Oid::from_bytes(fixed.get(40..)?).ok()?;
    let flags = u16::from_be_bytes(*rest.take(2)?.first_chunk()?);
    let more =
        if flags & EXTENDED == 0 { 0 } else { u16::from_be_bytes(*rest.take(2)?.first_chunk()?) };
    let path = if version == 4 {
        let kept = last.len().checked_sub(rest.varint()?)?;
        [last.get(..kept)?, rest.until(0)?].concat()
    } else {
        let path = rest.until(0)?.to_vec();
        // At least one zero, and so many that the entry is a multiple of eight long.
        let used = before - rest.0.len();
        rest.take(used.next_multiple_of(8) - used)?;
        path
    };
    Some(Entry { path, mode, id, stage: flags >> 12 & 3, is_intent: more & INTENT_TO_ADD != 0 })
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What is still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(*self.take(4)?.first_chunk()?))
    }

    /// Takes what stands before a byte, and the byte.
    fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let at = memchr::memchr(end, self.0)?;
        let taken = self.take(at)?;
        self.take(1)?;
        Some(taken)
    }

    /// A number of seven bits a byte, as packs write distances.
    fn varint(&mut self) -> Option<usize> {
        let mut byte = *self.take(1)?.first()?;
        let mut value = usize::from(byte & 0x7F);
        while byte & 0x80 != 0 {
            byte = *self.take(1)?.first()?;
            value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7F);
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index as git writes it: a file in conflict, one that is promised, and a folder whose tree is
    /// known.
    fn written(version: u32) -> Vec<u8> {
        let entry = |path: &str, last: &str, flags: u16, more: u16| {
            let mut bytes = vec![0; FIXED];
            bytes[24..28].copy_from_slice(&0o100_644_u32.to_be_bytes());
            bytes[40..60].copy_from_slice(&[7; 20]);
            let flags = if more == 0 { flags } else { flags | EXTENDED };
            bytes.extend(flags.to_be_bytes());
            bytes.extend((more != 0).then_some(more.to_be_bytes()).into_iter().flatten());
            if version == 4 {
                let same = path.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
                bytes.push(u8::try_from(last.len() - same).unwrap());
                bytes.extend(path.bytes().skip(same).chain([0]));
            } else {
                bytes.extend(path.bytes());
                bytes.resize((bytes.len() + 1).next_multiple_of(8), 0);
            }
            bytes
        };
        let paths = [("a/b.rs", 0, 0), ("a/bc.rs", 2 << 12, 0), ("z", 0, INTENT_TO_ADD)];
        let mut bytes = [b"DIRC".as_slice(), &version.to_be_bytes(), &3_u32.to_be_bytes()].concat();
        let mut last = "";
        for (path, flags, more) in paths {
            bytes.extend(entry(path, last, flags, more));
            last = path;
        }
        let tree = [b"\0-1 1\na\x002 0\n".as_slice(), &[9; 20]].concat();
        bytes.extend(
            b"TREE".iter().copied().chain(u32::try_from(tree.len()).unwrap().to_be_bytes()),
        );
        bytes.extend(tree.into_iter().chain([0; CHECKSUM]));
        bytes
    }

    #[test]
    fn every_version_says_the_same() {
        let id = Oid::from_bytes(&[7; 20]).unwrap();
        let entry = |path: &str, stage, is_intent| Entry {
            path: path.into(),
            mode: 0o100_644,
            id,
            stage,
            is_intent,
        };
        let entries =
            vec![entry("a/b.rs", 0, false), entry("a/bc.rs", 2, false), entry("z", 0, true)];
        let folders = BTreeMap::from([(b"a".to_vec(), Oid::from_bytes(&[9; 20]).unwrap())]);
        let index = Ok(Index { entries, folders });
        assert_eq!(Index::parse(&written(3)), index);
        assert_eq!(Index::parse(&written(4)), index);
    }

    #[test]
    fn one_that_is_cut_anywhere_is_an_error_or_has_every_entry() {
        for version in [3, 4] {
            let whole = written(version);
            for end in 0..whole.len() {
                let cut = Index::parse(&whole[..end]);
                assert!(cut.is_err() || cut.unwrap().entries.len() == 3, "{version}: {end}");
            }
        }
    }

    #[test]
    fn what_has_to_be_understood_is_not_passed_over() {
        let mut index = written(3);
        let at = memchr::memmem::find(&index, b"TREE").unwrap();
        for (name, said) in
            [(b"link", "--no-split-index"), (b"sdir", "sparse"), (b"what", "not known")]
        {
            index[at..at + 4].copy_from_slice(name);
            assert!(Index::parse(&index).unwrap_err().contains(said));
        }
    }
}
