//! A file's bytes as the text that an editor would show: as they are, and UTF-16 as one byte a
//! character.
//!
//! Secrets are ASCII, so of a UTF-16 file it is enough to keep the ASCII characters, and a place in
//! the one is a place in the other by arithmetic. The bytes as they are get read in any case: nobody
//! can hide a secret behind a byte order mark.

use std::borrow::Cow;
use std::ops::Range;

/// How many bytes are looked at to recognise UTF-16 without a byte order mark.
const SAMPLE: usize = 1024;

/// What stands for a character that is not ASCII: no rule's pattern has it.
const OTHER: u8 = 0xFF;

/// One way of reading a file.
pub(super) struct Reading<'a> {
    /// The text.
    pub(super) text: Cow<'a, [u8]>,
    unit: usize,
}

/// Which byte of a pair holds an ASCII character.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// Every way in which a file's bytes are worth reading.
pub(super) fn readings(bytes: &[u8]) -> Vec<Reading<'_>> {
    let mut readings = vec![Reading { text: Cow::Borrowed(bytes), unit: 1 }];
    if let Some(order) = order(bytes) {
        readings.push(Reading { text: Cow::Owned(narrow(bytes, order)), unit: 2 });
    }
    readings
}

impl Reading<'_> {
    /// Where in the file's bytes a range of the text is.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        range.start * self.unit..range.end * self.unit
    }
}

fn order(bytes: &[u8]) -> Option<Order> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(Order::Little),
        [0xFE, 0xFF, ..] => return Some(Order::Big),
        _ => {}
    }
    let sample = bytes.get(..SAMPLE.min(bytes.len())).unwrap_or_default();
    let pairs = sample.as_chunks::<2>().0;
    let zeros = |at: usize| pairs.iter().filter(|pair| pair.get(at) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    let mostly = |many: usize, few: usize| many * 2 > pairs.len() && few * 8 < pairs.len();
    match (mostly(second, first), mostly(first, second)) {
        (true, _) => Some(Order::Little),
        (_, true) => Some(Order::Big),
        _ => None,
    }
}

fn narrow(bytes: &[u8], order: Order) -> Vec<u8> {
    let pairs = bytes.as_chunks::<2>().0.iter();
    pairs
        .map(|[first, second]| match order {
            Order::Little => (*first, *second),
            Order::Big => (*second, *first),
        })
        .map(|(low, high)| if high == 0 && low.is_ascii() { low } else { OTHER })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn little(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn utf_16_is_read_with_and_without_a_mark_in_both_orders() {
        let big: Vec<u8> = "key = 1".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [b"\xFE\xFF".as_slice(), &big].concat();
        for bytes in [little("key = 1"), big, marked] {
            let readings = readings(&bytes);
            assert!(readings.last().unwrap().text.ends_with(b"key = 1"));
        }
    }

    #[test]
    fn a_place_leads_back_to_the_bytes() {
        let bytes = little("naïve key");
        let readings = readings(&bytes);
        assert_eq!(bytes[readings[1].origin(&(6..9))], little("key"));
    }

    #[test]
    fn a_byte_order_mark_hides_nothing() {
        let readings = readings(b"\xFF\xFEplain text");
        assert_eq!(readings[0].text.as_ref(), b"\xFF\xFEplain text");
    }

    #[test]
    fn text_and_zeros_are_read_once() {
        assert_eq!(readings(b"plain").len(), 1);
        assert_eq!(readings(&[0; 4096]).len(), 1);
        assert_eq!(readings(b"").len(), 1);
    }
}
