//! The VEX documents that the gate goes by: those that the trusted project file names, read from
//! the same revision as the file itself, and those that are named on the command line.

use super::CliError;
use super::environment::Environment;
use crate::finding::RepoPath;
use crate::gate::{Document, Vex};
use crate::rule::Paths;
use crate::source::Tree;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Reads every document; one that cannot be read, or followed, is an error.
pub(super) fn stated(
    asked: &[PathBuf],
    named: &[String],
    tree: &dyn Tree,
    environment: &Environment,
) -> Result<Vex, CliError> {
    let mut documents = Vec::new();
    for path in paths(named, tree)? {
        let bytes = tree.read(&path)?.ok_or_else(|| CliError::NoVex(path.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| CliError::NotText(path.to_string()))?;
        documents.push(Document::parse(&path.to_string(), &text)?);
    }
    for path in asked {
        let full = environment.resolve(path);
        let text = fs::read_to_string(&full).map_err(|why| CliError::file("read", &full, why))?;
        documents.push(Document::parse(&path.display().to_string(), &text)?);
    }
    Ok(documents.into_iter().collect())
}

/// The files that the project file names; a pattern may name none, a plain path must name one.
fn paths(named: &[String], tree: &dyn Tree) -> Result<BTreeSet<RepoPath>, CliError> {
    let is_pattern = |text: &&String| text.contains(['*', '?', '[', '{']);
    let (patterns, plain): (Vec<_>, Vec<_>) = named.iter().partition(is_pattern);
    let plain = plain.into_iter().map(|path| RepoPath::from(path.trim_start_matches('/')));
    let mut paths: BTreeSet<_> = plain.collect();
    if !patterns.is_empty() {
        let accepted = Paths::whole(&patterns.into_iter().cloned().collect::<Vec<_>>())?;
        paths.extend(tree.paths()?.into_iter().filter(|path| accepted.accepts(path)));
    }
    Ok(paths)
}
