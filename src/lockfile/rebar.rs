//! Erlang's `rebar.lock`, versions 1.1.0 and 1.2.0 and the lists from before there was a version.
//!
//! What is from git has a revision and no version, and is kept without one. Terms end in a full stop and versions demand their checksums behind the list, so a cut is an
//! error.

use super::syntax::terms::{self, Term};
use super::syntax::{checked, excerpt, line_number, locked, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeMap;

/// Rebar3's lockfile.
pub(super) struct RebarLock;

impl Format for RebarLock {
    fn name(&self) -> &'static str {
        "rebar.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Hex
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["rebar.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("rebar.config")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let terms = terms::parse(text)?;
        let last = text.trim_end().matches('\n').count() + 1;
        if !text.trim_end().ends_with('.') {
            return Err(ParseError::new(last, "the full stop is missing: the file was cut"));
        }
        let mut reading = Reading::default();
        let (entries, hashes) = match terms.as_slice() {
            [Term::List(entries)] => (entries, BTreeMap::new()),
            [Term::Tuple(versioned), rest @ ..] => {
                let [version, Term::List(entries)] = versioned.as_slice() else {
                    return Err(ParseError::new(1, "the file is not a version with a list"));
                };
                if !version.text().is_some_and(|it| matches!(it, "1.1.0" | "1.2.0")) {
                    let message = "this version of rebar.lock is not one of 1.1.0 and 1.2.0";
                    return Err(ParseError::new(version.line().unwrap_or(1), message));
                }
                if rest.is_empty() {
                    return Err(ParseError::new(
                        last,
                        "the checksums are missing: the file was cut",
                    ));
                }
                (entries, hashes(rest))
            }
            _ => return Err(ParseError::new(1, "the file is not a list of applications")),
        };
        for entry in entries {
            take(entry, &hashes, &mut reading)?;
        }
        Ok(reading)
    }
}

/// The checksum of each application; the outer one where there are two.
fn hashes<'a>(terms: &[Term<'a>]) -> BTreeMap<&'a str, &'a str> {
    let mut all = BTreeMap::new();
    for section in terms.iter().filter_map(Term::list).flatten().filter_map(Term::tuple) {
        let [_, Term::List(pairs)] = section else { continue };
        for pair in pairs.iter().filter_map(Term::tuple) {
            if let [Term::Text(name, _), Term::Text(hash, _)] = pair {
                all.insert(*name, *hash);
            }
        }
    }
    all
}

fn take(
    entry: &Term<'_>,
    hashes: &BTreeMap<&str, &str>,
    reading: &mut Reading,
) -> Result<(), ParseError> {
    let line = entry.line().unwrap_or(1);
    let Some([Term::Text(key, _), Term::Tuple(source), Term::Atom(level)]) = entry.tuple() else {
        return Err(ParseError::new(line, "an entry is not an application with its source"));
    };
    let at = line_number(line);
    match source.as_slice() {
        [Term::Atom("pkg"), Term::Text(name, _), Term::Text(version, _), ..] => {
            reading.packages.push(Locked {
                direct: Some(*level == "0"),
                integrity: hashes.get(key).map(|hash| format!("sha256:{hash}")),
                ..locked(Ecosystem::Hex, name, version, at)
            });
        }
        [Term::Atom("git" | "git_subdir" | "hg"), Term::Text(address, _), rest @ ..] => {
            let revision = rest.first().and_then(Term::tuple).and_then(|it| it.last()?.text());
            let address = without_credentials(address);
            let origin = Origin::Git(format!("{address}#{}", revision.unwrap_or_default()));
            let direct = Some(*level == "0");
            let package = locked(Ecosystem::Hex, key, "", at);
            reading.packages.push(Locked { direct, origin, ..package });
        }
        _ => {
            let message = format!("{} has a source that is not known", excerpt(key));
            return Err(ParseError::new(line, message));
        }
    }
    Ok(())
}
