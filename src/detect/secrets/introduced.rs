//! Which values a change brought, as findings. Here a secret's value is seen for the last time.
//!
//! A value is new in a change if no parent holds it: not in an earlier version of the file, nor in
//! another file that the same change touches or removes. So what is renamed, moved, indented or
//! encoded anew is not new, and of a merge only what its resolution brought is.

use super::candidate::Candidate;
use super::reading::{Kind, Surface};
use super::{Detector, Tell};
use crate::finding::{
    Finding, Fingerprint, LineCol, LineIndex, Location, Redacted, RepoPath, Salt, Secret, Standing,
    Subject,
};
use crate::rule::SecretRule;
use crate::source::Change;
use std::collections::BTreeSet;
use std::ops::Range;

/// The longest name of an archive's member that is shown, in characters.
const LONGEST_NAME: usize = 120;

impl Detector {
    /// The candidates whose value no parent holds.
    pub(super) fn introduced(
        &self,
        mut candidates: Vec<Candidate>,
        change: &Change<'_>,
    ) -> Vec<Candidate> {
        if candidates.is_empty() {
            return candidates;
        }
        candidates.retain(|c| !change.versions().any(|version| c.is_plainly_in(version)));
        if candidates.iter().any(Candidate::may_be_hidden) {
            let known = change.versions().flat_map(|version| self.values(change.path, version));
            let known: BTreeSet<_> = known.collect();
            candidates.retain(|candidate| !known.contains(&candidate.value));
        }
        if !candidates.is_empty() {
            change.elsewhere(candidates.len(), &mut |bytes| {
                candidates.retain(|candidate| !candidate.is_plainly_in(bytes));
                !candidates.is_empty()
            });
        }
        candidates
    }
}

/// Turns candidates into findings. They are given in the order of their places.
pub(super) struct Reporter<'a> {
    pub(super) detector: &'a Detector,
    pub(super) change: &'a Change<'a>,
    /// The path as it may be shown.
    pub(super) path: &'a RepoPath,
    pub(super) salt: Salt,
    lines: Vec<LineIndex<'a>>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(
        detector: &'a Detector,
        change: &'a Change<'a>,
        path: &'a RepoPath,
        surfaces: &'a [Surface<'a>],
        salt: Salt,
    ) -> Self {
        let lines = surfaces.iter().map(|surface| LineIndex::new(&surface.text)).collect();
        Self { detector, change, path, salt, lines }
    }

    /// The finding for a candidate.
    pub(super) fn report(&mut self, candidate: &Candidate, tell: &Tell<'_>) -> Option<Finding> {
        let detector = self.detector;
        let rule = detector.rule(candidate.found.rule)?;
        let location = self.location(candidate, &candidate.origin)?;
        let again = candidate.again.iter().filter_map(|origin| self.location(candidate, origin));
        let mut elsewhere: Vec<_> = again.collect();
        elsewhere.sort();
        elsewhere.dedup();
        elsewhere.retain(|place| *place != location);
        let redacted = Redacted::new(&self.salt, &candidate.value, &rule.public_prefix);
        let secret = Secret { elsewhere, ..Secret::new(redacted) };
        let finding = self.finding(rule, candidate, secret, location);
        tell(&finding, candidate);
        Some(finding)
    }

    fn finding(
        &self,
        rule: &SecretRule,
        candidate: &Candidate,
        secret: Secret,
        location: Location,
    ) -> Finding {
        let remark = candidate.found.remark();
        let within = self.within(candidate);
        let text = self.lines.get(candidate.surface).map_or(&[][..], |lines| lines.text());
        // Neither the place nor what stands beside it: a name outlives every move.
        let parts = [rule.id.as_str().as_bytes(), &candidate.value];
        let fingerprint = Fingerprint::new(&self.salt, &parts);
        if rule.is_human() {
            self.detector.humans.remember(fingerprint, &candidate.value);
        }
        Finding {
            rule: rule.id.clone(),
            severity: candidate.found.severity(rule),
            confidence: candidate.found.confidence,
            action: candidate.found.action,
            standing: Standing::Introduced,
            message: format!("{}{within}{remark}", rule.title),
            fix: rule.fix.clone(),
            subject: Subject::Secret(Box::new(secret)),
            location,
            fingerprint,
            line_hash: None,
            allow: self.detector.excuse(candidate, text, self.change),
        }
    }

    /// In what the secret was found, if not in the file as it is. A member's name may be a secret.
    fn within(&self, candidate: &Candidate) -> String {
        match (candidate.kind, &candidate.member) {
            (Kind::Surface, _) => String::new(),
            (Kind::Decoded, _) => ", encoded".to_owned(),
            (Kind::Names, _) => ", in the name of a file in the archive".to_owned(),
            (Kind::Member, Some(name))
                if self.detector.search(name, name.as_bytes()).is_empty() =>
            {
                let name: String = name.to_string().chars().take(LONGEST_NAME).collect();
                format!(", in {name} in the archive")
            }
            (Kind::Member, _) => ", in the archive".to_owned(),
        }
    }

    fn location(&self, candidate: &Candidate, origin: &Range<usize>) -> Option<Location> {
        let lines = self.lines.get(candidate.surface)?;
        let (start, end) = match candidate.kind {
            Kind::Surface | Kind::Decoded => lines.span(origin),
            Kind::Member | Kind::Names => (LineCol::START, LineCol::START),
        };
        Some(Location { path: self.path.clone(), start, end, commit: self.change.commit.cloned() })
    }
}
