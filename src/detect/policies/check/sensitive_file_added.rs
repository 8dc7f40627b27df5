//! SEC-004: files whose only use is to hold secrets or production data, by name and content.
//!
//! The content decides: an example without values, an encrypted file and a key without a body are
//! silent. In folders of tests and examples the finding is reported and does not block.

use super::Check;
use crate::detect::policies::syntax::{mentions, pattern, text};
use crate::detect::policies::violation::Violation;
use crate::finding::{Action, RepoPath, Severity};
use regex::Regex;
use serde::Deserialize;
use std::ops::Range;
use std::sync::LazyLock;

/// The check; `[policies.SEC-004]` sets nothing of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct SensitiveFileAdded {}

/// One kind of file.
struct Kind {
    what: &'static str,
    named: fn(&str, &str) -> bool,
    holds: fn(&[u8]) -> bool,
}

const KINDS: &[Kind] = &[
    Kind { what: "environment file with credentials", named: is_env, holds: has_credentials },
    Kind { what: "Terraform state", named: is_state, holds: is_terraform },
    Kind { what: "Rails credentials key", named: is_rails_key, holds: is_hex_key },
    Kind { what: "database dump", named: is_dump, holds: has_rows },
    Kind {
        what: "package registry login",
        named: |_, n| matches!(n, ".npmrc" | ".pypirc" | ".netrc" | "_netrc"),
        holds: has_login,
    },
    Kind {
        what: "cluster login",
        named: |path, n| n == "kubeconfig" || path.ends_with(".kube/config"),
        holds: has_cluster_key,
    },
    Kind {
        what: "password file",
        named: |_, n| n == ".htpasswd" || n == "htpasswd",
        holds: |b| HASH.is_match(&text(b)),
    },
    Kind { what: "private SSH key", named: is_ssh_key, holds: |b| mentions(b, "PRIVATE KEY-----") },
    Kind { what: "key store", named: is_key_store, holds: is_store },
];

impl Check for SensitiveFileAdded {
    fn names(&self, name: &str) -> bool {
        // Two kinds go by the folder too.
        let in_folder = name == "config" || ends(name, ".key");
        in_folder || KINDS.iter().any(|kind| (kind.named)(name, name))
    }

    fn file(&self, path: &RepoPath, bytes: &[u8]) -> Vec<(Range<usize>, Violation)> {
        let Some(path) = path.as_str() else { return Vec::new() };
        let name = path.rsplit('/').next().unwrap_or(path);
        let kind = KINDS.iter().find(|kind| (kind.named)(path, name) && (kind.holds)(bytes));
        let Some(kind) = kind.filter(|_| !is_encrypted(bytes)) else { return Vec::new() };
        let violation =
            Violation::new(format!("{name} looks like a secret store: {}", kind.what), kind.what);
        let violation = if is_example(path) {
            violation.rated(Severity::Medium, Action::Warn)
        } else {
            violation
        };
        let line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len()).max(1);
        vec![(0..line.min(bytes.len()), violation)]
    }
}

static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?mi)^\s*(?:export\s+)?[A-Z0-9_]*(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PWD|CREDENTIALS?|DSN|DATABASE_URL)[A-Z0-9_]*[ \t]*=[ \t]*["']?([^\s"'#]{6,})"#,
    )
});
static HASH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^[^\s:#]+:(?:\$(?:apr1|2[aby]|5|6)\$|\{SHA\})"));
static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?mi)(?:_authToken|_auth|_password)\s*=\s*["']?([^\s"']{6,})|^\s*password\s*[:=]\s*(\S{4,})|\bpassword\s+(\S{4,})"#,
    )
});
static STAND_IN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:\$|<|\{\{|%|\*+$|x{3,}|change|your|example|dummy|fake|test|todo|placeholder|secret$|password$|none$|null$|true$|false$)",
    )
});

/// Whether a name ends so, whatever the case of its letters.
fn ends(name: &str, ending: &str) -> bool {
    let start = name.len().checked_sub(ending.len());
    start.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

fn is_env(_: &str, name: &str) -> bool {
    let template = ["example", "sample", "template", "dist", "defaults", "schema", "test"];
    (name.starts_with(".env.") || ends(name, ".env"))
        && !template.iter().any(|word| name.contains(word))
}

fn has_credentials(bytes: &[u8]) -> bool {
    let text = text(bytes);
    ASSIGNED
        .captures_iter(&text)
        .filter_map(|found| found.get(1))
        .any(|value| !STAND_IN.is_match(value.as_str()))
}

fn is_state(_: &str, name: &str) -> bool {
    name.ends_with(".tfstate") || name.ends_with(".tfstate.backup")
}

fn is_terraform(bytes: &[u8]) -> bool {
    mentions(bytes, "\"terraform_version\"") && mentions(bytes, "\"attributes\"")
}

fn is_rails_key(path: &str, _: &str) -> bool {
    let file = path.rsplit_once("config/").map(|(_, file)| file);
    file.is_some_and(|file| {
        file == "master.key" || (file.starts_with("credentials/") && ends(file, ".key"))
    })
}

fn is_hex_key(bytes: &[u8]) -> bool {
    let key = bytes.trim_ascii();
    key.len() == 32 && key.iter().all(u8::is_ascii_hexdigit)
}

fn is_dump(_: &str, name: &str) -> bool {
    [".sql", ".dump", ".pgdump", ".sqlite", ".sqlite3", ".db"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// The header that dump tools write, with rows under it; or a binary dump.
fn has_rows(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    let by_tool = ["database dump", "-- MySQL dump", "-- MariaDB dump", "phpMyAdmin SQL Dump"];
    let rows = |bytes| mentions(bytes, "INSERT INTO") || mentions(bytes, "FROM stdin;");
    bytes.starts_with(b"PGDMP") || (by_tool.iter().any(|mark| mentions(head, mark)) && rows(bytes))
}

fn has_login(bytes: &[u8]) -> bool {
    let text = text(bytes);
    let values =
        LOGIN.captures_iter(&text).flat_map(|found| [found.get(1), found.get(2), found.get(3)]);
    values.flatten().any(|value| !STAND_IN.is_match(value.as_str()))
}

fn has_cluster_key(bytes: &[u8]) -> bool {
    mentions(bytes, "client-key-data:") || mentions(bytes, "\n    token: ")
}

fn is_ssh_key(_: &str, name: &str) -> bool {
    matches!(name, "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" | "identity")
}

fn is_key_store(_: &str, name: &str) -> bool {
    [".jks", ".keystore", ".p12", ".pfx", ".bks"].iter().any(|ending| name.ends_with(ending))
}

/// Java's magic, or a DER sequence of the size that PKCS #12 has.
fn is_store(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFE, 0xED, 0xFE, 0xED]) || bytes.starts_with(&[0x30, 0x82])
}

fn is_encrypted(bytes: &[u8]) -> bool {
    ["ENC[AES256_GCM", "$ANSIBLE_VAULT;", "BEGIN AGE ENCRYPTED FILE", "DOTENV_PUBLIC_KEY"]
        .iter()
        .any(|mark| mentions(bytes, mark))
        || bytes.starts_with(b"\0GITCRYPT")
}

fn is_example(path: &str) -> bool {
    let folders = [
        "test",
        "tests",
        "spec",
        "specs",
        "fixtures",
        "testdata",
        "examples",
        "example",
        "docs",
        "dummy",
        "__tests__",
    ];
    path.split('/').rev().skip(1).any(|folder| folders.contains(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, content: &str) -> Vec<Violation> {
        let found = SensitiveFileAdded::default().file(&RepoPath::from(path), content.as_bytes());
        found.into_iter().map(|(_, violation)| violation).collect()
    }

    #[test]
    fn what_holds_secrets_is_found_by_name_and_content() {
        let files = [
            (".env", "DEBUG=1\nAPI_TOKEN=k3j5h2k3j5h2\n"),
            (
                "infra/prod.tfstate",
                "{\"terraform_version\": \"1.9\", \"resources\": [{\"attributes\": {}}]}",
            ),
            ("config/credentials/production.key", "0123456789abcdef0123456789abcdef\n"),
            ("backup.sql", "-- PostgreSQL database dump\nCOPY users (id) FROM stdin;\n1\n\\.\n"),
            (".npmrc", "//registry.example.org/:_authToken=k3j5h2k3j5h2\n"),
            (".htpasswd", "ada:$2y$05$abcdefghijklmnopqrstuv\n"),
        ];
        for (path, content) in files {
            assert_eq!(found(path, content).len(), 1, "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_silent() {
        let files = [
            (".env.example", "API_TOKEN=k3j5h2k3j5h2\n"),
            (".env", "DEBUG=1\nAPI_TOKEN=\nOTHER_KEY=${OTHER_KEY}\nDB_PASSWORD=changeme1\n"),
            (".env", "API_TOKEN=ENC[AES256_GCM,data:xx]\n"),
            ("db/structure.sql", "-- PostgreSQL database dump\nCREATE TABLE users (id bigint);\n"),
            (".npmrc", "//registry.example.org/:_authToken=${NPM_TOKEN}\n"),
            ("config/master.key", "see the vault\n"),
        ];
        for (path, content) in files {
            assert_eq!(found(path, content), [], "{path}");
        }
    }

    #[test]
    fn in_a_folder_of_tests_it_is_only_reported() {
        let violation = found("spec/dummy/config/master.key", "0123456789abcdef0123456789abcdef");
        assert!(format!("{violation:?}").contains("Warn"));
    }
}
