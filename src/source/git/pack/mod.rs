//! The objects of packs: all of them once, in the order that is cheapest, or one at a time by name.
//!
//! libgit2 makes an object from its chain of deltas each time it is asked for one. For a whole history
//! each object of a pack is made once, right after the one that it is made from, and it is known what
//! was copied and what is new ([`Objects`]). Nothing is found here: what the sieve lets through is read
//! again, by name ([`Packs`]), on the one path that all sources share. What is unusual (a version of the
//! format that is not known, a pack that is damaged) is an error on which the caller goes commit by
//! commit, or asks libgit2.

mod delta;
mod entries;
mod family;
mod file;
mod index;
mod lookup;
mod single;
mod store;
mod traverse;

pub(super) use delta::Delta;
pub(super) use entries::Access;
pub(super) use index::Name;
pub(super) use single::Packs;
pub(super) use store::{Objects, Visitor};
pub(super) use traverse::From;

use std::io;

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// What cannot be right.
fn corrupt() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a pack is damaged, or of an unknown kind")
}
