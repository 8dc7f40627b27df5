//! Holds the dependency rule, the homes of the outside crates and the sizes of files.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test stops at what it cannot read; the places come from searches in the same text"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom: each module of the crate, and the modules that it may name. Siblings
/// (`secrets` and `policies`, two lockfile formats) are kept apart by
/// [`siblings_do_not_know_each_other`].
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("package", &[]),
    ("nesting", &[]),
    ("finding", &["package"]),
    ("rule", &["finding", "nesting"]),
    ("source", &["finding"]),
    ("lockfile", &["finding", "package", "nesting"]),
    ("advisory", &["finding", "package"]),
    ("detect", &["finding", "package", "rule", "source", "lockfile", "advisory", "nesting"]),
    // The only module that sees the value of a secret after it was matched.
    ("validity", &["finding", "rule", "source", "detect"]),
    ("gate", &["finding", "package"]),
    ("report", &["finding", "rule", "gate", "package", "lockfile"]),
    // The option types of source, detect and gate; and the rules that a project writes itself.
    ("config", &["detect", "gate", "rule", "finding", "nesting"]),
    (
        "pipeline",
        &["finding", "source", "detect", "gate", "rule", "lockfile", "advisory", "package"],
    ),
    // Other scanners' files as rules and configuration; pure text to text.
    ("migrate", &["rule", "nesting"]),
    (
        "cli",
        &[
            "migrate", "pipeline", "config", "report", "gate", "detect", "source", "advisory",
            "lockfile", "rule", "finding", "package", "validity",
        ],
    ),
    ("main", &["cli"]),
];

/// Outside crates that are confined, so that each is a one-place swap.
const CONFINED: &[(&str, &[&str])] = &[
    ("git2", &["source/git"]),
    ("clap", &["cli"]),
    ("serde_sarif", &["report/sarif"]),
    // Our own module of that name is the home; the crate's items are under `rustsec::advisory`.
    ("rustsec::advisory", &["advisory/rustsec"]),
    ("toml_parser", &["nesting"]),
    ("cargo_lock", &["lockfile/cargo"]),
    ("roxmltree", &["lockfile"]),
    ("ignore", &["source/worktree"]),
    ("ureq", &["advisory", "validity"]),
    ("crc32fast", &["advisory/store"]),
    ("zip", &["advisory", "detect/secrets/reading/archive"]),
    ("tar", &["detect/secrets/reading/archive"]),
    ("filebuffer", &["source/git/pack"]),
    ("libdeflater", &["source/git/pack"]),
    ("imara_diff", &["source/lines"]),
    ("flate2", &["advisory/exploited", "detect/secrets/reading/archive"]),
    (
        "rayon",
        &[
            "source",
            "pipeline",
            "advisory",
            "detect/dependencies",
            "detect/secrets/human",
            "detect/secrets/proof",
            "cli",
        ],
    ),
    // Our own modules of that name read and write bills of materials.
    ("spdx", &["package/licence", "lockfile", "report/bill"]),
    ("argon2", &["detect/secrets/human"]),
    ("sha1", &["detect/secrets/recorded"]),
    ("getrandom", &["cli/environment"]),
    ("regex", &["rule", "detect"]),
    ("regex_automata", &["rule", "detect"]),
    ("indicatif", &["cli"]),
];

/// Folders in which one file must not import another, but for what `mod.rs` and the files named
/// here offer to all.
const SIBLINGS: &[(&str, &[&str])] =
    &[("src/detect", &[]), ("src/report", &["escape", "identity", "claim"])];

struct Source {
    /// The path below `src/`, without `.rs`.
    name: String,
    /// The text up to the unit tests, without comments.
    code: String,
    lines: usize,
}

impl Source {
    /// The first folder or file name below `src/`.
    fn module(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let sources = files.into_iter().map(|path| read(&root, &path));
    sources.filter(|source| source.name != "tests" && !source.name.ends_with("/tests")).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(root).unwrap().with_extension("").display().to_string();
    let lines = text.lines().count();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    Source { name: name.replace('\\', "/"), code: code.collect::<Vec<_>>().join("\n"), lines }
}

/// The words that directly follow `prefix` in `code`; `prefix{a, b::{c, d}}` counts as `a` and `b`.
fn words_after<'a>(code: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let mut words = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => words.extend(list_items(list).into_iter().map(first_word)),
            None => _ = words.insert(first_word(rest)),
        }
    }
    words.remove("");
    words
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The items between the commas of a list that ends at its unmatched brace.
fn list_items(list: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(&list[start..at]);
                break;
            }
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

#[test]
fn imports_are_read_in_every_spelling() {
    let code = "use crate::{a::{b, c}, d};\nfn f() -> crate::e::X { my_crate::g() }";
    assert_eq!(words_after(code, "crate::"), BTreeSet::from(["a", "d", "e"]));
}

#[test]
fn every_module_imports_only_what_it_may() {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.name != "lib") {
        let own = source.module();
        let Some(may) = allowed.get(own) else {
            wrong.push(format!(
                "src/{}: no line in MAY_IMPORT says what {own} may import",
                source.name
            ));
            continue;
        };
        let prefix = if own == "main" { "lockkeeper::" } else { "crate::" };
        for word in words_after(&source.code, prefix) {
            if word != own && !may.contains(&word) {
                wrong.push(format!(
                    "src/{}.rs imports {word}: {own} may import {may:?}",
                    source.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_homes() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, homes) in CONFINED {
            let home = homes.iter().any(|home| {
                source
                    .name
                    .strip_prefix(home)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '_', '.']))
            });
            if !home && !words_after(&source.code, &format!("{name}::")).is_empty() {
                wrong.push(format!("src/{}.rs uses {name}, whose home is {homes:?}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn siblings_do_not_know_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for (folder, shared) in SIBLINGS {
        let short = folder.trim_start_matches("src/");
        let names: BTreeSet<String> = fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| name != "mod" && !shared.contains(&name.as_str()))
            .collect();
        for source in sources() {
            let Some(inner) = source.name.strip_prefix(&format!("{short}/")) else { continue };
            let own = inner.split('/').next().unwrap_or(inner);
            let own_path = if inner.contains('/') { "super::super::" } else { "super::" };
            for prefix in [format!("crate::{short}::"), own_path.to_owned()] {
                let met = words_after(&source.code, &prefix);
                let met = met
                    .iter()
                    .filter(|word| **word != own && names.contains(**word) && own != "mod");
                wrong.extend(
                    met.map(|word| format!("src/{}.rs knows its sibling {word}", source.name)),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_grows_past_a_review_stop() {
    let long = sources().into_iter().filter(|source| source.lines > 600);
    let long: Vec<_> =
        long.map(|source| format!("src/{}.rs: {} lines", source.name, source.lines)).collect();
    assert!(long.is_empty(), "split these, one idea a module: {}", long.join(", "));
}

#[test]
fn only_the_command_line_prints_and_only_main_reads_the_world() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !matches!(source.module(), "cli" | "main")) {
        for word in ["println!", "eprintln!", "print!", "env::vars", "Timestamp::now", "Zoned::now"]
        {
            if source.code.contains(word) {
                wrong.push(format!("src/{}.rs says {word}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_fetching_of_repositories_runs_programs() {
    let runs = |source: &&Source| {
        ["process::Command", "process::{Command"].iter().any(|word| source.code.contains(word))
    };
    let wrong: Vec<_> = sources().iter().filter(runs).map(|source| source.name.clone()).collect();
    assert_eq!(wrong, ["advisory/git"]);
}

#[test]
fn only_requests_to_issuers_see_the_value_of_a_secret() {
    let mut wrong = Vec::new();
    for source in sources() {
        let at_home = |homes: &[&str]| homes.iter().any(|home| source.name.starts_with(home));
        let exposes = source.code.contains("expose(");
        if exposes && !at_home(&["validity/request", "detect/secrets/credential"]) {
            wrong.push(format!("src/{}.rs exposes a secret", source.name));
        }
        let asks = words_after(&source.code, "crate::").contains("validity");
        if asks && !at_home(&["validity/", "cli/verify_secret"]) {
            wrong.push(format!("src/{}.rs asks issuers, and is not verify-secret", source.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_folder_is_a_junk_drawer() {
    let junk = ["utils", "util", "helpers", "common", "misc", "types", "core", "manager"];
    for source in sources() {
        assert!(
            source.name.split('/').all(|part| !junk.contains(&part)),
            "src/{}.rs: name the noun",
            source.name
        );
    }
}
