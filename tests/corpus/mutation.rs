//! One wrong character in a token with a checksum, and the whole detector no longer blocks it.

use crate::measure::policy;
use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::{RepoPath, Salt};
use lockkeeper::gate::Decision;
use lockkeeper::rule::{Check, SecretRule, builtin_secrets, expand_from};
use lockkeeper::source::{Change, Entry};

/// The checks that compute a checksum.
fn has_checksum(rule: &SecretRule) -> bool {
    matches!(
        rule.check,
        Some(
            Check::GithubCrc32
                | Check::GitlabCrc32
                | Check::CloudflareCrc32
                | Check::GrafanaCrc32
                | Check::AtlassianCrc32
                | Check::Bech32
        )
    )
}

struct Gate {
    detector: Detector,
    path: RepoPath,
}

impl Gate {
    fn blocks(&self, text: &str) -> bool {
        let change = Change::new(&self.path, None, Entry::File, text.as_bytes(), &());
        let findings = self.detector.scan(&change, &|| Salt::new("mutation")).findings;
        policy().decide(findings).decision == Decision::Block
    }
}

/// Another character of the same sort: the token keeps its shape.
fn other(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'8' | b'A'..=b'E' | b'G'..=b'Y' | b'a'..=b'e' | b'g'..=b'y' => Some(byte + 1),
        b'9' => Some(b'0'),
        b'F' => Some(b'A'),
        b'f' => Some(b'a'),
        b'Z' | b'z' => Some(byte - 1),
        _ => None,
    }
}

/// An example whose token is made with its checksum: some kinds have longer forms without one.
fn with_checksum(rule: &SecretRule) -> Option<&String> {
    let made =
        ["{github:", "{gitlab-routable:", "{cloudflare:", "{grafana}", "{atlassian}", "{age}"];
    rule.matches.iter().find(|example| made.iter().any(|made| example.contains(made)))
}

/// Every text that differs from `token` in one character, from `start` on.
fn mutants(token: &str, start: usize) -> impl Iterator<Item = String> {
    let wrong = move |position: usize| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[position] = other(bytes[position])?;
        String::from_utf8(bytes).ok()
    };
    (start..token.len()).filter_map(wrong)
}

#[test]
fn one_wrong_character_in_a_token_with_a_checksum_never_blocks() {
    let rules = builtin_secrets().unwrap();
    let detector = Detector::new(rules.clone(), &Options::default()).unwrap();
    let gate = Gate { detector, path: RepoPath::from("notes.txt") };
    let checked = rules.iter().filter(|rule| has_checksum(rule));
    let checked: Vec<_> = checked.filter_map(|rule| Some((rule, with_checksum(rule)?))).collect();
    assert!(checked.len() >= 8, "{} kinds have a checksum", checked.len());
    for ((rule, example), seed) in
        checked.into_iter().flat_map(|checked| (0..3).map(move |seed| (checked, seed)))
    {
        let made = expand_from(example, seed).unwrap().text;
        let at = gate.detector.locate(&gate.path, made.as_bytes());
        let token = &made[at[0].1.clone()];
        // The token stands alone: what surrounds it is another rule's business.
        assert!(gate.blocks(&format!("x {token} y\n")), "{}", rule.id);
        // A checksum need not cover the prefix: with another one it may be another kind's token.
        for wrong in mutants(token, rule.public_prefix.len()) {
            assert!(!gate.blocks(&format!("x {wrong} y\n")), "{}: {seed}", rule.id);
        }
    }
}
