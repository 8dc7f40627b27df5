//! `[rule.validate]`: how a vendor is asked whether a secret still works, as data; `validity` asks.
//!
//! A rule names one request that reads who the secret belongs to and changes nothing, and the
//! answers that prove something. Every other answer proves nothing.

mod endpoint;
mod template;

pub use endpoint::{Endpoint, EndpointError};
pub use template::{Encoding, Part, Piece, Template, TemplateError};

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Headers that belong to the connection or to us.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// How a vendor is asked about a secret, and what its answers mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Validate {
    /// How.
    #[serde(default)]
    pub method: Method,
    /// Where.
    pub url: Endpoint,
    /// Headers, by their names.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, Template>,
    /// `user:password` of basic authentication.
    #[serde(default)]
    pub basic: Option<Template>,
    /// What is sent.
    #[serde(default)]
    pub body: Option<Template>,
    /// What the vendor says of a secret that works.
    #[serde(default)]
    pub valid: Option<Answer>,
    /// What the vendor says of one that does not.
    #[serde(default)]
    pub invalid: Option<Answer>,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `POST`
    Post,
}

/// The name of a header that a rule may set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderName(String);

impl HeaderName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HeaderName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let token = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let reserved = RESERVED.contains(&name.to_ascii_lowercase().as_str());
        if !token || reserved {
            return Err(format!("{name:?} is no header that a rule may set"));
        }
        Ok(Self(name))
    }
}

/// An answer that proves something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Answer {
    /// The statuses, of which it has one.
    pub status: Vec<u16>,
    /// Texts of which one must occur in its body, compared without white space. Empty: the status says
    /// it all.
    #[serde(default)]
    pub body_contains: Vec<String>,
}

/// What an answer says of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It works.
    Valid,
    /// It does not.
    Invalid,
    /// Neither is proved.
    Neither,
}

/// What can be wrong with the table as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateDefect {
    /// No answer would prove anything.
    #[error("`validate` says neither what is `valid` nor what is `invalid`")]
    NoAnswer,
    /// An answer that no response could be.
    #[error("`validate` has an answer without a status, or with a text that is empty")]
    EmptyAnswer,
    /// A status that says something about the vendor and nothing about the secret.
    #[error(
        "`validate` reads {0}, which says nothing of a secret: use 200 to 299, or 400 to 499 but for 408 and 429"
    )]
    Status(u16),
    /// An answer that is both.
    #[error("`validate` takes {0} for valid and for invalid: tell them apart by `body-contains`")]
    Ambiguous(u16),
    /// The request asks about nothing.
    #[error("nothing in the request of `validate` holds {{secret}}")]
    NoSecret,
    /// The pattern has no such half.
    #[error("`validate` sends {{id}}, and the pattern names no group `id`")]
    NoId,
    /// A value that could end what it stands in.
    #[error("in the `url` of `validate` placeholders are percent-encoded: {{secret|url}}")]
    UrlEncoding,
    /// A value that could end what it stands in.
    #[error(
        "in the `body` of `validate` placeholders are encoded: {{secret|json}} or {{secret|url}}"
    )]
    BodyEncoding,
    /// It is encoded as a whole.
    #[error("in `basic` of `validate` placeholders stand as they are: the whole is encoded")]
    BasicEncoding,
    /// Two ways to say who asks.
    #[error("`validate` has both `basic` and an Authorization header")]
    TwoAuthorizations,
    /// A body that nobody reads.
    #[error("`validate` sends a body with GET")]
    BodyOfGet,
}

impl Answer {
    fn is(&self, status: u16, body: &[u8]) -> bool {
        let holds =
            |text: &String| memchr::memmem::find(body, &without_space(text.as_bytes())).is_some();
        self.status.contains(&status)
            && (self.body_contains.is_empty() || self.body_contains.iter().any(holds))
    }

    fn is_empty(&self) -> bool {
        self.status.is_empty() || self.body_contains.iter().any(|text| text.trim().is_empty())
    }
}

impl Validate {
    /// What the vendor says with this answer.
    pub fn judge(&self, status: u16, body: &[u8]) -> Judgement {
        let body = without_space(body);
        let is = |answer: &Option<Answer>| answer.as_ref().is_some_and(|it| it.is(status, &body));
        match (is(&self.valid), is(&self.invalid)) {
            (true, false) => Judgement::Valid,
            (false, true) => Judgement::Invalid,
            (true, true) | (false, false) => Judgement::Neither,
        }
    }

    /// Whether an answer of this status must be read to be judged.
    pub fn reads_body(&self, status: u16) -> bool {
        self.answers().any(|it| it.status.contains(&status) && !it.body_contains.is_empty())
    }

    /// What is wrong with it; `has_id` says whether the pattern names the public half of a pair.
    pub fn defects(&self, has_id: HasId) -> Vec<ValidateDefect> {
        let values: Vec<_> = self.templates().flat_map(Template::values).collect();
        let sends = |part: Part| values.iter().any(|(it, _)| *it == part);
        let encoded = |template: Option<&Template>, allowed: &[Encoding]| {
            template.is_none_or(|it| it.values().all(|(_, encoding)| allowed.contains(&encoding)))
        };
        let authorization =
            self.headers.keys().any(|name| name.0.eq_ignore_ascii_case("authorization"));
        let conditions = [
            (self.answers().next().is_some(), ValidateDefect::NoAnswer),
            (!self.answers().any(Answer::is_empty), ValidateDefect::EmptyAnswer),
            (sends(Part::Secret), ValidateDefect::NoSecret),
            (has_id == HasId::Yes || !sends(Part::Id), ValidateDefect::NoId),
            (encoded(Some(self.url.path()), &[Encoding::Url]), ValidateDefect::UrlEncoding),
            (
                encoded(self.body.as_ref(), &[Encoding::Url, Encoding::Json]),
                ValidateDefect::BodyEncoding,
            ),
            (encoded(self.basic.as_ref(), &[Encoding::Plain]), ValidateDefect::BasicEncoding),
            (!authorization || self.basic.is_none(), ValidateDefect::TwoAuthorizations),
            (self.body.is_none() || self.method == Method::Post, ValidateDefect::BodyOfGet),
        ];
        let failed = conditions.into_iter().filter(|(holds, _)| !holds).map(|(_, defect)| defect);
        failed.chain(self.status_defects()).collect()
    }

    fn status_defects(&self) -> Vec<ValidateDefect> {
        let statuses: BTreeSet<u16> = self.answers().flat_map(|it| it.status.clone()).collect();
        let telling = |status: u16| matches!(status, 200..=299 | 400..=407 | 409..=428 | 430..=499);
        let mute = statuses.iter().filter(|status| !telling(**status));
        let mut defects: Vec<_> = mute.map(|status| ValidateDefect::Status(*status)).collect();
        if let (Some(valid), Some(invalid)) = (&self.valid, &self.invalid) {
            let bare = valid.body_contains.is_empty() || invalid.body_contains.is_empty();
            let shared = valid.status.iter().filter(|it| bare && invalid.status.contains(it));
            defects.extend(shared.map(|status| ValidateDefect::Ambiguous(*status)));
        }
        defects
    }

    fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.valid.iter().chain(&self.invalid)
    }

    fn templates(&self) -> impl Iterator<Item = &Template> {
        let more = self.headers.values().chain(&self.basic).chain(&self.body);
        std::iter::once(self.url.path()).chain(more)
    }
}

/// Whether a rule's pattern names the public half of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HasId {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// JSON is written with and without spaces; what is asked for is neither.
fn without_space(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

#[cfg(test)]
mod tests;
