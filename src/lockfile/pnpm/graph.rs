//! Who asks for which package.

use super::{Layout, key};
use crate::lockfile::syntax::json::{Member, Object, Value};
use crate::lockfile::syntax::{excerpt, javascript};
use crate::lockfile::{ParseError, Requirement};
use std::collections::{BTreeMap, BTreeSet};

/// What an importer asks for, and what for.
const SECTIONS: &[(&str, Purpose)] = &[
    ("dependencies", Purpose::Production),
    ("optionalDependencies", Purpose::Production),
    ("devDependencies", Purpose::Development),
    ("configDependencies", Purpose::Tools),
    ("packageManagerDependencies", Purpose::Tools),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Production,
    Development,
    /// What pnpm itself needs.
    Tools,
}

/// How a package is used.
#[derive(Clone, Copy, Default)]
pub(super) struct Use {
    /// Whether an importer asks for it.
    pub(super) direct: bool,
    /// Whether it serves more than development.
    pub(super) production: bool,
}

/// The packages of a document, and the references between them.
pub(super) struct Graph<'a> {
    document: &'a Object<'a>,
    layout: Layout,
    /// What each package depends on, by its key with peers.
    nodes: BTreeMap<&'a str, Vec<Reference<'a>>>,
    wishes: Vec<(Reference<'a>, Purpose)>,
    /// Whether the document lists what pnpm itself needs and nothing else.
    pub(super) tools_only: bool,
}

/// A dependency and where it leads.
#[derive(Clone, Copy)]
struct Reference<'a> {
    name: &'a str,
    to: &'a str,
    line: usize,
    /// The versions that would do, where the file says.
    specifier: Option<&'a str>,
    /// Whether the package may be absent: pnpm leaves out what the project tells it to.
    optional: bool,
}

impl<'a> Reference<'a> {
    /// With the versions that a section of its own names, as version 5 has it.
    fn specified(self, specifiers: Option<&'a Object<'a>>) -> Self {
        let apart = specifiers.and_then(|it| it.get(self.name)?.value.as_text());
        Self { specifier: self.specifier.or(apart), ..self }
    }
}

impl<'a> Graph<'a> {
    /// Reads a document's importers and packages.
    pub(super) fn read(document: &'a Object<'a>, layout: Layout) -> Result<Self, ParseError> {
        let (nodes, wishes) = (BTreeMap::new(), Vec::new());
        let mut graph = Self { document, layout, nodes, wishes, tools_only: false };
        graph.read_importers(document)?;
        let packages = document.get("packages").map(Member::object).transpose()?;
        let snapshots = document.get("snapshots").map(Member::object).transpose()?;
        let nodes = if layout == Layout::Snapshots { snapshots } else { packages };
        for member in nodes.into_iter().flat_map(|section| &section.members) {
            let edges = edges(member.object()?)?;
            graph.nodes.insert(&member.name, edges);
        }
        if layout == Layout::Snapshots {
            same_packages(packages, snapshots)?;
        }
        Ok(graph)
    }

    fn read_importers(&mut self, document: &'a Object<'a>) -> Result<(), ParseError> {
        let mut importers = Vec::new();
        match document.get("importers") {
            Some(member) => {
                for importer in &member.object()?.members {
                    importers.push(importer.object()?);
                }
            }
            None if self.layout == Layout::Snapshots => {
                return Err(ParseError::new(1, "the importers are missing: the file was cut"));
            }
            None => importers.push(document),
        }
        let mut purposes = Vec::new();
        for importer in importers {
            for (section, purpose) in SECTIONS {
                let wishes = references(importer, section)?;
                purposes.extend(importer.get(section).map(|_| *purpose));
                let specifiers = importer.get("specifiers").and_then(|it| it.object().ok());
                let wishes = wishes.into_iter().map(|wish| (wish.specified(specifiers), *purpose));
                self.wishes.extend(wishes);
            }
        }
        let of_tools = |purpose: &Purpose| *purpose == Purpose::Tools;
        self.tools_only = !purposes.is_empty() && purposes.iter().all(of_tools);
        Ok(())
    }

    /// The use of every package that is used, by its key without peers.
    pub(super) fn uses(&self) -> Result<BTreeMap<&'a str, Use>, ParseError> {
        let mut uses = BTreeMap::<&str, Use>::new();
        let mut reached: [BTreeSet<&str>; 2] = Default::default();
        let [production, development] = &mut reached;
        for (wish, purpose) in &self.wishes {
            let Some(key) = self.resolve(wish)? else { continue };
            uses.entry(key::without_peers(key, self.layout)).or_default().direct = true;
            let for_all = *purpose == Purpose::Production;
            let set = if for_all { &mut *production } else { &mut *development };
            self.follow(key, set);
        }
        for reference in self.nodes.values().flatten() {
            self.resolve(reference)?;
        }
        for (set, in_production) in [(&*production, true), (&*development, false)] {
            for key in set {
                let using = uses.entry(key::without_peers(key, self.layout)).or_default();
                using.production |= in_production;
            }
        }
        Ok(uses)
    }

    /// What every package asks for, by its key without peers.
    pub(super) fn requires(&self) -> BTreeMap<&'a str, Vec<Requirement>> {
        let mut all = BTreeMap::<&str, Vec<Requirement>>::new();
        for (key, references) in &self.nodes {
            let known = all.entry(key::without_peers(key, self.layout)).or_default();
            let wishes = references.iter().map(|to| self.requirement(to));
            // With other peers, a package asks for much the same.
            let new: Vec<_> = wishes.filter(|wish| !known.contains(wish)).collect();
            known.extend(new);
        }
        all
    }

    /// What the importers ask for.
    pub(super) fn declared(&self) -> Vec<Requirement> {
        self.wishes.iter().map(|(wish, _)| self.requirement(wish)).collect()
    }

    fn requirement(&self, reference: &Reference<'_>) -> Requirement {
        let key = self.find(reference).map(|key| key::without_peers(key, self.layout));
        let found = key.and_then(|key| key::split(key, self.layout));
        let release = found.filter(|(_, version)| key::is_release(version));
        let named = found.filter(|_| release.is_some() || self.layout == Layout::Snapshots);
        let name = named.map_or(reference.name, |(name, _)| name);
        let version = release.map(|(_, version)| version.to_owned());
        let range = |text| javascript::range(self.document, reference.name, text);
        Requirement { version, ..Requirement::new(name).within(reference.specifier.map(range)) }
    }

    fn follow(&self, start: &'a str, reached: &mut BTreeSet<&'a str>) {
        let mut open = vec![start];
        while let Some(key) = open.pop() {
            if !reached.insert(key) {
                continue;
            }
            let references = self.nodes.get(key).into_iter().flatten();
            open.extend(references.filter_map(|reference| self.find(reference)));
        }
    }

    fn find(&self, reference: &Reference<'_>) -> Option<&'a str> {
        let candidates = key::candidates(reference.name, reference.to, self.layout);
        candidates
            .iter()
            .find_map(|key| self.nodes.get_key_value(key.as_str()))
            .map(|(key, _)| *key)
    }

    /// The key to which a reference leads; none for a folder of the project and for what is
    /// optional and absent.
    fn resolve(&self, reference: &Reference<'_>) -> Result<Option<&'a str>, ParseError> {
        let found = self.find(reference);
        if found.is_some() || reference.optional || key::is_link(reference.to) {
            return Ok(found);
        }
        let name = excerpt(reference.name);
        let message = format!("{name} is missing among the packages: run `pnpm install`");
        Err(ParseError::new(reference.line, message))
    }
}

fn edges<'a>(entry: &'a Object<'a>) -> Result<Vec<Reference<'a>>, ParseError> {
    let mut edges = references(entry, "dependencies")?;
    for edge in references(entry, "optionalDependencies")? {
        edges.push(Reference { optional: true, ..edge });
    }
    Ok(edges)
}

/// The dependencies of a section; none where it is not there.
fn references<'a>(object: &'a Object<'a>, section: &str) -> Result<Vec<Reference<'a>>, ParseError> {
    let Some(section) = object.get(section) else { return Ok(Vec::new()) };
    section.object()?.members.iter().map(reference).collect()
}

/// A dependency: its version, or a table that holds what was asked for and the version.
fn reference<'a>(member: &'a Member<'a>) -> Result<Reference<'a>, ParseError> {
    let (to, specifier) = match &member.value {
        Value::Object(object) => match object.get("version") {
            Some(version) => {
                (version.text()?, object.get("specifier").and_then(|it| it.value.as_text()))
            }
            None => {
                return Err(ParseError::new(member.line, "a version is missing: the file was cut"));
            }
        },
        Value::Text(_) | Value::Word(_) | Value::Number(_) | Value::List(_) => {
            (member.text()?, None)
        }
    };
    Ok(Reference { name: &member.name, to, line: member.line, specifier, optional: false })
}

/// Refuses a package without a snapshot and a snapshot without a package.
fn same_packages(
    packages: Option<&Object<'_>>,
    snapshots: Option<&Object<'_>>,
) -> Result<(), ParseError> {
    let keys = |section: Option<&Object<'_>>| -> BTreeMap<String, usize> {
        let members = section.into_iter().flat_map(|section| &section.members);
        let key = |name: &str| key::without_peers(name, Layout::Snapshots).to_owned();
        members.map(|member| (key(&member.name), member.line)).collect()
    };
    let (listed, resolved) = (keys(packages), keys(snapshots));
    let missing = |of: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>, what: &str| {
        let lone = of.iter().find(|(key, _)| !other.contains_key(*key));
        lone.map_or(Ok(()), |(key, line)| {
            let message = format!("{} has no {what}: the file was cut", excerpt(key));
            Err(ParseError::new(*line, message))
        })
    };
    missing(&listed, &resolved, "snapshot")?;
    missing(&resolved, &listed, "package")
}
