//! Which matches a change brought, as findings. Here the secret's value is seen for the last time.

use super::matcher::{Match, Matcher};
use super::reading::Reading;
use crate::finding::{
    Finding, Fingerprint, LineCol, LineIndex, Location, Redacted, Salt, Standing, Subject,
};
use crate::source::Change;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

/// How much of a line on either side of a secret counts for its fingerprint, in bytes: enough to
/// know the line again, and a bound for lines without end.
const CONTEXT: usize = 160;

/// The matches whose value is new, one for each value: the surest, then the first.
pub(super) fn introduced<'m>(
    matches: &'m [Match],
    reading: &Reading<'_>,
    change: &Change<'_>,
) -> Vec<&'m Match> {
    let mut by_confidence: Vec<_> = matches.iter().collect();
    by_confidence.sort_by_key(|found| Reverse(found.confidence));
    let mut values = BTreeSet::new();
    by_confidence.retain(|found| {
        let origin = reading.origin(&found.secret);
        let value = change.bytes.get(origin.clone()).unwrap_or_default();
        change.is_new(&origin) && values.insert(value)
    });
    by_confidence.retain(|found| {
        let value = change.bytes.get(reading.origin(&found.secret)).unwrap_or_default();
        !change.was_there(value)
    });
    by_confidence.sort_by_key(|found| found.secret.start);
    by_confidence
}

/// Turns matches into findings. Matches are given in the order of their places.
pub(super) struct Reporter<'a> {
    matchers: &'a [Matcher],
    /// Every match in the text, whether it is reported or not.
    all: &'a [Match],
    text: &'a [u8],
    lines: LineIndex<'a>,
    change: &'a Change<'a>,
    salt: Salt,
    last: Option<Place>,
}

/// A place on a line, from which the next one on the same line is counted.
#[derive(Clone, Copy)]
struct Place {
    offset: usize,
    at: LineCol,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(
        matchers: &'a [Matcher],
        all: &'a [Match],
        text: &'a [u8],
        change: &'a Change<'a>,
        salt: Salt,
    ) -> Self {
        Self { matchers, all, text, lines: LineIndex::new(text), change, salt, last: None }
    }

    /// The finding for a match.
    pub(super) fn report(&mut self, found: &Match) -> Option<Finding> {
        let rule = &self.matchers.get(found.rule)?.rule;
        let value = self.text.get(found.secret.clone())?;
        let (start, end) = (self.place(found.secret.start), self.place(found.secret.end));
        let parts = [rule.id.as_str().as_bytes(), &self.masked_line(&found.secret), value];
        let doubt = found.doubt.map(|why| format!(" ({why})")).unwrap_or_default();
        Some(Finding {
            rule: rule.id.clone(),
            severity: rule.severity,
            confidence: found.confidence,
            action: found.action,
            standing: Standing::Introduced,
            message: format!("{}{doubt}", rule.title),
            fix: rule.fix.clone(),
            subject: Subject::Secret(Redacted::new(&self.salt, value, &rule.public_prefix)),
            location: Location {
                path: self.change.path.clone(),
                start,
                end,
                commit: self.change.commit.cloned(),
            },
            fingerprint: Fingerprint::new(&self.salt, &parts),
            line_hash: None,
            allow: None,
        })
    }

    /// The line and column of an offset. Columns are counted from the last place where that is on
    /// the same line, so that a line of many secrets is read once.
    fn place(&mut self, offset: usize) -> LineCol {
        let line = self.lines.line_range(offset);
        let known = self.last.filter(|last| (line.start..=offset).contains(&last.offset));
        let at = known.map_or_else(
            || self.lines.line_col(offset),
            |known| LineCol {
                column: known.at.column.saturating_add(self.code_points(known.offset..offset)),
                ..known.at
            },
        );
        self.last = Some(Place { offset, at });
        at
    }

    fn code_points(&self, range: Range<usize>) -> u32 {
        let chunks = self.text.get(range).unwrap_or_default().utf8_chunks();
        let count: usize = chunks.map(|c| c.valid().chars().count() + c.invalid().len()).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The line on which a secret begins, with every secret on it masked and its spaces made one, so
    /// that neither another secret beside it nor its indentation changes its identity.
    fn masked_line(&self, secret: &Range<usize>) -> Vec<u8> {
        let line = self.lines.line_range(secret.start);
        let start = line.start.max(secret.start.saturating_sub(CONTEXT));
        let end = line.end.min(secret.end.saturating_add(CONTEXT));
        let first = self.all.partition_point(|found| found.secret.end <= start);
        let mut masked = Vec::new();
        let mut at = start;
        for other in self.all.iter().skip(first).take_while(|found| found.secret.start < end) {
            masked.extend(self.text.get(at..other.secret.start).unwrap_or_default());
            masked.extend(b"***");
            at = other.secret.end;
        }
        masked.extend(self.text.get(at..end).unwrap_or_default());
        collapse(&masked)
    }
}

/// The bytes with each run of white space as one space and none at the ends.
fn collapse(line: &[u8]) -> Vec<u8> {
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}
