//! Private keys in PEM: whether there is a key in the block, which, and whether a passphrase protects
//! it.
//!
//! The body is found however it is written: indented, quoted line by line, with escaped line ends, on
//! one line, in comments, or with a plus before each line.

use super::der::Fault;
use super::published::is_published_key;
use super::structure::BASE64;
use super::{Facts, Verdict, der, doubtful, openssh, pgp};
use crate::rule::checksum::crc24;
use base64::Engine as _;

/// The fewest characters of base 64 that a key has: an Ed25519 key has 64.
const SHORTEST: usize = 60;

/// The fewest characters of base 64 on a line that is not the last.
const LINE: usize = 32;

/// What stands for text that was left out.
const OMISSIONS: [&str; 4] = ["...", "…", "***", "[snip]"];

/// What a block holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    Key(Kind),
    /// How it is encrypted.
    Encrypted(String),
    Cut,
    Unknown,
}

/// What a key is, and by what it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    name: String,
    /// Whether its public half is that of a key that everybody has.
    published: bool,
}

impl Kind {
    /// A key of this kind that `fingerprinted` tells from all others.
    pub(super) fn new(name: String, fingerprinted: &[u8]) -> Self {
        Self { name, published: is_published_key(fingerprinted) }
    }
}

/// A key that whoever has the file can use.
pub(super) fn private(block: &[u8]) -> Verdict {
    match content(block) {
        Content::Key(kind) if kind.published => doubtful("it is a test key that everybody has"),
        Content::Key(kind) => Verdict::HoldsWith(Facts::about(kind.name)),
        Content::Cut => doubtful("its body is cut short"),
        Content::Unknown => doubtful("its body does not parse as a key"),
        Content::Nothing | Content::Encrypted(_) => Verdict::NoSecret,
    }
}

/// A key that a passphrase protects.
pub(super) fn encrypted(block: &[u8]) -> Verdict {
    match content(block) {
        Content::Encrypted(how) => Verdict::HoldsWith(Facts::about(how)),
        Content::Nothing | Content::Key(_) | Content::Cut | Content::Unknown => Verdict::NoSecret,
    }
}

fn content(block: &[u8]) -> Content {
    let text = unescaped(&String::from_utf8_lossy(block));
    let Some((label, rest)) = text.strip_prefix("-----BEGIN ").and_then(|t| t.split_once("-----"))
    else {
        return Content::Nothing;
    };
    let rest = rest.split("-----END").next().unwrap_or(rest);
    let body = body(rest);
    if body.len() < SHORTEST {
        return Content::Nothing;
    }
    if let Some(cipher) = header_cipher(rest) {
        return Content::Encrypted(cipher);
    }
    let bytes = decoded(&body);
    let read = match label {
        _ if bytes.starts_with(openssh::MAGIC) => openssh::key(&bytes),
        _ if label.starts_with("PGP") => armoured(rest, &bytes),
        _ => der::key(&bytes),
    };
    let omitted = OMISSIONS.iter().any(|mark| rest.contains(mark));
    match read {
        Ok(content) => content,
        _ if label.contains("ENCRYPTED") => Content::Encrypted("PKCS#8".to_owned()),
        Err(Fault::Cut) => Content::Cut,
        Err(Fault::Wrong) if omitted => Content::Cut,
        Err(Fault::Wrong) => Content::Unknown,
    }
}

/// The text with the escapes of JSON and of source code undone.
fn unescaped(text: &str) -> String {
    let escapes = [
        ("\\r", ""),
        ("\\n", "\n"),
        ("\\/", "/"),
        ("\\u003d", "="),
        ("\\u002b", "+"),
        ("\\u002B", "+"),
    ];
    escapes.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The base 64 of the block: its long pieces, and the short one with which it ends.
fn body(rest: &str) -> String {
    let joint = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
    let lines = rest.lines().filter(|line| !is_header(line));
    let pieces = lines.flat_map(|line| line.split(joint)).filter(|piece| {
        !piece.trim_start_matches('+').starts_with('=')
            && !piece.chars().all(|c| matches!(c, '+' | '/'))
    });
    let pieces: Vec<&str> = pieces.collect();
    let added = pieces.len() >= 3 && pieces.iter().all(|piece| piece.starts_with('+'));
    let mut body = String::with_capacity(rest.len());
    let mut within = false;
    for (at, piece) in pieces.iter().enumerate() {
        let last = within && at + 1 == pieces.len();
        within = piece.len() >= LINE;
        if within || last {
            body.push_str(piece.strip_prefix('+').filter(|_| added).unwrap_or(piece));
        }
    }
    body
}

/// Whether a line is one such as `Proc-Type: 4,ENCRYPTED`.
fn is_header(line: &str) -> bool {
    let name =
        line.split_once(": ").map(|(name, _)| name.trim_matches(|c: char| !c.is_alphanumeric()));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && name.len() < LINE)
}

/// The cipher that the headers of OpenSSL's older format name.
fn header_cipher(rest: &str) -> Option<String> {
    let (_, after) = rest.split_once(",ENCRYPTED")?;
    let named = after.split_once("DEK-Info: ").map_or("", |(_, named)| named);
    let name: String =
        named.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').take(30).collect();
    Some(if name.is_empty() { "a passphrase".to_owned() } else { name })
}

/// The bytes up to the padding; a last character that is no byte is left out.
fn decoded(body: &str) -> Vec<u8> {
    let body = body.split('=').next().unwrap_or(body);
    let whole = if body.len() % 4 == 1 { body.len() - 1 } else { body.len() };
    BASE64.decode(body.get(..whole).unwrap_or_default()).unwrap_or_default()
}

/// A PGP key, of which the checksum of its armour holds if it has one.
fn armoured(rest: &str, bytes: &[u8]) -> Result<Content, Fault> {
    let part = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
    let sum = rest.split(part).rev().find_map(|piece| {
        let piece = piece.trim_start_matches('+');
        piece.strip_prefix('=').filter(|sum| sum.len() == 4).map(|sum| BASE64.decode(sum))
    });
    let [_, expected @ ..] = crc24(bytes).to_be_bytes();
    let broken = sum.is_some_and(|sum| sum.as_deref() != Ok(expected.as_slice()));
    match pgp::key(bytes) {
        Ok(_) if broken => Err(Fault::Wrong),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    const OPEN: &[(&str, &str)] = &[
        ("{pem:RSA PRIVATE KEY}", "RSA, 2048 bits"),
        ("{pem:PRIVATE KEY}", "RSA, 2048 bits"),
        ("{pem:EC PRIVATE KEY}", "EC, P-256"),
        ("{pem:DSA PRIVATE KEY}", "DSA, 1024 bits"),
        ("{pem:PGP PRIVATE KEY BLOCK}", "OpenPGP, RSA"),
        ("{openssh:none}", "ssh-ed25519"),
    ];

    fn block(text: &str) -> String {
        expand(text).unwrap().text
    }

    fn is(text: &str) -> Content {
        content(text.as_bytes())
    }

    fn key(name: &str) -> Content {
        Content::Key(Kind { name: name.to_owned(), published: false })
    }

    #[test]
    fn every_format_is_read() {
        for (text, name) in OPEN {
            assert_eq!(is(&block(text)), key(name), "{text}");
        }
    }

    #[test]
    fn keys_are_told_from_encrypted_ones() {
        let cipher =
            |text: &str| encrypted(block(text).as_bytes()).facts().unwrap().detail.unwrap();
        assert_eq!(cipher("{openssh:aes256-ctr}"), "aes256-ctr");
        assert_eq!(cipher("{pem:ENCRYPTED PRIVATE KEY}"), "PBES2");
        let header = "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n";
        let old = block("{pem:RSA PRIVATE KEY}").replacen("-----\n", header, 1);
        assert_eq!(is(&old), Content::Encrypted("AES-128-CBC".to_owned()));
    }

    /// Ways in which keys are written into other files.
    #[test]
    fn a_key_is_read_however_its_lines_are_written() {
        for (text, name) in OPEN {
            let plain = block(text);
            let lines = |before: &str, after: &str| {
                let lines: Vec<_> =
                    plain.lines().map(|line| format!("{before}{line}{after}")).collect();
                lines.join("\n").trim_start_matches(before).to_owned()
            };
            for written in [
                lines("    ", ""),
                lines("\t\"", "\\n\" +"),
                lines("'", "',"),
                lines("# ", ""),
                lines("+", ""),
                lines("", "\r"),
                plain.replace('\n', "\\n"),
                plain.replace('\n', "\\r\\n"),
                plain.replace('\n', "\\\\n"),
                plain.replace('\n', " "),
                plain.replace('/', "\\/"),
                plain.replace('+', "\\u002B").replace('=', "\\u003d"),
            ] {
                assert_eq!(is(&written), key(name), "{text}\n{written}");
            }
        }
    }

    #[test]
    fn a_key_that_is_cut_is_no_whole_key() {
        for (text, _) in OPEN.iter().filter(|(text, _)| !text.contains("PGP")) {
            let plain = block(text);
            let lines: Vec<_> = plain.lines().collect();
            let cut = [&lines[..lines.len() - 2], &["...", lines[lines.len() - 1]]].concat();
            let content = is(&cut.join("\n"));
            assert!(matches!(content, Content::Cut | Content::Nothing), "{text}: {content:?}");
        }
    }

    #[test]
    fn a_block_without_a_body_holds_nothing() {
        let empty = "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----";
        assert_eq!(is(empty), Content::Nothing);
        assert_eq!(is("-----BEGIN"), Content::Nothing);
    }

    #[test]
    fn a_body_that_is_something_else_is_unknown() {
        let text = "-----BEGIN PRIVATE KEY-----\nzz{alnum:120}\n-----END PRIVATE KEY-----";
        assert_eq!(is(&block(text)), Content::Unknown);
    }

    #[test]
    fn the_checksum_of_an_armour_must_hold() {
        let plain = block("{pem:PGP PRIVATE KEY BLOCK}");
        let sum = plain.rfind("\n=").unwrap() + 2;
        let mut wrong = plain.clone();
        wrong.replace_range(sum..sum + 4, "AAAA");
        assert_eq!(is(&wrong), Content::Unknown);
    }
}
