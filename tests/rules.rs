//! The embedded secret rules hold what they promise: each example runs through the real detector.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::{Confidence, RepoPath, RuleId, Salt};
use lockkeeper::rule::{Method, SecretRule, builtin_secrets, check, expand, parse_secrets};
use lockkeeper::source::{Change, Entry};
use std::collections::BTreeSet;
use std::ops::Range;

fn detector(rules: &[SecretRule]) -> Detector {
    Detector::new(rules.to_vec(), &Options::default()).expect("the rules can be run")
}

/// What is wrong with `rules`, as lines.
fn problems(rules: &[SecretRule], detector: &Detector) -> Vec<String> {
    let detect = |path: &RepoPath, text: &[u8]| detector.locate(path, text);
    check(rules, &detect).iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_is_wrong_with_the_embedded_rules() {
    let rules = builtin_secrets().unwrap();
    let problems = problems(&rules, &detector(&rules));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_catalogue_is_as_wide_as_it_says() {
    assert!(builtin_secrets().unwrap().len() >= 100);
}

#[test]
fn every_rule_proves_itself_in_three_syntaxes_and_says_what_it_is_not() {
    for rule in builtin_secrets().unwrap() {
        assert!(rule.matches.len() >= 3, "{}", rule.id);
        assert!(rule.ignores.len() >= 2, "{}", rule.id);
    }
}

/// The examples pass their own rule's computation: none is found at a lower confidence than the
/// rule promises.
#[test]
fn no_example_is_doubtful() {
    let rules = builtin_secrets().unwrap();
    let detector = detector(&rules);
    let path = RepoPath::from("example.txt");
    for rule in rules.iter().filter(|rule| rule.paths.is_empty()) {
        for example in &rule.matches {
            let text = expand(example).unwrap().text;
            let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
            let findings = detector.scan(&change, &|| Salt::new("salt")).findings;
            let own = findings.iter().find(|finding| finding.rule == rule.id);
            let confidence = own.map(|finding| finding.confidence);
            assert_eq!(confidence, Some(rule.confidence), "{}: {example}", rule.id);
        }
    }
}

#[test]
fn only_sure_rules_are_called_sure() {
    let checked = |rule: &SecretRule| rule.check.is_some() || rule.min_entropy.is_some();
    for rule in builtin_secrets().unwrap() {
        assert!(rule.confidence != Confidence::High || checked(&rule), "{}", rule.id);
    }
}

/// A rule that is right in everything, for tests that break it in one thing.
const SOUND: &str = r#"
[[rule]]
id = "secret/acme"
title = "Acme key"
severity = "high"
confidence = "high"
keywords = ["acme_"]
pattern = '(?<secret>acme_[0-9a-f]{32})'
why = "It opens the gate."
fix = "Change the lock."
matches = ["key = acme_{hex:32}", "'acme_{hex:32}'"]
ignores = ["acme_key"]
"#;

/// What is wrong with the sound rule once `from` in it is `to`.
fn broken(from: &str, to: &str) -> Vec<String> {
    assert!(SOUND.contains(from), "the sound rule has no {from:?} to break");
    let rules = parse_secrets("acme.toml", &SOUND.replacen(from, to, 1)).unwrap();
    let detector = Detector::new(rules.clone(), &Options::default()).ok();
    let detect = |path: &RepoPath, text: &[u8]| -> Vec<(RuleId, Range<usize>)> {
        detector.as_ref().map(|detector| detector.locate(path, text)).unwrap_or_default()
    };
    check(&rules, &detect).iter().map(ToString::to_string).collect()
}

fn assert_broken(from: &str, to: &str, complaint: &str) {
    let problems = broken(from, to);
    assert!(problems.iter().any(|line| line.contains(complaint)), "{problems:#?}");
}

#[test]
fn a_sound_rule_has_no_problems() {
    assert_eq!(broken("acme", "acme"), Vec::<String>::new());
}

#[test]
fn ids_are_unique_and_say_what_they_are() {
    let twice = parse_secrets("acme.toml", &SOUND.repeat(2)).unwrap();
    let detector = detector(&twice[..1]);
    assert_eq!(problems(&twice, &detector), ["secret/acme: another rule has this id"]);
    assert_broken("secret/acme", "acme", "begins with \"secret/\"");
}

#[test]
fn patterns_compile_end_and_name_their_secret() {
    assert_broken("{32})'", "{32}'", "no regular expression");
    assert_broken("[0-9a-f]{32})'", "[0-9a-f]+)'", "without end");
    assert_broken("?<secret>", "?<value>", "no group `secret`");
}

#[test]
fn rules_prove_what_they_find_and_what_not() {
    assert_broken(
        "[\"key = acme_{hex:32}\", \"'acme_{hex:32}'\"]",
        "[\"acme_{hex:32}\"]",
        "needs at least two",
    );
    assert_broken("[\"acme_key\"]", "[]", "needs at least two");
}

#[test]
fn what_a_rule_says_it_finds_is_found_whole_and_by_it_alone() {
    assert_broken("key = acme_{hex:32}", "key = acme_{hex:31}", "does not find");
    assert_broken(
        "'(?<secret>acme_[0-9a-f]{32})'",
        "'(?<secret>acme_[0-9a-f]{8})[0-9a-f]{24}'",
        "does not find",
    );
    assert_broken("key = acme_{hex:32}", "acme_{hxe:32}", "no placeholder");
}

#[test]
fn what_a_rule_says_it_ignores_is_not_found() {
    assert_broken("[\"acme_key\"]", "[\"acme_{hex:32}\"]", "should ignore");
}

#[test]
fn a_keyword_leads_to_every_match() {
    assert_broken("[\"acme_\"]", "[\"emca\"]", "no keyword");
    assert_broken("[\"acme_\"]", "[\"ac\"]", "at least three characters");
}

#[test]
fn a_rule_says_soundly_how_its_issuer_is_asked() {
    let with = |table: &str| {
        let ignores = "ignores = [\"acme_key\"]\n";
        broken(ignores, &format!("{ignores}[rule.validate]\n{table}\n"))
    };
    let url = "url = 'https://api.example.org/me'";
    let sound = format!("{url}\nbasic = '{{secret}}:'\nvalid = {{ status = [200] }}");
    assert_eq!(with(&sound), Vec::<String>::new());
    for (table, complaint) in [
        (url.to_owned(), "neither what is `valid`"),
        (url.to_owned(), "holds {secret}"),
        (sound.replace("/me", "/{secret}"), "percent-encoded"),
        (sound.replace("{secret}", "{id}:{secret}"), "names no group `id`"),
        (sound.replace("200", "503"), "reads 503"),
    ] {
        let problems = with(&table);
        assert!(problems.iter().any(|line| line.contains(complaint)), "{problems:#?}");
    }
}

#[test]
fn what_is_asked_of_issuers_is_little_and_wide_enough() {
    let rules = builtin_secrets().unwrap();
    let tables: Vec<_> = rules.iter().filter_map(|rule| rule.validate.as_ref()).collect();
    assert!(tables.len() >= 25, "{} rules can be verified", tables.len());
    // Only what is known to be read alone is asked by another method than GET.
    let posts = tables.iter().filter(|table| table.method == Method::Post);
    let posts: BTreeSet<_> = posts.map(|table| table.url.host()).collect();
    assert_eq!(posts, BTreeSet::from(["api.linear.app", "slack.com"]));
}

#[test]
fn a_rule_explains_itself() {
    assert_broken("It opens the gate.", " ", "`why` is empty");
    assert_broken("Change the lock.", "", "`fix` is empty");
}
