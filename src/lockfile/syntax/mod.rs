//! What all formats share: which paths are theirs, what no lockfile may be, and how addresses are
//! kept.

mod address;
pub(super) mod bill;
mod entry;
pub(super) mod go;
mod go_words;
pub(super) mod javascript;
pub(super) mod json;
pub(super) mod manifest;
pub(super) mod nuget;
pub(super) mod purl;
pub(super) mod python;
pub(super) mod terms;
mod toml;
pub(super) mod xml;
pub(super) mod yaml;

pub(super) use address::{is_archive, origin, without_credentials};
pub(super) use entry::{asked_but_not_locked, distinct, locked, passed_over};
pub(super) use toml::{Toml, toml_error, toml_tree};

use super::ParseError;
use crate::finding::RepoPath;
use std::num::NonZeroU32;

/// Whether a path has one of these file names and is the repository's own, not an installed
/// package's or git's.
pub(super) fn named(path: &RepoPath, names: &[&str]) -> bool {
    let name = path.file_name();
    names.iter().any(|own| own.as_bytes() == name)
        && !under(path, "node_modules")
        && !under(path, ".git")
}

/// Whether a folder of this name is above a path.
pub(super) fn under(path: &RepoPath, folder: &str) -> bool {
    let mut parts = path.as_bytes().rsplit(|byte| *byte == b'/');
    parts.next();
    parts.any(|part| part == folder.as_bytes())
}

/// A path seen from a file's folder; `None` where it leaves the tree.
pub(super) fn seen_from(file: &RepoPath, place: &str) -> Option<RepoPath> {
    let base = std::str::from_utf8(file.as_bytes()).ok()?;
    let mut parts: Vec<_> = base.split('/').collect();
    parts.pop();
    for part in place.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            name => parts.push(name),
        }
    }
    Some(RepoPath::from(&*parts.join("/")))
}

/// The text to read: without a byte order mark, and refused if it is empty, half-merged or has
/// line ends that would make line numbers a matter of opinion.
pub(super) fn checked(text: &str) -> Result<&str, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ParseError::new(
            1,
            "the file is empty: write it anew with its package manager",
        ));
    }
    let marked =
        || MARKERS.iter().any(|it| memchr::memmem::find(text.as_bytes(), it.as_bytes()).is_some());
    if memchr::memchr(b'\r', text.as_bytes()).is_none() && !marked() {
        return Ok(text);
    }
    for (number, line) in numbered(text) {
        if is_conflict_marker(line) {
            return Err(ParseError::new(
                number,
                "a merge conflict is unresolved: resolve it first",
            ));
        }
        if line.contains('\r') {
            return Err(ParseError::new(number, "a carriage return stands within the line"));
        }
    }
    Ok(text)
}

/// The lines with their numbers, counted from one, without their line ends.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines())
}

/// How long a run of letters and digits may be without being taken for a token.
const WORD: usize = 19;

/// A piece of a file for a message: short, with nothing in it that a terminal would obey, and without
/// what may be a credential.
pub(super) fn excerpt(text: &str) -> String {
    let (plain, rest) = text.split_once("://").map_or((text, ""), |(scheme, _)| (scheme, "://…"));
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=');
    let pieces = plain.split_inclusive(|c| !word(c)).map(|piece| {
        let length = piece.trim_end_matches(|c| !word(c)).len();
        if length > WORD { "…" } else { piece }
    });
    let short: String = pieces.chain([rest]).collect::<String>().chars().take(40).collect();
    format!("{short:?}")
}

/// A line counted from one; line zero is taken for the first.
pub(super) fn line_number(line: usize) -> NonZeroU32 {
    u32::try_from(line).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

/// Whether a path ends in this ending behind some name, and is the repository's own.
pub(super) fn ending(path: &RepoPath, ending: &str) -> bool {
    let stem = path.file_name().strip_suffix(ending.as_bytes());
    stem.is_some_and(|stem| !stem.is_empty()) && named(path, &[path.file_name_str()])
}

/// How lines of a conflict begin; the last of them stands alone on its line.
const MARKERS: &[&str] = &["<<<<<<<", "|||||||", ">>>>>>>", "======="];

fn is_conflict_marker(line: &str) -> bool {
    let ends = |rest: &str, marker: &str| {
        rest.is_empty() || (rest.starts_with(' ') && marker != "=======")
    };
    MARKERS.iter().any(|it| line.strip_prefix(it).is_some_and(|rest| ends(rest, it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_claimed_by_its_name_outside_foreign_folders() {
        let claimed = |path: &str| named(&RepoPath::from(path), &["go.mod"]);
        assert!(claimed("go.mod") && claimed("a/b/go.mod") && claimed("my_node_modules/go.mod"));
        assert!(!claimed("go.mod.bak") && !claimed("go.mod/x") && !claimed("ago.mod"));
        assert!(!claimed("node_modules/a/go.mod") && !claimed("a/.git/go.mod"));
    }

    #[test]
    fn what_no_lockfile_may_be_is_refused_with_its_line() {
        fn line(text: &str) -> Result<&str, u32> {
            checked(text).map_err(|error| error.line.get())
        }
        assert_eq!(line(""), Err(1));
        assert_eq!(line("\u{feff}\r\n \n"), Err(1));
        assert_eq!(line("a\n<<<<<<< HEAD\nb"), Err(2));
        assert_eq!(line("a\r\n=======\r\nb"), Err(2));
        assert_eq!(line("a\n>>>>>>>"), Err(2));
        assert_eq!(line("a\nb\rc\n"), Err(2));
        assert_eq!(line("\u{feff}a\r\n======== b\r\n"), Ok("a\r\n======== b\r\n"));
    }

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        let hostile = format!("\u{1b}[2J{}", "x".repeat(1000));
        let excerpt = excerpt(&hostile);
        assert!(excerpt.len() < 60 && !excerpt.contains('\u{1b}'));
    }

    #[test]
    fn an_excerpt_has_no_credential() {
        let token = "a1B2".repeat(5);
        for text in [format!("remote https://{token}@host"), format!("key {token}, more")] {
            assert!(!excerpt(&text).contains(&token[..12]), "{}", text.len());
        }
        assert_eq!(excerpt("example.com/a-b v1.2.3"), "\"example.com/a-b v1.2.3\"");
    }
}
