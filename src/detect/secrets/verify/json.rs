//! Tokens that carry JSON in base 64.

use super::found::{host, shown};
use super::structure::decoded;
use super::{Doubt, Facts, Verdict};
use serde_json::Value;

const NO_JSON: Verdict =
    Verdict::Doubtful(Doubt::Circumstance("it does not decode to what such a token holds"));

/// `sntrys_`, JSON, and a secret.
pub(super) fn sentry(token: &[u8]) -> Verdict {
    let body = token.strip_prefix(b"sntrys_").unwrap_or(token);
    let end = body.iter().rposition(|byte| *byte == b'_').unwrap_or(body.len());
    let Some(json) = object(body.get(..end).unwrap_or_default(), &["iat"]) else {
        return NO_JSON;
    };
    let organisation = member(&json, "org").map(|name| format!("organisation {name}"));
    let server = member(&json, "region_url").or_else(|| member(&json, "url"));
    holds([organisation, server.map(|url| format!("at {}", host(url)))])
}

/// `glc_` and JSON, or the JSON alone as API keys have it.
pub(super) fn grafana(token: &[u8]) -> Verdict {
    let cloud = token.strip_prefix(b"glc_");
    let Some(json) = object(cloud.unwrap_or(token), &["k", "n"]) else {
        return NO_JSON;
    };
    let organisation = member(&json, "o").map(|id| format!("organisation {id}"));
    holds([organisation, member(&json, "n").map(|name| format!("named {name}"))])
}

/// `ops_` and JSON.
pub(super) fn onepassword(token: &[u8]) -> Verdict {
    let body = token.strip_prefix(b"ops_").unwrap_or(token);
    let Some(json) = object(body, &["secretKey", "signInAddress"]) else {
        return NO_JSON;
    };
    holds([member(&json, "signInAddress").map(|address| format!("account {}", host(address)))])
}

/// `sk.`, JSON, and a signature.
pub(super) fn mapbox(token: &[u8]) -> Verdict {
    let body = token.split(|byte| *byte == b'.').nth(1).unwrap_or_default();
    let Some(json) = object(body, &["u", "a"]) else {
        return NO_JSON;
    };
    holds([member(&json, "u").map(|user| format!("user {user}"))])
}

/// The JSON object in a text of base 64 that has all of these members.
fn object(text: &[u8], members: &[&str]) -> Option<Value> {
    let json: Value = serde_json::from_slice(&decoded(text)?).ok()?;
    members.iter().all(|name| json.get(name).is_some()).then_some(json)
}

/// A member that is text fit to be shown.
fn member<'j>(json: &'j Value, name: &str) -> Option<&'j str> {
    json.get(name).and_then(Value::as_str).and_then(shown)
}

fn holds<const N: usize>(details: [Option<String>; N]) -> Verdict {
    let details: Vec<_> = details.into_iter().flatten().collect();
    if details.is_empty() {
        return Verdict::Holds;
    }
    Verdict::HoldsWith(Facts::about(details.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    fn detail(check: fn(&[u8]) -> Verdict, text: &str) -> String {
        let verdict = check(expand(text).unwrap().text.as_bytes());
        verdict.facts().unwrap().detail.unwrap()
    }

    #[test]
    fn tokens_say_whom_they_belong_to() {
        assert_eq!(detail(sentry, "{sentry}"), "organisation acme, at us.sentry.io");
        assert_eq!(detail(grafana, "{grafana-cloud}"), "organisation 652992, named acme-writer");
        assert_eq!(detail(grafana, "{grafana-key}"), "named acme-writer");
        assert_eq!(detail(onepassword, "{onepassword}"), "account acme.1password.com");
        assert_eq!(detail(mapbox, "{mapbox}"), "user acme");
    }

    #[test]
    fn what_decodes_to_nothing_is_doubtful() {
        for check in [sentry, grafana, onepassword, mapbox] {
            for text in ["", "_", ".", "sntrys_eyJ{alnum:90}_{alnum:43}", "ops_eyJ{alnum:90}"] {
                let text = expand(text).unwrap().text;
                assert!(matches!(check(text.as_bytes()), Verdict::Doubtful(_)), "{text}");
            }
        }
    }
}
