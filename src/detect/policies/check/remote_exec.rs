//! IMG-003: code that is fetched and run in one breath, so that nobody has seen what runs.
//!
//! Shell in Dockerfiles, pipelines, scripts and Makefiles is read as shell: a download that is piped
//! into an interpreter, substituted into one, or installed from an address. Prose and comments are
//! silent.

use super::Check;
use crate::detect::policies::syntax::ci::{may_be_run, provider};
use crate::detect::policies::syntax::dockerfile::{instructions, is_dockerfile};
use crate::detect::policies::syntax::shell::{self, Command, Script};
use crate::detect::policies::syntax::{mentions, pattern, text};
use crate::detect::policies::violation::Violation;
use crate::finding::RepoPath;
use regex::Regex;
use serde::Deserialize;
use std::ops::Range;
use std::sync::LazyLock;

/// The check; `[policies.IMG-003]` sets nothing of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct RemoteExec {}

type Found = (Range<usize>, Violation);

/// Programs that fetch.
const FETCHERS: [&str; 5] = ["curl", "wget", "fetch", "http", "aria2c"];

/// Programs that run what they read.
const INTERPRETERS: [&str; 14] = [
    "sh", "bash", "dash", "zsh", "ksh", "ash", "python", "python3", "ruby", "perl", "node", "php",
    "source", ".",
];

/// Words before a command that only say how it is run.
const PREFIXES: [&str; 8] = ["sudo", "env", "exec", "command", "nohup", "time", "doas", "xargs"];

static POWERSHELL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b[^\n|;]{0,300}\|\s*(?:iex|invoke-expression)\b|\b(?:iex|invoke-expression)\b[^\n]{0,80}\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b",
    )
});

impl Check for RemoteExec {
    fn names(&self, name: &str) -> bool {
        is_dockerfile(&RepoPath::from(name)) || is_script_by_name(name) || may_be_run(name)
    }

    fn reads(&self, bytes: &[u8]) -> bool {
        is_script_by_content(bytes) && fetches(bytes)
    }

    fn file(&self, path: &RepoPath, bytes: &[u8]) -> Vec<Found> {
        let name = path.file_name_str();
        if is_dockerfile(path) {
            return if fetches(bytes) { dockerfile(&text(bytes)) } else { Vec::new() };
        }
        if !is_script(path, name, bytes) || !fetches(bytes) {
            return Vec::new();
        }
        let text = text(bytes);
        let mut found = Vec::new();
        judge(&shell::parse(&text, 0..text.len()), &mut found);
        found.extend(
            POWERSHELL
                .find_iter(&text)
                .map(|run| violation(run.range(), "a script from the network is run unseen")),
        );
        once(found)
    }
}

/// Whether anything in the bytes could fetch something.
fn fetches(bytes: &[u8]) -> bool {
    ["http", "curl", "wget", "iwr", "irm", "Invoke-", "ownloadString"]
        .iter()
        .any(|word| mentions(bytes, word))
}

fn is_script(path: &RepoPath, name: &str, bytes: &[u8]) -> bool {
    is_script_by_name(name) || provider(path).is_some() || is_script_by_content(bytes)
}

fn is_script_by_name(name: &str) -> bool {
    let endings = [".sh", ".bash", ".zsh", ".ps1", ".mk"];
    endings.iter().any(|ending| name.ends_with(ending))
        || matches!(
            name,
            "Makefile" | "makefile" | "GNUmakefile" | "Justfile" | "justfile" | "Procfile"
        )
}

fn is_script_by_content(bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!")
        && bytes.split(|b| *b == b'\n').next().is_some_and(|line| mentions(line, "sh"))
}

fn dockerfile(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for instruction in instructions(text) {
        let range = instruction.start..instruction.start + instruction.arguments.len();
        match instruction.keyword.as_str() {
            "RUN" => judge(&shell::parse(text, range), &mut found),
            "ADD" => found.extend(added(&instruction.arguments, instruction.start)),
            _ => {}
        }
    }
    once(found)
}

/// `ADD` of an address without a checksum.
fn added(arguments: &str, start: usize) -> Option<Found> {
    let checked = arguments.split_whitespace().any(|word| word.starts_with("--checksum="));
    let at =
        arguments.find("http://").or_else(|| arguments.find("https://")).filter(|_| !checked)?;
    let address = arguments.get(at..)?.split([' ', '"', '\'', ',', ']']).next()?;
    // A git address is a clone, whose commit can be named.
    let clone = address.contains(".git");
    let range = start + at..start + at + address.len();
    (!clone).then(|| violation(range, "a file from the network is added without a checksum"))
}

fn judge(script: &Script, found: &mut Vec<Found>) {
    for pipeline in &script.pipelines {
        let mut fetched = None;
        for command in pipeline {
            let words = command_words(command);
            let program = words.first().copied().unwrap_or("");
            if let Some(start) = fetched.clone().filter(|_| is_interpreter(program)) {
                let range: Range<usize> = start;
                let whole = range.start..command.range().end;
                found.push(violation(whole, "a download is piped into an interpreter, unseen"));
                fetched = None;
            } else if FETCHERS.contains(&program) && !command.writes {
                fetched = Some(command.range());
            }
            substituted(command, program, found);
            installed(command, &words, found);
        }
    }
}

/// `bash <(curl …)`, `sh -c "$(curl …)"`, `eval "$(curl …)"`.
fn substituted(command: &Command, program: &str, found: &mut Vec<Found>) {
    let range = command.range();
    for word in command.words.iter().chain(&command.inputs) {
        for inner in &word.inner {
            let runs =
                is_interpreter(program) || program == "eval" || (program.is_empty() && inner.leads);
            if runs && inner.script.pipelines.iter().flatten().any(is_fetch) {
                found.push(violation(
                    range.clone(),
                    "a download is handed to an interpreter, unseen",
                ));
            }
            judge(&inner.script, found);
        }
        // The text that `sh -c '…'` runs is shell again; a word without blanks is no script.
        let script =
            word.quoted.clone().filter(|_| is_interpreter(program) && word.text.contains(' '));
        if let Some(pipelines) = script.map(|_| shell::parse(&word.text, 0..word.text.len())) {
            let mut within = Vec::new();
            judge(&pipelines, &mut within);
            found.extend(within.into_iter().map(|(_, violation)| (word.range.clone(), violation)));
        }
    }
}

fn is_fetch(command: &Command) -> bool {
    command_words(command).first().is_some_and(|program| FETCHERS.contains(program))
}

/// `pip install http://…`, `npm install https://…`.
fn installed(command: &Command, words: &[&str], found: &mut Vec<Found>) {
    let installs = matches!(words, ["pip" | "pip3" | "npm" | "gem" | "pipx", "install" | "i", ..]);
    let address = |word: &&str| word.starts_with("http://") || word.starts_with("https://");
    let mut options = words.iter().zip(words.iter().skip(1));
    let source = options.find(|(option, word)| address(word) && !takes_address(option));
    if installs && source.is_some() {
        found.push(violation(command.range(), "a package is installed from an address"));
    }
}

/// Options whose value is the address of an index rather than of a package.
fn takes_address(option: &str) -> bool {
    matches!(
        option,
        "-i" | "--index-url"
            | "--extra-index-url"
            | "--registry"
            | "-f"
            | "--find-links"
            | "-s"
            | "--source"
            | "--proxy"
            | "--clear-sources"
    )
}

/// The words of a command from its program on: assignments and prefixes with their flags left out.
fn command_words(command: &Command) -> Vec<&str> {
    let words = command.words.iter().map(|word| word.text.as_str());
    let prefix = |word: &&str| {
        let assigned = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        assigned
            || PREFIXES.contains(word)
            || word.starts_with('-')
            || matches!(*word, "-" | "@" | "run:" | "&&")
    };
    let mut words: Vec<_> = words.skip_while(prefix).collect();
    if let Some(first) = words.first_mut() {
        *first = first.rsplit('/').next().unwrap_or(first).trim_start_matches('@');
    }
    words
}

fn is_interpreter(program: &str) -> bool {
    INTERPRETERS.contains(&program)
}

fn violation(range: Range<usize>, message: &str) -> Found {
    (range, Violation::new(message, message))
}

/// One violation for each place.
fn once(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|(range, _)| (range.start, range.end));
    found.dedup_by(|(second, _), (first, _)| second.start < first.end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        RemoteExec::default().file(&RepoPath::from(path), text.as_bytes()).len()
    }

    #[test]
    fn a_download_that_is_run_unseen_is_found() {
        for line in [
            "curl -fsSL https://x.example.org/i.sh | sh",
            "curl https://x.example.org/i | sudo -E bash -",
            "wget -qO- https://x.example.org/i | tee log | /bin/sh",
            "bash <(curl -s https://x.example.org/i)",
            "sh -c \"$(curl -fsSL https://x.example.org/i)\"",
            "eval \"$(curl https://x.example.org/i)\"",
            "pip install https://x.example.org/p.tar.gz",
        ] {
            assert_eq!(found("setup.sh", &format!("set -e\n{line}\n")), 1, "{line}");
            assert_eq!(found("Dockerfile", &format!("FROM a\nRUN {line}\n")), 1, "{line}");
        }
        assert_eq!(found("Dockerfile", "FROM a\nADD https://x.example.org/a.tgz /\n"), 1);
        assert_eq!(found("setup.ps1", "iwr https://x.example.org/i.ps1 | iex\n"), 1);
    }

    #[test]
    fn a_pipeline_of_a_provider_is_read_too() {
        let text = "jobs:\n  a:\n    steps:\n      - run: curl https://x.example.org/i | bash\n";
        assert_eq!(found(".github/workflows/ci.yml", text), 1);
    }

    #[test]
    fn what_is_not_run_is_silent() {
        for line in [
            "curl -o i.sh https://x.example.org/i.sh",
            "curl https://x.example.org/a.json | jq .",
            "# curl https://x.example.org/i | sh",
            "echo 'curl https://x.example.org/i | sh is bad'",
            "pip install -i https://x.example.org/simple requests",
            "curl https://x.example.org/a.tgz | tar xz",
        ] {
            assert_eq!(found("setup.sh", &format!("{line}\n")), 0, "{line}");
        }
        assert_eq!(found("README.md", "curl https://x.example.org/i | sh\n"), 0);
        assert_eq!(
            found("Dockerfile", "FROM a\nADD --checksum=sha256:ab https://x.example.org/a /\n"),
            0
        );
    }
}
