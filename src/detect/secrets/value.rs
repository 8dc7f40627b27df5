//! Whether a value looks issued or made up: what stands in for a secret in documentation is no
//! secret.
//!
//! Each sign is one that a random value of the same length shows less than once in a million, so
//! that no issued token is lost to it.

/// Words that people write where a secret goes. Short ones are not here: they occur by chance.
const STAND_INS: &[&[u8]] = &[
    b"example",
    b"placeholder",
    b"changeme",
    b"change-me",
    b"change_me",
    b"redacted",
    b"your-",
    b"your_",
    b"insert-",
    b"insert_",
    b"replace-",
    b"replace_",
    b"not-a-real",
    b"not_a_real",
];

/// The number of characters that count up one by one before it is no chance.
const COUNTING: usize = 8;

/// The shortest value that must not consist of lower-case words alone, where digits are possible.
const WORDY: usize = 16;

/// Whether the value says of itself that it is none: `xxxxxxxx`, `12345678`, `…EXAMPLE`.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let says_so = STAND_INS.iter().any(|word| memchr::memmem::find(&lower, word).is_some());
    let longest_run = longest(value, |a, b| a == b);
    let mut once = lower.clone();
    once.dedup();
    says_so
        || longest_run >= (value.len() / 4).max(6)
        || longest(&once, counts_up) >= COUNTING
        || repeats(value)
}

/// Whether the value is made of lower-case words: `your-token-goes-here`.
pub(super) fn is_wordy(value: &[u8]) -> bool {
    let words = |b: &u8| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b'.');
    value.len() >= WORDY && value.iter().all(words)
}

/// Shannon entropy in bits a byte.
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total: f64 = counts.iter().copied().map(f64::from).sum();
    let occurring = counts.iter().filter(|count| **count > 0).copied().map(f64::from);
    occurring.map(|count| -(count / total) * (count / total).log2()).sum()
}

fn counts_up(a: u8, b: u8) -> bool {
    b.is_ascii_alphanumeric()
        && (b == a.wrapping_add(1) || matches!((a, b), (b'9', b'0' | b'a') | (b'z', b'a')))
}

/// The length of the longest stretch in which `holds` of each byte and its next.
fn longest(value: &[u8], holds: impl Fn(u8, u8) -> bool) -> usize {
    let mut best = usize::from(!value.is_empty());
    let mut current = 1;
    for (a, b) in value.iter().zip(value.iter().skip(1)) {
        current = if holds(*a, *b) { current + 1 } else { 1 };
        best = best.max(current);
    }
    best
}

/// Whether the value is one piece written twice or more: `abcdabcdabcd`.
fn repeats(value: &[u8]) -> bool {
    let periods = 1..=(value.len() / 2).min(32);
    value.len() >= 12
        && periods
            .into_iter()
            .any(|period| value.iter().zip(value.iter().skip(period)).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand_from;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_instead_of_a_secret_is_made_up() {
        for value in [
            "xxxxxxxxxxxxxxxxxxxx",
            "0123456789abcdef0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "00112233445566778899aabbccddeeff",
            "deadbeefdeadbeefdeadbeef",
            "AKIAQ2W3E4R5TEXAMPLE",
            "your_token_here_1234",
            "00000000000000000000",
        ] {
            assert!(is_made_up(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn entropy_counts_bits() {
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-9);
        assert!(entropy(b"aaaa").abs() < 1e-9 && entropy(b"").abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn an_issued_token_is_never_taken_for_made_up(seed in any::<u64>()) {
            for shape in ["{alnum:20}", "{hex:32}", "{hex:64}", "{base64url:86}", "{base32:16}"] {
                let value = expand_from(shape, seed).unwrap().text;
                prop_assert!(!is_made_up(value.as_bytes()), "{}", value);
            }
        }
    }
}
