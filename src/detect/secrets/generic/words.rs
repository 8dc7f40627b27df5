//! Names as the words that they are made of: `dbPassword`, `DB_PASSWORD` and `db.password` are all
//! `db` and `password`.

/// The words of a name in lower case; at most [`MOST`].
pub(super) fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut current = Vec::new();
    let mut last = Class::Other;
    for (at, byte) in name.iter().enumerate() {
        let class = Class::of(*byte);
        let next = name.get(at + 1).map_or(Class::Other, |next| Class::of(*next));
        if begins(last, class, next) && !current.is_empty() {
            words.push(text(&std::mem::take(&mut current)));
        }
        if class != Class::Other {
            current.push(byte.to_ascii_lowercase());
        }
        last = class;
        if words.len() >= MOST {
            return words;
        }
    }
    if !current.is_empty() {
        words.push(text(&current));
    }
    words
}

fn text(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

/// A name of more words is none.
const MOST: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Other,
}

impl Class {
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' | 0x80.. => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Other,
        }
    }
}

/// Whether a word begins with a character of this class. In `APIKey` the `K` begins one, because a
/// small letter follows it.
fn begins(last: Class, class: Class, next: Class) -> bool {
    match (last, class) {
        (Class::Lower, Class::Upper) => true,
        (Class::Upper, Class::Upper) => next == Class::Lower,
        (Class::Upper, Class::Lower) => false,
        _ => last != class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(name: &str) -> String {
        words(name.as_bytes()).join(" ")
    }

    #[test]
    fn names_of_every_convention_are_split() {
        assert_eq!(split("dbPassword"), "db password");
        assert_eq!(split("DB_PASSWORD"), "db password");
        assert_eq!(split("spring.datasource.password"), "spring datasource password");
        assert_eq!(split("X-Api-Key"), "x api key");
        assert_eq!(split("APIKey"), "api key");
        assert_eq!(split("AWSSecretKey2"), "aws secret key 2");
        assert_eq!(split("OAuthToken"), "o auth token");
        assert_eq!(split("--token"), "token");
        assert_eq!(split(""), "");
    }
}
