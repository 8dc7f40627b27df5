//! What the catalogue says of a policy; its logic is in `detect::policies`.

use crate::finding::{Action, RuleId, Severity};
use serde::Deserialize;

/// One policy of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PolicyRule {
    /// The id that controls, configuration and reports use: `CI-001`.
    pub id: RuleId,
    /// The name in words: `unpinned-action`.
    pub name: String,
    /// What it checks, in one line.
    pub title: String,
    /// How bad a violation is unless the check says otherwise.
    pub severity: Severity,
    /// What it asks of the gate unless configured otherwise.
    pub action: Action,
    /// What it looks at.
    pub scope: Scope,
    /// Why it matters.
    pub why: String,
    /// What to do about a violation.
    pub fix: String,
    /// Where to read more.
    #[serde(default)]
    pub references: Vec<String>,
}

/// What a policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The lines that a commit adds.
    Diff,
    /// A commit's author, date and message.
    Commit,
    /// The difference between the lockfiles of base and head.
    Lock,
    /// Whole files of the head that changed.
    File,
}
