//! Azure's storage keys and shared access URLs.

use super::structure::decoded;
use super::{Facts, Found, Verdict, doubtful};
use crate::detect::secrets::value::is_made_up;
use crate::finding::Severity;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use memchr::memmem;

/// The bytes of a storage key.
const STORAGE_KEY: usize = 64;

/// How much of a URL before and after its signature is looked at.
const AROUND: usize = 500;

/// A storage key of the right size that is not made up. (The emulators' are published values.)
pub(super) fn storage_key(key: &[u8]) -> Verdict {
    let whole = STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == STORAGE_KEY);
    match is_made_up(key) {
        true => Verdict::NoSecret,
        false if whole => Verdict::Holds,
        false => doubtful("it is not the 64 bytes of such a key"),
    }
}

/// The signature of a URL that says with `se=` until when it is valid.
pub(super) fn shared_access(found: &Found<'_>) -> Verdict {
    let value = String::from_utf8_lossy(found.value());
    let value = value.replace("%2B", "+").replace("%2b", "+").replace("%2F", "/");
    let value = value.replace("%2f", "/").replace("%3D", "=").replace("%3d", "=");
    if decoded(value.as_bytes()).is_none_or(|bytes| bytes.len() != 32) {
        return doubtful("it is not the 32 bytes of a signature");
    }
    let expiry = parameter(found.before(AROUND), found.after(AROUND), b"se=");
    let day = expiry.and_then(|text| text.get(..10)).and_then(|day| std::str::from_utf8(day).ok());
    match (day.and_then(|day| day.parse::<Date>().ok()), found.today) {
        (Some(day), Some(today)) if day < today => {
            Verdict::HoldsWith(Facts::at_most(Severity::Low, format!("expired on {day}")))
        }
        (Some(day), _) => Verdict::HoldsWith(Facts::about(format!("valid until {day}"))),
        (None, _) => Verdict::Open(Facts::default()),
    }
}

/// The value of a parameter in the same URL, before or after.
fn parameter<'t>(before: &'t [u8], after: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let other = |byte: &u8| byte.is_ascii_whitespace() || b"\"'<>`".contains(byte);
    let start = before.iter().rposition(other).map_or(0, |at| at + 1);
    let end = after.iter().position(other).unwrap_or(after.len());
    [before.get(start..), after.get(..end)].into_iter().flatten().find_map(|part| {
        let at = memmem::find_iter(part, name).find(|at| {
            let previous = at.checked_sub(1).and_then(|before| part.get(before));
            previous.is_none_or(|byte| !byte.is_ascii_alphanumeric())
        })?;
        part.get(at + name.len()..)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;
    use jiff::civil::date;

    #[test]
    fn a_storage_key_has_64_bytes() {
        let key = expand("{base64:85}Q==").unwrap().text;
        assert_eq!(storage_key(key.as_bytes()), Verdict::Holds);
        let odd = key.replace("Q==", "R==");
        assert!(matches!(storage_key(odd.as_bytes()), Verdict::Doubtful(_)));
        assert_eq!(storage_key(&[b'A'; 88]), Verdict::NoSecret);
    }

    fn signature(head: &str, tail: &str) -> Verdict {
        let value = expand("{alnum:42}A%3D").unwrap().text;
        let text = format!("{head}{value}{tail}");
        let secret = head.len()..head.len() + value.len();
        let today = Some(date(2026, 1, 1));
        shared_access(&Found { bytes: text.as_bytes(), secret: &secret, id: None, today })
    }

    #[test]
    fn a_shared_access_url_says_until_when_it_is_valid() {
        let past = signature("https://a.example/c?sv=2020&se=2021-02-03T00%3A00%3A00Z&sig=", "");
        let facts = Facts::at_most(Severity::Low, "expired on 2021-02-03".to_owned());
        assert_eq!(past, Verdict::HoldsWith(facts));
        let future = signature("\"https://a.example/c?sig=", "&se=2090-02-03&sp=r\" se=2000-01-01");
        let facts = Facts::about("valid until 2090-02-03".to_owned());
        assert_eq!(future, Verdict::HoldsWith(facts));
        assert_eq!(signature("?base=1&sig=", ""), Verdict::Open(Facts::default()));
    }
}
