//! What a secret rule says: data alone; `detect::secrets` runs it.

use crate::finding::{Action, Confidence, RuleId, Severity};
use serde::Deserialize;

/// One kind of secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecretRule {
    /// `secret/<kind>`.
    pub id: RuleId,
    /// What the secret is, in words.
    pub title: String,
    /// How bad its leak is.
    pub severity: Severity,
    /// How sure a match is.
    pub confidence: Confidence,
    /// What a match asks of the gate.
    #[serde(default = "block")]
    pub action: Action,
    /// Text of which one must occur for the pattern to be tried, compared without regard to ASCII
    /// case.
    pub keywords: Vec<String>,
    /// The regular expression; its group `secret` is the value.
    pub pattern: String,
    /// The least Shannon entropy of the value, in bits a character.
    #[serde(default)]
    pub min_entropy: Option<f64>,
    /// Path patterns (globs) to which the rule is confined; empty means every path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Text with which every token of the kind begins and which is no secret; shown in reports.
    #[serde(default)]
    pub public_prefix: String,
    /// Why its leak matters.
    pub why: String,
    /// How to make the leak harmless.
    pub fix: String,
    /// The issuer's pages.
    #[serde(default)]
    pub references: Vec<String>,
    /// Texts in which it must be found; `{alnum:36}` and the like expand to generated characters.
    pub matches: Vec<String>,
    /// Texts in which it must not be found.
    pub ignores: Vec<String>,
}

fn block() -> Action {
    Action::Block
}
