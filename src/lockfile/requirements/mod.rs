//! pip's requirements files: `requirements*.txt`, `*-requirements.txt`, the text files of a folder
//! `requirements`, and constraints.
//!
//! A requirement that is pinned (`==` or `===` with a whole version) is a package. All others are
//! passed over by name: a range, an address without a version, a folder of the project, and a file
//! that is included, which is read by itself where its name is that of a requirements file. What
//! pip would refuse is an error. A file that was cut between two lines, or within a name, a range or
//! a version, cannot be told from another whole file.

mod line;

use super::syntax::{checked, line_number, named, numbered};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use line::{Line, Requirement};

/// pip's requirements file.
pub(super) struct Requirements;

impl Format for Requirements {
    fn name(&self) -> &'static str {
        "requirements.txt"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::PyPI
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.file_name_str();
        let Some(stem) = name.strip_suffix(".txt") else { return false };
        let folder = path.as_bytes().rsplit(|byte| *byte == b'/').nth(1);
        let by_name = ["requirements", "constraints"].iter().any(|word| {
            let separated = |rest: &str| rest.is_empty() || rest.starts_with(['-', '_', '.']);
            stem.strip_prefix(word).is_some_and(separated)
                || stem.strip_suffix(word).is_some_and(|rest| rest.ends_with(['-', '_', '.']))
        });
        let by_folder = folder == Some(b"requirements".as_slice());
        (by_name || by_folder) && named(path, &[name])
    }

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let mut reading = Reading::default();
        for (number, line) in joined(checked(text)?)? {
            match line::read(&line).map_err(|message| ParseError::new(number, message))? {
                Line::Nothing => {}
                Line::Pinned(requirement) => reading.packages.push(locked(&requirement, number)),
                Line::PassedOver { name, why } => {
                    let line = line_number(number);
                    reading.passed_over.push(PassedOver { line, name, why });
                }
            }
        }
        Ok(reading)
    }
}

fn locked(requirement: &Requirement<'_>, number: usize) -> Locked {
    Locked {
        integrity: requirement.hash.map(str::to_owned),
        ..Locked::new(
            Package {
                ecosystem: Ecosystem::PyPI,
                name: requirement.name.to_owned(),
                version: requirement.version.to_owned(),
            },
            line_number(number),
            Origin::Registry(None),
        )
    }
}

/// The lines without their comments, each with the number of its first, and those that end in a
/// backslash joined with the next.
fn joined(text: &str) -> Result<Vec<(usize, String)>, ParseError> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in numbered(text) {
        let line = without_comment(line);
        let (start, mut whole) = open.take().unwrap_or((number, String::new()));
        if let Some(begun) = line.trim_end().strip_suffix('\\') {
            whole.push_str(begun);
            whole.push(' ');
            open = Some((start, whole));
        } else {
            whole.push_str(line);
            lines.push((start, whole));
        }
    }
    match open {
        Some((line, _)) => {
            Err(ParseError::new(line, "this line is to be continued and is not: the file was cut"))
        }
        None => Ok(lines),
    }
}

fn without_comment(line: &str) -> &str {
    let begins = |at: usize| {
        line.get(..at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']))
    };
    let comment = line.match_indices('#').find(|(at, _)| begins(*at));
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

#[cfg(test)]
mod tests;
