//! Just enough of DER to tell a private key from other bytes, and one kind of key from another.

use super::key::{Content, Kind};

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const PARAMETERS: u8 = 0xa0;

/// The fewest bits of a modulus: less was never more than an exercise.
const SMALLEST: usize = 384;

/// Algorithms and curves by the bytes of their object identifiers.
const NAMES: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], "EC, P-256"),
    (&[0x2b, 0x81, 4, 0, 0x22], "EC, P-384"),
    (&[0x2b, 0x81, 4, 0, 0x23], "EC, P-521"),
    (&[0x2b, 0x81, 4, 0, 0x0a], "EC, secp256k1"),
    (&[0x2b, 0x65, 0x6e], "X25519"),
    (&[0x2b, 0x65, 0x6f], "X448"),
    (&[0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x2b, 0x65, 0x71], "Ed448"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "DSA"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], "EC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d], "PBES2"),
];

/// `rsaEncryption` and the same with PSS.
const RSA: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10],
];

/// Why an element cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes end before it does.
    Cut,
    /// It is something else.
    Wrong,
}

/// Elements one after the other.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// The next element: its tag and its content.
    fn next(&mut self) -> Result<(u8, &'b [u8]), Fault> {
        let (tag, rest) = self.0.split_first().ok_or(Fault::Cut)?;
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length).ok_or(Fault::Cut)?;
        self.0 = rest;
        Ok((*tag, content))
    }

    /// The content of the next element, which must have this tag.
    fn expect(&mut self, tag: u8) -> Result<&'b [u8], Fault> {
        match self.next()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(Fault::Wrong),
        }
    }

    /// Everything that is left, as integers.
    fn integers(&mut self) -> Result<Vec<&'b [u8]>, Fault> {
        let mut integers = Vec::new();
        while !self.0.is_empty() {
            integers.push(self.expect(INTEGER)?);
        }
        Ok(integers)
    }
}

/// A length, and what follows it.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Fault> {
    let (first, rest) = bytes.split_first().ok_or(Fault::Cut)?;
    match first {
        0..=0x7f => Ok((usize::from(*first), rest)),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 3)).ok_or(Fault::Cut)?;
            Ok((digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)), rest))
        }
        _ => Err(Fault::Wrong),
    }
}

/// What key a DER text is: PKCS#1, PKCS#8 open or encrypted, SEC1, or OpenSSL's DSA.
pub(super) fn key(bytes: &[u8]) -> Result<Content, Fault> {
    let mut parts = Reader(Reader(bytes).expect(SEQUENCE)?);
    let (tag, content) = parts.next()?;
    match tag {
        SEQUENCE => {
            let scheme = Reader(content).expect(OBJECT)?;
            parts.expect(OCTET_STRING)?;
            Ok(Content::Encrypted(name(scheme).unwrap_or("PKCS#8").to_owned()))
        }
        INTEGER if content.len() == 1 => versioned(&mut parts),
        _ => Err(Fault::Wrong),
    }
}

/// The key after its version.
fn versioned(parts: &mut Reader<'_>) -> Result<Content, Fault> {
    let numbers = Reader(parts.0);
    match parts.next()? {
        (SEQUENCE, algorithm) => pkcs8(algorithm, parts.expect(OCTET_STRING)?),
        (OCTET_STRING, secret) if !secret.is_empty() => {
            let named = parts.expect(PARAMETERS).and_then(|inner| Reader(inner).expect(OBJECT));
            let curve = named.ok().and_then(name).unwrap_or("EC");
            Ok(Content::Key(Kind::new(curve.to_owned(), secret)))
        }
        (INTEGER, _) => numbered(numbers),
        _ => Err(Fault::Wrong),
    }
}

/// PKCS#1 has eight numbers after its version, OpenSSL's DSA five.
fn numbered(mut parts: Reader<'_>) -> Result<Content, Fault> {
    let numbers = parts.integers()?;
    let first = numbers.first().copied().unwrap_or_default();
    let size = bits(first);
    match numbers.len() {
        8 if size >= SMALLEST => Ok(Content::Key(Kind::new(format!("RSA, {size} bits"), first))),
        5 if size >= SMALLEST => {
            let secret = numbers.last().copied().unwrap_or_default();
            Ok(Content::Key(Kind::new(format!("DSA, {size} bits"), secret)))
        }
        _ => Err(Fault::Wrong),
    }
}

fn pkcs8(algorithm: &[u8], key: &[u8]) -> Result<Content, Fault> {
    let mut algorithm = Reader(algorithm);
    let object = algorithm.expect(OBJECT)?;
    if RSA.contains(&object) {
        return self::key(key);
    }
    let curve = algorithm.expect(OBJECT).ok().and_then(name);
    let kind = curve.or_else(|| name(object)).unwrap_or("PKCS#8");
    if key.is_empty() {
        Err(Fault::Wrong)
    } else {
        Ok(Content::Key(Kind::new(kind.to_owned(), key)))
    }
}

fn name(object: &[u8]) -> Option<&'static str> {
    NAMES.iter().find(|(bytes, _)| *bytes == object).map(|(_, name)| *name)
}

/// The size of a positive number.
fn bits(integer: &[u8]) -> usize {
    let digits: Vec<&u8> = integer.iter().skip_while(|byte| **byte == 0).collect();
    let unused = digits.first().map_or(0, |first| first.leading_zeros());
    (digits.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or_default())
}
