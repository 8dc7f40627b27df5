//! One object made from another: what is copied, what is new, and which marks stay.

use super::super::super::Mark;
use super::corrupt;
use std::io;
use std::ops::Range;

/// How much room is made before it is seen that an object is as long as it says.
const MOST_AT_ONCE: usize = 64 << 20;

/// How an object was made from its base.
#[derive(Default)]
pub(in super::super) struct Delta {
    /// What was copied, in the order of the object; what is next to each other in both is one.
    pub(in super::super) copies: Vec<Copied>,
    /// What was not; see [`super::super::super::Sieve::blob`].
    pub(in super::super) new: Vec<Range<usize>>,
    base_len: usize,
    len: usize,
}

/// A stretch that stands in the base and in the object.
#[derive(Clone, Copy)]
pub(in super::super) struct Copied {
    pub(in super::super) from: usize,
    pub(in super::super) to: usize,
    pub(in super::super) len: usize,
}

impl Delta {
    /// Applies instructions to `base`, writes the object to `into` and keeps what was done.
    pub(super) fn apply(
        &mut self,
        base: &[u8],
        mut code: &[u8],
        into: &mut Vec<u8>,
    ) -> io::Result<()> {
        let sizes = size(&mut code).zip(size(&mut code)).ok_or_else(corrupt)?;
        (self.base_len, self.len) = sizes;
        self.copies.clear();
        self.new.clear();
        into.clear();
        if self.base_len != base.len() {
            return Err(corrupt());
        }
        into.reserve(self.len.min(MOST_AT_ONCE));
        while let Some(step) = step(&mut code) {
            let at = into.len();
            match step.ok_or_else(corrupt)? {
                Step::Copy(range) => {
                    into.extend_from_slice(base.get(range.clone()).ok_or_else(corrupt)?);
                    self.copied(Copied { from: range.start, to: at, len: range.len() });
                }
                Step::Insert(bytes) => {
                    into.extend_from_slice(bytes);
                    self.inserted(at..into.len());
                }
            }
            if into.len() > self.len {
                return Err(corrupt());
            }
        }
        self.end(into.len())
    }

    fn copied(&mut self, copy: Copied) {
        let last = self.copies.last_mut().filter(|last| last.to + last.len == copy.to);
        match last {
            Some(last) if last.from + last.len == copy.from => last.len += copy.len,
            None if self.new.last().is_some_and(|new| new.end == copy.to) => self.copies.push(copy),
            None if copy.from == 0 && copy.to == 0 => self.copies.push(copy),
            Some(_) | None => {
                self.new.push(copy.to..copy.to);
                self.copies.push(copy);
            }
        }
    }

    fn inserted(&mut self, range: Range<usize>) {
        match self.new.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.new.push(range),
        }
    }

    fn end(&mut self, len: usize) -> io::Result<()> {
        let whole =
            |copy: &Copied| copy.to + copy.len < len || copy.from + copy.len == self.base_len;
        if !self.copies.last().is_none_or(whole) {
            self.new.push(len..len);
        }
        if len == self.len { Ok(()) } else { Err(corrupt()) }
    }

    /// The marks of the base that were copied whole, where they are now. What reaches to an end of
    /// the base stays only at that end.
    pub(in super::super) fn carry(&self, marks: &[Mark], into: &mut Vec<Mark>) {
        into.clear();
        for copy in &self.copies {
            let (end, last) = (copy.from + copy.len, copy.to + copy.len == self.len);
            let first = marks.partition_point(|mark| (mark.start as usize) < copy.from);
            let within = marks.iter().skip(first);
            let within = within.take_while(|mark| (mark.start as usize) < end);
            for mark in within.filter(|mark| mark.end as usize <= end) {
                let starts = mark.start > 0 || copy.to == 0;
                let ends = (mark.end as usize) < self.base_len || last;
                into.extend((starts && ends).then(|| moved(*mark, copy)));
            }
        }
    }
}

fn moved(mark: Mark, copy: &Copied) -> Mark {
    let place = |at: u32| u32::try_from(at as usize - copy.from + copy.to).unwrap_or(u32::MAX);
    Mark { start: place(mark.start), end: place(mark.end), note: mark.note }
}

enum Step<'a> {
    Copy(Range<usize>),
    Insert(&'a [u8]),
}

/// The next instruction; the inner `None` is one that makes no sense.
#[expect(clippy::option_option, reason = "the end of the code and an error are two things")]
fn step<'a>(code: &mut &'a [u8]) -> Option<Option<Step<'a>>> {
    let (first, rest) = code.split_first()?;
    *code = rest;
    if *first == 0 {
        return Some(None);
    }
    if first & 0x80 == 0 {
        let insert = code.split_at_checked(usize::from(*first));
        return Some(insert.map(|(bytes, rest)| {
            *code = rest;
            Step::Insert(bytes)
        }));
    }
    let number = |code: &mut &[u8], bits: Range<u32>| {
        let first_bit = bits.start;
        bits.filter(|bit| first >> bit & 1 == 1).try_fold(0_usize, |value, bit| {
            let (byte, rest) = code.split_first()?;
            *code = rest;
            Some(value | usize::from(*byte) << (8 * (bit - first_bit)))
        })
    };
    let (Some(offset), Some(len)) = (number(code, 0..4), number(code, 4..7)) else {
        return Some(None);
    };
    let len = if len == 0 { 0x10000 } else { len };
    Some(Some(Step::Copy(offset..offset + len)))
}

/// A size at the start of a delta.
fn size(code: &mut &[u8]) -> Option<usize> {
    let (mut value, mut shift) = (0_usize, 0_u32);
    loop {
        let (byte, rest) = code.split_first()?;
        *code = rest;
        value |= usize::from(byte & 0x7F).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}
