//! The first parents of commits, for whoever follows one line through a whole history.
//!
//! libgit2 takes seven microseconds for a commit, which it makes a decoder for, inflates whole, parses
//! and keeps. Here no more is inflated than the lines that name the tree and the first parent. Of a
//! commit that lies loose, or that is made from another, nothing is known here.

use super::file::{Head, Made, PackFile};
use super::index::{Index, Name};
use super::store::{all, packs};
use super::{Kind, name};
use flate2::{Decompress, FlushDecompress};
use std::io;
use std::path::PathBuf;

/// How much of an entry is read: its head, and what these lines may take when they are packed.
const PACKED: u64 = 512;

/// How long the lines are.
const LINES: usize = "tree \n".len() + "parent \n".len() + 2 * 40;

/// The packs of a repository, and what is needed to read from them.
pub(in super::super) struct Heads {
    packs: Vec<(Index, PackFile)>,
    zlib: Decompress,
    packed: Vec<u8>,
}

/// What a commit says of its first parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Parent {
    Named(Name),
    /// It is a first commit.
    Nobody,
}

impl Heads {
    /// Opens the packs in the folders of objects.
    pub(in super::super) fn open(folders: &[PathBuf]) -> io::Result<Self> {
        let open = |index: PathBuf| {
            let file = PackFile::open(&index.with_extension("pack"))?;
            Ok((Index::read(&index)?, file))
        };
        let packs = packs(&all(folders)?)?.into_iter().map(open).collect::<io::Result<_>>()?;
        Ok(Self { packs, zlib: Decompress::new(true), packed: Vec::new() })
    }

    /// The first parent of a commit; `None` where that cannot be told.
    pub(in super::super) fn first_parent(&mut self, commit: &Name) -> Option<Parent> {
        let (file, at) = self.packs.iter().find_map(|(index, file)| {
            let place = index.find(commit)?;
            Some((file, *index.offsets.get(place as usize)?))
        })?;
        let end = file.len.min(at.saturating_add(PACKED));
        file.read(at..end, &mut self.packed).ok()?;
        let head =
            Head::read(&self.packed, at).filter(|it| it.made == Made::Whole(Kind::Commit))?;
        let mut lines = [0; LINES];
        self.zlib.reset(true);
        let packed = self.packed.get(head.len..)?;
        self.zlib.decompress(packed, &mut lines, FlushDecompress::None).ok()?;
        let lines = lines.get(..usize::try_from(self.zlib.total_out()).ok()?)?;
        let behind = lines.strip_prefix(b"tree ")?.get(40..)?.strip_prefix(b"\n")?;
        match behind.strip_prefix(b"parent ") {
            Some(parent) => Some(Parent::Named(name(parent)?)),
            None => behind.starts_with(b"author ").then_some(Parent::Nobody),
        }
    }
}
