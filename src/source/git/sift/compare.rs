//! How a commit differs from its parents, by the survey alone: how many files it changes, and
//! whether one of them is worth reading.

use super::super::diff::MOST_PATHS;
use super::survey::Survey;
use super::tree::{Entry, Kind};

/// A commit whose folders are so large and so different that this many looks are not enough is read
/// by name.
const MOST_STEPS: usize = 20_000_000;

/// What a commit changes.
#[derive(Default)]
pub(super) struct Change {
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Whether one of the files is to be read.
    pub(super) look: bool,
    /// Whether the survey cannot tell: a tree is missing, or there is too much of it.
    pub(super) unknown: bool,
}

/// A folder that is still to be compared.
struct Folder {
    tree: u32,
    parents: Vec<Option<u32>>,
    /// The numbers of the names that lead there.
    path: Vec<u32>,
    wanted: bool,
}

/// Whether a file whose path has a name that the sieve wants is to be read, whatever it holds. The path
/// is told by the numbers of its names.
pub(super) type WantsPath<'a> = dyn Fn(&[u32]) -> bool + 'a;

/// Compares a tree with those of its parents, as [`super::super::diff::compare`] does.
pub(super) fn compare(
    survey: &Survey,
    tree: u32,
    parents: &[u32],
    wants_path: &WantsPath<'_>,
) -> Change {
    let mut comparison = Comparison {
        survey,
        wants_path,
        change: Change::default(),
        folders: Vec::new(),
        paths: 0,
        steps: MOST_STEPS,
    };
    let parents = parents.iter().copied().map(Some).collect();
    comparison.folders.push(Folder { tree, parents, path: Vec::new(), wanted: false });
    while let Some(folder) = comparison.folders.pop() {
        if comparison.open(&folder).is_none() {
            return Change { look: true, unknown: true, ..Change::default() };
        }
    }
    comparison.change
}

struct Comparison<'s> {
    survey: &'s Survey,
    wants_path: &'s WantsPath<'s>,
    change: Change,
    folders: Vec<Folder>,
    paths: usize,
    /// How many entries may still be looked at to find one.
    steps: usize,
}

impl<'s> Comparison<'s> {
    fn open(&mut self, folder: &Folder) -> Option<()> {
        let here = self.entries(Some(folder.tree))?;
        let mut parents = Vec::with_capacity(folder.parents.len());
        for parent in &folder.parents {
            parents.push(Entries { all: self.entries(*parent)?, next: 0, steps: 0 });
        }
        let mut earlier = Vec::with_capacity(parents.len());
        for entry in here {
            // Most folders differ in one place.
            if all_go_on_with(&mut parents, *entry) {
                continue;
            }
            earlier.clear();
            earlier.extend(parents.iter_mut().map(|parent| parent.named(*entry)));
            self.steps =
                parents.iter().fold(self.steps, |left, parent| left.saturating_sub(parent.steps));
            let kept = earlier.iter().flatten().any(|old| old.is_same(*entry));
            if !kept {
                self.differs(*entry, &earlier, folder);
            }
        }
        (self.steps > 0).then_some(())
    }

    fn entries(&mut self, tree: Option<u32>) -> Option<&'s [Entry]> {
        let entries = tree.map_or(Some(&[] as &[Entry]), |tree| self.survey.tree(tree))?;
        self.paths += entries.len();
        (self.paths <= MOST_PATHS).then_some(entries)
    }

    fn differs(&mut self, entry: Entry, earlier: &[Option<Entry>], within: &Folder) {
        let wanted = within.wanted || entry.wanted();
        let path = || within.path.iter().copied().chain([entry.name()]).collect::<Vec<_>>();
        let folders = |old: &Option<Entry>| old.filter(|old| old.kind() == Kind::Folder);
        match entry.kind() {
            Kind::Folder => {
                let parents =
                    earlier.iter().map(|old| folders(old).map(|old| old.target)).collect();
                let path = path();
                self.folders.push(Folder { tree: entry.target, parents, path, wanted });
            }
            Kind::Submodule => self.change.look = true,
            Kind::File | Kind::Symlink => {
                let known = earlier.iter().flatten();
                let known = known.filter(|old| matches!(old.kind(), Kind::File | Kind::Symlink));
                let known: Vec<_> = known.map(|old| old.target).collect();
                self.change.look |=
                    self.survey.adds(entry.target, &known) || wanted && (self.wants_path)(&path());
                if let Some(size) = self.survey.size(entry.target) {
                    self.change.files += 1;
                    self.change.bytes += size;
                }
            }
        }
    }
}

/// The entries of a parent's folder, looked up in about the order that they are in.
struct Entries<'s> {
    all: &'s [Entry],
    next: usize,
    /// How many entries the last search looked at.
    steps: usize,
}

/// Whether every parent has the same where its last search ended; that is stepped over.
fn all_go_on_with(parents: &mut [Entries<'_>], entry: Entry) -> bool {
    let same =
        |parent: &Entries<'_>| parent.all.get(parent.next).is_some_and(|it| it.is_same(entry));
    let all = !parents.is_empty() && parents.iter().all(same);
    if all {
        for parent in parents {
            parent.next += 1;
        }
    }
    all
}

impl Entries<'_> {
    /// The entry of the same name as another.
    fn named(&mut self, entry: Entry) -> Option<Entry> {
        let same = |other: &Entry| other.name() == entry.name();
        let after = self.all.iter().skip(self.next).position(same).map(|at| self.next + at);
        self.steps = after.map_or(self.all.len(), |at| at - self.next);
        let at = after.or_else(|| self.all.iter().take(self.next).position(same))?;
        self.next = at + 1;
        self.all.get(at).copied()
    }
}
