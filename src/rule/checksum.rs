//! The checksums that issuers put into their tokens. The generator makes them, detection tests them.

/// The digits of base 62 in the order that GitHub and npm use.
pub(crate) const BASE62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The digits of base 36.
pub(crate) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The characters of bech32 (BIP 173), in the order of their values.
pub(crate) const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

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
