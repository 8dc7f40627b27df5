//! From what the pipeline found to what the reports show.

use super::project::Project;
use crate::advisory::SourceInfo;
use crate::detect::policies::Policies;
use crate::detect::secrets::Detector;
use crate::finding::RuleId;
use crate::pipeline::Outcome;
use crate::report::{Advisories, RuleDoc, Run, Source, Tool};
use crate::rule::{PolicyRule, SecretRule};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Project {
    /// Everything that reports show of a run.
    pub(super) fn into_run(self, outcome: Outcome) -> Run {
        let origin = self.source.origin().clone();
        let mut notices = outcome.notices;
        notices.extend(self.notices.iter().cloned());
        notices.sort();
        Run {
            tool: self.tool(),
            source: Source {
                kind: origin.kind.as_str(),
                repository: origin.repository,
                base: origin.base,
                head: origin.head,
                commits: outcome.coverage.commits,
                files: outcome.coverage.files,
                bytes: outcome.coverage.bytes,
                lockfiles: outcome.lockfiles,
                packages: outcome.packages,
            },
            advisories: outcome.advisories.into_iter().map(advisories).collect(),
            rules: self.docs(),
            verdict: outcome.verdict,
            notices,
        }
    }

    fn secret_rules(&self) -> impl Iterator<Item = &SecretRule> {
        self.detectors.secrets.iter().flat_map(Detector::rules)
    }

    fn policy_rules(&self) -> impl Iterator<Item = &PolicyRule> {
        self.detectors.policies.iter().flat_map(Policies::rules)
    }

    fn tool(&self) -> Tool {
        let mut digest = Sha256::new();
        let secrets = self.secret_rules().map(|rule| format!("{rule:?}\n"));
        let policies = self.policy_rules().map(|rule| format!("{rule:?}\n"));
        let rules = secrets.chain(policies).map(|rule| digest.update(rule)).count();
        Tool {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ruleset_digest: hex(&digest.finalize()),
            config_digest: hex(&Sha256::digest(&self.config_text)),
            rules,
        }
    }

    fn docs(&self) -> BTreeMap<RuleId, RuleDoc> {
        let secrets = self.secret_rules().map(|rule| (rule.id.clone(), secret_doc(rule)));
        let policies = self.policy_rules().map(|rule| (rule.id.clone(), policy_doc(rule)));
        secrets.chain(policies).collect()
    }
}

fn secret_doc(rule: &SecretRule) -> RuleDoc {
    RuleDoc {
        title: rule.title.clone(),
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        references: rule.references.clone(),
    }
}

fn policy_doc(rule: &PolicyRule) -> RuleDoc {
    RuleDoc {
        title: rule.title.clone(),
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        references: rule.references.clone(),
    }
}

fn advisories(source: SourceInfo) -> Advisories {
    Advisories {
        source: source.source,
        ecosystem: source.ecosystem.as_str(),
        records: source.records,
        newest: source.newest.map(|time| time.to_string()),
        digest: source.digest,
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}
