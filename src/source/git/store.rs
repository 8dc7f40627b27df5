//! One repository and the handles through which threads read it.
//!
//! A libgit2 handle serves one thread at a time, so each reader borrows an idle one and the first
//! readers open theirs. How handles are opened never changes after [`Store`] is made.

use super::super::SourceError;
use super::super::remarks::locked;
use super::contents::{Contents, Held, held};
use super::graph::Graph;
use super::index::{Entry, Index};
use super::pack::{Access, Packs};
use crate::finding::{RepoPath, Salt};
use git2::{ErrorClass, ErrorCode, Oid, Repository, RepositoryOpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

/// The salt of files that belong to no repository, or to one without commits.
const NO_REPOSITORY: &str = "lockkeeper: no first commit";

/// A repository that many threads read.
pub(in super::super) struct Store {
    pub(super) git_dir: PathBuf,
    pub(in super::super) work_dir: Option<PathBuf>,
    pub(super) index_file: IndexFile,
    pub(super) object_dirs: Vec<PathBuf>,
    pub(super) shallow: BTreeSet<Oid>,
    /// The folders of objects.
    pub(super) folders: Vec<PathBuf>,
    idle: Mutex<Vec<Repository>>,
    packs: OnceLock<Packs>,
    salt: OnceLock<Salt>,
}

/// Which index is meant.
pub(super) enum IndexFile {
    /// The one that git's environment names: it must be there.
    Named(PathBuf),
    /// The repository's own, which a new repository does not have yet.
    Own(PathBuf),
}

impl Store {
    /// A store around a handle that has been opened with the extra object folders.
    pub(super) fn new(
        repository: Repository,
        work_dir: Option<PathBuf>,
        index_file: Option<PathBuf>,
        object_dirs: Vec<PathBuf>,
    ) -> Result<Self, SourceError> {
        // Nor does git hash again what it reads: who can put another object in the place of one can do
        // anything here, and what is damaged does not inflate. It is a fifth of the time of a range.
        git2::opts::strict_hash_verification(false);
        let git_dir = repository.path().to_owned();
        let index_file = match index_file {
            Some(path) => IndexFile::Named(path),
            None => IndexFile::Own(git_dir.join("index")),
        };
        let shallow = shallow_commits(&repository.commondir().join("shallow"))?;
        let own = repository.commondir().join("objects");
        let folders = std::iter::once(own).chain(object_dirs.iter().cloned()).collect();
        let idle = Mutex::new(vec![repository]);
        let (packs, salt) = (OnceLock::new(), OnceLock::new());
        Ok(Self { git_dir, work_dir, index_file, object_dirs, shallow, folders, idle, packs, salt })
    }

    /// Lends a handle that no other thread uses meanwhile.
    pub(in super::super) fn with<T>(
        &self,
        read: impl FnOnce(&Repository) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let waiting = locked(&self.idle).pop();
        let repository = match waiting {
            Some(repository) => repository,
            None => handle(&self.git_dir, &self.object_dirs)
                .map_err(|error| failed(format!("open {}", self.git_dir.display()), &error))?,
        };
        let result = read(&repository);
        locked(&self.idle).push(repository);
        result
    }

    /// The packs; none where they cannot be read, which libgit2 has more to say of.
    pub(super) fn packs(&self) -> &Packs {
        self.packs_for(Access::Few)
    }

    /// The same, for who knows how much will be asked for; to be told before anybody asks.
    pub(super) fn packs_for(&self, access: Access) -> &Packs {
        self.packs.get_or_init(|| Packs::open(&self.folders, access).unwrap_or_default())
    }

    /// What the repository holds, by a handle on it.
    pub(super) fn contents<'a>(&'a self, repository: &'a Repository) -> Contents<'a> {
        Contents { known: self.packs(), repository }
    }

    /// How its commits hang together.
    pub(super) fn graph<'a>(&'a self, repository: &'a Repository) -> Graph<'a> {
        Graph::new(self.contents(repository), &self.shallow)
    }

    /// The repository's key for hashing secrets; see [`super::super::Source::salt`].
    pub(in super::super) fn salt(&self) -> Salt {
        let first = || self.with(|repository| Ok(self.first_commit(repository)));
        let salt = || match first() {
            Ok(Some(id)) => Salt::new(id.to_string()),
            Ok(None) | Err(_) => Self::salt_without_history(),
        };
        self.salt.get_or_init(salt).clone()
    }

    /// Makes known what [`Store::salt`] would look for.
    pub(super) fn begins_with(&self, first: Oid) {
        self.salt.get_or_init(|| Salt::new(first.to_string()));
    }

    /// The salt where there is no first commit.
    pub(in super::super) fn salt_without_history() -> Salt {
        Salt::new(NO_REPOSITORY)
    }

    /// The index that is meant.
    pub(super) fn index(&self) -> Result<Index, SourceError> {
        let (IndexFile::Named(path) | IndexFile::Own(path)) = &self.index_file;
        if matches!(self.index_file, IndexFile::Named(_)) {
            fs::metadata(path).map_err(|source| SourceError::Io { path: path.clone(), source })?;
        }
        Index::read(path)
    }

    /// Every path of the index, and whether a submodule is there.
    pub(in super::super) fn tracked(&self) -> Result<BTreeMap<RepoPath, bool>, SourceError> {
        let entries = self.index()?.entries.into_iter();
        let entry = |entry: Entry| (RepoPath::new(entry.path), held(entry.mode) == Held::Submodule);
        Ok(entries.map(entry).collect())
    }

    fn first_commit(&self, repository: &Repository) -> Option<Oid> {
        let head = repository.head().ok()?.peel_to_commit().ok()?.id();
        self.graph(repository).first(head).ok()
    }
}

/// A fresh handle on a git directory.
pub(super) fn handle(git_dir: &Path, object_dirs: &[PathBuf]) -> Result<Repository, git2::Error> {
    let nothing_above: [&Path; 0] = [];
    let flags = RepositoryOpenFlags::NO_SEARCH;
    let repository = Repository::open_ext(git_dir, flags, nothing_above)?;
    with_objects(&repository, object_dirs)?;
    Ok(repository)
}

/// Lets a handle find objects in more folders.
pub(super) fn with_objects(repo: &Repository, folders: &[PathBuf]) -> Result<(), git2::Error> {
    let objects = repo.odb()?;
    let folders = folders.iter().filter_map(|folder| folder.to_str());
    folders
        .filter(|folder| Path::new(folder).is_dir())
        .try_for_each(|folder| objects.add_disk_alternate(folder))
}

/// What git said about something that was attempted.
pub(super) fn failed(what: impl Into<String>, error: &git2::Error) -> SourceError {
    let missing = error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Odb;
    let mut why = error.message().to_owned();
    if missing {
        why.push_str(
            "; in a partial clone fetch what is missing with `git fetch --refetch --no-filter`, or \
             clone again without --filter",
        );
    }
    SourceError::Git { what: what.into(), why }
}

/// The commits at which a shallow clone was cut.
fn shallow_commits(path: &Path) -> Result<BTreeSet<Oid>, SourceError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(source) => return Err(SourceError::Io { path: path.to_owned(), source }),
    };
    let id = |line: &str| Oid::from_str(line).map_err(|e| failed(path.display().to_string(), &e));
    text.lines().map(id).collect()
}
