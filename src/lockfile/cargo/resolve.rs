//! What each package of a `Cargo.lock` depends on, among the others.

use super::{Entry, malformed, missing, origin};
use crate::lockfile::syntax::passed_over;
use crate::lockfile::{Origin, ParseError, PassedOver, Requirement};
use cargo_lock::SourceId;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// How many packages of one name and version are told apart. Cargo writes as many as it has sources, and
/// states the version wherever there are several.
const MOST: usize = 8;

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
    named.sort_by_key(|(_, entry)| (&entry.name, &entry.version));
    let own = entries.iter().filter(|entry| entry.origin.is_none()).map(|entry| &*entry.name);
    let mut resolver =
        Resolver { named: Named(named), own: own.collect(), absent: BTreeMap::new() };
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

/// The packages by name and version, each with its place in the file.
struct Named<'a>(Vec<(usize, &'a Entry<'a>)>);

impl Named<'_> {
    /// The packages of a name, and of a version where one is stated.
    fn from<'n>(
        &self,
        name: &'n str,
        stated: Option<&'n str>,
    ) -> impl Iterator<Item = (usize, &Entry<'_>)> + use<'_, 'n> {
        let wanted = (name, stated.unwrap_or_default());
        let from = self.0.partition_point(|(_, it)| (&*it.name, &*it.version) < wanted);
        let alike = self.0.get(from..).unwrap_or_default().iter().copied();
        alike.take_while(move |(_, it)| {
            it.name == name && stated.is_none_or(|stated| it.version == stated)
        })
    }
}

struct Resolver<'a> {
    named: Named<'a>,
    /// The names of the workspace's own packages.
    own: BTreeSet<&'a str>,
    /// What is asked for and not locked, with the line of the first that asks.
    absent: BTreeMap<String, NonZeroU32>,
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
        let candidates: Vec<_> = self.named.from(name, stated).take(MOST).collect();
        if candidates.is_empty() && !self.own.contains(name) {
            let stated = stated.filter(|_| self.named.from(name, None).next().is_some());
            let stated = stated.ok_or_else(|| missing(name, entry.line))?;
            self.absent.entry(format!("{name} {stated}")).or_insert(entry.line);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_versions_of_one_crate_do_not_multiply() {
        let entry = |at: u32| Entry {
            line: NonZeroU32::MIN,
            name: "a".into(),
            version: format!("1.0.{at}").into(),
            origin: Some(Origin::Registry(None)),
            dependencies: vec!["a".into(), format!("a 1.0.{}", at / 2).into()],
            checksum: None,
        };
        let entries: Vec<_> = (0..2000).map(entry).collect();
        let resolved = resolve(&entries).unwrap();
        assert!(resolved.edges.iter().all(|places| places.len() == MOST + 1));
        let last = resolved.requires.last().unwrap();
        assert_eq!(last[1].version.as_deref(), Some("1.0.999"));
        assert_eq!(resolved.edges.last().unwrap().last(), Some(&999));
    }
}
