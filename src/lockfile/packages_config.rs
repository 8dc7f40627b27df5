//! NuGet's `packages.config`, which lists direct and transitive packages alike.

use super::syntax::xml::{Xml, children};
use super::syntax::{checked, locked, named};
use super::{Format, Locked, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use roxmltree::Node;

/// The packages of a .NET Framework project.
pub(super) struct PackagesConfig;

impl Format for PackagesConfig {
    fn name(&self) -> &'static str {
        "packages.config"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["packages.config", "Packages.config"])
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let xml = Xml::parse(checked(text)?, "packages")?;
        let packages = children(xml.root(), "package").map(|node| entry(&xml, node));
        Ok(Reading { packages: packages.collect::<Result<_, _>>()?, ..Reading::default() })
    }
}

fn entry<'a>(xml: &Xml<'a>, node: Node<'_, 'a>) -> Result<Locked, ParseError> {
    let (name, version) = (xml.required(node, "id")?, xml.required(node, "version")?);
    let dev =
        node.attribute("developmentDependency").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    Ok(Locked {
        dev: Some(dev),
        ..locked(Ecosystem::NuGet, name, version, xml.line_of(node, "id"))
    })
}
