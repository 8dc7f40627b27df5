//! Ruby's versions, as `Gem::Version` reads and orders them
//! (<https://docs.ruby-lang.org/en/master/Gem/Version.html>).
//!
//! Segments are numbers and words. A word sorts before any number, which makes a version with a
//! word a prerelease; a missing segment is a zero; a hyphen means `.pre.`. `Gem::Version` takes the
//! empty text for `0`: here it is refused, since nobody locks or publishes it.

use super::natural::Natural;
use std::cmp::Ordering;

/// A gem's version without the zeros that do not count, so that equality agrees with the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GemVersion(Vec<Segment>);

// The order of variants is the order of versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(Box<str>),
    Number(Natural),
}

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<GemVersion> {
    let text = text.trim_ascii();
    if !is_well_formed(text) {
        return None;
    }
    let segments = segments(&text.replace('-', ".pre."));
    let word = segments.iter().position(|segment| matches!(segment, Segment::Word(_)));
    let (release, rest) = segments.split_at_checked(word.unwrap_or(segments.len()))?;
    Some(GemVersion([without_zeros(release), without_zeros(rest)].concat()))
}

impl GemVersion {
    pub(super) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|segment| matches!(segment, Segment::Word(_)))
    }
}

/// Digits, then dotted letters and digits, then perhaps a hyphen and the same with more hyphens.
fn is_well_formed(text: &str) -> bool {
    let (head, tail) = text.split_once('-').map_or((text, None), |(head, tail)| (head, Some(tail)));
    let alphanumeric =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let hyphenated = |part: &str| alphanumeric(&part.replace('-', "a"));
    let first = head.split('.').next().unwrap_or_default();
    Natural::read(first).is_some()
        && head.split('.').all(alphanumeric)
        && tail.is_none_or(|tail| tail.split('.').all(hyphenated))
}

fn segments(text: &str) -> Vec<Segment> {
    let bytes = text.as_bytes();
    bytes
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit() && *a != b'.' && *b != b'.')
        .filter_map(|run| std::str::from_utf8(run).ok())
        .filter(|run| *run != ".")
        .map(|run| {
            Natural::read(run).map_or_else(|| Segment::Word(Box::from(run)), Segment::Number)
        })
        .collect()
}

fn without_zeros(segments: &[Segment]) -> &[Segment] {
    let zero = |segment: &Segment| matches!(segment, Segment::Number(n) if n.is_zero());
    let keep = segments.iter().rposition(|segment| !zero(segment)).map_or(0, |last| last + 1);
    segments.get(..keep).unwrap_or_default()
}

impl Ord for GemVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number(Natural::zero());
        let length = self.0.len().max(other.0.len());
        (0..length)
            .map(|at| self.0.get(at).unwrap_or(&zero).cmp(other.0.get(at).unwrap_or(&zero)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for GemVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
