//! One secret is one finding, in however many commits and files it was brought.

use super::{CommitId, Finding, Fingerprint, RuleId, Subject};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Makes one finding of all those of one secret in a history: at the place that comes first, with
/// the others told in [`super::Secret::elsewhere`]. `rank` says how early a commit is.
///
/// It is as severe and as sure as the worst of them, and an allow comment lets it through only if
/// there is one beside each. Findings without a commit stay as they are.
#[must_use]
pub fn gather(findings: Vec<Finding>, rank: &dyn Fn(&CommitId) -> usize) -> Vec<Finding> {
    let mut secrets = BTreeMap::<(RuleId, Fingerprint), Vec<Finding>>::new();
    let mut gathered = Vec::new();
    for finding in findings {
        let of_history = finding.location.commit.is_some();
        match &finding.subject {
            Subject::Secret(_) if of_history => {
                let key = (finding.rule.clone(), finding.fingerprint);
                secrets.entry(key).or_default().push(finding);
            }
            Subject::Secret(_) | Subject::Policy | Subject::Package(_) | Subject::Licence(_) => {
                gathered.push(finding);
            }
        }
    }
    gathered.extend(secrets.into_values().filter_map(|places| first_of(places, rank)));
    gathered
}

fn first_of(mut places: Vec<Finding>, rank: &dyn Fn(&CommitId) -> usize) -> Option<Finding> {
    places.sort_by_cached_key(|finding| {
        let place = finding.location.clone();
        let early = place.commit.as_ref().map(rank);
        // Of two places in one commit, the one in a file is where there is something to put right.
        (early, state(finding), place, finding.message.clone())
    });
    let severity = places.iter().map(|finding| finding.severity).max()?;
    let confidence = places.iter().map(|finding| finding.confidence).max()?;
    let action = places.iter().map(|finding| finding.action).max()?;
    let all_allowed = places.iter().all(|finding| finding.allow.is_some());
    let surest = places.iter().min_by_key(|finding| Reverse(finding.confidence))?.message.clone();
    let mut places = places.into_iter();
    let mut first = places.next()?;
    let others = places.flat_map(|finding| match finding.subject {
        Subject::Secret(secret) => [vec![finding.location], secret.elsewhere].concat(),
        Subject::Policy | Subject::Package(_) | Subject::Licence(_) => Vec::new(),
    });
    let others: Vec<_> = others.collect();
    if let Subject::Secret(secret) = &mut first.subject {
        secret.elsewhere.extend(others);
        secret.elsewhere.sort();
        secret.elsewhere.dedup();
        secret.elsewhere.retain(|place| *place != first.location);
    }
    let message = if confidence > first.confidence { surest } else { first.message };
    let allow = first.allow.filter(|_| all_allowed);
    Some(Finding { severity, confidence, action, message, allow, ..first })
}

fn state(finding: &Finding) -> Option<super::State> {
    match &finding.subject {
        Subject::Secret(secret) => Some(secret.state),
        Subject::Policy | Subject::Package(_) | Subject::Licence(_) => None,
    }
}
