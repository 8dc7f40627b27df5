//! Secrets in the names of files. Such a name cannot be shown: a path that reports print has them
//! masked.

use super::candidate::Candidate;
use super::introduced::Reporter;
use super::reading::{Budget, Own, Surface};
use super::{Detector, Tell};
use crate::finding::{Finding, LineCol, Location, RepoPath, Salt};
use crate::source::Change;
use std::borrow::Cow;

/// What is shown in place of a secret.
const MASK: &[u8] = b"[secret]";

impl Detector {
    /// The path as it may be shown; `None` where it may be shown as it is.
    pub fn masked(&self, path: &RepoPath) -> Option<RepoPath> {
        masked(path, &self.in_name(path))
    }

    pub(super) fn in_name(&self, path: &RepoPath) -> Vec<Candidate> {
        self.candidates(path, &surface(path), &mut Budget::of(path.as_bytes().len()))
    }

    pub(super) fn values_in_name(&self, path: &RepoPath) -> impl Iterator<Item = Vec<u8>> {
        self.in_name(path).into_iter().map(|candidate| candidate.value)
    }

    /// The secrets in the name of a file that no parent has under it.
    pub(super) fn name_findings(
        &self,
        change: &Change<'_>,
        shown: &RepoPath,
        salt: &dyn Fn() -> Salt,
        tell: &Tell<'_>,
    ) -> Vec<Finding> {
        if change.had_path() {
            return Vec::new();
        }
        let surface = surface(change.path);
        let candidates = self.in_name(change.path);
        let mut reporter = Reporter::new(self, change, shown, &surface, salt());
        let findings = candidates.iter().filter_map(|candidate| reporter.report(candidate, tell));
        findings.map(at_the_top).collect()
    }
}

/// A name as a text of its own.
fn surface(path: &RepoPath) -> [Surface<'_>; 1] {
    [Surface { text: Cow::Borrowed(path.as_bytes()), own: Own::Bytes }]
}

/// A name has no line: its finding is told at the start of the file.
fn at_the_top(finding: Finding) -> Finding {
    let message = format!("{}, in the file's name", finding.message);
    let (start, end) = (LineCol::START, LineCol::START);
    Finding { message, location: Location { start, end, ..finding.location }, ..finding }
}

fn masked(path: &RepoPath, candidates: &[Candidate]) -> Option<RepoPath> {
    let places = candidates.iter().flat_map(|c| std::iter::once(&c.origin).chain(&c.again));
    let mut places: Vec<_> = places.collect();
    places.sort_by_key(|place| place.start);
    let (mut shown, mut at) = (Vec::new(), 0);
    for place in &places {
        shown.extend(path.as_bytes().get(at..place.start).unwrap_or_default());
        shown.extend(MASK);
        at = place.end.max(at);
    }
    shown.extend(path.as_bytes().get(at..).unwrap_or_default());
    (!places.is_empty()).then(|| RepoPath::new(shown))
}
