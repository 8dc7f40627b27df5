//! Runs of base 64 and hexadecimal digits that decode to text.
//!
//! A text is passed over eight bytes at a time where its words are short; else only every twentieth
//! byte or so is looked at until one lies in a run long enough. A run is decoded only if a sample of it
//! decodes to printable text: in base 64 every fourth digit of ASCII text is one of twenty-four, so that
//! most runs of other kinds are left after one look.
//! The digits of both alphabets (RFC 4648 sections 4 and 5) are taken for one.

use super::near::{digits_at_start, start_of_run};
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// The shortest run that is tried: eighteen bytes in base 64.
pub(in super::super) const SHORTEST: usize = 24;

/// The shortest run in a manifest of Kubernetes secrets, where every value is encoded.
const SHORTEST_OF_MANIFEST: usize = 8;

/// The shortest run of hexadecimal digits.
const SHORTEST_HEX: usize = 32;

/// How many digits are decoded to see whether it is worth decoding all.
const SAMPLE: usize = 24;

/// The shortest line of a run that goes on on the next.
pub(super) const WRAPPED: usize = 40;

/// The longest line end, and the longest indentation behind it, within a run, in bytes.
pub(super) const LINE_END: usize = 4;
pub(super) const INDENT: usize = 256;

/// What the manifest of a Kubernetes secret says of itself.
pub(in super::super) const MANIFEST: [&str; 3] =
    ["kind: Secret", "\"kind\": \"Secret\"", "\"kind\":\"Secret\""];

/// The word that all of them have.
static SECRET: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Secret"));

/// Which bytes are digits of either alphabet: most bytes of a text are asked.
static DIGITS: LazyLock<[bool; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| u8::try_from(byte).is_ok_and(|byte| value(byte).is_some()))
});

/// What zip and gzip begin with, in base 64.
const PACKED: [&[u8]; 2] = [b"UEsDB", b"H4sI"];

/// A stretch of a text and what it decodes to.
pub(super) struct Run {
    /// Where it is.
    pub(super) range: Range<usize>,
    /// What it decodes to.
    pub(super) decoded: Vec<u8>,
    /// For each decoded byte, where it begins.
    pub(super) at: Vec<u32>,
}

impl Run {
    /// Whether what it decodes to is text of two bytes a character.
    pub(super) fn wide(&self) -> bool {
        self.decoded.iter().take(SAMPLE).filter(|byte| **byte == 0).count() >= 4
    }
}

/// Gives every run that decodes to text to `take`, until that says that it is enough.
pub(super) fn runs(text: &[u8], take: &mut dyn FnMut(Run) -> bool) {
    let shortest = if is_manifest(text) { SHORTEST_OF_MANIFEST } else { SHORTEST };
    let mut from = 0;
    while let Some(run) = next_run(text, from, shortest) {
        let lines = wrapped(text, run);
        from = lines.last().map_or(text.len(), |line| line.end);
        let decoded = decode_hex(text, &lines).or_else(|| decode_base64(text, &lines, shortest));
        if decoded.is_some_and(|run| !take(run)) {
            return;
        }
    }
}

/// Calls `found` with the lines of the runs that show in a range as [`SHORTEST`] digits and decode to
/// text, but not before `done`, where they are known. A line that would decode if it were the first of
/// its run is one too, and so is one that is farther from the first than anybody writes. Returns where
/// the last ends.
pub(super) fn each_line(
    text: &[u8],
    range: &Range<usize>,
    mut done: usize,
    found: &mut dyn FnMut(Range<usize>),
) -> usize {
    let shown = text.get(..range.end).unwrap_or(text);
    while let Some(run) = next_run(shown, range.start.max(done), SHORTEST) {
        let known = start_of_run(text, run.start, done);
        let start = known.unwrap_or(run.start);
        let digits = digits_at_start(text.get(start..).unwrap_or_default());
        let lines = wrapped(text, start..start + digits);
        done = lines.last().map_or(text.len(), |line| line.end);
        let decodes = |line: &Range<usize>| known.is_none() || decodes(text, line);
        lines.into_iter().skip_while(|line| !decodes(line)).for_each(&mut *found);
    }
    done
}

/// Whether a run that begins with this line decodes to text.
fn decodes(text: &[u8], line: &Range<usize>) -> bool {
    let digits = text.get(line.clone()).filter(|digits| digits.len() >= SHORTEST);
    let start = |digits| start_of_hex(digits).or_else(|| start_of_base64(digits, SHORTEST));
    digits.and_then(start).is_some()
}

/// Whether a text is the manifest of a Kubernetes secret.
pub(in super::super) fn is_manifest(text: &[u8]) -> bool {
    let head = text.get(..text.len().min(64 << 10)).unwrap_or_default();
    SECRET.find_iter(head).any(|at| {
        let around = |said: &str| {
            let start = at.checked_sub(said.find("Secret")?)?;
            Some(head.get(start..)?.starts_with(said.as_bytes()))
        };
        MANIFEST.iter().any(|said| around(said).unwrap_or_default())
    })
}

/// Whether a text is what a manifest says of itself.
pub(in super::super) fn says_manifest(text: &[u8]) -> bool {
    MANIFEST.iter().any(|said| said.as_bytes() == text)
}

/// The first run of digits at or after `from` that is no shorter than `shortest`.
fn next_run(text: &[u8], from: usize, shortest: usize) -> Option<Range<usize>> {
    // Taken out of its lock once.
    let digits = &*DIGITS;
    let is_digit = |byte: u8| digits.get(usize::from(byte)).copied().unwrap_or_default();
    // From `start` to `known` there are digits alone.
    let (mut start, mut known) = (from, from);
    loop {
        if shortest >= SHORTEST {
            start = next_long_word(text, start);
            known = known.max(start);
        }
        let end = start + shortest;
        let (unknown, after) = (text.get(known..end)?, text.get(end..)?);
        let Some(other) = unknown.iter().rposition(|byte| !is_digit(*byte)) else {
            let more = after.iter().position(|byte| !is_digit(*byte)).unwrap_or(after.len());
            return Some(start..end + more);
        };
        (start, known) = (known + other + 1, end);
    }
}

/// A place before which no run of [`SHORTEST`] digits begins: what separates words in most texts comes
/// before all digits in ASCII, and such a run holds two pieces of eight bytes without any of that.
fn next_long_word(text: &[u8], from: usize) -> usize {
    let pieces = text.get(from..).unwrap_or_default().as_chunks::<8>().0;
    let mut last = true;
    for (piece, at) in pieces.iter().zip((from..).step_by(8)) {
        let separated = has_less(*piece, b'+');
        if !separated && !last {
            // It may begin with the end of the piece before these two.
            return at.saturating_sub(8 + 7).max(from);
        }
        last = separated;
    }
    text.len()
}

/// Whether one of eight bytes is less than another, which is ASCII (Bit Twiddling Hacks, "Determine if
/// a word has a byte less than n").
fn has_less(bytes: [u8; 8], than: u8) -> bool {
    let word = u64::from_le_bytes(bytes);
    word.wrapping_sub(u64::from_le_bytes([than; 8])) & !word & u64::from_le_bytes([0x80; 8]) != 0
}

/// A run with those on the lines below it that go on with it: as long as the first, and one that is
/// shorter.
fn wrapped(text: &[u8], first: Range<usize>) -> Vec<Range<usize>> {
    let length = first.len();
    let mut lines = vec![first];
    while let Some(last) = lines.last().filter(|last| last.len() == length && length >= WRAPPED) {
        let rest = text.get(last.end..).unwrap_or_default();
        let Some(gap) = line_end(rest) else { break };
        let start = last.end + gap;
        let digits = text.get(start..).unwrap_or_default().iter().take(length + 1);
        let count = digits.take_while(|byte| value(**byte).is_some()).count();
        if count == 0 || count > length {
            break;
        }
        lines.push(start..start + count);
    }
    lines
}

/// The length of a line end and the indentation behind it; the line end may be written as `\n`.
fn line_end(text: &[u8]) -> Option<usize> {
    let end = [b"\r\n".as_slice(), b"\n", b"\\r\\n", b"\\n"];
    let end = end.into_iter().find(|end| text.starts_with(end))?.len();
    let blanks = text.get(end..)?.iter().take(INDENT + 1);
    let blanks = blanks.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    (blanks <= INDENT).then_some(end + blanks)
}

fn decode_base64(text: &[u8], lines: &[Range<usize>], shortest: usize) -> Option<Run> {
    let first = text.get(lines.first()?.clone())?;
    let skip = start_of_base64(first, shortest)?;
    let digits = lines.iter().cloned().flatten().skip(skip);
    let mut run = Run { range: span(lines)?, decoded: Vec::new(), at: Vec::new() };
    let (mut bits, mut count, mut starts) = (0_u32, 0, 0_usize);
    for at in digits {
        let digit = text.get(at).copied().and_then(value)?;
        if count == 0 {
            starts = at;
        }
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            run.decoded.push(u8::try_from((bits >> count) & 0xFF).unwrap_or_default());
            run.at.push(u32::try_from(starts).unwrap_or(u32::MAX));
            starts = at;
        }
    }
    Some(run)
}

/// How many digits of a line are no part of what it decodes to, if that is text or packed.
fn start_of_base64(digits: &[u8], shortest: usize) -> Option<usize> {
    let packed = PACKED.iter().any(|magic| digits.starts_with(magic));
    if packed { Some(0) } else { alignment(digits, shortest) }
}

/// At which of four digits a run begins to decode to text: a path or a name may run into it.
fn alignment(digits: &[u8], shortest: usize) -> Option<usize> {
    let sample = SAMPLE.min(digits.len() - digits.len() % 4);
    let reads = |start: usize| {
        let sample = digits.get(start..start + sample);
        sample.is_some_and(|sample| may_be_text(sample) && is_text(sample))
    };
    if reads(0) {
        return Some(0);
    }
    if shortest < SHORTEST || digits.len() < SAMPLE + 4 {
        return None;
    }
    let middle = ((digits.len() - SAMPLE) / 2).next_multiple_of(4);
    (0..4).find(|skip| reads(middle + skip)).or_else(|| (1..4).find(|skip| reads(*skip)))
}

/// Whether every fourth digit is one with which a byte of ASCII text, or the zero between the bytes
/// of UTF-16, begins.
fn may_be_text(digits: &[u8]) -> bool {
    let first = digits.iter().step_by(4).copied().filter_map(value);
    first.into_iter().all(|value| (8..32).contains(&value) || matches!(value, 0 | 2 | 3))
}

fn is_text(digits: &[u8]) -> bool {
    let mut decoded = Vec::with_capacity(digits.len());
    for quad in digits.chunks_exact(4) {
        let bits = quad.iter().filter_map(|digit| value(*digit));
        let bits = bits.fold(0_u32, |bits, value| (bits << 6) | u32::from(value));
        decoded.extend(bits.to_be_bytes().into_iter().skip(1));
    }
    let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    let (even, odd): (Vec<_>, Vec<_>) =
        decoded.as_chunks::<2>().0.iter().map(|[even, odd]| (*even, *odd)).unzip();
    let wide = |text: &[u8], zeros: &[u8]| {
        text.len() >= 4 && text.iter().all(printable) && zeros.iter().all(|byte| *byte == 0)
    };
    decoded.iter().all(printable) || wide(&even, &odd) || wide(&odd, &even)
}

/// The same of hexadecimal digits: `0x` before them, or an `x'`, is no part of them.
fn start_of_hex(digits: &[u8]) -> Option<usize> {
    let foreign = digits.iter().take(3).rposition(|byte| !byte.is_ascii_hexdigit());
    let skip = foreign.map_or(0, |at| at + 1);
    let high = |byte: &u8| matches!(byte, b'2'..=b'7');
    let sample = digits.get(skip..)?;
    let likely = sample.len() >= SHORTEST_HEX
        && sample.iter().take(SAMPLE).all(u8::is_ascii_hexdigit)
        && sample.iter().take(SAMPLE).step_by(2).all(high);
    likely.then_some(skip)
}

fn decode_hex(text: &[u8], lines: &[Range<usize>]) -> Option<Run> {
    let skip = start_of_hex(text.get(lines.first()?.clone())?)?;
    let all = || lines.iter().cloned().flatten().skip(skip);
    let value = |at: usize| char::from(*text.get(at)?).to_digit(16);
    let places: Vec<_> = all().take_while(|at| value(*at).is_some()).collect();
    let mut run = Run { range: span(lines)?, decoded: Vec::new(), at: Vec::new() };
    for [high, low] in places.as_chunks::<2>().0 {
        let byte = value(*high)? * 16 + value(*low)?;
        run.decoded.push(u8::try_from(byte).unwrap_or_default());
        run.at.push(u32::try_from(*high).unwrap_or(u32::MAX));
    }
    Some(run)
}

fn span(lines: &[Range<usize>]) -> Option<Range<usize>> {
    Some(lines.first()?.start..lines.last()?.end)
}

/// Whether a byte is a digit of either alphabet.
pub(super) fn is_digit(byte: u8) -> bool {
    DIGITS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The six bits that a digit stands for.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, by looking at every byte.
    fn by_looking(text: &[u8], from: usize, shortest: usize) -> Option<Range<usize>> {
        let mut start = from;
        let pieces = text.get(from..)?.split(|byte| value(*byte).is_none());
        let mut runs = pieces.map(|piece| {
            let run = start..start + piece.len();
            start = run.end + 1;
            run
        });
        runs.find(|run| run.len() >= shortest)
    }

    proptest! {
        #[test]
        fn the_next_run_is_the_first_that_is_long_enough(
            text in "([aZ0/]{0,12}[ .\n]?){0,20}|([aZ0/]{0,32}[ .\n]?){0,6}",
            from in 0_usize..20, shortest in prop_oneof![1_usize..16, 24_usize..26],
        ) {
            let text = text.as_bytes();
            prop_assert_eq!(next_run(text, from, shortest), by_looking(text, from, shortest));
        }
    }
}
