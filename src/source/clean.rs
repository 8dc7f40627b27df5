//! Commits in which an earlier run found nothing, so that a later one need not read them again.
//!
//! A commit is the unit, not a blob: what it brings depends on it and its parents alone, which its id
//! names, while a blob is new in one place and old in another. A commit about which there was anything
//! to say, a finding or a remark, is not clean and is read at every run.
//!
//! The record is of use to one set of rules, one configuration and one version of this program, which
//! its key names. It may be lost or cut at any time: then it is none. But whoever can write it can hide
//! a commit in it, so it must be kept where only runs of the same trust write.

use super::hex;
use crate::finding::CommitId;
use sha2::{Digest as _, Sha256};

/// The first bytes of a record; the number is that of its format.
const MAGIC: &[u8] = b"lockkeeper clean commits 1\n";

/// The most commits that are kept: forty megabytes of them.
const MOST: usize = 2_000_000;

type Id = [u8; 20];

/// A set of commits that are known to be clean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clean {
    /// Sorted, each once.
    ids: Vec<Id>,
}

impl Clean {
    /// A set of these commits; those whose ids are not of twenty bytes are left out.
    pub fn new<'c>(commits: impl IntoIterator<Item = &'c CommitId>) -> Self {
        let mut ids: Vec<Id> = commits.into_iter().filter_map(id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(MOST);
        Self { ids }
    }

    /// Reads a record that was made under the same key; anything else is an empty one.
    pub fn parse(record: &[u8], key: &str) -> Self {
        Self::checked(record, key).unwrap_or_default()
    }

    fn checked(record: &[u8], key: &str) -> Option<Self> {
        let (body, sum) = record.split_last_chunk::<32>()?;
        let rest = body.strip_prefix(MAGIC)?.strip_prefix(key.as_bytes())?.strip_prefix(b"\n")?;
        let (ids, []) = rest.as_chunks::<20>() else { return None };
        let whole = Sha256::digest(body).as_slice() == sum && ids.is_sorted();
        whole.then(|| Self { ids: ids.to_vec() })
    }

    /// The record of the set.
    pub fn record(&self, key: &str) -> Vec<u8> {
        let mut record = [MAGIC, key.as_bytes(), b"\n", self.ids.as_flattened()].concat();
        let sum = Sha256::digest(&record);
        record.extend_from_slice(&sum);
        record
    }

    /// The commits of both.
    #[must_use]
    pub fn and(&self, more: &Self) -> Self {
        let mut ids = [self.ids.as_slice(), &more.ids].concat();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(MOST);
        Self { ids }
    }

    /// Whether a commit is in the set.
    pub fn contains(&self, commit: &[u8]) -> bool {
        Id::try_from(commit).is_ok_and(|id| self.ids.binary_search(&id).is_ok())
    }

    /// How many commits are in the set.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

fn id(commit: &CommitId) -> Option<Id> {
    hex::name(commit.as_str().as_bytes().try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Clean {
        let hex = |n: u8| CommitId::new(&format!("{n:02x}").repeat(20));
        Clean::new(&[hex(9), hex(1), hex(9), CommitId::new("abc"), CommitId::new("")])
    }

    #[test]
    fn a_record_says_what_was_put_into_it() {
        let read = Clean::parse(&some().record("key"), "key");
        assert_eq!((read.len(), &read), (2, &some()));
        assert!(read.contains(&[9; 20]) && read.contains(&[1; 20]));
        assert!(!read.contains(&[2; 20]) && !read.contains(&[9; 19]));
    }

    #[test]
    fn a_record_of_other_rules_or_a_damaged_one_is_none() {
        let record = some().record("key");
        assert!(Clean::parse(&record, "kez").is_empty() && Clean::parse(&record, "ke").is_empty());
        for at in 0..record.len() {
            assert!(Clean::parse(&record[..at], "key").is_empty());
            let mut damaged = record.clone();
            damaged[at] ^= 1;
            assert!(Clean::parse(&damaged, "key").is_empty(), "{at}");
        }
    }
}
