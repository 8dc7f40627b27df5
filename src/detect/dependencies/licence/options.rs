//! `[dependencies.licences]`: which licences a project takes.

use crate::package::{Licence, Listed, Package, Term};
use serde::Deserialize;

/// The licences that a project takes, and those that it does not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// If there are any, no others are taken.
    #[serde(deserialize_with = "listed")]
    pub allow: Vec<Listed>,
    /// These are not taken; an exception clause makes no difference, unless `allow` names the
    /// licence together with it.
    #[serde(deserialize_with = "listed")]
    pub deny: Vec<Listed>,
    /// What becomes of packages whose licence is not known.
    pub unknown: Unknown,
    /// Packages that may stay under a licence that is otherwise not taken.
    pub exceptions: Vec<Exception>,
}

/// What becomes of packages whose licence is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// Nothing.
    Ignore,
    /// They are reported.
    #[default]
    Warn,
    /// They block.
    Block,
}

/// A package that may stay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ExceptionFields")]
pub struct Exception {
    /// Its name, as its lockfile spells it.
    pub package: String,
    /// The licence that is taken of it; of a package that states none, the licence that it was found
    /// to be under.
    pub licence: Listed,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionFields {
    package: String,
    licence: String,
    reason: String,
}

impl TryFrom<ExceptionFields> for Exception {
    type Error = String;

    fn try_from(fields: ExceptionFields) -> Result<Self, String> {
        for (key, text) in [("package", &fields.package), ("reason", &fields.reason)] {
            if text.trim().is_empty() {
                return Err(format!("`{key}` is empty"));
            }
        }
        let licence = fields.licence.parse::<Listed>().map_err(|error| error.to_string())?;
        Ok(Self { package: fields.package, licence, reason: fields.reason })
    }
}

fn listed<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Listed>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?.into_iter();
    texts.map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

impl Options {
    /// Whether a package may be used under its licence, or without any that is known.
    pub(super) fn takes(&self, package: &Package, licence: Option<&Licence>) -> bool {
        let own = || self.exceptions.iter().filter(|exception| exception.is_about(package));
        match licence {
            Some(licence) => {
                licence.is_met(&|term| self.accepts(term) || own().any(|it| it.licence.names(term)))
            }
            None => own().next().is_some(),
        }
    }

    fn accepts(&self, term: Term<'_>) -> bool {
        let named = |list: &[Listed]| list.iter().any(|listed| listed.names(term));
        let denied = named(&self.deny)
            || (self.deny.iter().any(|listed| listed.names_with_any_exception(term))
                && !named(&self.allow));
        !denied && (self.allow.is_empty() || named(&self.allow))
    }
}

impl Exception {
    fn is_about(&self, package: &Package) -> bool {
        self.package == package.name
            || package.canonical_name() == package.ecosystem.canonical_name(&self.package)
    }
}
