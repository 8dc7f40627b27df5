//! Haskell's `cabal.project.freeze`.
//!
//! A list that ends in a comma was cut. Since version 3, Cabal writes `index-state` last; a file
//! without it is read, and the want of it is told.

use super::syntax::{checked, excerpt, line_number, locked, named, numbered, passed_over};
use super::{Format, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// Cabal's frozen constraints.
pub(super) struct CabalFreeze;

impl Format for CabalFreeze {
    fn name(&self) -> &'static str {
        "cabal.project.freeze"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Hackage
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["cabal.project.freeze"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("cabal.project")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let mut reader = Reader::default();
        for (number, line) in numbered(checked(text)?) {
            reader.take(number, line)?;
        }
        let Some(last) = reader.constraints else {
            // A project may freeze the state of the index alone.
            if reader.complete {
                return Ok(reader.reading);
            }
            return Err(ParseError::new(1, "constraints are missing: run `cabal freeze`"));
        };
        if reader.open {
            return Err(ParseError::new(last, "the list ends in a comma: the file was cut"));
        }
        if !reader.complete {
            let why = "missing though Cabal writes it last, so the file may have been cut";
            let entry = passed_over("index-state", line_number(last), why);
            reader.reading.passed_over.push(entry);
        }
        Ok(reader.reading)
    }
}

#[derive(Default)]
struct Reader {
    reading: Reading,
    /// The last line of constraints.
    constraints: Option<usize>,
    /// Whether the field that is being read is that of constraints.
    inside: bool,
    /// Whether a comma was last.
    open: bool,
    complete: bool,
}

impl Reader {
    fn take(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let words = line.trim();
        if words.is_empty() || words.starts_with("--") {
            return Ok(());
        }
        let mut items = words;
        if !line.starts_with([' ', '\t']) {
            if is_stanza(line) {
                self.inside = false;
                return Ok(());
            }
            let Some((field, rest)) = line.split_once(':') else {
                return Err(misplaced(number, words));
            };
            self.inside = field == "constraints";
            self.complete |= field == "index-state";
            if !field.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                return Err(misplaced(number, words));
            }
            items = rest.trim();
        }
        if !self.inside {
            return Ok(());
        }
        self.constraints = Some(number);
        self.open = items.ends_with(',');
        for item in items.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            self.constraint(number, item)?;
        }
        Ok(())
    }

    /// A pin, `installed` with the compiler, or flags of a package.
    fn constraint(&mut self, number: usize, item: &str) -> Result<(), ParseError> {
        let item = item.strip_prefix("any.").unwrap_or(item);
        let (name, rest) =
            item.split_once(|c: char| c.is_whitespace() || c == '=').unwrap_or((item, ""));
        let rest = item.strip_prefix(name).unwrap_or(rest).trim();
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') || name.is_empty()
        {
            return Err(misplaced(number, item));
        }
        let line = line_number(number);
        let flags = || rest.split_whitespace().all(|flag| flag.starts_with(['+', '-']));
        if let Some(version) = rest.strip_prefix("==").map(str::trim) {
            if version.is_empty()
                || !version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            {
                return Err(misplaced(number, item));
            }
            self.reading.packages.push(locked(Ecosystem::Hackage, name, version, line));
        } else if rest.starts_with("installed") {
            let why = "installed with the compiler, at a version that the file does not say";
            self.reading.passed_over.push(passed_over(name, line, why));
        } else if rest.starts_with(['<', '>', '^']) {
            self.reading.passed_over.push(passed_over(name, line, "not pinned to a version"));
        } else if rest.is_empty() || !flags() {
            return Err(misplaced(number, item));
        }
        Ok(())
    }
}

/// Whether a line opens the settings of a package or of a repository.
fn is_stanza(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    matches!(word, "package" | "repository" | "source-repository-package" | "program-options")
}

fn misplaced(number: usize, text: &str) -> ParseError {
    ParseError::new(number, format!("{} is nothing that Cabal writes here", excerpt(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_what_the_compiler_brings_are_no_packages() {
        let text = "constraints: any.a ==1.2,\n             a -x +y,\n             any.rts installed,\n             b==2.0\nindex-state: 2024\n";
        let reading = CabalFreeze.read(text).unwrap();
        assert_eq!((reading.packages.len(), reading.passed_over.len()), (2, 1));
    }

    #[test]
    fn a_list_that_goes_on_was_cut() {
        for text in [
            "constraints: any.a ==1.2,\n",
            "constraints: any.a ==\n",
            "constraints: any.a\n",
            "x: y\n",
        ] {
            assert!(CabalFreeze.read(text).is_err(), "{text}");
        }
        assert_eq!(CabalFreeze.read("index-state: x\n"), Ok(Reading::default()));
        assert_eq!(CabalFreeze.read("constraints: a ==1\n").unwrap().passed_over.len(), 1);
    }
}
