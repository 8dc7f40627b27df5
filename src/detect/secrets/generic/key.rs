//! Whether a name is that of a secret, and of which kind.

use super::lexicon::{
    ABOUT, BEFORE_KEY, DENIED, OWNERS, PASSWORDS, TOKENS, WEAK_BEFORE_KEY, WEAK_PASSWORDS,
    WEAK_TOKENS,
};
use super::words::words;

/// What a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) class: Class,
    pub(super) strength: Strength,
}

/// What kind of secret a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A person chose it, or may have.
    Password,
    /// It was drawn by lot.
    Token,
}

/// How clearly a name names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// It may mean something else.
    Weak,
    /// It means nothing else.
    Strong,
}

/// Reads a name: the last of its words that names a secret decides, unless a word after it says that
/// the name is about the secret, or one before it that it is none.
pub(super) fn key(name: &[u8]) -> Option<Key> {
    let words = joined(words(name));
    let (at, key) = (0..words.len()).rev().find_map(|at| Some((at, head(&words, at)?)))?;
    let before = words.get(..at).unwrap_or_default();
    let after = words.get(at + 1..).unwrap_or_default();
    let about = after.iter().any(|word| ABOUT.contains(&word.as_str()) || is_plain_key(word));
    let denied = before.iter().any(|word| DENIED.contains(&word.as_str()));
    (!about && !denied).then_some(key)
}

/// A `key` after the head makes another thing of it, unless it is `secret key`.
fn is_plain_key(word: &str) -> bool {
    word == "keys" || word == "tokens" || word == "passwords"
}

/// The words with those put together that belong together: `pass word`, `api key`.
fn joined(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut() {
            Some(last) if last == "pass" && matches!(word.as_str(), "word" | "phrase" | "code") => {
                last.push_str(&word);
            }
            _ => joined.push(word),
        }
    }
    joined
}

/// What the word at `at` names.
fn head(words: &[String], at: usize) -> Option<Key> {
    let word = words.get(at)?.as_str();
    let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
    let strong = |class| Some(Key { class, strength: Strength::Strong });
    let weak = |class| Some(Key { class, strength: Strength::Weak });
    if PASSWORDS.contains(&word) {
        return strong(Class::Password);
    }
    if TOKENS.contains(&word) {
        return strong(Class::Token);
    }
    if WEAK_PASSWORDS.contains(&word) {
        return if OWNERS.contains(&before) {
            strong(Class::Password)
        } else {
            weak(Class::Password)
        };
    }
    if word == "key" || word == "keys" {
        return key_after(before);
    }
    if WEAK_TOKENS.contains(&word) {
        return weak(Class::Token);
    }
    run_together(word)
}

fn key_after(before: &str) -> Option<Key> {
    let class = Class::Token;
    let known = BEFORE_KEY.contains(&before);
    let weak = WEAK_BEFORE_KEY.contains(&before);
    let strength = if weak { Strength::Weak } else { Strength::Strong };
    (known || weak).then_some(Key { class, strength })
}

/// A name without a mark between its words: `dbpassword`, `rootpw`, `stripeapikey`.
fn run_together(word: &str) -> Option<Key> {
    let ends = |tails: &[&str]| {
        tails.iter().any(|tail| tail.len() >= 5 && word.len() > tail.len() && word.ends_with(tail))
    };
    let owned = |tail: &&str| word.strip_suffix(*tail).is_some_and(|owner| OWNERS.contains(&owner));
    let short = ["pass", "pw", "pwd", "psw"];
    if ends(PASSWORDS) || short.iter().any(owned) {
        return Some(Key { class: Class::Password, strength: Strength::Strong });
    }
    let keyed = word.strip_suffix("key").is_some_and(|before| BEFORE_KEY.contains(&before));
    let strength =
        if keyed { key_after(word.strip_suffix("key")?)?.strength } else { Strength::Strong };
    (keyed || ends(TOKENS)).then_some(Key { class: Class::Token, strength })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<(Class, Strength)> {
        key(name.as_bytes()).map(|key| (key.class, key.strength))
    }

    #[test]
    fn names_of_passwords() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "PASSWD",
            "pwd",
            "userPwd",
            "db_pass",
            "rootpw",
            "dbpassword",
            "PassWord",
            "passphrase",
            "contraseña",
            "senha",
            "passwort",
            "haslo",
            "password_production",
            "MYSQL_ROOT_PASSWORD",
            "password2",
        ] {
            assert_eq!(read(name), Some((Class::Password, Strength::Strong)), "{name}");
        }
        assert_eq!(read("pass"), Some((Class::Password, Strength::Weak)));
    }

    #[test]
    fn names_of_tokens_and_keys() {
        for name in [
            "token",
            "API_TOKEN",
            "apiKey",
            "api_key",
            "X-Api-Key",
            "stripeApiKey",
            "AWS_SECRET_KEY",
            "secret_key_base",
            "client_secret",
            "clientsecret",
            "private-key",
            "webhookSecret",
            "encryption_key",
            "SIGNING_KEY",
            "accessToken",
            "auth_token",
            "APIKEY",
            "masterKey",
        ] {
            assert_eq!(read(name), Some((Class::Token, Strength::Strong)), "{name}");
        }
        assert_eq!(read("salt"), Some((Class::Token, Strength::Weak)));
    }

    #[test]
    fn names_that_only_look_like_one() {
        for name in [
            "monkey",
            "keyword",
            "keyboard",
            "public_key",
            "primary_key",
            "token_type",
            "passwordHash",
            "password_field",
            "key",
            "hotkey",
            "bypass",
            "compass",
            "passenger",
            "secretName",
            "tokenizer",
            "csrf_token",
            "next_page_token",
            "api_key_id",
            "password_policy",
            "tokens",
            "passwordPlaceholder",
            "cache_key",
            "foreign_key",
            "tokenUrl",
            "author",
            "secretKeyRef",
            "password_digest",
            "max_token",
            "publicKeyToken",
            "",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
