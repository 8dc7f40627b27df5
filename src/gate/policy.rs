//! What decides: threshold, VEX, waivers, baseline and allow comments, in that order of weight.

use super::guard::Guard;
use super::verdict::{Decided, Disposition, Verdict, WaivedBy};
use super::{Baseline, Existing, Extent, FailOn, Options, Vex, Waiver};
use crate::finding::{Action, Allow, Confidence, Finding, Level, Notice, Standing};
use jiff::civil::Date;

/// How many days ahead a waiver's end is announced.
const ANNOUNCED: i64 = 14;

/// Everything that the gate goes by.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The project's choices.
    pub options: Options,
    /// What becomes of problems that the change under test did not bring.
    pub existing: Existing,
    /// The waivers, in the order of the configuration; the first that applies is the one named.
    pub waivers: Vec<Waiver>,
    /// What is stated of flaws of packages.
    pub vex: Vex,
    /// The findings to live with.
    pub baseline: Baseline,
    /// The day on which it is decided.
    pub today: Date,
    /// How much the findings speak for.
    pub extent: Extent,
}

/// How a waiver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiverState {
    /// It holds.
    Active,
    /// Its last day is past.
    Expired,
    /// It reaches further ahead than the project lets it.
    TooFar,
    /// It covers nothing that was found.
    Unused,
}

impl WaiverState {
    /// The words that `waive list` prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::TooFar => "reaches too far",
            Self::Unused => "unused",
        }
    }
}

impl Policy {
    /// How a waiver stands; whether it is used is asked only of findings that are given.
    pub fn state(&self, waiver: &Waiver, findings: Option<&[Finding]>) -> WaiverState {
        if waiver.until() < self.today {
            return WaiverState::Expired;
        }
        if self.reaches_too_far(waiver) {
            return WaiverState::TooFar;
        }
        match findings {
            Some(all) if !all.iter().any(|finding| waiver.covers(finding)) => WaiverState::Unused,
            Some(_) | None => WaiverState::Active,
        }
    }

    /// Decides on every finding.
    pub fn decide(&self, findings: Vec<Finding>) -> Verdict {
        let mut notices = self.waiver_notices(&findings);
        notices.extend(self.vex.notices(&findings, self.extent == Extent::Whole));
        notices.extend(self.expired_notice(&findings));
        notices.extend(self.stale_notice(&findings));
        let decided = findings.into_iter().map(|finding| {
            let disposition = self.disposition(&finding);
            Decided { finding, disposition }
        });
        Verdict::new(self.options.fail_on, decided.collect(), notices)
    }

    fn disposition(&self, finding: &Finding) -> Disposition {
        let guard = Guard::of(finding);
        if guard == Guard::Malicious {
            return self.of_malicious();
        }
        if let Some(stated) = self.vex.excuse(finding) {
            return Disposition::Waived(stated);
        }
        if let Some(waiver) = self.live_waiver(finding) {
            return Disposition::Waived(waiver.waived_by());
        }
        let ordinary = guard == Guard::Ordinary;
        if ordinary && self.baseline.excuses(finding, self.today) {
            return Disposition::Baselined;
        }
        match &finding.allow {
            Some(Allow::Configured(reason)) if ordinary => {
                Disposition::Waived(WaivedBy::Allow { reason: reason.clone() })
            }
            Some(Allow::Comment(reason)) if ordinary && self.options.inline_allow => {
                Disposition::Waived(WaivedBy::Inline { reason: reason.clone() })
            }
            Some(_) | None if self.blocks(finding) => Disposition::Blocking,
            Some(_) | None => Disposition::Advisory,
        }
    }

    /// Malice blocks whatever its severity and however long it has been there, unless nothing is to
    /// block at all.
    fn of_malicious(&self) -> Disposition {
        match self.options.fail_on {
            FailOn::At(_) => Disposition::Blocking,
            FailOn::Never => Disposition::Advisory,
        }
    }

    fn blocks(&self, finding: &Finding) -> bool {
        let counts = finding.standing == Standing::Introduced || self.existing == Existing::Block;
        finding.action == Action::Block
            && self.options.fail_on.reached_by(finding.severity)
            && finding.confidence > Confidence::Low
            && counts
    }

    fn live_waiver(&self, finding: &Finding) -> Option<&Waiver> {
        self.waivers.iter().find(|waiver| {
            self.holds(waiver)
                && waiver.covers(finding)
                && self.objection(waiver, finding).is_none()
        })
    }

    fn objection(&self, waiver: &Waiver, finding: &Finding) -> Option<&'static str> {
        waiver.objection(finding, self.days_left(waiver))
    }

    fn holds(&self, waiver: &Waiver) -> bool {
        waiver.until() >= self.today && !self.reaches_too_far(waiver)
    }

    fn reaches_too_far(&self, waiver: &Waiver) -> bool {
        self.options.max_waiver_days.is_some_and(|days| self.days_left(waiver) > i64::from(days))
    }

    fn days_left(&self, waiver: &Waiver) -> i64 {
        // Between two dates only days are counted, and there are not too many of them to count.
        self.today.until(waiver.until()).map_or(i64::MAX, |span| i64::from(span.get_days()))
    }

    fn waiver_notices(&self, findings: &[Finding]) -> Vec<Notice> {
        let notices = self.waivers.iter().filter_map(|waiver| {
            let covered: Vec<_> = findings.iter().filter(|f| waiver.covers(f)).collect();
            let (level, remark) = self.remark(waiver, &covered)?;
            Some(Notice::new(level, format!("{waiver} {remark}")))
        });
        notices.collect()
    }

    /// What to say of a waiver: the first of these that is so.
    fn remark(&self, waiver: &Waiver, covered: &[&Finding]) -> Option<(Level, String)> {
        let (until, left) = (waiver.until(), self.days_left(waiver));
        if left < 0 {
            let back = covered.iter().filter(|finding| self.live_waiver(finding).is_none());
            return Some(match back.count() {
                0 => (Level::Note, format!("expired on {until}: remove it")),
                1 => (Level::Warning, format!("expired on {until}: its finding is back")),
                n => (Level::Warning, format!("expired on {until}: its {n} findings are back")),
            });
        }
        if let Some(most) = self.options.max_waiver_days.filter(|_| self.reaches_too_far(waiver)) {
            let remark = format!("does not apply: {until} is more than {most} days ahead");
            return Some((Level::Warning, remark));
        }
        if let Some(objection) = covered.iter().find_map(|it| self.objection(waiver, it)) {
            return Some((Level::Warning, format!("does not apply: {objection}")));
        }
        if covered.is_empty() && self.extent == Extent::Whole {
            return Some((Level::Note, "matches nothing any more: remove it".to_owned()));
        }
        let soon = left <= ANNOUNCED;
        soon.then(|| (Level::Note, format!("expires on {until}, {}", in_days(left))))
    }

    fn expired_notice(&self, findings: &[Finding]) -> Option<Notice> {
        let expired = self.baseline.expired(self.today);
        let (_, first) = expired.first_key_value()?;
        let back = findings.iter().filter(|f| expired.contains_key(&f.fingerprint)).count();
        let level = if back > 0 { Level::Warning } else { Level::Note };
        let (count, rule, path) = (expired.len(), &first.rule, &first.path);
        let entries = if count == 1 { "entry is" } else { "entries are" };
        let text = format!("{count} baseline {entries} past `until` ({rule} in {path})");
        let back =
            if back > 0 { format!(": {back} of the findings are back") } else { String::new() };
        Some(Notice::new(level, format!("{text}{back}")))
    }

    fn stale_notice(&self, findings: &[Finding]) -> Option<Notice> {
        let stale = self.baseline.stale(findings);
        let (_, first) = stale.first_key_value()?;
        (self.extent == Extent::Whole).then(|| {
            let (count, rule, path) = (stale.len(), &first.rule, &first.path);
            let entries = if count == 1 { "entry matches" } else { "entries match" };
            let message = format!("{count} baseline {entries} nothing any more ({rule} in {path})");
            Notice::new(Level::Note, format!("{message}: run `lockkeeper baseline prune`"))
        })
    }
}

fn in_days(left: i64) -> String {
    match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days"),
    }
}
