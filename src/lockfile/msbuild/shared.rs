//! What the projects below a folder share: properties and central versions.

use super::super::syntax::xml::{Xml, is};
use super::{PACKAGE_VERSION, items, names_of, properties, resolved, version_of};
use crate::finding::RepoPath;
use std::collections::BTreeMap;

/// What a project takes from files in its folder and above it.
#[derive(Default)]
pub(super) struct Shared {
    /// The last value of every property, by its name in lower case.
    pub(super) properties: BTreeMap<String, String>,
    /// The version of every package that has one, by its name in lower case.
    pub(super) versions: BTreeMap<String, String>,
}

impl Shared {
    /// The nearest of either file upwards of a project. One that cannot be read sets nothing.
    pub(super) fn above(project: &RepoPath, tree: &dyn Fn(&RepoPath) -> Option<String>) -> Self {
        let mut shared = Self::default();
        for name in ["Directory.Build.props", "Directory.Packages.props"] {
            if let Some(text) = nearest(project, name, tree) {
                shared.take(&text);
            }
        }
        shared
    }

    fn take(&mut self, text: &str) {
        let Ok(xml) = Xml::parse(text.trim_start_matches('\u{feff}'), "Project") else { return };
        self.properties.extend(properties(&xml));
        for item in items(&xml).filter(|item| is(*item, PACKAGE_VERSION)) {
            let Some(version) = version_of(item) else { continue };
            let version = resolved(version, &self.properties);
            let names = names_of(item).map(|(_, names)| resolved(names, &self.properties));
            for name in names.unwrap_or_default().split(';') {
                self.versions.insert(name.trim().to_lowercase(), version.clone());
            }
        }
    }
}

fn nearest(
    project: &RepoPath,
    name: &str,
    tree: &dyn Fn(&RepoPath) -> Option<String>,
) -> Option<String> {
    let mut folder = project.as_bytes();
    while let Some(at) = folder.iter().rposition(|byte| *byte == b'/') {
        folder = folder.get(..at)?;
        let path = [folder, b"/", name.as_bytes()].concat();
        if let Some(text) = tree(&RepoPath::new(path)) {
            return Some(text);
        }
    }
    tree(&RepoPath::from(name))
}
