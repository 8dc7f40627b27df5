//! Locked packages against the index.

use super::finding::{Flawed, finding};
use super::graph::Graph;
use super::inventory::{Inventory, Lockfile, is_foreign};
use super::standing::Before;
use super::upgrade::{self, Choice};
use super::{Existing, GoStdlib, Options};
use crate::advisory::{AdvisoryError, Doubt, Doubtful, Exploited, Hit, Index, Kind, one_line};
use crate::detect::Snapshot;
use crate::finding::{
    Action, Advice, Exploitation, Finding, Level, LineIndex, Notice, Severity, Standing, Upgrade,
};
use crate::lockfile::{GO_STANDARD_LIBRARY, Locked, Origin};
use crate::package::{Ecosystem, Package};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What came of holding lockfiles against advisories.
#[derive(Debug, Default)]
pub struct Audit {
    /// One finding for each flaw of each locked version in each lockfile, sorted by place.
    pub findings: Vec<Finding>,
    /// The remarks of the inventory, of the index and of the audit itself.
    pub notices: Vec<Notice>,
    /// How many lockfiles were read.
    pub lockfiles: usize,
    /// How many locked packages were read.
    pub packages: usize,
}

/// What locked packages are held against.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The advisories.
    pub index: &'a Index,
    /// What is known of attacks.
    pub exploited: &'a Exploited,
    /// How much it matters that no source has anything on the ecosystem of a lockfile.
    pub gap: Level,
}

/// Holds every locked package against the index, and its flaws against what is known of attacks.
pub fn audit(
    inventory: &Inventory,
    snapshot: &Snapshot<'_>,
    known: Known<'_>,
    options: &Options,
) -> Audit {
    let Known { index, exploited, gap } = known;
    let desk = Desk { snapshot, index, exploited, options };
    let judged: Vec<_> = inventory.lockfiles.par_iter().map(|it| desk.judge(it)).collect();
    let mut audit = Audit {
        findings: Vec::new(),
        notices: [&inventory.notices, index.notices()].concat(),
        lockfiles: inventory.lockfiles.len(),
        packages: inventory.packages(),
    };
    audit.notices.extend(uncovered(inventory, index, gap));
    for (findings, notices) in judged {
        audit.findings.extend(findings);
        audit.notices.extend(notices);
    }
    audit
}

/// A remark for each ecosystem that is locked and on which no source has anything, of the level of a
/// gap; less for what [`crate::package::Ecosystem::is_locked`] is no lockfile's.
fn uncovered(inventory: &Inventory, index: &Index, gap: Level) -> Vec<Notice> {
    let covered = |ecosystem| index.sources().iter().any(|source| source.ecosystem == ecosystem);
    let missing = inventory.ecosystems().into_iter().filter(|it| !covered(*it));
    missing
        .map(|ecosystem| {
            let message = format!(
                "no source of advisories covers {ecosystem}: its packages were not checked; name \
                 one with --advisories, or make an index with 'lockkeeper db update'"
            );
            let level = if ecosystem.is_locked() { gap } else { Level::Warning };
            Notice::new(level, message)
        })
        .collect()
}

/// What every lockfile is judged by.
struct Desk<'a> {
    snapshot: &'a Snapshot<'a>,
    index: &'a Index,
    exploited: &'a Exploited,
    options: &'a Options,
}

impl Desk<'_> {
    fn judge(&self, lockfile: &Lockfile) -> (Vec<Finding>, Vec<Notice>) {
        let mut flawed = Vec::<(Cow<'_, Locked>, Vec<Hit>)>::new();
        let mut notices = Vec::new();
        for locked in distinct(&lockfile.packages) {
            let mut lookup = match self.index.lookup(&locked.package) {
                Ok(lookup) => lookup,
                Err(error) => {
                    notices.push(unasked(lockfile, &error));
                    continue;
                }
            };
            if self.options.go_stdlib == GoStdlib::Report && is_standard_library(lockfile, &locked)
            {
                notices.extend(outdated(lockfile, &locked, &lookup.hits));
                continue;
            }
            notices.extend(doubted(lockfile, &locked, &lookup.doubts));
            lookup.hits.iter_mut().for_each(|hit| self.raise(hit));
            if !lookup.hits.is_empty() {
                flawed.push((locked, lookup.hits));
            }
        }
        if flawed.is_empty() {
            return (Vec::new(), notices);
        }
        let before = Before::new(lockfile, self.snapshot);
        notices.extend(before.notices.iter().cloned());
        let lines = LineIndex::new(lockfile.text.as_bytes());
        let graph = Graph::new(lockfile);
        let mut findings = Vec::new();
        for (locked, hits) in flawed {
            let advice = Arc::new(self.advise(&graph, &locked.package, &hits));
            for hit in hits {
                let (exploitation, advice) = (self.exploitation(&hit), Arc::clone(&advice));
                let standing = before.standing(&locked.package);
                let (standing, action) =
                    self.demand(&locked, hit.kind, exploitation.as_ref(), standing);
                let locked = Locked::clone(&locked);
                let flawed = Flawed { locked, hit, exploitation, standing, action, advice };
                findings.push(finding(lockfile, &lines, flawed));
            }
        }
        (findings, notices)
    }

    /// What can be done about the flaws of one package.
    fn advise(&self, graph: &Graph<'_>, package: &Package, hits: &[Hit]) -> Advice {
        let ask = |version: &str| {
            let version = version.to_owned();
            self.index.lookup(&Package { version, ..package.clone() }).ok().map(|it| it.hits)
        };
        let chosen = upgrade::choose(package.ecosystem, &package.version, hits, &ask);
        let upgrade = chosen.map(|Choice { version, solves, leaves }| {
            let fit = graph.fit(package, &version);
            Upgrade { version, solves, leaves, fit }
        });
        Advice { path: graph.path(package), upgrade }
    }

    /// How a flaw is attacked, by whichever of its ids; malware is the attack.
    fn exploitation(&self, hit: &Hit) -> Option<Exploitation> {
        let ids = std::iter::once(&hit.id).chain(&hit.aliases).map(String::as_str);
        self.exploited.of(ids).filter(|_| hit.kind != Kind::Malicious)
    }

    /// What is attacked is as bad as can be, whatever its score says of its nature.
    fn raise(&self, hit: &mut Hit) {
        if self.exploitation(hit).is_some() {
            hit.severity = Severity::Critical;
        }
    }

    /// How a flaw counts. The gate lets pass what was there before, so a package that attacks
    /// whoever installs it, a flaw that is attacked, and everything where the project says so,
    /// counts as brought by the change.
    fn demand(
        &self,
        locked: &Locked,
        kind: Kind,
        exploitation: Option<&Exploitation>,
        standing: Standing,
    ) -> (Standing, Action) {
        if kind == Kind::Malicious {
            return (Standing::Introduced, Action::Block);
        }
        let standing = match self.options.existing {
            Existing::Report if exploitation.is_none() => standing,
            Existing::Report | Existing::Block => Standing::Introduced,
        };
        let spared = self.options.ignore_dev && locked.dev == Some(true);
        let harmless = kind < Kind::Vulnerability && exploitation.is_none();
        let action = if harmless || spared { Action::Warn } else { Action::Block };
        (standing, action)
    }
}

/// A remark on an index that could not answer: it keeps the run from passing. It names no package, so
/// that it is made once a lockfile.
fn unasked(lockfile: &Lockfile, error: &AdvisoryError) -> Notice {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let message = format!("packages were not checked: {error}{}", cause.unwrap_or_default());
    Notice::at(&lockfile.path, Level::Error, message)
}

/// Whether this is the standard library of a Go that may build the project, and not one that did.
fn is_standard_library(lockfile: &Lockfile, locked: &Locked) -> bool {
    let Package { ecosystem, name, .. } = &locked.package;
    *ecosystem == Ecosystem::Go && name == GO_STANDARD_LIBRARY && !lockfile.format.stands_alone()
}

/// A remark on a release of Go that has advisories against it.
fn outdated(lockfile: &Lockfile, locked: &Locked, hits: &[Hit]) -> Option<Notice> {
    let first: Vec<_> = hits.iter().take(5).map(|hit| hit.id.as_str()).collect();
    let (first, count) = (first.join(", "), hits.len());
    let more = count.saturating_sub(5);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let version = one_line(&locked.package.version, 200);
    let noun = if count == 1 { "advisory" } else { "advisories" };
    let message = format!(
        "go {version}, the oldest that may build this, has {count} {noun} against its standard \
         library: {first}{more}; require a newer one, or set `go-stdlib = \"block\"`"
    );
    (count > 0).then(|| Notice::at(&lockfile.path, Level::Warning, message))
}

/// Each version of each package once, at its first line. It serves development alone only if all
/// its entries do, and is direct if one is.
pub(super) fn distinct(packages: &[Locked]) -> Vec<Cow<'_, Locked>> {
    let mut distinct = BTreeMap::<(String, &str), Cow<'_, Locked>>::new();
    for locked in packages.iter().filter(|locked| is_foreign(locked)) {
        let key = (locked.package.canonical_name(), locked.package.version.as_str());
        let Some(known) = distinct.get_mut(&key) else {
            distinct.insert(key, Cow::Borrowed(locked));
            continue;
        };
        let known = known.to_mut();
        known.line = known.line.min(locked.line);
        known.direct = known.direct.max(locked.direct);
        known.licence = known.licence.take().or_else(|| locked.licence.clone());
        known.dev = match (known.dev, locked.dev) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            (None, _) | (_, None) => None,
        };
        if matches!(locked.origin, Origin::Registry(_)) {
            known.origin = locked.origin.clone();
        }
    }
    let mut packages: Vec<_> = distinct.into_values().collect();
    packages.sort_by(|a, b| (a.line, &a.package).cmp(&(b.line, &b.package)));
    packages
}

/// Remarks on advisories of which it cannot be told whether they hold. A version that is none is
/// an error, except for code out of git, which may well have no version; a bound that is none is
/// the database's mistake.
fn doubted(lockfile: &Lockfile, locked: &Locked, doubts: &[Doubt]) -> Vec<Notice> {
    let Locked { package, origin, .. } = locked;
    let subject = one_line(&format!("{} {}", package.name, package.version), 200);
    let ids = |doubt: &&Doubt| doubt.cause == Doubtful::Version;
    let unversioned: Vec<_> = doubts.iter().filter(ids).map(|doubt| doubt.id.as_str()).collect();
    let mut notices = Vec::new();
    if let [first, more @ ..] = unversioned.as_slice() {
        let level = if matches!(origin, Origin::Git(_)) { Level::Warning } else { Level::Error };
        let more =
            if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let message = format!(
            "{subject}: this is no version of {}, so it cannot be held against {first}{more}",
            package.ecosystem
        );
        notices.push(Notice::at(&lockfile.path, level, message));
    }
    notices.extend(doubts.iter().filter_map(|doubt| match &doubt.cause {
        Doubtful::Version => None,
        Doubtful::Bound(why) => {
            let why = one_line(why, 200);
            let message = format!("{subject} cannot be held against {}: {why}", doubt.id);
            Some(Notice::at(&lockfile.path, Level::Warning, message))
        }
    }));
    notices
}

#[cfg(test)]
mod tests {
    use super::super::inventory::Inventory;
    use super::*;
    use crate::finding::RepoPath;
    use crate::lockfile::{Format, ParseError, Reading};
    use crate::package::{Ecosystem, Package};
    use std::collections::BTreeSet;

    struct Never;

    impl Format for Never {
        fn name(&self) -> &'static str {
            "never.lock"
        }

        fn ecosystem(&self) -> Ecosystem {
            Ecosystem::Npm
        }

        fn claims(&self, _: &RepoPath) -> bool {
            false
        }

        fn manifest(&self) -> Option<&'static str> {
            None
        }

        fn read(&self, _: &str) -> Result<Reading, ParseError> {
            Ok(Reading::default())
        }
    }

    fn remarks(origin: Origin, doubts: &[Doubt]) -> Vec<Notice> {
        let package = Package {
            ecosystem: Ecosystem::Npm,
            name: "left".to_owned(),
            version: "main".to_owned(),
        };
        let line = ParseError::new(1, "").line;
        let locked = Locked::new(package, line, origin);
        let (path, text) = (RepoPath::from("never.lock"), String::new());
        let packages = vec![locked.clone()];
        let (passed_over, declared, consulted) = (Vec::new(), Vec::new(), BTreeSet::new());
        let format = &Never;
        let lockfile = Lockfile { path, format, text, packages, passed_over, declared, consulted };
        doubted(&lockfile, &locked, doubts)
    }

    fn doubt(id: &str, cause: Doubtful) -> Doubt {
        Doubt { id: id.to_owned(), cause }
    }

    #[test]
    fn a_version_that_is_none_keeps_the_run_from_passing_unless_it_is_of_git() {
        let doubts = ["A-1", "A-2", "A-3"].map(|id| doubt(id, Doubtful::Version));
        let remarks = |origin| remarks(origin, &doubts);
        let registry = remarks(Origin::Registry(None));
        assert_eq!((registry.len(), registry[0].level), (1, Level::Error));
        assert!(
            registry[0].message.contains("left main")
                && registry[0].message.contains("A-1 and 2 more")
        );
        assert_eq!(remarks(Origin::Git(String::new()))[0].level, Level::Warning);
    }

    #[test]
    fn a_bound_that_is_none_is_a_warning_that_names_the_advisory() {
        let doubts = [doubt("A-1", Doubtful::Bound("x is no version".to_owned()))];
        let remarks = remarks(Origin::Registry(None), &doubts);
        assert_eq!((remarks.len(), remarks[0].level), (1, Level::Warning));
        assert!(
            remarks[0].message.contains("A-1") && remarks[0].message.contains("x is no version")
        );
    }

    #[test]
    fn an_inventory_without_packages_asks_for_no_advisories() {
        let inventory = Inventory { lockfiles: Vec::new(), notices: Vec::new() };
        assert!(inventory.ecosystems().is_empty());
        assert!(uncovered(&inventory, &Index::default(), Level::Error).is_empty());
    }
}
