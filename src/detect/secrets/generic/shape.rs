//! What a value is by its shape: a name, a number, a path, an identifier of records.

use super::lexicon::{PASSWORDS, TOKENS};
use super::model::Model;
use super::words::words;

/// Endings of the names of files.
const EXTENSIONS: &[&str] = &[
    "pem",
    "key",
    "json",
    "yml",
    "yaml",
    "txt",
    "crt",
    "cer",
    "p12",
    "pfx",
    "jks",
    "env",
    "rb",
    "py",
    "js",
    "ts",
    "go",
    "rs",
    "java",
    "xml",
    "html",
    "md",
    "toml",
    "ini",
    "conf",
    "cfg",
    "properties",
    "sh",
    "png",
    "svg",
    "jpg",
    "css",
    "php",
    "cs",
    "sql",
    "log",
    "example",
    "com",
    "org",
    "net",
    "io",
    "local",
    "dev",
    "exe",
    "tsx",
    "jsx",
    "vue",
    "der",
    "pub",
    "keystore",
    "gz",
    "zip",
    "enc",
    "lock",
    "proto",
    "h",
    "c",
    "cpp",
    "secret",
    "git",
];

/// Words that people write where a secret goes, or that say that it is none.
const STAND_INS: &[&str] = &[
    "test",
    "testing",
    "tests",
    "tester",
    "example",
    "examples",
    "sample",
    "dummy",
    "fake",
    "mock",
    "mocked",
    "stub",
    "demo",
    "foo",
    "bar",
    "baz",
    "qux",
    "foobar",
    "your",
    "yours",
    "my",
    "mine",
    "some",
    "change",
    "changeme",
    "changeit",
    "here",
    "todo",
    "fixme",
    "insert",
    "replace",
    "placeholder",
    "redacted",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "pw",
    "token",
    "tokens",
    "key",
    "api",
    "apikey",
    "auth",
    "access",
    "value",
    "default",
    "admin",
    "user",
    "username",
    "root",
    "guest",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "string",
    "str",
    "int",
    "bool",
    "invalid",
    "valid",
    "wrong",
    "correct",
    "new",
    "old",
    "not",
    "a",
    "an",
    "the",
    "is",
    "this",
    "that",
    "abc",
    "xyz",
    "abcd",
    "abcdef",
    "abcdefg",
    "xxx",
    "xxxx",
    "asdf",
    "qwerty",
    "super",
    "very",
    "really",
    "local",
    "dev",
    "development",
    "staging",
    "client",
    "server",
    "private",
    "public",
    "encrypted",
    "hidden",
    "hunter",
    "letmein",
    "welcome",
    "hello",
    "world",
    "bearer",
    "basic",
    "jwt",
    "session",
    "cookie",
    "random",
    "something",
    "anything",
    "whatever",
    "another",
    "other",
    "first",
    "second",
    "one",
    "two",
    "three",
    "id",
    "name",
    "db",
    "database",
    "postgres",
    "mysql",
    "redis",
    "mongo",
    "bad",
    "good",
    "only",
    "for",
    "and",
    "or",
    "with",
    "do",
    "real",
    "fixture",
    "unit",
    "integration",
    "e2e",
    "ci",
    "xx",
    "x",
    "secure",
    "insecure",
    "safe",
    "unsafe",
    "strong",
    "weak",
    "long",
    "short",
    "enough",
    "longer",
    "base",
    "must",
    "be",
    "at",
    "least",
    "characters",
    "chars",
    "bytes",
    "bits",
    "of",
    "to",
    "in",
    "on",
    "by",
    "temp",
    "tmp",
    "generated",
    "enter",
    "put",
    "paste",
    "set",
    "fill",
    "me",
    "it",
    "you",
    "passw",
    "ord",
    "word",
    "ss",
    "expired",
    "refresh",
    "id",
    "empty",
    "blank",
    "missing",
    "unknown",
    "confidential",
    "signing",
    "encryption",
    "aes",
    "hmac",
    "rsa",
];

/// Names of algorithms, which end in digits as passwords do.
const ALGORITHMS: &[&str] = &[
    "sha", "md", "aes", "rsa", "hs", "rs", "es", "ps", "ed", "ecdsa", "utf", "base", "x", "oauth",
    "pbkdf", "argon", "bcrypt", "hmac", "ripemd", "blake", "iso", "cp", "win", "ascii", "latin",
    "int", "uint", "float", "v", "version", "ipv", "http", "des", "gcm", "cbc", "kdf", "aead",
    "chacha", "pkcs", "rc", "tls", "ssl", "p",
];

/// Whether it is all digits and what stands between them: a number, a date, a version.
pub(super) fn is_number(value: &[u8]) -> bool {
    let signs = |b: &u8| b.is_ascii_digit() || b".,:-+/_%xXeE TZ".contains(b);
    let unit = |text: &[u8]| text.iter().all(u8::is_ascii_alphabetic) && text.len() <= 4;
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    value.iter().all(signs) || (digits > 0 && unit(value.get(digits..).unwrap_or_default()))
}

/// Whether it is the path or the name of a file, or an address.
pub(super) fn is_path(value: &[u8], model: &Model) -> bool {
    let ending = value.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let named = ending.len() < value.len()
        && EXTENSIONS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(ending));
    let rooted =
        [&b"/"[..], b"./", b"../", b"~/", b"\\\\"].iter().any(|root| value.starts_with(root))
            || matches!(value, [_, b':', b'\\' | b'/', ..]);
    let slashes = value.iter().filter(|b| matches!(b, b'/' | b'\\')).count();
    let wordy = model.surprise(value) < 8;
    named || ((rooted || slashes >= 1) && wordy) || is_mail(value)
}

/// `someone@example.com`, without signs that an address has not.
fn is_mail(value: &[u8]) -> bool {
    let mut parts = value.split(|b| *b == b'@');
    let (Some(user), Some(host), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let name = |b: &u8| b.is_ascii_alphanumeric() || b".-_+".contains(b);
    let dotted = host.contains(&b'.')
        && host.rsplit(|b| *b == b'.').next().is_some_and(|tld| {
            (2..=6).contains(&tld.len()) && tld.iter().all(u8::is_ascii_lowercase)
        });
    !user.is_empty() && user.iter().all(name) && host.iter().all(name) && dotted
}

/// Whether it is a UUID.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    let lengths: Vec<_> = value.split(|b| *b == b'-').map(<[u8]>::len).collect();
    lengths == [8, 4, 4, 4, 12] && value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

/// Whether it is a name: words, the parts of a path, an identifier with a number at its end.
pub(super) fn is_name(value: &[u8], model: &Model) -> bool {
    let part = |part: &[u8]| {
        let stem = part.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |last| last + 1);
        let letters = part.get(..stem).unwrap_or_default();
        let digits = part.len() - stem;
        letters.iter().all(u8::is_ascii_alphabetic) && digits <= 3 && !is_drawn(letters, model)
    };
    let parts: Vec<_> = value.split(|b| b"_-.:/ >$[]@+".contains(b)).collect();
    let plain = parts.len() == 1 && value.iter().any(u8::is_ascii_digit);
    parts.iter().all(|text| part(text)) && (!plain || is_algorithm(value))
}

/// Whether letters without a word in them were drawn by lot.
fn is_drawn(letters: &[u8], model: &Model) -> bool {
    letters.len() >= 8 && model.surprise(letters) >= 6
}

fn is_algorithm(value: &[u8]) -> bool {
    let all = words(value);
    let known = |word: &String| {
        ALGORITHMS.contains(&word.as_str()) || word.bytes().all(|b| b.is_ascii_digit())
    };
    all.iter().all(known)
}

/// Whether every word of it stands in for a secret, whatever digits and signs are between them.
pub(super) fn stands_in(value: &[u8]) -> bool {
    let mut all = words(value).into_iter().filter(|word| !word.bytes().all(|b| b.is_ascii_digit()));
    all.all(|word| is_stand_in(&word))
}

/// Whether a word of it, apart from the others, says that it is no real secret.
pub(super) fn says_specimen(value: &[u8]) -> bool {
    let known = [
        "test",
        "testing",
        "example",
        "sample",
        "dummy",
        "fake",
        "mock",
        "demo",
        "foo",
        "bar",
        "foobar",
        "your",
        "changeme",
        "placeholder",
        "redacted",
        "xxx",
        "xxxx",
        "xxxxx",
        "insert",
        "replace",
        "todo",
        "invalid",
        "fixture",
        "stub",
    ];
    value
        .split(|b| !b.is_ascii_alphabetic())
        .any(|word| known.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word)))
}

fn is_stand_in(word: &str) -> bool {
    STAND_INS.contains(&word)
        || PASSWORDS.contains(&word)
        || TOKENS.contains(&word)
        || ["password", "secret", "token", "apikey"].iter().any(|known| {
            word.strip_suffix(known)
                .or_else(|| word.strip_prefix(known))
                .is_some_and(|rest| STAND_INS.contains(&rest))
        })
}

/// Whether it counts, runs along the keyboard or repeats: `abc123`, `qwerty`, `aaaa1111`.
pub(super) fn is_sequence(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let runs = [
        &b"1234"[..],
        b"abcd",
        b"qwer",
        b"asdf",
        b"zxcv",
        b"0000",
        b"1111",
        b"aaaa",
        b"xxxx",
        b"4321",
        b"abc123",
        b"dead",
        b"beef",
        b"cafe",
    ];
    runs.iter().any(|run| memchr::memmem::find(&lower, run).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_passwords() {
        let model = Model::new();
        for text in [
            "user_password",
            "config.token",
            "getPassword",
            "password",
            "my-service-token",
            "sha256",
            "x509",
            "application/json",
            "APPLICATION_NAME",
            "utf8",
        ] {
            assert!(is_name(text.as_bytes(), &model), "{text}");
        }
        for text in ["k3Jd9sQ2", "Summer2024!", "hunter42", "q7Gz-p0Lk-93mV"] {
            assert!(!is_name(text.as_bytes(), &model), "{text}");
        }
    }

    #[test]
    fn paths_and_addresses_are_told() {
        let model = Model::new();
        for text in [
            "/etc/ssl/a.pem",
            "./secrets",
            "~/x",
            "key.json",
            "a@acme.com",
            "C:\\keys\\a",
            "app/models/user",
        ] {
            assert!(is_path(text.as_bytes(), &model), "{text}");
        }
        assert!(!is_path(b"P@ssw0rd.1", &model) && !is_path(b"k3Jd/9sQ2", &model));
    }

    #[test]
    fn numbers_and_uuids_are_told() {
        assert!(
            is_number(b"2024-01-02")
                && is_number(b"30s")
                && is_number(b"3.11.4")
                && !is_number(b"3k9x")
        );
        assert!(is_uuid(b"123e4567-e89b-12d3-a456-426614174000") && !is_uuid(b"123e4567"));
    }

    #[test]
    fn words_that_stand_in_do_so_only_as_words() {
        assert!(
            stands_in(b"my-secret-token") && stands_in(b"Password123!") && stands_in(b"test1234")
        );
        assert!(!stands_in(b"Summer2024!"));
        assert!(says_specimen(b"abc-test-9x") && !says_specimen(b"kTestq9"));
    }
}
