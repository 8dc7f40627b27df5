//! What the catalogue says of a policy; its logic is in `detect`.

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
    /// Which detector holds its logic.
    #[serde(default)]
    pub engine: Engine,
    /// Why it matters.
    pub why: String,
    /// What to do about a violation.
    pub fix: String,
    /// Where to read more.
    #[serde(default)]
    pub references: Vec<String>,
    /// Files that the policy must report; of policies with [`Scope::Diff`] alone.
    #[serde(default)]
    pub violates: Vec<Example>,
    /// Files that resemble a violation and that the policy must not report.
    #[serde(default)]
    pub complies: Vec<Example>,
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

/// The detector that holds a policy's logic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// `detect::policies`, one check a policy.
    #[default]
    Policies,
    /// `detect::dependencies`, which compares locked packages with advisories.
    Dependencies,
    /// `detect::secrets`: the policy is a family of secret rules.
    Secrets,
}

/// A file that proves a policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Example {
    /// Where the file is.
    pub path: String,
    /// What it holds.
    pub text: String,
}
