//! Filling in templates: words, names in the styles of languages, encodings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockkeeper::rule::expand_from;
use serde::Deserialize;
use std::fmt::Write as _;

/// How a language writes a name of several words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Style {
    /// `api_token`
    Snake,
    /// `apiToken`
    Camel,
    /// `ApiToken`
    Pascal,
    /// `API_TOKEN`
    #[default]
    Upper,
    /// `api-token`
    Kebab,
    /// `api.token`
    Dotted,
}

impl Style {
    /// A name in this style.
    pub(crate) fn name(self, words: &str) -> String {
        let parts: Vec<&str> = words.split(' ').collect();
        match self {
            Self::Snake => parts.join("_"),
            Self::Kebab => parts.join("-"),
            Self::Dotted => parts.join("."),
            Self::Upper => parts.join("_").to_ascii_uppercase(),
            Self::Pascal => parts.into_iter().map(capital).collect(),
            Self::Camel => {
                let (first, rest) = parts.split_first().expect("a name has a word");
                rest.iter().fold((*first).to_owned(), |name, word| name + &capital(word))
            }
        }
    }
}

/// What is done to a value before it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Encoding {
    /// Nothing.
    #[default]
    None,
    /// The escapes of a JSON string.
    Json,
    /// The entities of XML.
    Xml,
    /// Base 64.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// `%41` for every other character that a URL need not have.
    Percent,
    /// `\u0041` for every character.
    Unicode,
}

impl Encoding {
    /// The value as it is written.
    pub(crate) fn encode(self, value: &str) -> String {
        match self {
            Self::None => value.to_owned(),
            Self::Json => {
                let quoted = serde_json::to_string(value).unwrap();
                quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap().to_owned()
            }
            Self::Xml => {
                let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")];
                pairs.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
            }
            Self::Base64 => STANDARD.encode(value),
            Self::Hex => each(value, |out, byte| write!(out, "{byte:02x}")),
            Self::Percent => each(value, |out, byte| match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => write!(out, "{}", char::from(byte)),
                other => write!(out, "%{other:02X}"),
            }),
            Self::Unicode => each(value, |out, byte| write!(out, "\\u{byte:04x}")),
        }
    }
}

fn each(value: &str, show: impl Fn(&mut String, u8) -> std::fmt::Result) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        show(&mut out, byte).expect("a string takes everything");
    }
    out
}

/// An element of a list, another for another seed.
pub(crate) fn pick<T>(list: &[T], seed: u64) -> &T {
    let mixed = (seed ^ 0x5DEE_CE66).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let at = usize::try_from((mixed >> 33) % u64::try_from(list.len()).unwrap()).unwrap();
    &list[at]
}

/// A template with its words filled in; `{alnum:20}` and the like stay.
pub(crate) fn fill(template: &str, words: &[String], seed: u64) -> String {
    let mut out = String::new();
    let mut rest = template;
    let mut turn = seed;
    while let Some((before, mark, after)) = next_mark(rest) {
        turn = turn.wrapping_add(0x9E37);
        let word = pick(words, turn);
        out.push_str(before);
        out.push_str(&match mark {
            "@WORD@" | "@word@" => word.clone(),
            "@Word@" => capital(word),
            "@leet@" => word.replace('a', "4").replace('e', "3").replace('o', "0"),
            _ => code(turn),
        });
        rest = after;
    }
    out + rest
}

/// The first mark of a text, with what is before and after it.
fn next_mark(text: &str) -> Option<(&str, &str, &str)> {
    let marks = ["@WORD@", "@word@", "@Word@", "@leet@", "@CODE@"];
    let found = marks.iter().filter_map(|mark| Some((text.find(mark)?, *mark))).min()?;
    let (before, rest) = text.split_at(found.0);
    let (mark, after) = rest.split_at(found.1.len());
    Some((before, mark, after))
}

/// A thousand characters of what a bundler makes.
fn code(seed: u64) -> String {
    let shapes = [
        "function {lower:1}(e,t){var n=e.{lower:6}||t[{digit:1}];return n&&n.{lower:9}(t)}",
        "const {lower:2}=({lower:1},{lower:2})=>{lower:1}.map(x=>x+{digit:2}),",
        "if(!{lower:1}.{lower:7})throw new Error(\"{lower:5} {lower:3} {lower:8}\");",
        "e.exports={lower:3}:{digit:4},{lower:4}:!0,",
        "Object.defineProperty({lower:1},\"{lower:8}\",{value:!0});",
    ];
    let pieces = (0..20).map(|n| {
        let shape = pick(&shapes, seed.wrapping_add(n));
        expand_from(shape, seed.wrapping_add(n)).map(|made| made.text).unwrap_or_default()
    });
    pieces.collect()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
