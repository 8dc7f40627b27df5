//! A rule's table and a credential as one request. What is made here holds a secret: it has no
//! `Debug`, and its only way is to [`super::client`].

use super::stand_in::StandIn;
use crate::detect::secrets::Credential;
use crate::rule::{Encoding, HasId, Method, Part, Piece, Template, Validate};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A request, ready to be sent.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

/// A credential that its table cannot ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unaskable {
    #[error("its rule is not sound: 'lockkeeper rules check' says why")]
    Unsound,
    #[error("the public half of the pair is not known")]
    NoId,
}

/// The request that asks about a credential, at a vendor or at whoever stands in.
pub(super) fn build(
    table: &Validate,
    credential: &Credential,
    stand_in: Option<&StandIn>,
) -> Result<Request, Unaskable> {
    // A pattern without the half that it asks for shows below.
    if !table.defects(HasId::Yes).is_empty() {
        return Err(Unaskable::Unsound);
    }
    let fill = |template: &Template| fill(template, credential);
    let path = String::from_utf8(fill(table.url.path())?).map_err(|_| Unaskable::Unsound)?;
    let origin = match stand_in {
        Some(stand_in) => format!("http://{}", stand_in.address),
        None => format!("https://{}", table.url.host()),
    };
    let headers = table.headers.iter().map(|(name, value)| {
        let value = fill(value)?;
        Ok((name.as_str().to_owned(), value))
    });
    let mut headers = headers.collect::<Result<Vec<_>, Unaskable>>()?;
    if let Some(basic) = &table.basic {
        let value = format!("Basic {}", STANDARD.encode(fill(basic)?));
        headers.push(("Authorization".to_owned(), value.into_bytes()));
    }
    let body = table.body.as_ref().map(fill).transpose()?.unwrap_or_default();
    Ok(Request { method: table.method, url: origin + &path, headers, body })
}

fn fill(template: &Template, credential: &Credential) -> Result<Vec<u8>, Unaskable> {
    let mut filled = Vec::new();
    for piece in template.pieces() {
        match piece {
            Piece::Text(text) => filled.extend(text.as_bytes()),
            Piece::Value(part, encoding) => {
                let value = match part {
                    Part::Secret => &credential.secret,
                    Part::Id => credential.id.as_ref().ok_or(Unaskable::NoId)?,
                };
                filled.extend(encoded(value.expose(), *encoding));
            }
        }
    }
    Ok(filled)
}

fn encoded(value: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Plain => value.to_owned(),
        Encoding::Url => percent_encoded(value),
        Encoding::Json => json_encoded(value),
        Encoding::Base64 => STANDARD.encode(value).into_bytes(),
    }
}

/// Percent-encoded but for what has no meaning in a path, a query or a form: a colon has none.
fn percent_encoded(value: &[u8]) -> Vec<u8> {
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    let encode = |b: &u8| if kept(*b) { vec![*b] } else { format!("%{b:02X}").into_bytes() };
    value.iter().flat_map(encode).collect()
}

fn json_encoded(value: &[u8]) -> Vec<u8> {
    let text = serde_json::Value::from(String::from_utf8_lossy(value)).to_string();
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inside.unwrap_or_default().as_bytes().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::secrets::SecretValue;
    use proptest::prelude::*;

    fn table(text: &str) -> Validate {
        toml::from_str(&format!("{text}\nvalid = {{ status = [200] }}")).unwrap()
    }

    fn credential(secret: &[u8], id: Option<&str>) -> Credential {
        Credential { secret: SecretValue::new(secret), id: id.map(SecretValue::new) }
    }

    fn built(text: &str, secret: &str) -> Request {
        let credential = credential(secret.as_bytes(), Some("me"));
        build(&table(text), &credential, None).ok().unwrap()
    }

    #[test]
    fn each_placeholder_is_filled_where_it_stands() {
        let request = built(
            "method = 'POST'\nurl = 'https://api.example.org/{secret|url}/x?y={id|url}'\n\
             headers = { X-Key = '{secret}' }\nbasic = '{id}:{secret}'\nbody = '{\"t\": \"{secret|json}\"}'",
            "a:b/\"c",
        );
        assert_eq!(request.url, "https://api.example.org/a:b%2F%22c/x?y=me");
        assert_eq!(request.headers[0], ("X-Key".to_owned(), b"a:b/\"c".to_vec()));
        let basic = format!("Basic {}", STANDARD.encode("me:a:b/\"c"));
        assert_eq!(request.headers[1], ("Authorization".to_owned(), basic.into_bytes()));
        assert_eq!(request.body, br#"{"t": "a:b/\"c"}"#);
    }

    #[test]
    fn a_stand_in_gets_the_same_request() {
        let stand_in = "api.example.org=http://127.0.0.1:9".parse().unwrap();
        let table = table("url = 'https://api.example.org/{secret|url}'");
        let request = build(&table, &credential(b"x", None), Some(&stand_in));
        assert_eq!(request.ok().unwrap().url, "http://127.0.0.1:9/x");
    }

    #[test]
    fn what_cannot_be_asked_says_why() {
        let pair = table("url = 'https://api.example.org/'\nbasic = '{id}:{secret}'");
        let alone = build(&pair, &credential(b"x", None), None);
        assert_eq!(alone.err(), Some(Unaskable::NoId));
        let unsound = table("url = 'https://api.example.org/{secret}'");
        assert_eq!(build(&unsound, &credential(b"x", None), None).err(), Some(Unaskable::Unsound));
    }

    #[test]
    fn every_embedded_table_makes_a_request_that_can_be_sent() {
        let rules = crate::rule::builtin_secrets().unwrap();
        for (rule, table) in rules.iter().filter_map(|it| Some((&it.id, it.validate.as_ref()?))) {
            let request = build(table, &credential(b"s3cret/+=", Some("id")), None);
            let request = request.ok().unwrap_or_else(|| panic!("{rule} cannot be asked about"));
            let uri: ureq::http::Uri = request.url.parse().unwrap();
            assert_eq!(uri.authority().unwrap().as_str(), table.url.host(), "{rule}");
            for (name, value) in &request.headers {
                assert!(ureq::http::HeaderName::from_bytes(name.as_bytes()).is_ok(), "{rule}");
                assert!(ureq::http::HeaderValue::from_bytes(value).is_ok(), "{rule}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_secret_chooses_another_place(secret in proptest::collection::vec(any::<u8>(), 1..40)) {
            let table = table("url = 'https://api.example.org/bot{secret|url}/me?k={secret|url}'");
            let request = build(&table, &credential(&secret, None), None).ok().unwrap();
            let uri: ureq::http::Uri = request.url.parse().unwrap();
            prop_assert_eq!(uri.host(), Some("api.example.org"));
            prop_assert!(uri.path().starts_with("/bot") && uri.path().ends_with("/me"));
            prop_assert_eq!(uri.path().matches('/').count(), 2);
            prop_assert!(!uri.query().unwrap().contains('&'));
        }

        #[test]
        fn no_secret_ends_its_json_string(secret in ".{1,40}") {
            let inside = String::from_utf8(json_encoded(secret.as_bytes())).unwrap();
            let read: String = serde_json::from_str(&format!("\"{inside}\"")).unwrap();
            prop_assert_eq!(read, secret);
        }
    }
}
