//! Writes secrets that nobody issued, so that examples, tests and demonstrations need no
//! secret-shaped text in the repository.
//!
//! `{alnum:36}` in a text stands for 36 random letters and digits, `{github:ghp_}` for a token with
//! GitHub's checksum. The same text always expands to the same bytes; two equal placeholders in one
//! text expand to different ones.

mod carrier;
mod key;
mod random;
mod shape;

use random::Random;
use std::ops::Range;

/// A text with its placeholders filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// The text.
    pub text: String,
    /// Where generated characters stand in it.
    pub generated: Vec<Range<usize>>,
}

/// A placeholder that names no generator, or gives it an argument that it cannot use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{{{0}}} is no placeholder that can be expanded: {{alnum:36}} is one")]
pub struct GeneratorError(String);

/// Fills in the placeholders of `text`.
///
/// - `{alnum:n}`, `{letter:n}`, `{upper:n}`, `{lower:n}`, `{digit:n}`, `{hex:n}`, `{base32:n}`,
///   `{base64:n}`, `{base64url:n}`: `n` characters of an alphabet; `{uuid}`.
/// - `{github:ghp_}` (npm's too), `{gitlab-routable:glpat-}`, `{cloudflare:cfut_}`, `{grafana}`,
///   `{atlassian}`, `{zuplo}`, `{confluent}`, `{age}`, `{nsec}`, `{wif}`, `{xprv}`: a token of which
///   the checksum holds, with the prefix that is given.
/// - `{pem:RSA PRIVATE KEY}`, `{pem-escaped:PRIVATE KEY}` (with `\n` for line ends),
///   `{openssh:none}` (or the name of a cipher): a key block with the structure of a key.
/// - `{aws:AKIA}`, `{jwt}`, `{jwt:service_role}`, `{jwt-until:2020}`, `{userpass}` (base 64 of
///   `user:password`), `{snowflake}` (the start of a Discord token), `{pypi}`, `{fly}`, `{sentry}`,
///   `{grafana-cloud}`, `{grafana-key}`, `{onepassword}`, `{mapbox}`, `{swarm}`: text that decodes
///   to what it should.
///
/// ```
/// let token = lockkeeper::rule::expand("ghp_{alnum:36}").unwrap().text;
/// assert_eq!(token.len(), 40);
/// ```
pub fn expand(text: &str) -> Result<Expansion, GeneratorError> {
    expand_from(text, 0)
}

/// Fills in the placeholders of `text` with what `seed` gives: another seed, other secrets.
///
/// Braces around anything but a placeholder stay as they are: `${NAME}`, `{"json": 1}`.
pub fn expand_from(text: &str, seed: u64) -> Result<Expansion, GeneratorError> {
    let mut out = Expansion { text: String::new(), generated: Vec::new() };
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.text.push_str(before);
        let inner = after.split_once('}').filter(|(name, _)| looks_like_a_placeholder(name));
        let position = u64::try_from(out.text.len()).unwrap_or_default();
        let random = Random::new(seed, position);
        match inner.map(|(name, tail)| (name, tail, shape::generate(name, random))) {
            Some((_, tail, Some(generated))) => {
                let start = out.text.len();
                out.text.push_str(&generated);
                out.generated.push(start..out.text.len());
                rest = tail;
            }
            Some((name, _, None)) if name.contains(':') => {
                return Err(GeneratorError(name.to_owned()));
            }
            _ => {
                out.text.push('{');
                rest = after;
            }
        }
    }
    out.text.push_str(rest);
    Ok(out)
}

fn looks_like_a_placeholder(name: &str) -> bool {
    let kind = name.split(':').next().unwrap_or(name);
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let argument = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b' ');
    !kind.is_empty() && kind.bytes().all(word) && name.bytes().all(argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_placeholders_differ_and_equal_texts_agree() {
        let first = expand("{alnum:20} {alnum:20}").unwrap();
        let [a, b] = &first.generated[..] else { panic!("two placeholders") };
        assert_ne!(first.text.get(a.clone()), first.text.get(b.clone()));
        assert_eq!(first, expand("{alnum:20} {alnum:20}").unwrap());
        assert_ne!(first, expand_from("{alnum:20} {alnum:20}", 1).unwrap());
    }

    #[test]
    fn other_braces_stay() {
        for text in ["${TOKEN}", "{\"a\": {\"b\": 1}}", "{{ value }}", "{name}", "{", "}{}"] {
            assert_eq!(expand(text).unwrap().text, text);
        }
    }

    #[test]
    fn a_misspelt_placeholder_is_an_error() {
        assert_eq!(expand("{alnm:36}"), Err(GeneratorError("alnm:36".to_owned())));
        assert_eq!(expand("{hex:many}"), Err(GeneratorError("hex:many".to_owned())));
    }

    #[test]
    fn every_alphabet_keeps_to_itself() {
        let text = expand("{hex:99}{digit:99}{upper:99}{lower:99}").unwrap();
        let piece = |n: usize| text.text.get(text.generated[n].clone()).unwrap().bytes();
        assert!(piece(0).all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        assert!(piece(1).all(|b| b.is_ascii_digit()));
        assert!(piece(2).all(|b| b.is_ascii_uppercase()));
        assert!(piece(3).all(|b| b.is_ascii_lowercase()));
    }
}
