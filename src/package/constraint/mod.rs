//! Constraints on versions, as each ecosystem's own tool reads them: `^1.2`, `~> 2.0`, `>=1,<2`.
//!
//! Nothing is guessed. A syntax that is not known here, a name of a branch and an address are no
//! [`Constraint`], and of a prerelease it is said that it does not do or that it cannot be told,
//! since whether a tool takes one depends on more than the constraint.

mod gem;
mod hex;
mod interval;
mod partial;
mod python;
mod semantic;
#[cfg(test)]
mod tests;

use super::{Ecosystem, Version};

/// The longest text that is read; nobody writes a longer one.
const LONGEST: usize = 1_000;

/// The versions that would do.
#[derive(Debug, Clone)]
pub struct Constraint {
    ecosystem: Ecosystem,
    rule: Rule,
}

#[derive(Debug, Clone)]
enum Rule {
    Cargo(semver::VersionReq),
    Python(python::Alternatives),
    /// One of these, and of that all.
    Bounds(Vec<Vec<Bound>>),
}

/// One end of a range, or one version.
#[derive(Debug, Clone)]
struct Bound {
    relation: Relation,
    version: Version,
}

/// How a version must stand to that of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Below,
    UpTo,
    Exactly,
    From,
    Above,
    OtherThan,
}

/// A bound as text, before its version is read.
type Written = (Relation, String);

impl Constraint {
    /// Reads a constraint; `None` where it is not certain what it means.
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let bounds = |written: Option<Vec<Vec<Written>>>| {
            let read = |(relation, text): Written| {
                Some(Bound { relation, version: Version::parse(ecosystem, &text).ok()? })
            };
            let all = |range: Vec<Written>| range.into_iter().map(read).collect::<Option<Vec<_>>>();
            written?.into_iter().map(all).collect::<Option<Vec<_>>>().map(Rule::Bounds)
        };
        let rule = match ecosystem {
            Ecosystem::CratesIo => semver::VersionReq::parse(text).ok().map(Rule::Cargo),
            Ecosystem::PyPI => python::parse(text).map(Rule::Python),
            Ecosystem::CocoaPods | Ecosystem::RubyGems => bounds(gem::parse(text)),
            Ecosystem::Hex => bounds(hex::parse(text)),
            Ecosystem::Npm => bounds(semantic::npm(text)),
            Ecosystem::Packagist => bounds(semantic::composer(text)),
            Ecosystem::Pub => bounds(semantic::dart(text)),
            Ecosystem::NuGet => bounds(interval::nuget(text)),
            Ecosystem::Maven => bounds(interval::maven(text)),
            // A module's version in `go.mod` is the least that it takes.
            Ecosystem::Go => bounds(Some(vec![vec![(Relation::From, text.to_owned())]])),
            Ecosystem::ConanCenter
            | Ecosystem::Cran
            | Ecosystem::GitHubActions
            | Ecosystem::Hackage
            | Ecosystem::Julia
            | Ecosystem::Opam
            | Ecosystem::SwiftUrl => None,
        };
        Some(Self { ecosystem, rule: rule? })
    }

    /// Whether a version would do; `None` where that cannot be told.
    pub fn allows(&self, version: &str) -> Option<bool> {
        let parsed = Version::parse(self.ecosystem, version).ok()?;
        let allowed = match &self.rule {
            Rule::Cargo(required) => required.matches(&semver::Version::parse(version).ok()?),
            Rule::Python(alternatives) => python::allows(alternatives, version)?,
            Rule::Bounds(ranges) => {
                ranges.iter().any(|range| range.iter().all(|bound| bound.holds(&parsed)))
            }
        };
        if allowed && parsed.is_prerelease() { None } else { Some(allowed) }
    }
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.relation {
            Relation::Below => order.is_lt(),
            Relation::UpTo => order.is_le(),
            Relation::Exactly => order.is_eq(),
            Relation::From => order.is_ge(),
            Relation::Above => order.is_gt(),
            Relation::OtherThan => order.is_ne(),
        }
    }
}

/// The operator at the start of a text, and what follows it.
fn operator<'a>(text: &'a str, known: &[(&str, Relation)]) -> Option<(Relation, &'a str)> {
    let found =
        known.iter().find_map(|(sign, relation)| Some((*relation, text.strip_prefix(sign)?)));
    found.map(|(relation, rest)| (relation, rest.trim_start()))
}

/// The operators that most ecosystems share; the longer come first.
const OPERATORS: &[(&str, Relation)] = &[
    (">=", Relation::From),
    ("<=", Relation::UpTo),
    ("==", Relation::Exactly),
    ("!=", Relation::OtherThan),
    (">", Relation::Above),
    ("<", Relation::Below),
    ("=", Relation::Exactly),
];
