//! Policies: how a repository is worked on, judged from what a change brings.
//!
//! A policy is an entry of the catalogue (`rules/policies/<topic>.toml`: what people read), one file
//! in `check/` (what it looks for) and one line in `check::POLICIES`. A check says what is wrong in
//! a text, new or old alike; this module keeps what touches new lines, applies the project's
//! settings and makes the findings. No message holds a control character, and no fingerprint holds
//! a path.

mod check;
mod licences;
mod options;
mod syntax;
mod vex;
mod violation;

pub use options::{Options, PolicyError};

use super::Snapshot;
use crate::finding::{Action, Finding, LineCol, LineIndex, Location, RepoPath};
use crate::rule::{Engine, PolicyRule};
use crate::source::{Change, Commit, Entry, Interest, Mark, Note, SourceError};
use check::{Check, POLICIES};
use jiff::Timestamp;
use options::Setting;
use std::ops::Range;
use violation::Violation;

/// The policies of a run, as the project has set them.
pub struct Policies {
    active: Vec<Active>,
    now: Timestamp,
}

struct Active {
    rule: PolicyRule,
    setting: Setting,
    check: Box<dyn Check>,
}

impl Policies {
    /// The policies of the catalogue that run here; those that the project has turned off, and
    /// those of other detectors, are left out. `now` is the moment against which dates are judged.
    pub fn new(
        rules: Vec<PolicyRule>,
        options: &Options,
        now: Timestamp,
    ) -> Result<Self, PolicyError> {
        let mut active = Vec::new();
        for rule in rules.into_iter().filter(|rule| rule.engine == Engine::Policies) {
            let entry = POLICIES.iter().find(|entry| entry.id == rule.id.as_str());
            let entry = entry.ok_or_else(|| PolicyError::NoCheck(rule.id.clone()))?;
            let setting = options.of(entry.id);
            if setting.action.unwrap_or(rule.action) != Action::Off {
                let check = options::build(entry, &setting)?;
                active.push(Active { rule, setting, check });
            }
        }
        Ok(Self { active, now })
    }

    /// The catalogue's entries of the policies that run.
    pub fn rules(&self) -> impl Iterator<Item = &PolicyRule> {
        self.active.iter().map(|active| &active.rule)
    }

    /// What the new lines of one file violate.
    pub fn change(&self, change: &Change<'_>) -> Vec<Finding> {
        if change.entry == Entry::Symlink {
            return Vec::new();
        }
        let index = std::cell::LazyCell::new(|| LineIndex::new(change.bytes));
        let mut findings = Vec::new();
        for active in self.active.iter().filter(|active| active.covers(change.path)) {
            let found = active.check.file(change.path, change.bytes);
            for (range, violation) in found.into_iter().filter(|(range, _)| change.is_new(range)) {
                let (start, end) = index.span(&range);
                let (path, commit) = (change.path.clone(), change.commit.cloned());
                findings.push(active.finding(violation, Location { path, start, end, commit }));
            }
        }
        findings
    }

    /// What a blob may violate in any file; see [`crate::source::Sieve::blob`].
    pub fn sift(&self, bytes: &[u8], new: &[Range<usize>], marks: &mut Vec<Mark>) -> Interest {
        let near =
            |part: &Range<usize>| part.start.saturating_sub(1)..bytes.len().min(part.end + 1);
        let parts: Vec<_> = new.iter().map(near).collect();
        let found = self.active.iter().flat_map(|active| active.check.suspects(bytes, &parts));
        let found: Vec<_> = found.collect();
        if !found.is_empty() {
            marks.extend(found.into_iter().map(|range| suspect(&range, bytes.len())));
            marks.sort_unstable();
            marks.dedup();
        }
        // In binary files, whose bytes may look like any letters, nothing is reported.
        let in_text = marks.iter().any(|mark| mark.note == Note::SuspectText);
        let always = in_text && memchr::memchr(0, bytes).is_none()
            || self.active.iter().any(|active| active.check.reads(bytes));
        Interest { values: Vec::new(), always }
    }

    /// Whether a file of this name may violate anything.
    pub fn sifts_name(&self, name: &[u8]) -> bool {
        let name = String::from_utf8_lossy(name);
        self.active.iter().any(|active| active.check.names(&name))
    }

    /// What a commit's own record violates: who made it, and when.
    pub fn commit(&self, commit: &Commit) -> Vec<Finding> {
        let path = commit.anchor.clone().unwrap_or_else(|| RepoPath::from(".lockkeeper.toml"));
        let (start, end) = (LineCol::START, LineCol::START);
        let location = Location { path, start, end, commit: Some(commit.id.clone()) };
        let violations = self.active.iter().flat_map(|active| {
            let found = active.check.commit(commit, self.now);
            found.into_iter().map(move |violation| (active, violation))
        });
        violations.map(|(active, violation)| active.finding(violation, location.clone())).collect()
    }

    /// What the difference between base and head violates; nothing where there is no base.
    pub fn snapshot(&self, snapshot: &Snapshot<'_>) -> Result<Vec<Finding>, SourceError> {
        let Some(base) = snapshot.base else { return Ok(Vec::new()) };
        let ends = check::Ends { base, head: snapshot.head, delta: snapshot.delta };
        let mut findings = Vec::new();
        for active in &self.active {
            let mut found = active.check.snapshot(&ends)?;
            found.retain(|(place, _)| active.covers(&place.path));
            findings.extend(
                found.into_iter().map(|(place, violation)| active.finding(violation, place)),
            );
        }
        Ok(findings)
    }
}

fn suspect(range: &Range<usize>, len: usize) -> Mark {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    // A mark that went on behind the text would never be copied whole.
    let (start, end) = (range.start.saturating_sub(4), len.min(range.end + 4));
    let (start, end) = (place(start), place(end));
    Mark { start, end, note: Note::SuspectText }
}

impl Active {
    fn covers(&self, path: &RepoPath) -> bool {
        !self.setting.paths_ignore.as_ref().is_some_and(|ignored| ignored.accepts(path))
    }

    fn finding(&self, violation: Violation, location: Location) -> Finding {
        violation.into_finding(&self.rule, &self.setting, location)
    }
}

#[cfg(test)]
mod tests;
