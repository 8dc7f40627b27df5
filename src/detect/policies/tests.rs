use super::*;
use crate::rule::{Scope, builtin_policies};
use std::collections::BTreeSet;

fn policies() -> Policies {
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    Policies::new(builtin_policies().unwrap(), &Options::default(), now).unwrap()
}

/// The ids of the policies that a new file violates.
fn found(path: &str, text: &str) -> BTreeSet<String> {
    let path = RepoPath::from(path);
    let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
    policies().change(&change).into_iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn the_catalogue_and_the_checks_are_the_same_policies() {
    let catalogue = builtin_policies().unwrap();
    let own = catalogue.iter().filter(|rule| rule.engine == Engine::Policies);
    let own: BTreeSet<_> = own.map(|rule| rule.id.as_str().to_owned()).collect();
    let checks: BTreeSet<_> = POLICIES.iter().map(|entry| entry.id.to_owned()).collect();
    assert_eq!(own, checks);
    assert_eq!(checks.len(), POLICIES.len(), "an id is there once");
    let ids: BTreeSet<_> = catalogue.iter().map(|rule| &rule.id).collect();
    assert_eq!(ids.len(), catalogue.len(), "a rule is there once");
}

#[test]
fn every_check_is_in_a_file_or_folder_of_its_policy_s_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detect/policies/check");
    for rule in builtin_policies().unwrap() {
        if rule.engine == Engine::Policies {
            let name = folder.join(rule.name.replace('-', "_"));
            let found = name.with_extension("rs").exists() || name.join("mod.rs").exists();
            assert!(found, "{}: {} is missing", rule.id, name.display());
        }
    }
}

#[test]
fn every_example_of_the_catalogue_holds() {
    for rule in builtin_policies().unwrap() {
        let id = rule.id.as_str();
        for example in &rule.violates {
            assert!(found(&example.path, &example.text).contains(id), "{id} misses {example:?}");
        }
        for example in &rule.complies {
            assert!(!found(&example.path, &example.text).contains(id), "{id} reports {example:?}");
        }
        let proved = !rule.violates.is_empty() && !rule.complies.is_empty();
        let provable = rule.scope == Scope::Diff && rule.engine == Engine::Policies;
        // What SEC-004 looks for is better not written down, even as an example.
        assert!(proved || !provable || id == "SEC-004", "{id} has no examples");
    }
}

/// What a file was before.
struct Before(&'static str);

impl crate::source::Earlier for Before {
    fn versions(&self) -> Vec<Option<std::sync::Arc<Vec<u8>>>> {
        vec![Some(self.0.as_bytes().to_vec().into())]
    }
}

#[test]
fn what_was_there_before_is_nobody_s_fault() {
    let path = RepoPath::from("Dockerfile");
    let text = "FROM ruby:latest\nRUN true\n";
    let old = Change::new(&path, None, Entry::File, text.as_bytes(), &Before("FROM ruby:latest\n"));
    assert!(policies().change(&old).is_empty());
    let new = Change::new(&path, None, Entry::File, text.as_bytes(), &Before("RUN true\n"));
    assert_eq!(policies().change(&new).len(), 1);
}

#[test]
fn a_project_can_switch_a_policy_off_and_leave_paths_out() {
    let options: Options =
        toml::from_str("[IMG-001]\naction = 'off'\n[IMG-003]\npaths-ignore = ['vendor/**']")
            .unwrap();
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let policies = Policies::new(builtin_policies().unwrap(), &options, now).unwrap();
    let found = |path: &str, text: &str| {
        let path = RepoPath::from(path);
        policies.change(&Change::new(&path, None, Entry::File, text.as_bytes(), &())).len()
    };
    assert_eq!(found("Dockerfile", "FROM ruby:latest\n"), 0);
    let run = "curl https://x.example.org/i | sh\n";
    assert_eq!((found("vendor/a.sh", run), found("a.sh", run)), (0, 1));
}

const PATHS: [&str; 9] = [
    "Dockerfile",
    ".github/workflows/ci.yml",
    ".circleci/config.yml",
    ".gitlab-ci.yml",
    "docker-compose.yml",
    "bin/setup.sh",
    "Makefile",
    ".env",
    "src/main.rs",
];

proptest::proptest! {
    #[test]
    fn no_text_is_too_strange(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        text in r#"(FROM |RUN |uses: |image: |curl |\| sh|<<EOF|[\\'"`$({})\[\]&*!|>:#\- ]|\n|é|\u{202E}|@|http://a){0,40}"#,
    ) {
        for path in PATHS {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                let path = RepoPath::from(path);
                let change = Change::new(&path, None, Entry::File, bytes, &());
                for finding in policies().change(&change) {
                    proptest::prop_assert!(!finding.message.chars().any(char::is_control));
                }
            }
        }
    }
}
