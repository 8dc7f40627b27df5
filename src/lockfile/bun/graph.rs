//! Who asks for which package.

use super::Entry;
use crate::lockfile::syntax::json::{Member, Object};
use crate::lockfile::syntax::{excerpt, javascript};
use crate::lockfile::{ParseError, Requirement};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for, and whether it must be there.
const PRODUCTION: &[(&str, bool)] =
    &[("dependencies", true), ("optionalDependencies", false), ("peerDependencies", false)];
const DEVELOPMENT: &[(&str, bool)] = &[("devDependencies", true)];

/// How a package is used.
#[derive(Clone, Copy, Default)]
pub(super) struct Use {
    pub(super) direct: bool,
    pub(super) production: bool,
    pub(super) development: bool,
}

/// The packages by the path under which they are found.
pub(super) struct Graph<'a> {
    nodes: BTreeMap<&'a str, &'a Entry<'a>>,
    workspaces: &'a Object<'a>,
    file: &'a Object<'a>,
}

impl<'a> Graph<'a> {
    /// The packages of a file and the folders that ask for them.
    pub(super) fn new(
        entries: &'a [Entry<'a>],
        workspaces: &'a Object<'a>,
        file: &'a Object<'a>,
    ) -> Result<Self, ParseError> {
        if workspaces.members.is_empty() {
            return Err(ParseError::new(1, "no workspace is listed: run `bun install`"));
        }
        let nodes = entries.iter().map(|entry| (entry.path, entry)).collect();
        Ok(Self { nodes, workspaces, file })
    }

    /// The use of every package, by its path.
    pub(super) fn uses(&self) -> Result<BTreeMap<&'a str, Use>, ParseError> {
        let mut uses = BTreeMap::<&str, Use>::new();
        let (mut production, mut development) = (BTreeSet::new(), BTreeSet::new());
        for workspace in &self.workspaces.members {
            let folder = workspace.object()?;
            let name = folder.get("name").map(Member::text).transpose()?.unwrap_or_default();
            for path in self.wishes(folder, name, PRODUCTION)? {
                uses.entry(path).or_default().direct = true;
                self.follow(path, &mut production)?;
            }
            for path in self.wishes(folder, name, DEVELOPMENT)? {
                uses.entry(path).or_default().direct = true;
                self.follow(path, &mut development)?;
            }
        }
        for path in production {
            uses.entry(path).or_default().production = true;
        }
        for path in development {
            uses.entry(path).or_default().development = true;
        }
        Ok(uses)
    }

    /// What a package asks for.
    pub(super) fn requires(&self, entry: &Entry<'_>) -> Vec<Requirement> {
        entry.info.map_or_else(Vec::new, |info| self.requirements(info, entry.path))
    }

    /// What the workspaces ask for.
    pub(super) fn declared(&self) -> Vec<Requirement> {
        let folders = self.workspaces.members.iter().filter_map(|it| it.object().ok());
        let asked = folders.flat_map(|folder| {
            let name = folder.get("name").and_then(|name| name.value.as_text());
            self.requirements(folder, name.unwrap_or_default())
        });
        asked.collect()
    }

    fn requirements(&self, from: &Object<'_>, asking: &str) -> Vec<Requirement> {
        let sections = PRODUCTION.iter().chain(DEVELOPMENT);
        let wishes = sections.flat_map(|(section, needed)| {
            let wishes = members(from, section).unwrap_or_default();
            wishes.iter().map(|wish| (wish, *needed))
        });
        let requirement = |(wish, needed): (&Member<'_>, bool)| {
            let found = self.find(asking, &wish.name).and_then(|path| self.nodes.get(path));
            if found.is_none() && !needed {
                return None;
            }
            let range = wish.value.as_text();
            let range = range.map(|text| javascript::range(self.file, &wish.name, text));
            let name = found.map_or(&*wish.name, |entry| entry.name);
            let version = found.map(|entry| entry.version()).filter(|it| !it.is_empty());
            let version = version.map(str::to_owned);
            Some(Requirement { version, ..Requirement::new(name).within(range) })
        };
        wishes.filter_map(requirement).collect()
    }

    fn follow(&self, start: &'a str, reached: &mut BTreeSet<&'a str>) -> Result<(), ParseError> {
        let mut open = vec![start];
        while let Some(path) = open.pop() {
            if !reached.insert(path) {
                continue;
            }
            if let Some(info) = self.nodes.get(path).and_then(|entry| entry.info) {
                open.extend(self.wishes(info, path, PRODUCTION)?);
            }
        }
        Ok(())
    }

    /// The paths of what a folder or package asks for.
    fn wishes(
        &self,
        from: &Object<'_>,
        asking: &str,
        sections: &[(&str, bool)],
    ) -> Result<Vec<&'a str>, ParseError> {
        let mut paths = Vec::new();
        for (section, needed) in sections {
            for wish in members(from, section)? {
                let found = self.find(asking, &wish.name);
                found.or((!needed).then_some("")).ok_or_else(|| missing(wish))?;
                paths.extend(found);
            }
        }
        Ok(paths)
    }

    /// The path that a name means to the package of a path: the nearest upwards that has it.
    fn find(&self, asking: &str, name: &str) -> Option<&'a str> {
        let mut above = asking;
        loop {
            let candidate =
                if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
            if let Some((path, _)) = self.nodes.get_key_value(candidate.as_str()) {
                return Some(path);
            }
            if above.is_empty() {
                return None;
            }
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

fn members<'a, 't>(object: &'a Object<'t>, section: &str) -> Result<&'a [Member<'t>], ParseError> {
    let section = object.get(section).map(Member::object).transpose()?;
    Ok(section.map_or([].as_slice(), |section| &section.members))
}

fn missing(wish: &Member<'_>) -> ParseError {
    let name = excerpt(&wish.name);
    ParseError::new(wish.line, format!("{name} is missing among the packages: run `bun install`"))
}
