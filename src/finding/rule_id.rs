//! The name of a rule.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a rule: `secret/github-pat`, `CI-001`. Letters, digits, `-`, `_`, `.` and `/`, so
/// that it can stand in any report and any comment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that cannot name a rule.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a rule id: use letters, digits, '-', '_', '.' and '/', at most 100 of them")]
pub struct RuleIdError(String);

impl FromStr for RuleId {
    type Err = RuleIdError;

    fn from_str(text: &str) -> Result<Self, RuleIdError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
        if text.is_empty() || text.len() > 100 || !text.bytes().all(allowed) {
            return Err(RuleIdError(text.chars().take(100).collect()));
        }
        Ok(Self(Arc::from(text)))
    }
}

impl TryFrom<String> for RuleId {
    type Error = RuleIdError;

    fn try_from(text: String) -> Result<Self, RuleIdError> {
        text.parse()
    }
}

impl From<RuleId> for String {
    fn from(id: RuleId) -> Self {
        id.as_str().to_owned()
    }
}

impl Borrow<str> for RuleId {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
