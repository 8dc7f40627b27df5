//! Whether an advisory holds against a version: OSV's evaluation
//! (<https://ossf.github.io/osv-schema/#evaluation>) over enumerated versions and ranges.
//!
//! What cannot be compared is neither affected nor safe: [`Answer::UnknownVersion`] and
//! [`Answer::UnknownBound`].

use crate::package::{Ecosystem, Version, VersionError};

/// The versions against which an advisory holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Affected {
    pub(super) versions: Versions,
    pub(super) ranges: Vec<Range>,
}

/// Enumerated versions, one a line: a database lists hundreds of thousands, and most are never
/// looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Versions(Box<str>);

/// One range of an advisory: its events, in no particular order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range(pub(super) Vec<Event>);

/// Where a range begins or ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// Affected from this version on; `0` is before every version.
    Introduced(Box<str>),
    /// No longer affected from this version on.
    Fixed(Box<str>),
    /// Affected up to and with this version.
    LastAffected(Box<str>),
    /// Nothing is said of this version and those after it; `*` is after every version.
    Limit(Box<str>),
}

/// Whether an advisory holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It holds.
    Affected,
    /// It does not.
    Safe,
    /// The package's version cannot be read, so no range can be tried.
    UnknownVersion,
    /// A bound of the advisory cannot be read.
    UnknownBound(VersionError),
}

/// A version to ask about, read once.
pub(super) struct Candidate<'a> {
    ecosystem: Ecosystem,
    text: &'a str,
    parsed: Option<Version>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(ecosystem: Ecosystem, text: &'a str) -> Self {
        Self { ecosystem, text, parsed: Version::parse(ecosystem, text).ok() }
    }

    pub(super) fn parsed(&self) -> Option<&Version> {
        self.parsed.as_ref()
    }

    /// The same version as `text`, by spelling or by order.
    fn is(&self, text: &str) -> bool {
        let same = unprefixed(self.text) == unprefixed(text);
        let equal =
            |version: &Version| Version::parse(self.ecosystem, text).is_ok_and(|v| v == *version);
        same || self.parsed.as_ref().is_some_and(equal)
    }
}

impl Affected {
    /// Whether the candidate is one of these versions.
    pub(super) fn holds(&self, candidate: &Candidate<'_>) -> Answer {
        if self.versions.iter().any(|version| candidate.is(version)) {
            return Answer::Affected;
        }
        let mut answer = Answer::Safe;
        for range in &self.ranges {
            match range.holds(candidate) {
                Answer::Affected => return Answer::Affected,
                Answer::Safe => {}
                unknown @ (Answer::UnknownVersion | Answer::UnknownBound(_)) => answer = unknown,
            }
        }
        answer
    }

    /// The versions that the ranges name as fixed.
    pub(super) fn fixed(&self) -> impl Iterator<Item = &str> {
        self.ranges.iter().flat_map(|range| &range.0).filter_map(|event| match event {
            Event::Fixed(version) => Some(&**version),
            Event::Introduced(_) | Event::LastAffected(_) | Event::Limit(_) => None,
        })
    }

    /// Whether a range takes in every version.
    pub(super) fn is_unbounded(&self) -> bool {
        self.ranges.iter().any(Range::is_unbounded)
    }
}

impl Versions {
    /// Versions that are one a line already.
    pub(super) fn of_lines(lines: &str) -> Self {
        Self(lines.into())
    }

    /// The versions, one a line.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }

    /// These versions and some more.
    pub(super) fn extended<'a>(&'a self, more: impl IntoIterator<Item = &'a str>) -> Self {
        let all: Vec<_> = self.iter().chain(more).collect();
        Self(all.join("\n").into())
    }
}

impl Range {
    fn is_unbounded(&self) -> bool {
        matches!(self.0.as_slice(), [Event::Introduced(version)] if &**version == "0")
    }

    fn holds(&self, candidate: &Candidate<'_>) -> Answer {
        if self.is_unbounded() {
            return Answer::Affected;
        }
        let Some(version) = candidate.parsed() else { return Answer::UnknownVersion };
        match self.contains(candidate.ecosystem, version) {
            Ok(true) => Answer::Affected,
            Ok(false) => Answer::Safe,
            Err(error) => Answer::UnknownBound(error),
        }
    }

    fn contains(&self, ecosystem: Ecosystem, version: &Version) -> Result<bool, VersionError> {
        let mut limits = Vec::new();
        let mut bounds = Vec::new();
        for event in &self.0 {
            match event {
                Event::Introduced(text) => bounds.push((bound(ecosystem, text)?, Edge::Opens)),
                Event::Fixed(text) => bounds.push((bound(ecosystem, text)?, Edge::Closes)),
                Event::LastAffected(text) => bounds.push((bound(ecosystem, text)?, Edge::Last)),
                Event::Limit(text) if &**text == "*" => {
                    return self.without_limits(ecosystem, version);
                }
                Event::Limit(text) => limits.push(Version::parse(ecosystem, text)?),
            }
        }
        let within = limits.is_empty() || limits.iter().any(|limit| version < limit);
        Ok(within && spans(bounds).iter().any(|span| span.contains(version)))
    }

    fn without_limits(
        &self,
        ecosystem: Ecosystem,
        version: &Version,
    ) -> Result<bool, VersionError> {
        let events = self.0.iter().filter(|event| !matches!(event, Event::Limit(_)));
        Self(events.cloned().collect()).contains(ecosystem, version)
    }
}

/// A version in a range's order; `None` is before every version.
type Bound = Option<Version>;

fn bound(ecosystem: Ecosystem, text: &str) -> Result<Bound, VersionError> {
    if text == "0" { Ok(None) } else { Version::parse(ecosystem, text).map(Some) }
}

/// In the order in which they are tried at one version: a span may begin where another was fixed,
/// and may consist of its first version alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Closes,
    Opens,
    Last,
}

/// Affected versions without a gap.
struct Span {
    from: Bound,
    until: Until,
}

enum Until {
    Before(Bound),
    With(Bound),
    Forever,
}

impl Span {
    fn contains(&self, version: &Version) -> bool {
        let version = Some(version);
        self.from.as_ref() <= version
            && match &self.until {
                Until::Before(end) => version < end.as_ref(),
                Until::With(end) => version <= end.as_ref(),
                Until::Forever => true,
            }
    }
}

/// The spans between the bounds. `introduced` and `fixed` at one version mean two spans that touch
/// where a span is open there, and an empty span where none is: both occur.
fn spans(mut bounds: Vec<(Bound, Edge)>) -> Vec<Span> {
    bounds.sort();
    let mut spans = Vec::new();
    let mut open: Option<Bound> = None;
    let mut empty: Option<Bound> = None;
    for (at, edge) in bounds {
        match (edge, open.take()) {
            (Edge::Opens, None) if empty.as_ref() == Some(&at) => {}
            (Edge::Opens, None) => open = Some(at),
            (Edge::Opens, already) => open = already,
            (Edge::Closes, Some(from)) => spans.push(Span { from, until: Until::Before(at) }),
            (Edge::Last, Some(from)) => spans.push(Span { from, until: Until::With(at) }),
            (Edge::Closes, None) => empty = Some(at),
            (Edge::Last, None) => {}
        }
    }
    spans.extend(open.map(|from| Span { from, until: Until::Forever }));
    spans
}

/// A version without the `v` that tags of Go modules, actions and others have and advisories leave
/// out.
fn unprefixed(version: &str) -> &str {
    let bare = version.strip_prefix('v').unwrap_or(version);
    if bare.starts_with(|c: char| c.is_ascii_digit()) { bare } else { version }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(text: &str) -> Range {
        let events = text.split_whitespace().map(|event| match event.split_at(1) {
            ("+", version) => Event::Introduced(version.into()),
            ("-", version) => Event::Fixed(version.into()),
            ("=", version) => Event::LastAffected(version.into()),
            (_, version) => Event::Limit(version.into()),
        });
        Range(events.collect())
    }

    /// Which of the versions 1.0 to 1.9 are affected, by their last digits.
    fn affected(events: &str) -> String {
        let affected = Affected { ranges: vec![range(events)], ..Affected::default() };
        let hit = |minor: &u32| {
            let version = format!("1.{minor}.0");
            affected.holds(&Candidate::new(Ecosystem::Npm, &version)) == Answer::Affected
        };
        (0..10).filter(hit).map(|minor| minor.to_string()).collect()
    }

    #[test]
    fn a_range_ends_before_its_fix_and_with_its_last_version() {
        assert_eq!(affected("+0 -1.3.0"), "012");
        assert_eq!(affected("+1.1.0 =1.3.0"), "123");
        assert_eq!(affected("+1.8.0"), "89");
    }

    #[test]
    fn the_order_of_events_does_not_matter() {
        assert_eq!(affected("-1.9.0 +1.7.0 -1.2.0 +0"), "0178");
    }

    #[test]
    fn spans_may_touch_where_one_is_open_and_be_empty_where_none_is() {
        assert_eq!(affected("+0 -1.2.0 +1.2.0 -1.4.0"), "0123");
        assert_eq!(affected("+0 -1.2.0 +1.5.0 -1.5.0"), "01");
        assert_eq!(affected("+1.5.0 =1.5.0"), "5");
    }

    #[test]
    fn limits_cut_a_range_unless_one_is_infinite() {
        assert_eq!(affected("+1.2.0 <1.4.0"), "23");
        assert_eq!(affected("+1.2.0 <1.4.0 <1.6.0"), "2345");
        assert_eq!(affected("+1.6.0 <1.4.0 <*"), "6789");
    }

    #[test]
    fn enumerated_versions_count_beside_ranges() {
        let affected = Affected {
            versions: Versions::default().extended(["1.5.0", "odd"]),
            ranges: vec![range("+0 -1.1.0")],
        };
        let ask = |version| affected.holds(&Candidate::new(Ecosystem::Npm, version));
        assert_eq!(ask("1.5.0"), Answer::Affected);
        assert_eq!(ask("odd"), Answer::Affected);
        assert_eq!(ask("1.0.0"), Answer::Affected);
        assert_eq!(ask("1.4.0"), Answer::Safe);
    }

    #[test]
    fn enumerated_versions_are_compared_as_their_ecosystem_does() {
        let holds = |ecosystem, listed, asked| {
            let versions = Versions::default().extended([listed]);
            let affected = Affected { versions, ranges: Vec::new() };
            affected.holds(&Candidate::new(ecosystem, asked)) == Answer::Affected
        };
        assert!(holds(Ecosystem::Packagist, "1.2", "v1.2.0"));
        assert!(holds(Ecosystem::Maven, "1.0", "1.0.0.Final"));
        assert!(holds(Ecosystem::NuGet, "1.0.0-Beta", "1.0.0.0-beta"));
        assert!(holds(Ecosystem::GitHubActions, "main", "main"));
        assert!(!holds(Ecosystem::Cran, "1.0", "1.0.0"));
        assert!(!holds(Ecosystem::Packagist, "dev-main", "dev-next"));
    }

    #[test]
    fn several_ranges_add_up_and_prereleases_of_a_fix_are_affected() {
        let ranges = vec![range("+1.5.0 -1.6.0"), range("+0 =1.1.0")];
        let affected = Affected { ranges, ..Affected::default() };
        let ask = |version| affected.holds(&Candidate::new(Ecosystem::Npm, version));
        let answers = ["1.1.0", "1.1.1", "1.6.0-rc.1", "1.6.0", "0.0.0-a"].map(ask);
        let (hit, miss) = (Answer::Affected, Answer::Safe);
        assert_eq!(answers, [hit.clone(), miss.clone(), hit.clone(), miss, hit]);
    }

    #[test]
    fn go_versions_match_with_and_without_their_v() {
        let versions = Versions::default().extended(["1.2.3"]);
        let affected = Affected { versions, ranges: Vec::new() };
        assert_eq!(affected.holds(&Candidate::new(Ecosystem::Go, "v1.2.3")), Answer::Affected);
    }

    #[test]
    fn a_version_that_cannot_be_read_is_affected_by_an_unbounded_range_alone() {
        let unread = Candidate { ecosystem: Ecosystem::Npm, text: "main", parsed: None };
        let ask =
            |events| Affected { ranges: vec![range(events)], ..Affected::default() }.holds(&unread);
        assert_eq!(ask("+0"), Answer::Affected);
        assert_eq!(ask("+0 -1.0.0"), Answer::UnknownVersion);
    }

    proptest! {
        #[test]
        fn a_fix_never_affects_itself_and_what_precedes_it_is_affected(
            from in 0_u32..9, length in 1_u32..9,
        ) {
            let fixed = (from + length).min(9);
            prop_assume!(fixed > from);
            let hit = affected(&format!("-1.{fixed}.0 +1.{from}.0"));
            prop_assert_eq!(hit, (from..fixed).map(|minor| minor.to_string()).collect::<String>());
        }
    }
}
