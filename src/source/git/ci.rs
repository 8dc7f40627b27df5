//! Which of a provider's names the repository has, and so what there is to scan.

use super::super::ci::{CiBase, CiRange, CiScope};
use super::super::{GitEnvironment, Request, SourceError};
use super::graph::Between;
use super::range::{DEEPEN, complete, resolve};
use super::store::Store;
use git2::{Oid, Repository};
use std::path::Path;

/// Where a default branch is looked for when nobody says its name.
const DEFAULT_BRANCHES: [&str; 3] = ["HEAD", "main", "master"];

/// What to scan for what a CI provider says, in the repository at `path`.
///
/// A change that turns out to hold no commit (a tag on the default branch, a branch pushed where
/// the default branch is) leaves the files to look at. A base that this clone does not have is an
/// error that says how to get it.
pub fn ci_request(
    path: &Path,
    said: &CiRange,
    environment: &GitEnvironment,
) -> Result<Request, SourceError> {
    let CiScope::Commits { bases, head } = &said.scope else { return Ok(Request::Worktree) };
    if bases.contains(&CiBase::Nothing) {
        return Ok(Request::History { all: false });
    }
    let store = Store::open(path, environment)?;
    store.with(|repository| {
        let head = resolve(&store, repository, head)?;
        let Some(base) = bases.iter().find_map(|base| found(repository, base)) else {
            return Err(no_base(&store, said.provider, bases));
        };
        request(&store.graph(repository).between(&[base], &[head])?, base, head)
    })
}

/// Three dots: a base is the tip of what it was, not always where the change left it.
fn request(between: &Between, base: Oid, head: Oid) -> Result<Request, SourceError> {
    let spec = format!("{base}...{head}");
    complete(&spec, between)?;
    Ok(match (between.commits.is_empty(), between.bases.is_empty()) {
        (true, _) => Request::Worktree,
        (false, true) => Request::Range(format!("{base}..{head}")),
        (false, false) => Request::Range(spec),
    })
}

fn found(repository: &Repository, base: &CiBase) -> Option<Oid> {
    match base {
        CiBase::Commit(id) => {
            let id = Oid::from_str(id).ok()?;
            repository.find_commit(id).ok().map(|commit| commit.id())
        }
        CiBase::Branch(name) => branch(repository, name),
        CiBase::DefaultBranch => {
            DEFAULT_BRANCHES.iter().find_map(|name| tip(repository, &remote(name)))
        }
        CiBase::Nothing => None,
    }
}

fn branch(repository: &Repository, name: &str) -> Option<Oid> {
    tip(repository, &remote(name)).or_else(|| tip(repository, &format!("refs/heads/{name}")))
}

fn remote(name: &str) -> String {
    format!("refs/remotes/origin/{name}")
}

fn tip(repository: &Repository, name: &str) -> Option<Oid> {
    let reference = repository.find_reference(name).ok()?;
    reference.peel_to_commit().ok().map(|commit| commit.id())
}

fn no_base(store: &Store, provider: &str, bases: &[CiBase]) -> SourceError {
    let name = match bases.first() {
        Some(CiBase::Commit(name) | CiBase::Branch(name)) => name.clone(),
        Some(CiBase::DefaultBranch | CiBase::Nothing) | None => "origin/HEAD".to_owned(),
    };
    let how = if store.shallow.is_empty() {
        format!("fetch it with `git fetch origin {name}`, or say what to scan with --range")
    } else {
        DEEPEN.to_owned()
    };
    let hint = format!("{provider} says that the change begins there; {how}");
    SourceError::Revision { name, hint }
}
