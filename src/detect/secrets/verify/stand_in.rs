//! Passwords that are written where a password goes and are none.

use crate::detect::secrets::value::is_made_up;

/// What people write for a password, without its punctuation and its last digits.
const WORDS: &[&str] = &[
    "",
    "abc",
    "admin",
    "bar",
    "baz",
    "changeit",
    "changeme",
    "db",
    "dbpass",
    "dbpassword",
    "demo",
    "dev",
    "dummy",
    "example",
    "fake",
    "foo",
    "foobar",
    "guest",
    "hidden",
    "hunter",
    "letmein",
    "localpassword",
    "mongo",
    "mongodb",
    "my",
    "mypass",
    "mypassword",
    "mysecret",
    "mysecretpassword",
    "mysql",
    "none",
    "null",
    "pa55w0rd",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "passwort",
    "pg",
    "placeholder",
    "postgres",
    "postgresql",
    "privatepassword",
    "pwd",
    "pw",
    "p4ssw0rd",
    "qwerty",
    "rabbitmq",
    "redacted",
    "redis",
    "removed",
    "replace",
    "root",
    "sample",
    "secret",
    "secretpassword",
    "secure",
    "somepass",
    "somepassword",
    "somesecret",
    "string",
    "supersecret",
    "test",
    "testing",
    "testpass",
    "testpassword",
    "thepassword",
    "token",
    "user",
    "username",
    "userpass",
    "value",
    "verysecret",
    "x",
    "yourpass",
    "yourpassword",
];

/// What shows that the text is a template that something else fills in.
const TEMPLATES: &[&[u8]] =
    &[b"${", b"$(", b"{{", b"#{", b"<", b">", b"%(", b"***", b"...", b"\xe2\x80\xa6", b"[", b"{"];

/// Whether a password is a template or one of the words that documentation uses.
pub(super) fn is_stand_in(password: &[u8]) -> bool {
    is_template(password) || is_word(password) || is_made_up(password)
}

/// Whether a text is to be filled in: `${PASSWORD}`, `<password>`, `%s`, `$PASSWORD`.
pub(super) fn is_template(text: &[u8]) -> bool {
    let holds = |mark: &&[u8]| memchr::memmem::find(text, mark).is_some();
    let variable = text.first() == Some(&b'$')
        && text.iter().skip(1).all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let printf = matches!(text, [b'%', b's' | b'd' | b'v' | b'q' | b'@', ..]);
    let batch = matches!(text, [b'%', .., b'%']);
    TEMPLATES.iter().any(holds) || variable || printf || batch
}

fn is_word(password: &[u8]) -> bool {
    let text = String::from_utf8_lossy(password).to_ascii_lowercase();
    let shouted = password.len() >= 4
        && password.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
        && password.contains(&b'_');
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let stem = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    let few_digits = letters.len() - stem.len() <= 3 || stem.is_empty();
    shouted || repeated_character(&text) || (few_digits && WORDS.contains(&stem))
}

fn repeated_character(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    characters.all(|character| Some(character) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_words_stand_in() {
        for text in [
            "password",
            "PASSWORD",
            "Password1",
            "my-password",
            "your_password",
            "xxx",
            "***",
            "${PASS}",
            "$DB_PASSWORD",
            "{{ password }}",
            "<password>",
            "%s",
            "%(password)s",
            "DB_PASSWORD",
            "123456",
            "secret",
            "#{ENV['X']}",
            "%PASSWORD%",
            "pass123",
            "…",
        ] {
            assert!(is_stand_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn real_passwords_do_not() {
        for text in
            ["Password2024!", "k3Jd9sQ2", "correct-horse-battery", "s3cr3t-99x", "pa$$w0rd-7"]
        {
            assert!(!is_stand_in(text.as_bytes()), "{text}");
        }
    }
}
