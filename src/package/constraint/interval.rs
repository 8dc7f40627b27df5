//! Intervals: NuGet's (<https://learn.microsoft.com/nuget/concepts/package-versioning>) and Maven's
//! (<https://maven.apache.org/pom.html#dependency-version-requirement-specification>). A plain
//! version is the least that NuGet takes; to Maven it is a wish that others outvote, which says
//! nothing.

use super::{Relation, Written};

/// Reads NuGet's: one interval, or the least version.
pub(super) fn nuget(text: &str) -> Option<Vec<Vec<Written>>> {
    if text.starts_with(['[', '(']) {
        return Some(vec![interval(text)?]);
    }
    Some(vec![vec![(Relation::From, text.to_owned())]])
}

/// Reads Maven's: intervals with commas between.
pub(super) fn maven(text: &str) -> Option<Vec<Vec<Written>>> {
    let mut rest = text.trim();
    let mut ranges = Vec::new();
    loop {
        let end = rest.find([']', ')'])?;
        let (head, tail) = rest.split_at_checked(end + 1)?;
        ranges.push(interval(head)?);
        let tail = tail.trim_start();
        if tail.is_empty() {
            return Some(ranges);
        }
        rest = tail.strip_prefix(',')?.trim_start();
    }
}

fn interval(text: &str) -> Option<Vec<Written>> {
    let text = text.trim();
    let low = match text.chars().next()? {
        '[' => Relation::From,
        '(' => Relation::Above,
        _ => return None,
    };
    let high = match text.chars().next_back()? {
        ']' => Relation::UpTo,
        ')' => Relation::Below,
        _ => return None,
    };
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let Some((from, to)) = inner.split_once(',') else {
        let exact = low == Relation::From && high == Relation::UpTo;
        return exact.then(|| vec![(Relation::Exactly, inner.trim().to_owned())]);
    };
    let bounds = [(low, from.trim()), (high, to.trim())].into_iter();
    let given = bounds.filter(|(_, version)| !version.is_empty());
    Some(given.map(|(relation, version)| (relation, version.to_owned())).collect())
}
