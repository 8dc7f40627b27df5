//! What the manifest beside a lockfile asks for, for lockfiles that do not say it themselves.
//!
//! A manifest that cannot be read says nothing: the lockfile stands without it.

use super::json::{self, Object};
use super::python::Wish;
use super::{line_number, passed_over};
use crate::lockfile::{Reading, Requirement};
use crate::nesting::read_toml;
use crate::package::Ecosystem;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// What a manifest asks for.
pub(in crate::lockfile) struct Manifest {
    wanted: Vec<Wanted>,
    /// Whether other manifests of the project may ask for more.
    shared: bool,
}

struct Wanted {
    requirement: Requirement,
    /// Whether the lockfile must hold it.
    needed: bool,
}

impl Manifest {
    /// Reads the manifest of a name, if it is of a kind that is known.
    pub(in crate::lockfile) fn read(name: &str, text: impl Fn() -> Option<String>) -> Option<Self> {
        match name {
            "package.json" => Self::package_json(&text()?),
            "composer.json" => Self::composer_json(&text()?),
            "pyproject.toml" => Self::pyproject(&text()?),
            "Pipfile" => Self::pipfile(&text()?),
            "Project.toml" => Self::project_toml(&text()?),
            _ => None,
        }
    }

    fn package_json(text: &str) -> Option<Self> {
        let root = json::parse(text).ok()?;
        let shared = root.get("workspaces").is_some();
        let sections = ["dependencies", "devDependencies", "optionalDependencies"];
        let wanted = sections.iter().flat_map(|section| {
            members(&root, section).map(|(name, range)| {
                let range = range.unwrap_or_default();
                let local = ["link:", "file:", "portal:", "workspace:"]
                    .iter()
                    .any(|kind| range.starts_with(kind));
                let renamed = range.strip_prefix("npm:").and_then(|it| it.rsplit_once('@'));
                let (name, range) = renamed.filter(|it| !it.0.is_empty()).unwrap_or((name, range));
                let requirement = Requirement::new(name).within(Some(range));
                let needed = !local && !shared && *section != "optionalDependencies";
                Wanted { requirement, needed }
            })
        });
        Some(Self { wanted: wanted.collect(), shared })
    }

    fn composer_json(text: &str) -> Option<Self> {
        let root = json::parse(text).ok()?;
        let wishes = ["require", "require-dev"].iter().flat_map(|it| members(&root, it));
        let wanted = wishes.filter(|(name, _)| name.contains('/')).map(|(name, range)| {
            // Composer ends the file itself, so nothing is made of what it does not hold.
            Wanted { requirement: Requirement::new(name).within(range), needed: false }
        });
        Some(Self { wanted: wanted.collect(), shared: false })
    }

    fn pyproject(text: &str) -> Option<Self> {
        let root: Table = read_toml(text).ok()?;
        let mut wanted = Vec::new();
        let project = table(&root, &["project"]);
        wanted
            .extend(project.and_then(|it| it.get("dependencies")).iter().flat_map(|it| texts(it)));
        let groups = [
            table(&root, &["project", "optional-dependencies"]),
            table(&root, &["dependency-groups"]),
            table(&root, &["tool", "pdm", "dev-dependencies"]),
        ];
        let lists = groups.into_iter().flatten().flat_map(Table::values);
        wanted.extend(lists.flat_map(texts).map(|wish| Wanted { needed: false, ..wish }));
        if let Some(poetry) = table(&root, &["tool", "poetry"]) {
            let grouped = table(poetry, &["group"]).into_iter().flat_map(Table::values);
            let grouped = grouped.filter_map(|group| table(group.as_table()?, &["dependencies"]));
            let plain = ["dependencies", "dev-dependencies"];
            let plain = plain.iter().filter_map(|name| table(poetry, &[name]));
            wanted.extend(plain.chain(grouped).flat_map(versions));
        }
        Some(Self { wanted, shared: false })
    }

    fn pipfile(text: &str) -> Option<Self> {
        let root: Table = read_toml(text).ok()?;
        let other = ["source", "requires", "scripts", "pipenv", "pipfile"];
        let sections = root.iter().filter(|(name, _)| !other.contains(&name.as_str()));
        let sections = sections.filter_map(|(_, section)| section.as_table());
        Some(Self { wanted: sections.flat_map(versions).collect(), shared: false })
    }

    fn project_toml(text: &str) -> Option<Self> {
        let root: Table = read_toml(text).ok()?;
        let ranges = table(&root, &["compat"]);
        let names = table(&root, &["deps"]).into_iter().flat_map(Table::keys);
        let wanted = names.map(|name| {
            let range = ranges.and_then(|ranges| ranges.get(name)?.as_str());
            Wanted { requirement: Requirement::new(name).within(range), needed: true }
        });
        // Several projects of a workspace share a manifest.
        Some(Self { wanted: wanted.collect(), shared: true })
    }

    /// Tells a reading what the project asks for, which is direct where the lockfile does not say.
    /// What must be locked and is not is remarked on, at the last line.
    pub(in crate::lockfile) fn complete(
        self,
        reading: &mut Reading,
        ecosystem: Ecosystem,
        text: &str,
    ) {
        let last = line_number(text.trim_end().lines().count());
        let canonical = |name: &str| ecosystem.canonical_name(name);
        let names: BTreeSet<_> =
            self.wanted.iter().map(|it| canonical(&it.requirement.name)).collect();
        let others = reading.passed_over.iter().map(|it| canonical(&it.name));
        let mut known: BTreeMap<_, usize> = others.map(|name| (name, 0)).collect();
        for entry in &reading.packages {
            *known.entry(entry.package.canonical_name()).or_default() += 1;
        }
        let missing = self.wanted.iter().filter(|it| it.needed);
        let missing = missing.filter(|it| !known.contains_key(&canonical(&it.requirement.name)));
        let why = "asked for by the manifest but not locked, so one of the two files may be out of \
                   date or cut";
        let missing = missing.map(|it| passed_over(&it.requirement.name, last, why));
        let missing: Vec<_> = missing.collect();
        reading.passed_over.extend(missing);
        for entry in &mut reading.packages {
            let name = entry.package.canonical_name();
            // Of several versions, it is not said which one is asked for.
            let answer = match (names.contains(&name), known.get(&name)) {
                (true, Some(1)) => Some(true),
                (true, _) => None,
                (false, _) => (!self.shared).then_some(false),
            };
            entry.direct = entry.direct.or(answer);
        }
        reading.declared = self.wanted.into_iter().map(|it| it.requirement).collect();
    }
}

fn members<'o>(
    root: &'o Object<'_>,
    section: &str,
) -> impl Iterator<Item = (&'o str, Option<&'o str>)> + use<'o> {
    let section = root.get(section).and_then(|it| it.object().ok());
    let members = section.into_iter().flat_map(|section| &section.members);
    members.map(|member| (&*member.name, member.value.as_text()))
}

fn table<'t>(root: &'t Table, path: &[&str]) -> Option<&'t Table> {
    path.iter().try_fold(root, |table, name| table.get(*name)?.as_table())
}

/// The requirements of a list; what holds under a condition need not be locked.
fn texts(list: &Value) -> impl Iterator<Item = Wanted> {
    let list = list.as_array().into_iter().flatten();
    let wish = |text: &Value| {
        let wish = Wish::read(text.as_str()?)?;
        Some(Wanted { requirement: wish.requirement(), needed: !wish.conditional })
    };
    list.filter_map(wish)
}

/// The requirements of a table from names to versions, or to more about them.
fn versions(section: &Table) -> impl Iterator<Item = Wanted> {
    let names = section.iter().filter(|(name, _)| *name != "python");
    names.map(|(name, value)| {
        let version = value.as_table().and_then(|more| more.get("version")).unwrap_or(value);
        let version = version.as_str().filter(|version| *version != "*");
        Wanted { requirement: Requirement::new(name).within(version), needed: false }
    })
}

#[cfg(test)]
mod tests {
    use super::super::locked;
    use super::*;
    use std::num::NonZeroU32;

    fn completed(name: &str, manifest: &str, names: &[&str]) -> Reading {
        let line = NonZeroU32::MIN;
        let packages = names.iter().map(|it| locked(Ecosystem::PyPI, it, "1", line)).collect();
        let mut reading = Reading { packages, ..Reading::default() };
        let manifest = Manifest::read(name, || Some(manifest.to_owned())).unwrap();
        manifest.complete(&mut reading, Ecosystem::PyPI, "1\n2\n");
        reading
    }

    fn rows(reading: &Reading) -> Vec<String> {
        let wishes = reading.declared.iter();
        let range = |it: &Requirement| it.constraint.clone().unwrap_or_default();
        wishes.map(|it| format!("{} {}", it.name, range(it)).trim_end().to_owned()).collect()
    }

    fn told(reading: &Reading) -> Vec<&str> {
        reading.passed_over.iter().map(|it| &*it.name).collect()
    }

    #[test]
    fn python_projects_ask_in_several_places() {
        let text = "[project]\ndependencies = ['A.b>=1', 'gone', 'old; python_version < \"3\"']\n\
                    [project.optional-dependencies]\nx = ['extra~=2']\n\
                    [dependency-groups]\ndev = ['c', {include-group = 'x'}]\n\
                    [tool.poetry.dependencies]\npython = '^3'\nd = '^4'\ne = {version = '*'}\n\
                    [tool.poetry.group.docs.dependencies]\nf = {git = 'https://git.example.org/f'}\n";
        let reading = completed("pyproject.toml", text, &["a-b", "c", "c", "z"]);
        let asked = ["A.b >=1", "gone", "old", "extra ~=2", "c", "d ^4", "e", "f"];
        assert_eq!(rows(&reading), asked);
        let direct: Vec<_> = reading.packages.iter().map(|it| it.direct).collect();
        assert_eq!(direct, [Some(true), None, None, Some(false)]);
        assert_eq!(told(&reading), ["gone"]);
        assert_eq!(reading.passed_over[0].line.get(), 2);
    }

    #[test]
    fn other_manifests_are_read_as_their_tools_do() {
        let npm = "{\"dependencies\": {\"a\": \"^1\", \"n\": \"npm:b@2\", \"l\": \"link:../l\"}, \
                   \"optionalDependencies\": {\"o\": \"1\"}}";
        let reading = completed("package.json", npm, &["a", "z"]);
        assert_eq!(rows(&reading), ["a ^1", "b 2", "l link:../l", "o 1"]);
        assert_eq!(told(&reading), ["b"]);
        let workspaces = npm.replacen('{', "{\"workspaces\": [\"x\"], ", 1);
        let reading = completed("package.json", &workspaces, &["a", "z"]);
        assert_eq!((told(&reading).len(), reading.packages[1].direct), (0, None));
        let composer =
            "{\"require\": {\"php\": \"^8\", \"a/b\": \"^1\"}, \"require-dev\": {\"c/d\": \"*\"}}";
        assert_eq!(rows(&completed("composer.json", composer, &[])), ["a/b ^1", "c/d *"]);
        let pipfile =
            "[[source]]\nurl = ''\n[packages]\na = '==1'\n[dev-packages]\nb = {version = '>2'}\n";
        assert_eq!(rows(&completed("Pipfile", pipfile, &[])), ["b >2", "a ==1"]);
        let julia = "[deps]\nA = 'uuid'\n[compat]\nA = '1.2'\njulia = '1'\n";
        assert_eq!(rows(&completed("Project.toml", julia, &["A"])), ["A 1.2"]);
        assert!(Manifest::read("package.json", || Some("{".to_owned())).is_none());
        assert!(Manifest::read("Gemfile", || None).is_none());
    }
}
