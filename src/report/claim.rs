//! What a run claims of each flaw of each package, for the formats that exchange it.
//!
//! Only what somebody stated to be no danger is claimed to be none. A waiver accepts a risk, and the
//! baseline puts up with it: what they set aside is affected all the same.

use super::Run;
use crate::finding::{Finding, Severity, Subject, Vulnerability};
use crate::gate::{Assessment, Decided, Disposition, WaivedBy};
use std::collections::BTreeMap;

/// One flaw of one package version.
pub(super) struct Claim<'a> {
    pub(super) vulnerability: &'a Vulnerability,
    pub(super) severity: Severity,
    pub(super) purl: String,
    pub(super) standing: Standing,
    /// Where it was found, and what became of it there.
    pub(super) notes: String,
}

/// Whether the flaw can be used.
pub(super) enum Standing {
    /// It can, as far as anybody knows; with what to do about it.
    Affected(String),
    /// Somebody stated otherwise.
    Stated(Assessment),
}

/// Every claim, in the order of ids and packages. Where lockfiles fared differently, the worse of
/// them counts.
pub(super) fn claims(run: &Run) -> Vec<Claim<'_>> {
    let mut claims = BTreeMap::<(&str, String), Claim<'_>>::new();
    for decided in &run.verdict.findings {
        let Subject::Package(vulnerability) = &decided.finding.subject else { continue };
        if vulnerability.id == Vulnerability::YANKED {
            continue;
        }
        let claim = Claim::of(decided, vulnerability);
        match claims.get_mut(&(vulnerability.id.as_str(), claim.purl.clone())) {
            Some(known) => known.take(claim),
            None => _ = claims.insert((&vulnerability.id, claim.purl.clone()), claim),
        }
    }
    claims.into_values().collect()
}

impl<'a> Claim<'a> {
    fn of(decided: &'a Decided, vulnerability: &'a Vulnerability) -> Self {
        let Decided { finding, disposition } = decided;
        let standing = match disposition {
            Disposition::Waived(WaivedBy::Vex { assessment, .. }) => {
                Standing::Stated(assessment.clone())
            }
            Disposition::Waived(by) => Standing::Affected(accepted(finding, by)),
            Disposition::Blocking | Disposition::Advisory | Disposition::Baselined => {
                Standing::Affected(finding.fix.clone())
            }
        };
        let place = &finding.location;
        Self {
            vulnerability,
            severity: finding.severity,
            purl: vulnerability.package.purl(),
            standing,
            notes: format!("{} in {}, line {}", disposition.as_str(), place.path, place.start.line),
        }
    }

    fn take(&mut self, other: Self) {
        self.notes = format!("{}; {}", self.notes, other.notes);
        if let Standing::Affected(_) = other.standing
            && let Standing::Stated(_) = self.standing
        {
            self.standing = other.standing;
        }
        self.severity = self.severity.max(other.severity);
    }
}

/// What to do about a flaw whose risk somebody accepts, and who does.
fn accepted(finding: &Finding, by: &WaivedBy) -> String {
    let reason = by.reason();
    let who = match by {
        WaivedBy::Waiver { owner, until, .. } => format!("by {owner} until {until}: {reason}"),
        WaivedBy::Allow { .. } | WaivedBy::Inline { .. } | WaivedBy::Vex { .. } => {
            format!("by the project: {reason}")
        }
    };
    format!("{}; meanwhile the risk is accepted {who}", finding.fix.trim_end_matches('.'))
}
