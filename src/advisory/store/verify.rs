//! Reads an index whole: every byte against its digest, every record as a look-up would.

use super::codec::{Broken, decode};
use super::contents::Part;
use super::file::HEAD;
use super::table::{Names, Table};
use super::{Stored, damaged, read_at};
use crate::advisory::error::AdvisoryError;
use sha2::{Digest as _, Sha256};

/// How much is read at once.
const STEP: u64 = 1 << 20;

impl Stored {
    /// Whether the body is what was written, and every name can be found and every record read.
    pub(in crate::advisory) fn verify(&self) -> Result<(), AdvisoryError> {
        if self.digest()? != self.head.digest {
            return Err(damaged(&self.path, "its body is altered"));
        }
        self.contents.parts.iter().try_for_each(|part| self.verify_part(part))
    }

    fn digest(&self) -> Result<[u8; 32], AdvisoryError> {
        let mut digest = Sha256::new();
        let mut at = 0;
        while at < self.head.body {
            let length = STEP.min(self.head.body - at);
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            read_at(&self.file, &mut bytes, HEAD as u64 + at)
                .map_err(|source| AdvisoryError::Io { path: self.path.clone(), source })?;
            digest.update(&bytes);
            at += length;
        }
        Ok(digest.finalize().into())
    }

    fn verify_part(&self, part: &Part) -> Result<(), AdvisoryError> {
        let wrong = |Broken(why): Broken| damaged(&self.path, why);
        let table = Table::parse(self.piece(part.table())?, self.head.body).map_err(wrong)?;
        let mut seen = Seen::default();
        for (first, piece) in table.blocks() {
            seen.block(first, &self.piece(piece)?).map_err(wrong)?;
        }
        if (seen.names, seen.advisories) == (part.names, part.advisories) {
            Ok(())
        } else {
            Err(wrong(Broken("it holds more or less than it says")))
        }
    }
}

/// What was read of a part so far.
#[derive(Default)]
struct Seen {
    names: u64,
    advisories: u64,
    last: Option<String>,
}

impl Seen {
    fn block(&mut self, first: &[u8], block: &[u8]) -> Result<(), Broken> {
        let mut names = Names::new(block).peekable();
        let begins = matches!(names.peek(), Some(Ok((name, _))) if name.as_bytes() == first);
        if !begins {
            return Err(Broken("a block begins with another name than its table says"));
        }
        names.try_for_each(|entry| {
            let (name, records) = entry?;
            self.entry(name, records)
        })
    }

    fn entry(&mut self, name: &str, records: &[u8]) -> Result<(), Broken> {
        if self.last.as_deref().is_some_and(|last| last >= name) {
            return Err(Broken("its names are not in their order"));
        }
        self.advisories += decode(records)?.len() as u64;
        self.names += 1;
        self.last = Some(name.to_owned());
        Ok(())
    }
}
