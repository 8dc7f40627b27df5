//! A whole history, read in a few times the time that decoding it takes.
//!
//! Every object is decoded once and shown to the sieve with what is new in it: commits ([`links`]), then
//! trees and blobs ([`survey`]), and while these are decoded it is found out which commits are asked for
//! and what refs say of them. Then each commit is compared with its parents by what was learned
//! ([`compare`]): where nothing that the sieve let through differs, the commit is counted and done. The
//! others are read as every source reads them, so that what is found, and where, is decided in one
//! place; of their files, those are passed over that the sieve held back.
//!
//! Measured against the designs that it took the place of, processor time of secrets and policies on two
//! threads of a busy machine. rust-lang/cargo (23,077 commits): commit by commit through libgit2 16 s,
//! this 5.2 s then; a second pass through libgit2 instead of [`decoded`] 7 s. Peak memory of rails
//! (99,429 commits): names of trees as hashes and libgit2 in the second pass 872 MB, this 537 MB then.
//!
//! What it costs now, of all refs of rails (160,769 commits, secrets alone, 7.6 s and 446 MB where
//! git gives out all objects in 7.9 s by two processes, gix-pack decodes them in 5.9 s and without
//! hashing in 3.2 s, and our reader in 2.3 s): inflating and reading 21 %, the sieve 31 %, of which the
//! search for keywords is a third and that for what is encoded a fifth, the second pass 13 %, trees 7 %,
//! to find objects by their names 5 %, commits 4 %.
//! Of 1,646 MB that deltas make in the history of cargo 96 MB are new, in 5.4 million
//! pieces: with what has to be read around each the sieve reads 300 MB. Blocks of the pack kept for the
//! next read would be used by four reads of ten, which is not worth reading whole blocks.

mod compare;
mod decoded;
mod links;
mod names;
mod survey;
mod tree;
mod trees;

use super::super::remarks::{Remarks, locked};
use super::super::{Coverage, SHARE, Sieve, SourceError};
use super::batch::Choice;
use super::commits::{push_one, push_others, push_some};
use super::contents::Held;
use super::diff::Touched;
use super::graph::Reached;
use super::labels::Labels;
use super::pack::{From, Kind, Name, Objects, Visitor};
use super::store::Store;
use crate::finding::RepoPath;
use compare::Change;
use decoded::Decoded;
use git2::Oid;
use links::Links;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
pub(super) use survey::Survey;
use survey::Surveyor;
use tree::Grammar;

/// Decodes every object of a repository and looks at none: what no reader of a whole history can be
/// faster than. Returns how many bytes that is.
pub(super) fn floor(store: &Store) -> io::Result<u64> {
    let bytes = AtomicU64::new(0);
    objects(store)?.visit(store, &Nobody { bytes: &bytes })?;
    Ok(bytes.into_inner())
}

fn objects(store: &Store) -> io::Result<Objects> {
    Objects::open(&store.folders)
}

/// Looks at nothing.
struct Nobody<'a> {
    bytes: &'a AtomicU64,
}

impl Visitor for Nobody<'_> {
    type Kept = ();

    fn wants(&self, _: Kind) -> bool {
        true
    }

    fn visit(&self, _: u32, _: Kind, bytes: &[u8], _: Option<From<'_, ()>>) {
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}

/// The objects of a repository and, once they have been read, the commits among them.
pub(super) struct Bulk {
    objects: Objects,
    links: OnceLock<Links>,
}

impl Bulk {
    /// Opens every pack. An error is a repository that has to be read commit by commit.
    pub(super) fn open(store: &Store) -> io::Result<Self> {
        Ok(Self { objects: objects(store)?, links: OnceLock::new() })
    }

    /// Reads every commit and shows it to the sieve. An error is a repository as above; what needs
    /// commits answers `None` before this was asked and where it failed.
    pub(super) fn read_commits(&self, store: &Store, sieve: &dyn Sieve) -> io::Result<()> {
        let links = Links::read(&self.objects, store, sieve)?;
        self.links.get_or_init(|| links);
        Ok(())
    }

    /// Every commit that can be reached from `tips`; `None` where one is missing.
    pub(super) fn reachable(&self, tips: &[Oid]) -> Option<Reached> {
        self.links.get()?.reachable(&self.objects, tips)
    }

    /// Whether an object is known to be a commit.
    pub(super) fn has_commit(&self, id: Oid) -> bool {
        self.links.get().is_some_and(|links| links.named(&self.objects, id).is_some())
    }

    /// The first commit of a commit's own line.
    pub(super) fn first(&self, head: Oid) -> Option<Oid> {
        self.links.get()?.first(&self.objects, head)
    }

    /// Decodes trees and blobs and shows them to the sieve; `None` if that cannot be done.
    pub(super) fn survey(&self, store: &Store, sieve: &dyn Sieve) -> Option<Survey> {
        let survey = Survey::new(&self.objects);
        let number = |name: &Name| survey.number(&self.objects, name);
        let wanted = |name: &[u8]| sieve.name(name);
        let grammar = Grammar { names: &survey.names, number: &number, wanted: &wanted };
        self.objects.visit(store, &Surveyor { survey: &survey, sieve, grammar }).ok()?;
        survey.settle();
        (!survey.is_odd()).then_some(survey)
    }

    /// Pushes what of the commits the sieve lets through.
    pub(super) fn push(
        &self,
        store: &Store,
        commits: &[Oid],
        sifted: &Sifted<'_>,
        remarks: Remarks<'_>,
    ) -> Result<Coverage, SourceError> {
        let Sifted { survey, sieve, labels } = *sifted;
        push_others(store, labels, &remarks);
        let paths = Mutex::default();
        let pass = Pass { bulk: self, store, labels, survey, sieve, remarks: &remarks, paths };
        let commits = commits.par_iter().with_max_len(SHARE);
        let pushed =
            commits.map(|id| pass.commit(*id)).try_reduce(Coverage::default, |a, b| Ok(a + b))?;
        remarks.finish();
        Ok(pushed + Coverage { refs: labels.refs, ..Coverage::default() })
    }

    fn number(&self, id: Oid) -> Option<u32> {
        self.objects.find(&Name::try_from(id.as_bytes()).ok()?)
    }
}

/// What there is to push, and what tells which of it.
pub(super) struct Sifted<'a> {
    pub(super) survey: &'a Survey,
    pub(super) sieve: &'a dyn Sieve,
    pub(super) labels: &'a Labels,
}

/// The commits of one visit.
struct Pass<'a> {
    bulk: &'a Bulk,
    store: &'a Store,
    labels: &'a Labels,
    survey: &'a Survey,
    sieve: &'a dyn Sieve,
    remarks: &'a Remarks<'a>,
    /// Which paths are wanted, by the numbers of their names.
    paths: Mutex<BTreeMap<Vec<u32>, bool>>,
}

impl Pass<'_> {
    fn commit(&self, id: Oid) -> Result<Coverage, SourceError> {
        let change = self.change(id);
        let Some(change) = change.filter(|change| !change.unknown) else {
            return push_one(self.store, id, self.labels, self.remarks);
        };
        if change.look || self.goes_with_something(id)? {
            let wanted = |touched: &Touched| self.wants(touched);
            let objects = &self.bulk.objects;
            let known = Decoded { objects, survey: self.survey, packs: self.store.packs() };
            let choice = Choice { wanted: Some(&wanted), known: Some(&known) };
            push_some(self.store, id, self.labels, self.remarks, &choice)?;
        }
        Ok(Coverage { commits: 1, files: change.files, bytes: change.bytes, ..Coverage::default() })
    }

    /// What a commit changes, as far as the survey can tell.
    fn change(&self, id: Oid) -> Option<Change> {
        let links = self.bulk.links.get()?;
        let commit = links.named(&self.bulk.objects, id)?;
        let parents: Vec<_> = links.parents(commit)?.iter().map(|parent| parent.tree).collect();
        let wants_path = |path: &[u32]| self.wants_path(path);
        let mut change = compare::compare(self.survey, commit.tree, &parents, &wants_path);
        change.look |= commit.matters;
        Some(change)
    }

    /// Whether a file at a path is worth reading, whatever it holds; asked of a path once.
    fn wants_path(&self, path: &[u32]) -> bool {
        if let Some(wanted) = locked(&self.paths).get(path) {
            return *wanted;
        }
        let names = path.iter().map(|name| self.survey.names.name(*name));
        let names = names.collect::<Option<Vec<_>>>();
        let path_of = |names: Vec<Vec<u8>>| RepoPath::new(names.join(&b'/'));
        let wanted = names.is_none_or(|names| self.sieve.path(&path_of(names)));
        locked(&self.paths).insert(path.to_vec(), wanted);
        wanted
    }

    fn goes_with_something(&self, id: Oid) -> Result<bool, SourceError> {
        if !self.labels.go_with(id) {
            return Ok(false);
        }
        let wanted = |text: &[u8]| self.sieve.text(text);
        self.store.with(|repository| Ok(self.labels.matter(repository, id, self.remarks, wanted)))
    }

    /// Whether a file that differs is worth reading.
    fn wants(&self, touched: &Touched) -> bool {
        let Held::Blob(_) = touched.node.held else { return true };
        let Some(number) = self.bulk.number(touched.node.id) else { return true };
        let earlier = touched.earlier.iter().flatten();
        let earlier = earlier.filter(|node| matches!(node.held, Held::Blob(_)));
        let earlier: Vec<_> = earlier.filter_map(|node| self.bulk.number(node.id)).collect();
        let mut parts = touched.path.as_bytes().split(|byte| *byte == b'/');
        self.survey.adds(number, &earlier)
            || parts.any(|part| self.sieve.name(part)) && self.sieve.path(&touched.path)
    }
}

/// What is not as git writes it.
fn unusual() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an object is not as git writes them")
}
