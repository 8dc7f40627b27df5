//! Private keys in PEM: whether there is a key in the block, and whether a passphrase protects it.

use super::Verdict;
use super::structure::BASE64;
use base64::Engine as _;

/// How an OpenSSH key begins.
const OPENSSH: &[u8] = b"openssh-key-v1\0";

/// The fewest characters of base 64 that a key has: an Ed25519 key has 64.
const SHORTEST: usize = 60;

/// The fewest characters of base 64 on a line. A last line that is shorter is not missed.
const LINE: usize = 32;

/// How many characters of the body are decoded to see what it is.
const SAMPLE: usize = 60;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Nothing,
    Key,
    Encrypted,
    Unknown,
}

/// A key that whoever has the file can use.
pub(super) fn private(block: &[u8]) -> Verdict {
    match content(block) {
        Content::Key => Verdict::Holds,
        Content::Unknown => Verdict::Doubtful("its body does not begin as a key does"),
        Content::Nothing | Content::Encrypted => Verdict::NoSecret,
    }
}

/// A key that a passphrase protects.
pub(super) fn encrypted(block: &[u8]) -> Verdict {
    if content(block) == Content::Encrypted { Verdict::Holds } else { Verdict::NoSecret }
}

fn content(block: &[u8]) -> Content {
    let text = String::from_utf8_lossy(block).replace("\\r", "").replace("\\n", "\n");
    let Some((label, rest)) = text.strip_prefix("-----BEGIN ").and_then(|t| t.split_once("-----"))
    else {
        return Content::Nothing;
    };
    let lines = rest.lines().take_while(|line| !line.contains("-----END"));
    let body: String = lines.filter_map(data).collect();
    let sample: Vec<u8> = body.bytes().take(SAMPLE).collect();
    let head = BASE64.decode(sample).unwrap_or_default();
    match () {
        () if body.len() < SHORTEST => Content::Nothing,
        () if label.contains("ENCRYPTED") || rest.contains(",ENCRYPTED") => Content::Encrypted,
        () => structure(label, &head),
    }
}

/// The longest piece of base 64 on a line; `None` where it is too short to be a line of a key, as in
/// a header (`Proc-Type: 4,ENCRYPTED`), in code, or in prose.
fn data(line: &str) -> Option<&str> {
    let joint = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
    let longest = line.split(joint).max_by_key(|piece| piece.len());
    longest.filter(|piece| piece.len() >= LINE)
}

fn structure(label: &str, head: &[u8]) -> Content {
    if let Some(rest) = head.strip_prefix(OPENSSH) {
        let plain = rest.get(4..).is_some_and(|cipher| cipher.starts_with(b"none"));
        return if plain { Content::Key } else { Content::Encrypted };
    }
    let sequence = head.first() == Some(&0x30) && head.iter().take(6).any(|byte| *byte == 0x02);
    let packet = label.starts_with("PGP") && head.first().is_some_and(|byte| byte & 0x80 != 0);
    if sequence || packet { Content::Key } else { Content::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    fn is(text: &str) -> Content {
        content(expand(text).unwrap().text.as_bytes())
    }

    #[test]
    fn keys_are_told_from_encrypted_ones() {
        assert_eq!(is("{pem:RSA PRIVATE KEY}"), Content::Key);
        assert_eq!(is("{pem-escaped:PRIVATE KEY}"), Content::Key);
        assert_eq!(is("{pem:PGP PRIVATE KEY BLOCK}"), Content::Key);
        assert_eq!(is("{openssh:none}"), Content::Key);
        assert_eq!(is("{openssh:aes256-ctr}"), Content::Encrypted);
        assert_eq!(is("{pem:ENCRYPTED PRIVATE KEY}"), Content::Encrypted);
    }

    #[test]
    fn a_header_says_that_a_key_is_encrypted() {
        let block = expand("{pem:RSA PRIVATE KEY}").unwrap().text;
        let header = "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n";
        let block = block.replacen("-----\n", header, 1);
        assert_eq!(content(block.as_bytes()), Content::Encrypted);
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
        assert_eq!(is(text), Content::Unknown);
    }
}
