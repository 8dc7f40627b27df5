//! Conan 2's versions (<https://docs.conan.io/2/tutorial/versioning/version_ranges.html>): any
//! number of components of letters and digits, a prerelease and build metadata.
//!
//! Components that are zero do not count at the end. Conan compares a number with a word by their
//! text, which is no order (`9` < `9a`, `9a` > `10`, yet `10` > `9`): here the number that a
//! component begins with decides first, then the rest of it.

use super::natural::Natural;

/// A version's place in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConanVersion {
    items: Vec<Item>,
    stage: Stage,
    build: Option<Vec<Item>>,
}

// The order of variants is the order of versions, here and in `Item`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Pre(Vec<Item>),
    Release,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Number(Natural, Box<str>),
    Word(Box<str>),
}

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<ConanVersion> {
    let (text, build) = text.rsplit_once('+').map_or((text, None), |(a, b)| (a, Some(b)));
    let (release, pre) = text.split_once('-').map_or((text, None), |(a, b)| (a, Some(b)));
    let stage = pre.map_or(Some(Stage::Release), |pre| items(pre).map(Stage::Pre))?;
    let build = build.map_or(Some(None), |build| items(build).map(Some))?;
    Some(ConanVersion { items: items(release)?, stage, build })
}

impl ConanVersion {
    pub(super) fn is_prerelease(&self) -> bool {
        matches!(self.stage, Stage::Pre(_))
    }
}

fn items(text: &str) -> Option<Vec<Item>> {
    let mut items = text.split('.').map(Item::read).collect::<Option<Vec<_>>>()?;
    let zero =
        |item: &mut Item| matches!(item, Item::Number(n, rest) if n.is_zero() && rest.is_empty());
    while items.pop_if(zero).is_some() {}
    Some(items)
}

impl Item {
    fn read(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+');
        if text.is_empty() || !text.bytes().all(allowed) {
            return None;
        }
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = text.strip_suffix(rest)?;
        let number = Natural::read(digits).map(|number| Self::Number(number, rest.into()));
        Some(number.unwrap_or_else(|| Self::Word(text.into())))
    }
}
