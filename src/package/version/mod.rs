//! Versions, ordered as each ecosystem's own tool orders them.

use super::Ecosystem;
use std::cmp::Ordering;
use std::fmt;

/// A version of one ecosystem. Versions of different ecosystems have an order too, but it means
/// nothing.
#[derive(Debug, Clone)]
pub struct Version {
    ecosystem: Ecosystem,
    text: String,
}

/// A version that its ecosystem's tool would not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a version of {ecosystem}")]
pub struct VersionError {
    ecosystem: Ecosystem,
    text: String,
}

impl Version {
    /// Reads a version as the ecosystem's own tool does.
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Result<Self, VersionError> {
        Ok(Self { ecosystem, text: text.to_owned() })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ecosystem.cmp(&other.ecosystem).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
