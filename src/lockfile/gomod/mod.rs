//! `go.mod`, which lists all modules of a build since Go 1.17.
//!
//! Before Go 1.17 a file lists what the project asks for and not what that asks for in turn, and
//! nothing in the file can make up for it. Every directive is known or refused, every version is
//! complete (`v1.2.3`), as Go writes them, and every block is closed: so a file that was cut within
//! a line or a block is an error. One that was cut between two directives, or within the number
//! that ends a directive outside a block, cannot be told from another whole file.

mod words;

use super::syntax::{checked, excerpt, line_number, named, numbered, under};
use super::{Format, Locked, Origin, ParseError};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package, Version};
use words::words;

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

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        let mut file = File::default();
        let mut last = 1;
        for (number, line) in numbered(checked(text)?) {
            file.line(number, line)?;
            last = number;
        }
        if let Some((directive, line)) = file.block {
            let message = format!("the block {directive} has no end: the file was cut");
            return Err(ParseError::new(line, message));
        }
        if !file.named {
            return Err(ParseError::new(last, "the module directive is missing: the file was cut"));
        }
        let replaced = |module: &Module| file.replacements.iter().find(|r| r.is_for(module));
        Ok(file.required.iter().map(|module| module.locked(replaced(module))).collect())
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
    named: bool,
    block: Option<(&'static str, usize)>,
    required: Vec<Module>,
    replacements: Vec<Replacement>,
}

/// A required module.
struct Module {
    line: usize,
    path: String,
    version: String,
    direct: bool,
}

/// What stands in for a module.
struct Replacement {
    line: usize,
    path: String,
    /// The one version that it stands in for; none for all.
    version: Option<String>,
    by: String,
    /// The version of the other module; none for a folder.
    by_version: Option<String>,
}

impl File {
    fn line(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let (words, comment) = words(line).map_err(|message| ParseError::new(number, message))?;
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match (self.block, words.as_slice()) {
            (_, []) => Ok(()),
            (Some(_), [")"]) => {
                self.block = None;
                Ok(())
            }
            (Some((directive, _)), arguments) => {
                self.directive(directive, arguments, comment, number)
            }
            (None, [name, arguments @ ..]) => {
                let directive =
                    DIRECTIVES.iter().find(|known| *known == name).ok_or_else(|| {
                        ParseError::new(
                            number,
                            format!("{} is not a directive we know", excerpt(name)),
                        )
                    })?;
                match arguments {
                    ["("] => self.block = Some((directive, number)),
                    ["(", ")"] => {}
                    _ => self.directive(directive, arguments, comment, number)?,
                }
                Ok(())
            }
        }
    }

    fn directive(
        &mut self,
        directive: &str,
        arguments: &[&str],
        comment: &str,
        line: usize,
    ) -> Result<(), ParseError> {
        let malformed = || ParseError::new(line, format!("this {directive} is incomplete"));
        match directive {
            "require" => {
                let [path, version] = arguments else { return Err(malformed()) };
                let (path, version) = ((*path).to_owned(), complete(version, line)?);
                self.required.push(Module { line, path, version, direct: !is_indirect(comment) });
            }
            "replace" => {
                self.replacements.push(replacement(arguments, line)?.ok_or_else(malformed)?);
            }
            "module" => self.named = true,
            _ if arguments.is_empty() => return Err(malformed()),
            _ => {}
        }
        Ok(())
    }
}

fn replacement(arguments: &[&str], line: usize) -> Result<Option<Replacement>, ParseError> {
    let mut sides = arguments.split(|word| *word == "=>");
    let (Some(old), Some(new), None) = (sides.next(), sides.next(), sides.next()) else {
        return Ok(None);
    };
    let (path, version) = match old {
        [path] => (*path, None),
        [path, version] => (*path, Some((*version).to_owned())),
        _ => return Ok(None),
    };
    let (by, by_version) = match new {
        [folder] if is_folder(folder) => (*folder, None),
        [by, version] => (*by, Some(complete(version, line)?)),
        _ => return Ok(None),
    };
    Ok(Some(Replacement { line, path: path.to_owned(), version, by: by.to_owned(), by_version }))
}

impl Replacement {
    fn is_for(&self, module: &Module) -> bool {
        self.path == module.path
            && self.version.as_ref().is_none_or(|version| *version == module.version)
    }
}

impl Module {
    fn locked(&self, replacement: Option<&Replacement>) -> Locked {
        let (name, version, line, origin) = match replacement {
            None => (&self.path, &self.version, self.line, Origin::Registry(None)),
            Some(Replacement { by, by_version: Some(version), line, .. }) => {
                (by, version, *line, Origin::Registry(None))
            }
            Some(Replacement { by, by_version: None, .. }) => {
                (&self.path, &self.version, self.line, Origin::Path(by.clone()))
            }
        };
        Locked {
            package: Package {
                ecosystem: Ecosystem::Go,
                name: name.clone(),
                version: version.clone(),
            },
            line: line_number(line),
            direct: Some(self.direct),
            dev: None,
            origin,
            integrity: None,
        }
    }
}

/// Go's own rule for the comment that it writes behind what only other modules ask for.
fn is_indirect(comment: &str) -> bool {
    let comment = comment.trim();
    comment == "indirect" || comment.starts_with("indirect;")
}

/// A path that Go takes for a folder and not for a module.
fn is_folder(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    path == "."
        || path == ".."
        || drive
        || ["./", "../", "/", ".\\", "..\\", "\\"].iter().any(|start| path.starts_with(start))
}

fn complete(version: &str, line: usize) -> Result<String, ParseError> {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let whole = version.starts_with('v')
        && release.matches('.').count() == 2
        && Version::parse(Ecosystem::Go, version).is_ok();
    if whole {
        return Ok(version.to_owned());
    }
    let message = format!("version {} is not complete: run `go mod tidy`", excerpt(version));
    Err(ParseError::new(line, message))
}

#[cfg(test)]
mod tests;
