//! Natural numbers of any length, compared as numbers.
//!
//! Version schemes set no limit to their numbers, and a date with a time in it already outgrows
//! 32 bits. The digits are kept as text; nothing overflows.

/// A natural number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Natural {
    // Field order is the comparison: without leading zeros, more digits is more.
    length: usize,
    digits: Box<str>,
}

impl Natural {
    /// Zero, which has no digits.
    pub(super) fn zero() -> Self {
        Self { length: 0, digits: Box::from("") }
    }

    /// Reads ASCII digits, at least one; leading zeros do not count.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = text.trim_start_matches('0');
        Some(Self { length: digits.len(), digits: Box::from(digits) })
    }

    /// Whether it is zero.
    pub(super) fn is_zero(&self) -> bool {
        self.length == 0
    }
}
