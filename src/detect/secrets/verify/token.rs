//! Tokens that end in their own checksum.

use crate::rule::checksum::{BASE36, BASE62, BECH32, bech32_polymod, crc32, in_base};

/// GitHub's and npm's: a prefix, thirty characters, and their CRC-32 in six digits of base 62.
pub(super) fn github(token: &[u8]) -> bool {
    let Some((rest, sum)) = split_tail(token, 6) else {
        return false;
    };
    split_tail(rest, 30).is_some_and(|(_, body)| in_base(crc32(body), BASE62, 6) == sum)
}

/// GitLab's routable tokens: the CRC-32 of all that stands before it, in seven digits of base 36.
pub(super) fn gitlab(token: &[u8]) -> bool {
    split_tail(token, 7).is_some_and(|(rest, sum)| in_base(crc32(rest), BASE36, 7) == sum)
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

/// A bech32 text (BIP 173), in upper case as age writes its keys.
pub(super) fn bech32(text: &[u8]) -> bool {
    let Some(separator) = text.iter().rposition(|byte| *byte == b'1') else {
        return false;
    };
    let (prefix, data) = text.split_at(separator);
    let value = |byte: &u8| BECH32.iter().position(|digit| digit == byte);
    let values = data.iter().skip(1).map(|byte| u8::try_from(value(byte)?).ok());
    let values: Option<Vec<u8>> = values.collect();
    values.is_some_and(|values| bech32_polymod(&prefix.to_ascii_lowercase(), values) == 1)
}

fn split_tail(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(length)?)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
