//! Elixir's requirements (<https://hexdocs.pm/elixir/Version.html#module-requirements>): bounds
//! joined by `and`, and those by `or`.

use super::partial::Partial;
use super::{OPERATORS, Relation, Written, operator};

/// Reads a requirement.
pub(super) fn parse(text: &str) -> Option<Vec<Vec<Written>>> {
    let range = |text: &str| {
        let bounds = text.split(" and ").map(|bound| bounds(bound.trim()));
        Some(bounds.collect::<Option<Vec<_>>>()?.concat())
    };
    text.split(" or ").map(range).collect()
}

fn bounds(text: &str) -> Option<Vec<Written>> {
    if let Some(rest) = text.strip_prefix("~>") {
        let version = Partial::read(3, rest.trim()).filter(|version| !version.wild)?;
        let top = version.after(version.len().checked_sub(2)?)?;
        return Some(vec![(Relation::From, version.lowest()), (Relation::Below, top + "-0")]);
    }
    let (relation, version) = operator(text, OPERATORS).unwrap_or((Relation::Exactly, text));
    Some(vec![(relation, version.to_owned())])
}
