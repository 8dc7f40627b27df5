//! Which versions an advisory is about, by OSV's evaluation rules
//! (<https://ossf.github.io/osv-schema/#evaluation>).

use super::rustsec::Unless;
use crate::package::{Ecosystem, Version};

/// Which versions an advisory is about.
#[derive(Debug, Clone)]
pub enum Affects {
    /// OSV: ranges and enumerated versions.
    Ranges {
        /// The ranges; a version in any of them is affected.
        ranges: Vec<Vec<Event>>,
        /// Versions named one by one.
        versions: Vec<String>,
    },
    /// RustSec: every version but those that are patched or were never affected.
    Unless(Unless),
}

/// One bound of a range, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// From this version on; `0` is before every version.
    Introduced(String),
    /// Before this version.
    Fixed(String),
    /// Up to and with this version.
    LastAffected(String),
    /// The range says nothing from this version on.
    Limit(String),
}

impl Event {
    fn text(&self) -> &str {
        match self {
            Self::Introduced(text)
            | Self::Fixed(text)
            | Self::LastAffected(text)
            | Self::Limit(text) => text,
        }
    }
}

/// Whether a version is affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The versions cannot be compared; why.
    Unknown(String),
}

/// A bound that can be compared.
enum Bound {
    /// Before every version.
    Zero,
    At(Version),
}

impl Affects {
    /// Whether `version` of a package of `ecosystem` is affected.
    pub fn includes(&self, ecosystem: Ecosystem, version: &str) -> Answer {
        match self {
            Self::Unless(unless) => unless.includes(version),
            Self::Ranges { ranges, versions } => {
                if versions.iter().any(|listed| listed == version) {
                    return Answer::Yes;
                }
                match Version::parse(ecosystem, version) {
                    Ok(parsed) => in_any(&parsed, ecosystem, ranges, versions),
                    Err(error) => Answer::Unknown(error.to_string()),
                }
            }
        }
    }

    /// The versions that fix it, lowest first, as written.
    pub fn fixed(&self, ecosystem: Ecosystem) -> Vec<String> {
        match self {
            Self::Unless(unless) => unless.fixed(),
            Self::Ranges { ranges, .. } => {
                let fixed = ranges.iter().flatten().filter_map(|event| match event {
                    Event::Fixed(text) => Version::parse(ecosystem, text).ok().map(|v| (v, text)),
                    Event::Introduced(_) | Event::LastAffected(_) | Event::Limit(_) => None,
                });
                let mut fixed: Vec<_> = fixed.collect();
                fixed.sort();
                fixed.dedup();
                fixed.into_iter().map(|(_, text)| text.clone()).collect()
            }
        }
    }
}

/// An equal version under another spelling (`1.0` for `1.0.0`) counts as listed.
fn in_any(
    version: &Version,
    ecosystem: Ecosystem,
    ranges: &[Vec<Event>],
    versions: &[String],
) -> Answer {
    let parsed = versions.iter().filter_map(|listed| Version::parse(ecosystem, listed).ok());
    if ranges.is_empty() && parsed.into_iter().any(|listed| listed == *version) {
        return Answer::Yes;
    }
    let mut unknown = Answer::No;
    for range in ranges {
        match in_range(version, ecosystem, range) {
            Answer::Yes => return Answer::Yes,
            Answer::No => {}
            Answer::Unknown(why) => unknown = Answer::Unknown(why),
        }
    }
    unknown
}

/// Events decide in the order of their versions. At one version a stretch may end and the next begin
/// (`fixed`, then `introduced`), or begin and end (`introduced`, then `last_affected`).
fn in_range(version: &Version, ecosystem: Ecosystem, events: &[Event]) -> Answer {
    let mut bounds = Vec::with_capacity(events.len());
    for event in events {
        let bound = match event.text() {
            "0" => Bound::Zero,
            text => match Version::parse(ecosystem, text) {
                Ok(at) => Bound::At(at),
                Err(error) => return Answer::Unknown(format!("the advisory's bound: {error}")),
            },
        };
        bounds.push((bound, event));
    }
    let limits = || bounds.iter().filter(|(_, event)| matches!(event, Event::Limit(_)));
    if limits().count() > 0 && limits().all(|(limit, _)| !limit.is_above(version)) {
        return Answer::No;
    }
    bounds.sort_by(|(a, x), (b, y)| {
        let rank = |event: &Event| match event {
            Event::Fixed(_) | Event::Limit(_) => 0,
            Event::Introduced(_) => 1,
            Event::LastAffected(_) => 2,
        };
        a.version().cmp(&b.version()).then(rank(x).cmp(&rank(y)))
    });
    let mut affected = false;
    for (bound, event) in &bounds {
        match event {
            Event::Introduced(_) if !bound.is_above(version) => affected = true,
            Event::Fixed(_) if !bound.is_above(version) => affected = false,
            Event::LastAffected(_) if bound.version().is_none_or(|at| at < version) => {
                affected = false;
            }
            Event::Introduced(_) | Event::Fixed(_) | Event::LastAffected(_) | Event::Limit(_) => {}
        }
    }
    if affected { Answer::Yes } else { Answer::No }
}

impl Bound {
    /// `None`, which sorts first, is before every version.
    fn version(&self) -> Option<&Version> {
        match self {
            Self::Zero => None,
            Self::At(version) => Some(version),
        }
    }

    fn is_above(&self, version: &Version) -> bool {
        self.version().is_some_and(|at| at > version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(events: &[Event], version: &str) -> Answer {
        let affects = Affects::Ranges { ranges: vec![events.to_vec()], versions: Vec::new() };
        affects.includes(Ecosystem::CratesIo, version)
    }

    fn introduced(text: &str) -> Event {
        Event::Introduced(text.to_owned())
    }

    fn fixed(text: &str) -> Event {
        Event::Fixed(text.to_owned())
    }

    #[test]
    fn events_decide_in_the_order_of_their_versions_however_they_are_written() {
        let events = [fixed("2.0.0"), introduced("1.10.0"), fixed("1.9.0"), introduced("0")];
        let affected = ["0.0.1", "1.8.9", "1.10.0", "1.99.0"];
        assert!(affected.iter().all(|version| range(&events, version) == Answer::Yes));
        assert!(
            ["1.9.0", "1.9.5", "2.0.0"].iter().all(|version| range(&events, version) == Answer::No)
        );
    }

    #[test]
    fn the_last_affected_version_is_affected() {
        let events = [introduced("1.0.0"), Event::LastAffected("1.5.0".to_owned())];
        assert_eq!(range(&events, "1.5.0"), Answer::Yes);
        assert_eq!(range(&events, "1.5.1"), Answer::No);
        assert_eq!(range(&events, "0.9.9"), Answer::No);
    }

    #[test]
    fn a_range_may_be_a_single_version() {
        let events = [Event::LastAffected("3.7.2".to_owned()), introduced("3.7.2")];
        assert_eq!(range(&events, "3.7.2"), Answer::Yes);
        assert_eq!(range(&events, "8.4.0"), Answer::No);
    }

    #[test]
    fn a_limit_ends_what_the_range_speaks_of() {
        let events = [introduced("0"), Event::Limit("2.0.0".to_owned())];
        assert_eq!(range(&events, "1.9.9"), Answer::Yes);
        assert_eq!(range(&events, "2.0.0"), Answer::No);
    }

    #[test]
    fn what_cannot_be_compared_is_said_and_not_dropped() {
        assert!(matches!(range(&[introduced("one")], "1.0.0"), Answer::Unknown(_)));
        assert!(matches!(range(&[introduced("0")], "one"), Answer::Unknown(_)));
        let listed = Affects::Ranges { ranges: Vec::new(), versions: vec!["one".to_owned()] };
        assert_eq!(listed.includes(Ecosystem::CratesIo, "one"), Answer::Yes);
    }

    #[test]
    fn fixes_are_listed_lowest_first() {
        let affects = Affects::Ranges {
            ranges: vec![vec![fixed("10.0.0")], vec![fixed("9.0.0"), introduced("0")]],
            versions: Vec::new(),
        };
        assert_eq!(affects.fixed(Ecosystem::CratesIo), ["9.0.0", "10.0.0"]);
    }
}
