//! OpenSSH's own format of private keys (`PROTOCOL.key` of its sources).

use super::der::Fault;
use super::found::shown;
use super::key::{Content, Kind};

/// How a key begins.
pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What key it is: open if its cipher is `none` and its parts agree, else encrypted.
pub(super) fn key(bytes: &[u8]) -> Result<Content, Fault> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(Fault::Wrong)?;
    let cipher = text(&mut rest)?;
    let (_derivation, _options) = (text(&mut rest)?, field(&mut rest)?);
    if number(&mut rest)? != 1 {
        return Err(Fault::Wrong);
    }
    let (public, mut private) = (field(&mut rest)?, field(&mut rest)?);
    if cipher != "none" {
        return Ok(Content::Encrypted(cipher.to_owned()));
    }
    if number(&mut private)? != number(&mut private)? {
        return Err(Fault::Wrong);
    }
    let mut named = public;
    let (kind, again) = (text(&mut named)?, text(&mut private)?);
    if kind != again || private.is_empty() {
        return Err(Fault::Wrong);
    }
    Ok(Content::Key(Kind::new(kind.to_owned(), public)))
}

fn number(rest: &mut &[u8]) -> Result<u32, Fault> {
    let (number, after) = rest.split_first_chunk().ok_or(Fault::Cut)?;
    *rest = after;
    Ok(u32::from_be_bytes(*number))
}

fn field<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Fault> {
    let length = usize::try_from(number(rest)?).map_err(|_| Fault::Wrong)?;
    let (field, after) = rest.split_at_checked(length).ok_or(Fault::Cut)?;
    *rest = after;
    Ok(field)
}

/// A field that is a short name.
fn text<'b>(rest: &mut &'b [u8]) -> Result<&'b str, Fault> {
    let name = std::str::from_utf8(field(rest)?).map_err(|_| Fault::Wrong)?;
    shown(name).ok_or(Fault::Wrong)
}
