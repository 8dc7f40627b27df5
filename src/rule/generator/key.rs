//! Private keys that open nothing: the structure of each format, filled with random numbers.

use super::random::Random;
use crate::rule::checksum::crc24;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;

/// `rsaEncryption` with its null parameter.
const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/// The named curve P-256.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// `PBES2`.
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d];

/// A block of the kind that `label` names.
pub(super) fn pem(random: &mut Random, label: &str, line_end: &str) -> String {
    if label.starts_with("PGP") {
        return armour(random, label, line_end);
    }
    let der = match label {
        "RSA PRIVATE KEY" => rsa(random),
        "EC PRIVATE KEY" => elliptic(random),
        "DSA PRIVATE KEY" => dsa(random),
        "ENCRYPTED PRIVATE KEY" => encrypted(random),
        "PRIVATE KEY" => {
            let key = element(OCTET_STRING, &rsa(random));
            element(SEQUENCE, &[integer(&[0]), element(SEQUENCE, RSA), key].concat())
        }
        _ => element(SEQUENCE, &random.bytes(420)),
    };
    let body = wrapped(&der, line_end);
    format!("-----BEGIN {label}-----{line_end}{body}-----END {label}-----")
}

/// An OpenSSH key under `cipher`, which may be `none`.
pub(super) fn openssh(random: &mut Random, cipher: &str) -> String {
    let plain = cipher == "none";
    let kind = field(b"ssh-ed25519");
    let public = [kind.clone(), field(&random.bytes(32))].concat();
    let options =
        if plain { Vec::new() } else { [field(&random.bytes(16)), vec![0, 0, 0, 16]].concat() };
    let check = random.bytes(4);
    let secret = [field(&random.bytes(32)), field(&random.bytes(64)), field(b"me@host")].concat();
    let open = [check.clone(), check, kind, secret, (1..=5).collect()].concat();
    let private = if plain { open } else { random.bytes(144) };
    let derivation: &[u8] = if plain { b"none" } else { b"bcrypt" };
    let parts = [
        b"openssh-key-v1\0".to_vec(),
        field(cipher.as_bytes()),
        field(derivation),
        field(&options),
        vec![0, 0, 0, 1],
        field(&public),
        field(&private),
    ];
    let label = "OPENSSH PRIVATE KEY";
    format!("-----BEGIN {label}-----\n{}-----END {label}-----", wrapped(&parts.concat(), "\n"))
}

fn rsa(random: &mut Random) -> Vec<u8> {
    let lengths = [256, 0, 256, 128, 128, 128, 128, 128];
    let numbers = lengths.map(|length| match length {
        0 => integer(&[1, 0, 1]),
        _ => integer(&number(random, length)),
    });
    element(SEQUENCE, &[integer(&[0]), numbers.concat()].concat())
}

fn dsa(random: &mut Random) -> Vec<u8> {
    let numbers = [128, 20, 128, 128, 20].map(|length| integer(&number(random, length)));
    element(SEQUENCE, &[integer(&[0]), numbers.concat()].concat())
}

fn elliptic(random: &mut Random) -> Vec<u8> {
    let point = [vec![0, 4], random.bytes(64)].concat();
    let parts = [
        integer(&[1]),
        element(OCTET_STRING, &random.bytes(32)),
        element(0xa0, &element(OBJECT, P256)),
        element(0xa1, &element(BIT_STRING, &point)),
    ];
    element(SEQUENCE, &parts.concat())
}

fn encrypted(random: &mut Random) -> Vec<u8> {
    let options = element(SEQUENCE, &element(OCTET_STRING, &random.bytes(16)));
    let scheme = element(SEQUENCE, &[element(OBJECT, PBES2), options].concat());
    element(SEQUENCE, &[scheme, element(OCTET_STRING, &random.bytes(400))].concat())
}

/// A PGP secret key of RSA without a passphrase, in armour with its CRC-24.
fn armour(random: &mut Random, label: &str, line_end: &str) -> String {
    let multi = |random: &mut Random, bits: u16| {
        let body = number(random, usize::from(bits / 8));
        [bits.to_be_bytes().to_vec(), body].concat()
    };
    let public = [multi(random, 2048), [0, 17, 1, 0, 1].to_vec()].concat();
    let secret = [2048, 1024, 1024, 1024].map(|bits| multi(random, bits)).concat();
    let packet =
        [vec![4], random.bytes(4), vec![1], public, vec![0], secret, random.bytes(2)].concat();
    let length = u16::try_from(packet.len()).unwrap_or_default().to_be_bytes();
    let data = [vec![0x95], length.to_vec(), packet].concat();
    let [_, sum @ ..] = crc24(&data).to_be_bytes();
    let (body, sum) = (wrapped(&data, line_end), STANDARD.encode(sum));
    format!(
        "-----BEGIN {label}-----{line_end}{line_end}{body}={sum}{line_end}-----END {label}-----"
    )
}

/// A number of exactly `length` bytes that is positive as DER writes it.
fn number(random: &mut Random, length: usize) -> Vec<u8> {
    let mut bytes = random.bytes(length);
    bytes.iter_mut().take(1).for_each(|byte| *byte |= 0x80);
    bytes
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let padded: Vec<u8> = sign.then_some(0).into_iter().chain(bytes.iter().copied()).collect();
    element(INTEGER, &padded)
}

/// A DER element: its tag, its length, its content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let [high, low] = u16::try_from(length).unwrap_or_default().to_be_bytes();
    let mut bytes = vec![tag];
    match length {
        0..128 => bytes.push(low),
        128..256 => bytes.extend([0x81, low]),
        _ => bytes.extend([0x82, high, low]),
    }
    bytes.extend(content);
    bytes
}

/// Bytes with their length before them, as SSH writes them.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    [&length.to_be_bytes(), bytes].concat()
}

/// Base 64 in lines of 64.
fn wrapped(data: &[u8], line_end: &str) -> String {
    let encoded = STANDARD.encode(data);
    let lines = encoded.as_bytes().chunks(64);
    lines.map(|line| String::from_utf8_lossy(line).into_owned() + line_end).collect()
}
