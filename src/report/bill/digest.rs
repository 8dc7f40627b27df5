//! Checksums of lockfiles as digests of a known kind.
//!
//! Only what is a plain digest of what is downloaded is told: Go's `h1:` is one of a list of files,
//! Yarn's one of its own archive, and both would mislead whoever compares.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// A digest in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) kind: Kind,
    pub(super) hex: String,
}

/// The kinds that bills of materials know, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

const KINDS: [Kind; 5] = [Kind::Md5, Kind::Sha1, Kind::Sha256, Kind::Sha384, Kind::Sha512];

/// Lockfiles whose bare checksum is the SHA-256 of the archive.
const BARE: [&str; 2] = ["Cargo.lock", "pubspec.lock"];

impl Kind {
    pub(super) fn cyclonedx(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(super) fn spdx(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The strongest digest of a checksum, as a lockfile of this format spells it.
pub(super) fn digest(format: &str, checksum: &str) -> Option<Digest> {
    if BARE.contains(&format) && is_hex(checksum, Kind::Sha256) {
        return Some(Digest { kind: Kind::Sha256, hex: checksum.to_lowercase() });
    }
    checksum.split_whitespace().filter_map(one).max_by_key(|digest| digest.kind)
}

/// `sha512-…` in base64, or `sha256:…` and `sha256=…` in hexadecimal.
fn one(text: &str) -> Option<Digest> {
    let lower = text.to_ascii_lowercase().replacen("sha-", "sha", 1);
    let cut = text.len() - lower.len();
    let named = |kind: &Kind| lower.starts_with(&kind.spdx().to_ascii_lowercase());
    let kind = KINDS.into_iter().find(named)?;
    let rest = text.get(cut + kind.spdx().len()..)?;
    match rest.split_at_checked(1)? {
        ("-", base64) => {
            // Options may follow a question mark.
            let base64 = base64.split('?').next().unwrap_or_default();
            let bytes = STANDARD.decode(base64).ok().filter(|it| it.len() == kind.bytes())?;
            let mut hex = String::with_capacity(kind.bytes() * 2);
            for byte in bytes {
                write!(hex, "{byte:02x}").unwrap_or_default();
            }
            Some(Digest { kind, hex })
        }
        (":" | "=", hex) if is_hex(hex, kind) => Some(Digest { kind, hex: hex.to_lowercase() }),
        _ => None,
    }
}

fn is_hex(text: &str, kind: Kind) -> bool {
    text.len() == kind.bytes() * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(format: &str, checksum: &str) -> Option<(Kind, String)> {
        digest(format, checksum).map(|digest| (digest.kind, digest.hex))
    }

    #[test]
    fn what_is_a_digest_of_the_download_is_told() {
        let (ff, aa) = ("ff".repeat(32), "AA".repeat(32));
        let sri = format!("sha512-{}", STANDARD.encode([255; 64]));
        let both = format!("sha1-{} {sri}", STANDARD.encode([255; 20]));
        let sha512 = Some((Kind::Sha512, "ff".repeat(64)));
        assert_eq!(told("package-lock.json", &sri), sha512);
        assert_eq!(told("package-lock.json", &both), sha512);
        assert_eq!(told("Cargo.lock", &ff), Some((Kind::Sha256, ff.clone())));
        for spelled in ["sha256:", "sha256=", "SHA-256:", "sha-256:"] {
            let expected = Some((Kind::Sha256, aa.to_lowercase()));
            assert_eq!(told("uv.lock", &format!("{spelled}{aa}")), expected, "{spelled}");
        }
    }

    #[test]
    fn what_is_none_is_not() {
        let ff = "ff".repeat(32);
        for checksum in
            ["", "h1:abc=", "sha512-AAAA==", "sha256:ff", "10c0/ff", "sha999:ff", "sha256", &ff]
        {
            assert_eq!(told("yarn.lock", checksum), None, "{checksum}");
        }
        assert_eq!(told("Cargo.lock", "ff"), None);
    }
}
