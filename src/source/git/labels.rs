//! What refs are called, what tags say, and the notes about commits.
//!
//! Tags are read as the bytes of their objects, so that no header is passed over, and followed to
//! whatever is at the end. Notes are looked up by the commit that they are about.

use super::super::remarks::Remarks;
use super::super::{Label, LabelKind};
use super::commit_id;
use super::commits::Commits;
use super::refs::{self, Ref};
use git2::{ObjectType, Odb, Oid, Repository, Tree};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Headers of a commit that are read elsewhere, or are a signature.
const KNOWN_HEADERS: [&[u8]; 6] =
    [b"tree ", b"parent ", b"author ", b"committer ", b"gpgsig ", b"gpgsig-sha256 "];

/// The texts that go with some commits.
#[derive(Default)]
pub(super) struct Labels {
    /// By the commit that they stand for, which is among those that are pushed.
    pub(super) of_commits: BTreeMap<Oid, Vec<Label>>,
    /// Those that stand for something else.
    pub(super) others: Vec<(Option<Oid>, Label)>,
    /// The names and trees of the refs that keep notes.
    notes: Vec<(String, Oid)>,
    /// How many refs were read.
    pub(super) refs: u64,
}

/// Which refs are meant.
#[derive(Clone, Copy)]
pub(super) enum Refs<'r> {
    /// Every one, which are these; notes are commits then like any other.
    Every(&'r [Ref]),
    /// Those that stand for one of the commits; notes are read where they are about one.
    OfCommits,
}

/// Whether a name says anything that was not known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    New,
    Known,
}

impl Labels {
    /// The texts of the refs of a repository.
    pub(super) fn of_refs(
        repository: &Repository,
        refs: Refs<'_>,
        commits: &Commits,
        remarks: &Remarks<'_>,
    ) -> Self {
        let mut labels = Self::default();
        let (found, every) = match refs {
            Refs::Every(refs) => (Cow::Borrowed(refs), true),
            Refs::OfCommits => {
                let found = refs::around(repository, commits).unwrap_or_else(|error| {
                    remarks.lost(format!("the refs ({})", error.message()));
                    Vec::new()
                });
                (Cow::Owned(found), false)
            }
        };
        for Ref { name, object } in &*found {
            let object = *object;
            if !every {
                labels.notes.extend(kept_notes(repository, name, object));
            }
            // Most refs name one of the commits, of which nothing has to be asked.
            let followed = if commits.contains(object) {
                Ok(Followed::commit_itself(object))
            } else {
                Followed::from(repository, object)
            };
            if followed.as_ref().is_ok_and(|followed| followed.kind == ObjectType::Tag) {
                remarks.lost(format!("object {object} (a tag of more than {MOST_TAGS} tags)"));
            }
            match followed {
                Ok(followed) if every || followed.leads_to(commits) => {
                    labels.add(name, Name::New, followed, commits);
                }
                Err(error) if every => {
                    remarks.lost(format!("object {object} ({})", error.message()));
                }
                // A ref that cannot be followed leads to none of the commits.
                Ok(_) | Err(_) => {}
            }
        }
        labels
    }

    /// Adds what a ref says: its name, if that is new, and the tags that it names.
    pub(super) fn add(&mut self, name: &[u8], is: Name, followed: Followed, commits: &Commits) {
        let (kind, short) = called(name);
        let commit = followed.commit();
        let label = |kind, text| Label {
            kind,
            name: lossy(short),
            text,
            commit: commit.map(commit_id),
            anchor: None,
        };
        let mut labels = Vec::new();
        if is == Name::New && !short.is_empty() {
            labels.push(label(kind, short.to_vec()));
        }
        for tag in &followed.tags {
            labels.push(label(LabelKind::TagMessage, tag.message().to_vec()));
            labels.push(label(LabelKind::Tagger, tag.people()));
            let own = tag.field(b"tag ").filter(|own| *own != short);
            labels.extend(own.map(|own| label(LabelKind::TagName, own.to_vec())));
        }
        labels.extend(followed.content.map(|bytes| label(LabelKind::RefContent, bytes)));
        self.refs += 1;
        match commit.filter(|commit| commits.contains(*commit)) {
            Some(commit) => self.of_commits.entry(commit).or_default().extend(labels),
            None => self.others.extend(labels.into_iter().map(|label| (commit, label))),
        }
    }

    /// Whether anything may go with a commit.
    pub(super) fn go_with(&self, id: Oid) -> bool {
        !self.notes.is_empty() || self.of_commits.contains_key(&id)
    }

    /// Whether anything that goes with a commit is worth a look; see [`super::super::Sieve::text`].
    pub(super) fn matter(
        &self,
        repository: &Repository,
        id: Oid,
        remarks: &Remarks<'_>,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> bool {
        self.about(repository, id, remarks).iter().any(|label| wanted(&label.text))
    }

    /// The notes about a commit, and what the refs say that stand for it.
    pub(super) fn about(
        &self,
        repository: &Repository,
        id: Oid,
        remarks: &Remarks<'_>,
    ) -> Vec<Label> {
        let mut labels = self.notes(repository, id, remarks);
        labels.extend(self.of_commits.get(&id).into_iter().flatten().cloned());
        labels
    }

    /// What notes say about a commit.
    fn notes(&self, repository: &Repository, id: Oid, remarks: &Remarks<'_>) -> Vec<Label> {
        let mut labels = Vec::new();
        for (name, tree) in &self.notes {
            let texts = repository.find_tree(*tree).and_then(|tree| notes(repository, tree, id));
            match texts {
                Ok(texts) => labels.extend(texts.into_iter().map(|text| Label {
                    kind: LabelKind::Note,
                    name: name.clone(),
                    text,
                    commit: Some(commit_id(id)),
                    anchor: None,
                })),
                Err(error) => remarks.lost(format!("a note on commit {id} ({})", error.message())),
            }
        }
        labels
    }
}

/// The name and the tree of a ref that keeps notes.
fn kept_notes(repository: &Repository, name: &[u8], object: Oid) -> Option<(String, Oid)> {
    let object = name.starts_with(refs::NOTES).then(|| repository.find_object(object, None).ok());
    Some((lossy(name), object??.peel_to_tree().ok()?.id()))
}

/// How many tags are followed from one to the next: each ref that leads to them has a copy of what they say.
const MOST_TAGS: usize = 100;

/// What a ref leads to.
pub(super) struct Followed {
    tags: Vec<TagObject>,
    /// The object at the end.
    end: Oid,
    /// What it is.
    pub(super) kind: ObjectType,
    /// Its bytes, if they are a file's.
    content: Option<Vec<u8>>,
}

impl Followed {
    /// Follows tags, nested ones too, to what they are about; after [`MOST_TAGS`] it ends at a tag.
    pub(super) fn from(repository: &Repository, object: Oid) -> Result<Self, git2::Error> {
        let odb = repository.odb()?;
        let (mut tags, mut end) = (Vec::new(), object);
        loop {
            let kind = odb.read_header(end)?.1;
            if kind != ObjectType::Tag || tags.len() == MOST_TAGS {
                let content = (kind == ObjectType::Blob).then(|| bytes(&odb, end)).transpose()?;
                return Ok(Self { tags, end, kind, content });
            }
            let tag = TagObject(bytes(&odb, end)?);
            end = tag.object()?;
            tags.push(tag);
        }
    }

    fn commit_itself(commit: Oid) -> Self {
        Self { tags: Vec::new(), end: commit, kind: ObjectType::Commit, content: None }
    }

    /// The commit at the end.
    pub(super) fn commit(&self) -> Option<Oid> {
        (self.kind == ObjectType::Commit).then_some(self.end)
    }

    fn leads_to(&self, commits: &Commits) -> bool {
        self.commit().is_some_and(|commit| commits.contains(commit))
    }
}

/// The bytes of an annotated tag.
struct TagObject(Vec<u8>);

impl TagObject {
    fn object(&self) -> Result<Oid, git2::Error> {
        let hex = self.field(b"object ").and_then(|hex| std::str::from_utf8(hex).ok());
        Oid::from_str(hex.unwrap_or_default())
    }

    fn message(&self) -> &[u8] {
        parts(&self.0).1
    }

    fn field(&self, name: &[u8]) -> Option<&[u8]> {
        parts(&self.0).0.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name))
    }

    /// The lines of the header that are about nobody but people, and whatever else it has.
    fn people(&self) -> Vec<u8> {
        let known = [b"object ".as_slice(), b"type ", b"tag "];
        let lines = parts(&self.0).0.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !known.iter().any(|name| line.starts_with(name)));
        lines.collect::<Vec<_>>().join(&b'\n')
    }
}

/// Header and message of an object.
fn parts(object: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(object, b"\n\n").and_then(|at| object.split_at_checked(at)) {
        Some((header, rest)) => (header, rest.get(2..).unwrap_or_default()),
        None => (object, &[]),
    }
}

/// Whether a commit's header has lines that [`extra_headers`] keeps.
pub(super) fn has_extra_headers(header: &[u8]) -> bool {
    let mut lines = header.split(|byte| *byte == b'\n');
    lines.any(|line| {
        let known = KNOWN_HEADERS.iter().any(|name| line.starts_with(name));
        !line.is_empty() && !line.starts_with(b" ") && !known
    })
}

/// The headers of a commit that nobody else reads, with the lines that continue them.
pub(super) fn extra_headers(commit: &git2::Commit<'_>) -> Option<Label> {
    let mut kept = Vec::new();
    let mut keeps = false;
    for line in commit.raw_header_bytes().split(|byte| *byte == b'\n') {
        if !line.starts_with(b" ") {
            keeps = !KNOWN_HEADERS.iter().any(|name| line.starts_with(name));
        }
        if keeps && !line.is_empty() {
            kept.push(line.strip_prefix(b" ").unwrap_or(line));
        }
    }
    let text = kept.join(&b'\n');
    let commit = Some(commit_id(commit.id()));
    let label =
        Label { kind: LabelKind::CommitHeaders, name: String::new(), text, commit, anchor: None };
    (!label.text.is_empty()).then_some(label)
}

/// What a ref is, and what people call it.
fn called(name: &[u8]) -> (LabelKind, &[u8]) {
    let forms = [
        (b"refs/heads/".as_slice(), LabelKind::BranchName),
        (b"refs/remotes/", LabelKind::BranchName),
        (b"refs/tags/", LabelKind::TagName),
    ];
    let short = forms.iter().find_map(|(start, kind)| Some((*kind, name.strip_prefix(*start)?)));
    short.unwrap_or((LabelKind::RefName, name))
}

/// The notes about an object: named like it, in folders of two digits or not.
fn notes(repository: &Repository, root: Tree<'_>, id: Oid) -> Result<Vec<Vec<u8>>, git2::Error> {
    let hex = id.to_string();
    let (mut texts, mut rest, mut folder) = (Vec::new(), hex.as_str(), Some(root));
    while let Some(tree) = folder.take() {
        let note = tree.get_name(rest).filter(|entry| entry.kind() == Some(ObjectType::Blob));
        if let Some(note) = note {
            texts.push(repository.find_blob(note.id())?.content().to_vec());
        }
        let Some((two, below)) = rest.split_at_checked(2) else { break };
        let next = tree.get_name(two).filter(|entry| entry.kind() == Some(ObjectType::Tree));
        folder = next.map(|entry| repository.find_tree(entry.id())).transpose()?;
        rest = below;
    }
    Ok(texts)
}

fn bytes(odb: &Odb<'_>, id: Oid) -> Result<Vec<u8>, git2::Error> {
    odb.read(id).map(|object| object.data().to_vec())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
