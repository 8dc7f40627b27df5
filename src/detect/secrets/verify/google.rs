//! The JSON files with which Google Cloud's tools sign in.

use super::found::shown;
use super::{Facts, Found, Verdict, key};
use memchr::memmem;

/// How much of the JSON before and after the secret is looked at.
const AROUND: usize = 1500;

/// The private key of a service account: the account is named beside it.
pub(super) fn service_account(found: &Found<'_>) -> Verdict {
    let facts = match key::private(found.value()) {
        Verdict::Holds => Facts::default(),
        Verdict::HoldsWith(facts) => facts,
        other @ (Verdict::Open(_) | Verdict::Doubtful(_) | Verdict::NoSecret) => return other,
    };
    let account = member(found, "client_email").map(|name| format!("account {name}"));
    let project = member(found, "project_id").map(|name| format!("project {name}"));
    let named = account.or(project);
    Verdict::HoldsWith(Facts { detail: named.or(facts.detail), ..facts })
}

/// A refresh token: in the file of an authorized user its client is named beside it.
pub(super) fn refresh_token(found: &Found<'_>) -> Verdict {
    let user = member(found, "type") == Some("authorized_user");
    let detail = user.then(|| "a user's application default credentials".to_owned());
    Verdict::Open(Facts::about(detail))
}

/// A member of the object around the secret that is text fit to be shown.
fn member<'a>(found: &Found<'a>, name: &str) -> Option<&'a str> {
    let (before, after) = (found.before(AROUND), found.after(AROUND));
    let start = before.iter().rposition(|byte| *byte == b'{').unwrap_or(0);
    let end = after.iter().position(|byte| *byte == b'}').unwrap_or(after.len());
    let parts = [before.get(start..)?, after.get(..end)?];
    parts.into_iter().find_map(|part| string_member(part, name)).and_then(shown)
}

fn string_member<'p>(part: &'p [u8], name: &str) -> Option<&'p str> {
    let at = memmem::find(part, format!("\"{name}").as_bytes())? + 1 + name.len();
    let rest = part.get(at..)?.utf8_chunks().next()?.valid();
    let rest = rest.trim_start_matches('\\').strip_prefix('"')?.trim_start().strip_prefix(':')?;
    let rest = rest.trim_start().trim_start_matches('\\').strip_prefix('"')?;
    rest.split(['"', '\\']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    fn detail(text: &str, judge: fn(&Found<'_>) -> Verdict) -> Option<String> {
        let expansion = expand(text).unwrap();
        let secret = &expansion.generated[0];
        let bytes = expansion.text.as_bytes();
        judge(&Found { bytes, secret, id: None, today: None }).facts()?.detail
    }

    #[test]
    fn a_service_account_is_named_whatever_the_spelling() {
        for text in [
            r#"{"project_id": "p", "private_key": "{pem-escaped:PRIVATE KEY}", "client_email": "a@p.iam"}"#,
            r#"{\"private_key\":\"{pem-escaped:PRIVATE KEY}\",\"client_email\":\"a@p.iam\"}"#,
        ] {
            assert_eq!(detail(text, service_account).as_deref(), Some("account a@p.iam"), "{text}");
        }
        let other = r#"{"project_id":"p"} {"private_key":"{pem-escaped:PRIVATE KEY}"}"#;
        assert!(detail(other, service_account).unwrap().starts_with("RSA"));
    }

    #[test]
    fn a_refresh_token_of_a_user_says_so() {
        let file = r#"{"refresh_token": "{alnum:100}", "type": "authorized_user"}"#;
        assert!(detail(file, refresh_token).is_some());
        assert_eq!(detail("token={alnum:100}", refresh_token), None);
    }
}
