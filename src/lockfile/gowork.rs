//! `go.work`, which joins several modules to one workspace.
//!
//! It locks no versions but those of the modules that it puts in place of others. Each folder that
//! it uses has a `go.mod`, which is read by itself.

use super::syntax::go::{Replacement, statements};
use super::syntax::{checked, line_number, named, under};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};

/// Go's workspace file.
pub(super) struct GoWork;

impl Format for GoWork {
    fn name(&self) -> &'static str {
        "go.work"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Go
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["go.work"]) && !under(path, "vendor")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let statements = statements(text, &["go", "toolchain", "godebug", "use", "replace"])?;
        if !statements.iter().any(|it| matches!(it.directive, "go" | "use")) {
            let last = text.trim_end().lines().count();
            return Err(ParseError::new(last, "neither go nor use is there: the file was cut"));
        }
        let mut all = Vec::new();
        for statement in &statements {
            match (statement.directive, statement.arguments.as_slice()) {
                (_, []) => return Err(statement.incomplete()),
                ("replace", _) => all.push(locked(&Replacement::read(statement)?)),
                _ => {}
            }
        }
        Ok(all.into())
    }
}

fn locked(replacement: &Replacement) -> Locked {
    let (name, version) = match &replacement.by_version {
        Some(version) => (&replacement.by, version.clone()),
        None => (&replacement.path, replacement.version.clone().unwrap_or_default()),
    };
    Locked::new(
        Package { ecosystem: Ecosystem::Go, name: name.clone(), version },
        line_number(replacement.line),
        replacement.origin(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::Origin;

    #[test]
    fn what_stands_in_for_other_modules_is_read() {
        let text = "go 1.24.0\n\nuse (\n\t.\n\t./api\n)\n\nreplace (\n\
                    \texample.org/a v1.0.0 => example.org/b v1.2.3\n\
                    \texample.org/c => ../c\n)\n";
        let rows: Vec<_> = GoWork.parse(text).unwrap();
        let [b, c] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(
            (b.line.get(), &*b.package.name, &*b.package.version),
            (9, "example.org/b", "v1.2.3")
        );
        assert_eq!(c.origin, Origin::Path("../c".into()));
    }

    #[test]
    fn what_go_does_not_write_is_an_error_with_its_line() {
        for (text, line) in [
            ("go 1.24\nuse (\n\t.\n", 2),
            ("go 1.24\nrequire example.org/a v1.0.0\n", 2),
            ("go 1.24\nuse\n", 2),
            ("go 1.24\nreplace example.org/a => example.org/b\n", 2),
            ("toolchain go1.24.0\n", 1),
        ] {
            assert_eq!(GoWork.parse(text).unwrap_err().line.get(), line, "{text}");
        }
    }
}
