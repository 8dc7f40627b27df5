//! Runs detector and gate over the samples, and counts.

use crate::sample::{Expect, Group, Sample};
use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::{Finding, LineIndex, Salt};
use lockkeeper::gate::{Baseline, Disposition, Existing, Extent, Policy, Vex};
use lockkeeper::rule::builtin_secrets;
use lockkeeper::source::{Change, Entry};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Share {
    pub(crate) part: usize,
    pub(crate) whole: usize,
}

impl Share {
    /// The quotient; of nothing, everything is right.
    #[expect(clippy::cast_precision_loss, reason = "counts of samples are small")]
    pub(crate) fn value(self) -> f64 {
        if self.whole == 0 { 1.0 } else { self.part as f64 / self.whole as f64 }
    }

    fn count(&mut self, yes: bool) {
        self.part += usize::from(yes);
        self.whole += 1;
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.part += other.part;
        self.whole += other.whole;
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ({} of {})", self.value(), self.part, self.whole)
    }
}

/// How secrets of one sort fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Those that were reported at all.
    pub(crate) reported: Share,
    /// Those that kept the gate shut.
    pub(crate) blocked: Share,
    /// Of those that were reported, those that went by their right name.
    pub(crate) named: Share,
}

/// What a run over the samples gave.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) samples: usize,
    pub(crate) secrets: usize,
    pub(crate) lines: usize,
    pub(crate) by_group: BTreeMap<Group, Tally>,
    pub(crate) by_kind: BTreeMap<(Group, String), Tally>,
    pub(crate) by_class: BTreeMap<(Group, String), Tally>,
    /// Which kind was taken for which, and how often.
    pub(crate) confusion: BTreeMap<(String, String), usize>,
    /// Of the findings that block, those that are true.
    pub(crate) blocking: Share,
    /// Of the findings that do not, those that are true or fair.
    pub(crate) advisory: Share,
    /// Lookalikes of each class in which something was found.
    pub(crate) alarms: BTreeMap<String, Share>,
    /// Class, path and rule of what blocks and should not.
    pub(crate) blocking_alarms: BTreeMap<(String, String), usize>,
    pub(crate) advisory_alarms: BTreeMap<(String, String), usize>,
}

/// A finding, the gate's word on it, and whether it lies on the planted secret.
struct Found {
    rule: String,
    blocks: bool,
    hits: bool,
}

impl Measured {
    pub(crate) fn blocking_precision(&self) -> Share {
        self.blocking
    }

    fn count(&mut self, sample: &Sample, found: &[Found]) {
        self.samples += 1;
        self.lines += sample.text.lines().count();
        match &sample.expect {
            Expect::Secret { kind, .. } => self.count_secret(sample, kind, found),
            Expect::Silence | Expect::NoBlock => {
                let alarm = self.alarms.entry(sample.class.clone()).or_default();
                alarm.count(!found.is_empty());
            }
        }
        for found in found {
            let fair = sample.expect == Expect::NoBlock && !found.blocks;
            let right = found.hits || fair;
            let shares = if found.blocks { &mut self.blocking } else { &mut self.advisory };
            shares.count(right);
            let alarms =
                if found.blocks { &mut self.blocking_alarms } else { &mut self.advisory_alarms };
            if !right {
                *alarms.entry((sample.class.clone(), found.rule.clone())).or_default() += 1;
            }
        }
    }

    fn count_secret(&mut self, sample: &Sample, kind: &str, found: &[Found]) {
        self.secrets += 1;
        let hits: Vec<_> = found.iter().filter(|found| found.hits).collect();
        let named = hits.iter().any(|found| found.rule == kind);
        let (reported, blocked) = (!hits.is_empty(), hits.iter().any(|found| found.blocks));
        let tallies = [
            self.by_group.entry(sample.group).or_default(),
            self.by_kind.entry((sample.group, kind.to_owned())).or_default(),
            self.by_class.entry((sample.group, sample.class.clone())).or_default(),
        ];
        for tally in tallies {
            tally.reported.count(reported);
            tally.blocked.count(blocked);
            if reported {
                tally.named.count(named);
            }
        }
        let taken_for = hits.first().map_or("nothing", |found| found.rule.as_str());
        let taken_for = if named { kind } else { taken_for };
        *self.confusion.entry((kind.to_owned(), taken_for.to_owned())).or_default() += 1;
    }
}

/// Runs the built-in rules over the samples.
pub(crate) fn measure(samples: &[Sample]) -> Measured {
    let detector = Detector::new(builtin_secrets().unwrap(), &Options::default()).unwrap();
    let policy = policy();
    let found: Vec<Vec<Found>> =
        samples.par_iter().map(|sample| look(sample, &detector, &policy)).collect();
    let mut measured = Measured::default();
    for (sample, found) in samples.iter().zip(&found) {
        measured.count(sample, found);
    }
    measured
}

/// The gate as it is without a word of configuration.
pub(crate) fn policy() -> Policy {
    Policy {
        options: lockkeeper::gate::Options::default(),
        existing: Existing::default(),
        waivers: Vec::new(),
        baseline: Baseline::default(),
        vex: Vex::default(),
        today: jiff::civil::date(2026, 1, 1),
        extent: Extent::Whole,
    }
}

fn look(sample: &Sample, detector: &Detector, policy: &Policy) -> Vec<Found> {
    let change = Change::new(&sample.path, None, Entry::File, sample.text.as_bytes(), &());
    let findings = detector.scan(&change, &|| Salt::new("corpus")).findings;
    let decided = policy.decide(findings).findings.into_iter();
    decided
        .map(|decided| Found {
            rule: decided.finding.rule.to_string(),
            blocks: decided.disposition == Disposition::Blocking,
            hits: hits(sample, &decided.finding),
        })
        .collect()
}

/// Whether a finding lies on the planted secret.
fn hits(sample: &Sample, finding: &Finding) -> bool {
    let Expect::Secret { at, .. } = &sample.expect else { return false };
    let (start, end) = LineIndex::new(sample.text.as_bytes()).span(at);
    finding.location.start < end && finding.location.end > start
}
