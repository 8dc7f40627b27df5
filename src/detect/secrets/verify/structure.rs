//! Values that decode to something: JSON web tokens, `user:password`, Discord's tokens.

use super::Verdict;
use super::stand_in::is_stand_in;
use crate::detect::secrets::value::is_made_up;
use crate::rule::checksum::crc32;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Base 64 with `+` and `/`, padded or not.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The subject of the specimen token with which half the world's documentation explains JWT.
const SPECIMEN: &str = "1234567890";

/// The CRC-32 of the key that opens every Azure storage emulator, as its documentation prints it.
const EMULATOR: u32 = 0xB4CB_D586;

/// A storage key that is neither the emulator's nor made up.
pub(super) fn azure_storage(key: &[u8]) -> Verdict {
    let public = crc32(key) == EMULATOR || is_made_up(key);
    if public { Verdict::NoSecret } else { Verdict::Holds }
}

/// A JSON web token: a header that names an algorithm, and claims.
pub(super) fn jwt(token: &[u8]) -> Verdict {
    let Some((header, claims)) = parts(token) else {
        return Verdict::NoSecret;
    };
    let named = header.get("alg").is_some_and(Value::is_string);
    let specimen = claims.get("sub").and_then(Value::as_str) == Some(SPECIMEN);
    let anonymous = claims.get("role").and_then(Value::as_str) == Some("anon");
    if named && !specimen && !anonymous { Verdict::Holds } else { Verdict::NoSecret }
}

/// A JSON web token that passes every row-level rule of a Supabase database.
pub(super) fn jwt_of_service_role(token: &[u8]) -> Verdict {
    let role = parts(token).and_then(|(_, claims)| Some(claims.get("role")?.as_str()?.to_owned()));
    if role.as_deref() == Some("service_role") { Verdict::Holds } else { Verdict::NoSecret }
}

/// Base 64 of `user:password`.
pub(super) fn basic_auth(value: &[u8]) -> Verdict {
    let Ok(decoded) = BASE64.decode(value) else {
        return Verdict::NoSecret;
    };
    let Some(colon) = decoded.iter().position(|byte| *byte == b':') else {
        return Verdict::NoSecret;
    };
    let password = decoded.get(colon + 1..).unwrap_or_default();
    let text = decoded.iter().all(|byte| (b' '..=b'~').contains(byte));
    let real = text && colon > 0 && password.len() >= 3 && !is_stand_in(password);
    if real { Verdict::Holds } else { Verdict::NoSecret }
}

/// A token whose first part is a number of seventeen to twenty digits.
pub(super) fn discord(token: &[u8]) -> Verdict {
    let first = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    let number = BASE64_URL.decode(first).unwrap_or_default();
    let holds = (17..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
    if holds { Verdict::Holds } else { Verdict::NoSecret }
}

fn parts(token: &[u8]) -> Option<(Value, Value)> {
    let mut parts = token.split(|byte| *byte == b'.').map(|part| BASE64_URL.decode(part).ok());
    let header = serde_json::from_slice(&parts.next()??).ok()?;
    let claims = serde_json::from_slice(&parts.next()??).unwrap_or(Value::Null);
    Some((header, claims))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    fn token(header: &str, claims: &str) -> Vec<u8> {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2lnbmF0dXJl", encode(header), encode(claims)).into_bytes()
    }

    #[test]
    fn a_token_needs_an_algorithm() {
        assert_eq!(jwt(&token(r#"{"alg":"RS256"}"#, r#"{"sub":"1"}"#)), Verdict::Holds);
        assert_eq!(jwt(&token(r#"{"typ":"JWT"}"#, "{}")), Verdict::NoSecret);
        assert_eq!(jwt(b"eyJub3Qganvbg.eyJ.x"), Verdict::NoSecret);
    }

    #[test]
    fn encrypted_claims_are_none_that_speak_against_a_token() {
        let whole = token(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, "no json");
        assert_eq!(jwt(&whole), Verdict::Holds);
    }

    #[test]
    fn specimens_and_public_roles_are_no_secrets() {
        let head = r#"{"alg":"HS256"}"#;
        assert_eq!(jwt(&token(head, r#"{"sub":"1234567890"}"#)), Verdict::NoSecret);
        assert_eq!(jwt(&token(head, r#"{"role":"anon"}"#)), Verdict::NoSecret);
        let service = expand("{jwt:service_role}").unwrap().text;
        assert_eq!(jwt_of_service_role(service.as_bytes()), Verdict::Holds);
        assert_eq!(jwt_of_service_role(&token(head, "{}")), Verdict::NoSecret);
    }

    #[test]
    fn basic_auth_needs_a_user_and_a_password() {
        let held = |text: &str| basic_auth(STANDARD.encode(text).as_bytes()) == Verdict::Holds;
        assert!(held("deploy:k3Jd9sQ2"));
        assert!(!held("no colon") && !held(":k3Jd9sQ2") && !held("user:") && !held("a:password"));
    }
}
