//! Before a run looks at anything, its rules find what they must: secrets that nobody issued, made
//! from the rules' own examples.
//!
//! A detector that finds nothing looks like a clean repository, so one that cannot find its canaries
//! does not start. The keywords of every rule that has an example are tried, which of six hundred
//! takes a millisecond; a fixed sample is searched whole: every [`STEP`]th rule by id and the first
//! with a checksum, as far as they are cheap. Expressions compile when they are first searched, a
//! third of a millisecond each, which is why the sample is small (`cargo bench -- prove`).

use super::allow::{Allowance, Place};
use super::matcher::Matcher;
use super::{Detector, SecretsError};
use crate::finding::{Action, RepoPath, RuleId};
use crate::rule::{Check, Provenance, SecretRule, example_path, expand};
use crate::source::{Change, Entry};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Of how many rules one is searched.
const STEP: usize = 128;

/// The longest match, in bytes, of a rule that is searched: the expressions of key blocks and tokens
/// without end take milliseconds to compile.
const CHEAP: usize = 128;

impl Detector {
    /// Fails, with the first rule's name, where a canary is not found.
    pub fn prove(&self) -> Result<(), SecretsError> {
        let sample = self.sample();
        let canaries = self
            .matchers
            .par_iter()
            .enumerate()
            .filter_map(|(number, matcher)| Some((number, matcher, canary(&matcher.rule)?)));
        let lost = canaries.filter(|(number, matcher, canary)| {
            let led_to = matcher.reads_whole_files() || self.prefilter.leads_to(canary, *number);
            !led_to || sample.contains(number) && !self.finds(*number, matcher, canary)
        });
        if let Some((_, matcher, _)) = lost.find_first(|_| true) {
            return Err(SecretsError::Unproven(matcher.rule.id.clone()));
        }
        let open = self.allow.iter().find(|allow| self.lets_all_through(allow, &sample));
        let open = open.and_then(|allow| allow.unused());
        open.map_or(Ok(()), |reason| Err(SecretsError::AllowsEverything(reason.to_owned())))
    }

    /// The rules that are searched.
    fn sample(&self) -> BTreeSet<usize> {
        let mut sample = BTreeSet::new();
        let mut checksum_seen = false;
        for (number, matcher) in self.matchers.iter().enumerate() {
            let checksum = matcher.rule.check.is_some_and(Check::is_checksum) && !checksum_seen;
            // How far a rule reaches is read from its expression: only of those that may be searched.
            let chosen = (checksum || number % STEP == 0) && canary(&matcher.rule).is_some();
            if chosen && matcher.reach() <= CHEAP {
                checksum_seen |= checksum;
                sample.insert(number);
            }
        }
        sample
    }

    /// Whether a rule's canary is found, by it or by one that may stand for it.
    fn finds(&self, number: usize, matcher: &Matcher, canary: &[u8]) -> bool {
        let rule = &matcher.rule;
        // Without rules of the project's own it is enough that the rule finds its own canary.
        if self.rules().all(|rule| rule.provenance != Provenance::Project) {
            return self.finds_alone(number, matcher, canary);
        }
        // A rule of the project's own may be the more specific one, but not a more lenient one.
        let stands_in = |id: &RuleId| {
            let mut rules = self.rules();
            rules.any(|other| other.id == *id && (*id == rule.id || other.action == Action::Block))
        };
        self.locate(&example_path(rule), canary).iter().any(|(id, _)| stands_in(id))
    }

    /// Whether an entry of `[[secrets.allow]]` lets every canary of the sample through.
    fn lets_all_through(&self, allow: &Allowance, sample: &BTreeSet<usize>) -> bool {
        let rules = sample.iter().filter_map(|number| self.rule(*number));
        let mut canaries = rules.filter_map(|rule| Some((example_path(rule), canary(rule)?)));
        canaries.all(|(path, canary)| self.lets_through(allow, &path, &canary))
    }

    /// Whether one rule finds a secret.
    fn finds_alone(&self, number: usize, matcher: &Matcher, canary: &[u8]) -> bool {
        let windows = self.windows(canary).remove(&number).unwrap_or_default();
        let whole = matcher.reads_whole_files().then_some(0..canary.len());
        let mut windows = windows.into_iter().chain(whole);
        windows.any(|window| !matcher.search(number, canary, window).is_empty())
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

/// A secret that nobody issued, made from the first of a rule's examples.
fn canary(rule: &SecretRule) -> Option<Vec<u8>> {
    Some(expand(rule.matches.first()?).ok()?.text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;
    use crate::rule::builtin_secrets;

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
