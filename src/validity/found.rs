//! The secrets of a source together with their values.

use crate::detect::secrets::{Credential, Detector};
use crate::finding::{Finding, Notice, RuleId, Salt, Subject, gather, settle};
use crate::source::{Change, Commit, Coverage, Label, Sink, Source, SourceError};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was found, with the identities that a scan gives it.
pub struct Found {
    findings: Vec<Finding>,
    /// By rule and by the keyed hash that stands for the value in the finding.
    credentials: BTreeMap<(RuleId, String), Credential>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Remarks, sorted.
    pub notices: Vec<Notice>,
}

impl Found {
    /// The findings, by place.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Leaves those for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&Finding) -> bool) {
        self.findings.retain(keep);
    }

    /// Adds a finding about a secret that was found elsewhere too.
    #[cfg(test)]
    pub(super) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The credential that a finding is about.
    pub(super) fn credential(&self, finding: &Finding) -> Option<&Credential> {
        self.credentials.get(&key(finding)?)
    }
}

/// Finds the secrets of a source, hashed under a key.
pub fn find(
    source: &dyn Source,
    detector: &Detector,
    salt: &(dyn Fn() -> Salt + Sync),
) -> Result<Found, SourceError> {
    let collector = Collector { salt, detector, kept: Mutex::default() };
    let coverage = source.visit(&collector)?;
    let kept = collector.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Kept { findings, mut notices, credentials } = kept;
    notices.sort();
    notices.dedup();
    let findings = settle(gather(findings, &|commit| source.rank(commit)));
    Ok(Found { findings, credentials, coverage, notices })
}

fn key(finding: &Finding) -> Option<(RuleId, String)> {
    match &finding.subject {
        Subject::Secret(secret) => Some((finding.rule.clone(), secret.redacted.salted.clone())),
        Subject::Policy | Subject::Package(_) | Subject::Licence(_) => None,
    }
}

/// What the source's threads found so far.
#[derive(Default)]
struct Kept {
    findings: Vec<Finding>,
    notices: Vec<Notice>,
    credentials: BTreeMap<(RuleId, String), Credential>,
}

struct Collector<'a> {
    salt: &'a (dyn Fn() -> Salt + Sync),
    detector: &'a Detector,
    kept: Mutex<Kept>,
}

impl Collector<'_> {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn credential(&self, finding: &Finding, credential: Credential) {
        let Some(key) = key(finding) else { return };
        // One secret beside two public halves: the choice must not depend on which thread was first.
        let mut kept = self.kept();
        let known = kept.credentials.entry(key).or_insert_with(|| credential.clone());
        if credential < *known {
            *known = credential;
        }
    }
}

impl Sink for Collector<'_> {
    fn change(&self, change: &Change<'_>) {
        let keep = |finding: &Finding, credential| self.credential(finding, credential);
        let scanned = self.detector.reveal(change, &self.salt, &keep);
        if !scanned.findings.is_empty() || !scanned.notices.is_empty() {
            let mut kept = self.kept();
            kept.findings.extend(scanned.findings);
            kept.notices.extend(scanned.notices);
        }
    }

    fn commit(&self, commit: &Commit) {
        let keep = |finding: &Finding, credential| self.credential(finding, credential);
        let findings = self.detector.reveal_commit(commit, &self.salt, &keep);
        self.kept().findings.extend(findings);
    }

    fn label(&self, label: &Label) {
        let keep = |finding: &Finding, credential| self.credential(finding, credential);
        let findings = self.detector.reveal_label(label, &self.salt, &keep);
        self.kept().findings.extend(findings);
    }

    fn notice(&self, notice: Notice) {
        self.kept().notices.push(notice);
    }
}
