//! The refs of a repository: the loose ones, and those that `packed-refs` keeps.
//!
//! libgit2 loads and sorts every packed ref to show one, and does not say which of them are tags. A
//! mirror has fifty thousand, a range is about a hundred commits: so a `packed-refs` that says
//! `fully-peeled` is read here, because it names what each tag ends at. Any other is left to libgit2.
//! What the files hold: gitrepository-layout(5), and the comments of git's own writer of them.

use super::commits::Commits;
use git2::{Oid, Reference, Repository};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use walkdir::WalkDir;

/// How a `packed-refs` begins that tells tags from other refs.
const FULLY_PEELED: &[u8] = b"# pack-refs with: peeled fully-peeled";
/// How many digits the name of an object has.
const DIGITS: usize = 40;
/// Under which the notes about commits are kept.
pub(super) const NOTES: &[u8] = b"refs/notes/";

/// A ref and the object that it names, which may be a tag.
#[derive(Clone)]
pub(super) struct Ref {
    pub(super) name: Vec<u8>,
    pub(super) object: Oid,
}

/// Every ref that leads somewhere.
fn every(repository: &Repository) -> Result<Vec<Ref>, git2::Error> {
    let references = repository.references()?.filter_map(Result::ok);
    Ok(references.filter_map(|reference| Ref::of(&reference)).collect())
}

/// Every ref that may lead to one of the commits, and those that keep notes. Others may be among them.
pub(super) fn around(repository: &Repository, commits: &Commits) -> Result<Vec<Ref>, git2::Error> {
    let text = match fs::read(repository.commondir().join("packed-refs")) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => FULLY_PEELED.to_vec(),
        Err(_) => Vec::new(),
    };
    let (Some(packed), Some(loose)) = (packed(&text), loose(repository)) else {
        return every(repository);
    };
    let starts = starts(commits);
    let begins = |hex: &[u8]| start(hex).and_then(|at| starts.get(at)).is_some_and(|is| *is);
    let ends_at = |hex: &[u8]| begins(hex) && id(hex).is_some_and(|id| commits.contains(id));
    let near = |line: &Line<'_>| {
        line.name.starts_with(NOTES) || ends_at(line.object) || line.tag_of.is_some_and(ends_at)
    };
    let packed = packed.filter(|line| near(line) && !loose.contains(line.name));
    let packed =
        packed.filter_map(|line| Some(Ref { name: line.name.to_vec(), object: id(line.object)? }));
    let loose = loose.iter().filter_map(|name| {
        let name = std::str::from_utf8(name).ok()?;
        Ref::of(&repository.find_reference(name).ok()?)
    });
    Ok(packed.chain(loose).collect())
}

/// How the names of commits begin: tens of thousands of names are held against a few.
fn starts(commits: &Commits) -> Vec<bool> {
    let mut starts = vec![false; 1 << 12];
    for id in &commits.newest_first {
        if let Some(slot) = start(id.to_string().as_bytes()).and_then(|at| starts.get_mut(at)) {
            *slot = true;
        }
    }
    starts
}

/// The number that the first three digits of a name spell.
fn start(hex: &[u8]) -> Option<usize> {
    let digit =
        |value: usize, byte: &u8| Some(value << 4 | char::from(*byte).to_digit(16)? as usize);
    hex.get(..3)?.iter().try_fold(0, digit)
}

impl Ref {
    /// A remote's `HEAD` may name a branch that is not fetched: it leads nowhere.
    pub(super) fn of(reference: &Reference<'_>) -> Option<Self> {
        let object = reference.target().or_else(|| reference.resolve().ok()?.target())?;
        Some(Self { name: reference.name_bytes().to_vec(), object })
    }
}

/// The names of the refs that are files of their own: a worktree has some beside the repository's.
/// `None` if one has a name that libgit2 cannot be asked for.
fn loose(repository: &Repository) -> Option<BTreeSet<Vec<u8>>> {
    let roots = BTreeSet::from([repository.commondir(), repository.path()]);
    let files = roots.into_iter().flat_map(|root| {
        let below = WalkDir::new(root.join("refs")).follow_links(true).into_iter();
        let files = below.filter_map(Result::ok).filter(|entry| !entry.file_type().is_dir());
        files.map(move |entry| name(entry.path().strip_prefix(root).ok()?))
    });
    files.collect()
}

fn name(path: &Path) -> Option<Vec<u8>> {
    let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/").into_bytes())
}

/// One ref, as `packed-refs` has it: objects are in hexadecimal.
struct Line<'a> {
    object: &'a [u8],
    name: &'a [u8],
    /// What is at the end of the tag, if it is one.
    tag_of: Option<&'a [u8]>,
}

/// The lines of a `packed-refs`, if what it does not say to be a tag is none.
fn packed(text: &[u8]) -> Option<impl Iterator<Item = Line<'_>>> {
    text.starts_with(FULLY_PEELED).then_some(())?;
    let mut from = 0;
    let ends = memchr::memchr_iter(b'\n', text).chain([text.len()]);
    let lines = ends.filter_map(move |end| {
        let line = text.get(from..end);
        from = end + 1;
        line
    });
    let mut lines = lines.peekable();
    Some(std::iter::from_fn(move || {
        let (object, name) = lines.by_ref().find_map(|line| {
            let (object, name) =
                line.split_at_checked(DIGITS).filter(|_| !line.starts_with(b"#"))?;
            Some((object, name.strip_prefix(b" ")?))
        })?;
        let tag_of = lines.next_if(|line| line.starts_with(b"^"));
        let tag_of = tag_of.and_then(|line| line.strip_prefix(b"^"));
        Some(Line { object, name, tag_of })
    }))
}

fn id(hex: &[u8]) -> Option<Oid> {
    std::str::from_utf8(hex).ok().and_then(|hex| Oid::from_str(hex).ok())
}
