//! From what the pipeline found to what the reports show.

use super::args::{Changed, Scan};
use super::environment::Environment;
use super::project::Project;
use crate::advisory::{self, SourceInfo};
use crate::config::Config;
use crate::detect::policies::Policies;
use crate::detect::secrets::Detector;
use crate::finding::{Level, Notice, RuleId};
use crate::gate::{self, Baseline, Existing, Extent, Policy, Verdict};
use crate::pipeline::Outcome;
use crate::report::{AdvisorySource, ExploitedSource, RuleDoc, Run, Source, Tool};
use crate::rule::{PolicyRule, Provenance, SecretRule, builtin_digest};
use crate::source::Kind;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const NAME: &str = env!("CARGO_PKG_NAME");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A run that came to nothing, for whoever waits for a report.
pub(super) fn failed(asked: &Scan, why: String, environment: &Environment) -> Run {
    let kind = match &asked.changed {
        Changed { told: Some(request), .. } => request.kind(),
        Changed { staged: true, .. } => Kind::Staged,
        Changed { history: true, .. } => Kind::History,
        Changed { range: Some(_), .. } => Kind::Range,
        Changed { .. } => Kind::Worktree,
    };
    let policy = Policy {
        options: gate::Options::default(),
        existing: Existing::Report,
        waivers: Vec::new(),
        baseline: Baseline::default(),
        vex: gate::Vex::default(),
        today: environment.today(),
        extent: Extent::Part,
    };
    Run {
        tool: Tool {
            name: NAME.to_owned(),
            version: VERSION.to_owned(),
            ruleset_digest: hex(&Sha256::digest("")),
            config_digest: Config::default().digest().to_owned(),
            rules: 0,
        },
        time: environment.document_time(),
        source: Source {
            kind: kind.as_str().to_owned(),
            repository: asked.path.display().to_string(),
            ..Source::default()
        },
        advisories: Vec::new(),
        exploited: Vec::new(),
        verdict: policy.decide(Vec::new()),
        notices: vec![Notice::new(Level::Error, why)],
        rules: BTreeMap::new(),
    }
}

impl Project {
    /// Everything that reports show of a run.
    pub(super) fn into_run(self, outcome: Outcome, time: Timestamp) -> Run {
        let origin = self.source.origin().clone();
        let mut notices = outcome.notices;
        notices.extend(self.notices.iter().cloned());
        notices.sort();
        let run = Run {
            tool: self.tool(),
            time,
            source: Source {
                kind: origin.kind.as_str().to_owned(),
                repository: origin.repository,
                repository_uri: None,
                base: origin.base,
                head: origin.head,
                commits: outcome.coverage.commits,
                files: outcome.coverage.files,
                bytes: outcome.coverage.bytes,
                lockfiles: outcome.lockfiles as u64,
                packages: outcome.packages as u64,
            },
            advisories: outcome.advisories.into_iter().map(advisories).collect(),
            exploited: outcome.exploited.into_iter().map(exploited).collect(),
            rules: self.docs(&outcome.verdict),
            verdict: outcome.verdict,
            notices,
        };
        // The process ends soon, and to free hundreds of rules, or what was read of a repository, takes
        // as long as to search some files.
        std::mem::forget((self.detectors, self.source));
        run
    }

    fn secret_rules(&self) -> impl Iterator<Item = &SecretRule> {
        self.detectors.secrets.iter().flat_map(Detector::rules)
    }

    fn policy_rules(&self) -> impl Iterator<Item = &PolicyRule> {
        self.detectors.policies.iter().flat_map(Policies::rules)
    }

    /// What decides which commits are clean: this program, the rules and the configuration.
    pub(super) fn key(&self) -> String {
        let Tool { version, ruleset_digest, config_digest, .. } = self.tool();
        hex(&Sha256::digest(format!("{version} {ruleset_digest} {config_digest}")))
    }

    fn tool(&self) -> Tool {
        let mut digest = Sha256::new();
        digest.update(builtin_digest());
        // Of an embedded rule no more can be changed than what it asks of the gate.
        let secrets = self.secret_rules().map(|rule| match rule.provenance {
            Provenance::Embedded => format!("{} {:?}\n", rule.id, rule.action),
            Provenance::Project => format!("{rule:?}\n"),
        });
        let policies = self.policy_rules().map(|rule| format!("{rule:?}\n"));
        let rules = secrets.chain(policies).map(|rule| digest.update(rule)).count();
        Tool {
            name: NAME.to_owned(),
            version: VERSION.to_owned(),
            ruleset_digest: hex(&digest.finalize()),
            config_digest: self.config_digest.clone(),
            rules: rules as u64,
        }
    }

    /// What is known of the rules that occur in the findings.
    fn docs(&self, verdict: &Verdict) -> BTreeMap<RuleId, RuleDoc> {
        let found: BTreeSet<_> = verdict.findings.iter().map(|it| &it.finding.rule).collect();
        let secrets = self.secret_rules().filter(|rule| found.contains(&rule.id));
        let secrets = secrets.map(|rule| (rule.id.clone(), secret_doc(rule)));
        let policies = self.policy_rules().filter(|rule| found.contains(&rule.id));
        let policies = policies.map(|rule| (rule.id.clone(), policy_doc(rule)));
        secrets.chain(policies).collect()
    }
}

fn secret_doc(rule: &SecretRule) -> RuleDoc {
    RuleDoc {
        title: rule.title.clone(),
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        references: rule.references.clone(),
        severity: rule.severity,
        tags: vec!["secret".to_owned(), rule.policy.to_string()],
    }
}

fn policy_doc(rule: &PolicyRule) -> RuleDoc {
    RuleDoc {
        title: rule.title.clone(),
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        references: rule.references.clone(),
        severity: rule.severity,
        tags: vec!["policy".to_owned()],
    }
}

fn advisories(source: SourceInfo) -> AdvisorySource {
    AdvisorySource {
        source: source.source,
        ecosystem: source.ecosystem.to_string(),
        records: source.records as u64,
        newest: source.newest.map(|time| time.to_string()),
        digest: source.digest,
    }
}

fn exploited(source: advisory::ExploitedSource) -> ExploitedSource {
    ExploitedSource {
        source: source.source,
        kind: source.kind.to_owned(),
        records: source.records as u64,
        dated: source.dated,
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
