//! Secrets that another scanner's file accepts, found again by their line or by their value's SHA-1.

use super::Detector;
use super::candidate::Candidate;
use super::introduced::Reporter;
use super::reading::{Budget, surfaces};
use crate::finding::{Finding, Salt};
use crate::source::Change;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;

/// What is known of a secret without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// A line on which it stands, counted from one.
    Line(u32),
    /// The SHA-1 of its value, in lower-case hexadecimal.
    Sha1(&'a str),
}

impl Detector {
    /// The secrets of a file that are recorded, one for each value. They are given names as those of
    /// a scan are.
    pub fn recorded(
        &self,
        change: &Change<'_>,
        salt: &dyn Fn() -> Salt,
        record: Record<'_>,
    ) -> Vec<Finding> {
        let surfaces = surfaces(change.bytes);
        let mut budget = Budget::of(change.bytes.len());
        let mut candidates = self.candidates(change.path, &surfaces, &mut budget);
        candidates.retain(|found| {
            let surface = surfaces.get(found.surface);
            surface.is_some_and(|surface| self.is(found, &surface.text, record))
        });
        if candidates.is_empty() {
            return Vec::new();
        }
        let mut reporter = Reporter::new(self, change, change.path, &surfaces, salt());
        candidates.iter().filter_map(|found| reporter.report(found, &|_, _| ())).collect()
    }

    fn is(&self, found: &Candidate, text: &[u8], record: Record<'_>) -> bool {
        match record {
            Record::Sha1(wanted) => hex(&Sha1::digest(&found.value)) == wanted,
            // A match may begin above its secret, and a key go on below.
            Record::Line(wanted) => {
                let Some(matcher) = self.matchers.get(found.found.rule) else { return false };
                let mut places = std::iter::once(&found.origin).chain(&found.again);
                places.any(|place| {
                    let start = matcher.whole(text, place).start;
                    (line(text, start)..=line(text, place.end)).contains(&(wanted as usize))
                })
            }
        }
    }
}

fn line(text: &[u8], offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    memchr::memchr_iter(b'\n', before).count() + 1
}

fn hex(digest: &[u8]) -> String {
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}
