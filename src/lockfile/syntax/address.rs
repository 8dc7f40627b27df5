//! Addresses in lockfiles, kept without what may be a credential.
//!
//! A lockfile names where a package comes from, and private registries make people write tokens
//! into that. An address keeps its scheme, host, path and fragment, and of its query only what git
//! needs to name a revision.

use crate::lockfile::Origin;

/// What an address points at, by its own words: git, a folder, or anything else by download. A
/// packed archive is somebody's release wherever it lies, so it is no folder.
pub(in crate::lockfile) fn origin(address: &str) -> Origin {
    let plain = address.strip_prefix("git+").unwrap_or(address);
    let place = plain.split(['#', '?']).next().unwrap_or(plain);
    let by_prefix = ["git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"];
    let folder = ["file:", "link:", "portal:"].iter().find_map(|kind| place.strip_prefix(kind));
    if let Some(folder) = folder.filter(|folder| !is_archive(folder)) {
        Origin::Path(folder.to_owned())
    } else if by_prefix.iter().any(|kind| address.starts_with(kind))
        || place.strip_suffix(".git").is_some()
    {
        Origin::Git(without_credentials(plain))
    } else {
        Origin::Url(without_credentials(address))
    }
}

/// Whether a path is that of a packed release.
pub(in crate::lockfile) fn is_archive(path: &str) -> bool {
    [".tgz", ".tar.gz", ".tar.bz2", ".tar", ".zip", ".whl", ".gem", ".crate"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// An address without user, password and the parts of its query that git does not know.
pub(in crate::lockfile) fn without_credentials(address: &str) -> String {
    let (scheme, rest) = match address.find("://").and_then(|at| address.split_at_checked(at + 3)) {
        Some((scheme, rest)) => (scheme, without_user(without_split_password(rest))),
        None => ("", without_user(address)),
    };
    let (rest, fragment) = cut(rest, '#');
    let (place, query) = cut(rest, '?');
    let revision: Vec<_> = query
        .split('&')
        .filter(|pair| ["rev=", "tag=", "branch=", "ref="].iter().any(|key| pair.starts_with(key)))
        .collect();
    let mut kept = format!("{scheme}{place}");
    for (mark, part) in [('?', revision.join("&").as_str()), ('#', fragment)] {
        if !part.is_empty() {
            kept.push(mark);
            kept.push_str(part);
        }
    }
    kept
}

/// Drops all up to the last `@` of the host.
fn without_user(rest: &str) -> &str {
    host(rest).rfind('@').and_then(|at| rest.get(at + 1..)).unwrap_or(rest)
}

/// A host with a colon that no port follows is half a password, with a slash or the like in it that
/// should have been encoded: all up to the last `@` of the whole belongs to it.
fn without_split_password(rest: &str) -> &str {
    let host = host(rest);
    let half = host.split_once(':').is_some_and(|(_, port)| {
        !host.contains('@') && !port.bytes().all(|byte| byte.is_ascii_digit())
    });
    let end = rest.rfind('@').filter(|_| half);
    end.and_then(|at| rest.get(at + 1..)).unwrap_or(rest)
}

fn host(rest: &str) -> &str {
    rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest)
}

fn cut(text: &str, mark: char) -> (&str, &str) {
    text.split_once(mark).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_keeps_what_names_the_place() {
        for kept in [
            "https://registry.example.org/a/-/a-1.0.0.tgz",
            "https://registry.example.org/@scope/a/-/a-1.0.0.tgz#abc",
            "https://git.example.org:8443/x.git?branch=main#0123abc",
            "ssh://git.example.org/x.git?tag=v1&rev=2",
            "../folder",
            "",
        ] {
            assert_eq!(without_credentials(kept), kept);
        }
    }

    #[test]
    fn an_address_loses_what_may_be_a_credential() {
        for (address, kept) in [
            ("https://user:word@registry.example.org/a", "https://registry.example.org/a"),
            ("https://a@b@registry.example.org/a@1", "https://registry.example.org/a@1"),
            ("https://user:wo/rd@registry.example.org/a", "https://registry.example.org/a"),
            ("https://user:wo#rd@registry.example.org/a", "https://registry.example.org/a"),
            ("git@git.example.org:me/x.git", "git.example.org:me/x.git"),
            (
                "https://registry.example.org/a?token=abc&tag=v1",
                "https://registry.example.org/a?tag=v1",
            ),
        ] {
            assert_eq!(without_credentials(address), kept);
        }
    }

    #[test]
    fn an_address_tells_git_folders_and_downloads_apart() {
        assert_eq!(
            origin("git+ssh://git@git.example.org/x.git#abc"),
            Origin::Git("ssh://git.example.org/x.git#abc".into())
        );
        assert_eq!(origin("github:me/x#abc"), Origin::Git("github:me/x#abc".into()));
        assert_eq!(
            origin("https://h.example.org/x.git"),
            Origin::Git("https://h.example.org/x.git".into())
        );
        assert_eq!(origin("file:../x"), Origin::Path("../x".into()));
        assert_eq!(origin("file:x.tgz#abc"), Origin::Url("file:x.tgz#abc".into()));
        assert_eq!(
            origin("https://h.example.org/x.tgz"),
            Origin::Url("https://h.example.org/x.tgz".into())
        );
    }

    proptest! {
        #[test]
        fn no_password_survives(user in "[a-z:]{0,5}", path in "[a-z/.-]{0,20}", tail in "[?#&=a-z]{0,10}") {
            let address = format!("https://{user}:S3CRET@h.example.org/{path}{tail}");
            prop_assert!(!without_credentials(&address).contains("S3CRET"));
            let query = format!("https://h.example.org/{path}?auth=S3CRET&x=S3CRET");
            prop_assert!(!without_credentials(&query).contains("S3CRET"));
        }
    }
}
