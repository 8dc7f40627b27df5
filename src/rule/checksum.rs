//! The checksums that issuers put into their tokens. The generator makes them, detection tests them.

use sha2::{Digest as _, Sha256};

/// The digits of base 62 in the order that GitHub and npm use.
pub(crate) const BASE62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The digits of base 36.
pub(crate) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The characters of bech32 (BIP 173), in the order of their values.
pub(crate) const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// The digits of base 58 in the order that Bitcoin uses.
pub(crate) const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// CRC-32 as zip and PNG use it (polynomial `0xEDB88320`, reflected). Bit by bit: its inputs are
/// tokens.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// `number` in the base that `digits` has, padded with its zero to `width`.
pub(crate) fn in_base(mut number: u32, digits: &[u8], width: usize) -> Vec<u8> {
    let base = u32::try_from(digits.len()).unwrap_or(u32::MAX).max(2);
    let mut text = Vec::with_capacity(width);
    while number > 0 || text.len() < width {
        let digit = usize::try_from(number % base).unwrap_or_default();
        text.extend(digits.get(digit));
        number /= base;
    }
    text.reverse();
    text
}

/// CRC-24 as the armour of PGP uses it (RFC 9580 section 6.1).
pub(crate) fn crc24(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        let shifted = crc << 1;
        if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4CFB }
    };
    bytes.iter().fold(0x00B7_04CE, |crc, byte| (0..8).fold(crc ^ (u32::from(*byte) << 16), step))
        & 0x00FF_FFFF
}

/// The first four bytes of the SHA-256 of the SHA-256, which end a base58check text.
pub(crate) fn double_sha256(bytes: &[u8]) -> [u8; 4] {
    let digest = Sha256::digest(Sha256::digest(bytes));
    digest.first_chunk().copied().unwrap_or_default()
}

/// The bytes that a text in base 58 stands for; `None` where it has other characters.
pub(crate) fn from_base58(text: &[u8]) -> Option<Vec<u8>> {
    let zeros = text.iter().take_while(|digit| **digit == b'1').count();
    let mut bytes: Vec<u8> = Vec::new();
    for digit in text {
        let mut carry = BASE58.iter().position(|known| known == digit)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xff).unwrap_or_default();
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(u8::try_from(carry).unwrap_or_default());
        }
    }
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

/// Bytes in base 58.
pub(crate) fn to_base58(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits: Vec<usize> = Vec::new();
    for byte in bytes {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let digits = digits.iter().rev().filter_map(|digit| BASE58.get(*digit).copied());
    std::iter::repeat_n(b'1', zeros).chain(digits).collect()
}

/// The checksum polynomial of bech32 over a human-readable part and five-bit values: 1 for a text
/// that ends in its own checksum.
pub(crate) fn bech32_polymod(prefix: &[u8], values: impl IntoIterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.iter().map(|byte| byte >> 5);
    let low = prefix.iter().map(|byte| byte & 31);
    high.chain([0]).chain(low).chain(values).fold(1_u32, |check, value| {
        let top = check >> 25;
        let shifted = ((check & 0x01ff_ffff) << 5) ^ u32::from(value);
        let terms = GENERATOR.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
        terms.fold(shifted, |sum, (_, term)| sum ^ term)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_gives_the_check_value_of_its_definition() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn crc24_gives_the_check_value_of_its_definition() {
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }

    #[test]
    fn base58_reads_what_it_writes() {
        assert_eq!(to_base58(b"Hello World!"), b"2NEpo7TZRRrLZSi2U");
        for bytes in [b"".as_slice(), b"\0\0\x01", b"\xff\xff\0", b"a longer text than that"] {
            assert_eq!(from_base58(&to_base58(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(from_base58(b"0"), None);
    }

    #[test]
    fn numbers_are_padded_to_their_width() {
        assert_eq!(in_base(62, BASE62, 6), b"000010");
    }

    /// The shortest valid text of BIP 173.
    #[test]
    fn bech32_accepts_the_test_vector_of_its_standard() {
        let values = b"2uel5l".map(|byte| {
            let upper = byte.to_ascii_uppercase();
            u8::try_from(BECH32.iter().position(|digit| *digit == upper).unwrap()).unwrap()
        });
        assert_eq!(bech32_polymod(b"a", values), 1);
    }
}
