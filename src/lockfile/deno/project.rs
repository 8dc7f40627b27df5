//! What the project itself asks for.

use super::{section, texts};
use crate::lockfile::ParseError;
use crate::lockfile::syntax::json::{Member, Object, Value};
use std::collections::BTreeSet;

/// The keys of the packages for which the project asks; none where the file does not say.
pub(super) fn direct(
    root: &Object<'_>,
    specifiers: Option<&Object<'_>>,
) -> Result<Option<BTreeSet<String>>, ParseError> {
    let Some(workspace) = section(root, "workspace")? else { return Ok(None) };
    let mut wishes = Vec::new();
    collect(workspace, &mut wishes)?;
    if let Some(folders) = section(workspace, "members")? {
        for folder in &folders.members {
            collect(folder.object()?, &mut wishes)?;
        }
    }
    let mut keys = BTreeSet::new();
    for wish in wishes {
        let Some(name) = name(wish) else { continue };
        if let Some(Value::Text(to)) = specifiers.and_then(|it| it.get(wish)).map(|it| &it.value) {
            // Version 3 writes the whole key behind its registry, later ones the version alone.
            keys.insert(
                to.strip_prefix("npm:").map_or_else(|| format!("{name}@{to}"), str::to_owned),
            );
        }
    }
    Ok(Some(keys))
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

/// The name in `npm:name@range`.
fn name(wish: &str) -> Option<&str> {
    let rest = wish.strip_prefix("npm:")?;
    let end = rest.get(1..)?.find('@').map_or(rest.len(), |at| at + 1);
    rest.get(..end)
}
