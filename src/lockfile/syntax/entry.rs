//! The entries that every format hands over, in their plainest form.

use crate::lockfile::{Locked, Origin, PassedOver};
use crate::package::{Ecosystem, Package};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// A registry's package of which no more is known than its name, its version and its line.
pub(in crate::lockfile) fn locked(
    ecosystem: Ecosystem,
    name: &str,
    version: &str,
    line: NonZeroU32,
) -> Locked {
    let package = Package { ecosystem, name: name.to_owned(), version: version.to_owned() };
    let origin = Origin::Registry(None);
    Locked::new(package, line, origin)
}

/// An entry that is no package at a version.
pub(in crate::lockfile) fn passed_over(
    name: &str,
    line: NonZeroU32,
    why: &'static str,
) -> PassedOver {
    PassedOver { line, name: name.to_owned(), why }
}

/// One entry for each package and version, in the order of the file. A file that lists a package
/// once for every platform or target asks for it itself if it does so anywhere, and needs it for
/// development alone only if it does so everywhere.
pub(in crate::lockfile) fn distinct(all: Vec<Locked>) -> Vec<Locked> {
    let mut places = BTreeMap::new();
    let mut kept = Vec::<Locked>::new();
    for entry in all {
        let place = *places.entry(entry.package.clone()).or_insert(kept.len());
        let Some(first) = kept.get_mut(place) else {
            kept.push(entry);
            continue;
        };
        first.direct = first.direct.max(entry.direct);
        first.dev = match (first.dev, entry.dev) {
            (Some(one), Some(other)) => Some(one && other),
            (Some(false), None) | (None, Some(false)) => Some(false),
            (Some(true) | None, None) | (None, Some(true)) => None,
        };
        first.integrity = first.integrity.take().or(entry.integrity);
        for wish in entry.requires {
            if !first.requires.contains(&wish) {
                first.requires.push(wish);
            }
        }
    }
    kept
}

/// A remark on each name that entries ask for and that no entry has: the sign by which a cut is
/// seen in a format that does not mark its end.
pub(in crate::lockfile) fn asked_but_not_locked<'a>(
    asked: impl IntoIterator<Item = (&'a str, NonZeroU32)>,
    is_locked: impl Fn(&str) -> bool,
) -> Vec<PassedOver> {
    let mut missing = BTreeMap::new();
    for (name, line) in asked.into_iter().filter(|(name, _)| !is_locked(name)) {
        missing.entry(name).or_insert(line);
    }
    let why = "asked for by an entry but not locked, so the file may have been cut";
    missing.into_iter().map(|(name, line)| passed_over(name, line, why)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, direct: Option<bool>, dev: Option<bool>) -> Locked {
        Locked { direct, dev, ..locked(Ecosystem::NuGet, name, "1", NonZeroU32::MIN) }
    }

    #[test]
    fn what_is_listed_twice_is_one_package() {
        let kept = distinct(vec![
            entry("a", Some(false), Some(true)),
            entry("b", None, Some(true)),
            entry("a", Some(true), Some(false)),
            entry("b", None, None),
        ]);
        assert_eq!(kept, [entry("a", Some(true), Some(false)), entry("b", None, None)]);
    }

    #[test]
    fn what_is_asked_for_and_missing_is_told_once() {
        let line = NonZeroU32::MIN;
        let told = asked_but_not_locked([("b", line), ("a", line), ("b", line)], |it| it == "a");
        assert_eq!(told.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["b"]);
    }
}
