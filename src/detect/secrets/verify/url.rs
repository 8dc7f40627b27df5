//! Passwords in URLs.

use super::stand_in::{is_stand_in, is_template};
use super::{Found, Verdict, doubtful};
use crate::detect::secrets::value::entropy;

/// Hosts that are nobody's, by their last label (RFC 2606, RFC 6761).
const RESERVED: &[&str] = &["example", "test", "invalid", "localhost", "local"];

/// Hosts that documentation uses.
const SPECIMENS: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "domain.com",
    "mydomain.com",
    "yourdomain.com",
    "foo.com",
    "bar.com",
    "test.com",
    "acme.com",
    "company.com",
    "host.com",
    "server.com",
    "myserver.com",
    "somewhere.com",
    "somehost.com",
    "site.com",
    "website.com",
];

/// The least entropy of a password that looks chosen by a machine or with care, in bits a character.
const CAREFUL: f64 = 2.5;

const STAND_IN: &str = "it may stand in for a password";

/// How much of what surrounds the password is looked at, in bytes.
const AROUND: usize = 300;

/// The password of the URL around it.
pub(super) fn password(found: &Found<'_>) -> Verdict {
    let Found { bytes, secret, .. } = *found;
    let value = found.value();
    let (user, host) = (user(bytes, secret.start), host(bytes, secret.end));
    let name = String::from_utf8_lossy(host).to_ascii_lowercase();
    if is_stand_in(value) || is_template(user) || is_template(host) || is_nobodys(&name) {
        return Verdict::NoSecret;
    }
    let same = value.eq_ignore_ascii_case(user);
    match (is_local(&name), same || !is_careful(value)) {
        (true, true) => Verdict::NoSecret,
        (true, false) => doubtful("its server is on the same machine or network"),
        (false, true) => doubtful(STAND_IN),
        (false, false) => Verdict::Holds,
    }
}

/// A password that stands by itself.
pub(in super::super) fn bare_password(value: &[u8]) -> Verdict {
    match (is_stand_in(value), is_careful(value)) {
        (true, _) => Verdict::NoSecret,
        (false, true) => Verdict::Holds,
        (false, false) => doubtful(STAND_IN),
    }
}

fn user(bytes: &[u8], password: usize) -> &[u8] {
    let end = password.saturating_sub(1);
    let before = bytes.get(end.saturating_sub(AROUND)..end).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    before.get(start..).unwrap_or_default()
}

fn host(bytes: &[u8], password: usize) -> &[u8] {
    let after = bytes.get(password + 1..).unwrap_or_default();
    let after = after.get(..AROUND.min(after.len())).unwrap_or_default();
    let part = |byte: &u8| {
        byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"-._[]${}<>%*".contains(byte)
    };
    let end = after.iter().position(|byte| !part(byte)).unwrap_or(after.len());
    let host = after.get(..end).unwrap_or_default();
    // A sentence may end after a host.
    let last = host.iter().rposition(|byte| *byte != b'.').map_or(0, |last| last + 1);
    host.get(..last).unwrap_or_default()
}

fn is_nobodys(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    let reserved = host.contains('.') && RESERVED.contains(&last);
    let within = |name: &&str| {
        host.strip_suffix(*name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let generic = ["host", "hostname", "server", "yourhost", "myhost"].contains(&host)
        || ["your-", "your_", "your."].iter().any(|start| host.starts_with(start));
    host.is_empty() || reserved || generic || SPECIMENS.iter().any(within)
}

/// Whether a host is this machine, a private address, or a name without a domain, as containers that
/// are started together call each other.
fn is_local(host: &str) -> bool {
    let private = ["127.", "10.", "192.168.", "0.0.0.0", "[", "host.docker."];
    private.iter().any(|start| host.starts_with(start)) || !host.contains('.')
}

fn is_careful(password: &[u8]) -> bool {
    let kinds = [
        password.iter().any(u8::is_ascii_lowercase),
        password.iter().any(u8::is_ascii_uppercase),
        password.iter().any(u8::is_ascii_digit),
        password.iter().any(|byte| !byte.is_ascii_alphanumeric()),
    ];
    let mixed = kinds.iter().filter(|kind| **kind).count() >= 2;
    password.len() >= 7 && mixed && entropy(password) >= CAREFUL
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(user: &str, secret: &str, host: &str) -> Verdict {
        let text = format!("db = \"postgres://{user}:{secret}@{host}/app\"");
        let start = text.find("://").unwrap() + 3 + user.len() + 1;
        let secret = start..start + secret.len();
        password(&Found { bytes: text.as_bytes(), secret: &secret, id: None, today: None })
    }

    #[test]
    fn a_password_for_a_real_server_is_a_secret() {
        assert_eq!(verdict("app", "k3Jd9sQ2", "db.acme-prod.io"), Verdict::Holds);
        assert_eq!(verdict("", "Password2024!", "54.12.9.1:5432"), Verdict::Holds);
    }

    #[test]
    fn a_stand_in_is_no_secret_wherever_it_is() {
        for secret in ["password", "${DB_PASS}", "<pw>", "xxxxxxxx", "%s", "{{pw}}", "$PASSWORD"] {
            assert_eq!(verdict("app", secret, "db.acme-prod.io"), Verdict::NoSecret, "{secret}");
        }
    }

    #[test]
    fn nobody_has_a_password_for_a_server_that_is_nobodys() {
        for host in ["example.com", "db.example.org", "a.test", "${HOST}", "<host>", "hostname"] {
            assert_eq!(verdict("app", "k3Jd9sQ2", host), Verdict::NoSecret, "{host}");
        }
    }

    #[test]
    fn a_trivial_password_on_this_machine_is_no_secret_and_a_careful_one_is_doubtful() {
        assert_eq!(verdict("app", "app", "localhost"), Verdict::NoSecret);
        assert_eq!(verdict("app", "sesame", "db"), Verdict::NoSecret);
        assert!(matches!(verdict("app", "k3Jd9sQ2", "127.0.0.1"), Verdict::Doubtful(_)));
        assert!(matches!(verdict("app", "sesame", "db.acme-prod.io"), Verdict::Doubtful(_)));
    }
}
