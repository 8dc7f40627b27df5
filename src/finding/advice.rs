//! What can be done about a vulnerable package: what brought it, and the one upgrade that solves
//! the most.

use super::Severity;
use crate::package::Package;

/// What is known about getting rid of the advisories against one locked package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advice {
    /// What brought it, from what the project asks for itself to what asks for the package; empty
    /// where the project does, `None` where the lockfile does not say.
    pub path: Option<Vec<Package>>,
    /// The upgrade, if a version is known that solves anything.
    pub upgrade: Option<Upgrade>,
}

/// How a vulnerability is attacked.
#[derive(Debug, Clone, PartialEq)]
pub enum Exploitation {
    /// CISA lists it among those that are.
    Known {
        /// Since which day, where the list says so.
        listed: Option<String>,
    },
    /// EPSS holds it for likely.
    Likely {
        /// The probability of an attack within thirty days.
        score: f64,
        /// The day of the score, where the table says so.
        dated: Option<String>,
    },
}

/// One upgrade of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The lowest version against which nothing holds; where there is none, that which leaves the
    /// least.
    pub version: String,
    /// The advisories that it solves, sorted by id.
    pub solves: Vec<Solved>,
    /// The advisories that hold against it, sorted.
    pub leaves: Vec<String>,
    /// Whether what asks for the package takes the version.
    pub fit: Fit,
}

/// An advisory that an upgrade solves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Solved {
    /// Its id.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
}

/// Whether everything that asks for a package takes a version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Allowed,
    /// Something does not.
    Held {
        /// The package that does not; `None` where it is the project itself.
        by: Option<Package>,
        /// What it asks for, as the file spells it.
        constraint: String,
    },
    /// The lockfile does not say, or says it in a way that is not certain.
    Unknown,
}

impl Advice {
    /// The package URLs of what brought the package.
    pub fn path_purls(&self) -> Option<Vec<String>> {
        self.path.as_ref().map(|path| path.iter().map(Package::purl).collect())
    }
}

impl Fit {
    /// The package URL of what does not take the version; `None` where it is the project itself.
    pub fn holder_purl(&self) -> Option<String> {
        match self {
            Self::Held { by, .. } => by.as_ref().map(Package::purl),
            Self::Allowed | Self::Unknown => None,
        }
    }
}

impl Upgrade {
    /// Whether it solves an advisory.
    pub fn solves(&self, id: &str) -> bool {
        self.solves.binary_search_by(|solved| solved.id.as_str().cmp(id)).is_ok()
    }
}
