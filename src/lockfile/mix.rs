//! Elixir's `mix.lock`: one map, from the name of an application to what Mix fetched.
//!
//! What is from git has a revision and no version, and is kept without one. The map
//! closes on the last line, so a cut is an error.

use super::syntax::terms::{self, Term};
use super::syntax::{checked, excerpt, line_number, locked, named, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::BTreeMap;

/// Mix's lockfile.
pub(super) struct MixLock;

impl Format for MixLock {
    fn name(&self) -> &'static str {
        "mix.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Hex
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["mix.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("mix.exs")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let terms = terms::parse(checked(text)?)?;
        let [Term::List(entries)] = terms.as_slice() else {
            return Err(ParseError::new(1, "the file is not one map: run `mix deps.get`"));
        };
        let mut reading = Reading::default();
        for entry in entries {
            take(entry, &mut reading)?;
        }
        resolve(&mut reading.packages);
        Ok(reading)
    }
}

/// Gives every requirement the version of the package that it means. What is optional may
/// not be there.
fn resolve(packages: &mut [Locked]) {
    let named = packages.iter().map(|it| (it.package.name.clone(), it.package.version.clone()));
    let versions: BTreeMap<_, _> = named.collect();
    for wish in packages.iter_mut().flat_map(|it| &mut it.requires) {
        wish.version = versions.get(&wish.name).cloned();
    }
}

fn take(entry: &Term<'_>, reading: &mut Reading) -> Result<(), ParseError> {
    let line = entry.line().unwrap_or(1);
    let parts = entry.tuple().and_then(|pair| match pair {
        [key, Term::Tuple(source)] => Some((key.text().or(key.atom())?, source.as_slice())),
        _ => None,
    });
    let Some((key, source)) = parts else {
        return Err(ParseError::new(line, "an entry is not an application with its source"));
    };
    let at = line_number(line);
    match source {
        [kind, package, version, rest @ ..] if kind.atom() == Some("hex") => {
            let (Some(name), Some(version)) = (package.atom().or(package.text()), version.text())
            else {
                return Err(ParseError::new(line, format!("{} has no version", excerpt(key))));
            };
            let origin = Origin::Registry(rest.get(3).and_then(Term::text).map(str::to_owned));
            let inner = rest.first().and_then(Term::text).filter(|sum| !sum.is_empty());
            let integrity = rest.get(4).and_then(Term::text).or(inner);
            let integrity = integrity.map(|sum| format!("sha256:{sum}"));
            let wishes = rest.get(2).and_then(Term::list).unwrap_or_default();
            reading.packages.push(Locked {
                origin,
                integrity,
                requires: wishes.iter().filter_map(wish).collect(),
                ..locked(Ecosystem::Hex, name, version, at)
            });
        }
        [kind, address, revision, ..] if kind.atom() == Some("git") => {
            let (Some(address), Some(revision)) = (address.text(), revision.text()) else {
                return Err(ParseError::new(line, format!("{} has no revision", excerpt(key))));
            };
            let address = format!("{}#{revision}", without_credentials(address));
            let origin = Origin::Git(address);
            reading.packages.push(Locked { origin, ..locked(Ecosystem::Hex, key, "", at) });
        }
        [kind, ..] if kind.atom() == Some("path") => {
            let origin = Origin::Path(key.to_owned());
            reading.packages.push(Locked { origin, ..locked(Ecosystem::Hex, key, "", at) });
        }
        _ => {
            let message = format!("{} has a source that is not known", excerpt(key));
            return Err(ParseError::new(line, message));
        }
    }
    Ok(())
}

/// What a package asks for: an application, the versions that would do, and options, of which one
/// names its package.
fn wish(term: &Term<'_>) -> Option<Requirement> {
    let [application, range, options @ ..] = term.tuple()? else { return None };
    let options = options.first().and_then(Term::list).unwrap_or_default();
    let package = options.iter().find_map(|option| match option.tuple()? {
        [key, value] if key.atom() == Some("hex") => value.atom().or(value.text()),
        _ => None,
    });
    Some(Requirement::new(package.or(application.atom())?).within(range.text()))
}
