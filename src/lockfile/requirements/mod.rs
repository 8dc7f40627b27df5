//! pip's requirements files: `requirements*.txt`, `*-requirements.txt`, the text files of a folder
//! `requirements`, and constraints.
//!
//! A requirement that is pinned (`==` or `===` with a whole version) is a package. All others are
//! passed over by name: a range, an address without a version and a folder of the project. A file that
//! is included is read, by itself where its name is that of a requirements file. What pip would
//! refuse is an error. A file that was cut between two lines cannot be told from another whole file;
//! one that was cut within a version is told, since its last line has no end.

mod line;

use super::syntax::{
    checked, excerpt, line_number, named, numbered, passed_over, seen_from, without_credentials,
};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use line::{Line, Requirement};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

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

    fn stands_alone(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let mut reading = Reading::default();
        for (line, file) in lines(text, &mut reading)? {
            let why = "a file that is read where it is there";
            reading.passed_over.push(passed_over(&without_credentials(&file), line, why));
        }
        Ok(reading)
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let mut reading = Reading::default();
        let mut included =
            Included { tree, seen: BTreeSet::from([path.clone()]), left: MAX_INCLUDED };
        for (line, file) in lines(text, &mut reading)? {
            included.follow((path.clone(), file), line, &mut reading)?;
        }
        Ok(reading)
    }
}

/// Files that one file includes, more than which no project has.
const MAX_INCLUDED: usize = 1000;

/// The files that a file includes, each of which is read once.
struct Included<'a> {
    tree: &'a dyn Fn(&RepoPath) -> Option<String>,
    seen: BTreeSet<RepoPath>,
    /// How many files may yet be read.
    left: usize,
}

impl Included<'_> {
    /// Reads a file, as another one names it, and what it includes in turn. The line stands for all
    /// that they hold.
    fn follow(
        &mut self,
        named: (RepoPath, String),
        line: NonZeroU32,
        into: &mut Reading,
    ) -> Result<(), ParseError> {
        let mut open = Vec::from([named]);
        while let Some((by, file)) = open.pop() {
            let Some((path, text)) = self.find(&by, &file, line, into)? else { continue };
            let mut reading = Reading::default();
            let more = lines(&text, &mut reading).map_err(|error| ParseError {
                line,
                message: format!("{}, which it includes: {error}", excerpt(&file)),
            })?;
            let here = |locked: Locked| Locked { line, ..locked };
            into.packages.extend(reading.packages.into_iter().map(here));
            let here = |entry: PassedOver| PassedOver { line, ..entry };
            into.passed_over.extend(reading.passed_over.into_iter().map(here));
            open.extend(more.into_iter().rev().map(|(_, file)| (path.clone(), file)));
        }
        Ok(())
    }

    /// A file to read, or a remark on why it is not; an error where there are too many. A file that has
    /// the name of a requirements file is read by itself.
    fn find(
        &mut self,
        by: &RepoPath,
        file: &str,
        line: NonZeroU32,
        into: &mut Reading,
    ) -> Result<Option<(RepoPath, String)>, ParseError> {
        let path = seen_from(by, file).filter(|_| !file.contains("://"));
        if path.as_ref().is_some_and(|path| self.seen.contains(path)) {
            return Ok(None);
        }
        let Some((text, path)) = path.and_then(|path| Some(((self.tree)(&path)?, path))) else {
            let why = "a file that is not there";
            into.passed_over.push(passed_over(&without_credentials(file), line, why));
            return Ok(None);
        };
        let alone = Requirements.claims(&path);
        if !alone && self.left == 0 {
            let message = format!("more than {MAX_INCLUDED} files are included");
            return Err(ParseError { line, message });
        }
        self.seen.insert(path.clone());
        self.left = self.left.saturating_sub(usize::from(!alone));
        Ok((!alone).then_some((path, text)))
    }
}

/// Reads the lines of a text, and gives the files that they include.
fn lines(text: &str, into: &mut Reading) -> Result<Vec<(NonZeroU32, String)>, ParseError> {
    let text = checked(text)?;
    let open = !text.ends_with('\n');
    let last = text.lines().count();
    let mut included = Vec::new();
    for (number, line) in joined(text)? {
        let at = line_number(number);
        match line::read(&line).map_err(|message| ParseError::new(number, message))? {
            Line::Nothing => {}
            Line::Included(file) => included.push((at, file.to_owned())),
            Line::Pinned(requirement) => {
                if open && number == last {
                    let why = "without an end of its line, so its version may have been cut";
                    into.passed_over.push(passed_over(requirement.name, at, why));
                }
                into.packages.push(locked(&requirement, number));
            }
            Line::PassedOver { name, why } => {
                into.passed_over.push(PassedOver { line: at, name, why });
            }
        }
    }
    Ok(included)
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
