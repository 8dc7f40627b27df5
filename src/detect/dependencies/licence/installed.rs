//! The folders into which packages were installed or vendored, beside their lockfile.
//!
//! Names and versions come from a lockfile, and so from whoever wrote it: only those that are plain
//! names lead to a file.

use super::statement;
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use crate::source::Tree;

/// Where Python keeps what it installs, but for the version between.
const VENVS: [(&str, &str); 4] = [
    (".venv/lib", "site-packages"),
    ("venv/lib", "site-packages"),
    (".venv/Lib/site-packages", ""),
    ("venv/Lib/site-packages", ""),
];

/// The tree in which lockfiles were found.
pub(super) struct Folders<'a>(&'a dyn Tree);

impl<'a> Folders<'a> {
    pub(super) fn new(tree: &'a dyn Tree) -> Self {
        Self(tree)
    }

    /// What the installed package states of its licence.
    pub(super) fn statement(&self, lockfile: &RepoPath, package: &Package) -> Option<String> {
        if !is_plain(&package.name) || !is_plain(&package.version) || package.version.contains('/')
        {
            return None;
        }
        let path = lockfile.as_str()?;
        let beside =
            Beside { tree: self.0, folder: path.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let readers: [(Ecosystem, Reader<'_>); 5] = [
            (Ecosystem::CratesIo, Beside::cargo),
            (Ecosystem::Npm, Beside::npm),
            (Ecosystem::Packagist, Beside::composer),
            (Ecosystem::PyPI, Beside::python),
            (Ecosystem::RubyGems, Beside::gem),
        ];
        let (_, read) = readers.into_iter().find(|(of, _)| *of == package.ecosystem)?;
        read(&beside, package)
    }
}

/// How packages of one ecosystem are looked for.
type Reader<'a> = fn(&Beside<'a>, &Package) -> Option<String>;

/// Whether a name cannot lead out of a folder.
fn is_plain(name: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.contains(odd) && name.split('/').all(part)
}

/// The folder of a lockfile.
struct Beside<'a> {
    tree: &'a dyn Tree,
    folder: &'a str,
}

impl Beside<'_> {
    fn npm(&self, package: &Package) -> Option<String> {
        let Package { name, version, .. } = package;
        let store = format!("node_modules/.pnpm/{}@{version}", name.replace('/', "+"));
        [format!("node_modules/{name}"), format!("{store}/node_modules/{name}")]
            .into_iter()
            .find_map(|folder| {
                let manifest = self.read(&format!("{folder}/package.json"))?;
                statement::package_json(&manifest, version)
            })
    }

    fn cargo(&self, package: &Package) -> Option<String> {
        let Package { name, version, .. } = package;
        [format!("vendor/{name}"), format!("vendor/{name}-{version}")].into_iter().find_map(
            |folder| {
                let manifest = self.read(&format!("{folder}/Cargo.toml"))?;
                statement::cargo_toml(&manifest, version)
            },
        )
    }

    fn composer(&self, package: &Package) -> Option<String> {
        let manifest = self.read(&format!("vendor/{}/composer.json", package.canonical_name()))?;
        statement::composer_json(&manifest, &package.version)
    }

    fn python(&self, package: &Package) -> Option<String> {
        let name = package.canonical_name();
        let is_of = |entry: &str| {
            let of = entry.strip_suffix(".dist-info").and_then(|entry| entry.rsplit_once('-'));
            of.is_some_and(|(own, version)| {
                Ecosystem::PyPI.canonical_name(own) == name && version == package.version
            })
        };
        self.site_packages().into_iter().find_map(|folder| {
            let entry = self.names(&folder).into_iter().find(|entry| is_of(entry))?;
            let metadata = self.read(&format!("{folder}/{entry}/METADATA"))?;
            statement::metadata(&metadata, &package.version)
        })
    }

    fn site_packages(&self) -> Vec<String> {
        let folders = VENVS.iter().flat_map(|(start, end)| match *end {
            "" => vec![(*start).to_owned()],
            end => {
                let versions = self.names(start).into_iter();
                versions.map(|version| format!("{start}/{version}/{end}")).collect()
            }
        });
        folders.collect()
    }

    fn gem(&self, package: &Package) -> Option<String> {
        let start = "vendor/bundle/ruby";
        let file = format!("{}-{}.gemspec", package.name, package.version);
        self.names(start).into_iter().find_map(|version| {
            let specification = self.read(&format!("{start}/{version}/specifications/{file}"))?;
            statement::gemspec(&specification)
        })
    }

    fn read(&self, path: &str) -> Option<String> {
        String::from_utf8(self.tree.installed(&self.path(path)).ok()??).ok()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        self.tree.installed_names(&self.path(folder)).unwrap_or_default()
    }

    fn path(&self, path: &str) -> RepoPath {
        match self.folder {
            "" => RepoPath::from(path),
            folder => RepoPath::from(format!("{folder}/{path}").as_str()),
        }
    }
}
