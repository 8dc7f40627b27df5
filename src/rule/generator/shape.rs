//! What each placeholder stands for.

use super::random::Random;
use crate::rule::checksum::{BASE36, BASE62, BECH32, bech32_polymod, crc32, in_base};
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
        ("github", prefix) if !prefix.is_empty() => Some(github(&mut random, prefix)),
        ("gitlab-routable", prefix) if !prefix.is_empty() => Some(gitlab(&mut random, prefix)),
        ("cloudflare", prefix) if !prefix.is_empty() => Some(cloudflare(&mut random, prefix)),
        ("grafana", "") => Some(grafana(&mut random)),
        ("atlassian", "") => Some(atlassian(&mut random)),
        ("age", "") => Some(age(&mut random)),
        ("jwt", role) => Some(jwt(&mut random, role)),
        ("userpass", "") => Some(userpass(&mut random)),
        ("snowflake", "") => Some(snowflake(&mut random)),
        ("pem", label) if !label.is_empty() => Some(pem(&mut random, label, "\n")),
        ("pem-escaped", label) if !label.is_empty() => Some(pem(&mut random, label, "\\n")),
        ("openssh", cipher) if !cipher.is_empty() => Some(openssh(&mut random, cipher)),
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

fn age(random: &mut Random) -> String {
    let mut values: Vec<u8> = random.bytes(51).iter().map(|byte| byte & 31).collect();
    values.push(random.bytes(1).iter().fold(0, |_, byte| byte & 16));
    let padded = values.iter().copied().chain([0; 6]);
    let sum = bech32_polymod(b"age-secret-key-", padded) ^ 1;
    let tail = (0..6).map(|n| u8::try_from((sum >> (5 * (5 - n))) & 31).unwrap_or_default());
    let digit = |value: u8| BECH32.get(usize::from(value)).copied().map_or('Q', char::from);
    let data: String = values.iter().copied().chain(tail).map(digit).collect();
    format!("AGE-SECRET-KEY-1{data}")
}

fn jwt(random: &mut Random, role: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let role = if role.is_empty() { String::new() } else { format!(",\"role\":\"{role}\"") };
    let subject = random.string(b"0123456789", 10);
    let head = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let claims = encode(&format!("{{\"sub\":\"{subject}\",\"iat\":1700000000{role}}}"));
    format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode(random.bytes(32)))
}

/// `user:password` in base 64, as HTTP and Docker write it.
fn userpass(random: &mut Random) -> String {
    STANDARD.encode(format!("deploy:{}", random.string(BASE62, 19)))
}

/// An 18-digit number in base 64, as Discord begins a bot's token.
fn snowflake(random: &mut Random) -> String {
    STANDARD.encode(format!("9{}", random.string(b"0123456789", 17)))
}

fn pem(random: &mut Random, label: &str, line_end: &str) -> String {
    let armour = label.starts_with("PGP");
    let opening: &[u8] = if armour { &[0x95, 0x01] } else { &[0x30, 0x82, 0x04, 0xa4, 0x02, 0x01] };
    let gap = if armour { line_end } else { "" };
    let body = wrapped(&[opening, &random.bytes(420)].concat(), line_end);
    format!("-----BEGIN {label}-----{line_end}{gap}{body}-----END {label}-----")
}

fn openssh(random: &mut Random, cipher: &str) -> String {
    let derivation = if cipher == "none" { "none" } else { "bcrypt" };
    let mut data = b"openssh-key-v1\0".to_vec();
    for field in [cipher, derivation] {
        data.extend(u32::try_from(field.len()).unwrap_or_default().to_be_bytes());
        data.extend(field.as_bytes());
    }
    data.extend([0, 0, 0, 0, 0, 0, 0, 1]);
    data.extend(random.bytes(300));
    let label = "OPENSSH PRIVATE KEY";
    format!("-----BEGIN {label}-----\n{}-----END {label}-----", wrapped(&data, "\n"))
}

/// Base 64 in lines of 64.
fn wrapped(data: &[u8], line_end: &str) -> String {
    let encoded = STANDARD.encode(data);
    encoded.as_bytes().chunks(64).map(|line| text(line.to_vec()) + line_end).collect()
}

fn text(ascii: Vec<u8>) -> String {
    String::from_utf8(ascii).unwrap_or_default()
}
