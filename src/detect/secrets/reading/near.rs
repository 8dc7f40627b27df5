//! What of a text has to be read again when a part of it changes: the runs that the part belongs to.

use super::encoded::{INDENT, LINE_END, WRAPPED, is_digit};
use super::escapes::{APART, LONGEST};
use std::ops::Range;

/// The longest escape, in bytes.
const LONGEST_ESCAPE: usize = 12;

/// The range widened until no run of digits or escapes is cut, but not to before `done`, where none is
/// and which is not behind it; `None` if that is more than anybody writes.
pub(in super::super) fn with_whole_runs(
    text: &[u8],
    range: Range<usize>,
    done: usize,
) -> Option<Range<usize>> {
    let before = |at| digits_before(text, at).or_else(|| escapes_before(text, at));
    let start = earliest(range.start.max(done), done, |at| Some(before(at)?.max(done)))?;
    let mut end = range.end;
    while let Some(more) = digits_after(text, end).or_else(|| escapes_after(text, end)) {
        end = more;
        (end - range.end < LONGEST).then_some(())?;
    }
    Some(start..end)
}

/// Where the first line of a run begins that goes on at `at`, of those from `done` on.
pub(super) fn start_of_run(text: &[u8], at: usize, done: usize) -> Option<usize> {
    earliest(at, done, |at| digits_before(text, at).filter(|start| *start >= done))
}

/// Goes to earlier places for as long as there are any behind `done`.
fn earliest(at: usize, done: usize, before: impl Fn(usize) -> Option<usize>) -> Option<usize> {
    let mut start = at;
    while let Some(more) = (start > done).then(|| before(start)).flatten() {
        start = more;
        (at - start < LONGEST).then_some(())?;
    }
    Some(start)
}

/// An earlier place where a run of digits begins that goes on at `at`.
fn digits_before(text: &[u8], at: usize) -> Option<usize> {
    let head = text.get(..at)?;
    let digits = digits_at_end(head);
    if digits > 0 {
        return Some(at - digits);
    }
    let gap = gap(head.iter().rev());
    let wrapped = head.get(..at - gap).map(digits_at_end).filter(|digits| *digits >= WRAPPED);
    wrapped.filter(|_| gap > 0).map(|digits| at - gap - digits)
}

/// The earliest place near by where an escape begins that may be one of those behind `at`.
fn escapes_before(text: &[u8], at: usize) -> Option<usize> {
    let near = at.saturating_sub(APART + LONGEST_ESCAPE);
    let tail = text.get(near..at)?;
    let line = memchr::memrchr(b'\n', tail).map_or(0, |end| end + 1);
    let escape = memchr::memchr3(b'%', b'\\', b'&', tail.get(line..)?)?;
    Some(near + line + escape)
}

/// A later place where a run of digits ends that begins before `at`.
fn digits_after(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let digits = digits_at_start(rest);
    if digits > 0 {
        return Some(at + digits);
    }
    let gap = gap(rest.iter());
    let goes_on = rest.get(gap).copied().is_some_and(is_digit);
    let wraps = || text.get(..at).map(digits_at_end).is_some_and(|digits| digits >= WRAPPED);
    (gap > 0 && goes_on && wraps()).then_some(at + gap)
}

/// The latest place near by where an escape ends that may be one of those before `at`.
fn escapes_after(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let near = rest.get(..rest.len().min(APART + LONGEST_ESCAPE))?;
    let line = memchr::memchr(b'\n', near).unwrap_or(near.len());
    let escape = memchr::memrchr3(b'%', b'\\', b'&', near.get(..line)?)?;
    Some(text.len().min(at + escape + LONGEST_ESCAPE))
}

/// How many bytes may be between two lines of a run, more than there are in any.
fn gap<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    bytes.take(LINE_END + INDENT + 1).take_while(|byte| b" \t\r\n\\".contains(byte)).count()
}

pub(super) fn digits_at_start(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_digit(**byte)).count()
}

fn digits_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_digit(**byte)).count()
}
