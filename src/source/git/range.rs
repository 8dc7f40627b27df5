//! The commits between two revisions.

use super::super::remarks::Remarks;
use super::super::{
    Coverage, Delta, GitEnvironment, Kind, Origin, Sink, Source, SourceError, Tree, Wanted,
};
use super::commit_id;
use super::commits::{self, Commits};
use super::contents::{Contents, Known};
use super::graph::{Between, Progress};
use super::labels::{Labels, Refs};
use super::open::{head, no_commits};
use super::store::{Store, failed};
use super::tree::GitTree;
use crate::finding::{CommitId, Salt};
use git2::{Oid, Repository};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// `A..B` or `A...B`.
pub(in super::super) struct Range {
    store: Arc<Store>,
    origin: Origin,
    spec: String,
    /// The commits that were named.
    named: (Oid, Oid),
    commits: OnceLock<Commits>,
    /// How far back the walk to them goes.
    progress: Progress,
    delta: OnceLock<Vec<Delta>>,
    base: GitTree,
    head: GitTree,
}

/// Where the difference between the ends begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// `A..B`: at the base.
    Base,
    /// `A...B`: where the base and the head parted.
    MergeBase,
}

/// A range as typed, taken apart.
struct Ends<'a> {
    base: &'a str,
    head: &'a str,
    start: Start,
}

impl Range {
    /// Opens a range as typed.
    pub(in super::super) fn open(
        path: &Path,
        spec: &str,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let ends = Ends::parse(spec)?;
        let store = Arc::new(Store::open(path, environment)?);
        let progress = Progress::default();
        let (named, between, base, tip) = store.with(|repository| {
            if head(repository)?.is_none() && (ends.base == "HEAD" || ends.head == "HEAD") {
                return Err(no_commits(&store));
            }
            let base = resolve(&store, repository, ends.base)?;
            let tip = resolve(&store, repository, ends.head)?;
            let named = (base, tip);
            let (between, base) = match ends.start {
                Start::Base => (None, base),
                Start::MergeBase => {
                    let between = between(&store, repository, spec, named, &progress)?;
                    let base = merge_base(spec, &between)?;
                    (Some(between), base)
                }
            };
            let contents = store.contents(repository);
            Ok((named, between, tree_of(contents, base)?, tree_of(contents, tip)?))
        })?;
        let origin = Origin {
            kind: Kind::Range,
            repository: path.display().to_string(),
            base: Some(commit_id(base.commit)),
            head: Some(commit_id(tip.commit)),
        };
        let (base, head) =
            (GitTree::new(&store, Some(base.tree)), GitTree::new(&store, Some(tip.tree)));
        let commits = between.map(|between| Commits::new(between.commits));
        let commits = commits.map_or_else(OnceLock::new, OnceLock::from);
        let (spec, delta) = (spec.to_owned(), OnceLock::new());
        Ok(Self { store, origin, spec, named, commits, progress, delta, base, head })
    }

    /// Reads the base's own line until the walk to the commits is over: half of what it has to read is
    /// there, and what was read is known to whoever asks next.
    fn read_ahead(&self) {
        let known: &dyn Known = self.store.packs();
        let read = |id| known.commit(id).filter(|it| self.progress.may_reach(it.seconds));
        let mut at = Some(self.named.0);
        while let Some(commit) = at.filter(|_| self.commits.get().is_none()).and_then(read) {
            at = commit.parents.first().copied();
        }
    }

    /// The commits of the range, looked for when first asked for.
    fn commits(&self) -> Result<&Commits, SourceError> {
        if let Some(commits) = self.commits.get() {
            return Ok(commits);
        }
        let Self { store, spec, named, progress, .. } = self;
        let walk = |repository: &_| between(store, repository, spec, *named, progress);
        let found = self.store.with(walk)?.commits;
        Ok(self.commits.get_or_init(|| Commits::new(found)))
    }
}

impl Source for Range {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    /// To walk is for one thread; another compares the ends meanwhile, and then reads what the walk comes
    /// to. Where that fails it is told to whoever asks for it.
    fn prepare(&self, wanted: Wanted) -> Result<(), SourceError> {
        let other = || {
            if wanted == Wanted::Delta {
                _ = self.delta();
            }
            self.read_ahead();
        };
        rayon::join(|| self.commits().map(|_| ()), other).0
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        let commits = self.commits()?;
        let labels = |remarks: &Remarks<'_>| {
            self.store.with(|repository| {
                Ok(Labels::of_refs(repository, Refs::OfCommits, commits, remarks))
            })
        };
        commits::push(&self.store, &commits.newest_first, labels, Remarks::new(sink))
    }

    fn head(&self) -> &dyn Tree {
        &self.head
    }

    fn base(&self) -> Option<&dyn Tree> {
        Some(&self.base)
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        if let Some(found) = self.delta.get() {
            return Ok(found.clone());
        }
        let found = self.head.delta(Some(&self.base))?;
        Ok(self.delta.get_or_init(|| found).clone())
    }

    fn rank(&self, commit: &CommitId) -> usize {
        self.commits.get().map_or(usize::MAX, |commits| commits.rank(commit))
    }

    fn salt(&self) -> Salt {
        self.store.salt()
    }
}

impl<'a> Ends<'a> {
    fn parse(spec: &'a str) -> Result<Self, SourceError> {
        let three = spec.split_once("...").map(|ends| (ends, Start::MergeBase));
        let found = three.or_else(|| spec.split_once("..").map(|ends| (ends, Start::Base)));
        let Some(((base, head), start)) = found else {
            let hint = "a range is two revisions with dots between them: A..B or A...B".to_owned();
            return Err(SourceError::Revision { name: spec.to_owned(), hint });
        };
        let or_head = |name: &'a str| if name.is_empty() { "HEAD" } else { name };
        Ok(Self { base: or_head(base), head: or_head(head), start })
    }
}

/// A commit and its files.
struct End {
    commit: Oid,
    tree: Oid,
}

fn tree_of(contents: Contents<'_>, commit: Oid) -> Result<End, SourceError> {
    let found = contents.commit(commit);
    let found = found.map_err(|error| failed(format!("read commit {commit}"), &error))?;
    Ok(End { commit, tree: found.tree })
}

/// The commit that a revision names.
pub(super) fn resolve(
    store: &Store,
    repository: &Repository,
    name: &str,
) -> Result<Oid, SourceError> {
    let found = repository.revparse_single(name).and_then(|object| object.peel_to_commit());
    found.map(|commit| commit.id()).map_err(|error| {
        let hint = if store.shallow.is_empty() {
            format!("check the spelling, or fetch it first ({})", error.message())
        } else {
            format!("this clone is shallow; {DEEPEN}")
        };
        SourceError::Revision { name: name.to_owned(), hint }
    })
}

/// How to get more of a history.
pub(super) const DEEPEN: &str = "get more of its history with `git fetch --deepen=200` or `git fetch --unshallow` \
     (GitHub Actions: `fetch-depth: 0` for actions/checkout; GitLab: GIT_DEPTH: 0)";

/// What lies between the two commits that a range names.
fn between(
    store: &Store,
    repository: &Repository,
    spec: &str,
    (base, tip): (Oid, Oid),
    progress: &Progress,
) -> Result<Between, SourceError> {
    let between = store.graph(repository).between_telling(&[base], &[tip], progress)?;
    complete(spec, &between)?;
    Ok(between)
}

/// A range whose beginning a shallow clone hides is no range.
pub(super) fn complete(spec: &str, between: &Between) -> Result<(), SourceError> {
    let Some(cut) = between.cut else { return Ok(()) };
    let hint = format!(
        "this clone is shallow, and its history ends at {} before the two ends meet; {DEEPEN}",
        commit_id(cut).short()
    );
    Err(SourceError::Revision { name: spec.to_owned(), hint })
}

/// Where the ends parted; the newest such place if a history crosses itself.
fn merge_base(spec: &str, between: &Between) -> Result<Oid, SourceError> {
    between.bases.first().copied().ok_or_else(|| SourceError::Revision {
        name: spec.to_owned(),
        hint: "its ends have no commit in common; say A..B with two dots".to_owned(),
    })
}
