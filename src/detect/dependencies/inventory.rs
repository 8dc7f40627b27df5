//! The lockfiles of a tree, and what they resolve to.

use crate::advisory::one_line;
use crate::detect::Snapshot;
use crate::finding::{Level, Notice, RepoPath};
use crate::lockfile::{self, Format, Locked, Origin, PassedOver, Reading, Requirement};
use crate::package::Ecosystem;
use crate::source::{SourceError, Status, Tree};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Every lockfile of a tree that can be read, and remarks on those that cannot.
pub struct Inventory {
    /// The lockfiles, sorted by path.
    pub lockfiles: Vec<Lockfile>,
    /// Remarks; a lockfile that cannot be read is a [`Level::Error`].
    pub notices: Vec<Notice>,
}

/// One lockfile.
pub struct Lockfile {
    /// Where it is.
    pub path: RepoPath,
    /// What it is.
    pub format: &'static dyn Format,
    /// Its text.
    pub text: String,
    /// What it resolves to.
    pub packages: Vec<Locked>,
    /// What it holds besides, which was not checked.
    pub passed_over: Vec<PassedOver>,
    /// What the project itself asks for, where the file says.
    pub declared: Vec<Requirement>,
    /// The other files that it was read with, whether or not they are there.
    pub consulted: BTreeSet<RepoPath>,
}

/// A tree whose lockfiles cannot be looked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DependencyError {
    /// The tree cannot be listed.
    #[error("cannot look for lockfiles")]
    List(#[source] SourceError),
}

impl Inventory {
    /// The ecosystems on which advisories are needed.
    pub fn ecosystems(&self) -> BTreeSet<Ecosystem> {
        let packages = self.lockfiles.iter().flat_map(|lockfile| &lockfile.packages);
        packages.filter(|it| is_foreign(it)).map(|it| it.package.ecosystem).collect()
    }

    /// How many packages are locked.
    pub fn packages(&self) -> usize {
        self.lockfiles.iter().map(|lockfile| lockfile.packages.len()).sum()
    }
}

/// Whether a package is somebody else's: only then an advisory can be about it.
pub(super) fn is_foreign(locked: &Locked) -> bool {
    !matches!(locked.origin, Origin::Path(_))
}

/// Reads every lockfile of the head that is asked for.
pub fn lockfiles(
    snapshot: &Snapshot<'_>,
    asked_for: &(dyn Fn(&RepoPath) -> bool + Sync),
) -> Result<Inventory, DependencyError> {
    // All paths of a tree are asked about, and the formats take longer to answer.
    let known = |path: &RepoPath| if asked_for(path) { lockfile::format_of(path) } else { None };
    let mut inventory = collect(snapshot.head, known)?;
    inventory.notices.extend(gone(snapshot, known));
    Ok(inventory)
}

/// A remark for each lockfile that the change removes where none of its format is added: what it
/// locked is not looked at any more.
pub(super) fn gone(
    snapshot: &Snapshot<'_>,
    format_of: impl Fn(&RepoPath) -> Option<&'static dyn Format>,
) -> Vec<Notice> {
    let of = |status: Status| snapshot.delta.iter().filter(move |it| it.status == status);
    let moved = |format: &dyn Format| of(Status::Added).any(|delta| format.claims(&delta.path));
    let gone = of(Status::Deleted).filter_map(|delta| Some((&delta.path, format_of(&delta.path)?)));
    let gone = gone.filter(|(_, format)| !moved(*format));
    gone.map(|(path, format)| {
        let name = format.name();
        let message = format!("this {name} is removed: what it locked is not checked any more");
        Notice::at(path, Level::Warning, message)
    })
    .collect()
}

/// Reads every lockfile that `format_of` knows.
pub(super) fn collect(
    tree: &dyn Tree,
    format_of: impl Fn(&RepoPath) -> Option<&'static dyn Format> + Sync,
) -> Result<Inventory, DependencyError> {
    let paths = tree.paths().map_err(DependencyError::List)?;
    let claimed: Vec<_> =
        paths.into_iter().filter_map(|path| format_of(&path).map(|it| (path, it))).collect();
    let read: Vec<_> =
        claimed.into_par_iter().map(|(path, format)| read(tree, path, format)).collect();
    let mut inventory = Inventory { lockfiles: Vec::new(), notices: Vec::new() };
    for outcome in read {
        match outcome {
            Ok(lockfile) => {
                inventory.notices.extend(lockfile.emptiness());
                inventory.notices.extend(lockfile.omissions());
                inventory.lockfiles.push(lockfile);
            }
            Err(notice) => inventory.notices.push(notice),
        }
    }
    Ok(inventory)
}

fn read(tree: &dyn Tree, path: RepoPath, format: &'static dyn Format) -> Result<Lockfile, Notice> {
    let fail = |why: String| {
        let name = format.name();
        Notice::at(
            &path,
            Level::Error,
            format!("{name} cannot be read: {why}; its packages were not checked"),
        )
    };
    let bytes = tree.read(&path).map_err(|error| fail(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| fail("it is not there any more".to_owned()))?;
    let text = text(bytes).map_err(&fail)?;
    let consulted = RefCell::new(BTreeSet::new());
    let in_tree = text_of(tree);
    let other = |path: &RepoPath| {
        consulted.borrow_mut().insert(path.clone());
        in_tree(path)
    };
    let Reading { packages, passed_over, declared } =
        format.read_in(&text, &path, &other).map_err(|error| fail(error.to_string()))?;
    let consulted = consulted.into_inner();
    Ok(Lockfile { path, format, text, packages, passed_over, declared, consulted })
}

/// The texts of the other files of a tree, of which a lockfile may need some.
pub(super) fn text_of(tree: &dyn Tree) -> impl Fn(&RepoPath) -> Option<String> {
    |path| String::from_utf8(tree.read(path).ok()??).ok()
}

/// The text of a lockfile; where it is not UTF-8, the line that is not.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        format!("line {line}: not UTF-8")
    })
}

impl Lockfile {
    /// A remark where nothing was read from a file that seems to say something: what is not a
    /// comment may be packages in a form that was not understood.
    fn emptiness(&self) -> Option<Notice> {
        let blank = |line: &str| line.is_empty() || line.starts_with('#') || line.starts_with("//");
        if !self.format.emptiness_is_odd() {
            return None;
        }
        let says_something = !self.text.lines().map(str::trim).all(blank);
        (self.packages.is_empty() && self.passed_over.is_empty() && says_something).then(|| {
            let message = format!("no packages were found in this {}", self.format.name());
            Notice::at(&self.path, Level::Warning, message)
        })
    }

    /// A remark for each reason for which entries were passed over.
    fn omissions(&self) -> Vec<Notice> {
        let mut reasons = BTreeMap::<&str, Vec<&PassedOver>>::new();
        for entry in &self.passed_over {
            reasons.entry(entry.why).or_default().push(entry);
        }
        let remark = |(why, entries): (&str, Vec<&PassedOver>)| {
            let first = entries.iter().take(5);
            let named: Vec<_> =
                first.map(|it| format!("{} on line {}", one_line(&it.name, 60), it.line)).collect();
            let (count, named) = (entries.len(), named.join(", "));
            let noun = if count == 1 { "entry" } else { "entries" };
            let more = count.saturating_sub(5);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let message = format!("{count} {noun} not checked, {why}: {named}{more}");
            Notice::at(&self.path, Level::Warning, message)
        };
        reasons.into_iter().map(remark).collect()
    }
}
