//! What .NET projects ask for: `PackageReference` in `*.csproj`, `*.fsproj` and `*.vbproj`, and
//! `PackageVersion` in `Directory.Packages.props`.
//!
//! Properties are resolved within the file. A version that is a range, that floats or that another
//! file sets is no version yet, and the entry is told. Conditions are not weighed: what is under one
//! may be built, so it counts.

use super::syntax::xml::{Xml, is, text_of};
use super::syntax::{checked, distinct, ending, locked, named, passed_over};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use roxmltree::Node;
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

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn emptiness_is_odd(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let xml = Xml::parse(checked(text)?, "Project")?;
        let properties = properties(&xml);
        let mut reading = Reading::default();
        let items = xml.root().descendants().filter(|node| {
            node.parent().is_some_and(|parent| is(parent, "ItemGroup"))
                && ITEMS.iter().any(|item| is(*node, item))
        });
        for item in items {
            take(&xml, item, &properties, &mut reading);
        }
        reading.packages = distinct(reading.packages);
        Ok(reading)
    }
}

const ITEMS: &[&str] = &["PackageReference", "PackageVersion", "GlobalPackageReference"];

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

fn take<'a>(
    xml: &Xml<'a>,
    item: Node<'_, 'a>,
    properties: &BTreeMap<String, String>,
    reading: &mut Reading,
) {
    let value = |name: &str| item.attribute(name).map(str::trim).or_else(|| text_of(item, name));
    if value("Remove").is_some() {
        return;
    }
    let key = if value("Include").is_some() { "Include" } else { "Update" };
    let Some(names) = value(key).filter(|names| !names.is_empty()) else {
        reading.passed_over.push(passed_over(
            item.tag_name().name(),
            xml.line(item),
            "without a name",
        ));
        return;
    };
    let names = resolved(names, properties);
    let version = value("VersionOverride").or_else(|| value("Version"));
    let version = version.map(|version| resolved(version, properties)).unwrap_or_default();
    let private = value("PrivateAssets").is_some_and(|it| it.eq_ignore_ascii_case("all"));
    let line = xml.line_of(item, key);
    let central = is(item, "PackageVersion");
    for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        match pinned(&version) {
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
}
