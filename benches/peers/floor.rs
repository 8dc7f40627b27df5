//! What no tool can be faster than: what it must look at is read, and nobody looks.
//!
//! A history is every object of the repository decoded, by our own reader of packs. A range and the index are the
//! files that they bring, each version once and merges aside, by libgit2 on one thread, for they are few. The
//! files on disk are read as they come, on as many threads as `RAYON_NUM_THREADS` says.

use crate::mode::Mode;
use git2::{Delta, Diff, DiffOptions, Oid, Repository};
use ignore::{WalkBuilder, WalkState};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;

/// The argument that makes this bench its own floor.
pub(crate) const FLOOR: &str = "--floor";

/// Reads what the mode is about.
pub(crate) fn read(mode: &str, folder: &Path, base: &str) -> Result<(), Box<dyn Error>> {
    git2::opts::strict_hash_verification(false);
    match Mode::named(mode).ok_or("no such mode")? {
        Mode::History => _ = black_box(lockkeeper::source::decode(folder)?),
        Mode::Range => range(&Repository::open(folder)?, base)?,
        Mode::Staged => staged(&Repository::open(folder)?)?,
        Mode::Worktree => worktree(folder)?,
    }
    Ok(())
}

fn range(git: &Repository, base: &str) -> Result<(), Box<dyn Error>> {
    let mut walk = git.revwalk()?;
    walk.push_range(&format!("{base}..HEAD"))?;
    let mut blobs = BTreeSet::new();
    for id in walk {
        let commit = git.find_commit(id?)?;
        if commit.parent_count() > 1 {
            continue;
        }
        let parent = commit.parent(0).ok().map(|parent| parent.tree()).transpose()?;
        let tree = commit.tree()?;
        added(
            &git.diff_tree_to_tree(parent.as_ref(), Some(&tree), Some(&mut plain()))?,
            &mut blobs,
        );
    }
    decode(git, &blobs)
}

fn staged(git: &Repository) -> Result<(), Box<dyn Error>> {
    let mut blobs = BTreeSet::new();
    let head = git.head()?.peel_to_tree()?;
    added(&git.diff_tree_to_index(Some(&head), None, Some(&mut plain()))?, &mut blobs);
    decode(git, &blobs)
}

fn plain() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    options
}

fn added(diff: &Diff<'_>, blobs: &mut BTreeSet<Oid>) {
    let changed = diff.deltas().filter(|delta| delta.status() != Delta::Deleted);
    blobs.extend(changed.map(|delta| delta.new_file().id()));
}

fn decode(git: &Repository, blobs: &BTreeSet<Oid>) -> Result<(), Box<dyn Error>> {
    for id in blobs {
        black_box(git.find_blob(*id)?.content());
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it is the bench itself that says it")]
fn worktree(folder: &Path) -> Result<(), Box<dyn Error>> {
    let threads = std::env::var("RAYON_NUM_THREADS")?.parse()?;
    let mut files = WalkBuilder::new(folder);
    files.hidden(false).threads(threads).filter_entry(|entry| entry.file_name() != ".git");
    files.build_parallel().run(|| {
        Box::new(|entry| {
            let file =
                entry.ok().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
            black_box(file.and_then(|file| fs::read(file.path()).ok()));
            WalkState::Continue
        })
    });
    Ok(())
}
