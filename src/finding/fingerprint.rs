//! The identity of a finding, which outlives moved lines, renames and rebases.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The repository's own key under which its secrets are hashed, so that reports of two repositories
/// cannot be matched.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(Vec<u8>);

impl Salt {
    /// A salt from any bytes that belong to the repository alone.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// HMAC-SHA256 of `parts` under this salt; each part is preceded by its length, so that no two
    /// lists collide.
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl From<RepositoryKey> for Salt {
    fn from(key: RepositoryKey) -> Self {
        Self::new(key.0)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// 128 random bits that a repository keeps in its baseline, to be the salt of its fingerprints. They
/// are no secret: they keep the hashes of two repositories apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryKey([u8; 16]);

impl RepositoryKey {
    /// A key of bytes that the operating system drew.
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }
}

impl fmt::Display for RepositoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RepositoryKey {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        text.parse::<Fingerprint>().map(|bits| Self(bits.0))
    }
}

/// 128 bits that name a finding: of a secret its rule and its value, of anything else its rule and
/// what it is about, and which of several alike it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of the first finding with these parts.
    pub fn new(salt: &Salt, parts: &[&[u8]]) -> Self {
        Self::cut(salt.digest(parts))
    }

    /// The fingerprint of the finding that has `n` like it before it; the zeroth is the fingerprint
    /// itself.
    #[must_use]
    pub fn nth(self, n: usize) -> Self {
        if n == 0 {
            return self;
        }
        let digest =
            Sha256::new().chain_update(self.0).chain_update((n as u64).to_le_bytes()).finalize();
        Self::cut(digest.into())
    }

    fn cut(digest: [u8; 32]) -> Self {
        let mut head = [0; 16];
        head.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(head)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Text that is not a fingerprint.
#[derive(Debug, thiserror::Error)]
#[error("a fingerprint is 32 hexadecimal digits, as reports print it")]
pub struct FingerprintError;

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(FingerprintError);
        }
        let value = u128::from_str_radix(text, 16).map_err(|_| FingerprintError)?;
        Ok(Self(value.to_be_bytes()))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(text: String) -> Result<Self, FingerprintError> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}
