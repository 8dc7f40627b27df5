//! Builds repositories, step by step, with fixed people and dates, so that object names are stable.
//!
//! Each step leaves `HEAD`, index and files in agreement. Nothing here reads the configuration of
//! whoever runs the tests.

use crate::command::{Run, git};
use flate2::write::ZlibEncoder;
use git2::{Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// 2024-01-01, when every built history begins.
const FIRST_SECOND: i64 = 1_704_067_200;

/// A repository in a folder of its own.
pub(crate) struct Repo {
    folder: TempDir,
    git: Repository,
    steps: i64,
}

/// The files of a commit to be.
pub(crate) struct Files<'r> {
    git: &'r Repository,
    entries: BTreeMap<Vec<u8>, (u32, Oid)>,
}

impl Files<'_> {
    /// Writes a file.
    pub(crate) fn write(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.put(path.as_ref(), 0o100_644, content.as_ref())
    }

    /// Writes a file that may be run.
    pub(crate) fn executable(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.put(path.as_ref(), 0o100_755, content.as_ref())
    }

    /// Makes a link.
    pub(crate) fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.put(path.as_ref(), 0o120_000, target.as_ref())
    }

    /// Puts another repository's commit at a path.
    pub(crate) fn submodule(mut self, path: impl AsRef<[u8]>) -> Self {
        let commit = Oid::from_str(&"5".repeat(40)).unwrap();
        self.entries.insert(path.as_ref().to_vec(), (0o160_000, commit));
        self
    }

    /// Removes a file.
    pub(crate) fn remove(mut self, path: impl AsRef<[u8]>) -> Self {
        self.entries.remove(path.as_ref()).expect("only what is there can be removed");
        self
    }

    /// Removes every file.
    pub(crate) fn clear(mut self) -> Self {
        self.entries.clear();
        self
    }

    /// Moves a file.
    pub(crate) fn rename(mut self, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Self {
        let entry = self.entries.remove(from.as_ref()).expect("only what is there can be moved");
        self.entries.insert(to.as_ref().to_vec(), entry);
        self
    }

    fn put(mut self, path: &[u8], mode: u32, content: &[u8]) -> Self {
        self.entries.insert(path.to_vec(), (mode, self.git.blob(content).unwrap()));
        self
    }

    fn index(&self) -> Index {
        let mut index = Index::new().unwrap();
        for (path, (mode, id)) in &self.entries {
            index.add(&index_entry(path, *mode, *id, 0)).unwrap();
        }
        index
    }
}

impl Repo {
    /// A repository without commits.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.external_template(false).initial_head("main");
        let git = Repository::init_opts(folder.path(), &options).unwrap();
        Self { folder, git, steps: 0 }
    }

    /// Sets the clock: the next commit is made at this second.
    pub(crate) fn at(mut self, second: i64) -> Self {
        self.steps = (second - FIRST_SECOND) / 60 - 1;
        self
    }

    /// Commits on the current branch.
    pub(crate) fn commit(self, message: &str, change: impl FnOnce(Files<'_>) -> Files<'_>) -> Self {
        let parents = self.tip().into_iter().collect::<Vec<_>>();
        let entries = self.entries_of(self.tip());
        self.record(message, &parents, entries, change)
    }

    /// Merges branches into the current one: where only they changed a file their file is taken;
    /// the rest, and every conflict, is for `resolve` to say.
    pub(crate) fn merge(
        self,
        message: &str,
        branches: &[&str],
        resolve: impl FnOnce(Files<'_>) -> Files<'_>,
    ) -> Self {
        let ours = self.tip().unwrap();
        let mut parents = vec![ours];
        let mut entries = self.entries_of(Some(ours));
        for branch in branches {
            let theirs = self.id(branch);
            let base = self.git.merge_base(ours, theirs).ok();
            let base = self.entries_of(base);
            let changed = self.entries_of(Some(theirs));
            for path in base.keys().filter(|path| !changed.contains_key(*path)) {
                entries.remove(path);
            }
            entries.extend(changed.into_iter().filter(|(path, file)| base.get(path) != Some(file)));
            parents.push(theirs);
        }
        self.record(message, &parents, entries, resolve)
    }

    /// Starts a branch here and goes on there.
    pub(crate) fn branch(self, name: &str) -> Self {
        let tip = self.git.find_commit(self.tip().unwrap()).unwrap();
        self.git.branch(name, &tip, false).unwrap();
        drop(tip);
        self.checkout(name)
    }

    /// Starts a branch without a past.
    pub(crate) fn orphan(self, name: &str) -> Self {
        self.git.set_head(&format!("refs/heads/{name}")).unwrap();
        self
    }

    /// Goes on with another branch.
    pub(crate) fn checkout(self, name: &str) -> Self {
        self.git.set_head(&format!("refs/heads/{name}")).unwrap();
        self.settle();
        self
    }

    /// Tags the current commit.
    pub(crate) fn tag(self, name: &str) -> Self {
        let tip = self.git.find_object(self.tip().unwrap(), None).unwrap();
        self.git.tag(name, &tip, &self.person(), "a release", false).unwrap();
        drop(tip);
        self
    }

    /// Stages changes against the current commit.
    pub(crate) fn stage(self, change: impl FnOnce(Files<'_>) -> Files<'_>) -> Self {
        let files = change(Files { git: &self.git, entries: self.entries_of(self.tip()) });
        write_index(&self.git.path().join("index"), &files);
        self
    }

    /// Stages changes in an index of their own, as `git commit -a` does; returns its path.
    pub(crate) fn stage_apart(&self, change: impl FnOnce(Files<'_>) -> Files<'_>) -> PathBuf {
        let files = change(Files { git: &self.git, entries: self.entries_of(self.tip()) });
        let path = self.git.path().join("index.apart");
        write_index(&path, &files);
        path
    }

    /// Leaves a path in conflict: what the base, we and they have there.
    pub(crate) fn conflict(self, path: &str, sides: [&str; 3]) -> Self {
        let mut index = self.git.index().unwrap();
        index.remove_path(Path::new(path)).unwrap();
        for (stage, side) in (1..).zip(sides) {
            let id = self.git.blob(side.as_bytes()).unwrap();
            index.add(&index_entry(path.as_bytes(), 0o100_644, id, stage)).unwrap();
        }
        index.write().unwrap();
        self
    }

    /// Writes a file on disk alone.
    pub(crate) fn put(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The folder with the files.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The id of a revision.
    pub(crate) fn id(&self, revision: &str) -> Oid {
        self.git.revparse_single(revision).unwrap().peel_to_commit().unwrap().id()
    }

    /// The id of the current commit of a repository that something else made.
    pub(crate) fn tip_of(path: &Path) -> String {
        let git = Repository::open(path).unwrap();
        git.head().unwrap().target().unwrap().to_string()
    }

    /// The id of a folder, as `HEAD:folder`.
    pub(crate) fn tree_id(&self, revision: &str) -> Oid {
        self.git.revparse_single(revision).unwrap().id()
    }

    /// Removes an object's file, as if it had never been fetched.
    pub(crate) fn lose(&self, id: Oid) {
        let hex = id.to_string();
        let (folder, file) = hex.split_at(2);
        fs::remove_file(self.git.path().join("objects").join(folder).join(file)).unwrap();
    }

    /// Writes an object under a name that is not its own, `kind` and size before its bytes.
    pub(crate) fn forge(&self, name: &str, kind: &str, bytes: &[u8]) {
        let (folder, file) = name.split_at(2);
        let folder = self.git.path().join("objects").join(folder);
        fs::create_dir_all(&folder).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&[format!("{kind} {}\0", bytes.len()).as_bytes(), bytes].concat()).unwrap();
        fs::write(folder.join(file), zlib.finish().unwrap()).unwrap();
    }

    /// The id that content has as a blob.
    pub(crate) fn blob_id(content: &str) -> Oid {
        Oid::hash_object(git2::ObjectType::Blob, content.as_bytes()).unwrap()
    }

    /// Runs git itself in the repository.
    pub(crate) fn run_git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) {
        git(self.path(), arguments);
    }

    /// Runs a command of `lockkeeper` here.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::command(self.path(), arguments)
    }

    /// Runs git, which may fail.
    pub(crate) fn git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::git(self.path(), arguments)
    }

    /// Writes a file on disk alone.
    pub(crate) fn write_file(&self, path: &str, content: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Reads a file on disk.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path().join(path)).unwrap()
    }

    /// Runs `lockkeeper scan` here.
    pub(crate) fn scan<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::scan(self.path(), arguments)
    }

    fn record(
        mut self,
        message: &str,
        parents: &[Oid],
        entries: BTreeMap<Vec<u8>, (u32, Oid)>,
        change: impl FnOnce(Files<'_>) -> Files<'_>,
    ) -> Self {
        self.steps += 1;
        let files = change(Files { git: &self.git, entries });
        let tree = self.git.find_tree(files.index().write_tree_to(&self.git).unwrap()).unwrap();
        let commit = |id: &Oid| self.git.find_commit(*id).unwrap();
        let parents = parents.iter().map(commit).collect::<Vec<_>>();
        let parent_refs = parents.iter().collect::<Vec<_>>();
        let person = self.person();
        self.git.commit(Some("HEAD"), &person, &person, message, &tree, &parent_refs).unwrap();
        drop(parent_refs);
        drop((tree, parents));
        self.settle();
        self
    }

    /// Makes index and files what the current commit says.
    fn settle(&self) {
        let files = Files { git: &self.git, entries: self.entries_of(self.tip()) };
        write_index(&self.git.path().join("index"), &files);
        for entry in fs::read_dir(self.path()).unwrap().map(Result::unwrap) {
            match (entry.file_name() == ".git", entry.file_type().unwrap().is_dir()) {
                (true, _) => {}
                (false, true) => fs::remove_dir_all(entry.path()).unwrap(),
                (false, false) => fs::remove_file(entry.path()).unwrap(),
            }
        }
        for (path, (mode, id)) in &files.entries {
            write_to_disk(&self.path().join(os_path(path)), *mode, &self.git, *id);
        }
    }

    fn entries_of(&self, commit: Option<Oid>) -> BTreeMap<Vec<u8>, (u32, Oid)> {
        let Some(commit) = commit else { return BTreeMap::new() };
        let mut index = Index::new().unwrap();
        index.read_tree(&self.git.find_commit(commit).unwrap().tree().unwrap()).unwrap();
        index.iter().map(|entry| (entry.path, (entry.mode, entry.id))).collect()
    }

    fn tip(&self) -> Option<Oid> {
        Some(self.git.head().ok()?.peel_to_commit().unwrap().id())
    }

    fn person(&self) -> Signature<'static> {
        let time = Time::new(FIRST_SECOND + self.steps * 60, 0);
        Signature::new("Ada", "ada@example.org", &time).unwrap()
    }
}

fn write_index(path: &Path, files: &Files<'_>) {
    let mut index = Index::open(path).unwrap();
    index.clear().unwrap();
    for (path, (mode, id)) in &files.entries {
        index.add(&index_entry(path, *mode, *id, 0)).unwrap();
    }
    index.write().unwrap();
}

fn index_entry(path: &[u8], mode: u32, id: Oid, stage: u16) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: stage << 12,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

fn write_to_disk(path: &Path, mode: u32, git: &Repository, id: Oid) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    if mode == 0o160_000 {
        return fs::create_dir_all(path).unwrap();
    }
    let blob = git.find_blob(id).unwrap();
    if mode == 0o120_000 {
        return link(&os_path(blob.content()), path);
    }
    fs::write(path, blob.content()).unwrap();
    set_mode(path, mode);
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o777)).unwrap();
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn link(target: &Path, path: &Path) {
    fs::write(path, target.as_os_str().as_encoded_bytes()).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8(bytes.to_vec()).unwrap())
}
