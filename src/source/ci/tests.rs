//! Events and variables as the providers document them.

use super::*;

const BASE: &str = "1111111111111111111111111111111111111111";
const HEAD: &str = "2222222222222222222222222222222222222222";
const ZERO: &str = "0000000000000000000000000000000000000000";
const ZERO_64: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn github_event(event: &str, json: &str) -> Result<CiScope, CiError> {
    let vars = vars(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", "event.json"),
    ]);
    let found = request(&vars, &|path| {
        assert_eq!(path, Path::new("event.json"));
        Ok(json.as_bytes().to_vec())
    })?;
    let range = found.unwrap();
    assert_eq!(range.provider, "GitHub Actions");
    Ok(range.scope)
}

fn no_file(path: &Path) -> io::Result<Vec<u8>> {
    panic!("nothing reads {}", path.display())
}

fn scope(pairs: &[(&str, &str)]) -> CiScope {
    request(&vars(pairs), &no_file).unwrap().unwrap().scope
}

fn commits(bases: &[CiBase]) -> CiScope {
    CiScope::Commits { bases: bases.to_vec(), head: HEAD.to_owned() }
}

fn commit() -> CiBase {
    CiBase::Commit(BASE.to_owned())
}

fn branch(name: &str) -> CiBase {
    CiBase::Branch(name.to_owned())
}

fn push(name: &str, before: &str, after: &str) -> CiScope {
    let json = format!(
        r#"{{"ref": "refs/heads/{name}", "before": "{before}", "after": "{after}",
            "repository": {{"default_branch": "main"}}}}"#
    );
    github_event("push", &json).unwrap()
}

#[test]
fn outside_ci_nothing_is_said() {
    assert_eq!(request(&vars(&[("GITHUB_ACTIONS", ""), ("HOME", "/")]), &no_file).unwrap(), None);
}

#[test]
fn a_pull_request_is_what_its_head_adds_to_its_base() {
    let json = format!(
        r#"{{"pull_request": {{"base": {{"sha": "{BASE}"}}, "head": {{"sha": "{HEAD}"}}}}}}"#
    );
    for event in ["pull_request", "pull_request_target", "pull_request_review"] {
        assert_eq!(github_event(event, &json).unwrap(), commits(&[commit()]), "{event}");
    }
}

#[test]
fn a_merge_queue_names_both_ends() {
    let json = format!(r#"{{"merge_group": {{"base_sha": "{BASE}", "head_sha": "{HEAD}"}}}}"#);
    assert_eq!(github_event("merge_group", &json).unwrap(), commits(&[commit()]));
}

#[test]
fn a_push_begins_at_what_it_found_or_where_it_left_the_default_branch() {
    assert_eq!(push("topic", BASE, HEAD), commits(&[commit(), branch("main")]));
    assert_eq!(push("main", BASE, HEAD), commits(&[commit()]));
    assert_eq!(push("topic", ZERO, HEAD), commits(&[branch("main")]));
    assert_eq!(push("topic", ZERO_64, HEAD), commits(&[branch("main")]));
}

#[test]
fn the_first_push_of_the_default_branch_is_everything() {
    assert_eq!(push("main", ZERO, HEAD), commits(&[CiBase::Nothing]));
}

#[test]
fn a_deleted_branch_leaves_the_files() {
    assert_eq!(push("topic", BASE, ZERO), CiScope::Worktree);
}

#[test]
fn a_schedule_has_no_range() {
    for event in ["schedule", "workflow_dispatch"] {
        assert_eq!(github_event(event, "{}").unwrap(), CiScope::Worktree);
    }
}

#[test]
fn an_event_that_does_not_say_what_it_must_is_an_error() {
    for (event, json) in [
        ("pull_request", "{}"),
        ("pull_request", r#"{"pull_request": {"base": {}, "head": {}}}"#),
        ("merge_group", "{}"),
        ("push", r#"{"ref": "refs/heads/main", "after": "1"}"#),
        ("push", "not json"),
    ] {
        assert!(matches!(github_event(event, json), Err(CiError::EventContent { .. })), "{json}");
    }
}

#[test]
fn an_event_file_that_is_not_there_is_an_error() {
    let vars = vars(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_EVENT_PATH", "gone"),
    ]);
    let gone = |_: &Path| Err(io::ErrorKind::NotFound.into());
    assert!(matches!(request(&vars, &gone), Err(CiError::Event { .. })));
}

#[test]
fn variables_that_must_be_there_are() {
    for provider in ["GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI"] {
        let found = request(&vars(&[(provider, "true")]), &no_file);
        assert!(matches!(found, Err(CiError::Variable { .. })), "{provider}");
    }
}

#[test]
fn a_merge_request_prefers_its_own_head_to_gitlabs_merge() {
    let found = scope(&[
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", "3333333333333333333333333333333333333333"),
        ("CI_COMMIT_BEFORE_SHA", ZERO),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", BASE),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "stable"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD),
    ]);
    assert_eq!(found, commits(&[commit(), branch("stable")]));
}

fn gitlab_push(branch: &str, before: &str, source: &str) -> CiScope {
    scope(&[
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", HEAD),
        ("CI_COMMIT_BEFORE_SHA", before),
        ("CI_PIPELINE_SOURCE", source),
        ("CI_COMMIT_BRANCH", branch),
        ("CI_DEFAULT_BRANCH", "main"),
    ])
}

#[test]
fn a_gitlab_push_is_read_like_any_push() {
    assert_eq!(gitlab_push("topic", BASE, "push"), commits(&[commit(), branch("main")]));
    assert_eq!(gitlab_push("topic", ZERO, "push"), commits(&[branch("main")]));
    assert_eq!(gitlab_push("main", BASE, "push"), commits(&[commit()]));
    assert_eq!(gitlab_push("main", ZERO, "push"), commits(&[CiBase::Nothing]));
    assert_eq!(gitlab_push("main", ZERO, "schedule"), CiScope::Worktree);
}

#[test]
fn circleci_leaves_the_base_to_the_repository() {
    let found = scope(&[("CIRCLECI", "true"), ("CIRCLE_SHA1", HEAD)]);
    assert_eq!(found, commits(&[CiBase::DefaultBranch]));
}
