//! Passwords that are written where a password goes and are none.

use crate::detect::secrets::value::is_made_up;
use memchr::memmem;

/// What people write for a password: words with blanks between, without punctuation and last digits.
const WORDS: &str = "\
    abc admin bar baz changeit changeme credentials db dbpass dbpassword demo dev dummy \
    example fake foo foobar guest hidden hunter insecure invalid key letmein localpassword \
    mongo mongodb my mypass mypassword mysecret mysecretpassword mysql none not null p4ssw0rd \
    pa55w0rd pass passw0rd passwd password passwort pg placeholder postgres postgresql \
    privatepassword pw pwd qwerty rabbitmq real redacted redis removed replace root sample \
    secret secretpassword secure some somepass somepassword somesecret string super \
    supersecret test testing testpass testpassword the thepassword token user username \
    userpass value verysecret wrong x your yourpass yourpassword";

/// What stands for text that was left out.
const OMISSIONS: &[&[u8]] = &[b"***", b"...", "…".as_bytes()];

/// What stands around the name of something that is filled in.
const BRACKETS: &[(&[u8], &[u8])] = &[
    (b"${", b"}"),
    (b"$(", b")"),
    (b"#{", b"}"),
    (b"%(", b")"),
    (b"{", b"}"),
    (b"<", b">"),
    (b"[", b"]"),
    (b"&lt;", b"&gt;"),
];

/// Whether a password is a template or one of the words that documentation uses.
pub(super) fn is_stand_in(password: &[u8]) -> bool {
    is_template(password) || is_word(password) || is_made_up(password)
}

/// Whether a text is to be filled in: `${PASSWORD}`, `<password>`, `%s`, `$PASSWORD`. A bracket alone
/// is a character like another.
pub(super) fn is_template(text: &[u8]) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let variable = matches!(text, [b'$', rest @ ..] if rest.iter().all(name));
    let batch = matches!(text, [b'%', rest @ .., b'%'] if rest.iter().all(name));
    let printf = matches!(text, [b'%', b's' | b'd' | b'v' | b'q' | b'@', ..]);
    let omission = OMISSIONS.iter().any(|mark| memmem::find(text, mark).is_some());
    let bracket = BRACKETS.iter().any(|(open, close)| encloses_a_name(text, open, close));
    variable || batch || printf || omission || bracket
}

fn encloses_a_name(text: &[u8], open: &[u8], close: &[u8]) -> bool {
    let inside = |start: usize| {
        let rest = text.get(start + open.len()..)?;
        rest.get(..memmem::find(rest, close)?)
    };
    let names = |inner: &[u8]| {
        let named = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-. $:'[]()".contains(byte);
        inner.iter().any(u8::is_ascii_alphabetic) && inner.iter().all(named)
    };
    memmem::find_iter(text, open).filter_map(inside).any(names)
}

/// Whether every word of a password is one of [`WORDS`], a few digits after the last aside.
fn is_word(password: &[u8]) -> bool {
    let text = String::from_utf8_lossy(password).to_ascii_lowercase();
    let shouted = password.len() >= 4
        && password.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
        && password.contains(&b'_');
    let punctuation = |c: char| !c.is_ascii_alphanumeric();
    let stem = text.trim_end_matches(punctuation).trim_end_matches(|c: char| c.is_ascii_digit());
    let few_digits = text.len() - stem.len() <= 3 || stem.is_empty();
    let known = |word: &str| word.is_empty() || WORDS.split(' ').any(|known| known == word);
    let together: String = stem.split(punctuation).collect();
    let words = known(&together) || stem.split(punctuation).all(known);
    shouted || repeated_character(&text) || (few_digits && words)
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
            "{{pw}}",
            "[password]",
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
        for text in [
            "Password2024!",
            "k3Jd9sQ2",
            "correct-horse-battery",
            "s3cr3t-99x",
            "pa$$w0rd-7",
            "q{9zK!m",
            "a<b7Qx[z",
            "7%3D8f%2",
        ] {
            assert!(!is_stand_in(text.as_bytes()), "{text}");
        }
    }
}
