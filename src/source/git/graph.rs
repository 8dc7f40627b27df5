//! Which commits lie between two others, and which can be reached at all.
//!
//! Parents are read from the commit objects themselves, so that grafts in this clone cannot hide a
//! commit. A shallow clone's cut is no first commit: whoever meets one is told. Lists of commits run
//! backwards through history, every commit before its parents, whatever their clocks say.

use super::super::SourceError;
use super::contents::Contents;
use super::record::Lineage;
use super::store::failed;
use git2::Oid;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::atomic::{AtomicI64, Ordering};

/// Clocks differ: commits up to this many seconds older than any that was found are still looked
/// at, in case one of them leads back to it.
const CLOCK_SKEW: i64 = 24 * 60 * 60;

const FROM_BASE: u8 = 1;
const FROM_HEAD: u8 = 2;
const FROM_BOTH: u8 = FROM_BASE | FROM_HEAD;
/// Below a commit that both sides reach.
const STALE: u8 = 4;

/// The commits of a repository, by their parents.
pub(super) struct Graph<'r> {
    contents: Contents<'r>,
    shallow: &'r BTreeSet<Oid>,
}

/// What lies between some commits and others.
pub(super) struct Between {
    /// The commits that a head reaches and no base does, each before its parents, newest first.
    pub(super) commits: Vec<Oid>,
    /// The best commits that both sides reach, newest first.
    pub(super) bases: Vec<Oid>,
    /// Where a shallow clone was cut before the two met: the commits cannot be trusted.
    pub(super) cut: Option<Oid>,
}

/// How far back a walk goes, for who reads ahead of it: to the oldest commit that the heads alone were seen
/// to reach, by its age.
pub(super) struct Progress(AtomicI64);

impl Default for Progress {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MAX))
    }
}

impl Progress {
    /// Whether the walk may come to a commit of an age.
    pub(super) fn may_reach(&self, seconds: i64) -> bool {
        seconds.saturating_add(CLOCK_SKEW) >= self.0.load(Ordering::Relaxed)
    }
}

/// What can be reached from some commits.
pub(super) struct Reached {
    /// Every commit, each before its parents, newest first.
    pub(super) commits: Vec<Oid>,
    /// The first of those at which a shallow clone was cut.
    pub(super) cut: Option<Oid>,
}

/// A commit as a walk sees it.
#[derive(Clone)]
struct Links {
    kin: Kin,
    /// Whether a shallow clone was cut here.
    cut: bool,
}

impl<'r> Graph<'r> {
    pub(super) fn new(contents: Contents<'r>, shallow: &'r BTreeSet<Oid>) -> Self {
        Self { contents, shallow }
    }

    /// The commits from `bases` (exclusive) to `heads`.
    pub(super) fn between(&self, bases: &[Oid], heads: &[Oid]) -> Result<Between, SourceError> {
        self.between_telling(bases, heads, &Progress::default())
    }

    /// The same, telling how far back it goes.
    pub(super) fn between_telling(
        &self,
        bases: &[Oid],
        heads: &[Oid],
        progress: &Progress,
    ) -> Result<Between, SourceError> {
        let mut walk = Walk::new(progress);
        for (ends, flags) in [(bases, FROM_BASE), (heads, FROM_HEAD)] {
            for end in ends {
                walk.meet(*end, flags, self)?;
            }
        }
        let mut edges = Edges::default();
        while let Some((id, flags, links)) = walk.next() {
            edges.note(id, &links);
            let below = if flags & FROM_BOTH == FROM_BOTH { flags | STALE } else { flags };
            for parent in &links.kin.parents {
                walk.meet(*parent, below, self)?;
            }
        }
        let cut = edges.cut_before(&walk);
        let bases = walk.with_flags(FROM_BOTH);
        Ok(Between { commits: children_first(&walk.into_heads()), bases, cut })
    }

    /// Every commit that can be reached from `tips`.
    pub(super) fn reachable(&self, tips: &[Oid]) -> Result<Reached, SourceError> {
        let mut family = Family::new();
        let mut cuts = BTreeSet::new();
        let mut waiting = tips.to_vec();
        while let Some(id) = waiting.pop() {
            if family.contains_key(&id) {
                continue;
            }
            let Links { kin, cut } = self.links(id)?;
            if cut {
                cuts.insert(id);
            }
            waiting.extend(&kin.parents);
            family.insert(id, kin);
        }
        Ok(Reached { commits: children_first(&family), cut: cuts.pop_first() })
    }

    /// The first commit of `head`'s own line, or where a shallow clone was cut.
    pub(super) fn first(&self, head: Oid) -> Result<Oid, SourceError> {
        let (mut at, mut seen, mut steps) = (head, head, 0_u64);
        while let Some(parent) = self.links(at)?.kin.parents.first() {
            at = *parent;
            if at == seen {
                let error = git2::Error::from_str("it is its own ancestor");
                return Err(failed(format!("read commit {at}"), &error));
            }
            // Every cycle is gone round once between two powers of two (Brent's algorithm).
            steps += 1;
            if steps.is_power_of_two() {
                seen = at;
            }
        }
        Ok(at)
    }

    /// The parents of a commit as it can be read here: none where the clone was cut.
    fn links(&self, id: Oid) -> Result<Links, SourceError> {
        let commit = self.contents.commit(id);
        let commit = commit.map_err(|error| failed(format!("read commit {id}"), &error))?;
        let Lineage { mut parents, seconds, .. } = commit;
        let cut = self.shallow.contains(&id) && !parents.is_empty();
        if cut {
            parents.clear();
        }
        Ok(Links { kin: Kin { seconds, parents }, cut })
    }
}

/// A walk from two commits, newest first, that ends when everything ahead is known to both.
struct Walk<'p> {
    marks: BTreeMap<Oid, Mark>,
    queue: BinaryHeap<(i64, Oid)>,
    /// How many waiting commits are not stale.
    live: usize,
    progress: &'p Progress,
}

struct Mark {
    flags: u8,
    links: Links,
    waiting: bool,
}

impl<'p> Walk<'p> {
    fn new(progress: &'p Progress) -> Self {
        Self { marks: BTreeMap::new(), queue: BinaryHeap::new(), live: 0, progress }
    }

    /// Comes across a commit; it waits to be walked (again) if that says anything new of it.
    fn meet(&mut self, id: Oid, flags: u8, graph: &Graph<'_>) -> Result<(), SourceError> {
        let mark = match self.marks.entry(id) {
            Entry::Occupied(seen) => seen.into_mut(),
            Entry::Vacant(unseen) => {
                unseen.insert(Mark { flags: 0, links: graph.links(id)?, waiting: false })
            }
        };
        let (seconds, news) = (mark.links.kin.seconds, mark.flags | flags);
        if news == mark.flags {
            return Ok(());
        }
        let was_live = mark.waiting && mark.flags & STALE == 0;
        mark.flags = news;
        if news == FROM_HEAD {
            self.progress.0.fetch_min(seconds, Ordering::Relaxed);
        }
        if !mark.waiting {
            mark.waiting = true;
            self.queue.push((seconds, id));
        }
        match (was_live, news & STALE == 0) {
            (false, true) => self.live += 1,
            (true, false) => self.live -= 1,
            (true, true) | (false, false) => {}
        }
        Ok(())
    }

    fn next(&mut self) -> Option<(Oid, u8, Links)> {
        let (newest, _) = self.queue.peek()?;
        if self.live == 0 && !self.progress.may_reach(*newest) {
            return None;
        }
        let (_, id) = self.queue.pop()?;
        let mark = self.marks.get_mut(&id)?;
        mark.waiting = false;
        if mark.flags & STALE == 0 {
            self.live -= 1;
        }
        Some((id, mark.flags, mark.links.clone()))
    }

    fn with_flags(&self, flags: u8) -> Vec<Oid> {
        let marked = self.marks.iter().filter(|(_, mark)| mark.flags == flags);
        newest_first(marked.map(|(id, mark)| (*id, mark.links.kin.seconds)))
    }

    fn into_heads(self) -> Family {
        let of_heads = self.marks.into_iter().filter(|(_, mark)| mark.flags == FROM_HEAD);
        of_heads.map(|(id, mark)| (id, mark.links.kin)).collect()
    }
}

/// The commits at which a walk could not go on.
#[derive(Default)]
struct Edges {
    cut: BTreeSet<Oid>,
    first: BTreeSet<Oid>,
}

impl Edges {
    fn note(&mut self, id: Oid, links: &Links) {
        if links.cut {
            self.cut.insert(id);
        } else if links.kin.parents.is_empty() {
            self.first.insert(id);
        }
    }

    /// A cut on the head's side hides where it leaves the base. A cut on the base's side does so
    /// too if the head's side goes all the way back without meeting it.
    fn cut_before(&self, walk: &Walk<'_>) -> Option<Oid> {
        let of_head = |id: &&Oid| walk.marks.get(id).is_some_and(|mark| mark.flags == FROM_HEAD);
        let ends = self.first.iter().any(|id| of_head(&id));
        self.cut.iter().find(of_head).or_else(|| self.cut.first().filter(|_| ends)).copied()
    }
}

/// Commits with what it takes to put them in order.
pub(super) type Family = BTreeMap<Oid, Kin>;

/// When a commit says that it was made, and its parents.
#[derive(Debug, Clone)]
pub(super) struct Kin {
    pub(super) seconds: i64,
    pub(super) parents: Vec<Oid>,
}

/// The commits of a family, each before its parents; see [`order`].
pub(super) fn children_first(family: &Family) -> Vec<Oid> {
    let ids: Vec<_> = family.keys().copied().collect();
    let kin: Vec<_> = family.values().collect();
    let number = |id: &Oid| u32::try_from(ids.binary_search(id).ok()?).ok();
    let seconds = |at: u32| kin.get(at as usize).map_or(0, |kin| kin.seconds);
    let parents = |at: u32| kin.get(at as usize).into_iter().flat_map(|kin| &kin.parents);
    order(&ids, seconds, |at| parents(at).filter_map(number))
}

/// Commits, each before its parents; of those that could come next the newest, and of two of one second
/// the one with the greater id. A commit's parents are told by their places among the ids. Those that are their
/// own ancestors, as only a forged repository has them, come last.
pub(super) fn order<P: Iterator<Item = u32>>(
    ids: &[Oid],
    seconds: impl Fn(u32) -> i64,
    parents: impl Fn(u32) -> P,
) -> Vec<Oid> {
    let mut children = vec![0_u32; ids.len()];
    for parent in (0_u32..).zip(ids).flat_map(|(at, _)| parents(at)) {
        children.get_mut(parent as usize).into_iter().for_each(|count| *count += 1);
    }
    let entry = |at: u32, id: &Oid| (seconds(at), *id, at);
    let all = (0_u32..).zip(ids).zip(&children);
    let childless = all.filter(|(_, count)| **count == 0);
    let mut ready: BinaryHeap<_> = childless.map(|((at, id), _)| entry(at, id)).collect();
    let mut ordered = Vec::with_capacity(ids.len());
    while let Some((_, id, at)) = ready.pop() {
        ordered.push(id);
        for parent in parents(at) {
            let Some(left) = children.get_mut(parent as usize) else { continue };
            *left -= 1;
            ready.extend(
                ids.get(parent as usize).filter(|_| *left == 0).map(|id| entry(parent, id)),
            );
        }
    }
    let left = (0_u32..).zip(ids).zip(&children).filter(|(_, count)| **count > 0);
    let mut left: Vec<_> = left.map(|((at, id), _)| entry(at, id)).collect();
    left.sort_unstable_by(|a, b| b.cmp(a));
    ordered.extend(left.into_iter().map(|(_, id, _)| id));
    ordered
}

fn newest_first(commits: impl Iterator<Item = (Oid, i64)>) -> Vec<Oid> {
    let mut ordered: Vec<_> = commits.map(|(id, seconds)| (seconds, id)).collect();
    ordered.sort_unstable_by(|a, b| b.cmp(a));
    ordered.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(number: usize) -> Oid {
        Oid::from_str(&format!("{number:040x}")).unwrap()
    }

    /// A history whose clocks say anything: commit `n` has parents below `n` alone.
    fn family() -> impl Strategy<Value = Family> {
        let commit = (0..4_i64, prop::collection::vec(any::<prop::sample::Index>(), 0..3));
        prop::collection::vec(commit, 1..40).prop_map(|commits| {
            let kin = commits.into_iter().enumerate().map(|(number, (seconds, parents))| {
                let parents = parents.iter().filter(|_| number > 0);
                let parents: BTreeSet<_> = parents.map(|parent| parent.index(number)).collect();
                (name(number), Kin { seconds, parents: parents.into_iter().map(name).collect() })
            });
            kin.collect()
        })
    }

    proptest! {
        #[test]
        fn every_commit_comes_once_and_before_its_parents(family in family()) {
            let ordered = children_first(&family);
            let places: BTreeMap<_, _> = ordered.iter().zip(0..).collect();
            prop_assert_eq!((ordered.len(), places.len()), (family.len(), family.len()));
            for (id, kin) in &family {
                for parent in &kin.parents {
                    prop_assert!(places[id] < places[parent]);
                }
            }
        }

        #[test]
        fn commits_that_are_not_related_come_newest_first(seconds in prop::collection::vec(0..4_i64, 0..20)) {
            let kin = |seconds: &i64| Kin { seconds: *seconds, parents: Vec::new() };
            let family: Family = (0..).map(name).zip(seconds.iter().map(kin)).collect();
            let times = seconds.iter().enumerate().map(|(number, seconds)| (name(number), *seconds));
            prop_assert_eq!(children_first(&family), newest_first(times));
        }
    }

    #[test]
    fn commits_that_are_their_own_ancestors_are_not_lost() {
        let kin = |parent| Kin { seconds: 1, parents: vec![name(parent)] };
        let family = Family::from([(name(1), kin(2)), (name(2), kin(1)), (name(3), kin(3))]);
        assert_eq!(children_first(&family), [3, 2, 1].map(name));
    }

    #[test]
    fn who_reads_ahead_goes_no_farther_than_the_walk() {
        let progress = Progress::default();
        progress.0.fetch_min(1_000_000, Ordering::Relaxed);
        assert!(progress.may_reach(1_000_000 - CLOCK_SKEW));
        assert!(!progress.may_reach(1_000_000 - CLOCK_SKEW - 1));
    }

    #[test]
    fn a_parent_outside_the_family_holds_nobody_up() {
        let kin = |seconds, parents: &[usize]| Kin {
            seconds,
            parents: parents.iter().copied().map(name).collect(),
        };
        let family = Family::from([(name(2), kin(1, &[9])), (name(3), kin(0, &[2, 9]))]);
        assert_eq!(children_first(&family), [name(3), name(2)]);
    }
}
