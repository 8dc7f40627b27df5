//! Every commit that can be reached.

use super::super::remarks::Remarks;
use super::super::{
    Clean, Coverage, Delta, GitEnvironment, Kind, Origin, Sieve, Sink, Source, SourceError, Tree,
};
use super::commit_id;
use super::commits::{self, Commits};
use super::graph::Reached;
use super::labels::{Followed, Labels, Refs};
use super::open::{head, no_commits};
use super::pack::Access;
use super::refs::Ref;
use super::sift::{Bulk, Sifted};
use super::store::{Store, failed};
use super::tree::GitTree;
use crate::finding::{CommitId, Level, Notice, Salt};
use git2::{ErrorCode, ObjectType, Oid, Repository};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What the tips lead to.
struct Found {
    commits: Commits,
    /// Where a shallow clone was cut.
    cut: Option<Oid>,
    /// Refs that stand for no commit.
    passed_over: Vec<Notice>,
}

/// The commits of `HEAD`, or of every ref.
pub(in super::super) struct History {
    store: Arc<Store>,
    origin: Origin,
    at: Option<Oid>,
    /// Every other ref, if they are asked for.
    others: Option<Vec<Ref>>,
    reached: OnceLock<Found>,
    /// Kept to the end: to let go of the names of fifty thousand refs takes its time.
    labels: OnceLock<Labels>,
    /// `None` for a repository that has to be read commit by commit.
    bulk: Option<Bulk>,
    head: GitTree,
}

impl History {
    /// Opens the history of `HEAD`; with `all`, of every other ref too.
    pub(in super::super) fn open(
        path: &Path,
        all: bool,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let store = Arc::new(Store::open(path, environment)?);
        store.packs_for(Access::Many);
        let ends = || {
            store.with(|repository| {
                let at = head(repository)?.map(|commit| (commit.id(), commit.tree_id()));
                let others = all.then(|| refs(repository)).transpose()?;
                Ok((at.unzip(), others))
            })
        };
        let (bulk, ends) = rayon::join(|| Bulk::open(&store).ok(), ends);
        let ((at, tree), others) = ends?;
        if at.is_none() && others.as_ref().is_none_or(Vec::is_empty) {
            return Err(no_commits(&store));
        }
        let origin = Origin {
            kind: Kind::History,
            repository: path.display().to_string(),
            base: None,
            head: at.map(commit_id),
        };
        let head = GitTree::new(&store, tree);
        Ok(Self {
            store,
            origin,
            at,
            others,
            reached: OnceLock::new(),
            labels: OnceLock::new(),
            bulk,
            head,
        })
    }
}

impl History {
    /// Every commit of the history, looked for when first asked for.
    fn reached(&self) -> Result<&Found, SourceError> {
        if let Some(reached) = self.reached.get() {
            return Ok(reached);
        }
        let Tips { commits: tips, passed_over } = self.store.with(|it| self.tips(it))?;
        let quick = self.bulk.as_ref().and_then(|bulk| bulk.reachable(&tips));
        let slow = || self.store.with(|it| self.store.graph(it).reachable(&tips));
        let Reached { commits, cut } = quick.map_or_else(slow, Ok)?;
        let commits = Commits::new(commits);
        Ok(self.reached.get_or_init(|| Found { commits, cut, passed_over }))
    }

    /// Where the history is read from. That most refs name a commit is known of the objects.
    fn tips(&self, repository: &Repository) -> Result<Tips, SourceError> {
        let is_commit = |id| self.bulk.as_ref().is_some_and(|bulk| bulk.has_commit(id));
        let mut tips = Tips { commits: self.at.into_iter().collect(), ..Tips::default() };
        for one in self.others.iter().flatten() {
            if is_commit(one.object) {
                tips.commits.push(one.object);
            } else {
                tips.add(repository, one)?;
            }
        }
        if tips.commits.is_empty() { Err(no_commits(&self.store)) } else { Ok(tips) }
    }

    /// What reads the history as a whole, with its commits read, and what it is to be shown to.
    fn bulk<'s>(&'s self, sink: &'s dyn Sink) -> Option<(&'s Bulk, &'s dyn Sieve)> {
        let (bulk, sieve) = self.bulk.as_ref().zip(sink.sieve())?;
        bulk.read_commits(&self.store, sieve).ok()?;
        if let Some(first) = self.at.and_then(|at| bulk.first(at)) {
            self.store.begins_with(first);
        }
        Some((bulk, sieve))
    }

    /// The commits, where there is one at which a shallow clone was cut, and what the refs say.
    fn found(&self, remarks: &Remarks<'_>) -> Result<(&Found, &Labels), SourceError> {
        let found = self.reached()?;
        let refs = self.others.as_deref().map_or(Refs::OfCommits, Refs::Every);
        let labels = self
            .store
            .with(|repository| Ok(Labels::of_refs(repository, refs, &found.commits, remarks)))?;
        Ok((found, self.labels.get_or_init(|| labels)))
    }

    /// The commits that have to be read: those that no earlier run found clean, and those with which
    /// texts go that may be newer than they are and are worth a look.
    fn not_known(
        &self,
        all: &[Oid],
        sink: &dyn Sink,
        labels: &Labels,
        remarks: &Remarks<'_>,
    ) -> Vec<Oid> {
        let Some(clean) = sink.clean().filter(|clean| !clean.is_empty()) else {
            return all.to_vec();
        };
        let commits = all.iter().copied();
        let wanted = |text: &[u8]| commits::is_worth_a_look(text, sink);
        let matter = |id: &Oid| {
            let look = |repo: &Repository| Ok(labels.matter(repo, *id, remarks, wanted));
            labels.go_with(*id) && self.store.with(look).unwrap_or(true)
        };
        let new: Vec<_> =
            commits.filter(|id| !clean.contains(id.as_bytes()) || matter(id)).collect();
        let known = all.len() - new.len();
        let message = format!(
            "{known} commits were found clean by an earlier run under the same rules and were not \
             read again"
        );
        sink.notice(Notice::new(Level::Note, message));
        new
    }
}

impl Source for History {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        let remarks = Remarks::new(sink);
        let bulk = self.bulk(sink);
        let survey = || {
            let (bulk, sieve) = bulk?;
            Some((bulk, sieve, bulk.survey(&self.store, sieve)?))
        };
        // Whatever is found, most will have to be decoded, unless an earlier run has been here.
        let first = sink.clean().is_none_or(Clean::is_empty);
        let early = || if first { survey() } else { None };
        let (mut surveyed, found) = rayon::join(early, || self.found(&remarks));
        let (Found { commits, cut, passed_over }, labels) = found?;
        for notice in passed_over {
            sink.notice(notice.clone());
        }
        if let Some(cut) = *cut {
            sink.notice(shallow(cut));
        }
        let new = self.not_known(&commits.newest_first, sink, labels, &remarks);
        let all = commits.newest_first.len();
        let known = Coverage { commits: (all - new.len()) as u64, ..Coverage::default() };
        // A few commits are read sooner than all objects.
        if !first && new.len() >= all / FEW {
            surveyed = survey();
        }
        if let Some((bulk, sieve, survey)) = &surveyed {
            let sifted = Sifted { survey, sieve: *sieve, labels };
            return Ok(known + bulk.push(&self.store, &new, &sifted, remarks)?);
        }
        Ok(known + commits::push(&self.store, &new, |_| Ok(labels), remarks)?)
    }

    fn head(&self) -> &dyn Tree {
        &self.head
    }

    fn base(&self) -> Option<&dyn Tree> {
        None
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        self.head.delta(None)
    }

    fn rank(&self, commit: &CommitId) -> usize {
        self.reached().map_or(usize::MAX, |reached| reached.commits.rank(commit))
    }

    fn salt(&self) -> Salt {
        self.store.salt()
    }

    fn commits(&self) -> Vec<CommitId> {
        let reached = self.reached().map(|reached| reached.commits.newest_first.iter());
        reached.into_iter().flatten().copied().map(commit_id).collect()
    }

    fn git_dir(&self) -> Option<&Path> {
        Some(&self.store.git_dir)
    }
}

/// What is told of the commit at which a shallow clone was cut.
fn shallow(cut: Oid) -> Notice {
    let message = format!(
        "this clone is shallow: nothing before commit {} was looked at; get the rest of the history \
         with `git fetch --unshallow`",
        commit_id(cut).short()
    );
    Notice::new(Level::Error, message)
}

/// Of how many commits at least one has to be new for a history to be decoded as a whole.
const FEW: usize = 16;

/// Where a history is read from.
#[derive(Default)]
struct Tips {
    commits: Vec<Oid>,
    passed_over: Vec<Notice>,
}

impl Tips {
    /// Adds what a ref stands for.
    fn add(&mut self, repository: &Repository, one: &Ref) -> Result<(), SourceError> {
        let name = String::from_utf8_lossy(&one.name);
        let followed = Followed::from(repository, one.object);
        let commit = followed.as_ref().ok().and_then(Followed::commit);
        match (commit, followed) {
            (Some(commit), _) => self.commits.push(commit),
            (None, Ok(Followed { kind: ObjectType::Blob, .. })) => {}
            (None, Err(error)) if repository.find_object(one.object, None).is_err() => {
                return Err(failed(format!("read {name}"), &error));
            }
            (None, _) => self.passed_over.push(Notice::new(
                Level::Warning,
                format!("{name} stands for no commit and was not looked at"),
            )),
        }
        Ok(())
    }
}

/// Every ref.
fn refs(repository: &Repository) -> Result<Vec<Ref>, SourceError> {
    let read = |error: git2::Error| failed("read the refs", &error);
    let mut found = Vec::new();
    for reference in repository.references().map_err(read)? {
        let reference = reference.map_err(read)?;
        // A remote's HEAD may name a branch that is not fetched: it leads nowhere.
        if reference.target().is_none()
            && let Err(error) = reference.resolve()
            && error.code() != ErrorCode::NotFound
        {
            return Err(read(error));
        }
        found.extend(Ref::of(&reference));
    }
    Ok(found)
}
