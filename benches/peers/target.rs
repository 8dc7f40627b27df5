//! The repository, which is only read, and a checkout of it, in which one file is changed and staged.

use crate::mode::Mode;
use git2::build::CheckoutBuilder;
use git2::{Oid, Repository};
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// How far back a range begins.
const RANGE: usize = 100;

/// What there is to look at.
pub(crate) struct Target {
    git: Repository,
    given: PathBuf,
    head: Oid,
    base: Option<Oid>,
    checkout: PathBuf,
    staged: Option<PathBuf>,
}

impl Target {
    /// Opens the repository, and checks it out below the folder.
    pub(crate) fn open(given: &Path, scratch: &Path) -> Result<Self, Box<dyn Error>> {
        let given = fs::canonicalize(given)?;
        let git = Repository::open(&given)?;
        let head = git.head()?.peel_to_commit()?.id();
        let base = git.revparse_single(&format!("HEAD~{RANGE}")).ok().map(|commit| commit.id());
        let checkout = scratch.join("checkout");
        let apart = check_out(&git, head, &checkout)?;
        let staged = stage(&apart)?;
        Ok(Self { git, given, head, base, checkout, staged })
    }

    /// The folder to look into, and where the range begins; none if there is nothing to look at.
    pub(crate) fn of(&self, mode: Mode) -> Result<Option<(String, String)>, Box<dyn Error>> {
        let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("a path is not UTF-8");
        let base = self.base.map(|id| id.to_string());
        Ok(match mode {
            Mode::History => Some((text(&self.given)?, String::new())),
            Mode::Range => {
                base.map(|base| text(&self.given).map(|path| (path, base))).transpose()?
            }
            Mode::Staged if self.staged.is_none() => None,
            Mode::Staged | Mode::Worktree => Some((text(&self.checkout)?, String::new())),
        })
    }

    /// Which repository it is.
    pub(crate) fn describe(&self) -> Result<String, Box<dyn Error>> {
        let mut objects = 0_u64;
        self.git.odb()?.foreach(|_| {
            objects += 1;
            true
        })?;
        Ok(format!("{} at {}, {objects} objects", self.given.display(), self.head))
    }

    /// How much a mode is about.
    pub(crate) fn what(&self, mode: Mode) -> Result<String, Box<dyn Error>> {
        let mut walk = self.git.revwalk()?;
        Ok(match (mode, &self.staged, self.base) {
            (Mode::History, ..) => {
                walk.push_glob("refs/*")?;
                format!("all {} commits of all refs", walk.count())
            }
            (Mode::Range, _, Some(base)) => {
                walk.push_range(&format!("{base}..HEAD"))?;
                format!("HEAD~{RANGE}..HEAD, {} commits", walk.count())
            }
            (Mode::Staged, Some(file), _) => format!("one line more in {}", file.display()),
            (Mode::Range | Mode::Staged | Mode::Worktree, ..) => {
                let files = Repository::open(&self.checkout)?.index()?.len();
                format!("{files} tracked files")
            }
        })
    }
}

/// Checks a commit out into a repository that borrows the objects of the given one.
fn check_out(given: &Repository, head: Oid, place: &Path) -> Result<Repository, Box<dyn Error>> {
    let apart = Repository::init(place)?;
    let objects = given.commondir().join("objects");
    let objects = objects.to_str().ok_or("a path is not UTF-8")?;
    fs::write(apart.path().join("objects/info/alternates"), format!("{objects}\n"))?;
    let apart = Repository::open(place)?;
    apart.reference("refs/heads/bench", head, true, "bench")?;
    apart.set_head("refs/heads/bench")?;
    apart.checkout_head(Some(CheckoutBuilder::new().force()))?;
    // As git leaves it: an index that knows the trees that its folders were read from.
    let mut index = apart.index()?;
    index.read_tree(&apart.head()?.peel_to_tree()?)?;
    index.write()?;
    drop(index);
    Ok(apart)
}

/// Adds a line to the first text file of ordinary size, and stages it.
fn stage(apart: &Repository) -> Result<Option<PathBuf>, Box<dyn Error>> {
    let folder = apart.workdir().ok_or("a checkout without files")?;
    let mut index = apart.index()?;
    let ordinary = index.iter().filter(|entry| entry.mode == 0o100_644);
    let paths = ordinary.filter_map(|entry| String::from_utf8(entry.path).ok().map(PathBuf::from));
    let is_text = |path: &PathBuf| {
        let text = fs::read(folder.join(path)).ok().and_then(|text| String::from_utf8(text).ok());
        text.is_some_and(|text| (1_000..=100_000).contains(&text.len()) && !text.contains('\0'))
    };
    let Some(path) = paths.into_iter().find(is_text) else { return Ok(None) };
    let mut file = fs::OpenOptions::new().append(true).open(folder.join(&path))?;
    writeln!(file, "One line more than before.")?;
    index.add_path(&path)?;
    index.write()?;
    Ok(Some(path))
}
