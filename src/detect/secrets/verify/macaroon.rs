//! Macaroons: a place, a name, restrictions, and a signature over them all.

use super::found::shown;
use super::structure::{BASE64, BASE64_URL};
use super::{Facts, Verdict, doubtful};
use crate::finding::Severity;
use base64::Engine as _;

const END: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION: u8 = 4;
const SIGNATURE: u8 = 6;

/// How Fly.io's begin in `MessagePack`: an array of four, of three, and bytes.
const FLY: &[u8] = &[0x94, 0x93, 0xc4];

/// A macaroon of version 2 after `pypi-`. Those for the registry's test server do little harm.
pub(super) fn pypi(token: &[u8]) -> Verdict {
    let body = token.strip_prefix(b"pypi-").unwrap_or(token);
    let bytes = BASE64_URL.decode(body).unwrap_or_default();
    let Some(location) = location(&bytes) else {
        return doubtful("it does not decode to what such a token holds");
    };
    match std::str::from_utf8(location).ok().and_then(shown) {
        Some(place) if place.starts_with("test.") => {
            Verdict::HoldsWith(Facts::at_most(Severity::Medium, format!("for {place}")))
        }
        place => Verdict::HoldsWith(Facts::about(place.map(|place| format!("for {place}")))),
    }
}

/// A macaroon of Fly.io, or one of its older tokens, which say nothing.
pub(super) fn fly(token: &[u8]) -> Verdict {
    let Some(body) = token.strip_prefix(b"fm2_") else {
        return Verdict::Open(Facts::default());
    };
    let bytes = BASE64.decode(body).unwrap_or_default();
    if bytes.starts_with(FLY) {
        Verdict::Holds
    } else {
        doubtful("it does not decode to what such a token holds")
    }
}

/// The place that a macaroon names, if it is whole: a header, caveats, and a signature.
fn location(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(&[2])?;
    let (kind, location) = field(&mut rest)?;
    let (named, _) = field(&mut rest)?;
    if (kind, named) != (LOCATION, IDENTIFIER) || field(&mut rest)?.0 != END {
        return None;
    }
    loop {
        match field(&mut rest)? {
            (END, _) => break,
            (LOCATION | IDENTIFIER | VERIFICATION, _) => end_of_caveat(&mut rest)?,
            _ => return None,
        }
    }
    let (kind, signature) = field(&mut rest)?;
    (kind == SIGNATURE && signature.len() == 32).then_some(location)
}

/// The rest of one caveat's fields.
fn end_of_caveat(rest: &mut &[u8]) -> Option<()> {
    loop {
        match field(rest)?.0 {
            END => return Some(()),
            LOCATION | IDENTIFIER | VERIFICATION => {}
            _ => return None,
        }
    }
}

/// The next field: its kind, and its body unless it is an end.
fn field<'b>(rest: &mut &'b [u8]) -> Option<(u8, &'b [u8])> {
    let (kind, after) = rest.split_first()?;
    if *kind == END {
        *rest = after;
        return Some((END, &[]));
    }
    let (low, after) = after.split_first()?;
    let (high, after) = if *low < 0x80 { (&0, after) } else { after.split_first()? };
    let length = usize::from(low & 0x7f) | (usize::from(*high) << 7);
    let (body, after) = after.split_at_checked(length)?;
    *rest = after;
    Some((*kind, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    #[test]
    fn a_macaroon_names_its_place() {
        let token = expand("{pypi}").unwrap().text;
        let Verdict::HoldsWith(facts) = pypi(token.as_bytes()) else { panic!("it holds") };
        assert!(facts.detail.unwrap().starts_with("for pypi."));
        assert_eq!(facts.at_most, None);
        assert_eq!(fly(expand("{fly}").unwrap().text.as_bytes()), Verdict::Holds);
    }

    #[test]
    fn a_macaroon_for_a_test_server_does_less_harm() {
        let place = b"test.acme.dev";
        let parts = [&[2, 1, 13][..], place, &[2, 1, 7, 0, 0, 6, 32], &[9; 32]].concat();
        let Verdict::HoldsWith(facts) = pypi(BASE64_URL.encode(parts).as_bytes()) else {
            panic!("it holds")
        };
        assert_eq!(facts.at_most, Some(Severity::Medium));
    }

    #[test]
    fn a_macaroon_that_is_cut_anywhere_is_doubtful() {
        let token = expand("{pypi}").unwrap().text;
        for end in 0..token.len() - 2 {
            assert!(matches!(pypi(&token.as_bytes()[..end]), Verdict::Doubtful(_)), "{end}");
        }
        assert!(matches!(fly(b"fm2_AAAA"), Verdict::Doubtful(_)));
    }
}
