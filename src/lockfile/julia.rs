//! Julia's `Manifest.toml`, formats 1 and 2.
//!
//! Other programs have files of that name, so one that has neither Julia's marks nor entries like
//! Julia's holds no packages. What an entry needs must be an entry too; a cut that leaves a name out
//! is told, one behind the last name that is needed is not seen.

use super::syntax::{
    asked_but_not_locked, checked, excerpt, locked, passed_over, toml_tree, under,
    without_credentials,
};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::{LineIndex, RepoPath};
use crate::package::{Ecosystem, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Julia's manifest.
pub(super) struct Manifest;

impl Format for Manifest {
    fn name(&self) -> &'static str {
        "Manifest.toml"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Julia
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.file_name_str();
        let stem = name.strip_suffix(".toml").unwrap_or_default();
        let versioned = |plain: &str| {
            stem.strip_prefix(plain).is_some_and(|rest| rest.is_empty() || rest.starts_with("-v"))
        };
        (versioned("Manifest") || versioned("JuliaManifest"))
            && !under(path, "node_modules")
            && !under(path, ".git")
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Project.toml")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let lines = LineIndex::new(text.as_bytes());
        let root = toml_tree(text)?;
        let root = root.get_ref();
        let Some(entries) = entries(root, &lines)? else {
            return Ok(Reading::default());
        };
        let (mut reading, mut asked) = (Reading::default(), Vec::new());
        for (name, value) in &entries {
            let line = lines.line_at(name.span().start);
            let malformed = || {
                let message = format!("{} is not a list of tables", excerpt(name.get_ref()));
                ParseError { line, message }
            };
            for entry in value.get_ref().as_array().ok_or_else(malformed)? {
                let table = entry.get_ref().as_table().ok_or_else(malformed)?;
                // The header of an entry comes before its first field.
                let line = header(table, name, &lines).unwrap_or(line);
                take(name.get_ref(), table, line, &mut reading)?;
                asked.extend(needs(table).into_iter().map(|name| (name, line)));
            }
        }
        let known: BTreeSet<_> = entries.iter().map(|(name, _)| &**name.get_ref()).collect();
        let missing = asked_but_not_locked(asked.iter().map(|(name, line)| (*name, *line)), |it| {
            known.contains(it)
        });
        reading.passed_over.extend(missing);
        reading.packages.sort_by_key(|entry| entry.line);
        resolve(&mut reading.packages);
        Ok(reading)
    }
}

/// Gives what packages ask for the version of the only package of that name, if there is only one.
fn resolve(packages: &mut [Locked]) {
    let mut versions = BTreeMap::<String, Option<String>>::new();
    for Package { name, version, .. } in packages.iter().map(|it| &it.package) {
        let known = versions.entry(name.clone());
        known.and_modify(|it| *it = None).or_insert_with(|| Some(version.clone()));
    }
    for wish in packages.iter_mut().flat_map(|it| &mut it.requires) {
        wish.version = versions.get(&wish.name).cloned().flatten();
    }
}

type Entry<'t, 'a> = (&'t Spanned<DeString<'a>>, &'t Spanned<DeValue<'a>>);

/// The entries of a manifest; `None` for a file of another program.
fn entries<'t, 'a>(
    root: &'t DeTable<'a>,
    lines: &LineIndex<'_>,
) -> Result<Option<Vec<Entry<'t, 'a>>>, ParseError> {
    let Some(format) = root.get("manifest_format") else {
        let julia = root.contains_key("julia_version");
        let old: Vec<_> = root.iter().filter(|(_, value)| value.get_ref().is_array()).collect();
        let is_entry = |entry: &Spanned<DeValue<'_>>| {
            entry.get_ref().as_table().is_some_and(|table| table.contains_key("uuid"))
        };
        let all = old.iter().filter_map(|(_, value)| value.get_ref().as_array());
        let like_julia = !old.is_empty() && all.flat_map(|list| list.iter()).all(is_entry);
        return Ok((julia || like_julia).then_some(old));
    };
    let version = format.get_ref().as_str().map(|text| text.split('.').next().unwrap_or(text));
    if version == Some("1") {
        return Ok(Some(root.iter().filter(|(_, value)| value.get_ref().is_array()).collect()));
    }
    if version != Some("2") {
        let line = lines.line_at(format.span().start);
        let message = "manifest_format is not one of 1 and 2".to_owned();
        return Err(ParseError { line, message });
    }
    let table = root.get("deps").and_then(|deps| deps.get_ref().as_table());
    // Of a project without dependencies, Julia writes an empty table.
    let missing = || {
        let line = lines.line_at(format.span().start);
        ParseError { line, message: "deps are missing: the file was cut".to_owned() }
    };
    table.map(|table| Some(table.iter().collect())).ok_or_else(missing)
}

/// The line of an entry's header, which is directly above its first field.
fn header(
    table: &DeTable<'_>,
    name: &Spanned<DeString<'_>>,
    lines: &LineIndex<'_>,
) -> Option<NonZeroU32> {
    let first = table.iter().map(|(key, _)| key.span().start).min()?;
    let line = lines.line_at(first);
    let header = lines.line_at(name.span().start);
    NonZeroU32::new(line.get().checked_sub(1)?).filter(|above| *above > header)
}

fn take(
    name: &str,
    table: &DeTable<'_>,
    line: NonZeroU32,
    reading: &mut Reading,
) -> Result<(), ParseError> {
    let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
    if text("uuid").is_none() {
        return Err(ParseError { line, message: format!("{} has no uuid", excerpt(name)) });
    }
    let tree = text("git-tree-sha1");
    let origin = match (text("path"), text("repo-url")) {
        (Some(path), _) => Origin::Path(path.to_owned()),
        (None, Some(url)) => {
            let (url, revision) = (without_credentials(url), text("repo-rev").unwrap_or_default());
            Origin::Git(format!("{url}#{revision}"))
        }
        (None, None) => Origin::Registry(None),
    };
    let Some(version) = text("version").or((origin != Origin::Registry(None)).then_some("")) else {
        if tree.is_some() {
            return Err(ParseError { line, message: format!("{} has no version", excerpt(name)) });
        }
        let why = "part of Julia itself";
        reading.passed_over.push(passed_over(name, line, why));
        return Ok(());
    };
    reading.packages.push(Locked {
        origin,
        integrity: tree.map(|sum| format!("git-tree-sha1:{sum}")),
        requires: needs(table).into_iter().map(Requirement::new).collect(),
        ..locked(Ecosystem::Julia, name, version, line)
    });
    Ok(())
}

/// The names that an entry needs: a list, or the keys of a table where names are ambiguous.
fn needs<'t>(table: &'t DeTable<'_>) -> Vec<&'t str> {
    let Some(deps) = table.get("deps").map(Spanned::get_ref) else { return Vec::new() };
    if let Some(table) = deps.as_table() {
        return table.iter().map(|(name, _)| &**name.get_ref()).collect();
    }
    let list = deps.as_array().into_iter().flat_map(|list| list.iter());
    list.filter_map(|name| name.get_ref().as_str()).collect()
}
