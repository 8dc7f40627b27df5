//! What a push brings that the other side does not have: commits, tags and names.
//!
//! Commits are those that the pushed refs reach, less those that the other side is known to have. What
//! is not known to be there counts as new, so that doubt means more to look at and never less.
//!
//! For policies and lockfiles one tip stands for the push: that of its newest commit, against the place
//! where it left what the other side has. A history that shares nothing with the repository that
//! receives it is compared with that one's `HEAD`, so that it cannot bring a gate of its own.

use super::super::remarks::Remarks;
use super::super::{
    Coverage, Delta, Destination, GitEnvironment, Kind, Origin, Push as Asked, PushedRef, Sink,
    Source, SourceError, Tree,
};
use super::commit_id;
use super::commits::{self, Commits};
use super::labels::{Followed, Labels, Name};
use super::open::head;
use super::store::{Store, failed};
use super::tree::GitTree;
use crate::finding::{CommitId, Level, Notice, Salt};
use git2::{ObjectType, Oid, Repository};
use std::path::Path;
use std::sync::Arc;

/// What is pushed.
pub(in super::super) struct Push {
    store: Arc<Store>,
    origin: Origin,
    commits: Commits,
    labels: Labels,
    notices: Vec<Notice>,
    base: Option<GitTree>,
    head: GitTree,
}

impl Push {
    /// Opens what is pushed.
    pub(in super::super) fn open(
        path: &Path,
        push: &Asked,
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let store = Arc::new(Store::open(path, environment)?);
        let found = store.with(|repository| Found::read(&store, repository, push))?;
        let origin = Origin {
            kind: Kind::Range,
            repository: path.display().to_string(),
            base: found.base.as_ref().map(|end| commit_id(end.commit)),
            head: found.head.as_ref().map(|end| commit_id(end.commit)),
        };
        let base = found.base.map(|end| GitTree::new(&store, Some(end.tree)));
        let head = GitTree::new(&store, found.head.map(|end| end.tree));
        let Found { commits, labels, notices, .. } = found;
        Ok(Self { store, origin, commits, labels, notices, base, head })
    }
}

impl Source for Push {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        self.notices.iter().cloned().for_each(|notice| sink.notice(notice));
        let (commits, remarks) = (&self.commits.newest_first, Remarks::new(sink));
        commits::push(&self.store, commits, |_| Ok(&self.labels), remarks)
    }

    fn head(&self) -> &dyn Tree {
        &self.head
    }

    fn base(&self) -> Option<&dyn Tree> {
        self.base.as_ref().map(|base| base as &dyn Tree)
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        self.head.delta(self.base.as_ref())
    }

    fn rank(&self, commit: &CommitId) -> usize {
        self.commits.rank(commit)
    }

    fn salt(&self) -> Salt {
        self.store.salt()
    }
}

/// A commit and its files.
struct End {
    commit: Oid,
    tree: Oid,
}

impl End {
    fn of(repository: &Repository, commit: Oid) -> Result<Self, SourceError> {
        let found = repository.find_commit(commit);
        let found = found.map_err(|error| failed(format!("read commit {commit}"), &error))?;
        Ok(Self { commit, tree: found.tree_id() })
    }
}

/// What there is to look at.
struct Found {
    commits: Commits,
    labels: Labels,
    notices: Vec<Notice>,
    base: Option<End>,
    head: Option<End>,
}

impl Found {
    fn read(store: &Store, repository: &Repository, push: &Asked) -> Result<Self, SourceError> {
        let mut notices = Vec::new();
        let mut had = had(repository, &push.to)?;
        let mut refs = Vec::new();
        for pushed in &push.refs {
            had.extend(old_commit(repository, pushed, &mut notices));
            refs.push((pushed, followed(repository, &pushed.new)?));
        }
        let tips: Vec<_> = refs.iter().filter_map(|(_, followed)| followed.commit()).collect();
        let graph = store.graph(repository);
        let between = graph.between(&had, &tips)?;
        let tip = between.commits.first().or(tips.first()).copied();
        let bases = match tip {
            Some(tip) if tips.len() > 1 => graph.between(&had, &[tip])?.bases,
            Some(_) | None => between.bases,
        };
        let base = bases
            .first()
            .copied()
            .map_or_else(|| unrelated(repository, &push.to), |base| Ok(Some(base)))?;
        let commits = Commits::new(between.commits);
        let mut labels = Labels::default();
        for (pushed, followed) in refs {
            notices.extend(unread(followed.kind));
            let is_known = pushed.old.is_some() && knows(repository, &push.to, &pushed.name);
            let name = if is_known { Name::Known } else { Name::New };
            labels.add(&pushed.name, name, followed, &commits);
        }
        notices.extend(remarks(&commits, &labels, between.cut));
        let end =
            |commit: Option<Oid>| commit.map(|commit| End::of(repository, commit)).transpose();
        Ok(Self { commits, labels, notices, base: end(base)?, head: end(tip)? })
    }
}

/// The commits that the other side is known to have.
fn had(repository: &Repository, to: &Destination) -> Result<Vec<Oid>, SourceError> {
    let prefixes = match to {
        Destination::Here => vec!["refs/".to_owned()],
        Destination::Remote { name, url } => {
            let names = called(repository, name, url).into_iter();
            names.map(|name| format!("refs/remotes/{name}/")).collect()
        }
    };
    let references = repository.references().map_err(|error| failed("read the refs", &error))?;
    let theirs = references.filter_map(Result::ok).filter(|reference| {
        prefixes.iter().any(|prefix| reference.name_bytes().starts_with(prefix.as_bytes()))
    });
    Ok(theirs.filter_map(|reference| Some(reference.peel_to_commit().ok()?.id())).collect())
}

/// Whether the other side is known to have a ref of this name.
fn knows(repository: &Repository, to: &Destination, name: &[u8]) -> bool {
    let (Destination::Remote { name: remote, url }, Ok(name)) = (to, std::str::from_utf8(name))
    else {
        return *to == Destination::Here;
    };
    let Some(branch) = name.strip_prefix("refs/heads/") else { return true };
    let names = called(repository, remote, url).into_iter();
    let mut tracked = names.map(|remote| format!("refs/remotes/{remote}/{branch}"));
    tracked.any(|tracked| repository.find_reference(&tracked).is_ok())
}

/// The names of a remote: its own, and those of others with the same address.
fn called(repository: &Repository, name: &str, url: &str) -> Vec<String> {
    let remotes = repository.remotes();
    let all = remotes.iter().flatten().flatten().flatten();
    let has_address = |name: &&str| {
        let remote = repository.find_remote(name).ok();
        !url.is_empty() && remote.is_some_and(|remote| remote.url().ok() == Some(url))
    };
    let mut names: Vec<_> = all.filter(has_address).map(str::to_owned).collect();
    if !name.is_empty() {
        names.push(name.to_owned());
    }
    names
}

/// What a ref stood for on the other side, if this clone has that.
fn old_commit(
    repository: &Repository,
    pushed: &PushedRef,
    notices: &mut Vec<Notice>,
) -> Option<Oid> {
    let old = pushed.old.as_ref()?;
    if let Ok(object) = repository.revparse_single(old) {
        return object.peel_to_commit().ok().map(|commit| commit.id());
    }
    let message = format!(
        "what the other side has ({old}) was not fetched: every commit was looked at that it is not \
         known to have"
    );
    notices.push(Notice::new(Level::Note, message));
    None
}

fn followed(repository: &Repository, name: &str) -> Result<Followed, SourceError> {
    let found = repository.revparse_single(name).map(|object| object.id());
    let found = found.and_then(|object| Followed::from(repository, object));
    found.map_err(|error| SourceError::Revision {
        name: name.to_owned(),
        hint: format!("what is pushed cannot be read ({})", error.message()),
    })
}

/// What a history is compared with that shares nothing with the other side's.
fn unrelated(repository: &Repository, to: &Destination) -> Result<Option<Oid>, SourceError> {
    match to {
        Destination::Here => Ok(head(repository)?.map(|commit| commit.id())),
        Destination::Remote { .. } => Ok(None),
    }
}

fn unread(kind: ObjectType) -> Option<Notice> {
    let message = "a ref that is pushed stands for a folder without a commit: it was not looked at";
    (kind == ObjectType::Tree).then(|| Notice::new(Level::Warning, message))
}

fn remarks(commits: &Commits, labels: &Labels, cut: Option<Oid>) -> Vec<Notice> {
    let mut notices = Vec::new();
    if commits.is_empty() && labels.refs > 0 {
        let message =
            "the other side has every commit that is pushed: names and tags alone were read";
        notices.push(Notice::new(Level::Note, message));
    }
    if let Some(cut) = cut {
        let message = format!(
            "this clone is shallow: commit {} was looked at as if everything in it were new",
            commit_id(cut).short()
        );
        notices.push(Notice::new(Level::Warning, message));
    }
    notices
}
