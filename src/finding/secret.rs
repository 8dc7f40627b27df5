//! A secret that was found: what is left of it, where else it is, and whether it is still there.

use super::location::Location;
use super::redacted::Redacted;
use serde::Serialize;

/// One secret, however often it occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What can be shown of it.
    pub redacted: Redacted,
    /// Whether the head still holds it.
    pub state: State,
    /// Where it is besides the place of its finding: in the same file, in later commits; sorted.
    pub elsewhere: Vec<Location>,
}

/// What has become of a secret by the head of what was looked at. A secret that is gone from it has
/// leaked all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is in a file of the head.
    Live,
    /// A later commit took it out; whoever has the history has it: rotate it anyway.
    Removed,
    /// It is in what git keeps beside files: a message, a name, a note.
    Metadata,
}

impl State {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Removed => "removed",
            Self::Metadata => "metadata",
        }
    }
}

impl Secret {
    /// A secret at one place, which holds it now.
    pub fn new(redacted: Redacted) -> Self {
        Self { redacted, state: State::Live, elsewhere: Vec::new() }
    }
}
