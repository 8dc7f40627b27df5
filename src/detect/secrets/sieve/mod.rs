//! Which blobs of a history may hold a secret that no earlier version holds, searched only where they
//! are new.
//!
//! Marked are the keywords, the values near them, what is encoded, and what of that decodes to a value.
//! Around a change the same searches are made as in a scan, in the windows that the change touches; what
//! is untouched keeps its marks. A keyword behind which no rule can match is none: of 1.26 million near
//! the changes of rust-lang/cargo, 0.72 million are the beginning of a token in words like `path`.
//!
//! Paths are not known here: every rule is tried on every blob, and a match is judged by its value
//! alone, because what else speaks against one may stand anywhere. A value counts as held by an
//! earlier version only if it stands there as [`super::candidate`] asks, so that what is passed over
//! is what [`super::introduced`] would drop.

mod encoded;

use super::Detector;
use super::candidate::{DISTINCT, stands_at};
use super::matcher::Matcher;
use super::reading;
use crate::finding::RepoPath;
use crate::rule::{Beginning, Effort};
use crate::source::{Commit, Interest, Mark, Note};
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;
use std::sync::OnceLock;

/// How much around a match may decide whether it is a whole token, in bytes.
pub(super) const AROUND: usize = 64;

/// The same of a name and what it is given: the longest value, what may wrap it, the other half of a
/// pair, and the white space between all these.
pub(super) const AROUND_NAME: usize = 1536;

/// What of that is around an assignment rather than in it.
const BESIDE_NAME: usize = 256;

/// The hint that a file may be the manifest of a Kubernetes secret, in which shorter values count.
const MANIFEST: u32 = u32::MAX;

/// What the sieve needs to know of the rules, read of them when first asked for: a hook does without.
pub(super) struct Ready {
    /// With which values are hashed, so that nobody can make two the same.
    key: RandomState,
    /// The names that rules without keywords are for, as far as that is told by their ends.
    named: OnceLock<Vec<Ends>>,
    /// The rules whose match may go on in another folder, in a path.
    crossing: OnceLock<Vec<bool>>,
    distances: OnceLock<Vec<usize>>,
}

impl Default for Ready {
    fn default() -> Self {
        let (named, crossing) = (OnceLock::new(), OnceLock::new());
        Self { key: RandomState::new(), named, crossing, distances: OnceLock::new() }
    }
}

/// What the names of all files begin and end with that a path pattern accepts; others may as well. To make
/// patterns ready takes a millisecond.
struct Ends {
    first: String,
    last: String,
}

impl Ends {
    fn of(pattern: &str) -> Self {
        let plain = pattern.is_ascii() && !pattern.contains(['{', '[', '\\', '!']);
        let name = pattern.rsplit('/').next().filter(|_| plain).unwrap_or("*");
        let first = name.split(['*', '?']).next().unwrap_or_default();
        let last = name.rsplit(['*', '?']).next().unwrap_or_default();
        Self { first: first.to_owned(), last: last.to_owned() }
    }

    fn has(&self, name: &[u8]) -> bool {
        name.starts_with(self.first.as_bytes()) && name.ends_with(self.last.as_bytes())
    }
}

impl Detector {
    /// What a blob may hold; see [`crate::source::Sieve::blob`].
    pub fn sift(&self, bytes: &[u8], new: &[Range<usize>], marks: &mut Vec<Mark>) -> Interest {
        let carried = marks.len();
        self.mark_keywords(bytes, new, marks);
        encoded::mark(bytes, &widened(bytes, new, reading::LEAST_AROUND), marks);
        if marks.len() > carried {
            sort(marks);
        }
        let mut found = Vec::new();
        self.mark_values(bytes, new, marks, &mut found);
        self.mark_decoded_near(bytes, new, marks, &mut found);
        if !found.is_empty() {
            marks.append(&mut found);
            sort(marks);
        }
        interest(bytes, marks)
    }

    /// Whether a file of this name is worth a look, or a folder for what is in it.
    pub fn sifts_name(&self, name: &[u8]) -> bool {
        self.may_be_whole(name) || reading::is_read_by_name(name) || self.may_be_in_name(name)
    }

    /// The rules that are tried on every byte of a file at this path.
    pub(super) fn whole_files(&self, path: &RepoPath) -> impl Iterator<Item = usize> {
        let all = if self.may_be_whole(path.file_name()) { self.whole.as_slice() } else { &[] };
        let claims = |rule: &usize| self.matchers.get(*rule).is_some_and(|it| it.claims(path));
        all.iter().copied().filter(claims)
    }

    /// Whether there may be any for files of a name.
    fn may_be_whole(&self, name: &[u8]) -> bool {
        let named = self.sieve.named.get_or_init(|| {
            let whole = self.whole.iter().filter_map(|rule| self.rule(*rule));
            whole.flat_map(|rule| &rule.paths).map(|path| Ends::of(path)).collect()
        });
        named.iter().any(|ends| ends.has(name))
    }

    /// Whether a file at this path is.
    pub fn sifts_path(&self, path: &RepoPath) -> bool {
        self.is_read_whole(path) || !self.in_name(path).is_empty()
    }

    /// Whether its path alone says that all of a file matters, wherever it changes.
    pub(super) fn is_read_whole(&self, path: &RepoPath) -> bool {
        self.whole_files(path).next().is_some() || reading::is_read_by_name(path.as_bytes())
    }

    /// Whether a commit's own record may hold a secret.
    pub fn sifts_commit(&self, commit: &Commit) -> bool {
        let Commit { author, committer, message, .. } = commit;
        let people = [&author.name, &author.email, &committer.name, &committer.email];
        let [a, b, c, d] = people.map(String::as_str);
        self.sifts_text([message.as_str(), a, b, c, d].join("\n").as_bytes())
    }

    /// Whether a text that is in no file may hold a secret.
    pub fn sifts_text(&self, text: &[u8]) -> bool {
        let whole = 0..text.len();
        self.sift(text, std::slice::from_ref(&whole), &mut Vec::new()) != Interest::default()
    }

    /// Whether a part of a path holds a secret, or may be part of one.
    fn may_be_in_name(&self, name: &[u8]) -> bool {
        let hits = self.prefilter.hits(name);
        let crosses = |word: usize| self.owners(word).any(|(rule, _)| self.crosses(rule));
        if hits.into_iter().any(|(_, word)| crosses(word)) {
            return true;
        }
        self.sifts_text(name)
    }

    fn mark_keywords(&self, bytes: &[u8], new: &[Range<usize>], marks: &mut Vec<Mark>) {
        let hint = |hit: Range<usize>, word: usize| {
            let manifest = bytes.get(hit.clone()).is_some_and(reading::says_manifest);
            let word = u32::try_from(word).ok().filter(|_| !manifest);
            mark(hit, Note::Hint(word.unwrap_or(MANIFEST)))
        };
        // Whether a rule can match behind a keyword is told by as many bytes as it says at most.
        let longest = self.prefilter.longest().max(Beginning::LONGEST);
        let near = widened(bytes, new, longest.saturating_sub(1));
        self.prefilter.each_in(bytes, &near, &mut |hit, word| {
            let mut owners = self.owners(word).peekable();
            let other = owners.peek().is_none();
            if other || owners.any(|(_, owner)| owner.may_match_at(bytes, &hit)) {
                marks.push(hint(hit, word));
            }
        });
    }

    /// Searches the windows of the rules that touch what is new.
    fn mark_values(
        &self,
        bytes: &[u8],
        new: &[Range<usize>],
        marks: &[Mark],
        found: &mut Vec<Mark>,
    ) {
        // To know how far the rules reach, all are read: not for a name of a ref without a keyword.
        if !marks.iter().any(|mark| hint(mark).is_some()) {
            return;
        }
        let distances = self.distances();
        let near = marks.iter().filter_map(hint).filter(|(hit, word)| {
            let distance = distances.get(*word).copied();
            distance.is_none_or(|distance| touches(new, &around(hit, distance)))
        });
        self.mark_values_at(bytes, new, near, found);
    }

    /// Searches the windows around some keywords that touch what is new.
    pub(super) fn mark_values_at(
        &self,
        bytes: &[u8],
        new: &[Range<usize>],
        hits: impl Iterator<Item = (Range<usize>, usize)>,
        found: &mut Vec<Mark>,
    ) {
        let mut windows = BTreeMap::<usize, Vec<Window>>::new();
        for (hit, word) in hits {
            let owners = self.owners(word);
            for (rule, range) in
                owners.filter_map(|(rule, it)| Some((rule, it.window(bytes, &hit)?)))
            {
                let touched = touches(new, &around(&range, self.margin(rule)));
                windows.entry(rule).or_default().push(Window { range, touched });
            }
        }
        for (rule, windows) in windows {
            let Some(matcher) = self.matchers.get(rule) else { continue };
            let windows = near_changes(windows);
            if self.generic.serves(rule) {
                let named = self.generic.likely(bytes, &windows).into_iter();
                let whole = |range| around(&range, BESIDE_NAME);
                found.extend(named.map(|(range, value)| self.value(bytes, &whole(range), &value)));
            }
            for window in windows {
                let matches = matcher.likely(bytes, window, self.effort()).into_iter();
                found.extend(matches.map(|(whole, secret)| self.value(bytes, &whole, &secret)));
            }
        }
    }

    /// Who had to know how far all rules reach searches a whole history.
    fn effort(&self) -> Effort {
        self.sieve.distances.get().map_or(Effort::Quick, |_| Effort::Fast)
    }

    /// How near to a rule's window a change has to be to matter.
    fn margin(&self, rule: usize) -> usize {
        if self.generic.serves(rule) { AROUND_NAME } else { AROUND }
    }

    /// The mark of a value that stands in a text.
    fn value(&self, bytes: &[u8], whole: &Range<usize>, secret: &Range<usize>) -> Mark {
        let value = bytes.get(secret.clone()).unwrap_or_default();
        let plain = value.len() >= DISTINCT && stands_at(bytes, secret);
        let note = if plain { Note::Value(self.sieve.key.hash_one(value)) } else { Note::Suspect };
        let range = around(whole, AROUND);
        mark(range.start..range.end.min(bytes.len()), note)
    }

    /// Whether a rule's match may reach over the name of a folder; read of all when first asked.
    fn crosses(&self, rule: usize) -> bool {
        let all = || self.matchers.iter().map(Matcher::crosses_folders).collect::<Vec<_>>();
        self.sieve.crossing.get_or_init(all).get(rule).copied().unwrap_or(true)
    }

    /// The rules that a keyword leads to.
    fn owners(&self, word: usize) -> impl Iterator<Item = (usize, &Matcher)> {
        self.prefilter.owners(word).filter_map(|rule| Some((rule, self.matchers.get(rule)?)))
    }

    /// How far from a change each keyword may be to matter: its windows may touch one that touches the
    /// change.
    fn distances(&self) -> &[usize] {
        self.sieve.distances.get_or_init(|| {
            let distance =
                |(rule, matcher): (usize, &Matcher)| 2 * matcher.reach() + self.margin(rule);
            let of_word = |word| self.owners(word).map(distance).max().unwrap_or(0);
            (0..self.prefilter.len()).map(of_word).collect()
        })
    }

    /// What any rule finds in a text, whatever files it is for.
    fn search_everywhere(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for (rule, windows) in self.windows(text) {
            if self.generic.serves(rule) {
                let named = self.generic.likely(text, &windows).into_iter();
                found.extend(named.map(|(_, value)| value));
            }
            let Some(matcher) = self.matchers.get(rule) else { continue };
            let search = |window| matcher.likely(text, window, self.effort());
            found.extend(windows.into_iter().flat_map(search).map(|(_, secret)| secret));
        }
        found
    }
}

fn interest(bytes: &[u8], marks: &[Mark]) -> Interest {
    let mut interest = Interest::default();
    for mark in marks {
        match mark.note {
            Note::Value(value) => interest.values.push(value),
            Note::Suspect | Note::Hint(MANIFEST) => interest.always = true,
            Note::Hint(_) | Note::Encoded | Note::SuspectText => {}
        }
    }
    interest.always |= reading::is_read_otherwise(bytes);
    interest.and(Interest::default())
}

fn sort(marks: &mut Vec<Mark>) {
    marks.sort_unstable();
    marks.dedup();
}

fn mark(range: Range<usize>, note: Note) -> Mark {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Mark { start: place(range.start), end: place(range.end), note }
}

/// Where a rule may match, and whether what is new can matter to that.
struct Window {
    range: Range<usize>,
    touched: bool,
}

/// The windows that a change touches, with those beside them: a search finds what it finds from where
/// it begins.
fn near_changes(mut windows: Vec<Window>) -> Vec<Range<usize>> {
    if !windows.iter().any(|window| window.touched) {
        return Vec::new();
    }
    windows.sort_unstable_by_key(|window| (window.range.start, window.range.end));
    let own = || windows.iter().map(|window| window.touched);
    let next = own().skip(1).chain([false]);
    let last = std::iter::once(false).chain(own());
    let chosen = own().zip(next).zip(last).map(|((own, next), last)| own || next || last);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for (window, _) in windows.iter().zip(chosen).filter(|(_, chosen)| *chosen) {
        match merged.last_mut() {
            Some(last) if window.range.start <= last.end => {
                last.end = last.end.max(window.range.end);
            }
            _ => merged.push(window.range.clone()),
        }
    }
    merged
}

/// The keyword that a mark is of.
fn hint(mark: &Mark) -> Option<(Range<usize>, usize)> {
    match mark.note {
        Note::Hint(word) if word != MANIFEST => {
            Some((mark.start as usize..mark.end as usize, word as usize))
        }
        Note::Hint(_) | Note::Encoded | Note::Value(_) | Note::Suspect | Note::SuspectText => None,
    }
}

/// Whether a range touches one of several, which are sorted.
fn touches(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    let first = ranges.partition_point(|other| other.end < range.start);
    ranges.get(first).is_some_and(|other| other.start <= range.end)
}

fn around(range: &Range<usize>, margin: usize) -> Range<usize> {
    range.start.saturating_sub(margin)..range.end.saturating_add(margin)
}

/// Ranges with a margin on either side, as long as there is text; those that meet are one.
pub(super) fn widened(bytes: &[u8], ranges: &[Range<usize>], margin: usize) -> Vec<Range<usize>> {
    let mut wide: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let range = around(range, margin);
        let range = range.start..range.end.min(bytes.len());
        match wide.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => wide.push(range),
        }
    }
    wide
}

#[cfg(test)]
mod tests;
