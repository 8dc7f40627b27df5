//! Secrets without a vendor: a value beside a name that says what it is.
//!
//! The prefilter finds the stems of such names. Around each the name is read and split into words,
//! what it is given is found, and name, value and place are judged together. A specific rule that
//! finds the same bytes takes precedence.
//!
//! - Nothing is searched for in whole files, and every step is bounded: time is linear.
//! - A value that only may be a secret is reported with low confidence, which never blocks.

mod assignment;
mod cursor;
mod judge;
mod key;
mod lexicon;
mod literal;
mod model;
mod place;
mod reference;
mod shape;
mod words;

use super::context::in_hash_context;
use super::matcher::{Match, Matcher, Rank};
use super::verify::{Doubt, Facts, Found, Verdict, bare_password, is_published, verify};
use crate::finding::{Action, Confidence, RepoPath};
use crate::rule::{Assigned, Check};
use aho_corasick::BuildError;
use assignment::{assignment, may_be_given};
use cursor::{Cursor, in_name};
use judge::{Candidate, Judge, Worth};
use key::{Class, Key, Strength, key};
use place::{Bare, Place, Role, Setting, place};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

/// The longest name, in bytes; what is longer is data.
const LONGEST_NAME: usize = 80;

/// How much of a file is looked at to tell text from data, in bytes.
const SAMPLE: usize = 4096;

const NOT_ISSUED: &str = "it begins like a token that it is not";

/// What makes a manifest of Kubernetes one whose values are encrypted.
const SEALED: &[u8] = b"kind: SealedSecret";

/// The search for secrets without a vendor.
pub(super) struct Generic {
    judge: Judge,
    /// The rules that it serves, by number, and what each asks of the gate.
    rules: Vec<(usize, Class, Action)>,
    /// What tokens begin with that end in a checksum of their own. A value that begins like one and
    /// that no rule of its kind finds is none.
    issued: Vec<String>,
}

impl Generic {
    /// Makes the search ready for those of the rules that ask for it.
    pub(super) fn new(matchers: &[Matcher]) -> Result<Self, BuildError> {
        let rules = matchers.iter().enumerate().filter_map(|(number, matcher)| {
            let class = match matcher.rule.assigned? {
                Assigned::Password => Class::Password,
                Assigned::Token => Class::Token,
            };
            Some((number, class, matcher.rule.action))
        });
        let rules = rules.collect();
        let checked = matchers.iter().map(|matcher| &matcher.rule);
        let checked = checked.filter(|rule| rule.check.is_some_and(Check::is_checksum));
        let issued = checked.map(|rule| rule.public_prefix.clone());
        let issued = issued.filter(|prefix| !prefix.is_empty()).collect();
        Ok(Self { judge: Judge::new()?, rules, issued })
    }

    /// What is found near the stems of names: in the windows of the rules.
    pub(super) fn search(
        &self,
        path: &RepoPath,
        bytes: &[u8],
        windows: &BTreeMap<usize, Vec<Range<usize>>>,
    ) -> Vec<Match> {
        let near = |rule: &usize| windows.get(rule).filter(|windows| !windows.is_empty());
        if !self.rules.iter().any(|(rule, ..)| near(rule).is_some()) || is_data(bytes) {
            return Vec::new();
        }
        // Most names are given nothing, so most files need not be told what they are.
        let known = OnceCell::new();
        let place = || *known.get_or_init(|| place(path));
        let mut matches = Vec::new();
        for (rule, class, action) in &self.rules {
            let windows = near(rule).map(Vec::as_slice).unwrap_or_default();
            let names =
                names(bytes, windows).filter_map(|name| self.value(bytes, &name, *class, &place));
            matches.extend(names.map(|(secret, Worth { confidence, doubt })| Match {
                rule: *rule,
                secret,
                id: None,
                confidence,
                doubt: doubt.map(Doubt::Circumstance),
                facts: Facts::default(),
                rank: Rank::Generic,
                action: if confidence == Confidence::High { Action::Block } else { *action },
            }));
        }
        matches
    }

    /// Whether a rule is one of those that it serves.
    pub(super) fn serves(&self, rule: usize) -> bool {
        self.rules.iter().any(|(number, ..)| *number == rule)
    }

    /// What the names near some windows are given that may be a secret in a file of any kind: all of
    /// the assignment, and the value.
    pub(super) fn likely(
        &self,
        bytes: &[u8],
        windows: &[Range<usize>],
    ) -> Vec<(Range<usize>, Range<usize>)> {
        let mut found = Vec::new();
        let names = names(bytes, windows).filter(|name| may_be_given(bytes, name));
        for name in names.filter(|name| named(bytes, name).is_some()) {
            let values = every_place().filter_map(|place| assignment(bytes, &name, place));
            let mut values: Vec<_> =
                values.map(|found| without_scheme(bytes, found.value)).collect();
            values.dedup();
            let likely = values.into_iter().filter(|value| {
                let value = bytes.get(value.clone()).unwrap_or_default();
                self.judge.origin(value).is_some() && bare_password(value) != Verdict::NoSecret
            });
            found.extend(
                likely.map(|value| (name.start.min(value.start)..name.end.max(value.end), value)),
            );
        }
        found.dedup();
        found
    }

    /// The secret that the name at `name` is given, if the name is that of one of the class.
    fn value(
        &self,
        bytes: &[u8],
        name: &Range<usize>,
        class: Class,
        place: &dyn Fn() -> Option<Place>,
    ) -> Option<(Range<usize>, Worth)> {
        if !may_be_given(bytes, name) {
            return None;
        }
        let place = place()?;
        let found = assignment(bytes, name, place)?;
        let secret = without_scheme(bytes, found.value);
        let value = bytes.get(secret.clone())?;
        self.judge.origin(value)?;
        let key = named(bytes, name).filter(|key| key.class == class)?;
        let candidate = Candidate { key, value, form: found.form, place };
        let mut worth = self.judge.judge(&candidate)?;
        if self.issued.iter().any(|prefix| value.starts_with(prefix.as_bytes())) {
            worth = Worth { confidence: Confidence::Low, doubt: Some(NOT_ISSUED) };
        }
        let found = Found { bytes, secret: &secret, id: None, today: None };
        let excluded = is_published(value)
            || in_hash_context(bytes, &secret)
            || verify(Check::Password, &found) == Verdict::NoSecret;
        (!excluded).then_some((secret, worth))
    }
}

/// Every kind of file, as far as it decides what a name is given: its role decides only how.
fn every_place() -> impl Iterator<Item = Place> {
    let (role, setting) = (Role::Code, Setting::Unknown);
    [Bare::Line, Bare::Word, Bare::Expression].map(|bare| Place { role, bare, setting }).into_iter()
}

/// What a name promises. `IDENTIFIED BY` is SQL's.
fn named(bytes: &[u8], name: &Range<usize>) -> Option<Key> {
    let text = bytes.get(name.clone())?;
    let before = Cursor { bytes, at: name.start }.before();
    let before = before.get(before.len().saturating_sub(11)..).unwrap_or_default();
    if text.eq_ignore_ascii_case(b"by") && before.eq_ignore_ascii_case(b"identified ") {
        return Some(Key { class: Class::Password, strength: Strength::Strong });
    }
    key(text)
}

/// The value without the scheme of an `Authorization` before it.
fn without_scheme(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let mut cursor = Cursor { bytes, at: value.start };
    let scheme = ["Bearer ", "Basic ", "Token ", "token ", "bearer "].iter().any(|s| cursor.eat(s));
    let start = if scheme && cursor.at < value.end { cursor.at } else { value.start };
    start..value.end
}

/// The names of which a part is in one of the windows, each once.
fn names(bytes: &[u8], windows: &[Range<usize>]) -> impl Iterator<Item = Range<usize>> {
    let mut done = 0;
    windows.iter().flat_map(move |window| {
        let mut names = Vec::new();
        let near = bytes.get(..window.start).unwrap_or_default();
        let near = near.get(near.len().saturating_sub(LONGEST_NAME)..).unwrap_or_default();
        let back = near.iter().rev().take_while(|byte| in_name(**byte)).count();
        let mut cursor = Cursor { bytes, at: done.max(window.start - back) };
        while cursor.at < window.end {
            cursor.take(window.end - cursor.at, |byte| !in_name(byte));
            let start = cursor.at;
            cursor.take(bytes.len() - start.min(bytes.len()), in_name);
            if (2..=LONGEST_NAME).contains(&(cursor.at - start)) {
                names.push(start..cursor.at);
            }
        }
        done = cursor.at;
        names
    })
}

/// Whether the bytes are no text, or a text whose values are encrypted.
pub(super) fn is_data(bytes: &[u8]) -> bool {
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    memchr::memchr(0, sample).is_some()
        || sample.starts_with(b"$ANSIBLE_VAULT")
        || memchr::memmem::find(sample, SEALED).is_some()
}

#[cfg(test)]
mod tests;
