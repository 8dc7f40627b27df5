//! Which findings may be excused, and by whom.

use crate::finding::{Finding, Subject};

/// How many days ahead a waiver may reach of a vulnerability that is attacked.
pub(super) const SHORT: i64 = 14;

/// How well a finding is guarded against being excused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// A waiver, the baseline or a comment excuses it.
    Ordinary,
    /// It is about the gate itself: only a waiver that a second person approved excuses it, or who
    /// changes the gate could excuse the change.
    Gate,
    /// A vulnerability that is attacked: only a waiver of a few days excuses it, [`SHORT`] at most.
    Exploited,
    /// A package that was made to harm: nothing excuses it.
    Malicious,
}

impl Guard {
    pub(super) fn of(finding: &Finding) -> Self {
        let rule = finding.rule.as_str();
        if rule == "DEP-003" || is_malware(&finding.subject) {
            Self::Malicious
        } else if rule == "DEP-002" {
            Self::Exploited
        } else if rule.starts_with("GATE-") {
            Self::Gate
        } else {
            Self::Ordinary
        }
    }
}

fn is_malware(subject: &Subject) -> bool {
    match subject {
        Subject::Package(vulnerability) => {
            let ids = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
            ids.into_iter().any(|id| id.starts_with("MAL-"))
        }
        Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => false,
    }
}
