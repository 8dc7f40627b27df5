//! Asking the vendors, slowly and not for ever.

use super::client::{Answer, Client, Peer};
use super::request::build;
use super::stand_in::StandIn;
use super::{Outcome, State};
use crate::detect::secrets::Credential;
use crate::rule::{Judgement, Validate};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The time, and waiting for it. Tests have their own.
pub trait Clock {
    /// The time since some moment that stays the same.
    fn now(&self) -> Duration;
    /// Waits.
    fn sleep(&self, time: Duration);
}

/// How much may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests to one host in a second.
    pub per_second: u32,
    /// Requests in all.
    pub most: u32,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// The vendors, as one run sees them.
pub struct Issuers<'a> {
    limits: Limits,
    stand_ins: &'a [StandIn],
    clock: &'a dyn Clock,
    vendor: Client,
    local: Client,
    requests: u32,
    /// When each host was asked last.
    last: BTreeMap<String, Duration>,
    /// Hosts that asked for a pause.
    paused: BTreeSet<String>,
}

impl<'a> Issuers<'a> {
    /// Nobody has been asked yet.
    pub fn new(limits: Limits, stand_ins: &'a [StandIn], clock: &'a dyn Clock) -> Self {
        Self {
            limits,
            stand_ins,
            clock,
            vendor: Client::new(Peer::Vendor, limits.timeout),
            local: Client::new(Peer::StandIn, limits.timeout),
            requests: 0,
            last: BTreeMap::new(),
            paused: BTreeSet::new(),
        }
    }

    /// How many requests were made.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// Asks about one credential.
    pub fn ask(&mut self, table: &Validate, credential: &Credential) -> Outcome {
        let host = table.url.host();
        if self.paused.contains(host) {
            return unknown(format!(
                "{host} asked for a pause, and is not asked again in this run"
            ));
        }
        let stand_in = self.stand_ins.iter().find(|it| it.host == host);
        let request = match build(table, credential, stand_in) {
            Ok(request) => request,
            Err(why) => return unknown(why.to_string()),
        };
        if self.requests >= self.limits.most {
            let most = self.limits.most;
            return unknown(format!("{host} is not asked: {most} requests were made (--most)"));
        }
        self.pace(host);
        self.requests += 1;
        let client = if stand_in.is_some() { &self.local } else { &self.vendor };
        match client.send(request, |status| table.reads_body(status)) {
            Ok(answer) => self.judge(table, &answer),
            Err(why) => unknown(format!("{host} cannot be asked: {why}")),
        }
    }

    /// Waits until the host may be asked again.
    fn pace(&mut self, host: &str) {
        let interval = Duration::from_secs(1) / self.limits.per_second.max(1);
        if let Some(last) = self.last.get(host) {
            let wait = (*last + interval).saturating_sub(self.clock.now());
            if !wait.is_zero() {
                self.clock.sleep(wait);
            }
        }
        self.last.insert(host.to_owned(), self.clock.now());
    }

    fn judge(&mut self, table: &Validate, answer: &Answer) -> Outcome {
        let (host, status) = (table.url.host(), answer.status);
        let state = match table.judge(status, &answer.body) {
            Judgement::Valid => State::Active,
            Judgement::Invalid => State::Inactive,
            Judgement::Neither => State::Unknown,
        };
        let remark = match (state, status) {
            (State::Unknown, 429) => {
                self.paused.insert(host.to_owned());
                ", which asks for a pause"
            }
            (State::Unknown, 300..=399) => ", which leads elsewhere and is not followed",
            (State::Unknown, _) => ", which proves nothing",
            (State::Active | State::Inactive | State::Unverifiable, _) => "",
        };
        Outcome { state, why: format!("{host} answers {status}{remark}") }
    }
}

fn unknown(why: String) -> Outcome {
    Outcome { state: State::Unknown, why }
}
