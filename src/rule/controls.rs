//! Which controls of which framework each policy produces evidence for.
//!
//! The mapping is data (`rules/controls.toml`), so that an auditor can read and amend it. A mapping
//! says "produces evidence for", never "satisfies".

use crate::finding::RuleId;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A published set of controls, at one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Framework {
    /// The name that auditors know it by.
    pub name: String,
    /// The version whose numbering the mapping uses.
    pub version: String,
}

/// One policy's controls in one framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The policy.
    pub policy: RuleId,
    /// The framework.
    pub framework: Framework,
    /// The controls, as the framework numbers them.
    pub controls: Vec<String>,
}

/// A mapping that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlsError {
    /// The text is not of the expected shape.
    #[error("rules/controls.toml: {0}")]
    Shape(#[from] toml::de::Error),
    /// A row names a framework that is not declared.
    #[error("rules/controls.toml: {policy} names the undeclared framework {framework:?}")]
    Framework {
        /// The row's policy.
        policy: RuleId,
        /// The name that is not declared.
        framework: String,
    },
}

/// The embedded mapping, by policy and then by framework.
pub fn builtin_controls() -> Result<Vec<Mapping>, ControlsError> {
    parse(include_str!("../../rules/controls.toml"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlsFile {
    framework: BTreeMap<String, Framework>,
    policy: BTreeMap<RuleId, BTreeMap<String, Vec<String>>>,
}

fn parse(text: &str) -> Result<Vec<Mapping>, ControlsError> {
    let file: ControlsFile = toml::from_str(text)?;
    let mut mappings = Vec::new();
    for (policy, row) in file.policy {
        for (key, controls) in row {
            let Some(framework) = file.framework.get(&key).cloned() else {
                return Err(ControlsError::Framework { policy, framework: key });
            };
            mappings.push(Mapping { policy: policy.clone(), framework, controls });
        }
    }
    Ok(mappings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::builtin_policies;
    use std::collections::BTreeSet;

    #[test]
    fn every_policy_is_mapped_and_every_row_names_a_policy() {
        let mapped: BTreeSet<_> =
            builtin_controls().unwrap().into_iter().map(|mapping| mapping.policy).collect();
        let known: BTreeSet<_> =
            builtin_policies().unwrap().into_iter().map(|policy| policy.id).collect();
        assert_eq!(mapped, known);
    }

    #[test]
    fn every_secret_counts_under_a_policy_that_is_mapped() {
        let mapped: BTreeSet<_> =
            builtin_controls().unwrap().into_iter().map(|mapping| mapping.policy).collect();
        for rule in crate::rule::builtin_secrets().unwrap() {
            assert!(mapped.contains(&rule.policy), "{}", rule.id);
        }
    }

    #[test]
    fn no_mapping_is_empty() {
        let empty = |mapping: &Mapping| mapping.controls.iter().any(String::is_empty);
        let mappings = builtin_controls().unwrap();
        assert!(mappings.iter().all(|mapping| !mapping.controls.is_empty() && !empty(mapping)));
    }

    #[test]
    fn an_undeclared_framework_is_an_error_that_names_it() {
        let text = "[framework]\n[policy.CI-001]\nsoc3 = ['CC6.8']\n";
        assert!(parse(text).unwrap_err().to_string().contains("soc3"));
    }
}
