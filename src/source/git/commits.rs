//! Pushing commits: each one's own changes, against all of its parents.

use super::super::remarks::Remarks;
use super::super::{Commit, Coverage, Person, Sink, SourceError};
use super::batch::Batch;
use super::commit_id;
use super::diff::{Regard, compare};
use super::graph::{Graph, named_parents};
use super::store::{Store, failed};
use git2::{Oid, Repository, Signature};
use rayon::prelude::*;

/// Pushes every commit of a list. What cannot be read of one commit does not keep the others from
/// being looked at; it is told at the end, and the run cannot pass.
pub(super) fn push(
    store: &Store,
    commits: &[Oid],
    sink: &dyn Sink,
) -> Result<Coverage, SourceError> {
    let remarks = Remarks::new(sink);
    let pushed = commits
        .par_iter()
        .map(|id| push_one(store, *id, &remarks))
        .try_reduce(Coverage::default, |a, b| Ok(a + b))?;
    remarks.finish();
    Ok(pushed)
}

fn push_one(store: &Store, id: Oid, remarks: &Remarks<'_>) -> Result<Coverage, SourceError> {
    let (commit, batch) = match store.with(|repository| read(store, repository, id)) {
        Ok(read) => read,
        Err(error) => {
            remarks.lost(format!("commit {id} ({error})"));
            return Ok(Coverage::default());
        }
    };
    remarks.sink.commit(&commit);
    let files = batch.push(store, remarks)?;
    Ok(files + Coverage { commits: 1, ..Coverage::default() })
}

fn read(store: &Store, repo: &Repository, id: Oid) -> Result<(Commit, Batch), SourceError> {
    let read = |error| failed(format!("read commit {id}"), &error);
    let commit = repo.find_commit(id).map_err(read)?;
    let parents = Graph::new(repo, &store.shallow).parents(id)?;
    let trees = parents.iter().map(|parent| Ok(Some(repo.find_commit(*parent)?.tree_id())));
    let trees: Vec<_> = trees.collect::<Result<_, _>>().map_err(read)?;
    let difference = compare(repo, Some(commit.tree_id()), &trees, Regard::Content)?;
    let batch = Batch::new(Some(commit_id(id)), &trees, difference);
    let about = Commit {
        id: commit_id(id),
        parents: named_parents(&commit).into_iter().map(commit_id).collect(),
        author: person(&commit.author()),
        committer: person(&commit.committer()),
        message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
        anchor: batch.anchor().cloned(),
    };
    Ok((about, batch))
}

fn person(signature: &Signature<'_>) -> Person {
    Person {
        name: String::from_utf8_lossy(signature.name_bytes()).into_owned(),
        email: String::from_utf8_lossy(signature.email_bytes()).into_owned(),
        seconds: signature.when().seconds(),
    }
}
