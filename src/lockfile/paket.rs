//! `paket.lock`.
//!
//! The file marks no end. What a package needs must be locked in the same group, so most cuts
//! leave a name that is asked for and missing, which is told; a cut behind the last package that
//! is needed by another is not seen.

use super::syntax::{
    asked_but_not_locked, checked, excerpt, line_number, locked, named, numbered, passed_over,
    without_credentials,
};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// Paket's lockfile.
pub(super) struct PaketLock;

impl Format for PaketLock {
    fn name(&self) -> &'static str {
        "paket.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["paket.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("paket.dependencies")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let mut reader = Reader::default();
        for (number, line) in numbered(checked(text)?) {
            reader.take(number, line.trim_end())?;
        }
        reader.close_group();
        Ok(reader.reading)
    }
}

/// What the section holds that is being read.
#[derive(Default, PartialEq, Eq)]
enum Section {
    #[default]
    None,
    NuGet,
    /// Files of repositories and of the web.
    Files,
}

#[derive(Default)]
struct Reader {
    reading: Reading,
    section: Section,
    remote: Option<String>,
    /// Of the group that is being read: the versions of the names that are locked, in lower case.
    known: BTreeMap<String, String>,
    /// And what is asked for.
    asked: Vec<Wish>,
}

/// What a package asks for.
struct Wish {
    /// The place of the package among those that were read; none for a file that is fetched.
    by: Option<usize>,
    name: String,
    range: String,
    line: NonZeroU32,
}

impl Reader {
    fn take(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let words = line.trim_start();
        let depth = line.len() - words.len();
        match (depth, &self.section) {
            _ if words.is_empty() || words.starts_with("//") => Ok(()),
            (0, _) => self.head(number, words),
            (1..=3, _) => {
                let setting = words.split_once(':');
                let (key, value) = setting.ok_or_else(|| misplaced(number, words))?;
                if key == "remote" {
                    self.remote = Some(without_credentials(value.trim()));
                }
                Ok(())
            }
            (4 | 5, Section::NuGet) => self.package(number, words),
            (_, Section::NuGet) => self.wish(number, words),
            (4 | 5, Section::Files) => {
                let name = words.split(" (").next().unwrap_or(words);
                let why = "a file that is fetched and no package";
                self.reading.passed_over.push(passed_over(name, line_number(number), why));
                Ok(())
            }
            (_, Section::Files) => Ok(()),
            (_, Section::None) => Err(misplaced(number, words)),
        }
    }

    fn head(&mut self, number: usize, words: &str) -> Result<(), ParseError> {
        self.remote = None;
        match words {
            "NUGET" => self.section = Section::NuGet,
            "GITHUB" | "GIST" | "GIT" | "HTTP" => self.section = Section::Files,
            _ if words.starts_with("GROUP ") => {
                self.close_group();
                self.section = Section::None;
            }
            _ if words.split_once(':').is_some_and(|(key, _)| is_setting(key)) => {}
            _ => return Err(misplaced(number, words)),
        }
        Ok(())
    }

    fn package(&mut self, number: usize, words: &str) -> Result<(), ParseError> {
        let parsed = words.split_once(" (").and_then(|(name, rest)| {
            let (version, _) = rest.split_once(')')?;
            (!name.is_empty() && !version.is_empty()).then_some((name, version))
        });
        let (name, version) = parsed.ok_or_else(|| misplaced(number, words))?;
        self.known.insert(name.to_lowercase(), version.to_owned());
        self.reading.packages.push(Locked {
            origin: Origin::Registry(self.remote.clone()),
            ..locked(Ecosystem::NuGet, name, version, line_number(number))
        });
        Ok(())
    }

    fn wish(&mut self, number: usize, words: &str) -> Result<(), ParseError> {
        let name = words.split(' ').next().unwrap_or(words);
        let rest = words.get(name.len()..).unwrap_or_default().trim_start();
        let known = rest.is_empty() || rest.starts_with('(') || rest.starts_with("- ");
        if !known || rest.matches('(').count() != rest.matches(')').count() {
            return Err(misplaced(number, words));
        }
        let range = rest.strip_prefix('(').and_then(|rest| Some(rest.split_once(')')?.0));
        let range = range.unwrap_or_default().to_owned();
        let by = self.reading.packages.len().checked_sub(1);
        self.asked.push(Wish { by, name: name.to_owned(), range, line: line_number(number) });
        Ok(())
    }

    /// Gives the packages of a group what they ask for, and tells what of it the group does not have.
    fn close_group(&mut self) {
        let known = std::mem::take(&mut self.known);
        let asked = std::mem::take(&mut self.asked);
        let names = asked.iter().map(|wish| (&*wish.name, wish.line));
        let missing = asked_but_not_locked(names, |name| known.contains_key(&name.to_lowercase()));
        self.reading.passed_over.extend(missing);
        for wish in asked {
            let package = wish.by.and_then(|at| self.reading.packages.get_mut(at));
            let Some(package) = package else { continue };
            let version = known.get(&wish.name.to_lowercase()).cloned();
            let requirement = Requirement::new(wish.name).within(Some(&wish.range));
            package.requires.push(Requirement { version, ..requirement });
        }
    }
}

/// A setting is a word in capitals, with blanks or dashes in it.
fn is_setting(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_' | b' '))
}

fn misplaced(number: usize, words: &str) -> ParseError {
    ParseError::new(number, format!("{} is nothing that Paket writes here", excerpt(words)))
}
