//! Several databases, one advisory: what shares an id or an alias is one finding.

use crate::advisory::{Advisory, Kind};
use crate::finding::Severity;
use std::collections::BTreeSet;

/// Advisories that speak of one thing, under the id that its ecosystem's own database gave it.
pub(super) struct Merged<'a> {
    /// The advisory that speaks for all.
    pub chief: &'a Advisory,
    /// The other ids.
    pub aliases: Vec<String>,
    /// The highest severity that any of them gives.
    pub severity: Severity,
    /// The gravest kind.
    pub kind: Kind,
    /// All of them.
    pub all: Vec<&'a Advisory>,
}

/// Merges advisories that share an id, in the order of their ids.
pub(super) fn merge<'a>(advisories: &[&'a Advisory]) -> Vec<Merged<'a>> {
    let mut groups: Vec<(BTreeSet<&str>, Vec<&'a Advisory>)> = Vec::new();
    for advisory in advisories {
        let mut ids: BTreeSet<&str> = advisory.aliases.iter().map(String::as_str).collect();
        ids.insert(&advisory.id);
        let mut members = vec![*advisory];
        // Everything that shares an id with this one is one group with it, groups joined by it
        // included.
        groups.retain_mut(|(known, others)| {
            let apart = known.is_disjoint(&ids);
            if !apart {
                ids.append(known);
                members.append(others);
            }
            apart
        });
        groups.push((ids, members));
    }
    let mut merged: Vec<_> =
        groups.into_iter().filter_map(|(ids, all)| chief_of(&ids, all)).collect();
    merged.sort_by(|a, b| a.chief.id.cmp(&b.chief.id));
    merged
}

fn chief_of<'a>(ids: &BTreeSet<&str>, mut all: Vec<&'a Advisory>) -> Option<Merged<'a>> {
    all.sort_by(|a, b| (rank(&a.id), &a.id).cmp(&(rank(&b.id), &b.id)));
    let chief = *all.first()?;
    let aliases = ids.iter().filter(|id| **id != chief.id).map(|id| (*id).to_owned()).collect();
    let severity = all.iter().map(|advisory| advisory.severity).max()?;
    let kind = all.iter().map(|advisory| advisory.kind).min()?;
    Some(Merged { chief, aliases, severity, kind, all })
}

/// The ecosystem's own database first, then the general ones.
fn rank(id: &str) -> u8 {
    match id.split('-').next().unwrap_or(id) {
        "MAL" => 0,
        "GHSA" => 2,
        "CVE" => 3,
        _ => 1,
    }
}
