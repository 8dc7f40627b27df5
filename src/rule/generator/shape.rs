//! What each placeholder stands for.

use super::random::Random;
use super::{carrier, key};
use crate::rule::checksum::{
    BASE36, BASE62, BECH32, bech32_polymod, crc32, double_sha256, in_base, to_base58,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The longest text that a placeholder may ask for.
const LONGEST: usize = 1 << 20;

/// The text for a placeholder such as `hex:32`; `None` where there is no such placeholder.
pub(super) fn generate(name: &str, mut random: Random) -> Option<String> {
    let (kind, argument) = name.split_once(':').unwrap_or((name, ""));
    if let Some(alphabet) = alphabet(kind) {
        let length = argument.parse().ok().filter(|length| *length <= LONGEST)?;
        return Some(random.string(&alphabet, length));
    }
    match (kind, argument) {
        ("uuid", "") => Some(uuid(&mut random)),
        ("pem", label) if !label.is_empty() => Some(key::pem(&mut random, label, "\n")),
        ("pem-escaped", label) if !label.is_empty() => Some(key::pem(&mut random, label, "\\n")),
        ("openssh", cipher) if !cipher.is_empty() => Some(key::openssh(&mut random, cipher)),
        _ => checksummed(kind, argument, &mut random)
            .or_else(|| carrier::generate(kind, argument, &mut random)),
    }
}

/// The tokens that end in their own checksum.
fn checksummed(kind: &str, argument: &str, random: &mut Random) -> Option<String> {
    match (kind, argument) {
        ("github", prefix) if !prefix.is_empty() => Some(github(random, prefix)),
        ("gitlab-routable", prefix) if !prefix.is_empty() => Some(gitlab(random, prefix)),
        ("cloudflare", prefix) if !prefix.is_empty() => Some(cloudflare(random, prefix)),
        ("grafana", "") => Some(grafana(random)),
        ("atlassian", "") => Some(atlassian(random)),
        ("zuplo", "") => Some(zuplo(random)),
        ("confluent", "") => Some(confluent(random)),
        ("age", "") => Some(bech32(random, "age-secret-key-").to_ascii_uppercase()),
        ("nsec", "") => Some(bech32(random, "nsec")),
        ("wif", "") => Some(base58check(&[vec![0x80], random.bytes(32), vec![1]].concat())),
        ("xprv", "") => {
            let head = vec![0x04, 0x88, 0xad, 0xe4, 0];
            Some(base58check(
                &[head, vec![0; 8], random.bytes(32), vec![0], random.bytes(32)].concat(),
            ))
        }
        _ => None,
    }
}

fn alphabet(kind: &str) -> Option<Vec<u8>> {
    let with = |more: &[u8]| Some([BASE62.as_slice(), more].concat());
    match kind {
        "alnum" => with(b""),
        "base64" => with(b"+/"),
        "base64url" => with(b"-_"),
        "hex" => Some(b"0123456789abcdef".to_vec()),
        "base32" => Some(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_vec()),
        "digit" => Some((b'0'..=b'9').collect()),
        "upper" => Some((b'A'..=b'Z').collect()),
        "lower" => Some((b'a'..=b'z').collect()),
        "letter" => Some((b'A'..=b'Z').chain(b'a'..=b'z').collect()),
        _ => None,
    }
}

fn uuid(random: &mut Random) -> String {
    let hex = |random: &mut Random, length| random.string(b"0123456789abcdef", length);
    let variant = random.string(b"89ab", 1);
    let (a, b, c) = (hex(random, 8), hex(random, 4), hex(random, 3));
    format!("{a}-{b}-4{c}-{variant}{}-{}", hex(random, 3), hex(random, 12))
}

/// 30 characters, then their CRC-32 in base 62.
fn github(random: &mut Random, prefix: &str) -> String {
    let body = random.string(BASE62, 30);
    let sum = text(in_base(crc32(body.as_bytes()), BASE62, 6));
    format!("{prefix}{body}{sum}")
}

/// A payload, a version, the payload's length, and the CRC-32 of all that in base 36.
fn gitlab(random: &mut Random, prefix: &str) -> String {
    let lines = format!("o:{}\nu:{}\n", random.string(b"123456789", 1), random.string(BASE36, 12));
    let payload = URL_SAFE_NO_PAD.encode([lines.as_bytes(), &random.bytes(16)].concat());
    let length = text(in_base(u32::try_from(payload.len()).unwrap_or_default(), BASE36, 2));
    let head = format!("{prefix}{payload}.01.{length}");
    let sum = text(in_base(crc32(head.as_bytes()), BASE36, 7));
    format!("{head}{sum}")
}

fn cloudflare(random: &mut Random, prefix: &str) -> String {
    let body = random.string(BASE62, 40);
    format!("{prefix}{body}{:08x}", crc32(body.as_bytes()))
}

fn grafana(random: &mut Random) -> String {
    let head = format!("glsa_{}", random.string(BASE62, 32));
    let sum = crc32(head.as_bytes()).swap_bytes();
    format!("{head}_{sum:08x}")
}

fn atlassian(random: &mut Random) -> String {
    let head = format!("ATATT3xFfGF0{}=", random.string(BASE62, 171));
    let sum = crc32(head.as_bytes());
    format!("{head}{sum:08X}")
}

fn zuplo(random: &mut Random) -> String {
    let body = random.string(b"0123456789abcdef", 32);
    format!("zpka_{body}_{:08x}", crc32(body.as_bytes()))
}

fn confluent(random: &mut Random) -> String {
    let head = format!("cflt{}", random.string(BASE62, 54));
    let sum = STANDARD.encode(crc32(head.as_bytes()).to_le_bytes());
    format!("{head}{}", sum.trim_end_matches('='))
}

/// 32 bytes and their checksum (BIP 173), in lower case.
fn bech32(random: &mut Random, prefix: &str) -> String {
    let mut values: Vec<u8> = random.bytes(51).iter().map(|byte| byte & 31).collect();
    values.push(random.bytes(1).iter().fold(0, |_, byte| byte & 16));
    let padded = values.iter().copied().chain([0; 6]);
    let sum = bech32_polymod(prefix.as_bytes(), padded) ^ 1;
    let tail = (0..6).map(|n| u8::try_from((sum >> (5 * (5 - n))) & 31).unwrap_or_default());
    let digit = |value: u8| BECH32.get(usize::from(value)).copied().map_or('Q', char::from);
    let data: String = values.iter().copied().chain(tail).map(digit).collect();
    format!("{prefix}1{}", data.to_ascii_lowercase())
}

fn base58check(payload: &[u8]) -> String {
    text(to_base58(&[payload, &double_sha256(payload)].concat()))
}

fn text(ascii: Vec<u8>) -> String {
    String::from_utf8(ascii).unwrap_or_default()
}
