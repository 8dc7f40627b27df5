//! Tokens that end in their own checksum.

use super::{Facts, Found, Verdict, checksum, doubtful};
use crate::rule::checksum::{
    BASE36, BASE62, BECH32, bech32_polymod, crc32, double_sha256, from_base58, in_base,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The fewest characters that follow a piece of a routable token: a dot and the checksum's field.
const ROUTABLE_TAIL: usize = 10;

/// GitHub's and npm's: a prefix, thirty characters, and their CRC-32 in six digits of base 62. Of
/// longer tokens (GitHub's refresh tokens come in two lengths) it is not known.
pub(super) fn github(token: &[u8]) -> Verdict {
    let prefix = token.iter().position(|byte| *byte == b'_').map_or(0, |at| at + 1);
    let rest = token.get(prefix..).unwrap_or_default();
    match split_tail(rest, 6) {
        Some((body, _)) if body.len() > 30 => Verdict::Open(Facts::default()),
        Some((body, sum)) => checksum(body.len() == 30 && in_base(crc32(body), BASE62, 6) == sum),
        None => checksum(false),
    }
}

/// GitLab's routable tokens: the CRC-32 of all that stands before it, in seven digits of base 36.
pub(super) fn gitlab(token: &[u8]) -> bool {
    split_tail(token, 7).is_some_and(|(rest, sum)| in_base(crc32(rest), BASE36, 7) == sum)
}

/// GitLab's older tokens have no checksum, but a routable one with a dot in the wrong place must not
/// pass for one of them.
pub(super) fn gitlab_legacy(found: &Found<'_>) -> Verdict {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let after = found.after(ROUTABLE_TAIL);
    let tail =
        after.first() == Some(&b'.') && after.iter().take_while(part).count() == ROUTABLE_TAIL;
    if tail {
        doubtful("it is part of something longer that is no token")
    } else {
        Verdict::Open(Facts::default())
    }
}

/// Cloudflare's: forty characters and their CRC-32 in hexadecimal.
pub(super) fn cloudflare(token: &[u8]) -> bool {
    let Some((rest, sum)) = split_tail(token, 8) else {
        return false;
    };
    split_tail(rest, 40).is_some_and(|(_, body)| hexadecimal(sum) == Some(crc32(body)))
}

/// Grafana's: the CRC-32 of all before the last underscore, lowest byte first.
pub(super) fn grafana(token: &[u8]) -> bool {
    let Some((rest, sum)) = split_tail(token, 8) else {
        return false;
    };
    let body = rest.strip_suffix(b"_");
    body.is_some_and(|body| hexadecimal(sum) == Some(crc32(body).swap_bytes()))
}

/// Atlassian's: the CRC-32 of all before it. Its published description leaves open whether the `=`
/// in between counts, so either will do.
pub(super) fn atlassian(token: &[u8]) -> bool {
    let Some((rest, sum)) = split_tail(token, 8) else {
        return false;
    };
    let body = rest.strip_suffix(b"=").unwrap_or(rest);
    hexadecimal(sum).is_some_and(|sum| sum == crc32(rest) || sum == crc32(body))
}

/// Zuplo's: the CRC-32 of what stands between the two underscores.
pub(super) fn zuplo(token: &[u8]) -> bool {
    let Some((rest, sum)) = split_tail(token, 8) else {
        return false;
    };
    let body = rest.strip_suffix(b"_").and_then(|rest| rest.strip_prefix(b"zpka_"));
    body.is_some_and(|body| hexadecimal(sum) == Some(crc32(body)))
}

/// Confluent's: the CRC-32, lowest byte first, in base 64. Whether the prefix counts is nowhere
/// written, so either will do.
pub(super) fn confluent(token: &[u8]) -> bool {
    let Some((rest, sum)) = split_tail(token, 6) else {
        return false;
    };
    let body = rest.strip_prefix(b"cflt").unwrap_or(rest);
    let encoded = |bytes: &[u8]| STANDARD.encode(crc32(bytes).to_le_bytes());
    [rest, body].into_iter().any(|bytes| encoded(bytes).as_bytes().starts_with(sum))
}

/// A bech32 text (BIP 173), in one case: in capitals as age writes its keys, in small letters as
/// Nostr does.
pub(super) fn bech32(text: &[u8]) -> bool {
    let Some(separator) = text.iter().rposition(|byte| *byte == b'1') else {
        return false;
    };
    let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
    let (prefix, data) = text.split_at(separator);
    let value = |byte: &u8| BECH32.iter().position(|digit| *digit == byte.to_ascii_uppercase());
    let values = data.iter().skip(1).map(|byte| u8::try_from(value(byte)?).ok());
    let values: Option<Vec<u8>> = values.collect();
    let holds = |values| bech32_polymod(&prefix.to_ascii_lowercase(), values) == 1;
    !mixed && values.is_some_and(holds)
}

/// A base 58 text whose last four bytes begin the double SHA-256 of the others. A text without a
/// prefix that fails may well be a secret of another kind: it refutes no other rule.
pub(super) fn base58check(text: &[u8]) -> Verdict {
    let bytes = from_base58(text).unwrap_or_default();
    let holds = split_tail(&bytes, 4)
        .is_some_and(|(rest, sum)| !rest.is_empty() && double_sha256(rest).as_slice() == sum);
    let marked = text.get(1..4) == Some(b"prv");
    if holds || marked { checksum(holds) } else { doubtful("its checksum does not hold") }
}

fn split_tail(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(length)?)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
