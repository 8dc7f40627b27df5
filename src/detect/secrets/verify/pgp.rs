//! PGP secret keys (RFC 9580): far enough to see whether a passphrase protects them.

use super::der::Fault;
use super::key::{Content, Kind};

const SECRET_KEY: u8 = 5;
const SECRET_SUBKEY: u8 = 7;

/// What the first packet is: an open key, or an encrypted one.
pub(super) fn key(bytes: &[u8]) -> Result<Content, Fault> {
    let (tag, packet) = packet(bytes)?;
    if tag != SECRET_KEY && tag != SECRET_SUBKEY {
        return Err(Fault::Wrong);
    }
    let (version, rest) = packet.split_first().ok_or(Fault::Cut)?;
    let skipped = match version {
        3 => 6,
        4..=6 => 4,
        _ => return Err(Fault::Wrong),
    };
    let rest = rest.get(skipped..).ok_or(Fault::Cut)?;
    let (algorithm, rest) = rest.split_first().ok_or(Fault::Cut)?;
    let (rest, name) = match version {
        3 | 4 => after_public(*algorithm, rest)?,
        _ => (counted(rest)?, "OpenPGP"),
    };
    match rest.first() {
        Some(0) => Ok(Content::Key(Kind::new(name.to_owned(), packet))),
        Some(_) => Ok(Content::Encrypted(name.to_owned())),
        None => Err(Fault::Cut),
    }
}

/// The tag and the body of the first packet.
fn packet(bytes: &[u8]) -> Result<(u8, &[u8]), Fault> {
    let (head, rest) = bytes.split_first().ok_or(Fault::Cut)?;
    let (tag, length, rest) = match head {
        0xc0..=0xff => {
            let (length, rest) = new_length(rest)?;
            (head & 0x3f, length, rest)
        }
        0x80..=0xbf => {
            let size = match head & 3 {
                size @ 0..=2 => 1 << size,
                _ => return Err(Fault::Wrong),
            };
            let (digits, rest) = rest.split_at_checked(size).ok_or(Fault::Cut)?;
            ((head >> 2) & 0x0f, big_endian(digits), rest)
        }
        _ => return Err(Fault::Wrong),
    };
    Ok((tag, rest.get(..length).ok_or(Fault::Cut)?))
}

fn new_length(bytes: &[u8]) -> Result<(usize, &[u8]), Fault> {
    let (first, rest) = bytes.split_first().ok_or(Fault::Cut)?;
    match first {
        0..192 => Ok((usize::from(*first), rest)),
        192..224 => {
            let (second, rest) = rest.split_first().ok_or(Fault::Cut)?;
            Ok((((usize::from(*first) - 192) << 8) + usize::from(*second) + 192, rest))
        }
        255 => {
            let (digits, rest) = rest.split_at_checked(4).ok_or(Fault::Cut)?;
            Ok((big_endian(digits), rest))
        }
        _ => Err(Fault::Wrong),
    }
}

fn big_endian(digits: &[u8]) -> usize {
    digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit))
}

/// What follows the public half of a key of version 4, and what such a key is called.
fn after_public(algorithm: u8, bytes: &[u8]) -> Result<(&[u8], &'static str), Fault> {
    let numbers = |many: usize| (0..many).try_fold(bytes, |rest, _| multiprecision(rest));
    let fixed = |length: usize| bytes.get(length..).ok_or(Fault::Cut);
    Ok(match algorithm {
        1..=3 => (numbers(2)?, "OpenPGP, RSA"),
        16 => (numbers(3)?, "OpenPGP, Elgamal"),
        17 => (numbers(4)?, "OpenPGP, DSA"),
        18 => (counted_by_one(multiprecision(counted_by_one(bytes)?)?)?, "OpenPGP, ECDH"),
        19 | 22 => (multiprecision(counted_by_one(bytes)?)?, "OpenPGP, elliptic curve"),
        25 | 27 => (fixed(32)?, "OpenPGP, Curve25519"),
        26 => (fixed(56)?, "OpenPGP, X448"),
        28 => (fixed(57)?, "OpenPGP, Ed448"),
        _ => return Err(Fault::Wrong),
    })
}

/// What follows a number that begins with its length in bits.
fn multiprecision(bytes: &[u8]) -> Result<&[u8], Fault> {
    let (bits, rest) = bytes.split_at_checked(2).ok_or(Fault::Cut)?;
    rest.get(big_endian(bits).div_ceil(8)..).ok_or(Fault::Cut)
}

/// What follows a field that begins with its length in one byte.
fn counted_by_one(bytes: &[u8]) -> Result<&[u8], Fault> {
    let (length, rest) = bytes.split_first().ok_or(Fault::Cut)?;
    rest.get(usize::from(*length)..).ok_or(Fault::Cut)
}

/// What follows a field that begins with its length in four bytes.
fn counted(bytes: &[u8]) -> Result<&[u8], Fault> {
    let (length, rest) = bytes.split_at_checked(4).ok_or(Fault::Cut)?;
    rest.get(big_endian(length)..).ok_or(Fault::Cut)
}
