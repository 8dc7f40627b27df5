//! Maven's versions, as `ComparableVersion` orders them
//! (<https://maven.apache.org/pom.html#version-order-specification>).
//!
//! Parts are numbers, words and, after a hyphen or between a letter and a digit, a list of what
//! follows; what is null (`0`, `ga`, `final`, `release`) does not count at the end of a list. Maven's
//! order has circles where a word follows a dot in the middle (`1.x.2` < `1-rc` < `1` < `1.x.2`) or a
//! list holds nothing but a list (`1-0-rc`): here a word begins a list everywhere and such a list is
//! what it holds, so that the order is total.

use super::natural::Natural;
use std::cmp::Ordering;

/// How deep lists may be nested: a version that goes deeper is refused.
const DEPTH: usize = 100;

/// A version's parts.
#[derive(Debug, Clone)]
pub(super) struct MavenVersion(Vec<Item>);

#[derive(Debug, Clone)]
enum Item {
    Number(Natural),
    Word(Qualifier),
    List(Vec<Self>),
}

// The order of variants is the order of versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier {
    Alpha,
    Beta,
    Milestone,
    Candidate,
    Snapshot,
    Release,
    ServicePack,
    Other(Box<str>),
}

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<MavenVersion> {
    let text = text.trim_ascii().to_ascii_lowercase();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    if !text.bytes().any(|b| b.is_ascii_alphanumeric()) || !text.bytes().all(allowed) {
        return None;
    }
    let mut lists = vec![Vec::new()];
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (token, after) = token(rest)?;
        let item = Item::read(token, after.starts_with(is_digit));
        if matches!(item, Item::Word(_)) && lists.last().is_some_and(|list| !list.is_empty()) {
            lists.push(Vec::new());
        }
        lists.last_mut()?.push(item);
        rest = after.strip_prefix(['.', '-']).unwrap_or(after);
        if !after.is_empty() && !after.starts_with('.') {
            lists.push(Vec::new());
        }
        if lists.len() > DEPTH {
            return None;
        }
    }
    Some(MavenVersion(begun(nested(lists), &text)))
}

impl MavenVersion {
    pub(super) fn is_prerelease(&self) -> bool {
        self.0.iter().any(Item::is_prerelease)
    }
}

/// A version that begins with a zero begins with it, though nothing else may be left.
fn begun(whole: Vec<Item>, text: &str) -> Vec<Item> {
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic());
    match whole.first() {
        Some(Item::Number(_)) => whole,
        Some(Item::Word(_)) if word => whole,
        None => vec![Item::Number(Natural::zero())],
        Some(_) => vec![Item::Number(Natural::zero()), Item::List(whole)],
    }
}

/// What comes before the next separator or the next turn between letters and digits, and the rest.
fn token(text: &str) -> Option<(&str, &str)> {
    let number = text.starts_with(is_digit);
    let end = text.find(|c: char| matches!(c, '.' | '-') || is_digit(c) != number);
    text.split_at_checked(end.unwrap_or(text.len()))
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Each list as the last item of the one before it, without what does not count.
fn nested(lists: Vec<Vec<Item>>) -> Vec<Item> {
    let inner_first = lists.into_iter().rev();
    inner_first.fold(Vec::new(), |inner, mut list| {
        while list.pop_if(|item| item.is_null()).is_some() {}
        match (list.is_empty(), inner.first()) {
            (_, None) => return list,
            (true, Some(Item::Word(_))) => return inner,
            (true, Some(_)) => list.push(Item::Number(Natural::zero())),
            (false, Some(_)) => {}
        }
        list.push(Item::List(inner));
        list
    })
}

impl Item {
    fn is_prerelease(&self) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Word(word) => *word < Qualifier::Release,
            Self::List(items) => items.iter().any(Self::is_prerelease),
        }
    }

    fn read(token: &str, followed_by_digit: bool) -> Self {
        if token.is_empty() {
            return Self::Number(Natural::zero());
        }
        Natural::read(token)
            .map_or_else(|| Self::Word(Qualifier::read(token, followed_by_digit)), Self::Number)
    }

    fn is_null(&self) -> bool {
        match self {
            Self::Number(number) => number.is_zero(),
            Self::Word(word) => *word == Qualifier::Release,
            Self::List(_) => false,
        }
    }
}

impl Qualifier {
    fn read(word: &str, followed_by_digit: bool) -> Self {
        match word {
            "a" if followed_by_digit => Self::Alpha,
            "b" if followed_by_digit => Self::Beta,
            "m" if followed_by_digit => Self::Milestone,
            "alpha" => Self::Alpha,
            "beta" => Self::Beta,
            "milestone" => Self::Milestone,
            "rc" | "cr" => Self::Candidate,
            "snapshot" => Self::Snapshot,
            "ga" | "final" | "release" => Self::Release,
            "sp" => Self::ServicePack,
            _ => Self::Other(word.into()),
        }
    }
}

fn compare(a: Option<&Item>, b: Option<&Item>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(b)) => compare(Some(b), None).reverse(),
        (Some(Item::Number(a)), None) => a.cmp(&Natural::zero()),
        (Some(Item::Word(a)), None) => a.cmp(&Qualifier::Release),
        (Some(Item::List(a)), None) => compare_lists(a, &[]),
        (Some(Item::Number(a)), Some(Item::Number(b))) => a.cmp(b),
        (Some(Item::Word(a)), Some(Item::Word(b))) => a.cmp(b),
        (Some(Item::List(a)), Some(Item::List(b))) => compare_lists(a, b),
        (Some(Item::Word(_)), Some(_)) | (Some(Item::List(_)), Some(Item::Number(_))) => {
            Ordering::Less
        }
        (Some(Item::Number(_)), Some(_)) | (Some(Item::List(_)), Some(Item::Word(_))) => {
            Ordering::Greater
        }
    }
}

fn compare_lists(a: &[Item], b: &[Item]) -> Ordering {
    let length = a.len().max(b.len());
    let orders = (0..length).map(|at| compare(a.get(at), b.get(at)));
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl Ord for MavenVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_lists(&self.0, &other.0)
    }
}

impl PartialOrd for MavenVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for MavenVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for MavenVersion {}
