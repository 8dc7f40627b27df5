//! `go.mod`, which lists all modules of a build since Go 1.17.
//!
//! Before Go 1.17 a file lists what the project asks for and not what that asks for in turn: that is
//! passed over with a remark, since `go.sum` lists more than the build and says nothing for sure. Every directive is known or refused, every version is
//! complete (`v1.2.3`), as Go writes them, and every block is closed: so a file that was cut within
//! a line or a block is an error. One that was cut between two directives, or within the number
//! that ends a directive outside a block, cannot be told from another whole file.

use super::syntax::go::{Replacement, complete, statements};
use super::syntax::{checked, line_number, named, under};
use super::{Format, Locked, Origin, ParseError, PassedOver, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};

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

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let file = File::read(text)?;
        let replaced = |module: &Module| file.replacements.iter().find(|it| is_for(it, module));
        let packages = file.required.iter().map(|module| module.locked(replaced(module)));
        Ok(Reading {
            packages: packages.collect(),
            passed_over: file.passed_over,
            ..Reading::default()
        })
    }
}

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
    passed_over: Vec<PassedOver>,
}

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
        let mut named = false;
        for statement in statements(text, DIRECTIVES)? {
            let line = statement.line;
            match (statement.directive, statement.arguments.as_slice()) {
                ("require", [path, version]) => file.required.push(Module {
                    line,
                    path: path.clone(),
                    version: complete(version, line)?,
                    direct: !is_indirect(statement.comment),
                }),
                ("require", _) | (_, []) => return Err(statement.incomplete()),
                ("replace", _) => file.replacements.push(Replacement::read(&statement)?),
                ("module", _) => named = true,
                ("go", [version]) => file.passed_over.extend(gap(version, line)),
                _ => {}
            }
        }
        if named {
            return Ok(file);
        }
        let last = text.lines().count();
        Err(ParseError::new(last, "the module directive is missing: the file was cut"))
    }
}

/// What a file of an early version of Go leaves out.
fn gap(version: &str, line: usize) -> Option<PassedOver> {
    let minor = version.strip_prefix("1.")?.split(['.', 'r', 'b']).next()?;
    (minor.parse::<u32>().ok()? < 17).then(|| PassedOver {
        line: line_number(line),
        name: format!("go {version}"),
        why: "what other modules ask for, which is not listed before go 1.17: run `go mod tidy`",
    })
}

fn is_for(replacement: &Replacement, module: &Module) -> bool {
    replacement.path == module.path
        && replacement.version.as_ref().is_none_or(|version| *version == module.version)
}

impl Module {
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
