//! Maven's `pom.xml`: what a project asks for, with the versions that it or its parents set.
//!
//! Properties and managed versions are taken from the file and from those of its parents that are
//! in the same tree. A version that comes from anywhere else (a parent in a registry, an imported
//! list), that is a range or that is missing is no version yet, and the entry is told. Plugins serve
//! the build and are not read. What a profile asks for may be built, so it counts.

mod model;

use super::syntax::xml::{Xml, children, text_of};
use super::syntax::{checked, distinct, locked, named, passed_over};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use model::Model;
use roxmltree::Node;
use std::collections::BTreeSet;

/// The most generations of parents that are followed; a project that is its own ancestor is not one.
const GENERATIONS: usize = 16;

/// A project of Maven.
pub(super) struct Pom;

impl Format for Pom {
    fn name(&self) -> &'static str {
        "pom.xml"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Maven
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["pom.xml"])
    }

    fn stands_alone(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        self.read_in(text, &RepoPath::from("pom.xml"), &|_| None)
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let xml = Xml::parse(checked(text)?, "project")?;
        let mut model = Model::of(&xml);
        let (mut parent, mut place) = (model::Parent::of(&xml), path.clone());
        let mut seen = BTreeSet::from([path.clone()]);
        for _ in 0..GENERATIONS {
            let unseen = |path: &RepoPath| (!seen.contains(path)).then(|| tree(path)).flatten();
            let Some((above, text)) = parent.and_then(|parent| parent.find(&place, &unseen)) else {
                break;
            };
            let Ok(xml) = Xml::parse(text.trim_start_matches('\u{feff}'), "project") else { break };
            model.inherit(Model::of(&xml));
            seen.insert(above.clone());
            (parent, place) = (model::Parent::of(&xml), above);
        }
        model.settle();
        let mut reading = Reading::default();
        for dependency in dependencies(&xml) {
            take(&xml, dependency, &model, &mut reading)?;
        }
        reading.packages = distinct(reading.packages);
        Ok(reading)
    }
}

/// What the project and its profiles ask for.
fn dependencies<'n, 'a>(xml: &'n Xml<'a>) -> impl Iterator<Item = Node<'n, 'a>> {
    let profiles = children(xml.root(), "profiles").flat_map(|all| children(all, "profile"));
    let owners = std::iter::once(xml.root()).chain(profiles);
    let lists = owners.flat_map(|owner| children(owner, "dependencies"));
    lists.flat_map(|list| children(list, "dependency"))
}

fn take<'a>(
    xml: &Xml<'a>,
    dependency: Node<'_, 'a>,
    model: &Model,
    reading: &mut Reading,
) -> Result<(), ParseError> {
    let text = |name: &str| text_of(dependency, name).map(|text| model.resolved(text));
    let Some(artifact) = text("artifactId") else {
        let message = "a dependency has no artifactId".to_owned();
        return Err(ParseError { line: xml.line(dependency), message });
    };
    let artifact_line = children(dependency, "artifactId").next().map(|node| xml.line(node));
    let line = artifact_line.unwrap_or_else(|| xml.line(dependency));
    let Some(group) = text("groupId") else {
        let why = "its groupId is left to the projects around it";
        reading.passed_over.push(passed_over(&artifact, line, why));
        return Ok(());
    };
    let name = format!("{group}:{artifact}");
    let managed = model.managed(&name);
    let version = text("version").or_else(|| managed.as_ref().and_then(|it| it.version.clone()));
    let scope = text("scope").or_else(|| managed.and_then(|it| it.scope));
    let version = match pinned(version.as_deref()) {
        Ok(_) if name.contains("${") => Err("its name is a property that another file sets"),
        other => other,
    };
    match version {
        Ok(version) => reading.packages.push(Locked {
            direct: Some(true),
            dev: Some(scope.as_deref() == Some("test")),
            origin: text("systemPath").map_or(Origin::Registry(None), Origin::Path),
            ..locked(Ecosystem::Maven, &name, version, line)
        }),
        Err(why) => reading.passed_over.push(passed_over(&name, line, why)),
    }
    Ok(())
}

/// The version of a pin; Maven takes a bare version for a wish that the nearest project decides.
fn pinned(version: Option<&str>) -> Result<&str, &'static str> {
    let version = version.ok_or("its version is set elsewhere: by a parent or an imported list")?;
    let exact = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let version = exact.filter(|it| !it.contains(',')).unwrap_or(version);
    if version.contains("${") {
        return Err("its version is a property that another file sets");
    }
    if version.contains(['[', ']', '(', ')', ',']) || matches!(version, "LATEST" | "RELEASE") {
        return Err("not pinned to a version");
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(inner: &str, dependency: &str) -> String {
        let dependency = format!("<groupId>g</groupId><artifactId>a</artifactId>{dependency}");
        format!(
            "<project>{inner}<dependencies><dependency>{dependency}</dependency></dependencies></project>"
        )
    }

    fn version(inner: &str, dependency: &str) -> Option<String> {
        let reading = Pom.read(&project(inner, dependency)).unwrap();
        assert_eq!(reading.packages.len() + reading.passed_over.len(), 1);
        reading.packages.first().map(|it| it.package.version.clone())
    }

    #[test]
    fn a_version_is_resolved_within_the_file() {
        let own = "<parent><groupId>g</groupId><version>3</version></parent><properties><x>${y}.1</x><y>2</y><z>${z}a</z></properties>";
        assert_eq!(version(own, "<version>${x}</version>").as_deref(), Some("2.1"));
        assert_eq!(version(own, "<version>${project.version}</version>").as_deref(), Some("3"));
        assert_eq!(version(own, "<version>[1.0]</version>").as_deref(), Some("1.0"));
        for unknown in
            ["", "<version>${q}</version>", "<version>[1,2)</version>", "<version>${z}</version>"]
        {
            assert_eq!(version(own, unknown), None, "{unknown}");
        }
    }

    #[test]
    fn parents_of_the_tree_set_versions() {
        let parent = |id: &str| {
            format!(
                "<parent><groupId>g</groupId><artifactId>{id}</artifactId><version>1</version></parent>"
            )
        };
        let child = project(&parent("p"), "<scope>test</scope>");
        let managed = "<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency></dependencies></dependencyManagement>";
        let middle = format!(
            "<project>{}<artifactId>p</artifactId>{managed}</project>",
            parent("q").replace("</parent>", "<relativePath>../../up</relativePath></parent>")
        );
        let top = "<project><groupId>g</groupId><artifactId>q</artifactId><version>1</version><properties><v>7</v></properties></project>";
        let tree = |path: &RepoPath| match path.as_bytes() {
            b"x/m/pom.xml" => Some(middle.clone()),
            b"up/pom.xml" => Some(top.to_owned()),
            _ => None,
        };
        let reading = Pom.read_in(&child, &RepoPath::from("x/m/c/pom.xml"), &tree).unwrap();
        assert_eq!(reading.packages[0].package.version, "7");
        assert_eq!(reading.packages[0].dev, Some(true));
        assert_eq!(Pom.read(&child).unwrap().packages, []);
        let other = child.replace("<artifactId>p<", "<artifactId>other<");
        assert_eq!(
            Pom.read_in(&other, &RepoPath::from("x/m/c/pom.xml"), &tree).unwrap().packages,
            []
        );
    }

    #[test]
    fn a_project_that_is_its_own_ancestor_is_read_once() {
        let parent = |place: &str| {
            let named = "<groupId>g</groupId><artifactId>p</artifactId>";
            let place = format!("<relativePath>{place}</relativePath>");
            format!("<project>{named}<parent>{named}{place}</parent></project>")
        };
        let asked = std::cell::Cell::new(0);
        let tree = |_: &RepoPath| {
            asked.set(asked.get() + 1);
            Some(parent("../pom.xml"))
        };
        Pom.read_in(&parent("pom.xml"), &RepoPath::from("pom.xml"), &tree).unwrap();
        assert_eq!(asked.get(), 0);
        Pom.read_in(&parent("b/pom.xml"), &RepoPath::from("pom.xml"), &tree).unwrap();
        assert_eq!(asked.get(), 1);
    }
}
