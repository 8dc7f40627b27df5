//! What is left of a secret once it has been matched.

use super::fingerprint::Salt;
use serde::Serialize;
use std::fmt::Write as _;

/// A secret that can be shown, compared and logged: the value itself is gone.
///
/// It is made where the secret is matched; nothing downstream ever holds the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Redacted {
    /// The public prefix of the kind, if it has one, and the length.
    pub preview: String,
    /// HMAC-SHA256 of the value under the repository's salt, in hexadecimal; of the value's Argon2id
    /// where people choose it.
    #[serde(rename = "sha256_salted")]
    pub salted: String,
}

impl Redacted {
    /// Redacts `secret`. `public_prefix` is text that every token of the kind begins with (`ghp_`):
    /// it is shown only if the secret does begin with it and at least twice as much stays hidden.
    pub fn new(salt: &Salt, secret: &[u8], public_prefix: &str) -> Self {
        let shown =
            secret.starts_with(public_prefix.as_bytes()) && public_prefix.len() * 3 <= secret.len();
        let length = String::from_utf8_lossy(secret).chars().count();
        let prefix = if shown { public_prefix } else { "" };
        let preview = format!("{prefix}… ({length} characters)");
        Self { preview, salted: hex(&salt.digest(&[b"secret", secret])) }
    }

    /// The same secret with another digest in place of the hash of its value.
    #[must_use]
    pub fn hashed(self, digest: &[u8]) -> Self {
        Self { salted: hex(digest), ..self }
    }
}

fn hex(digest: &[u8]) -> String {
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}
