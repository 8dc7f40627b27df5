//! Whether secrets still work, asked of those who issued them.
//!
//! This is the only module in which the value of a secret becomes part of anything: of a request to
//! the host that its rule names. Nobody comes here by scanning; `lockkeeper verify-secret` does, where
//! its user said so.
//!
//! - A secret goes to the one host of its rule by TLS, and nowhere that host points to.
//! - Requests are few: one for each distinct secret, so many a second, so many in all, and none to a
//!   host that asked for a pause.
//! - What is said about an answer is made of its status and of our own words: no body, no address
//!   and no message of a library, which may quote the secret.
//! - Whatever does not prove something is [`State::Unknown`].

mod client;
mod found;
mod issuers;
mod request;
mod stand_in;

pub use found::{Found, find};
pub use issuers::{Clock, Issuers, Limits};
pub use stand_in::{StandIn, StandInError};

use crate::detect::secrets::Credential;
use crate::finding::{Finding, RuleId};
use crate::rule::Validate;
use std::collections::BTreeMap;

/// The tables of the rules whose issuers may be asked, by rule.
pub type Tables = BTreeMap<RuleId, Validate>;

/// Whether a secret works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its issuer accepts it.
    Active,
    /// Its issuer refuses it.
    Inactive,
    /// Its issuer was not asked, did not answer, or did not say.
    Unknown,
    /// Nobody can be asked about its kind: it may well work.
    Unverifiable,
}

impl State {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Unknown => "unknown",
            Self::Unverifiable => "unverifiable",
        }
    }
}

/// What is known about one secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it works.
    pub state: State,
    /// How we know, in words that hold no secret.
    pub why: String,
}

/// Asks about every secret that was found and can be asked about, once for each distinct one. The
/// outcomes are in the order of the findings.
pub fn verify<'f>(
    found: &'f Found,
    tables: &Tables,
    issuers: &mut Issuers<'_>,
) -> Vec<(&'f Finding, Outcome)> {
    let mut known = BTreeMap::<(&RuleId, &Credential), Outcome>::new();
    let outcomes = found.findings().iter().map(|finding| {
        let asked = askable(found, tables, finding);
        let Some((table, credential)) = asked else { return (finding, unverifiable()) };
        let known = known.entry((&finding.rule, credential));
        (finding, known.or_insert_with(|| issuers.ask(table, credential)).clone())
    });
    outcomes.collect()
}

/// How many requests [`verify`] would make of each host.
pub fn plan(found: &Found, tables: &Tables) -> BTreeMap<String, usize> {
    let askable = |finding| Some((finding, askable(found, tables, finding)?));
    let asked = found.findings().iter().filter_map(askable);
    let distinct: BTreeMap<_, _> = asked
        .map(|(finding, (table, credential))| ((&finding.rule, credential), table.url.host()))
        .collect();
    let mut hosts = BTreeMap::new();
    for host in distinct.into_values() {
        *hosts.entry(host.to_owned()).or_default() += 1;
    }
    hosts
}

fn askable<'a>(
    found: &'a Found,
    tables: &'a Tables,
    finding: &Finding,
) -> Option<(&'a Validate, &'a Credential)> {
    tables.get(&finding.rule).zip(found.credential(finding))
}

fn unverifiable() -> Outcome {
    let why = "its rule names nobody to ask: it may well work".to_owned();
    Outcome { state: State::Unverifiable, why }
}

#[cfg(test)]
mod tests;
