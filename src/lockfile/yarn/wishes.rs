//! What the entries of a file ask for, and which of them answers.

use crate::lockfile::syntax::{asked_but_not_locked, line_number};
use crate::lockfile::{PassedOver, Requirement};
use std::collections::BTreeMap;

/// One entry: what it stands for.
pub(super) struct Answer<'a> {
    /// Its package.
    pub(super) name: &'a str,
    /// The version to which what was asked for came.
    pub(super) version: &'a str,
}

/// A name, the range of versions asked for, and the line of the entry that asks.
pub(super) type Wish = (String, String, usize);

/// The entries by what they answer.
#[derive(Default)]
pub(super) struct Answers<'a> {
    by_name: BTreeMap<&'a str, BTreeMap<&'a str, Answer<'a>>>,
}

impl<'a> Answers<'a> {
    /// Notes the entry that answers a name and a range.
    pub(super) fn add(&mut self, name: &'a str, range: &'a str, answer: Answer<'a>) {
        self.by_name.entry(name).or_default().insert(range, answer);
    }

    /// The requirement that a wish is, with the version to which it came. What a resolution of the
    /// project decides has no entry for its range: then the one entry of that name answers.
    pub(super) fn requirement(&self, (name, range, _): &Wish) -> Requirement {
        let plain = range.strip_prefix("npm:").unwrap_or(range);
        let ranges = self.by_name.get(&**name);
        let exact = ranges.and_then(|ranges| {
            let long = || ranges.get(&*format!("npm:{range}"));
            ranges.get(&**range).or_else(long).or_else(|| ranges.get(plain))
        });
        let lone = || ranges.filter(|ranges| ranges.len() == 1)?.values().next();
        let answer = exact.or_else(lone);
        let real = super::alias(range).map(|real| (real, plain.get(real.len() + 1..)));
        let asked = real.map_or(&**name, |(real, _)| real);
        let within = real.and_then(|(_, within)| within).unwrap_or(plain);
        Requirement {
            version: answer.map(|answer| answer.version.to_owned()),
            ..Requirement::new(answer.map_or(asked, |answer| answer.name)).within(Some(within))
        }
    }

    /// A remark on each name that is asked for and that no entry answers.
    pub(super) fn missing<'w>(&self, wishes: impl Iterator<Item = &'w Wish>) -> Vec<PassedOver> {
        let wishes = wishes.map(|(name, _, line)| (&**name, line_number(*line)));
        asked_but_not_locked(wishes, |name| self.by_name.contains_key(name))
    }
}
