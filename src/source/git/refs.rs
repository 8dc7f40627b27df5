//! The refs of a repository: the loose ones, and those that `packed-refs` keeps.
//!
//! libgit2 loads and sorts every packed ref to show one, and does not say which of them are tags. A
//! mirror has fifty thousand, a range is about a hundred commits: so a `packed-refs` that says
//! `fully-peeled` is read here, because it names what each tag ends at. Any other is left to libgit2.
//! What the files hold: gitrepository-layout(5), and the comments of git's own writer of them.

use super::commits::Commits;
use git2::{Oid, Reference, Repository};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use walkdir::WalkDir;

/// How a `packed-refs` begins that tells tags from other refs.
const FULLY_PEELED: &[u8] = b"# pack-refs with: peeled fully-peeled";
/// How much of it is read at once, in bytes.
const PIECE: u64 = 64 << 10;
/// The longest name of a ref that is read here, in bytes; no file system has one that is half as long.
const LONGEST: usize = 1 << 20;
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
    let Some(loose) = loose(repository) else { return every(repository) };
    let starts = starts(commits);
    let begins = |hex: &[u8]| start(hex).and_then(|at| starts.get(at)).is_some_and(|is| *is);
    let ends_at = |hex: &[u8]| begins(hex) && id(hex).is_some_and(|id| commits.contains(id));
    let near = |line: &Line<'_>| {
        line.name.starts_with(NOTES) || ends_at(line.object) || line.tag_of.is_some_and(ends_at)
    };
    let mut found = Vec::new();
    let keep = |line: Line<'_>| {
        if near(&line) && !loose.contains(line.name) {
            found.extend(id(line.object).map(|object| Ref { name: line.name.to_vec(), object }));
        }
    };
    if read_packed(&repository.commondir().join("packed-refs"), keep).is_err() {
        return every(repository);
    }
    let loose = loose.iter().filter_map(|name| {
        let name = std::str::from_utf8(name).ok()?;
        Ref::of(&repository.find_reference(name).ok()?)
    });
    found.extend(loose);
    Ok(found)
}

/// Shows every ref of a `packed-refs`, of which a piece is held at a time. An error is also one that does
/// not say of each ref whether it is a tag.
fn read_packed(path: &Path, mut show: impl FnMut(Line<'_>)) -> io::Result<()> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let (mut text, mut first) = (Vec::new(), true);
    loop {
        let read = file.by_ref().take(PIECE).read_to_end(&mut text)?;
        if first && !text.starts_with(FULLY_PEELED) {
            return Err(ErrorKind::Unsupported.into());
        }
        first = false;
        let whole = if read == 0 { text.len() } else { whole_refs(&text) };
        if whole == 0 && text.len() > LONGEST {
            return Err(ErrorKind::Unsupported.into());
        }
        lines(text.get(..whole).unwrap_or_default()).for_each(&mut show);
        text.drain(..whole);
        if read == 0 {
            return Ok(());
        }
    }
}

/// How much of a piece is refs of which nothing comes after the piece: what a tag ends at stands below it.
fn whole_refs(text: &[u8]) -> usize {
    let ends = memchr::memrchr_iter(b'\n', text).map(|end| end + 1);
    let whole = |end: &usize| text.get(*end).is_some_and(|next| *next != b'^');
    ends.into_iter().find(whole).unwrap_or(0)
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

/// The refs of a `packed-refs`.
fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let line = take_line(&mut rest);
            let Some((object, name)) = line.split_at_checked(DIGITS) else { continue };
            let Some(name) = name.strip_prefix(b" ").filter(|_| !line.starts_with(b"#")) else {
                continue;
            };
            let tag_of = rest.starts_with(b"^").then(|| take_line(&mut rest));
            let tag_of = tag_of.and_then(|line| line.strip_prefix(b"^"));
            return Some(Line { object, name, tag_of });
        }
        None
    })
}

/// Takes the first line off a text.
fn take_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let (line, after) = rest.split_at_checked(end).unwrap_or_default();
    *rest = after.get(1..).unwrap_or_default();
    line
}

fn id(hex: &[u8]) -> Option<Oid> {
    std::str::from_utf8(hex).ok().and_then(|hex| Oid::from_str(hex).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::fs;

    #[test]
    fn refs_are_the_same_in_pieces() {
        let mut text = format!("{} sorted \n", String::from_utf8_lossy(FULLY_PEELED));
        for number in 0..5000 {
            let long = "x".repeat(number % 90);
            writeln!(text, "{number:040x} refs/pull/{number}/{long}").unwrap();
            if number % 3 == 0 {
                writeln!(text, "^{:040x}", number + 1).unwrap();
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("packed-refs");
        fs::write(&path, &text).unwrap();
        let shown = |line: Line<'_>| {
            (line.object.to_vec(), line.name.to_vec(), line.tag_of.map(<[u8]>::to_vec))
        };
        let mut found = Vec::new();
        read_packed(&path, |line| found.push(shown(line))).unwrap();
        assert_eq!(found, lines(text.as_bytes()).map(shown).collect::<Vec<_>>());
        assert_eq!(found.iter().filter(|(_, _, tag_of)| tag_of.is_some()).count(), 1667);
    }

    #[test]
    fn what_does_not_say_what_is_a_tag_is_not_read_here() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("packed-refs");
        let mut count = 0;
        let mut read = || read_packed(&path, |_| count += 1);
        read().unwrap();
        for text in ["", "# pack-refs with: peeled \n", "no line end at all"] {
            fs::write(&path, text).unwrap();
            assert!(read().is_err(), "{text}");
        }
        assert_eq!(count, 0);
    }
}
