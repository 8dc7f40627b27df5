//! Gradle's `gradle.lockfile`, its kin of build scripts and settings, and the older
//! `gradle/dependency-locks/*.lockfile`.
//!
//! The newer files name the configurations that use a module, and end with the line `empty=`, so one
//! without it was cut. The older ones, one for each configuration, mark no end: a cut within a line
//! is an error or told, one between lines cannot be told from a shorter file.

use super::syntax::{checked, excerpt, line_number, locked, named, numbered, passed_over};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;

/// Gradle's lockfile.
pub(super) struct GradleLock;

impl Format for GradleLock {
    fn name(&self) -> &'static str {
        "gradle.lockfile"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Maven
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile"])
            || of_one_configuration(path)
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("build.gradle")
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        _: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let reading = self.read(text)?;
        // Of an entry that was cut, what is left may look like one of an older file.
        match reading.packages.iter().find(|entry| entry.dev.is_none()) {
            Some(entry) if !of_one_configuration(path) => {
                let message = "this entry names no configurations: the file was cut".to_owned();
                Err(ParseError { line: entry.line, message })
            }
            _ => Ok(reading),
        }
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let (mut packages, mut kinds, mut last) = (Vec::new(), Kinds::default(), 1);
        for (number, line) in numbered(text).map(|(number, line)| (number, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            last = number;
            if kinds.ended {
                return Err(ParseError::new(number, "an entry follows the end of the list"));
            }
            match line.split_once('=') {
                Some(("empty", _)) => kinds.ended = true,
                Some((module, configurations)) => {
                    kinds.newer = true;
                    let dev = configurations.split(',').all(is_for_tests);
                    packages.push(Locked { dev: Some(dev), ..entry(module, number)? });
                }
                None => {
                    kinds.older = true;
                    packages.push(entry(line, number)?);
                }
            }
        }
        kinds.agree(last)?;
        let half = packages.last().filter(|_| kinds.older && !text.ends_with('\n'));
        let half = half.map(|entry: &Locked| {
            let why = "without an end of its line, so its version may have been cut";
            passed_over(&entry.package.name, entry.line, why)
        });
        let passed_over = half.into_iter().collect();
        Ok(Reading { packages, passed_over, ..Reading::default() })
    }
}

/// Whether a path is `gradle/dependency-locks/<configuration>.lockfile`.
fn of_one_configuration(path: &RepoPath) -> bool {
    let name = path.file_name_str();
    let path_of = |folder: &str| format!("{folder}gradle/dependency-locks/{name}");
    let bytes = path.as_bytes();
    name.strip_suffix(".lockfile").is_some_and(|stem| !stem.is_empty())
        && named(path, &[name])
        && (bytes == path_of("").as_bytes() || bytes.ends_with(path_of("/").as_bytes()))
}

/// What a file turned out to be made of.
#[derive(Default)]
struct Kinds {
    newer: bool,
    older: bool,
    ended: bool,
}

impl Kinds {
    fn agree(&self, last: usize) -> Result<(), ParseError> {
        if self.older && (self.newer || self.ended) {
            let message =
                "some entries name their configurations and some do not: the file was cut";
            return Err(ParseError::new(last, message));
        }
        if self.newer && !self.ended {
            let message = "the line `empty=` that Gradle writes last is missing: the file was cut; \
                           run `gradle dependencies --write-locks`";
            return Err(ParseError::new(last, message));
        }
        Ok(())
    }
}

fn is_for_tests(configuration: &str) -> bool {
    configuration.starts_with("test") || configuration.contains("Test")
}

fn entry(module: &str, line: usize) -> Result<Locked, ParseError> {
    let parts: Vec<_> = module.split(':').collect();
    match parts.as_slice() {
        [group, artifact, version]
            if !parts.iter().any(|it| it.is_empty() || it.contains(char::is_whitespace)) =>
        {
            let name = format!("{group}:{artifact}");
            Ok(locked(Ecosystem::Maven, &name, version, line_number(line)))
        }
        _ => {
            let message = format!("{} is not `group:artifact:version`", excerpt(module));
            Err(ParseError::new(line, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_entry_of_a_newer_file_is_none_of_an_older_one() {
        let read =
            |path: &str, text: &str| GradleLock.read_in(text, &RepoPath::from(path), &|_| None);
        let (newer, older) = ("gradle.lockfile", "gradle/dependency-locks/compile.lockfile");
        assert_eq!(read(newer, "# x\na:b:1.2").unwrap_err().line.get(), 2);
        assert!(read(newer, "a:b:1.2=compile\nempty=\n").is_ok());
        assert_eq!(read(older, "a:b:1.2\n").unwrap().passed_over.len(), 0);
        assert_eq!(read(older, "a:b:1.2").unwrap().passed_over.len(), 1);
    }
}
