//! JSON web tokens: an algorithm, claims, and until when.

use super::found::{host, shown};
use super::structure::BASE64_URL;
use super::{Facts, Found, Verdict, doubtful};
use crate::finding::Severity;
use base64::Engine as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::Value;

/// The subject of the specimen token with which half the world's documentation explains JWT.
const SPECIMEN: &str = "1234567890";

/// The issuer of the keys that every local Supabase has.
const LOCAL_SUPABASE: &str = "supabase-demo";

/// The lengths of signatures that are fixed, by algorithm, in bytes.
const SIGNATURES: &[(&str, usize)] = &[
    ("HS256", 32),
    ("HS384", 48),
    ("HS512", 64),
    ("ES256", 64),
    ("ES384", 96),
    ("ES512", 132),
    ("EdDSA", 64),
];

struct Token {
    header: Value,
    claims: Value,
    /// Bytes of the signature; `None` where it is no base 64.
    signature: Option<usize>,
}

/// A JSON web token: a header that names an algorithm, and claims.
pub(super) fn token(found: &Found<'_>) -> Verdict {
    let Some(token) = parse(found.value()) else {
        return Verdict::NoSecret;
    };
    let Some(algorithm) = token.header.get("alg").and_then(Value::as_str) else {
        return Verdict::NoSecret;
    };
    let encrypted = token.header.get("enc").is_some();
    let specimen = token.claim("sub") == Some(SPECIMEN);
    let anonymous = token.claim("role") == Some("anon");
    if specimen || anonymous || !(token.claims.is_object() || encrypted) {
        return Verdict::NoSecret;
    }
    let fixed = SIGNATURES.iter().find(|(name, _)| *name == algorithm);
    match fixed {
        _ if algorithm.eq_ignore_ascii_case("none") => doubtful("it is not signed"),
        Some((_, length)) if !encrypted && token.signature != Some(*length) => {
            doubtful("its signature has not the length of its algorithm's")
        }
        _ => dated(&token, found.today),
    }
}

/// A JSON web token that passes every row-level rule of a Supabase database.
pub(super) fn of_service_role(found: &Found<'_>) -> Verdict {
    let Some(token) = parse(found.value()) else {
        return Verdict::NoSecret;
    };
    let local = token.claim("iss") == Some(LOCAL_SUPABASE);
    if local || token.claim("role") != Some("service_role") {
        return Verdict::NoSecret;
    }
    dated(&token, found.today)
}

impl Token {
    fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// The day on which it expires.
    fn expiry(&self) -> Option<Date> {
        let expiry = self.claims.get("exp")?;
        let seconds = expiry.as_i64().or_else(|| expiry.as_f64().and_then(whole))?;
        Some(Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?).date())
    }
}

/// Seconds without their fraction; no timestamp is beyond what an `i32` of days can say.
fn whole(seconds: f64) -> Option<i64> {
    format!("{:.0}", seconds.floor()).parse().ok()
}

/// What the claims say: who issued it, for which project, and until when.
fn dated(token: &Token, today: Option<Date>) -> Verdict {
    let issuer = token.claim("iss").and_then(shown).map(|issuer| format!("from {}", host(issuer)));
    let project = token.claim("ref").and_then(shown).map(|name| format!("project {name}"));
    let expiry = token.expiry();
    let past = expiry.zip(today).is_some_and(|(expiry, today)| expiry < today);
    let until = expiry
        .map(|day| if past { format!("expired on {day}") } else { format!("valid until {day}") });
    let detail: Vec<_> = [project, issuer, until].into_iter().flatten().collect();
    if detail.is_empty() {
        return Verdict::Holds;
    }
    let at_most = past.then_some(Severity::Low);
    Verdict::HoldsWith(Facts { at_most, detail: Some(detail.join(", ")) })
}

fn parse(token: &[u8]) -> Option<Token> {
    let mut parts = token.split(|byte| *byte == b'.').map(|part| BASE64_URL.decode(part).ok());
    let header = serde_json::from_slice(&parts.next()??).ok()?;
    let claims = serde_json::from_slice(&parts.next()??).unwrap_or(Value::Null);
    let signature = parts.next().flatten().map(|bytes| bytes.len());
    Some(Token { header, claims, signature })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::civil::date;

    fn check(judge: fn(&Found<'_>) -> Verdict, text: &str) -> Verdict {
        let secret = 0..text.len();
        let today = Some(date(2026, 1, 1));
        judge(&Found { bytes: text.as_bytes(), secret: &secret, id: None, today })
    }

    fn made(header: &str, claims: &str, signature: usize) -> String {
        let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        let signature = encode(&vec![7; signature]);
        format!("{}.{}.{signature}", encode(header.as_bytes()), encode(claims.as_bytes()))
    }

    #[test]
    fn a_token_needs_an_algorithm_and_claims() {
        let whole = made(r#"{"alg":"RS256"}"#, r#"{"sub":"1"}"#, 256);
        assert_eq!(check(token, &whole), Verdict::Holds);
        assert_eq!(check(token, &made(r#"{"typ":"JWT"}"#, "{}", 32)), Verdict::NoSecret);
        assert_eq!(check(token, &made(r#"{"alg":"RS256"}"#, "text", 256)), Verdict::NoSecret);
        assert_eq!(check(token, "eyJub3Qganvbg.eyJ.x"), Verdict::NoSecret);
    }

    #[test]
    fn encrypted_claims_are_none_that_speak_against_a_token() {
        let sealed = made(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, "no json", 12);
        assert_eq!(check(token, &sealed), Verdict::Holds);
    }

    #[test]
    fn an_unsigned_token_and_a_short_signature_are_doubtful() {
        for text in [made(r#"{"alg":"none"}"#, "{}", 32), made(r#"{"alg":"HS256"}"#, "{}", 12)] {
            assert!(matches!(check(token, &text), Verdict::Doubtful(_)), "{text}");
        }
    }

    #[test]
    fn specimens_and_public_roles_are_no_secrets() {
        let head = r#"{"alg":"HS256"}"#;
        assert_eq!(check(token, &made(head, r#"{"sub":"1234567890"}"#, 32)), Verdict::NoSecret);
        assert_eq!(check(token, &made(head, r#"{"role":"anon"}"#, 32)), Verdict::NoSecret);
        let local = made(head, r#"{"iss":"supabase-demo","role":"service_role"}"#, 32);
        assert_eq!(check(of_service_role, &local), Verdict::NoSecret);
        let service = expand("{jwt:service_role}").unwrap().text;
        assert_eq!(check(of_service_role, &service), Verdict::Holds);
        assert_eq!(check(of_service_role, &made(head, "{}", 32)), Verdict::NoSecret);
    }

    #[test]
    fn a_token_says_until_when_and_an_expired_one_does_little_harm() {
        let facts = |text: &str| check(token, &expand(text).unwrap().text).facts().unwrap();
        let past = facts("{jwt-until:2020}");
        assert_eq!(past.at_most, Some(Severity::Low));
        assert!(past.detail.unwrap().starts_with("expired on 20"));
        let future = facts("{jwt-until:2090}");
        assert_eq!(future.at_most, None);
        assert!(future.detail.unwrap().starts_with("valid until 20"));
    }

    #[test]
    fn no_number_is_too_large_for_a_date() {
        for expiry in
            ["1e300", "-1e300", "99999999999999999999", "1700000000.5", "\"soon\"", "null"]
        {
            check(token, &made(r#"{"alg":"HS256"}"#, &format!("{{\"exp\":{expiry}}}"), 32));
        }
    }
}
