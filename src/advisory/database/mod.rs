//! The index file, kept up to date: asked for, looked at, verified.
//!
//! One process writes at a time, under a lock beside the file; readers wait for nobody. What an update
//! cannot fetch or read leaves the file as it was. Where the records are the same, the same bytes get a
//! new date.

use super::age::{days, too_old};
use super::bucket::Network;
use super::error::AdvisoryError;
use super::index::{Index, LoadOptions, SourceInfo};
use super::location::Location;
use super::store::{Contents, Stored, build, clear, is_index};
use super::task::{Fetched, plan};
use crate::finding::{Level, Notice};
use crate::package::Ecosystem;
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

/// An index file, whether or not it is there.
#[derive(Debug, Clone)]
pub struct Database {
    path: PathBuf,
}

/// What an update is to bring.
#[derive(Debug, Clone)]
pub struct Update {
    /// Where advisories come from; where nothing is named, where those of the index came from.
    pub sources: Vec<Location>,
    /// Where they come from if neither says.
    pub usual: Location,
    /// The ecosystems that are wanted beside those that the index has.
    pub ecosystems: BTreeSet<Ecosystem>,
}

/// What came of an update.
#[derive(Debug)]
pub struct Updated {
    /// Whether there is anything new.
    pub change: Change,
    /// What there is now.
    pub status: Status,
    /// What could not be read, and what the sources do not have.
    pub notices: Vec<Notice>,
}

/// Whether an update brought anything new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The records are others than before, or there were none.
    Renewed,
    /// The sources have what the index has.
    Confirmed,
}

/// What an index holds and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub size: u64,
    /// SHA-256 of the records and of where they come from.
    pub digest: String,
    /// When the records were last written.
    pub built: Timestamp,
    /// When the sources last said that this is what they have.
    pub checked: Timestamp,
    /// How many packages it has records about.
    pub packages: u64,
    /// What each source has on each ecosystem.
    pub sources: Vec<SourceInfo>,
    /// The ecosystems that were asked about and on which no source has anything.
    pub uncovered: BTreeSet<Ecosystem>,
    /// What could not be read when it was made.
    pub remarks: Vec<String>,
}

impl Status {
    /// How many whole days ago the sources were last asked.
    pub fn age_days(&self, now: Timestamp) -> i64 {
        days(now.duration_since(self.checked))
    }

    /// Whether a scan would take this index, by its age.
    pub fn is_fresh(&self, now: Timestamp, max_age_days: u32) -> Result<(), AdvisoryError> {
        match too_old(self.checked, now, max_age_days) {
            None => Ok(()),
            Some(age) => {
                Err(AdvisoryError::Stale { path: self.path.clone(), age, allowed: max_age_days })
            }
        }
    }

    fn of(stored: &Stored) -> Self {
        let (stamp, contents) = (stored.stamp(), stored.contents());
        let sources = contents.sources();
        let covered: BTreeSet<_> = sources.iter().map(|source| source.ecosystem).collect();
        Self {
            path: stored.path().to_owned(),
            size: stamp.size,
            digest: stamp.digest,
            built: stamp.built,
            checked: stamp.checked,
            packages: stamp.names,
            uncovered: contents.asked().difference(&covered).copied().collect(),
            remarks: contents.remarks.clone(),
            sources,
        }
    }
}

impl Database {
    /// The index at a path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What the index says of itself.
    pub fn status(&self) -> Result<Status, AdvisoryError> {
        self.open().map(|stored| Status::of(&stored))
    }

    /// Reads the index whole: an error where anything is not what was written.
    pub fn verify(&self) -> Result<Status, AdvisoryError> {
        let stored = self.open()?;
        stored.verify().map(|()| Status::of(&stored))
    }

    /// Asks the sources and renews the index; `waiting` is called before another process that does
    /// the same is waited for.
    pub fn update(
        &self,
        update: &Update,
        options: &LoadOptions,
        waiting: &mut dyn FnMut(),
    ) -> Result<Updated, AdvisoryError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|source| self.unwritten(source))?;
        let _lock = self.lock(waiting)?;
        clear(folder);
        // A damaged index is no reason not to make a new one.
        let old = Stored::open(&self.path, &BTreeSet::new()).ok();
        let plan = Plan::new(update, old.as_ref())?;
        let options = LoadOptions { network: Network::Needed, ..options.clone() };
        let fetched = plan.fetch(&options)?;
        if let Some(old) = old.as_ref().filter(|old| plan.is_what(old, &fetched)) {
            let notices = fetched.iter().filter_map(Fetched::notice).cloned().collect();
            return self.confirm(old, options.now, notices);
        }
        let index = Index::read(fetched, &plan.ecosystems, &options)?;
        self.renew(&plan, &index, old.as_ref(), options.now)
    }

    fn open(&self) -> Result<Stored, AdvisoryError> {
        let opened = Stored::open(&self.path, &BTreeSet::new());
        if let Err(AdvisoryError::Missing(path)) = opened {
            return Err(AdvisoryError::NoIndex(path));
        }
        opened
    }

    /// The same records with the date of today.
    fn confirm(
        &self,
        old: &Stored,
        now: Timestamp,
        notices: Vec<Notice>,
    ) -> Result<Updated, AdvisoryError> {
        old.confirmed(now)?.write(&self.path)?;
        Ok(Updated { change: Change::Confirmed, status: self.status()?, notices })
    }

    fn renew(
        &self,
        plan: &Plan,
        index: &Index,
        old: Option<&Stored>,
        now: Timestamp,
    ) -> Result<Updated, AdvisoryError> {
        if index.sources().is_empty() {
            let names: Vec<_> = plan.ecosystems.iter().map(Ecosystem::to_string).collect();
            return Err(AdvisoryError::Empty(names.join(", ")));
        }
        let remarks = index.notices().iter().map(|notice| notice.message.clone()).collect();
        let locations = plan.shown();
        let contents = Contents::new(locations, &plan.ecosystems, index.sources(), remarks);
        let built = build(index.packages(), contents, now).map_err(|why| self.unwritten(why))?;
        let mut notices = index.notices().to_vec();
        if let Some(old) = old {
            notices.extend(lost(old, index));
            // A body that was altered has the digest of one that was not.
            if built.digest() == old.stamp().digest && old.verify().is_ok() {
                return self.confirm(old, now, notices);
            }
        }
        built.write(&self.path)?;
        Ok(Updated { change: Change::Renewed, status: self.status()?, notices })
    }

    /// The lock of those who write; it ends with the process, however that ends.
    fn lock(&self, waiting: &mut dyn FnMut()) -> Result<File, AdvisoryError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|source| self.unwritten(source))?;
        if file.try_lock().is_err() {
            waiting();
            file.lock().map_err(|source| self.unwritten(source))?;
        }
        Ok(file)
    }

    fn unwritten(&self, source: std::io::Error) -> AdvisoryError {
        AdvisoryError::Unwritten { path: self.path.clone(), source }
    }
}

/// A remark for each ecosystem on which the sources had something and have nothing now.
fn lost(old: &Stored, index: &Index) -> Vec<Notice> {
    let before: BTreeSet<_> = old.contents().sources().iter().map(|it| it.ecosystem).collect();
    let gone = before.intersection(index.uncovered());
    let remark = |ecosystem: &Ecosystem| {
        let message = format!("the sources have nothing on {ecosystem} any more");
        Notice::new(Level::Warning, message)
    };
    gone.map(remark).collect()
}

/// What an update asks whom for.
struct Plan {
    ecosystems: BTreeSet<Ecosystem>,
    locations: Vec<Location>,
}

impl Plan {
    fn new(update: &Update, old: Option<&Stored>) -> Result<Self, AdvisoryError> {
        let mut ecosystems = update.ecosystems.clone();
        ecosystems.extend(old.iter().flat_map(|old| old.contents().asked()));
        if ecosystems.is_empty() {
            return Err(AdvisoryError::NothingWanted);
        }
        let asked = old.iter().flat_map(|old| &old.contents().locations);
        let asked: Vec<Location> = asked.filter_map(|text| text.parse().ok()).collect();
        let usual = vec![update.usual.clone()];
        let named = [update.sources.clone(), asked, usual].into_iter();
        let locations = named.into_iter().find(|named| !named.is_empty()).unwrap_or_default();
        for location in &locations {
            match location {
                Location::Path(path) if is_index(path) => {
                    return Err(AdvisoryError::IsIndex(path.clone()));
                }
                Location::Path(_) | Location::Bucket(_) | Location::Git(_) => {}
            }
        }
        Ok(Self { ecosystems, locations })
    }

    fn shown(&self) -> Vec<String> {
        self.locations.iter().map(Location::to_string).collect()
    }

    fn fetch(&self, options: &LoadOptions) -> Result<Vec<Fetched>, AdvisoryError> {
        let mut tasks = Vec::new();
        for location in &self.locations {
            tasks.extend(plan(location, &self.ecosystems)?);
        }
        let fetched: Vec<_> =
            tasks.into_par_iter().map(|task| task.fetch(&self.ecosystems, options)).collect();
        fetched.into_iter().collect()
    }

    /// Whether an index was made by this version of just what was fetched.
    fn is_what(&self, old: &Stored, fetched: &[Fetched]) -> bool {
        let contents = old.contents();
        let same = contents.maker == env!("CARGO_PKG_VERSION")
            && contents.asked() == self.ecosystems
            && contents.locations == self.shown();
        let mut identities = BTreeSet::new();
        for fetched in fetched {
            let Ok(identity) = fetched.identity() else { return false };
            identities.extend(identity);
        }
        let known = contents.sources().into_iter().map(|it| (it.source, it.digest));
        same && identities == known.collect() && old.verify().is_ok()
    }
}

#[cfg(test)]
mod tests;
