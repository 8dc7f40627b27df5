//! Versions that are lists of numbers: R's `package_version`
//! (<https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html>) and Haskell's
//! `Data.Version`.
//!
//! A list sorts after each of its beginnings, so `1.0` is before `1.0.0`.

use super::natural::Natural;

/// A list of numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumericVersion(Vec<Natural>);

/// Reads numbers with any of the separators between them.
pub(super) fn parse(text: &str, separators: &[char]) -> Option<NumericVersion> {
    text.split(separators).map(Natural::read).collect::<Option<_>>().map(NumericVersion)
}
