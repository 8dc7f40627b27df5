//! The checksums that servers send along, where they do: Google's buckets a CRC-32C, others a
//! SHA-256 (RFC 9530).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use ureq::http::HeaderMap;

/// The sums that the headers of an answer give for the whole of what they are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    crc32c: Option<Vec<u8>>,
    sha256: Option<Vec<u8>>,
}

impl Sums {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let list = |name| {
            let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).collect::<Vec<_>>()
        };
        let stored = headers.get("x-goog-stored-content-encoding");
        let as_it_is = stored.is_none_or(|encoding| encoding == "identity");
        let google = if as_it_is { list("x-goog-hash") } else { Vec::new() };
        Self { crc32c: sum(&google, "crc32c"), sha256: sum(&list("repr-digest"), "sha-256") }
    }

    /// Whether the bytes are those that the sums are of; without sums they are.
    pub(super) fn hold(&self, bytes: &[u8]) -> bool {
        let Self { crc32c: crc, sha256 } = self;
        crc.as_ref().is_none_or(|sum| *sum == crc32c(bytes).to_be_bytes())
            && sha256.as_ref().is_none_or(|sum| *sum == Sha256::digest(bytes).as_slice())
    }
}

/// `name=base64`, or `name=:base64:`.
fn sum(list: &[&str], wanted: &str) -> Option<Vec<u8>> {
    let mut pairs = list.iter().filter_map(|item| item.trim().split_once('='));
    let (_, text) = pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    STANDARD.decode(text.trim_matches(':')).ok()
}

/// CRC-32C (Castagnoli), reflected, a byte at a time.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = crc.to_le_bytes();
        let entry = TABLE.get(usize::from(low ^ byte)).copied().unwrap_or_default();
        entry ^ (crc >> 8)
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[expect(clippy::indexing_slicing, reason = "counts to the length of the table, when compiled")]
#[expect(clippy::cast_possible_truncation, reason = "the table has 256 entries")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < table.len() {
        let mut crc = at as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::HeaderValue;

    fn sums(headers: &[(&'static str, &str)]) -> Sums {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        Sums::of(&map)
    }

    #[test]
    fn the_check_value_of_the_catalogue_comes_out() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_sum_that_is_sent_must_hold() {
        let crc = STANDARD.encode(0xe306_9283_u32.to_be_bytes());
        let sha = STANDARD.encode(Sha256::digest(b"123456789"));
        let sent = [
            sums(&[("x-goog-hash", &format!("crc32c={crc}")), ("x-goog-hash", "md5=AAAA")]),
            sums(&[("x-goog-hash", &format!("md5=AAAA, crc32c={crc}"))]),
            sums(&[("repr-digest", &format!("sha-256=:{sha}:"))]),
        ];
        for sums in sent {
            assert!(sums.hold(b"123456789") && !sums.hold(b"123456780"), "{sums:?}");
        }
    }

    #[test]
    fn without_a_sum_of_these_bytes_nothing_is_checked() {
        let packed =
            sums(&[("x-goog-hash", "crc32c=AAAAAA=="), ("x-goog-stored-content-encoding", "gzip")]);
        assert!(packed.hold(b"x") && sums(&[]).hold(b"x"));
    }
}
