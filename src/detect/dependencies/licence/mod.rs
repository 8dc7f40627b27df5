//! DEP-009: the licences of locked packages against what the project takes.
//!
//! A licence is known where the lockfile states it, or the folder into which the package was
//! installed or vendored. What is not stated, or may mean several licences, is *unknown*: an outcome
//! of its own, which the project ignores, reports or blocks. Nothing is looked at unless
//! `[dependencies.licences]` is there.

mod installed;
mod options;
mod statement;

pub use options::{Exception, Options, Unknown};

use super::audit::distinct;
use super::finding::{QUOTED, SALT, place};
use super::inventory::{Inventory, Lockfile, is_foreign};
use super::standing::Before;
use super::{Existing, Options as DependencyOptions};
use crate::advisory::one_line;
use crate::detect::Snapshot;
use crate::finding::{
    Action, Confidence, Finding, Fingerprint, Licensed, LineIndex, Notice, RuleId, Salt, Severity,
    Standing, Subject,
};
use crate::lockfile::Locked;
use crate::package::Licence;
use crate::source::Tree;
use installed::Folders;
use rayon::prelude::*;

/// The findings of every lockfile, and remarks on what kept an earlier one from being read.
pub fn licences(
    inventory: &Inventory,
    snapshot: &Snapshot<'_>,
    options: &DependencyOptions,
) -> (Vec<Finding>, Vec<Notice>) {
    let Some(licences) = &options.licences else { return Default::default() };
    let folders = Folders::new(snapshot.head);
    let desk = Desk { snapshot, licences, options, folders };
    let judged: Vec<_> = inventory.lockfiles.par_iter().map(|it| desk.judge(it)).collect();
    let (findings, notices): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    (findings.concat(), notices.concat())
}

/// Adds to packages of which the lockfile states no licence what their installed manifests state.
pub fn state_licences(inventory: &mut Inventory, tree: &dyn Tree) {
    let folders = Folders::new(tree);
    inventory.lockfiles.par_iter_mut().for_each(|lockfile| {
        let silent = lockfile.packages.iter_mut().filter(|it| it.licence.is_none());
        for locked in silent.filter(|locked| is_foreign(locked)) {
            locked.licence = folders.statement(&lockfile.path, &locked.package);
        }
    });
}

struct Desk<'a> {
    snapshot: &'a Snapshot<'a>,
    licences: &'a Options,
    options: &'a DependencyOptions,
    folders: Folders<'a>,
}

/// Why a package is told.
enum Outcome {
    Denied(Box<Licence>),
    Unknown(Option<String>),
}

impl Desk<'_> {
    fn judge(&self, lockfile: &Lockfile) -> (Vec<Finding>, Vec<Notice>) {
        let judged = distinct(&lockfile.packages).into_iter();
        let told: Vec<_> =
            judged.filter_map(|locked| Some((self.outcome(lockfile, &locked)?, locked))).collect();
        if told.is_empty() {
            return Default::default();
        }
        let before = Before::new(lockfile, self.snapshot);
        let lines = LineIndex::new(lockfile.text.as_bytes());
        let findings = told.into_iter().filter_map(|(outcome, locked)| {
            let standing = match self.options.existing {
                Existing::Block => Standing::Introduced,
                Existing::Report => before.standing(&locked.package),
            };
            let action = self.action(&outcome, &locked);
            // Of what was there before, and would not block if it were new, nobody is told again.
            let stale = standing == Standing::Existing && action == Action::Warn;
            (!stale).then(|| {
                finding(lockfile, &lines, locked.into_owned(), outcome, (standing, action))
            })
        });
        (findings.collect(), before.notices.clone())
    }

    fn outcome(&self, lockfile: &Lockfile, locked: &Locked) -> Option<Outcome> {
        let stated = locked.licence.clone();
        let stated = stated.or_else(|| self.folders.statement(&lockfile.path, &locked.package));
        let licence = stated.as_deref().and_then(Licence::read);
        if self.licences.takes(&locked.package, licence.as_ref()) {
            return None;
        }
        match licence {
            Some(licence) => Some(Outcome::Denied(Box::new(licence))),
            None if self.licences.unknown == Unknown::Ignore => None,
            // What a workflow uses is no part of the product, and nothing states its licence.
            None if !locked.package.ecosystem.is_locked() => None,
            None => Some(Outcome::Unknown(stated)),
        }
    }

    fn action(&self, outcome: &Outcome, locked: &Locked) -> Action {
        let spared = self.options.ignore_dev && locked.dev == Some(true);
        match outcome {
            _ if spared => Action::Warn,
            Outcome::Denied(_) => Action::Block,
            Outcome::Unknown(_) if self.licences.unknown == Unknown::Block => Action::Block,
            Outcome::Unknown(_) => Action::Warn,
        }
    }
}

fn finding(
    lockfile: &Lockfile,
    lines: &LineIndex<'_>,
    locked: Locked,
    outcome: Outcome,
    (standing, action): (Standing, Action),
) -> Finding {
    let package = &locked.package;
    let what = match &outcome {
        Outcome::Denied(licence) => licence.as_str(),
        Outcome::Unknown(_) => "unknown",
    };
    let (ecosystem, name) = (package.ecosystem.as_str(), package.canonical_name());
    let parts = ["DEP-009", ecosystem, &name, what].map(str::as_bytes);
    let severity = match (&outcome, action) {
        (Outcome::Denied(_), _) | (Outcome::Unknown(_), Action::Block) => Severity::High,
        (Outcome::Unknown(_), Action::Warn | Action::Off) => Severity::Low,
    };
    Finding {
        rule: rule(),
        severity,
        confidence: Confidence::High,
        action,
        standing,
        message: message(&locked, &outcome),
        fix: fix(&locked, &outcome),
        location: place(lockfile, lines, &locked),
        fingerprint: Fingerprint::new(&Salt::new(SALT), &parts),
        subject: Subject::Licence(Box::new(Licensed {
            direct: locked.direct,
            dev: locked.dev,
            licence: match outcome {
                Outcome::Denied(licence) => Some(licence.as_str().to_owned()),
                Outcome::Unknown(_) => None,
            },
            package: locked.package,
        })),
        line_hash: None,
        allow: None,
    }
}

#[expect(clippy::expect_used, reason = "the name is constant and well formed")]
fn rule() -> RuleId {
    "DEP-009".parse().expect("letters, digits and a dash name a rule")
}

fn message(locked: &Locked, outcome: &Outcome) -> String {
    let package = &locked.package;
    let subject = one_line(&format!("{} {}", package.name, package.version), QUOTED);
    match outcome {
        Outcome::Denied(licence) => {
            format!("{subject} is under {licence}, which the project does not take")
        }
        Outcome::Unknown(Some(stated)) => {
            let stated = one_line(stated, QUOTED);
            format!("{subject} has an unknown licence: {stated:?} is none of SPDX's, or several")
        }
        Outcome::Unknown(None) => {
            format!("{subject} has an unknown licence: nothing here states one")
        }
    }
}

fn fix(locked: &Locked, outcome: &Outcome) -> String {
    let name = one_line(&locked.package.name, QUOTED);
    let entry = "[[dependencies.licences.exceptions]] with package, licence and reason";
    match outcome {
        Outcome::Denied(_) => format!("replace {name}, or say why it may stay in {entry}"),
        Outcome::Unknown(_) => format!("find out the licence of {name} and record it in {entry}"),
    }
}

#[cfg(test)]
mod tests;
