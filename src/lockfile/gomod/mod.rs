//! `go.mod`, which lists all modules of a build since Go 1.17, with the `go.sum` beside it.
//!
//! Before Go 1.17 a file lists what the project asks for and not what that asks for in turn, which
//! then comes from `go.sum`: that may name more than the build, and so a remark is made. The standard
//! library is a package too, at the release that the file asks for.
//!
//! Every directive is known or refused, every version is complete (`v1.2.3`), as Go writes them, and
//! every block is closed: so a file that was cut within a line or a block is an error. What `go.sum`
//! ought to hold and does not, a block of indirect requirements that is missing and a last line
//! without an end are told. All else that is cut between two directives cannot be told from another
//! whole file.

mod sums;

use super::syntax::go::{Replacement, complete, statements};
use super::syntax::{checked, line_number, locked, named, passed_over, under};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use std::collections::{BTreeMap, BTreeSet};
use sums::Sums;

/// The name under which advisories are about Go's standard library.
pub const STANDARD_LIBRARY: &str = "stdlib";

/// Go's module file.
pub(super) struct GoMod;

impl Format for GoMod {
    fn name(&self) -> &'static str {
        "go.mod"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Go
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["go.mod"]) && !under(path, "vendor")
    }

    fn stands_alone(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let file = File::read(checked(text)?)?;
        let mut reading = file.reading();
        reading.passed_over.extend(file.gap(SINGLE));
        Ok(reading)
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let file = File::read(checked(text)?)?;
        let mut reading = file.reading();
        match tree(&path.sibling("go.sum")) {
            Some(sums) => file.add_sums(&Sums::read(&sums), &mut reading),
            None => reading.passed_over.extend(file.gap(SINGLE)),
        }
        reading.packages.extend(file.standard_library());
        Ok(reading)
    }
}

/// Why the modules that other modules ask for are not read without `go.sum`.
const SINGLE: &str =
    "what other modules ask for, which is not listed before go 1.17: run `go mod tidy`";
/// What is to be known where they are read from it.
const FROM_SUMS: &str =
    "what other modules ask for is read from go.sum, which may name more than is built";

const DIRECTIVES: &[&str] = &[
    "module",
    "go",
    "toolchain",
    "godebug",
    "require",
    "exclude",
    "replace",
    "retract",
    "tool",
    "ignore",
];

#[derive(Default)]
struct File {
    required: Vec<Module>,
    replacements: Vec<Replacement>,
    /// The line of the `module` directive.
    module: Option<usize>,
    /// The release of Go that the file asks for at least, and the one that it prefers.
    go: Option<(usize, String)>,
    toolchain: Option<(usize, String)>,
    /// The last line, if it has no end and so may have half a version.
    open: Option<usize>,
}

/// Replacements by the path and the version, or all versions, that they stand in for.
type Replacements<'a> = BTreeMap<(&'a str, Option<&'a str>), &'a Replacement>;

/// A required module.
struct Module {
    line: usize,
    path: String,
    version: String,
    direct: bool,
}

impl File {
    fn read(text: &str) -> Result<Self, ParseError> {
        let mut file = Self::default();
        let last = text.lines().count();
        let ended = text.ends_with('\n');
        for statement in statements(text, DIRECTIVES)? {
            let line = statement.line;
            let versioned = matches!(statement.directive, "require" | "replace");
            file.open = (versioned && line == last && !ended).then_some(last);
            match (statement.directive, statement.arguments.as_slice()) {
                ("require", [path, version]) => file.required.push(Module {
                    line,
                    path: path.clone(),
                    version: complete(version, line)?,
                    direct: !is_indirect(statement.comment),
                }),
                ("require", _) | (_, []) => return Err(statement.incomplete()),
                ("replace", _) => file.replacements.push(Replacement::read(&statement)?),
                ("module", _) => file.module = Some(line),
                ("go", [version]) => file.go = Some((line, version.clone())),
                ("toolchain", [name]) => file.toolchain = Some((line, name.clone())),
                _ => {}
            }
        }
        if file.module.is_some() {
            return Ok(file);
        }
        Err(ParseError::new(last, "the module directive is missing: the file was cut"))
    }

    fn reading(&self) -> Reading {
        let replacements = self.replacements();
        let locked = |module: &Module| module.locked(replacement(&replacements, module));
        let declared = self.required.iter().filter(|module| module.direct);
        let open = self.open.map(|line| {
            let why = "the last line has no end, so the file may have been cut";
            passed_over("go.mod", line_number(line), why)
        });
        Reading {
            packages: self.required.iter().map(locked).collect(),
            passed_over: open.into_iter().collect(),
            declared: declared.map(Module::requirement).collect(),
        }
    }

    /// The replacements by what they stand in for, and of equals the first.
    fn replacements(&self) -> Replacements<'_> {
        let mut replacements = Replacements::new();
        for it in &self.replacements {
            replacements.entry((&it.path, it.version.as_deref())).or_insert(it);
        }
        replacements
    }

    /// Whether the file lists what other modules ask for: so it does since Go 1.17, and a file
    /// that does not say its release is of Go 1.16.
    fn is_complete(&self) -> bool {
        let Some((_, version)) = &self.go else { return self.required.is_empty() };
        let minor = version.strip_prefix("1.").and_then(|rest| rest.split(['.', 'r', 'b']).next());
        minor.and_then(|minor| minor.parse().ok()).is_none_or(|minor: u32| minor >= 17)
    }

    /// The line that says of which release the file is.
    fn release_line(&self) -> usize {
        self.go.as_ref().map_or(self.module.unwrap_or(1), |(line, _)| *line)
    }

    /// A remark on what a file of an early release leaves out.
    fn gap(&self, why: &'static str) -> Option<PassedOver> {
        let release = self.go.as_ref().map_or("1.16", |(_, version)| version);
        let name = format!("go {release}");
        (!self.is_complete()).then(|| passed_over(&name, line_number(self.release_line()), why))
    }

    /// Adds what `go.sum` knows: sums, the modules that an early release does not list, and doubts
    /// about either file.
    fn add_sums(&self, sums: &Sums<'_>, reading: &mut Reading) {
        for entry in &mut reading.packages {
            let Package { name, version, .. } = &entry.package;
            entry.integrity = sums.of(name, version).map(str::to_owned);
            if entry.origin == Origin::Registry(None) && !sums.has(name, version) {
                let why = "without a sum in go.sum, so one of the two files may have been cut";
                reading.passed_over.push(passed_over(name, entry.line, why));
            }
        }
        if let Some(line) = sums.malformed {
            let why = "not laid out as Go writes it, so the file may have been cut";
            let name = format!("go.sum:{line}");
            reading.passed_over.push(passed_over(&name, line_number(self.release_line()), why));
        }
        let named: BTreeSet<_> =
            reading.packages.iter().map(|it| it.package.name.clone()).collect();
        let replaced: BTreeSet<_> = self.replacements.iter().map(|it| &*it.path).collect();
        let modules = sums.modules().into_iter();
        let others: Vec<_> = modules
            .filter(|(path, _)| !named.contains(*path) && !replaced.contains(path))
            .collect();
        let line = line_number(self.release_line());
        if !self.is_complete() {
            reading.passed_over.extend(self.gap(FROM_SUMS).filter(|_| !others.is_empty()));
            reading.packages.extend(others.into_iter().map(|(path, version)| Locked {
                direct: Some(false),
                integrity: sums.of(path, version).map(str::to_owned),
                ..locked(Ecosystem::Go, path, version, line)
            }));
        } else if self.required.iter().all(|module| module.direct)
            && others.len() > self.required.len()
        {
            let why = "named by go.sum and not by the file, which may have been cut";
            let other = |(path, _): &(&str, &str)| passed_over(path, line, why);
            reading.passed_over.extend(others.iter().map(other));
        }
    }

    /// The standard library of the release that builds the project at least; none for a folder of
    /// documents or tests that requires no modules.
    fn standard_library(&self) -> Option<Locked> {
        let preferred = self.toolchain.as_ref().and_then(|(line, name)| {
            let version = name.strip_prefix("go")?;
            Some((*line, version.split('-').next().unwrap_or(version)))
        });
        let least = self.go.as_ref().map(|(line, version)| (*line, version.as_str()));
        let (line, version) = preferred.or(least).filter(|_| !self.required.is_empty())?;
        let version = release(version)?;
        Some(locked(Ecosystem::Go, STANDARD_LIBRARY, &version, line_number(line)))
    }
}

/// A release of Go as advisories spell it: `1.21` is `1.21.0`, `1.21rc2` is `1.21.0-rc.2`.
fn release(version: &str) -> Option<String> {
    let end = version.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(version.len());
    let (numbers, pre) = version.split_at_checked(end)?;
    let missing = 2_usize.checked_sub(numbers.matches('.').count())?;
    let release = format!("{numbers}{}", ".0".repeat(missing));
    if pre.is_empty() {
        return Some(release);
    }
    let digit = pre.find(|c: char| c.is_ascii_digit())?;
    let (kind, number) = pre.split_at_checked(digit)?;
    Some(format!("{release}-{kind}.{number}"))
}

/// The first replacement that is for a module.
fn replacement<'a>(all: &Replacements<'a>, module: &Module) -> Option<&'a Replacement> {
    let of = |version| all.get(&(&*module.path, version)).copied();
    let found = of(None).into_iter().chain(of(Some(&*module.version)));
    found.min_by_key(|it| it.line)
}

impl Module {
    fn requirement(&self) -> Requirement {
        Requirement::new(&*self.path).within(Some(&self.version))
    }

    fn locked(&self, replacement: Option<&Replacement>) -> Locked {
        let (name, version, line) = match replacement {
            Some(Replacement { by, by_version: Some(version), line, .. }) => (by, version, *line),
            _ => (&self.path, &self.version, self.line),
        };
        Locked {
            direct: Some(self.direct),
            ..Locked::new(
                Package { ecosystem: Ecosystem::Go, name: name.clone(), version: version.clone() },
                line_number(line),
                replacement.map_or(Origin::Registry(None), Replacement::origin),
            )
        }
    }
}

/// Go's own rule for the comment that it writes behind what only other modules ask for.
fn is_indirect(comment: &str) -> bool {
    let comment = comment.trim();
    comment == "indirect" || comment.starts_with("indirect;")
}

#[cfg(test)]
mod tests;
