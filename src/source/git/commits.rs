//! Pushing commits: each one's own changes, against all of its parents, and the texts that go with it.

use super::super::remarks::Remarks;
use super::super::{Commit, Coverage, Label, Person, Sink, SourceError};
use super::batch::{Batch, Choice};
use super::commit_id;
use super::contents::{Contents, named_parents};
use super::diff::{Regard, compare};
use super::labels::{Labels, extra_headers};
use super::record::Record;
use super::store::{Store, failed};
use crate::finding::{CommitId, RepoPath};
use git2::{Oid, Signature};
use rayon::prelude::*;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A list of commits, each before its parents.
pub(super) struct Commits {
    pub(super) newest_first: Vec<Oid>,
    ranks: OnceLock<BTreeMap<Oid, usize>>,
}

impl Commits {
    pub(super) fn new(newest_first: Vec<Oid>) -> Self {
        Self { newest_first, ranks: OnceLock::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.newest_first.is_empty()
    }

    pub(super) fn contains(&self, id: Oid) -> bool {
        self.ranks().contains_key(&id)
    }

    /// Where a commit comes; see [`super::super::Source::rank`].
    pub(super) fn rank(&self, commit: &CommitId) -> usize {
        let id = Oid::from_str(commit.as_str()).ok();
        id.and_then(|id| self.ranks().get(&id).copied()).unwrap_or(usize::MAX)
    }

    fn ranks(&self) -> &BTreeMap<Oid, usize> {
        let ranks = || self.newest_first.iter().rev().copied().zip(0..).collect();
        self.ranks.get_or_init(ranks)
    }
}

/// Pushes every commit of a list, and the texts that go with them, which are looked for meanwhile.
/// What cannot be read of one commit does not keep the others from being looked at; it is told at the
/// end, and the run cannot pass.
pub(super) fn push<L: Borrow<Labels> + Send>(
    store: &Store,
    commits: &[Oid],
    labels: impl FnOnce(&Remarks<'_>) -> Result<L, SourceError> + Send,
    remarks: Remarks<'_>,
) -> Result<Coverage, SourceError> {
    let bare = Labels::default();
    let push = |id: &Oid| push_one(store, *id, &bare, &remarks);
    let pushed = || {
        let pushed = commits.iter().par_bridge().map(push);
        pushed.try_reduce(Coverage::default, |a, b| Ok(a + b))
    };
    let (pushed, labels) = rayon::join(pushed, || labels(&remarks));
    let (pushed, labels) = (pushed?, labels?);
    let labels = labels.borrow();
    push_others(store, labels, &remarks);
    let labelled = commits.par_iter().filter(|id| labels.go_with(**id));
    labelled.try_for_each(|id| push_texts(store, *id, labels, &remarks))?;
    remarks.finish();
    Ok(pushed + Coverage { refs: labels.refs, ..Coverage::default() })
}

/// Pushes the texts that go with none of the commits.
pub(super) fn push_others(store: &Store, labels: &Labels, remarks: &Remarks<'_>) {
    let others =
        labels.others.iter().filter(|(_, label)| is_worth_a_look(&label.text, remarks.sink));
    for (id, label) in others {
        let anchor = id.and_then(|id| anchor(store, id));
        remarks.sink.label(&Label { anchor, ..label.clone() });
    }
}

/// Pushes the texts that go with a commit.
fn push_texts(
    store: &Store,
    id: Oid,
    labels: &Labels,
    remarks: &Remarks<'_>,
) -> Result<(), SourceError> {
    let mut texts = store.with(|repository| Ok(labels.about(repository, id, remarks)))?;
    texts.retain(|text| is_worth_a_look(&text.text, remarks.sink));
    let anchor = if texts.is_empty() { None } else { anchor(store, id) };
    for text in texts {
        remarks.sink.label(&Label { anchor: anchor.clone(), ..text });
    }
    Ok(())
}

/// Whether anything may be found in a text, for which it is worth to look for what it is about.
pub(super) fn is_worth_a_look(text: &[u8], sink: &dyn Sink) -> bool {
    sink.sieve().is_none_or(|sieve| sieve.text(text))
}

/// The path that stands for a commit; see [`Batch::anchor`].
fn anchor(store: &Store, id: Oid) -> Option<RepoPath> {
    store.with(|repository| read(store, store.contents(repository), id)).ok()?.commit.anchor
}

/// Pushes one commit.
pub(super) fn push_one(
    store: &Store,
    id: Oid,
    labels: &Labels,
    remarks: &Remarks<'_>,
) -> Result<Coverage, SourceError> {
    push_some(store, id, labels, remarks, &Choice::default())
}

/// Pushes a commit and those of its files that are chosen.
pub(super) fn push_some(
    store: &Store,
    id: Oid,
    labels: &Labels,
    remarks: &Remarks<'_>,
    choice: &Choice<'_>,
) -> Result<Coverage, SourceError> {
    let read = |repository: &_| read(store, choice.contents(store, repository), id);
    let Read { commit, headers, batch } = match store.with(read) {
        Ok(read) => read,
        Err(error) => {
            remarks.lost(format!("commit {id} ({error})"));
            return Ok(Coverage::default());
        }
    };
    remarks.sink.commit(&commit);
    let texts = store.with(|repository| Ok(labels.about(repository, id, remarks)))?;
    for text in texts.into_iter().chain(headers) {
        remarks.sink.label(&Label { anchor: commit.anchor.clone(), ..text });
    }
    let files = batch.push_some(store, remarks, choice)?;
    Ok(files + Coverage { commits: 1, ..Coverage::default() })
}

/// A commit that was read.
struct Read {
    commit: Commit,
    /// The headers that nobody else reads.
    headers: Option<Label>,
    batch: Batch,
}

fn read(store: &Store, from: Contents<'_>, id: Oid) -> Result<Read, SourceError> {
    let read = |error| failed(format!("read commit {id}"), &error);
    let Said { tree, parents, commit, headers } = said(from, id).map_err(read)?;
    // A shallow clone does not have those of a commit at which it was cut.
    let here = if store.shallow.contains(&id) { &[][..] } else { &parents };
    let trees = here.iter().map(|parent| Ok(Some(from.commit(*parent)?.tree)));
    let trees: Vec<_> = trees.collect::<Result<_, _>>().map_err(read)?;
    let difference = compare(from, Some(tree), &trees, Regard::Content)?;
    let batch = Batch::new(Some(commit_id(id)), &trees, difference);
    let commit = Commit { anchor: batch.anchor().cloned(), ..commit };
    Ok(Read { commit, headers, batch })
}

/// What a commit says of itself.
struct Said {
    tree: Oid,
    parents: Vec<Oid>,
    commit: Commit,
    headers: Option<Label>,
}

/// Reads a commit here, if it is written as most are; else libgit2 does.
fn said(from: Contents<'_>, id: Oid) -> Result<Said, git2::Error> {
    let known = from.known.record(id);
    let record = known.as_ref().and_then(|bytes| Record::read(bytes));
    if let Some(record) = record.filter(|record| !record.has_more) {
        let tree = Oid::from_bytes(&record.tree)?;
        let parents = record.parents.iter().map(|parent| Oid::from_bytes(parent));
        let parents = parents.collect::<Result<_, _>>()?;
        return Ok(Said { tree, parents, commit: record.commit(id), headers: None });
    }
    let commit = from.repository.find_commit(id)?;
    let parents = named_parents(&commit);
    let about = Commit {
        id: commit_id(id),
        parents: parents.iter().copied().map(commit_id).collect(),
        author: person(&commit.author()),
        committer: person(&commit.committer()),
        message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
        anchor: None,
    };
    let headers = extra_headers(&commit);
    Ok(Said { tree: commit.tree_id(), parents, commit: about, headers })
}

fn person(signature: &Signature<'_>) -> Person {
    Person {
        name: String::from_utf8_lossy(signature.name_bytes()).into_owned(),
        email: String::from_utf8_lossy(signature.email_bytes()).into_owned(),
        seconds: signature.when().seconds(),
    }
}
