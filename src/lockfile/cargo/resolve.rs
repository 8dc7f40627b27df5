//! What each package of a `Cargo.lock` depends on, among the others.

use super::{Entry, malformed, missing, origin};
use crate::lockfile::syntax::passed_over;
use crate::lockfile::{Origin, ParseError, PassedOver, Requirement};
use cargo_lock::SourceId;
use std::collections::BTreeMap;

/// The dependencies of all packages, in the order of the file.
pub(super) struct Resolved {
    /// What each asks for, at the version to which the file resolves it.
    pub(super) requires: Vec<Vec<Requirement>>,
    /// Where in the file that is; several places, where it cannot be told which of them is meant.
    pub(super) edges: Vec<Vec<usize>>,
    /// What is asked for and locked at other versions alone.
    pub(super) passed_over: Vec<PassedOver>,
}

/// Looks all dependencies up; refuses what is locked at no version.
pub(super) fn resolve(entries: &[Entry<'_>]) -> Result<Resolved, ParseError> {
    let mut named: Vec<_> = entries.iter().enumerate().collect();
    named.sort_by_key(|(_, entry)| &entry.name);
    let mut resolver = Resolver { named, absent: BTreeMap::new() };
    let (mut requires, mut edges) = (Vec::new(), Vec::new());
    for entry in entries {
        let (mut asked, mut places) = (Vec::with_capacity(entry.dependencies.len()), Vec::new());
        for dependency in &entry.dependencies {
            asked.push(resolver.look_up(entry, dependency, &mut places)?);
        }
        requires.push(asked);
        edges.push(places);
    }
    let why = "asked for by an entry but not locked at this version, so the file is out of date or \
               may have been cut";
    let absent = resolver.absent.into_iter();
    let passed_over = absent.map(|(name, line)| passed_over(&name, line, why)).collect();
    Ok(Resolved { requires, edges, passed_over })
}

struct Resolver<'a> {
    /// The packages by name.
    named: Vec<(usize, &'a Entry<'a>)>,
    /// What is asked for and not locked, with the line of the first that asks.
    absent: BTreeMap<String, std::num::NonZeroU32>,
}

impl Resolver<'_> {
    fn look_up(
        &mut self,
        entry: &Entry<'_>,
        dependency: &str,
        places: &mut Vec<usize>,
    ) -> Result<Requirement, ParseError> {
        let mut words = dependency.split_whitespace();
        let name = words.next().ok_or_else(|| malformed(entry.line))?;
        let (stated, source) = (words.next(), words.next());
        let from = self.named.partition_point(|(_, it)| *it.name < *name);
        let alike = self.named.get(from..).unwrap_or_default();
        let alike = alike.iter().take_while(|(_, it)| it.name == name);
        let mut found =
            alike.clone().filter(|(_, it)| stated.is_none_or(|stated| it.version == stated));
        let first = found.next();
        if first.is_none() && !alike.clone().any(|(_, it)| it.origin.is_none()) {
            let stated = stated.filter(|_| alike.clone().next().is_some());
            let stated = stated.ok_or_else(|| missing(name, entry.line))?;
            self.absent.entry(format!("{name} {stated}")).or_insert(entry.line);
        }
        let candidates: Vec<_> = first.into_iter().chain(found).copied().collect();
        let version = candidates.first().map(|(_, it)| it.version.clone().into_owned());
        places.extend(meant(&candidates, source));
        Ok(Requirement { name: name.to_owned(), version, constraint: None })
    }
}

/// Which of several packages of one name is meant: that of the source that is stated, else the
/// workspace's own, else any of them.
fn meant(candidates: &[(usize, &Entry<'_>)], source: Option<&str>) -> Vec<usize> {
    let all = || candidates.iter().map(|(place, _)| *place).collect();
    if candidates.len() < 2 {
        return all();
    }
    let stated = source.map(|text| text.trim_start_matches('(').trim_end_matches(')'));
    let stated = stated.and_then(|text| SourceId::from_url(text).ok()).map(|it| origin(&it));
    let is_meant = |of: &Option<Origin>| match (of, &stated) {
        // The commit is left out of a dependency.
        (Some(Origin::Git(whole)), Some(Origin::Git(address))) => whole.starts_with(address),
        (of, stated) => of == stated,
    };
    let places = candidates.iter().filter(|(_, it)| is_meant(&it.origin)).map(|(place, _)| *place);
    let places: Vec<_> = places.collect();
    if places.is_empty() { all() } else { places }
}
