//! What the readings of one file hold, before anybody asks whether it is new.

use super::Detector;
use super::boundary::ends_in_escape;
use super::matcher::Match;
use super::overlap::overlaps;
use super::reading::{Budget, Kind, Own, Reading, Surface, Walk, surfaces};
use crate::finding::RepoPath;
use std::collections::BTreeMap;
use std::ops::Range;

/// The shortest value of which an occurrence by chance is out of the question.
pub(super) const DISTINCT: usize = 8;

/// A value that a rule found, with all that is needed once its text is gone. It is not printable.
pub(super) struct Candidate {
    pub(super) found: Match,
    pub(super) value: Vec<u8>,
    /// The public half of the pair, where it comes in two.
    pub(super) id: Option<Vec<u8>>,
    /// The number of the surface on which it is.
    pub(super) surface: usize,
    /// Where on that surface it is, or what it was decoded from.
    pub(super) origin: Range<usize>,
    pub(super) kind: Kind,
    pub(super) member: Option<RepoPath>,
    /// Where else on its surface the same value is.
    pub(super) again: Vec<Range<usize>>,
    /// What it stands as in the file, if that is not the value itself: encoded.
    encoded: Option<Vec<u8>>,
    /// Whether it is part of a longer word there, as the password in `-psecret` is.
    joined: bool,
    own: Own,
}

impl Candidate {
    fn new(found: Match, reading: &Reading<'_>, number: usize, surface: &Surface<'_>) -> Self {
        let copy =
            |range: &Range<usize>| reading.text.get(range.clone()).unwrap_or_default().to_vec();
        let (value, id) = (copy(&found.secret), found.id.as_ref().map(copy));
        let origin = reading.origin(&found.secret);
        let encoded = (reading.kind == Kind::Decoded && surface.own == Own::Bytes)
            .then(|| surface.text.get(origin.clone()).unwrap_or_default().to_vec());
        let (kind, member) = (reading.kind, reading.member.clone());
        let (again, own) = (Vec::new(), surface.own);
        let joined = !stands_at(&surface.text, &origin);
        Self {
            found,
            value,
            id,
            surface: number,
            origin,
            kind,
            member,
            again,
            encoded,
            joined,
            own,
        }
    }

    /// Whether a file's bytes show it at a glance.
    pub(super) fn is_plainly_in(&self, bytes: &[u8]) -> bool {
        let needles = [Some(&self.value), self.encoded.as_ref()].into_iter().flatten();
        needles.filter(|needle| needle.len() >= DISTINCT).any(|needle| stands_in(bytes, needle))
    }

    /// Whether a file in which it is not plain may hold it all the same: encoded, or as a value so
    /// short, or so much part of a word, that only a rule can tell it from part of something else.
    pub(super) fn may_be_hidden(&self) -> bool {
        let plain = self.kind == Kind::Surface && self.own == Own::Bytes;
        !plain || self.value.len() < DISTINCT || self.joined
    }
}

impl Detector {
    /// Every value in a file, once each: as the surest match of it says, in the order of their
    /// places.
    pub(super) fn candidates(
        &self,
        path: &RepoPath,
        surfaces: &[Surface<'_>],
        budget: &mut Budget,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (number, surface) in surfaces.iter().enumerate() {
            let mut own = Vec::new();
            for reading in Walk::new(path, &surface.text, budget) {
                let name = reading.member.as_ref().unwrap_or(path);
                let matches = self.search(name, &reading.text).into_iter();
                let fresh = matches.filter(|found| overlaps(&found.secret, &reading.fresh));
                own.extend(fresh.map(|found| Candidate::new(found, &reading, number, surface)));
            }
            candidates.extend(without_shadows(own));
        }
        distinct(candidates)
    }

    /// The values of a file's earlier version.
    pub(super) fn values(&self, path: &RepoPath, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        let candidates = self.candidates(path, &surfaces(bytes), &mut Budget::of(bytes.len()));
        candidates.into_iter().map(|candidate| candidate.value)
    }
}

/// Drops what was decoded where the surface says as much, and the other way round.
fn without_shadows(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let depth = |candidate: &Candidate| usize::from(candidate.kind != Kind::Surface);
    candidates.sort_by_key(|c| (std::cmp::Reverse(c.found.confidence), depth(c)));
    let mut kept: Vec<Candidate> = Vec::new();
    let mut taken = BTreeMap::<(usize, usize), Kind>::new();
    for candidate in candidates {
        let Range { start, end } = candidate.origin.clone();
        let decodes = matches!(candidate.kind, Kind::Surface | Kind::Decoded);
        let before = taken.range(..(end, 0)).rev().take(8);
        let shadowed = decodes
            && before.into_iter().any(|((from, to), kind)| {
                overlaps(&(*from..*to), &(start..end)) && *kind != candidate.kind
            });
        if !shadowed {
            if decodes {
                taken.insert((start, end), candidate.kind);
            }
            kept.push(candidate);
        }
    }
    kept
}

/// One candidate for each value: the surest, then the first; it knows where the others are.
fn distinct(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_key(|c| {
        (std::cmp::Reverse(c.found.confidence), c.surface, c.origin.start, c.kind != Kind::Surface)
    });
    let mut numbers = BTreeMap::<Vec<u8>, usize>::new();
    let mut distinct: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let known = numbers.get(&candidate.value).and_then(|number| distinct.get_mut(*number));
        match known {
            Some(known) if known.surface == candidate.surface => known.again.push(candidate.origin),
            Some(_) => {}
            None => {
                numbers.insert(candidate.value.clone(), distinct.len());
                distinct.push(candidate);
            }
        }
    }
    distinct.sort_by_key(|candidate| (candidate.surface, candidate.origin.start));
    distinct
}

/// Whether a value stands in a text by itself rather than within a longer word.
fn stands_in(text: &[u8], value: &[u8]) -> bool {
    memchr::memmem::find_iter(text, value).any(|at| stands_at(text, &(at..at + value.len())))
}

/// Whether the value in a range does.
pub(super) fn stands_at(text: &[u8], range: &Range<usize>) -> bool {
    let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let value = text.get(range.clone()).unwrap_or_default();
    let (first, last) = (joins(value.first()), joins(value.last()));
    let before = range.start.checked_sub(1).and_then(|before| text.get(before));
    let after = text.get(range.end);
    // The `n` of an escaped line end is no part of the word behind it.
    let escape = || ends_in_escape(text.get(..range.start).unwrap_or_default());
    let begins = !first || !joins(before) || escape();
    begins && !(last && joins(after))
}
