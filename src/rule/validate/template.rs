//! Text of a request with places for the two halves of a credential.
//!
//! `{secret}` and `{id}` are the halves as they are; `|url`, `|json` and `|base64` say how they are
//! written where they could otherwise end what they stand in. A brace that encloses anything but a
//! word is a brace: `{ viewer { id } }` is a query, and `{secrte}` is a mistake.

use serde::Deserialize;

/// Half of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The value that nobody may know: the group `secret` of the pattern.
    Secret,
    /// The public half of a pair: the group `id`.
    Id,
}

/// How a half is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Plain,
    /// Percent-encoded: nothing in it ends a path, a query or a form field.
    Url,
    /// As the inside of a JSON string.
    Json,
    /// Base 64, with padding.
    Base64,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The same in every request.
    Text(String),
    /// Half of a credential.
    Value(Part, Encoding),
}

/// Text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Piece>);

/// A placeholder that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{{{0}}} is no placeholder: there are {{secret}} and {{id}}, as they are or with |url, |json or |base64"
)]
pub struct TemplateError(String);

impl Template {
    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// What it asks for.
    pub(super) fn values(&self) -> impl Iterator<Item = (Part, Encoding)> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value(part, encoding) => Some((*part, *encoding)),
            Piece::Text(_) => None,
        })
    }
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        let (mut pieces, mut plain) = (Vec::new(), String::new());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            let word = after.split_once('}').filter(|(word, _)| is_word(word));
            let Some((word, beyond)) = word else {
                plain.push('{');
                rest = after;
                continue;
            };
            let value = placeholder(word).ok_or_else(|| TemplateError(word.to_owned()))?;
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(value);
            rest = beyond;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Ok(Self(pieces))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"|_-".contains(&byte))
}

fn placeholder(word: &str) -> Option<Piece> {
    let (name, encoding) = word.split_once('|').unwrap_or((word, ""));
    let part = match name {
        "secret" => Part::Secret,
        "id" => Part::Id,
        _ => return None,
    };
    let encoding = match encoding {
        "url" => Encoding::Url,
        "json" => Encoding::Json,
        "base64" => Encoding::Base64,
        "" if !word.contains('|') => Encoding::Plain,
        _ => return None,
    };
    Some(Piece::Value(part, encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<Piece> {
        Template::try_from(text.to_owned()).unwrap().0
    }

    #[test]
    fn placeholders_stand_between_text() {
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pieces("Bearer {secret}, {id|url}!"),
            [
                text("Bearer "),
                Piece::Value(Part::Secret, Encoding::Plain),
                text(", "),
                Piece::Value(Part::Id, Encoding::Url),
                text("!")
            ]
        );
        assert_eq!(pieces("{secret|base64}"), [Piece::Value(Part::Secret, Encoding::Base64)]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn braces_around_more_than_a_word_are_braces() {
        let query = r#"{"query": "{ viewer { id } }", "open": "{"}"#;
        assert_eq!(pieces(query), [Piece::Text(query.to_owned())]);
        let body = r#"{"token": "{secret|json}"}"#;
        assert!(pieces(body).contains(&Piece::Value(Part::Secret, Encoding::Json)));
    }

    #[test]
    fn a_misspelt_placeholder_is_an_error() {
        for text in ["{secrte}", "{secret|rot13}", "{secret|}", "{|url}", "a {SECRET} b"] {
            let error = Template::try_from(text.to_owned()).unwrap_err().to_string();
            assert!(error.contains("is no placeholder"), "{error}");
        }
    }
}
