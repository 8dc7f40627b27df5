//! Which commits lie between two others, and which can be reached at all.
//!
//! Parents are read from the commit objects themselves, so that grafts in this clone cannot hide a
//! commit. A shallow clone's cut is no first commit: whoever meets one is told.

use super::super::SourceError;
use super::store::failed;
use git2::{Commit, Oid, Repository};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

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
    repository: &'r Repository,
    shallow: &'r BTreeSet<Oid>,
}

/// What lies between two commits.
pub(super) struct Between {
    /// The commits that the head reaches and the base does not, newest first.
    pub(super) commits: Vec<Oid>,
    /// The best commits that both reach, newest first.
    pub(super) bases: Vec<Oid>,
    /// Where a shallow clone was cut before the two met: the commits cannot be trusted.
    pub(super) cut: Option<Oid>,
}

/// What can be reached from some commits.
pub(super) struct Reached {
    /// Every commit, newest first.
    pub(super) commits: Vec<Oid>,
    /// The first of those at which a shallow clone was cut.
    pub(super) cut: Option<Oid>,
}

/// A commit as a walk sees it.
struct Links {
    parents: Vec<Oid>,
    cut: bool,
}

impl<'r> Graph<'r> {
    pub(super) fn new(repository: &'r Repository, shallow: &'r BTreeSet<Oid>) -> Self {
        Self { repository, shallow }
    }

    /// The commits from `base` (exclusive) to `head`.
    pub(super) fn between(&self, base: Oid, head: Oid) -> Result<Between, SourceError> {
        let mut walk = Walk::new();
        walk.meet(base, FROM_BASE, self.seconds(base)?);
        walk.meet(head, FROM_HEAD, self.seconds(head)?);
        let mut edges = Edges::default();
        while let Some((id, flags)) = walk.next() {
            let links = self.links(id)?;
            edges.note(id, &links);
            let below = if flags & FROM_BOTH == FROM_BOTH { flags | STALE } else { flags };
            for parent in links.parents {
                let seconds = self.seconds(parent)?;
                walk.meet(parent, below, seconds);
            }
        }
        let commits = walk.with_flags(FROM_HEAD);
        let cut = edges.cut_before(&walk);
        Ok(Between { commits, bases: walk.with_flags(FROM_BOTH), cut })
    }

    /// Every commit that can be reached from `tips`.
    pub(super) fn reachable(&self, tips: &[Oid]) -> Result<Reached, SourceError> {
        let mut times = BTreeMap::new();
        let mut cuts = BTreeSet::new();
        let mut waiting = tips.to_vec();
        while let Some(id) = waiting.pop() {
            if times.contains_key(&id) {
                continue;
            }
            let links = self.links(id)?;
            times.insert(id, self.seconds(id)?);
            if links.cut {
                cuts.insert(id);
            }
            waiting.extend(links.parents);
        }
        Ok(Reached { commits: newest_first(times.into_iter()), cut: cuts.pop_first() })
    }

    /// The first commit of `head`'s own line, or where a shallow clone was cut.
    pub(super) fn first(&self, head: Oid) -> Result<Oid, SourceError> {
        let mut at = head;
        while let Some(parent) = self.links(at)?.parents.first() {
            at = *parent;
        }
        Ok(at)
    }

    /// The parents of a commit as it can be read here: none where the clone was cut.
    pub(super) fn parents(&self, id: Oid) -> Result<Vec<Oid>, SourceError> {
        self.links(id).map(|links| links.parents)
    }

    fn links(&self, id: Oid) -> Result<Links, SourceError> {
        let parents = named_parents(&self.commit(id)?);
        let cut = self.shallow.contains(&id) && !parents.is_empty();
        Ok(Links { parents: if cut { Vec::new() } else { parents }, cut })
    }

    fn seconds(&self, id: Oid) -> Result<i64, SourceError> {
        self.commit(id).map(|commit| commit.time().seconds())
    }

    fn commit(&self, id: Oid) -> Result<Commit<'r>, SourceError> {
        self.repository.find_commit(id).map_err(|error| failed(format!("read commit {id}"), &error))
    }
}

/// The parents that a commit object names.
pub(super) fn named_parents(commit: &Commit<'_>) -> Vec<Oid> {
    let header = commit.raw_header_bytes().split(|byte| *byte == b'\n');
    let named = header.skip(1).map_while(|line| line.strip_prefix(b"parent "));
    named.filter_map(|hex| Oid::from_str(std::str::from_utf8(hex).ok()?).ok()).collect()
}

/// A walk from two commits, newest first, that ends when everything ahead is known to both.
struct Walk {
    marks: BTreeMap<Oid, Mark>,
    queue: BinaryHeap<(i64, Oid)>,
    /// How many waiting commits are not stale.
    live: usize,
    /// The age of the oldest commit that the head alone was seen to reach.
    oldest: i64,
}

struct Mark {
    flags: u8,
    seconds: i64,
    waiting: bool,
}

impl Walk {
    fn new() -> Self {
        Self { marks: BTreeMap::new(), queue: BinaryHeap::new(), live: 0, oldest: i64::MAX }
    }

    /// Comes across a commit; it waits to be walked (again) if that says anything new of it.
    fn meet(&mut self, id: Oid, flags: u8, seconds: i64) {
        let mark = self.marks.entry(id).or_insert(Mark { flags: 0, seconds, waiting: false });
        let news = mark.flags | flags;
        if news == mark.flags {
            return;
        }
        let was_live = mark.waiting && mark.flags & STALE == 0;
        mark.flags = news;
        if news == FROM_HEAD {
            self.oldest = self.oldest.min(seconds);
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
    }

    fn next(&mut self) -> Option<(Oid, u8)> {
        let (newest, _) = self.queue.peek()?;
        if self.live == 0 && newest.saturating_add(CLOCK_SKEW) < self.oldest {
            return None;
        }
        let (_, id) = self.queue.pop()?;
        let mark = self.marks.get_mut(&id)?;
        mark.waiting = false;
        if mark.flags & STALE == 0 {
            self.live -= 1;
        }
        Some((id, mark.flags))
    }

    fn with_flags(&self, flags: u8) -> Vec<Oid> {
        let marked = self.marks.iter().filter(|(_, mark)| mark.flags == flags);
        newest_first(marked.map(|(id, mark)| (*id, mark.seconds)))
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
        } else if links.parents.is_empty() {
            self.first.insert(id);
        }
    }

    /// A cut on the head's side hides where it leaves the base. A cut on the base's side does so
    /// too if the head's side goes all the way back without meeting it.
    fn cut_before(&self, walk: &Walk) -> Option<Oid> {
        let of_head = |id: &&Oid| walk.marks.get(id).is_some_and(|mark| mark.flags == FROM_HEAD);
        let ends = self.first.iter().any(|id| of_head(&id));
        self.cut.iter().find(of_head).or_else(|| self.cut.first().filter(|_| ends)).copied()
    }
}

fn newest_first(commits: impl Iterator<Item = (Oid, i64)>) -> Vec<Oid> {
    let mut ordered: Vec<_> = commits.map(|(id, seconds)| (seconds, id)).collect();
    ordered.sort_unstable_by(|a, b| b.cmp(a));
    ordered.into_iter().map(|(_, id)| id).collect()
}
