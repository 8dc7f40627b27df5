//! Makes repositories. Nothing of the configuration of whoever runs the example gets in.

use crate::spot::{Past, Shape, Spot};
use git2::{Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use lockkeeper::rule::expand_from;
use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A file, a link or what else a tree can hold.
pub(crate) struct File {
    path: Vec<u8>,
    mode: u32,
    content: Vec<u8>,
}

impl File {
    /// A plain file.
    pub(crate) fn new(path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let (path, content) = (path.as_ref().to_vec(), content.as_ref().to_vec());
        Self { path, mode: 0o100_644, content }
    }

    /// A link.
    pub(crate) fn link(path: &str, target: &str) -> Self {
        Self { mode: 0o120_000, ..Self::new(path, target) }
    }
}

/// Who makes a commit.
pub(crate) struct Person<'a> {
    pub(crate) name: &'a str,
    pub(crate) mail: &'a str,
}

/// Nobody in particular.
pub(crate) const ADA: Person<'static> = Person { name: "Ada", mail: "ada@example.org" };

/// A repository under construction.
pub(crate) struct Maker {
    pub(crate) git: Repository,
    steps: Cell<i64>,
}

/// A finished repository with a secret in it.
pub(crate) struct Made {
    /// The repository.
    pub(crate) folder: PathBuf,
    /// The same files, staged and not committed, where that can be.
    pub(crate) staged: Option<PathBuf>,
    /// Where the range begins.
    pub(crate) base: Option<Oid>,
    /// The commit that brought the secret.
    pub(crate) culprit: Option<Oid>,
}

/// Makes the repository of a spot. Its files are not on disk: what is found is found in git.
pub(crate) fn make(spot: &Spot, place: &Path, seed: u64) -> Result<Made, Box<dyn Error>> {
    let token = expand_from("{github:ghp_}", seed)?.text;
    let folder = place.join("repository");
    let maker = Maker::new(&folder)?;
    let (past, staged) = match spot.shape {
        Shape::History(make) => (make(&maker, &token)?, None),
        Shape::Files(files) => {
            let base = maker.commit("start", &[], &[File::new("README.md", "hello\n")])?;
            let files = with_readme(files(&token));
            let culprit = maker.commit("more", &[base], &files)?;
            let apart = place.join("staged");
            Maker::new(&apart)?.stage(&files)?;
            (Past { base: Some(base), culprit: Some(culprit) }, Some(apart))
        }
    };
    Ok(Made { folder, staged, base: past.base, culprit: past.culprit })
}

fn with_readme(mut files: Vec<File>) -> Vec<File> {
    files.push(File::new("README.md", "hello\n"));
    files
}

impl Maker {
    fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let mut options = RepositoryInitOptions::new();
        options.external_template(false).initial_head("main");
        let git = Repository::init_opts(folder, &options)?;
        // For git itself, whose attributes come from the files on disk.
        fs::write(
            folder.join(".gitattributes"),
            "*.hidden -diff\n*.converted diff=short\n*.bin binary\n",
        )?;
        git.config()?.set_str("diff.short.textconv", "true")?;
        Ok(Self { git, steps: Cell::new(0) })
    }

    /// Commits these files and no others, on the current branch.
    pub(crate) fn commit(
        &self,
        message: &str,
        parents: &[Oid],
        files: &[File],
    ) -> Result<Oid, git2::Error> {
        self.commit_by([&ADA, &ADA], message, parents, files)
    }

    /// Commits as somebody else.
    pub(crate) fn commit_by(
        &self,
        [author, committer]: [&Person<'_>; 2],
        message: &str,
        parents: &[Oid],
        files: &[File],
    ) -> Result<Oid, git2::Error> {
        self.steps.set(self.steps.get() + 1);
        let tree = self.index(files)?.write_tree_to(&self.git)?;
        let tree = self.git.find_tree(tree)?;
        let parents = parents.iter().map(|id| self.git.find_commit(*id));
        let parents = parents.collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<_> = parents.iter().collect();
        let (author, committer) = (self.signature(author)?, self.signature(committer)?);
        let id = self.git.commit(None, &author, &committer, message, &tree, &parents)?;
        self.git.reference("refs/heads/main", id, true, "next")?;
        Ok(id)
    }

    /// Whoever, now.
    pub(crate) fn signature(&self, person: &Person<'_>) -> Result<Signature<'static>, git2::Error> {
        let now = Time::new(1_790_000_000 + self.steps.get() * 3600, 0);
        Signature::new(person.name, person.mail, &now)
    }

    fn index(&self, files: &[File]) -> Result<Index, git2::Error> {
        let mut index = Index::new()?;
        for file in files {
            index.add(&self.entry(file)?)?;
        }
        Ok(index)
    }

    /// Stages these files over a first commit.
    fn stage(&self, files: &[File]) -> Result<(), git2::Error> {
        self.commit("start", &[], &[File::new("README.md", "hello\n")])?;
        let mut index = self.git.index()?;
        for file in files {
            index.add(&self.entry(file)?)?;
        }
        index.write()
    }

    fn entry(&self, file: &File) -> Result<IndexEntry, git2::Error> {
        let never = IndexTime::new(0, 0);
        Ok(IndexEntry {
            ctime: never,
            mtime: never,
            dev: 0,
            ino: 0,
            mode: file.mode,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: self.git.blob(&file.content)?,
            flags: 0,
            flags_extended: 0,
            path: file.path.clone(),
        })
    }
}
