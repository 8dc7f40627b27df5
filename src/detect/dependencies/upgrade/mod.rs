//! The one upgrade of a package that solves the most.
//!
//! Every version that an advisory names as fixed is tried from the lowest, and the advisories are
//! asked about it again: the first against which nothing holds is it. What they name as fixed then
//! is tried too, for a fix may bring the next flaw. Prereleases are tried last, unless the package
//! is at one already.

use crate::advisory::{Hit, Kind};
use crate::finding::Solved;
use crate::package::{Ecosystem, Version};
use std::collections::{BTreeMap, BTreeSet};

/// How many versions are tried. A package of hundreds of advisories has fewer.
const MOST: usize = 500;

/// A version, what it solves, and what it leaves or brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) version: String,
    pub(super) solves: Vec<Solved>,
    pub(super) leaves: Vec<String>,
}

/// Chooses a version above the current one, of which `ask` tells what holds against it; a version
/// that it cannot be asked about is not chosen. `None` where no version is known that leaves less
/// than there is.
pub(super) fn choose(
    ecosystem: Ecosystem,
    current: &str,
    hits: &[Hit],
    ask: &dyn Fn(&str) -> Option<Vec<Hit>>,
) -> Option<Choice> {
    let current = Version::parse(ecosystem, current).ok()?;
    let counted: Vec<_> = hits.iter().filter(|hit| counts(hit)).collect();
    let mut tries = Tries { ecosystem, current, seen: BTreeSet::new(), waiting: BTreeMap::new() };
    for hit in &counted {
        tries.add(hit);
    }
    let mut best: Option<Choice> = None;
    for _ in 0..MOST {
        let Some(version) = tries.next() else { break };
        let Some(found) = ask(&version) else { continue };
        if found.iter().any(|hit| hit.kind == Kind::Malicious) {
            continue;
        }
        let left = || found.iter().filter(|hit| counts(hit));
        let leaves: BTreeSet<_> = left().map(|hit| hit.id.clone()).collect();
        let fewest = best.as_ref().map_or(counted.len(), |best| best.leaves.len());
        if leaves.len() < fewest {
            let solved = counted.iter().filter(|hit| !leaves.contains(&hit.id));
            let solves: BTreeSet<_> =
                solved.map(|hit| Solved { id: hit.id.clone(), severity: hit.severity }).collect();
            let (solves, leaves) = (solves.into_iter().collect(), leaves.into_iter().collect());
            best = Some(Choice { version, solves, leaves });
        }
        if best.as_ref().is_some_and(|best| best.leaves.is_empty()) {
            break;
        }
        for hit in left() {
            tries.add(hit);
        }
    }
    best
}

/// Whether an upgrade is to solve it: a package without a maintainer has none at any version, and
/// malware is removed.
fn counts(hit: &Hit) -> bool {
    match hit.kind {
        Kind::Vulnerability | Kind::Unsound => true,
        Kind::Notice | Kind::Unmaintained => !hit.fixed.is_empty(),
        Kind::Malicious => false,
    }
}

/// The versions to try, the lowest first, each once.
struct Tries {
    ecosystem: Ecosystem,
    current: Version,
    seen: BTreeSet<String>,
    /// By whether it is an unwanted prerelease, then by version.
    waiting: BTreeMap<(bool, Version), String>,
}

impl Tries {
    fn add(&mut self, hit: &Hit) {
        for text in &hit.fixed {
            let Ok(version) = Version::parse(self.ecosystem, text) else { continue };
            if version > self.current && self.seen.insert(text.clone()) {
                let unwanted = version.is_prerelease() && !self.current.is_prerelease();
                self.waiting.entry((unwanted, version)).or_insert_with(|| text.clone());
            }
        }
    }

    fn next(&mut self) -> Option<String> {
        self.waiting.pop_first().map(|(_, text)| text)
    }
}

#[cfg(test)]
mod tests;
