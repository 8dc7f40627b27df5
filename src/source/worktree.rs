//! The files on disk, in a git repository or not.
//!
//! What git tracks is always read, whatever `.gitignore` says; what it does not track is read
//! unless ignored. Links are read as the text of their target and never followed, except the path
//! that was named itself. Whatever cannot be read is told as an error: the run cannot pass.

use super::git::Store;
use super::installed;
use super::remarks::{Remarks, is_lfs_pointer};
use super::{
    Change, Coverage, Delta, Entry, GitEnvironment, Kind, Origin, SHARE, Sink, Source, SourceError,
    Status, Tree,
};
use crate::finding::{Level, Notice, RepoPath, Salt};
use ignore::{DirEntry, WalkBuilder, WalkParallel, WalkState};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, mpsc};

/// A folder or a file, listed when opened.
pub(super) struct Worktree {
    origin: Origin,
    store: Option<Store>,
    listing: Listing,
}

impl Worktree {
    /// Lists the files at `path`; paths are relative to it.
    pub(super) fn open(path: &Path, environment: &GitEnvironment) -> Result<Self, SourceError> {
        let root = fs::canonicalize(path);
        let root = root.map_err(|source| SourceError::Io { path: path.to_owned(), source })?;
        let mut listing = Listing::default();
        let store = match Store::find(path, environment) {
            Err(SourceError::Unsupported { feature, .. }) => {
                let message = format!(
                    "the repository uses {feature}, so its index cannot be read: tracked files that \
                     .gitignore names were not looked at"
                );
                listing.notices.insert(Notice::new(Level::Warning, message));
                None
            }
            found => found?,
        };
        let tracked = match &store {
            Some(store) => tracked(store, &root)?,
            None => Tracked::default(),
        };
        listing.collect(&root, tracked);
        let repository = path.display().to_string();
        let origin = Origin { kind: Kind::Worktree, repository, base: None, head: None };
        Ok(Self { origin, store, listing })
    }
}

impl Worktree {
    /// The named files of the folder at `path`. What else is there can be read and is not scanned.
    pub(super) fn of_files(
        path: &Path,
        files: &[PathBuf],
        environment: &GitEnvironment,
    ) -> Result<Self, SourceError> {
        let root = fs::canonicalize(path);
        let root = root.map_err(|source| SourceError::Io { path: path.to_owned(), source })?;
        let store = Store::find(path, environment)?;
        let mut listing = Listing::default();
        for file in files {
            listing.named(&root, file);
        }
        listing.beside = Some(root);
        let repository = path.display().to_string();
        let origin = Origin { kind: Kind::Worktree, repository, base: None, head: None };
        Ok(Self { origin, store, listing })
    }
}

impl Source for Worktree {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        let remarks = Remarks::new(sink);
        self.listing.notices.iter().cloned().for_each(|notice| remarks.once(notice));
        self.listing.submodules.iter().for_each(|path| remarks.submodule(path));
        let files: Vec<_> = self.listing.files.iter().collect();
        let files = files.into_par_iter().with_max_len(SHARE);
        let pushed = files.map(|(path, file)| push(path, file, &remarks));
        let pushed = pushed.reduce(Coverage::default, |a, b| a + b);
        remarks.finish();
        Ok(pushed)
    }

    fn head(&self) -> &dyn Tree {
        &self.listing
    }

    fn base(&self) -> Option<&dyn Tree> {
        None
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        let added = |path: &RepoPath| Delta { path: path.clone(), status: Status::Added };
        Ok(self.listing.files.keys().map(added).collect())
    }

    fn salt(&self) -> Salt {
        self.store.as_ref().map_or_else(Store::salt_without_history, Store::salt)
    }
}

fn push(path: &RepoPath, file: &OnDisk, remarks: &Remarks<'_>) -> Coverage {
    match file.read() {
        Ok(bytes) => {
            if file.entry != Entry::Symlink && is_lfs_pointer(&bytes) {
                remarks.lfs_pointer(path);
            }
            remarks.sink.change(&Change::new(path, None, file.entry, &bytes, &()));
            Coverage::file(&bytes)
        }
        Err(error) => {
            remarks.once(unreadable(path, &error));
            Coverage::default()
        }
    }
}

fn unreadable(path: &RepoPath, error: &io::Error) -> Notice {
    Notice::at(path, Level::Error, format!("cannot be read and was not scanned: {error}"))
}

/// What git knows of a folder, by paths relative to it.
#[derive(Default)]
struct Tracked {
    files: Vec<PathBuf>,
    submodules: BTreeSet<PathBuf>,
}

fn tracked(store: &Store, root: &Path) -> Result<Tracked, SourceError> {
    let Some(work_dir) = &store.work_dir else {
        return Err(SourceError::Git {
            what: format!("scan the files of {}", root.display()),
            why: "it is a bare repository and has none; use --history or --range A..B".to_owned(),
        });
    };
    let work_dir = fs::canonicalize(work_dir);
    let work_dir = work_dir.map_err(|source| SourceError::Io { path: root.to_owned(), source })?;
    let mut tracked = Tracked::default();
    // Inside `.git` there is nothing that is tracked.
    let Ok(below) = root.strip_prefix(&work_dir) else { return Ok(tracked) };
    for (path, is_submodule) in store.tracked()? {
        let Some(path) = disk_path(&path) else { continue };
        let Ok(path) = path.strip_prefix(below) else { continue };
        if is_submodule {
            tracked.submodules.insert(path.to_owned());
        } else {
            tracked.files.push(path.to_owned());
        }
    }
    Ok(tracked)
}

/// A file as it was listed.
struct OnDisk {
    path: PathBuf,
    entry: Entry,
}

impl OnDisk {
    fn read(&self) -> io::Result<Vec<u8>> {
        match self.entry {
            Entry::Symlink => {
                fs::read_link(&self.path).map(|to| to.as_os_str().as_encoded_bytes().to_vec())
            }
            Entry::File | Entry::Executable => fs::read(&self.path),
        }
    }
}

/// What is on disk.
#[derive(Default)]
struct Listing {
    files: BTreeMap<RepoPath, OnDisk>,
    submodules: BTreeSet<RepoPath>,
    notices: BTreeSet<Notice>,
    /// The folder whose other files can be read too.
    beside: Option<PathBuf>,
    /// The folder of all of them; `None` of a file that was named itself.
    root: Option<PathBuf>,
}

impl Listing {
    fn collect(&mut self, root: &Path, tracked: Tracked) {
        if root.is_file() {
            let name = root.file_name().map(PathBuf::from).unwrap_or_default();
            return self.add(&name, root.to_owned());
        }
        self.root = Some(root.to_owned());
        let submodules = Arc::new(tracked.submodules);
        self.submodules.extend(submodules.iter().map(|path| repo_path(path)));
        for found in walk(root, &submodules) {
            match found {
                Ok((path, metadata)) => {
                    let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
                    self.add_as(&below, path, metadata);
                }
                Err(error) => {
                    let message = format!("not everything could be listed: {error}");
                    self.notices.insert(Notice::new(Level::Error, message));
                }
            }
        }
        for path in tracked.files {
            if !self.files.contains_key(&repo_path(&path)) && !is_behind_link(root, &path) {
                self.add(&path, root.join(&path));
            }
        }
    }

    /// Adds a file by its path below the root, if it is one.
    fn add(&mut self, below: &Path, path: PathBuf) {
        let metadata = fs::symlink_metadata(&path);
        self.add_as(below, path, metadata);
    }

    /// Adds what is at a path, if it is a file. A tracked file may be gone.
    fn add_as(&mut self, below: &Path, path: PathBuf, metadata: io::Result<Metadata>) {
        let name = repo_path(below);
        match metadata {
            Ok(metadata) => match entry(&metadata) {
                Some(entry) => {
                    self.files.insert(name, OnDisk { path, entry });
                }
                None => self.special(&name, metadata.file_type()),
            },
            Err(error) if is_gone(&error) => {}
            Err(error) => {
                self.notices.insert(unreadable(&name, &error));
            }
        }
    }

    /// Adds a file that was asked for by name: it must be there, and be one.
    fn named(&mut self, root: &Path, file: &Path) {
        let full = root.join(file);
        let below = full.strip_prefix(root).unwrap_or(&full);
        let found = fs::symlink_metadata(&full);
        let why = match found {
            Ok(metadata) if metadata.is_dir() => io::Error::from(io::ErrorKind::IsADirectory),
            Ok(_) => return self.add(below, full.clone()),
            Err(error) => error,
        };
        self.notices.insert(unreadable(&repo_path(below), &why));
    }

    fn special(&mut self, name: &RepoPath, kind: FileType) {
        if !kind.is_dir() {
            let message = "a socket, pipe or device: it has no content to scan";
            self.notices.insert(Notice::at(name, Level::Note, message));
        }
    }
}

/// Links are no files here, as in any tree.
impl Tree for Listing {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        let files = self.files.iter().filter(|(_, file)| file.entry != Entry::Symlink);
        Ok(files.map(|(path, _)| path.clone()).collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        match self.files.get(path).filter(|file| file.entry != Entry::Symlink) {
            Some(file) => file
                .read()
                .map(Some)
                .map_err(|source| SourceError::Io { path: file.path.clone(), source }),
            None => self.beside.as_deref().map_or(Ok(None), |root| read_beside(root, path)),
        }
    }

    fn installed(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let root = self.root.as_deref().or(self.beside.as_deref());
        root.map_or(Ok(None), |root| installed::read(root, path))
    }

    fn installed_names(&self, folder: &RepoPath) -> Result<Vec<String>, SourceError> {
        let root = self.root.as_deref().or(self.beside.as_deref());
        root.map_or(Ok(Vec::new()), |root| installed::names(root, folder))
    }
}

/// The bytes of a file that was not asked for by name, if it is one.
fn read_beside(root: &Path, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
    let Some(below) = disk_path(path).filter(|below| !is_behind_link(root, below)) else {
        return Ok(None);
    };
    let full = root.join(below);
    let is_file = fs::symlink_metadata(&full).is_ok_and(|metadata| metadata.is_file());
    let bytes = is_file.then(|| fs::read(&full)).transpose();
    bytes.map_err(|source| SourceError::Io { path: full.clone(), source })
}

/// A path of a folder, and what is there.
type Met = Result<(PathBuf, io::Result<Metadata>), ignore::Error>;

/// What is in a folder and its folders, but for folders.
fn walk(root: &Path, submodules: &Arc<BTreeSet<PathBuf>>) -> Vec<Met> {
    let (to, met) = mpsc::channel();
    walker(root, submodules).run(|| {
        let to = to.clone();
        Box::new(move |found| {
            let folder = |entry: &DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
            let found = match found {
                Ok(entry) if folder(&entry) => return WalkState::Continue,
                Ok(entry) => {
                    let metadata = fs::symlink_metadata(entry.path());
                    Ok((entry.into_path(), metadata))
                }
                Err(error) => Err(error),
            };
            // Nobody stops to listen before the walk is over.
            to.send(found).map_or(WalkState::Quit, |()| WalkState::Continue)
        })
    });
    drop(to);
    met.into_iter().collect()
}

fn walker(root: &Path, submodules: &Arc<BTreeSet<PathBuf>>) -> WalkParallel {
    let (top, skipped) = (root.to_owned(), Arc::clone(submodules));
    let is_wanted = move |entry: &DirEntry| {
        let below = entry.path().strip_prefix(&top).unwrap_or(entry.path());
        entry.depth() == 0 || (entry.file_name() != ".git" && !skipped.contains(below))
    };
    // A user's own list of ignored names must not change what a gate sees.
    WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .follow_links(false)
        .filter_entry(is_wanted)
        .threads(rayon::current_num_threads())
        .build_parallel()
}

fn entry(metadata: &Metadata) -> Option<Entry> {
    match metadata.file_type() {
        kind if kind.is_symlink() => Some(Entry::Symlink),
        kind if kind.is_file() && is_executable(metadata) => Some(Entry::Executable),
        kind if kind.is_file() => Some(Entry::File),
        _ => None,
    }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

/// Whether a folder on the way to a file is a link: to git, such a file is gone.
pub(super) fn is_behind_link(root: &Path, below: &Path) -> bool {
    let folders = below.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    folders.into_iter().any(|folder| root.join(folder).is_symlink())
}

/// Deleted, or its folder is a file now.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn repo_path(path: &Path) -> RepoPath {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.as_encoded_bytes()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            None
        }
    });
    RepoPath::new(names.collect::<Vec<_>>().join(&b'/'))
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system can name every path of git's")]
pub(super) fn disk_path(path: &RepoPath) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(path.as_bytes())))
}

#[cfg(not(unix))]
pub(super) fn disk_path(path: &RepoPath) -> Option<PathBuf> {
    path.as_str().map(PathBuf::from)
}
