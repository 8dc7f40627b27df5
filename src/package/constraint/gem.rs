//! RubyGems' requirements (its guide, "Patterns", section "Declaring dependencies"), which
//! `CocoaPods` shares: bounds between commas, of which all hold.

use super::{OPERATORS, Relation, Written, operator};

/// Reads requirements.
pub(super) fn parse(text: &str) -> Option<Vec<Vec<Written>>> {
    let bounds = text.split(',').map(|bound| bounds(bound.trim()));
    Some(vec![bounds.collect::<Option<Vec<_>>>()?.concat()])
}

fn bounds(text: &str) -> Option<Vec<Written>> {
    if let Some(version) = text.strip_prefix("~>") {
        let version = version.trim();
        return Some(vec![(Relation::From, version.to_owned()), (Relation::Below, next(version)?)]);
    }
    let (relation, version) = operator(text, OPERATORS).unwrap_or((Relation::Exactly, text));
    Some(vec![(relation, version.to_owned())])
}

/// The first version that `~>` does not take: the last number of the release is dropped and the one
/// before it grows, its prereleases (`.a` comes first) being left out with it.
fn next(version: &str) -> Option<String> {
    let numbers = version.split('.').map_while(|part| part.parse::<u64>().ok());
    let mut numbers: Vec<_> = numbers.collect();
    if numbers.len() > 1 {
        numbers.pop();
    }
    let last = numbers.last_mut()?;
    *last = last.checked_add(1)?;
    let dotted: Vec<_> = numbers.iter().map(u64::to_string).collect();
    Some(dotted.join(".") + ".a")
}
