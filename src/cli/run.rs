//! From what the pipeline found to what the reports show.

use super::args::{Changed, Scan};
use super::project::Project;
use crate::advisory::SourceInfo;
use crate::detect::policies::Policies;
use crate::detect::secrets::Detector;
use crate::finding::{Level, Notice, RuleId};
use crate::gate::{Decision, FailOn, Verdict};
use crate::pipeline::Outcome;
use crate::report::{Advisories, RuleDoc, Run, Source, Tool};
use crate::rule::{PolicyRule, SecretRule};
use crate::source::Kind;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A run that came to nothing, for whoever waits for a report.
pub(super) fn failed(asked: &Scan, why: String) -> Run {
    let kind = match &asked.changed {
        Changed { staged: true, .. } => Kind::Staged,
        Changed { history: true, .. } => Kind::History,
        Changed { range: Some(_), .. } => Kind::Range,
        Changed { .. } => Kind::Worktree,
    };
    Run {
        tool: Tool {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ruleset_digest: hex(&Sha256::digest("")),
            config_digest: hex(&Sha256::digest("")),
            rules: 0,
        },
        source: Source {
            kind: kind.as_str(),
            repository: asked.path.display().to_string(),
            base: None,
            head: None,
            commits: 0,
            files: 0,
            bytes: 0,
            lockfiles: 0,
            packages: 0,
        },
        advisories: Vec::new(),
        verdict: Verdict {
            // The error below is what keeps it from passing.
            decision: Decision::Pass,
            fail_on: FailOn::High,
            findings: Vec::new(),
            notices: Vec::new(),
        },
        notices: vec![Notice::new(Level::Error, why)],
        rules: BTreeMap::new(),
    }
}

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
