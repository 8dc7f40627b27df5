//! Values that say where the secret is instead of what it is, or what became of it: references,
//! templates, calls, ciphertexts, hashes of passwords, keys that are meant to be public.

use aho_corasick::{AhoCorasick, BuildError};

/// How references to a secret store, ciphertexts, hashes and public keys begin.
const STARTS: &[&str] = &[
    "vault:",
    "vault://",
    "secret:",
    "secret/",
    "secrets/",
    "secrets.",
    "ref+",
    "ssm:",
    "sm://",
    "ssm://",
    "kms:",
    "arn:",
    "op://",
    "keyvault",
    "@microsoft.keyvault",
    "projects/",
    "file:",
    "env:",
    "env.",
    "classpath:",
    "data:",
    "aws-sm:",
    "gcp-sm:",
    "awssm:",
    "akv:",
    "enc[",
    "enc(",
    "encrypted:",
    "{cipher}",
    "!vault",
    "!secret",
    "!ref",
    "!sub",
    "!getatt",
    "!env",
    "$ansible_vault",
    "vault:v1:",
    "age1",
    "-----begin",
    "-----",
    "sha1:",
    "sha256:",
    "sha384:",
    "sha512:",
    "sha1-",
    "sha256-",
    "sha384-",
    "sha512-",
    "md5:",
    "sha1$",
    "md5$",
    "sha256$",
    "pbkdf2",
    "bcrypt",
    "argon2",
    "scrypt",
    "$2a$",
    "$2b$",
    "$2y$",
    "$2x$",
    "$1$",
    "$5$",
    "$6$",
    "$y$",
    "$7$",
    "$apr1$",
    "$argon2",
    "$pbkdf2",
    "$scrypt",
    "{sha",
    "{ssha",
    "{bcrypt}",
    "{noop}",
    "{pbkdf2}",
    "{scrypt}",
    "{md5}",
    "{crypt}",
    "scram-sha",
    "scw",
    "?",
    "ssh-rsa",
    "ssh-ed25519",
    "ssh-dss",
    "ecdsa-sha2",
    "pk_",
    "pk.",
    "pk-",
    "pub_",
    "pub-",
    "public_",
    "public-",
    "publishable",
    "untrusted comment",
    "miicijanbg",
    "miibijan",
    "migfma0g",
    "http:",
    "https:",
    "s3:",
    "gs:",
    "urn:",
    "cn=",
    "did:",
    "spiffe:",
    "lambda",
    "proc",
    "process.",
    "os.",
    "system.",
    "std::",
    "self.",
    "this.",
    "self::",
    "this->",
    "$this",
    "config.",
    "config(",
    "config[",
    "config:",
    "settings.",
    "props.",
    "params.",
    "params[",
    "options.",
    "args.",
    "request.",
    "req.",
    "res.",
    "data.",
    "var.",
    "local.",
    "module.",
    "values.",
    ".values",
    "inputs.",
    "steps.",
    "github.",
    "env(",
    "secrets[",
    "rails.",
    "context.",
    "user.",
    "event.",
    "state.",
    "cfg.",
    "opts.",
    "app.",
];

/// What never stands in a value that is one, but in a template, an expression or a pattern.
const WITHIN: &[&str] = &[
    "${",
    "{{",
    "}}",
    "<%",
    "%>",
    "#{",
    "$(",
    "%{",
    "%(",
    "@{",
    "$[",
    "$env:",
    "{}",
    "{0}",
    "(?",
    "[a-z",
    "[0-9",
    "[^",
    "\\d",
    "\\w",
    "\\s",
    "\\b",
    ".*",
    "\\.",
    "://",
    "();",
    "()",
    "=>",
    "->",
    "::",
    "&&",
    "||",
    "==",
    "!=",
    "...",
    "…",
    "\\u",
    "\\0",
    "&lt;",
    "&gt;",
    "__(",
    "t('",
    "getenv",
    "process.env",
    "environ",
    "system.get",
    "secretkeyref",
    "***",
    "•",
    "\\x",
    "@@",
    "/>",
    "</",
    "=\"",
    "='",
    "\\n",
    "\",",
    "',",
    "};",
    "${{",
    "){",
    ");",
    "[\"",
    "['",
    "(\"",
    "('",
];

/// Tells values that only point to a secret.
pub(super) struct References {
    within: AhoCorasick,
}

impl References {
    pub(super) fn new() -> Result<Self, BuildError> {
        Ok(Self { within: AhoCorasick::new(WITHIN)? })
    }

    /// Whether a value only points to a secret.
    pub(super) fn hold(&self, value: &[u8]) -> bool {
        let lower = value.to_ascii_lowercase();
        STARTS.iter().any(|start| lower.starts_with(start.as_bytes()))
            || self.within.is_match(unpadded(&lower))
            || has_format(value)
            || is_variable(value)
            || is_call(value)
            || is_bracketed(value)
    }
}

/// The value without what fills up base 64.
fn unpadded(mut value: &[u8]) -> &[u8] {
    while let [rest @ .., b'='] = value {
        value = rest;
    }
    value
}

/// Whether something is filled in: `%s`, `%d` and their like, where no letter follows.
fn has_format(value: &[u8]) -> bool {
    memchr::memchr_iter(b'%', value).any(|at| {
        let after = |by: usize| value.get(at + by).copied();
        let ends = !after(2).is_some_and(|byte| byte.is_ascii_alphanumeric());
        ends && after(1).is_some_and(|byte| b"sdvqwx@i".contains(&byte))
    })
}

/// `$NAME`, `$1`, `@name`, `%NAME%`, `:name`, `&anchor`, `*alias`, `!tag`, `__NAME__`, `@NAME@`, `#name`.
fn is_variable(value: &[u8]) -> bool {
    let name = |text: &[u8]| {
        !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b))
    };
    let signs = |text: &[u8]| text.iter().filter(|b| b.is_ascii_digit()).count() < 2 && name(text);
    match value {
        [b'$', rest @ ..] => name(rest),
        // A colour.
        [b'#', rest @ ..] if rest.len() <= 8 && rest.iter().all(u8::is_ascii_hexdigit) => true,
        [b'%', rest @ .., b'%'] | [b'@', rest @ .., b'@'] | [b'_', b'_', rest @ .., b'_', b'_'] => {
            name(rest)
        }
        [b'@' | b':' | b'&' | b'*' | b'!' | b'#' | b'.' | b'-' | b'~', rest @ ..] => signs(rest),
        _ => false,
    }
}

/// `name(…)`, `a.b[…]`.
fn is_call(value: &[u8]) -> bool {
    let name =
        value.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.:$".contains(b)).count();
    let begins = value.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    let open = value.get(name).copied();
    let closed = matches!(value.last(), Some(b')' | b']' | b'}' | b';' | b'('));
    begins && name >= 2 && closed && matches!(open, Some(b'(' | b'['))
}

/// `<name>`, `[name]`, `{name}`, `(name)`.
fn is_bracketed(value: &[u8]) -> bool {
    let pairs = [(b'<', b'>'), (b'[', b']'), (b'{', b'}'), (b'(', b')')];
    pairs.iter().any(|(open, close)| value.first() == Some(open) && value.last() == Some(close))
        || (value.contains(&b'<') && value.contains(&b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_no_secrets() {
        let references = References::new().unwrap();
        for text in [
            "$PASSWORD",
            "${PASSWORD}",
            "%PASSWORD%",
            "{{ password }}",
            "<password>",
            "#{password}",
            "@password@",
            "os.environ['X']",
            "process.env.TOKEN",
            "ENV['X']",
            "System.getenv(X)",
            "vault:secret/a",
            "arn:aws:x",
            "file(x)",
            "getPassword()",
            "self.password",
            "ENC[AES,x]",
            "$2b$12$abc",
            "sha256:abc",
            "[A-Z]{3}",
            "https://a.b/c",
            ":password",
            "!Ref Password",
            "encrypted:abc",
            "%s",
            "-----BEGIN X",
            "$argon2id$v=19",
        ] {
            assert!(references.hold(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn passwords_with_signs_are_none() {
        let references = References::new().unwrap();
        for text in ["k3Jd9sQ2", "pa$$w0rd-7", "Summer2024!", "hunter2!x", "q{9zK!m", "#9fKx!2v"] {
            assert!(!references.hold(text.as_bytes()), "{text}");
        }
    }
}
