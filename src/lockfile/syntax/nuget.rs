//! What NuGet writes about libraries: under `name/version`, with what they ask for apart, in targets.

use super::excerpt;
use super::json::{Member, Object};
use crate::lockfile::{ParseError, Requirement};
use std::collections::BTreeMap;

/// What stands behind the name of a dependency.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::lockfile) enum Says {
    /// The version to which it came.
    Version,
    /// The versions that would do.
    Range,
}

/// Name and version of a library's key.
pub(in crate::lockfile) fn library<'m>(
    member: &'m Member<'_>,
) -> Result<(&'m str, &'m str), ParseError> {
    member.name.split_once('/').ok_or_else(|| {
        let message = format!("{} is not `name/version`", excerpt(&member.name));
        ParseError::new(member.line, message)
    })
}

/// What the libraries of all targets ask for, by their keys.
pub(in crate::lockfile) fn by_library<'r>(
    root: &'r Object<'_>,
    says: Says,
) -> Result<BTreeMap<&'r str, Vec<Requirement>>, ParseError> {
    let mut all = BTreeMap::<&str, Vec<Requirement>>::new();
    let targets = root.get("targets").map(Member::object).transpose()?;
    for target in targets.into_iter().flat_map(|targets| &targets.members) {
        let libraries = target.object()?;
        let keys = libraries.members.iter().filter_map(|it| it.name.split_once('/'));
        let versions = keys.map(|(name, version)| (name.to_lowercase(), version)).collect();
        for library in &libraries.members {
            let known = all.entry(&library.name).or_default();
            let wishes = wishes(library.object()?, &versions, says)?;
            let new: Vec<_> = wishes.into_iter().filter(|wish| !known.contains(wish)).collect();
            known.extend(new);
        }
    }
    Ok(all)
}

/// The `dependencies` of an entry, with the versions to which the names of its target came; these
/// are in lower case.
pub(in crate::lockfile) fn wishes(
    entry: &Object<'_>,
    versions: &BTreeMap<String, &str>,
    says: Says,
) -> Result<Vec<Requirement>, ParseError> {
    let section = entry.get("dependencies").map(Member::object).transpose()?;
    let members = section.into_iter().flat_map(|section| &section.members);
    let wish = |member: &Member<'_>| {
        let text = member.value.as_text();
        let version = versions.get(&member.name.to_lowercase()).copied();
        let version = version.or(text.filter(|_| says == Says::Version)).map(str::to_owned);
        let constraint = text.filter(|_| says == Says::Range);
        Requirement { version, ..Requirement::new(&*member.name).within(constraint) }
    };
    Ok(members.map(wish).collect())
}
