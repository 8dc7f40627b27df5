//! Identities of documents: derived from their content, so that the same run writes the same bytes.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// A UUID of version 8 (RFC 9562) that is the content's own.
pub(super) fn uuid(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let mut text = String::with_capacity(36);
    for (at, byte) in digest.iter().take(16).enumerate() {
        let byte = match at {
            6 => (byte & 0x0F) | 0x80,
            8 => (byte & 0x3F) | 0x80,
            _ => *byte,
        };
        let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
        write!(text, "{dash}{byte:02x}").unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_the_shape_of_a_uuid_and_follows_the_content() {
        let (one, other) = (uuid("a"), uuid("b"));
        let shape: Vec<_> = one.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12]);
        assert!(one.chars().nth(14) == Some('8') && matches!(one.chars().nth(19), Some('8'..='b')));
        assert_eq!(one, uuid("a"));
        assert_ne!(one, other);
    }
}
