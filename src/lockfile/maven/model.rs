//! What a project of Maven and its parents set: properties, managed versions, and where the parent
//! is.

use crate::finding::RepoPath;
use crate::lockfile::syntax::seen_from;
use crate::lockfile::syntax::xml::{Xml, child, children, text_of};
use std::collections::BTreeMap;

/// The longest text that properties may expand to, and the most of them in one text.
const LONGEST: usize = 1000;
const EXPANSIONS: usize = 32;

/// Properties and managed dependencies, as they are written.
#[derive(Default)]
pub(super) struct Model {
    properties: BTreeMap<String, String>,
    managed: BTreeMap<String, Managed>,
}

/// A version and a scope that a project gives to all who ask for a module.
pub(super) struct Managed {
    pub(super) version: Option<String>,
    pub(super) scope: Option<String>,
}

impl Model {
    /// What one file sets.
    pub(super) fn of(xml: &Xml<'_>) -> Self {
        let root = xml.root();
        let mut model = Self::default();
        for node in children(root, "properties").flat_map(|all| all.children()) {
            let value = node.text().map_or("", str::trim).to_owned();
            if node.is_element() {
                model.properties.insert(node.tag_name().name().to_owned(), value);
            }
        }
        let parent = child(root, "parent");
        for name in ["groupId", "artifactId", "version"] {
            let inherited = parent.and_then(|parent| text_of(parent, name));
            let own = text_of(root, name).or_else(|| inherited.filter(|_| name != "artifactId"));
            for (prefix, value) in [
                ("project.", own),
                ("pom.", own),
                ("project.parent.", inherited),
                ("parent.", inherited),
            ] {
                let value = value.map(str::to_owned);
                model.properties.extend(value.map(|value| (format!("{prefix}{name}"), value)));
            }
        }
        model.manage(xml);
        model
    }

    fn manage(&mut self, xml: &Xml<'_>) {
        let sections = children(xml.root(), "dependencyManagement");
        let lists = sections.flat_map(|section| children(section, "dependencies"));
        for entry in lists.flat_map(|list| children(list, "dependency")) {
            let text = |name: &str| text_of(entry, name).map(str::to_owned);
            let (Some(group), Some(artifact)) = (text("groupId"), text("artifactId")) else {
                continue;
            };
            let managed = Managed { version: text("version"), scope: text("scope") };
            if managed.scope.as_deref() != Some("import") {
                self.managed.entry(format!("{group}:{artifact}")).or_insert(managed);
            }
        }
    }

    /// Takes from a parent what is not set yet.
    pub(super) fn inherit(&mut self, parent: Self) {
        for (name, value) in parent.properties {
            self.properties.entry(name).or_insert(value);
        }
        for (name, managed) in parent.managed {
            self.managed.entry(name).or_insert(managed);
        }
    }

    /// Puts properties into the names of managed modules, once no parent is left to set them.
    pub(super) fn settle(&mut self) {
        let written: Vec<_> =
            self.managed.keys().filter(|name| name.contains("${")).cloned().collect();
        for name in written {
            if let Some(managed) = self.managed.remove(&name) {
                self.managed.entry(self.resolved(&name)).or_insert(managed);
            }
        }
    }

    /// What is managed for a module, by its resolved name, with its properties put in.
    pub(super) fn managed(&self, name: &str) -> Option<Managed> {
        let found = self.managed.get(name)?;
        let resolved = |text: &Option<String>| text.as_ref().map(|text| self.resolved(text));
        Some(Managed { version: resolved(&found.version), scope: resolved(&found.scope) })
    }

    /// A text with its properties put in; one that is not set is left as it is.
    pub(super) fn resolved(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..EXPANSIONS {
            let Some((before, rest)) = text.split_once("${") else { break };
            let Some((name, after)) = rest.split_once('}') else { break };
            let Some(value) = self.properties.get(name) else { break };
            let next = format!("{before}{value}{after}");
            if next.len() > LONGEST {
                break;
            }
            text = next;
        }
        text
    }
}

/// The parent that a project names.
pub(super) struct Parent {
    group: String,
    artifact: String,
    /// Where its file is, seen from the project's folder.
    place: String,
}

impl Parent {
    /// The parent of a project, unless it says that the parent is in no file.
    pub(super) fn of(xml: &Xml<'_>) -> Option<Self> {
        let parent = child(xml.root(), "parent")?;
        let text = |name: &str| text_of(parent, name).map(str::to_owned);
        let place = match child(parent, "relativePath") {
            Some(_) => text("relativePath")?,
            None => "../pom.xml".to_owned(),
        };
        Some(Self { group: text("groupId")?, artifact: text("artifactId")?, place })
    }

    /// The path and the text of the parent's file, if the tree has it there.
    pub(super) fn find(
        &self,
        project: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Option<(RepoPath, String)> {
        let is_file =
            self.place.rsplit('.').next().is_some_and(|it| it.eq_ignore_ascii_case("xml"));
        let place = if is_file { self.place.clone() } else { format!("{}/pom.xml", self.place) };
        let path = seen_from(project, &place)?;
        let text = tree(&path)?;
        let xml = Xml::parse(text.trim_start_matches('\u{feff}'), "project").ok()?;
        let model = Model::of(&xml);
        let property = |name: &str| model.properties.get(name).map(|text| model.resolved(text));
        let same = property("project.artifactId").as_ref() == Some(&self.artifact)
            && property("project.groupId").as_ref() == Some(&self.group);
        drop(xml);
        same.then_some((path, text))
    }
}
