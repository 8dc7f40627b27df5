//! The embedded secret rules hold what they promise: each example runs through the real detector.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::{Action, Confidence, Finding, RepoPath, RuleId, Salt};
use lockkeeper::rule::{
    Method, SecretRule, builtin_secrets, check, expand, expand_from, parse_secrets,
};
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

/// Every kind that carries its own checksum.
const CHECKSUMMED: &[&str] = &[
    "{github:ghp_}",
    "{github:gho_}",
    "{github:ghu_}",
    "{github:ghs_}",
    "{github:ghr_}",
    "{github:npm_}",
    "{gitlab-routable:glpat-}",
    "{gitlab-routable:gldt-}",
    "{gitlab-routable:glrt-}",
    "{gitlab-routable:glrtr-}",
    "{gitlab-routable:glcbt-}",
    "{gitlab-routable:glptt-}",
    "{gitlab-routable:glft-}",
    "{gitlab-routable:glimt-}",
    "{gitlab-routable:glagent-}",
    "{gitlab-routable:gloas-}",
    "{gitlab-routable:glsoat-}",
    "{gitlab-routable:glffct-}",
    "{grafana}",
    "{atlassian}",
    "{cloudflare:cfut_}",
    "{cloudflare:cfat_}",
    "{cloudflare:cfk_}",
    "{zuplo}",
    "{confluent}",
    "{age}",
    "{nsec}",
    "{wif}",
    "{xprv}",
];

/// Prefixes of kinds whose checksum does not cover them: a token with another of these is one of that
/// kind.
const EXCHANGEABLE: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "cfut_", "cfat_", "zpka_"];

/// How a token is written where only its own rule looks for it, and where others do as well.
const PLAIN: &[&str] = &["wif = {}", "{}", "wif: '{}',", "{\"key\":\"{}\"}", "f({})"];
const SHARED: &[&str] = &[
    "token: '{}',",
    "git clone https://x:{}@git.acme.io/app.git",
    "//registry.example.org/:_authToken={}",
    "machine git.acme.io login ci password {}",
    "aws_secret_access_key = {}",
];

/// What a character may be mistaken for: its neighbours and its other case, and where `everything`
/// is tried the characters at which tokens end.
fn mistakes(byte: u8, everything: bool) -> Vec<u8> {
    let near = match byte {
        b'0'..=b'8' | b'a'..=b'e' | b'g'..=b'y' | b'A'..=b'E' | b'G'..=b'Y' => vec![byte + 1],
        b'9' | b'f' | b'z' | b'F' | b'Z' => vec![byte - 1],
        _ => vec![],
    };
    let case = byte.is_ascii_alphabetic().then_some(byte ^ 0x20);
    let joints = if everything { b"-_.xQ7".as_slice() } else { b"" };
    near.into_iter().chain(case).chain(joints.iter().copied()).filter(|new| *new != byte).collect()
}

/// Every text that differs from `token` in one character.
fn flips(token: &str, everything: bool) -> Vec<String> {
    let mut flips = Vec::new();
    for (at, byte) in token.bytes().enumerate() {
        for new in mistakes(byte, everything) {
            let mut bytes = token.as_bytes().to_vec();
            bytes.splice(at..=at, [new]);
            flips.extend(String::from_utf8(bytes));
        }
    }
    let prefix = |text: &str| EXCHANGEABLE.iter().position(|prefix| text.starts_with(prefix));
    flips.retain(|flip| prefix(flip).is_none() || prefix(flip) == prefix(token));
    flips
}

/// What is found in `text` that may block: at more than a low confidence, by a rule that asks for it.
fn sure(detector: &Detector, text: &str) -> Vec<String> {
    let path = RepoPath::from("example.txt");
    let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
    let findings = detector.scan(&change, &|| Salt::new("salt")).findings.into_iter();
    let blocks = |finding: &Finding| finding.action == Action::Block;
    let sure = findings.filter(|f| f.confidence > Confidence::Low && blocks(f));
    sure.map(|finding| format!("{} line {}", finding.rule, finding.location.start.line)).collect()
}

/// One wrong character anywhere, whatever it is: neither the token's own rule nor another blocks.
#[test]
fn a_checksummed_token_with_one_wrong_character_never_blocks() {
    let detector = detector(&builtin_secrets().unwrap());
    for (kind, seed) in CHECKSUMMED.iter().flat_map(|kind| [0, 1, 2].map(|seed| (kind, seed))) {
        let token = expand_from(kind, seed).unwrap().text;
        assert!(!sure(&detector, &format!("wif = {token}")).is_empty(), "{kind} itself is found");
        for place in PLAIN.iter().take(if seed == 0 { PLAIN.len() } else { 1 }) {
            let lines: Vec<_> =
                flips(&token, true).iter().map(|flip| place.replace("{}", flip)).collect();
            let found = sure(&detector, &lines.join("\n"));
            assert!(found.is_empty(), "{kind} in {place}: {found:?}");
        }
    }
}

/// Where another rule would take any text for a secret, the checksum has the last word as long as the
/// token keeps its shape.
#[test]
fn a_checksum_that_fails_speaks_for_every_rule() {
    let detector = detector(&builtin_secrets().unwrap());
    for kind in CHECKSUMMED.iter().filter(|kind| **kind != "{wif}") {
        let token = expand(kind).unwrap().text;
        let changed = |flip: &String| flip.bytes().last() != token.bytes().last();
        let flip = flips(&token, false).into_iter().find(changed).unwrap();
        for place in SHARED {
            let found = sure(&detector, &place.replace("{}", &flip));
            assert!(found.is_empty(), "{kind} in {place}: {found:?}");
        }
    }
}
