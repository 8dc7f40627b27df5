//! Gradle's `verification-metadata.xml`: the checksums of every module that a build may fetch.
//!
//! It names all that was ever resolved, so a module may be in it at several versions.

use super::syntax::xml::{Xml, children, is};
use super::syntax::{checked, locked, named};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use roxmltree::Node;

/// Gradle's list of checksums.
pub(super) struct VerificationMetadata;

impl Format for VerificationMetadata {
    fn name(&self) -> &'static str {
        "verification-metadata.xml"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Maven
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["verification-metadata.xml"])
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let xml = Xml::parse(checked(text)?, "verification-metadata")?;
        let lists = children(xml.root(), "components");
        let components = lists.flat_map(|list| children(list, "component"));
        let packages = components.map(|component| entry(&xml, component));
        Ok(Reading { packages: packages.collect::<Result<_, _>>()?, ..Reading::default() })
    }
}

fn entry<'a>(xml: &Xml<'a>, component: Node<'_, 'a>) -> Result<Locked, ParseError> {
    let (group, name) = (xml.required(component, "group")?, xml.required(component, "name")?);
    let version = xml.required(component, "version")?;
    let name = format!("{group}:{name}");
    let line = xml.line_of(component, "name");
    Ok(Locked {
        integrity: component.descendants().find_map(checksum),
        ..locked(Ecosystem::Maven, &name, version, line)
    })
}

fn checksum(node: Node<'_, '_>) -> Option<String> {
    let kind = ["sha256", "sha512", "sha1", "md5"].into_iter().find(|kind| is(node, kind))?;
    Some(format!("{kind}:{}", node.attribute("value")?))
}
