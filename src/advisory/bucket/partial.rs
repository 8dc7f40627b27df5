//! A download that is under way, kept as it comes in: whoever begins again, after a cut connection or
//! a killed run, asks for the rest.
//!
//! The file is one line with the server's tag, then what came. It is locked by whoever writes it; a
//! second run that fetches the same does so without it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

/// What has come in so far.
#[derive(Debug)]
pub(super) struct Partial {
    bytes: Vec<u8>,
    /// The strong tag of what is coming in; without one the rest cannot be asked for.
    tag: Option<String>,
    path: PathBuf,
    /// `None` where nothing is kept: nothing came yet, or the file is another's or cannot be written.
    file: Option<File>,
}

impl Partial {
    /// What an earlier run left, or nothing.
    pub(super) fn open(path: PathBuf, limit: u64) -> Self {
        let mut partial = Self { bytes: Vec::new(), tag: None, path, file: None };
        let file = OpenOptions::new().read(true).write(true).open(&partial.path).ok();
        let Some(mut file) = file.filter(|file| file.try_lock().is_ok()) else { return partial };
        let small = file.metadata().is_ok_and(|metadata| metadata.len() <= limit);
        let mut kept = Vec::new();
        if small && file.read_to_end(&mut kept).is_ok() {
            let mut parts = kept.splitn(2, |byte| *byte == b'\n');
            let tag = parts.next().and_then(|tag| std::str::from_utf8(tag).ok());
            partial.tag = tag.and_then(|tag| strong(Some(tag)));
            partial.bytes = parts.next().unwrap_or_default().to_vec();
        }
        partial.file = Some(file);
        partial
    }

    /// How much there is and under which tag, if the rest can be asked for.
    pub(super) fn resumable(&self) -> Option<(usize, &str)> {
        let tag = self.tag.as_deref()?;
        (!self.bytes.is_empty()).then_some((self.bytes.len(), tag))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins anew.
    pub(super) fn restart(&mut self, tag: Option<&str>) {
        self.bytes.clear();
        self.tag = strong(tag);
        match &self.tag {
            Some(tag) => {
                let line = format!("{tag}\n");
                self.keep(line.as_bytes(), Place::Start);
            }
            None => self.discard(),
        }
    }

    /// Takes in what came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.file.is_some() {
            self.keep(bytes, Place::End);
        }
    }

    /// Forgets what came.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.tag = None;
        self.discard();
    }

    /// The whole, which need not be kept any more.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::take(&mut self.bytes);
        self.clear();
        bytes
    }

    /// Writes, if that can be; a download must not fail for want of room to keep it.
    fn keep(&mut self, bytes: &[u8], place: Place) {
        let file = self.file.take().or_else(|| self.create());
        self.file = file.filter(|mut file| {
            let placed = match place {
                Place::Start => {
                    file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)).map(drop))
                }
                Place::End => file.seek(SeekFrom::End(0)).map(drop),
            };
            placed.and_then(|()| file.write_all(bytes)).is_ok()
        });
    }

    fn create(&self) -> Option<File> {
        fs::create_dir_all(self.path.parent()?).ok()?;
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&self.path);
        file.ok().filter(|file| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn discard(&mut self) {
        if self.file.take().is_some() {
            // What cannot be removed is asked about with its tag, and so does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Start,
    End,
}

/// A tag that stands for exactly these bytes, and that a line holds.
fn strong(tag: Option<&str>) -> Option<String> {
    let tag =
        tag.filter(|tag| tag.starts_with('"') && tag.bytes().all(|b| (b' '..=b'~').contains(&b)));
    tag.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 1000;

    #[test]
    fn what_came_is_there_for_the_next_run_and_gone_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/Go.part");
        let mut first = Partial::open(path.clone(), LIMIT);
        first.restart(Some("\"1\""));
        first.push(b"one\n");
        first.push(b"two");
        drop(first);
        let mut second = Partial::open(path.clone(), LIMIT);
        assert_eq!(second.resumable(), Some((7, "\"1\"")));
        second.push(b"three");
        assert_eq!(second.take(), b"one\ntwothree");
        assert!(!path.exists());
    }

    #[test]
    fn a_second_run_neither_reads_nor_disturbs_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Go.part");
        let mut first = Partial::open(path.clone(), LIMIT);
        first.restart(Some("\"1\""));
        first.push(b"one");
        let mut second = Partial::open(path.clone(), LIMIT);
        assert_eq!(second.resumable(), None);
        second.restart(Some("\"2\""));
        second.push(b"another");
        assert_eq!(second.take(), b"another");
        drop(first);
        assert_eq!(Partial::open(path, LIMIT).resumable(), Some((3, "\"1\"")));
    }

    #[test]
    fn without_a_strong_tag_the_rest_cannot_be_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Go.part");
        for tag in [None, Some("W/\"1\""), Some("1")] {
            let mut partial = Partial::open(path.clone(), LIMIT);
            partial.restart(tag);
            partial.push(b"one");
            assert_eq!((partial.resumable(), path.exists()), (None, false), "{tag:?}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_such_file_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Go.part");
        for content in [vec![b'x'; 2000], b"\xff\xfe\n12".to_vec(), Vec::new()] {
            fs::write(&path, content).unwrap();
            assert_eq!(Partial::open(path.clone(), LIMIT).resumable(), None);
        }
    }
}
