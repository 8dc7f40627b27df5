//! Whether what stands around a value says that it is a hash, an id or a picture: places where long
//! random text is normal.
//!
//! It is asked only of values that nothing in themselves tells from a hash. A token that has a prefix
//! is a token wherever it stands.

use memchr::memmem;
use std::ops::Range;

/// How much of the line before and after a value is looked at, in bytes.
const BEFORE: usize = 240;
const AFTER: usize = 40;

/// The shortest value that could be a hash: an abbreviated one is no secret's length.
const SHORTEST: usize = 16;

/// What hashes are labelled with, right before them.
const ALGORITHMS: &[&str] = &[
    "h1",
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3",
    "sha3-256",
    "blake2b",
    "blake2b-256",
    "blake3",
    "b2",
    "b3",
];

/// Names of fields that hold hashes or ids, in small letters without `-` and `_`.
const FIELDS: &[&str] = &[
    "basesha",
    "blob",
    "buildid",
    "cargohash",
    "cargosha256",
    "checksum",
    "checksums",
    "commit",
    "commithash",
    "commitid",
    "commitref",
    "commitsha",
    "commitsha1",
    "contenthash",
    "contentmd5",
    "depshash",
    "digest",
    "etag",
    "filehash",
    "fingerprint",
    "gitcommit",
    "githash",
    "githead",
    "gitref",
    "gitrev",
    "gitsha",
    "hash",
    "headsha",
    "ifnonematch",
    "imagedigest",
    "integrity",
    "md5",
    "md5sum",
    "mergebase",
    "modsha256",
    "narhash",
    "npmdepshash",
    "object",
    "oid",
    "outputhash",
    "parent",
    "parents",
    "ref",
    "reference",
    "resolved",
    "resolvedref",
    "rev",
    "revision",
    "sha",
    "sha1",
    "sha1sum",
    "sha224",
    "sha256",
    "sha256sum",
    "sha384",
    "sha512",
    "sha512sum",
    "shasum",
    "sourcereference",
    "sourcerevision",
    "sri",
    "srihash",
    "thumbprint",
    "tree",
    "treehash",
    "vendorhash",
    "vendorsha256",
];

/// Words of git after which an object's id stands.
const GIT: &[&str] =
    &["commit", "tree", "parent", "object", "blob", "from", "merge", "revert", "reverts", "to"];

/// Whether the value at `range` is where hashes, git ids, parts of UUIDs, or embedded data stand.
pub(super) fn in_hash_context(bytes: &[u8], range: &Range<usize>) -> bool {
    let value = bytes.get(range.clone()).unwrap_or_default();
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    if value.len() < SHORTEST || !value.iter().all(fits) {
        return false;
    }
    let before = line_before(bytes, range.start);
    let after = bytes.get(range.end..).unwrap_or_default();
    let after = after.get(..AFTER.min(after.len())).unwrap_or_default();
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    is_labelled(&before)
        || is_field(&before)
        || in_data_uri(&before)
        || (hex && (is_git(&before) || is_listed(&before, after) || in_uuid(bytes, range)))
}

/// The line up to the value, in small letters; other bytes than ASCII become blanks.
fn line_before(bytes: &[u8], start: usize) -> String {
    let before = bytes.get(start.saturating_sub(BEFORE)..start).unwrap_or_default();
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let ascii =
        |byte: &u8| if byte.is_ascii() { char::from(byte.to_ascii_lowercase()) } else { ' ' };
    before.get(line..).unwrap_or_default().iter().map(ascii).collect()
}

/// `sha512-`, `sha256:`, `h1:`, `sha256=` right before the value.
fn is_labelled(before: &str) -> bool {
    let label = before.strip_suffix(['-', ':', '=', '/']);
    label.is_some_and(|label| ALGORITHMS.contains(&word_at_end(label, "-")))
}

/// The letters, digits and characters of `more` with which a text ends.
fn word_at_end<'t>(text: &'t str, more: &str) -> &'t str {
    let part = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    let head = text.trim_end_matches(part);
    text.strip_prefix(head).unwrap_or_default()
}

/// A field's name before the value: `checksum = "`, `"shasum": "`, `etag: W/"`, `<sha256 value="`.
fn is_field(before: &str) -> bool {
    let quote = |c: char| c.is_ascii_whitespace() || "\"'`\\([{".contains(c);
    let text = before.trim_end_matches(quote);
    let text = without_format(text).trim_end_matches(quote);
    if let Some(tag) = text.strip_suffix('>') {
        return is_name(word_at_end(tag, "-_"));
    }
    let assigned = text.trim_end_matches([':', '=', '>']);
    if assigned.len() == text.len() {
        return false;
    }
    let name = word_at_end(assigned.trim_end_matches(|c| quote(c) || c == ']'), "-_");
    is_name(name) || (name == "value" && is_tag_of_hash(assigned))
}

/// The text without what stands between a field and its hash: `W/` of an `ETag`, the version of a
/// checksum in a lockfile of Yarn (`10c0/`).
fn without_format(text: &str) -> &str {
    let Some(head) = text.strip_suffix('/') else {
        return text;
    };
    let word = word_at_end(head, "");
    let version = word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 5;
    let format = version || word == "w";
    if format { head.strip_suffix(word).unwrap_or(text) } else { text }
}

fn is_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    FIELDS.binary_search(&name.as_str()).is_ok()
}

fn is_tag_of_hash(text: &str) -> bool {
    let tag = text.rsplit_once('<').map_or("", |(_, tag)| tag);
    is_name(tag.split_ascii_whitespace().next().unwrap_or_default())
}

/// `uses: owner/repo@`, the end of a URL after `#`, `commit ` as git prints it.
fn is_git(before: &str) -> bool {
    let pinned = before.strip_suffix(['@', '#']).is_some_and(|path| {
        let path = path.rsplit(|c: char| c.is_ascii_whitespace() || "\"'".contains(c)).next();
        path.is_some_and(|path| path.contains('/'))
    });
    let line = before.trim_end_matches(' ');
    let spaced = line.len() < before.len();
    let word = word_at_end(line.trim_end_matches(':'), "");
    pinned || (spaced && GIT.contains(&word))
}

/// A line of `sha256sum`: a hash, two blanks or a blank and a star, and a file.
fn is_listed(before: &str, after: &[u8]) -> bool {
    let alone = before.bytes().all(|byte| byte.is_ascii_whitespace());
    alone && (after.starts_with(b"  ") || after.starts_with(b" *"))
}

/// `data:image/png;base64,` before the value, with nothing but base 64 in between.
fn in_data_uri(before: &str) -> bool {
    let Some((head, data)) = before.rsplit_once(";base64,") else {
        return false;
    };
    let plain = data.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    plain && memmem::rfind(head.as_bytes(), b"data:").is_some()
}

/// Whether the value is one of the groups of a UUID, or some of them.
fn in_uuid(bytes: &[u8], range: &Range<usize>) -> bool {
    let part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b'-';
    let before = bytes.get(range.start.saturating_sub(36)..range.start).unwrap_or_default();
    let before = before.iter().rev().take_while(part).count();
    let after = bytes.get(range.end..).unwrap_or_default();
    let after = after.iter().take(36).take_while(part).count();
    let whole = bytes.get(range.start - before..range.end + after).unwrap_or_default();
    let groups: Vec<usize> = whole.split(|byte| *byte == b'-').map(<[u8]>::len).collect();
    groups == [8, 4, 4, 4, 12]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;
    use proptest::prelude::*;

    /// Whether the generated characters of a text are where a hash would be.
    fn vetoed(text: &str) -> bool {
        let expansion = expand(text).unwrap();
        in_hash_context(expansion.text.as_bytes(), expansion.generated.last().unwrap())
    }

    #[test]
    fn hashes_of_lockfiles_are_no_secrets() {
        for text in [
            r#"  "integrity": "sha512-{base64:86}==","#,
            "resolution: {integrity: sha512-{base64:86}==}",
            "  integrity sha1-{base64:27}=",
            r#"  resolved "https://registry.example.org/a/-/a-1.tgz#{hex:40}""#,
            "  checksum: 10c0/{hex:128}",
            "  checksum: {hex:128}",
            r#"checksum = "{hex:64}""#,
            r#"content-hash = "{hex:64}""#,
            r#"    {file = "a.whl", hash = "sha256:{hex:64}"},"#,
            "a v1.0.0/go.mod h1:{base64:43}=",
            r#"      "shasum": "{hex:40}","#,
            r#"      "reference": "{hex:40}""#,
            "  rake (13.0) sha256={hex:64}",
            r#"<sha256 value="{hex:64}" origin="x"/>"#,
            "<md5>{hex:32}</md5>",
            "pip install --hash=sha256:{hex:64}",
            "{hex:64}  app-1.0.tar.gz",
            "{hex:32} *app.exe",
        ] {
            assert!(vetoed(text), "{text}");
        }
    }

    #[test]
    fn ids_of_git_and_digests_are_no_secrets() {
        for text in [
            "  - uses: acme/token-action@{hex:40} # v4",
            "commit {hex:40}",
            "parent {hex:40}",
            "Merge: {hex:40}",
            "From {hex:40} Mon Sep 17 00:00:00 2001",
            "(cherry picked from commit {hex:40})",
            "  rev = \"{hex:40}\";",
            "git+https://git.acme.dev/a/b@{hex:40}",
            "commitSha: '{hex:40}'",
            "FROM acme/app@sha256:{hex:64}",
            "ETag: W/\"{hex:32}\"",
            "{\"etag\": \"{hex:32}\"}",
            "  sha256 = \"{alnum:52}\";",
            "narHash: sha256-{base64:43}=",
            "<script integrity='sha384-{base64:64}'>",
            "src=\"data:image/png;base64,{base64:64}\"",
        ] {
            assert!(vetoed(text), "{text}");
        }
    }

    #[test]
    fn a_group_of_a_uuid_is_no_secret() {
        let text = b"12345678-90ab-4cde-8f01-234567890abc";
        assert!(in_uuid(text, &(24..36)) && in_uuid(text, &(0..18)));
        assert!(!in_uuid(b"1234567890ab-4cde", &(0..12)));
    }

    #[test]
    fn what_is_called_a_secret_is_vetoed_nowhere() {
        for text in [
            "api_key = {hex:32}",
            "TOKEN={hex:40}",
            "\"client_secret\": \"{hex:64}\"",
            "api_hash: '{hex:32}'",
            "password_hash={hex:32}",
            "Authorization: Bearer {hex:40}",
            "https://acme.dev/?key={hex:32}",
            "login acme {hex:40}",
            "secret: {base64:44}",
            "commit_token = {hex:40}",
        ] {
            assert!(!vetoed(text), "{text}");
        }
    }

    #[test]
    fn the_fields_are_sorted() {
        assert!(FIELDS.is_sorted());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), a in 0..310_usize, b in 0..310_usize) {
            in_hash_context(&bytes, &(a.min(b)..a.max(b)));
        }
    }
}
