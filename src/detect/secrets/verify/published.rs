//! Secrets that everybody has: those that vendors print in their documentation, build into their
//! emulators, or hand out for tests.
//!
//! They are known by the first eight bytes of their SHA-256, sorted: the values themselves would be
//! found by every scanner that reads this file.

use sha2::{Digest as _, Sha256};

/// Values of documentation: Stripe's, GitHub's, `SendGrid`'s, Google's, Telegram's, Discord's, Mailgun's,
/// Slack's and AWS's examples, the token of jwt.io, the keys of Azure's emulators, and the examples of
/// the standards for Bitcoin's and Nostr's keys.
const VALUES: &[u64] = &[
    0x0011_cc25_eb43_2071,
    0x0209_1175_c1ae_3023,
    0x02f7_ce3c_263f_85c0,
    0x0b5d_d075_ccdd_03c4,
    0x2243_ae4c_7301_4469,
    0x279a_2219_c238_8e7f,
    0x2898_1d08_ecff_66aa,
    0x2caf_c097_0149_a84f,
    0x2d1f_7723_aabc_5c7a,
    0x3543_c50b_0cb9_cea8,
    0x5c84_abea_ac9d_b83e,
    0x6d7f_a4e6_4d4b_1f3e,
    0x789e_b04a_e4c0_0984,
    0x797c_0ce4_1458_6cc8,
    0x7e8d_e44e_a9ec_f6d5,
    0x7f75_367e_7881_2551,
    0x82e7_4299_544e_0073,
    0x8b09_9121_f137_e0c8,
    0x9c84_6fdf_0fa8_955c,
    0x9d6a_2b9d_1f01_d457,
    0xaa65_4743_9583_c3a2,
    0xac92_65e5_6c79_b234,
    0xbc3a_e723_f57c_6b9e,
    0xe21b_597b_a6b9_cafa,
    0xe8a0_614b_6747_a06f,
    0xf2d6_ca16_5150_33e5,
    0xf537_5a46_3650_89a8,
    0xfa14_6b83_df55_0394,
    0xfa1c_cdee_c817_5c63,
];

/// Public halves of private keys (a modulus, an OpenSSH key): Vagrant's two, that of Go's test server,
/// the first of RFC 9500, and that of jwt.io.
const KEYS: &[u64] = &[
    0x318b_6dd2_ce2e_8624,
    0x5a4b_ea8e_7c8f_01e0,
    0x7f6f_8b99_925b_3e7b,
    0x8861_d322_4521_194e,
    0x8e4a_c92f_333e_0211,
];

/// Whether a value is printed in documentation for all to see.
pub(in crate::detect::secrets) fn is_published(value: &[u8]) -> bool {
    VALUES.binary_search(&fingerprint(value)).is_ok()
}

/// Whether the part of a private key that tells it from others is that of one that everybody has.
pub(super) fn is_published_key(part: &[u8]) -> bool {
    KEYS.binary_search(&fingerprint(part)).is_ok()
}

fn fingerprint(bytes: &[u8]) -> u64 {
    Sha256::digest(bytes).first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values_are_known_and_others_are_not() {
        assert!(is_published(concat!("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc").as_bytes()));
        assert!(is_published(concat!("ghp_16C7e42F292c6912", "E7710c838347Ae178B4a").as_bytes()));
        assert!(!is_published(b"sk_test_another") && !is_published_key(b""));
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(VALUES.is_sorted() && KEYS.is_sorted());
    }
}
