//! DEP-011: versions that their registry has withdrawn, as far as cargo's own files on this machine say so.
//!
//! Nothing is fetched, and nobody looks unless `[dependencies] yanked` says so. Of how many packages it is
//! known is told for each lockfile: what is in no index is not said to be good.

use super::audit::distinct;
use super::finding::{QUOTED, SALT, place, shown};
use super::graph::Graph;
use super::inventory::{Inventory, Lockfile};
use super::standing::Before;
use super::{Existing, Options};
use crate::advisory::{CargoIndex, one_line};
use crate::detect::Snapshot;
use crate::finding::{
    Action, Advice, Confidence, Finding, Fingerprint, Level, LineIndex, Notice, RuleId, Salt,
    Severity, Standing, Subject, Vulnerability,
};
use crate::lockfile::{Locked, Origin};
use crate::package::Ecosystem;
use rayon::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// What is to become of locked versions that are yanked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Yanked {
    /// Nobody looks.
    Ignore,
    /// They are told, and do not block.
    Warn,
}

/// The yanked versions of every lockfile, and of how many packages it is known.
pub fn yanked(
    inventory: &Inventory,
    snapshot: &Snapshot<'_>,
    options: &Options,
    index: &dyn Fn() -> CargoIndex,
) -> (Vec<Finding>, Vec<Notice>) {
    let of_cargo = |lockfile: &&Lockfile| lockfile.packages.iter().any(|it| asked(it).is_some());
    let lockfiles: Vec<_> = inventory.lockfiles.iter().filter(of_cargo).collect();
    if options.yanked == Yanked::Ignore || lockfiles.is_empty() {
        return Default::default();
    }
    let index = index();
    let judged = lockfiles.into_iter().map(|lockfile| judge(lockfile, snapshot, options, &index));
    let (findings, notices): (Vec<_>, Vec<_>) = judged.unzip();
    (findings.concat(), notices.concat())
}

/// The checksum by which cargo's index knows a package.
fn asked(locked: &Locked) -> Option<&str> {
    let served = matches!(locked.origin, Origin::Registry(_));
    let of_cargo = served && locked.package.ecosystem == Ecosystem::CratesIo;
    locked.integrity.as_deref().filter(|_| of_cargo)
}

fn judge(
    lockfile: &Lockfile,
    snapshot: &Snapshot<'_>,
    options: &Options,
    index: &CargoIndex,
) -> (Vec<Finding>, Vec<Notice>) {
    let packages = distinct(&lockfile.packages);
    let known: Vec<_> = packages
        .par_iter()
        .filter_map(|it| Some((it, index.is_yanked(&it.package, asked(it)?)?)))
        .collect();
    let served = packages.iter().filter(|it| matches!(it.origin, Origin::Registry(_))).count();
    let message = format!(
        "whether they are yanked is known of {} of {served} packages, by what cargo keeps of its \
         registries' indexes",
        known.len()
    );
    let mut notices = vec![Notice::at(&lockfile.path, Level::Note, message)];
    let gone: Vec<_> = known.into_iter().filter(|(_, yanked)| *yanked).collect();
    if gone.is_empty() {
        return (Vec::new(), notices);
    }
    let before = Before::new(lockfile, snapshot);
    notices.extend(before.notices.iter().cloned());
    let (lines, graph) = (LineIndex::new(lockfile.text.as_bytes()), Graph::new(lockfile));
    let findings = gone.into_iter().map(|(locked, _)| {
        let standing = match options.existing {
            Existing::Report => before.standing(&locked.package),
            Existing::Block => Standing::Introduced,
        };
        let path = graph.path(&locked.package);
        finding(lockfile, &lines, locked, Advice { path, upgrade: None }, standing)
    });
    (findings.collect(), notices)
}

fn finding(
    lockfile: &Lockfile,
    lines: &LineIndex<'_>,
    locked: &Locked,
    advice: Advice,
    standing: Standing,
) -> Finding {
    let package = &locked.package;
    let name = package.canonical_name();
    let parts = ["DEP-011", package.ecosystem.as_str(), &name, Vulnerability::YANKED];
    Finding {
        rule: rule(),
        severity: Severity::Low,
        confidence: Confidence::High,
        action: Action::Warn,
        standing,
        message: format!("{} is yanked: its author has withdrawn this version", shown(package)),
        fix: format!(
            "lock another version: 'cargo update {}' chooses one that is served",
            one_line(&package.name, QUOTED)
        ),
        location: place(lockfile, lines, locked),
        fingerprint: Fingerprint::new(&Salt::new(SALT), &parts.map(str::as_bytes)),
        subject: Subject::Package(Box::new(Vulnerability {
            package: package.clone(),
            direct: locked.direct,
            dev: locked.dev,
            id: Vulnerability::YANKED.to_owned(),
            aliases: Vec::new(),
            summary: String::new(),
            url: None,
            fixed: Vec::new(),
            cvss: None,
            score: None,
            exploitation: None,
            advice: Arc::new(advice),
        })),
        line_hash: None,
        allow: None,
    }
}

#[expect(clippy::expect_used, reason = "the name is constant and well formed")]
fn rule() -> RuleId {
    "DEP-011".parse().expect("letters, digits and a dash name a rule")
}
