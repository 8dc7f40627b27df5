//! A file's bytes as an editor would show them: as they are, and UTF-16 or UTF-32 as one byte a
//! character.
//!
//! Secrets are ASCII, so of such a file it is enough to keep the ASCII characters. The bytes as they
//! are get read in any case: nobody can hide a secret behind a byte order mark.

use std::borrow::Cow;

/// How many bytes are looked at to recognise an encoding without a byte order mark.
const SAMPLE: usize = 1024;

/// What stands for a character that is not ASCII: no rule's pattern has it.
const OTHER: u8 = 0xFF;

/// In which of the bytes of a character its ASCII value is.
#[derive(Clone, Copy)]
struct Encoding {
    /// Bytes a character.
    width: usize,
    /// Which of them.
    at: usize,
}

const UTF_16_LITTLE: Encoding = Encoding { width: 2, at: 0 };
const UTF_16_BIG: Encoding = Encoding { width: 2, at: 1 };
const UTF_32_LITTLE: Encoding = Encoding { width: 4, at: 0 };
const UTF_32_BIG: Encoding = Encoding { width: 4, at: 3 };

/// Every way in which bytes are worth showing.
pub(super) fn surfaces(bytes: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let wide = encoding(bytes).map(|encoding| Cow::Owned(narrow(bytes, encoding)));
    std::iter::once(Cow::Borrowed(bytes)).chain(wide).collect()
}

/// Text of UTF-16 without a mark as one byte a character, if that is what the bytes are.
pub(super) fn narrowed(bytes: &[u8]) -> Option<Vec<u8>> {
    encoding(bytes).map(|encoding| narrow(bytes, encoding))
}

/// Whether that is what the bytes are, with or without a mark.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    encoding(bytes).is_some()
}

fn encoding(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] => return Some(UTF_32_LITTLE),
        [0, 0, 0xFE, 0xFF, ..] => return Some(UTF_32_BIG),
        [0xFF, 0xFE, ..] => return Some(UTF_16_LITTLE),
        [0xFE, 0xFF, ..] => return Some(UTF_16_BIG),
        _ => {}
    }
    // Text without a zero byte is none of them; most files end here.
    let sample = bytes.get(..SAMPLE.min(bytes.len())).unwrap_or_default();
    memchr::memchr(0, sample)?;
    [UTF_32_LITTLE, UTF_32_BIG, UTF_16_LITTLE, UTF_16_BIG]
        .into_iter()
        .find(|encoding| is_mostly(sample, *encoding))
}

/// Whether of the characters more than half are ASCII, and few have a zero where that would be.
fn is_mostly(sample: &[u8], encoding: Encoding) -> bool {
    let (mut ascii, mut zero, mut all) = (0, 0, 0);
    for unit in sample.chunks_exact(encoding.width) {
        let value = unit.get(encoding.at).copied().unwrap_or(0);
        let alone = unit.iter().filter(|byte| **byte != 0).count() == usize::from(value != 0);
        all += 1;
        ascii += usize::from(alone && value.is_ascii() && value != 0);
        zero += usize::from(value == 0);
    }
    ascii * 2 > all && zero * 8 < all
}

fn narrow(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let units = bytes.chunks_exact(encoding.width);
    units
        .map(|unit| {
            let value = unit.get(encoding.at).copied().unwrap_or(OTHER);
            let alone = unit.iter().filter(|byte| **byte != 0).count() <= 1;
            if alone && value.is_ascii() { value } else { OTHER }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide<const N: usize>(text: &str, unit: impl Fn(char) -> [u8; N]) -> Vec<u8> {
        text.chars().flat_map(unit).collect()
    }

    #[test]
    fn wide_text_is_read_with_and_without_a_mark_in_both_orders() {
        let text = "key = 1, a line\n";
        let little = wide(text, |c| (c as u16).to_le_bytes());
        let big = wide(text, |c| (c as u16).to_be_bytes());
        let little_32 = wide(text, |c| (c as u32).to_le_bytes());
        let big_32 = wide(text, |c| (c as u32).to_be_bytes());
        let marked = [b"\xFE\xFF".as_slice(), &big].concat();
        let marked_32 = [b"\xFF\xFE\0\0".as_slice(), &little_32].concat();
        for bytes in [little, big, little_32, big_32, marked, marked_32] {
            let surfaces = surfaces(&bytes);
            assert!(surfaces.last().unwrap().ends_with(text.as_bytes()), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_ascii_keeps_its_place() {
        let bytes = wide("naïve key", |c| (c as u16).to_le_bytes());
        assert_eq!(&surfaces(&bytes)[1][6..9], b"key");
    }

    #[test]
    fn a_byte_order_mark_hides_nothing() {
        assert_eq!(surfaces(b"\xFF\xFEplain text")[0].as_ref(), b"\xFF\xFEplain text");
    }

    #[test]
    fn text_and_zeros_are_read_once() {
        assert_eq!(surfaces(b"plain").len(), 1);
        assert_eq!(surfaces(&[0; 4096]).len(), 1);
        assert_eq!(surfaces(b"").len(), 1);
        assert_eq!(surfaces(b"one\0zero among text").len(), 1);
    }
}
