//! What npm's packages ask for.

use super::{split, texts};
use crate::lockfile::syntax::json::{Member, Object, Value};
use crate::lockfile::{ParseError, Requirement};
use std::collections::BTreeMap;

/// The keys of a file's packages by their names.
pub(super) struct Keys<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Keys<'a> {
    /// The keys of a section.
    pub(super) fn of(packages: &'a [Member<'a>]) -> Self {
        let mut by_name = BTreeMap::<_, Vec<_>>::new();
        for (name, version) in packages.iter().filter_map(|member| split(&member.name)) {
            by_name.entry(name).or_default().push(version);
        }
        Self { by_name }
    }

    /// What a package asks for: names with keys up to version 3; then names, with a version
    /// where there is more than one.
    pub(super) fn asked_by(&self, member: &Member<'_>) -> Result<Vec<Requirement>, ParseError> {
        let entry = member.object()?;
        let mut requires = Vec::new();
        for section in ["dependencies", "optionalDependencies"] {
            let Some(wishes) = entry.get(section) else { continue };
            match &wishes.value {
                Value::Object(wishes) => requires.extend(keyed(wishes)?),
                Value::Word(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                    requires.extend(texts(wishes)?.into_iter().map(|wish| self.named(wish)));
                }
            }
        }
        Ok(requires)
    }

    fn named(&self, wish: &str) -> Requirement {
        // A renamed package stands behind its other name.
        let wish = wish.split_once("@npm:").map_or(wish, |(_, real)| real);
        if let Some((name, version)) = split(wish) {
            return Requirement::new(name).at(version);
        }
        let only = self
            .by_name
            .get(wish)
            .filter(|versions| versions.iter().all(|version| versions.first() == Some(version)));
        let version = only.and_then(|versions| versions.first()).map(|it| (*it).to_owned());
        Requirement { version, ..Requirement::new(wish) }
    }
}

fn keyed(wishes: &Object<'_>) -> Result<Vec<Requirement>, ParseError> {
    let wish = |wish: &Member<'_>| {
        let (name, version) = split(wish.text()?).unwrap_or((&wish.name, ""));
        let version = Some(version).filter(|it| !it.is_empty()).map(str::to_owned);
        Ok(Requirement { version, ..Requirement::new(name) })
    };
    wishes.members.iter().map(wish).collect()
}
