//! One place where a secret can hide.

use crate::repository::{File, Maker};
use crate::{hiding, history};
use git2::Error;

/// A place, and how to put a secret there.
pub(crate) struct Spot {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// What a scanner should say of the range.
    pub(crate) wanted: Wanted,
    /// How the repository is made.
    pub(crate) shape: Shape,
}

/// What a scanner should say of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The secret.
    Found,
    /// Nothing: the secret was there before.
    Quiet,
}

/// How a repository is made.
pub(crate) enum Shape {
    /// One commit adds these files: it can be staged as well.
    Files(fn(&str) -> Vec<File>),
    /// Commits and refs of its own.
    History(fn(&Maker, &str) -> Result<Past, Error>),
}

/// What a history of its own has to say of itself.
pub(crate) struct Past {
    /// Where the range begins; `None` where there is nothing before the secret.
    pub(crate) base: Option<git2::Oid>,
    /// The commit that brought the secret; `None` where no commit did.
    pub(crate) culprit: Option<git2::Oid>,
}

/// Every place, in the order of the table.
pub(crate) fn spots() -> Vec<Spot> {
    let mut spots = history::spots();
    spots.extend(hiding::spots());
    spots
}

/// A spot that is files alone.
pub(crate) fn files(name: &'static str, make: fn(&str) -> Vec<File>) -> Spot {
    Spot { name, wanted: Wanted::Found, shape: Shape::Files(make) }
}

/// A spot with a history of its own in which a secret is to be found.
pub(crate) fn past(name: &'static str, make: fn(&Maker, &str) -> Result<Past, Error>) -> Spot {
    Spot { name, wanted: Wanted::Found, shape: Shape::History(make) }
}

/// A spot with a history in which the secret is old.
pub(crate) fn quiet(name: &'static str, make: fn(&Maker, &str) -> Result<Past, Error>) -> Spot {
    Spot { name, wanted: Wanted::Quiet, shape: Shape::History(make) }
}
