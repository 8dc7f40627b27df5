//! What .NET projects ask for: `PackageReference` in `*.csproj`, `*.fsproj` and `*.vbproj`, and
//! `PackageVersion` in `Directory.Packages.props`.
//!
//! Properties and central versions come from the file itself and from the nearest
//! `Directory.Build.props` and `Directory.Packages.props` upwards. A version that is a range, that
//! floats or that yet another file sets is no version, and the entry is told. Conditions are not
//! weighed: what is under one may be built, so it counts.

mod shared;

use super::syntax::xml::{Xml, is, text_of};
use super::syntax::{checked, distinct, ending, locked, named, passed_over};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use roxmltree::Node;
use shared::Shared;
use std::collections::BTreeMap;

/// A project of .NET, or the versions that its projects share.
pub(super) struct MsBuild;

impl Format for MsBuild {
    fn name(&self) -> &'static str {
        "*.csproj"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["Directory.Packages.props"])
            || [".csproj", ".fsproj", ".vbproj"].iter().any(|kind| ending(path, kind))
    }

    fn emptiness_is_odd(&self) -> bool {
        false
    }

    fn stands_alone(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        read(text, Shared::default())
    }

    fn read_in(
        &self,
        text: &str,
        path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        read(text, Shared::above(path, tree))
    }
}

const PACKAGE_VERSION: &str = "PackageVersion";
const ITEMS: &[&str] = &["PackageReference", PACKAGE_VERSION, "GlobalPackageReference"];

fn read(text: &str, mut shared: Shared) -> Result<Reading, ParseError> {
    let xml = Xml::parse(checked(text)?, "Project")?;
    shared.properties.extend(properties(&xml));
    let mut reading = Reading::default();
    for item in items(&xml) {
        take(&xml, item, &shared, &mut reading);
    }
    reading.packages = distinct(reading.packages);
    Ok(reading)
}

/// The items that are about packages.
fn items<'n, 'a>(xml: &'n Xml<'a>) -> impl Iterator<Item = Node<'n, 'a>> {
    xml.root().descendants().filter(|node| {
        node.parent().is_some_and(|parent| is(parent, "ItemGroup"))
            && ITEMS.iter().any(|item| is(*node, item))
    })
}

/// What an item says under a name, as an attribute or as an element.
fn value<'n>(item: Node<'n, '_>, name: &str) -> Option<&'n str> {
    item.attribute(name).map(str::trim).or_else(|| text_of(item, name))
}

/// The packages that an item is about, and the key under which it names them.
fn names_of<'n>(item: Node<'n, '_>) -> Option<(&'static str, &'n str)> {
    let key = if value(item, "Include").is_some() { "Include" } else { "Update" };
    value(item, key).filter(|names| !names.is_empty()).map(|names| (key, names))
}

fn version_of<'n>(item: Node<'n, '_>) -> Option<&'n str> {
    value(item, "VersionOverride").or_else(|| value(item, "Version"))
}

/// The last value of every property that has no condition, or the only one that it has.
fn properties(xml: &Xml<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let groups = xml.root().children().filter(|node| is(*node, "PropertyGroup"));
    for property in groups.flat_map(|group| group.children()).filter(Node::is_element) {
        let value = property.text().map_or("", str::trim).to_owned();
        let name = property.tag_name().name().to_lowercase();
        let conditional = property.attribute("Condition").is_some();
        if conditional {
            all.entry(name).or_insert(value);
        } else {
            all.insert(name, value);
        }
    }
    all
}

fn take<'a>(xml: &Xml<'a>, item: Node<'_, 'a>, shared: &Shared, reading: &mut Reading) {
    if value(item, "Remove").is_some() {
        return;
    }
    let Some((key, names)) = names_of(item) else {
        reading.passed_over.push(passed_over(
            item.tag_name().name(),
            xml.line(item),
            "without a name",
        ));
        return;
    };
    let names = resolved(names, &shared.properties);
    let version = version_of(item).map(|version| resolved(version, &shared.properties));
    let private = value(item, "PrivateAssets").is_some_and(|it| it.eq_ignore_ascii_case("all"));
    let line = xml.line_of(item, key);
    let central = is(item, PACKAGE_VERSION);
    for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        let elsewhere = || shared.versions.get(&name.to_lowercase());
        let version = version.as_ref().or_else(elsewhere).map_or("", String::as_str);
        match pinned(version) {
            Ok(version) => reading.packages.push(Locked {
                direct: Some(!central).filter(|direct| *direct),
                dev: (!central).then_some(private || is(item, "GlobalPackageReference")),
                ..locked(Ecosystem::NuGet, name, version, line)
            }),
            Err(why) => reading.passed_over.push(passed_over(name, line, why)),
        }
    }
}

/// A text with its properties put in; one that the file does not set is left as it is.
fn resolved(text: &str, properties: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let Some((before, rest)) = text.split_once("$(") else { break };
        let Some((name, after)) = rest.split_once(')') else { break };
        let Some(value) = properties.get(&name.to_lowercase()) else { break };
        let next = format!("{before}{value}{after}");
        if next.len() > 1000 {
            break;
        }
        text = next;
    }
    text
}

/// The version of a pin; NuGet takes a bare version for a minimum, and the minimum is what it
/// restores.
fn pinned(version: &str) -> Result<&str, &'static str> {
    let exact = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
    let version = exact.filter(|it| !it.contains(',')).unwrap_or(version);
    if version.is_empty() {
        return Err("its version is set in another file");
    }
    if version.contains("$(") || version.contains("@(") || version.contains("%(") {
        return Err("its version is a property that another file sets");
    }
    if version.contains(['*', ',', '[', ']', '(', ')']) {
        return Err("not pinned to a version");
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(items: &str) -> Reading {
        let properties = "<PropertyGroup><A>1.2</A><B>$(A).3</B><C>$(C)x</C></PropertyGroup>";
        MsBuild
            .read(&format!("<Project>{properties}<ItemGroup>{items}</ItemGroup></Project>"))
            .unwrap()
    }

    #[test]
    fn a_version_is_resolved_within_the_file() {
        for (version, expected) in [("$(b)", "1.2.3"), ("[1.0]", "1.0"), ("2.0-rc1", "2.0-rc1")] {
            let reading = read(&format!("<PackageReference Include='X' Version='{version}'/>"));
            assert_eq!(reading.packages[0].package.version, expected);
        }
    }

    #[test]
    fn what_is_no_version_is_told() {
        for version in ["", "1.*", "[1.0,2.0)", "(1.0,)", "$(Elsewhere)", "$(C)"] {
            let reading = read(&format!("<PackageReference Include='X' Version='{version}'/>"));
            assert_eq!((reading.packages.len(), reading.passed_over.len()), (0, 1), "{version}");
        }
        assert_eq!(read("<PackageReference Include='X'/>").passed_over.len(), 1);
        assert_eq!(read("<PackageReference Remove='X'/>"), Reading::default());
    }

    #[test]
    fn central_versions_are_those_of_the_nearest_file_upwards() {
        let project = "<Project><ItemGroup><PackageReference Include='X'/>\
                       <PackageReference Include='Y' VersionOverride='9.0'/></ItemGroup></Project>";
        let central = "<Project><PropertyGroup><V>$(Base).1</V></PropertyGroup><ItemGroup>\
                       <PackageVersion Include='x' Version='$(V)'/>\
                       <PackageVersion Include='Y' Version='1.0'/></ItemGroup></Project>";
        let build = "<Project><PropertyGroup><Base>2.0</Base></PropertyGroup></Project>";
        let tree = |path: &RepoPath| match path.as_str()? {
            "a/Directory.Packages.props" => Some(central.to_owned()),
            "Directory.Packages.props" => Some(String::new()),
            "Directory.Build.props" => Some(build.to_owned()),
            _ => None,
        };
        let read = |path: &str| MsBuild.read_in(project, &RepoPath::from(path), &tree).unwrap();
        let rows = |reading: &Reading| -> Vec<_> {
            reading.packages.iter().map(|it| it.package.version.clone()).collect()
        };
        assert_eq!(rows(&read("a/b/c.csproj")), ["2.0.1", "9.0"]);
        assert_eq!(rows(&read("b/c.csproj")), ["9.0"]);
        assert_eq!(read("b/c.csproj").passed_over.len(), 1);
    }
}
