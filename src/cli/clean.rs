//! The file in which a scan of a history keeps which commits it found clean; see [`Clean`].

use super::args::Scan;
use super::environment::Environment;
use super::project::Project;
use crate::finding::{Level, Notice};
use crate::pipeline::Outcome;
use crate::source::{Clean, Source};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where the file is in a git directory.
const USUAL: &str = "lockkeeper/clean-commits";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The commits that are known to be clean, and where that is kept.
pub(super) struct Record {
    path: PathBuf,
    key: String,
    clean: Clean,
}

impl Record {
    /// Reads the record that was asked for; one that is not there, or that cannot be read, is empty.
    pub(super) fn open(asked: &Scan, project: &Project, environment: &Environment) -> Option<Self> {
        let named = asked.cache.as_ref()?;
        let usual = || Some(project.source.git_dir()?.join(USUAL));
        let path = named.as_ref().map(|path| environment.resolve(path)).or_else(usual)?;
        let key = project.key();
        let small = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST);
        let bytes = small.then(|| fs::read(&path).ok()).flatten().unwrap_or_default();
        let clean = Clean::parse(&bytes, &key);
        Some(Self { path, key, clean })
    }

    pub(super) fn clean(&self) -> &Clean {
        &self.clean
    }

    /// Keeps what a run found clean, if it could look at everything.
    pub(super) fn save(&self, outcome: &mut Outcome, source: &dyn Source) {
        if outcome.notices.iter().any(|notice| notice.level == Level::Error) {
            return;
        }
        let mut commits = source.commits();
        commits.retain(|commit| !outcome.noted.contains(commit));
        let clean = self.clean.and(&Clean::new(&commits));
        if clean == self.clean {
            return;
        }
        if let Err(why) = write(&self.path, &clean.record(&self.key)) {
            let text = format!("which commits are clean cannot be kept in {}", self.path.display());
            outcome.notices.push(Notice::new(Level::Warning, format!("{text}: {why}")));
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
