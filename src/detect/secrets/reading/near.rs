//! What of a text has to be read again when a part of it changes: the runs that the part belongs to.

use super::encoded::{WRAPPED, is_digit};
use super::escapes::{APART, LONGEST};
use std::ops::Range;

/// The longest escape, in bytes.
const LONGEST_ESCAPE: usize = 12;

/// The range widened until no run of digits or escapes is cut, but not to before `done`, where none is;
/// `None` if that is more than anybody writes.
pub(in super::super) fn with_whole_runs(
    text: &[u8],
    range: Range<usize>,
    done: usize,
) -> Option<Range<usize>> {
    let (mut start, mut end) = (range.start.max(done), range.end.max(done));
    while let Some(more) = before(text, start).filter(|_| start > done) {
        start = more.max(done);
        (range.start.saturating_sub(start) < LONGEST).then_some(())?;
    }
    while let Some(more) = after(text, end) {
        end = more;
        (end - range.end.max(done) < LONGEST).then_some(())?;
    }
    Some(start..end)
}

/// An earlier place where a run begins that goes on at `at`.
fn before(text: &[u8], at: usize) -> Option<usize> {
    let head = text.get(..at)?;
    let digits = digits_at_end(head);
    if digits > 0 {
        return Some(at - digits);
    }
    let gap = head.iter().rev().take_while(|byte| b" \t\r\n\\".contains(byte)).count();
    let wrapped = head.get(..at - gap).map(digits_at_end).filter(|digits| *digits >= WRAPPED);
    if let Some(digits) = wrapped.filter(|_| gap > 0) {
        return Some(at - gap - digits);
    }
    let near = at.saturating_sub(APART + LONGEST_ESCAPE);
    let tail = head.get(near..)?;
    let line = memchr::memrchr(b'\n', tail).map_or(0, |end| end + 1);
    let escape = memchr::memrchr3(b'%', b'\\', b'&', tail.get(line..)?)?;
    Some(near + line + escape)
}

/// A later place where a run ends that begins before `at`.
fn after(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let digits = rest.iter().take_while(|byte| is_digit(**byte)).count();
    if digits > 0 {
        return Some(at + digits);
    }
    let gap = rest.iter().take_while(|byte| b" \t\r\n\\".contains(byte)).count();
    let wraps = digits_at_end(text.get(..at)?) >= WRAPPED;
    let goes_on = rest.get(gap).copied().is_some_and(is_digit);
    if gap > 0 && wraps && goes_on {
        return Some(at + gap);
    }
    let near = rest.get(..rest.len().min(APART + LONGEST_ESCAPE))?;
    let line = memchr::memchr(b'\n', near).unwrap_or(near.len());
    let escape = memchr::memchr3(b'%', b'\\', b'&', near.get(..line)?)?;
    Some(text.len().min(at + escape + LONGEST_ESCAPE))
}

fn digits_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_digit(**byte)).count()
}
