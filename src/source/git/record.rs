//! Commits and trees, read from their own bytes.

use super::super::hex;
use super::commit_id;
use super::labels::has_extra_headers;
use super::pack::Name;
use crate::source::{Commit, Person};
use git2::Oid;
use std::ops::Range;

/// What a commit says first: what it holds, where it came from, and when it was made.
#[derive(Debug, Clone)]
pub(super) struct Lineage {
    pub(super) tree: Oid,
    pub(super) parents: Vec<Oid>,
    pub(super) seconds: i64,
}

impl Lineage {
    /// Reads the beginning of a commit; `None` if that is not all there, or not as git writes it.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (first, mut rest) = First::read(bytes)?;
        line(&mut rest)?.strip_prefix(b"author ")?;
        let seconds = seconds(line(&mut rest)?.strip_prefix(b"committer ")?)?;
        let id = |name: &Name| Oid::from_bytes(name).ok();
        let parents = first.parents.iter().map(id).collect::<Option<_>>()?;
        Some(Self { tree: id(&first.tree)?, parents, seconds })
    }
}

/// The names that a commit begins with.
struct First {
    tree: Name,
    parents: Vec<Name>,
}

impl First {
    /// Reads them, and returns what comes after them.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut rest = bytes;
        let tree = name(rest.strip_prefix(b"tree ")?)?;
        rest = rest.get(46..)?;
        let mut parents = Vec::new();
        while let Some(parent) = rest.strip_prefix(b"parent ") {
            parents.push(name(parent)?);
            rest = rest.get(48..)?;
        }
        Some((Self { tree, parents }, rest))
    }
}

/// What a commit says of itself.
pub(super) struct Record<'a> {
    pub(super) tree: Name,
    pub(super) parents: Vec<Name>,
    pub(super) author: Person,
    pub(super) committer: Person,
    message: &'a [u8],
    /// Whether it has headers that are read as a text of their own.
    pub(super) has_more: bool,
}

impl<'a> Record<'a> {
    /// Reads a commit; `None` for one that is not written as git writes them.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (First { tree, parents }, mut rest) = First::read(bytes)?;
        let author = person(line(&mut rest)?.strip_prefix(b"author ")?)?;
        let committer = person(line(&mut rest)?.strip_prefix(b"committer ")?)?;
        // The record ends, or a blank line ends it, or there is more.
        let end =
            if rest.starts_with(b"\n") { Some(0) } else { memchr::memmem::find(rest, b"\n\n") };
        let (headers, message) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        let blank = message.iter().take_while(|byte| **byte == b'\n').count();
        let message = message.get(blank..)?;
        let has_more = has_extra_headers(headers);
        Some(Self { tree, parents, author, committer, message, has_more })
    }

    /// The commit as detectors see it, without its anchor. Signatures are nobody's secret: a message
    /// that counted them would make every signed commit worth a look.
    pub(super) fn commit(self, id: Oid) -> Commit {
        let parents = self.parents.iter().filter_map(|parent| Oid::from_bytes(parent).ok());
        Commit {
            id: commit_id(id),
            parents: parents.map(commit_id).collect(),
            author: self.author,
            committer: self.committer,
            message: String::from_utf8_lossy(self.message).into_owned(),
            anchor: None,
        }
    }
}

/// The name that forty digits and a line end spell.
fn name(text: &[u8]) -> Option<Name> {
    let (digits, rest) = text.split_first_chunk()?;
    hex::name(digits).filter(|_| rest.starts_with(b"\n"))
}

fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = memchr::memchr(b'\n', rest)?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    Some(line)
}

/// `Name <address> seconds zone`.
fn person(line: &[u8]) -> Option<Person> {
    let address = address(line)?;
    let text = |range: Range<usize>| {
        line.get(range).map(|text| String::from_utf8_lossy(text.trim_ascii()).into_owned())
    };
    let name = text(0..address.start - 1)?;
    Some(Person { name, email: text(address)?, seconds: seconds(line)? })
}

/// When, of the same.
fn seconds(line: &[u8]) -> Option<i64> {
    let when = str::from_utf8(line.get(address(line)?.end + 1..)?).ok()?;
    when.split_ascii_whitespace().next()?.parse().ok()
}

/// Where the address is in it, without its brackets.
fn address(line: &[u8]) -> Option<Range<usize>> {
    let open = memchr::memchr(b'<', line)?;
    let close = memchr::memrchr(b'>', line).filter(|close| open < *close)?;
    Some(open + 1..close)
}

/// How long a mode is with the space behind it, in bytes: whoever made a tree by hand may have written
/// zeros before it.
const LONGEST_MODE: usize = 32;

/// One entry of a tree.
pub(super) struct TreeEntry<'a> {
    pub(super) mode: u32,
    pub(super) name: &'a [u8],
    pub(super) id: &'a Name,
}

impl<'a> TreeEntry<'a> {
    /// Takes the first entry off the bytes of a tree.
    pub(super) fn take(bytes: &mut &'a [u8]) -> Option<Self> {
        let space = memchr::memchr(b' ', bytes.get(..bytes.len().min(LONGEST_MODE))?)?;
        let (digits, rest) = (bytes.get(..space)?, bytes.get(space + 1..)?);
        let end = memchr::memchr(0, rest)?;
        let (id, left) = rest.get(end + 1..)?.split_first_chunk()?;
        let digit =
            |mode: u32, byte: &u8| mode.checked_mul(8)?.checked_add(char::from(*byte).to_digit(8)?);
        let mode = digits.iter().try_fold(0_u32, digit)?;
        *bytes = left;
        Some(Self { mode, name: rest.get(..end)?, id })
    }
}
