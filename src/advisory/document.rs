//! What every source of advisories yields, whatever its format.

use super::matching::Affected;
use super::rating::Rating;
use crate::package::Ecosystem;
use jiff::Timestamp;

/// What kind of thing an advisory says; the last is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something to know, with no flaw in the package.
    Notice,
    /// Nobody looks after the package any more.
    Unmaintained,
    /// The package can be misused to undefined behaviour.
    Unsound,
    /// The package can be attacked.
    Vulnerability,
    /// The package attacks.
    Malicious,
}

impl Kind {
    /// The kind behind `RustSec`'s word for an advisory that is no vulnerability; a word that is
    /// not known here is a notice.
    pub(super) fn informational(word: &str) -> Self {
        match word {
            "unmaintained" => Self::Unmaintained,
            "unsound" => Self::Unsound,
            _ => Self::Notice,
        }
    }
}

/// One advisory as one source has it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) id: Box<str>,
    /// When it was last changed; `None` where the source does not say or says nonsense.
    pub(super) modified: Option<Timestamp>,
    /// The latest date in it, which tells how old its source is.
    pub(super) dated: Option<Timestamp>,
    /// Whether it was taken back. It is kept to the end, to outrank an older copy that was not.
    pub(super) withdrawn: bool,
    pub(super) entries: Vec<Entry>,
    /// What could not be read in it.
    pub(super) problems: Vec<String>,
}

/// What a document says of one package.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ecosystem: Ecosystem,
    /// The name under which the ecosystem's registry files the package.
    pub(super) name: String,
    pub(super) advisory: Advisory,
}

/// One flaw of one package, from one document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Advisory {
    pub(super) id: Box<str>,
    pub(super) aliases: Vec<Box<str>>,
    pub(super) kind: Kind,
    pub(super) summary: Box<str>,
    pub(super) url: Option<Box<str>>,
    pub(super) rating: Rating,
    pub(super) affected: Affected,
    /// Whether its database says that the ranges are wider than the flaw.
    pub(super) wider: bool,
}

/// A date of an advisory; placeholders for "unknown" (years 1 and 1970 occur) are none.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let plausible = |date: &Timestamp| date.as_second() > 365 * 86_400;
    text.parse().ok().filter(plausible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_dates() {
        assert_eq!(date("0001-01-01T00:00:00Z"), None);
        assert_eq!(date("1970-01-01T00:00:00Z"), None);
        assert_eq!(date("yesterday"), None);
        assert!(date("2024-02-29T12:00:00.5Z").is_some());
    }

    #[test]
    fn the_worst_kind_is_the_last() {
        assert!(Kind::Malicious > Kind::Vulnerability);
        assert!(Kind::Vulnerability > Kind::informational("unsound"));
        assert_eq!(Kind::informational("something new"), Kind::Notice);
    }
}
