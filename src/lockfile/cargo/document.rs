//! A `Cargo.lock` of any layout, through a TOML reader and the `cargo-lock` crate.
//!
//! The TOML reader gives each package's line. Checksums and dependencies are taken out before
//! `cargo-lock` sees the file: it panics at some checksums, and the time that it takes for
//! dependencies grows with the square of their number.

use super::{Entry, malformed, origin};
use crate::finding::LineIndex;
use crate::lockfile::ParseError;
use crate::lockfile::syntax::{toml_error, toml_tree};
use cargo_lock::Lockfile;
use serde::Deserialize as _;
use std::num::NonZeroU32;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// The entries of the root package, if there is one, and of all packages, in the order of the file.
pub(super) fn entries(text: &str) -> Result<Vec<Entry<'static>>, ParseError> {
    let lines = LineIndex::new(text.as_bytes());
    let mut document = toml_tree(text)?;
    let parts = take_parts(document.get_mut(), &lines)?;
    let lockfile = Lockfile::deserialize(Deserializer::from(document))
        .map_err(|error| toml_error(text, &error))?;
    let packages = lockfile.root.into_iter().chain(lockfile.packages);
    let entries = packages.zip(parts).map(|(package, parts)| Entry {
        line: parts.line,
        name: String::from(package.name).into(),
        version: package.version.to_string().into(),
        origin: package.source.as_ref().map(origin),
        dependencies: parts.dependencies.into_iter().map(Into::into).collect(),
        checksum: parts.checksum.map(Into::into),
    });
    Ok(entries.collect())
}

/// What is read of a package without `cargo-lock`.
struct Parts {
    line: NonZeroU32,
    dependencies: Vec<String>,
    checksum: Option<String>,
}

/// Takes dependencies and checksums out of a document.
fn take_parts(document: &mut DeTable<'_>, lines: &LineIndex<'_>) -> Result<Vec<Parts>, ParseError> {
    document.remove("metadata");
    let mut all = Vec::new();
    if let Some(root) = document.get_mut("root") {
        all.push(take(root, lines)?);
    }
    if let Some(packages) = document.get_mut("package") {
        let line = lines.line_col(packages.span().start).line;
        let DeValue::Array(packages) = packages.get_mut() else { return Err(malformed(line)) };
        for package in packages.iter_mut() {
            all.push(take(package, lines)?);
        }
    }
    Ok(all)
}

fn take(package: &mut Spanned<DeValue<'_>>, lines: &LineIndex<'_>) -> Result<Parts, ParseError> {
    let start = package.span().start;
    let line_of = |offset| lines.line_col(offset).line;
    let DeValue::Table(table) = package.get_mut() else { return Err(malformed(line_of(start))) };
    let checksum = table.remove("checksum");
    let checksum = checksum.and_then(|sum| sum.get_ref().as_str().map(str::to_owned));
    let line = line_of(table.get("name").map_or(start, |name| name.span().start));
    let mut dependencies = Vec::new();
    if let Some(list) = table.remove("dependencies") {
        let list = list.get_ref().as_array().ok_or_else(|| malformed(line))?;
        for dependency in list {
            let text = dependency.get_ref().as_str().ok_or_else(|| malformed(line))?;
            dependencies.push(text.to_owned());
        }
    }
    Ok(Parts { line, dependencies, checksum })
}
