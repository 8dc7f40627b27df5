//! Licences as SPDX expressions (<https://spdx.org/licenses/>).
//!
//! [`Licence::read`] takes what lockfiles and manifests state, in SPDX's words or in well-known older
//! ones. A statement that may mean several licences (`BSD`, `Apache`, `GPL`) is none: unknown is an
//! answer, a guess is not.

mod spelling;

use spdx::{Expression, LicenseItem, LicenseReq, ParseMode};
use std::fmt;
use std::str::FromStr;

/// Longer statements are texts, not names.
const LONGEST: usize = 300;

/// SPDX's own words, of which those that it has replaced are known as well.
const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: false,
};

/// The licence of a package: one, or several with `AND` and `OR` between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Licence {
    text: String,
    expression: Expression,
}

/// One licence of an expression, with its exception if it has one.
#[derive(Debug, Clone, Copy)]
pub struct Term<'a>(&'a LicenseReq);

/// A licence in a list of those that are taken, or not: `MIT`, `Apache-2.0 WITH LLVM-exception`,
/// `LicenseRef-acme`. `GPL-3.0` stands for both `GPL-3.0-only` and `GPL-3.0-or-later`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    text: String,
    terms: Vec<LicenseReq>,
}

/// Text that names no licence of SPDX's list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no licence of SPDX's list{1}")]
pub struct ListedError(String, String);

impl Licence {
    /// What a statement means; `None` where that cannot be told for sure.
    pub fn read(statement: &str) -> Option<Self> {
        let statement = statement.trim();
        if statement.is_empty() || statement.len() > LONGEST {
            return None;
        }
        let text = spelling::expression(statement)?;
        let expression = Expression::parse_mode(&text, MODE).ok()?;
        Some(Self { text, expression })
    }

    /// The expression, in SPDX's spelling.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it can be met by licences that `accepted` accepts: all of what `AND` joins, one of
    /// what `OR` joins.
    pub fn is_met(&self, accepted: &dyn Fn(Term<'_>) -> bool) -> bool {
        self.expression.evaluate(|term| accepted(Term(term)))
    }

    /// The licences that it names, in order.
    pub fn terms(&self) -> impl Iterator<Item = Term<'_>> {
        self.expression.requirements().map(|requirement| Term(&requirement.req))
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Listed {
    /// Whether it is exactly this licence. `MIT+` may be used as `MIT`, so `MIT` names it.
    pub fn names(&self, term: Term<'_>) -> bool {
        self.terms.iter().any(|own| own.addition == term.0.addition && is_same(own, term.0))
    }

    /// Whether it is this licence, whatever exception comes with it.
    pub fn names_with_any_exception(&self, term: Term<'_>) -> bool {
        self.terms.iter().any(|own| {
            let covered = own.addition.is_none() || own.addition == term.0.addition;
            covered && is_same(own, term.0)
        })
    }

    /// The licence as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn is_same(own: &LicenseReq, other: &LicenseReq) -> bool {
    match (&own.license, &other.license) {
        (LicenseItem::Spdx { id: own, .. }, LicenseItem::Spdx { id: other, .. }) => own == other,
        (LicenseItem::Other(own), LicenseItem::Other(other)) => own == other,
        (LicenseItem::Spdx { .. }, LicenseItem::Other(_))
        | (LicenseItem::Other(_), LicenseItem::Spdx { .. }) => false,
    }
}

impl FromStr for Listed {
    type Err = ListedError;

    fn from_str(text: &str) -> Result<Self, ListedError> {
        let unknown = || {
            let nearest = spelling::nearest(text).map(|name| format!(": did you mean {name:?}?"));
            ListedError(text.chars().take(80).collect(), nearest.unwrap_or_default())
        };
        let mut terms = Vec::new();
        for spelled in spelling::both(text).ok_or_else(unknown)? {
            let expression = Expression::parse_mode(&spelled, MODE).map_err(|_| unknown())?;
            let mut own = expression.requirements().map(|requirement| requirement.req.clone());
            match (own.next(), own.next()) {
                (Some(term), None) => terms.push(term),
                _ => return Err(unknown()),
            }
        }
        Ok(Self { text: text.to_owned(), terms })
    }
}

impl TryFrom<String> for Listed {
    type Error = ListedError;

    fn try_from(text: String) -> Result<Self, ListedError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
