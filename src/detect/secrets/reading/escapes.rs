//! Stretches of a line with characters written as escapes: `%2B`, `\u003d`, `\x41`, `\/`, `&#61;`,
//! `&amp;`.
//!
//! Escapes that are near each other are read together, each stretch once.

use super::encoded::Run;
use std::ops::Range;

/// How far apart two escapes of one stretch may be, in bytes.
pub(super) const APART: usize = 80;

/// The most that one stretch may have, in bytes.
pub(super) const LONGEST: usize = 64 << 10;

/// What a document of XML writes for characters of its own.
const NAMED: [(&[u8], u8); 5] =
    [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\'')];

/// One escape: where it is and what it stands for.
struct Escape {
    range: Range<usize>,
    value: u8,
}

/// Calls `found` with the place of every escape that begins in a range of a text.
pub(super) fn each(text: &[u8], range: &Range<usize>, found: &mut dyn FnMut(Range<usize>)) {
    let part = text.get(range.clone()).unwrap_or_default();
    let places = memchr::memchr3_iter(b'%', b'\\', b'&', part).map(|at| at + range.start);
    places.filter_map(|at| escape(text, at)).for_each(|escape| found(escape.range));
}

/// Gives every stretch with escapes to `take`, until that says that it is enough.
pub(super) fn runs(text: &[u8], take: &mut dyn FnMut(Run) -> bool) {
    let mut stretch: Vec<Escape> = Vec::new();
    for at in memchr::memchr3_iter(b'%', b'\\', b'&', text) {
        let Some(escape) = escape(text, at) else { continue };
        let (first, last) = (stretch.first(), stretch.last());
        // The second half of `\\/` is no escape of its own.
        if last.is_some_and(|last| escape.range.start < last.range.end) {
            continue;
        }
        let joins = last.zip(first).is_none_or(|(last, first)| {
            let between = text.get(last.range.end..at).unwrap_or_default();
            between.len() <= APART && !between.contains(&b'\n') && at - first.range.start < LONGEST
        });
        if !joins && !decode(text, &std::mem::take(&mut stretch)).is_none_or(&mut *take) {
            return;
        }
        stretch.push(escape);
    }
    decode(text, &stretch).map(take);
}

fn escape(text: &[u8], at: usize) -> Option<Escape> {
    let rest = text.get(at..)?;
    let (value, length) = match rest {
        [b'%', a, b, ..] => (hex(&[*a, *b])?, 3),
        [b'\\', b'/', ..] => (u32::from(b'/'), 2),
        [b'\\', b'x', a, b, ..] => (hex(&[*a, *b])?, 4),
        [b'\\', b'u', b'{', ..] => braced(rest, 3, b'}', 16)?,
        [b'\\', b'u', a, b, c, d, ..] => (hex(&[*a, *b, *c, *d])?, 6),
        [b'&', b'#', b'x' | b'X', ..] => braced(rest, 3, b';', 16)?,
        [b'&', b'#', ..] => braced(rest, 2, b';', 10)?,
        // An ampersand before anything else is an operator or a reference: most are.
        [b'&', b'a' | b'g' | b'l' | b'q', ..] => {
            let (name, value) = NAMED.iter().find(|(name, _)| rest.starts_with(name))?;
            (u32::from(*value), name.len())
        }
        _ => return None,
    };
    let value = u8::try_from(value).ok().filter(u8::is_ascii)?;
    Some(Escape { range: at..at + length, value })
}

/// The number between `start` and a closing byte, and the length of it all.
fn braced(text: &[u8], start: usize, close: u8, radix: u32) -> Option<(u32, usize)> {
    let digits = text.get(start..text.len().min(start + 8))?;
    let length = digits.iter().position(|byte| *byte == close)?;
    let digits = std::str::from_utf8(digits.get(..length)?).ok()?;
    Some((u32::from_str_radix(digits, radix).ok()?, start + length + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

/// The stretch from the first escape to the last, decoded.
fn decode(text: &[u8], escapes: &[Escape]) -> Option<Run> {
    let range = escapes.first()?.range.start..escapes.last()?.range.end;
    let mut run = Run { range: range.clone(), decoded: Vec::new(), at: Vec::new() };
    let mut at = range.start;
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    for escape in escapes {
        let plain = at..escape.range.start;
        run.decoded.extend(text.get(plain.clone())?);
        run.at.extend(plain.map(offset));
        run.decoded.push(escape.value);
        run.at.push(offset(escape.range.start));
        at = escape.range.end;
    }
    Some(run)
}
