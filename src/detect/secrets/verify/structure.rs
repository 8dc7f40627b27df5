//! Base 64 in the ways that tokens use it, and `user:password` in it.

use super::Verdict;
use super::stand_in::is_stand_in;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Base 64 with `+` and `/`, padded or not.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Base 64 with `-` and `_`, padded or not.
pub(super) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Base 64 of `user:password`.
pub(super) fn basic_auth(value: &[u8]) -> Verdict {
    let decoded = BASE64.decode(value).unwrap_or_default();
    let Some(colon) = decoded.iter().position(|byte| *byte == b':') else {
        return Verdict::NoSecret;
    };
    let password = decoded.get(colon + 1..).unwrap_or_default();
    let text = decoded.iter().all(|byte| (b' '..=b'~').contains(byte));
    let real = text && colon > 0 && password.len() >= 3 && !is_stand_in(password);
    if real { Verdict::Holds } else { Verdict::NoSecret }
}

/// What a text in base 64 of either kind stands for. Padding in the middle ends it.
pub(super) fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    BASE64_URL.decode(text).or_else(|_| BASE64.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn basic_auth_needs_a_user_and_a_password() {
        let held = |text: &str| basic_auth(STANDARD.encode(text).as_bytes()) == Verdict::Holds;
        assert!(held("deploy:k3Jd9sQ2"));
        assert!(!held("no colon") && !held(":k3Jd9sQ2") && !held("user:") && !held("a:password"));
    }
}
