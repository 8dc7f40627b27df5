//! What the project itself asks for.

use super::{section, texts};
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::{ParseError, Requirement};

/// A package for which the project asks.
pub(super) struct Wish {
    /// Its key.
    pub(super) key: String,
    /// What is asked for.
    pub(super) requirement: Requirement,
}

/// The packages for which the project asks; none where the file does not say.
pub(super) fn wishes(
    root: &Object<'_>,
    specifiers: Option<&Object<'_>>,
) -> Result<Option<Vec<Wish>>, ParseError> {
    let Some(workspace) = section(root, "workspace")? else { return Ok(None) };
    let mut wishes = Vec::new();
    collect(workspace, &mut wishes)?;
    if let Some(folders) = section(workspace, "members")? {
        for folder in &folders.members {
            collect(folder.object()?, &mut wishes)?;
        }
    }
    let to = |wish: &str| specifiers.and_then(|it| it.get(wish)?.value.as_text());
    let wish = |wish: &str| {
        let ((name, range), to) = (parts(wish)?, to(wish)?);
        // Version 3 writes the whole key behind its registry, later ones the version alone.
        let long = to.strip_prefix("npm:");
        let key = long.map_or_else(|| format!("{name}@{to}"), str::to_owned);
        let version = super::split(&key).map(|(_, version)| version.to_owned());
        let requirement = Requirement { version, ..Requirement::new(name).within(Some(range)) };
        Some(Wish { key, requirement })
    };
    Ok(Some(wishes.into_iter().filter_map(wish).collect()))
}

fn collect<'a>(folder: &'a Object<'a>, wishes: &mut Vec<&'a str>) -> Result<(), ParseError> {
    let manifest = folder.get("packageJson").map(Member::object).transpose()?;
    for place in [Some(folder), manifest].into_iter().flatten() {
        if let Some(dependencies) = place.get("dependencies") {
            wishes.extend(texts(dependencies)?);
        }
    }
    Ok(())
}

/// Name and range in `npm:name@range`.
fn parts(wish: &str) -> Option<(&str, &str)> {
    let rest = wish.strip_prefix("npm:")?;
    let end = rest.get(1..)?.find('@').map_or(rest.len(), |at| at + 1);
    Some((rest.get(..end)?, rest.get(end + 1..).unwrap_or_default()))
}
