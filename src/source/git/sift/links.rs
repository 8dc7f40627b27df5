//! The commits of a repository and what they lead to, by number.

use super::super::super::remarks::locked;
use super::super::graph::{Reached, order};
use super::super::pack::{From, Kind, Name, Objects, Visitor};
use super::super::record::Record;
use super::super::store::Store;
use super::unusual;
use crate::source::Sieve;
use git2::Oid;
use std::collections::BTreeSet;
use std::io;
use std::sync::Mutex;

const NOBODY: u32 = u32::MAX;

/// Every commit there is, reachable or not.
pub(super) struct Links {
    /// For each number, its place in `commits`.
    places: Vec<u32>,
    commits: Vec<Link>,
}

/// What a commit leads to.
pub(super) struct Link {
    pub(super) number: u32,
    pub(super) id: Oid,
    pub(super) tree: u32,
    /// Those that it names; `None` is one that is not there.
    parents: Vec<Option<u32>>,
    seconds: i64,
    /// Whether a shallow clone ends here.
    cut: bool,
    /// Whether its own record is worth a look.
    pub(super) matters: bool,
}

impl Links {
    /// Reads every commit, and shows it to the sieve. An error is a commit that is not as git writes it.
    pub(super) fn read(objects: &Objects, store: &Store, sieve: &dyn Sieve) -> io::Result<Self> {
        let reading = Reading { objects, store, sieve, found: Mutex::default() };
        objects.visit(store, &reading)?;
        let found = reading.found.into_inner().map_err(|_| unusual())?;
        let commits: Vec<Link> = found.into_iter().collect::<Option<_>>().ok_or_else(unusual)?;
        let mut places = vec![NOBODY; objects.len()];
        for (place, commit) in (0_u32..).zip(&commits) {
            if let Some(slot) = places.get_mut(commit.number as usize) {
                *slot = place;
            }
        }
        Ok(Self { places, commits })
    }

    fn at(&self, number: u32) -> Option<&Link> {
        let place = self.places.get(number as usize)?;
        self.commits.get(*place as usize)
    }

    /// The commit of a name.
    pub(super) fn named(&self, objects: &Objects, id: Oid) -> Option<&Link> {
        let name = Name::try_from(id.as_bytes()).ok()?;
        self.at(objects.find(&name)?)
    }

    /// The commits that it descends from, as far as they are here.
    pub(super) fn parents(&self, commit: &Link) -> Option<Vec<&Link>> {
        if commit.cut {
            return Some(Vec::new());
        }
        commit.parents.iter().map(|parent| self.at((*parent)?)).collect()
    }

    /// Every commit that can be reached from `tips`; `None` where one is missing.
    pub(super) fn reachable(&self, objects: &Objects, tips: &[Oid]) -> Option<Reached> {
        let mut numbers = vec![NOBODY; self.commits.len()];
        let mut waiting =
            tips.iter().map(|tip| self.named(objects, *tip)).collect::<Option<Vec<_>>>()?;
        let (mut found, mut cuts) = (Vec::new(), BTreeSet::new());
        while let Some(commit) = waiting.pop() {
            let number = numbers.get_mut(*self.places.get(commit.number as usize)? as usize)?;
            if *number != NOBODY {
                continue;
            }
            *number = u32::try_from(found.len()).ok()?;
            found.push(commit);
            cuts.extend(commit.cut.then_some(commit.id));
            waiting.extend(self.parents(commit)?);
        }
        let ids: Vec<_> = found.iter().map(|commit| commit.id).collect();
        let at = |number: u32| found.get(number as usize).copied();
        let seconds = |number: u32| at(number).map_or(0, |commit| commit.seconds);
        let number = |parent: &Link| {
            let place = self.places.get(parent.number as usize)?;
            numbers.get(*place as usize).copied()
        };
        let parents = |number| at(number).and_then(|commit| self.parents(commit));
        let commits =
            order(&ids, seconds, |child| parents(child).into_iter().flatten().filter_map(number));
        Some(Reached { commits, cut: cuts.pop_first() })
    }

    /// The first commit of a commit's own line; `None` for one that comes back to itself.
    pub(super) fn first(&self, objects: &Objects, head: Oid) -> Option<Oid> {
        let mut at = self.named(objects, head)?;
        for _ in 0..objects.len() {
            match self.parents(at)?.first() {
                Some(parent) => at = parent,
                None => return Some(at.id),
            }
        }
        None
    }
}

struct Reading<'a> {
    objects: &'a Objects,
    store: &'a Store,
    sieve: &'a dyn Sieve,
    /// `None` for what is no commit.
    found: Mutex<Vec<Option<Link>>>,
}

impl Visitor for Reading<'_> {
    type Kept = ();

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Commit
    }

    fn visit(&self, number: u32, _: Kind, bytes: &[u8], _: Option<From<'_, ()>>) {
        let link = self.link(number, bytes);
        locked(&self.found).push(link);
    }
}

impl Reading<'_> {
    fn link(&self, number: u32, bytes: &[u8]) -> Option<Link> {
        let record = Record::read(bytes)?;
        let id = Oid::from_bytes(self.objects.name(number)?).ok()?;
        let tree = self.objects.find(&record.tree).unwrap_or(NOBODY);
        let parents = record.parents.iter().map(|parent| self.objects.find(parent)).collect();
        let cut = self.store.shallow.contains(&id);
        let seconds = record.committer.seconds;
        let matters = record.has_more || self.sieve.commit(&record.commit(id));
        Some(Link { number, id, tree, parents, seconds, cut, matters })
    }
}
