//! Before a run looks at anything, its rules find what they must: secrets that nobody issued, made
//! from the rules' own examples.
//!
//! A detector that finds nothing looks like a clean repository, so one that cannot find its canaries
//! does not start. The keywords of every rule that has an example are tried, which of six hundred
//! takes a millisecond; a fixed sample is searched whole: every [`STEP`]th rule by id and the first
//! with a checksum, as far as they are cheap. Expressions compile when they are first searched, a
//! third of a millisecond each, which is why the sample is small (`cargo bench -- prove`).

use super::allow::{Allowance, Place};
use super::{Detector, SecretsError};
use crate::finding::{Action, RepoPath, RuleId};
use crate::rule::{Check, Provenance, example_path, expand};
use crate::source::{Change, Entry};
use std::ops::Range;

/// Of how many rules one is searched.
const STEP: usize = 128;

/// The longest match, in bytes, of a rule that is searched: the expressions of key blocks and tokens
/// without end take milliseconds to compile.
const CHEAP: usize = 128;

impl Detector {
    /// Fails, with the rule's name, where a canary is not found.
    pub fn prove(&self) -> Result<(), SecretsError> {
        let own_rules = self.rules().any(|rule| rule.provenance == Provenance::Project);
        let mut checksum_seen = false;
        let mut open: Vec<_> = self.allow.iter().collect();
        for (number, matcher) in self.matchers.iter().enumerate() {
            let rule = &matcher.rule;
            let canary = rule.matches.first().and_then(|example| expand(example).ok());
            let Some(canary) = canary.map(|canary| canary.text.into_bytes()) else { continue };
            let led_to = matcher.reads_whole_files() || self.prefilter.leads_to(&canary, number);
            let checksum = rule.check.is_some_and(Check::is_checksum) && !checksum_seen;
            // How far a rule reaches is read from its expression: only of those that may be searched.
            let sampled = (checksum || number % STEP == 0) && matcher.reach() <= CHEAP;
            checksum_seen |= checksum && sampled;
            // A rule of the project's own may be the more specific one, but not a more lenient one.
            let stands_in = |id| {
                let mut rules = self.rules();
                rules
                    .any(|other| other.id == id && (id == rule.id || other.action == Action::Block))
            };
            // Without rules of the project's own it is enough that the rule finds its own canary.
            let found = || {
                let alone = (!own_rules).then(|| self.locate_by(number, &canary));
                alone.unwrap_or_else(|| self.locate(&example_path(rule), &canary))
            };
            if sampled {
                open.retain(|allow| self.lets_through(allow, &example_path(rule), &canary));
            }
            if !led_to || (sampled && !found().into_iter().any(|(id, _)| stands_in(id))) {
                return Err(SecretsError::Unproven(rule.id.clone()));
            }
        }
        let open = open.first().and_then(|allow| allow.unused());
        open.map_or(Ok(()), |reason| Err(SecretsError::AllowsEverything(reason.to_owned())))
    }

    /// Where one rule finds a secret.
    fn locate_by(&self, number: usize, canary: &[u8]) -> Vec<(RuleId, Range<usize>)> {
        let Some(matcher) = self.matchers.get(number) else { return Vec::new() };
        let windows = self.windows(canary).remove(&number).unwrap_or_default();
        let whole = matcher.reads_whole_files().then_some(0..canary.len());
        let windows = windows.into_iter().chain(whole);
        let found = windows.flat_map(|window| matcher.search(number, canary, window));
        found.map(|found| (matcher.rule.id.clone(), found.secret)).collect()
    }

    fn lets_through(&self, allow: &Allowance, path: &RepoPath, canary: &[u8]) -> bool {
        let change = Change::new(path, None, Entry::File, canary, &());
        self.search(path, canary).iter().all(|found| {
            self.matchers.get(found.rule).is_some_and(|matcher| {
                let value = canary.get(found.secret.clone()).unwrap_or_default();
                let around = Some((canary, &found.secret));
                allow.covers(Place { matcher, value, around, change: &change })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;
    use crate::rule::{SecretRule, builtin_secrets};

    fn proof(rules: Vec<SecretRule>) -> Result<(), SecretsError> {
        Detector::new(rules, &Options::default()).unwrap().prove()
    }

    #[test]
    fn the_embedded_rules_find_their_canaries() {
        proof(builtin_secrets().unwrap()).unwrap();
    }

    #[test]
    fn a_rule_that_does_not_find_its_canary_is_named() {
        let spoilt = |spoil: fn(&mut SecretRule)| {
            let mut rules = builtin_secrets().unwrap();
            let rule = rules.iter_mut().find(|rule| rule.id.as_str() == "secret/github-pat");
            spoil(rule.unwrap());
            // Alone, so that no other rule of the check stands for it.
            rules.retain(|rule| rule.id.as_str() == "secret/github-pat");
            proof(rules).unwrap_err().to_string()
        };
        let deaf = spoilt(|rule| rule.keywords = vec!["never-there".to_owned()]);
        assert!(deaf.contains("secret/github-pat"), "{deaf}");
        let blind = spoilt(|rule| rule.pattern = "ghp_(?<secret>_)".to_owned());
        assert!(blind.contains("secret/github-pat"), "{blind}");
    }

    #[test]
    fn a_lenient_rule_of_ones_own_does_not_stand_in() {
        let mut rules = builtin_secrets().unwrap();
        rules.retain(|rule| rule.id.as_str() == "secret/github-pat");
        let mut own = rules[0].clone();
        own.id = "secret/a".parse().unwrap();
        own.matches.clear();
        own.provenance = Provenance::Project;
        assert!(proof(vec![own.clone(), rules[0].clone()]).is_ok());
        own.action = Action::Warn;
        let lenient = proof(vec![own, rules[0].clone()]).unwrap_err();
        assert!(lenient.to_string().contains("secret/github-pat"));
    }
}
