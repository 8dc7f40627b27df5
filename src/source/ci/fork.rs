//! Whether a run is for a pull request from somebody else's repository, whose author decides what
//! is in it.
//!
//! This fails closed: a run whose provider does not say where its change comes from counts as one
//! that could come from anywhere.

use super::Vars;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

/// Where the change that a run is for comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// It is no pull request, or not in CI at all.
    None,
    /// It is a pull request within the repository.
    Own,
    /// It is a pull request from a fork.
    Fork(&'static str),
    /// It is a pull request, or may be one, and where it comes from is not said.
    Unclear(&'static str, &'static str),
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("this is no pull request"),
            Self::Own => f.write_str("this is a pull request of the repository's own"),
            Self::Fork(provider) => {
                write!(f, "{provider} runs this for a pull request from a fork")
            }
            Self::Unclear(provider, why) => write!(f, "{provider} {why}"),
        }
    }
}

/// Reads where the change under test comes from. `read` reads a file.
pub fn proposal(
    vars: &BTreeMap<String, String>,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Proposal {
    let vars = Vars(vars);
    if vars.is_true("GITHUB_ACTIONS") {
        return github(vars, read);
    }
    let mut known = PROVIDERS.iter().filter(|it| vars.get(it.mark).is_some()).peekable();
    if known.peek().is_some() {
        let said = known.map(|provider| provider.says(vars));
        return said.max_by_key(Proposal::doubt).unwrap_or(Proposal::None);
    }
    if vars.get("CI").is_none_or(|ci| matches!(ci, "false" | "0")) {
        return Proposal::None;
    }
    Proposal::Unclear(
        "a CI system that is not known",
        "runs this (CI is set), and does not say whether it is for a pull request from a fork",
    )
}

impl Proposal {
    /// How much speaks against it; of several answers the worst counts.
    fn doubt(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Own => 1,
            Self::Unclear(..) => 2,
            Self::Fork(_) => 3,
        }
    }
}

/// What a provider says of pull requests in its variables.
struct Provider {
    name: &'static str,
    /// The variable by which it is known.
    mark: &'static str,
    /// The variable that is set, and not to `false`, where a run is for a pull request.
    pull: &'static str,
    origin: Origin,
}

/// How a provider says where a pull request comes from.
enum Origin {
    /// The repository that it comes from and the one that it is for.
    Sides(&'static str, &'static str),
    /// A variable that is set only where it comes from a fork.
    ForkOnly(&'static str),
    /// A variable that says so, true or false.
    Flag(&'static str),
    /// It does not.
    Unsaid,
}

/// The variables as the providers document them.
const PROVIDERS: &[Provider] = &[
    Provider {
        name: "GitLab CI",
        mark: "GITLAB_CI",
        pull: "CI_MERGE_REQUEST_IID",
        origin: Origin::Sides("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID"),
    },
    Provider {
        name: "GitLab CI",
        mark: "GITLAB_CI",
        pull: "CI_EXTERNAL_PULL_REQUEST_IID",
        origin: Origin::Sides(
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
            "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY",
        ),
    },
    // Both are set for pull requests from forks alone.
    Provider {
        name: "CircleCI",
        mark: "CIRCLECI",
        pull: "CIRCLE_PR_REPONAME",
        origin: Origin::ForkOnly("CIRCLE_PR_REPONAME"),
    },
    Provider {
        name: "CircleCI",
        mark: "CIRCLECI",
        pull: "CIRCLE_PR_NUMBER",
        origin: Origin::ForkOnly("CIRCLE_PR_NUMBER"),
    },
    Provider {
        name: "Azure Pipelines",
        mark: "TF_BUILD",
        pull: "SYSTEM_PULLREQUEST_PULLREQUESTID",
        origin: Origin::Flag("SYSTEM_PULLREQUEST_ISFORK"),
    },
    Provider {
        name: "Buildkite",
        mark: "BUILDKITE",
        pull: "BUILDKITE_PULL_REQUEST",
        origin: Origin::Sides("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO"),
    },
    Provider {
        name: "Bitbucket Pipelines",
        mark: "BITBUCKET_BUILD_NUMBER",
        pull: "BITBUCKET_PR_ID",
        origin: Origin::Unsaid,
    },
    Provider {
        name: "Travis CI",
        mark: "TRAVIS",
        pull: "TRAVIS_PULL_REQUEST",
        origin: Origin::Sides("TRAVIS_PULL_REQUEST_SLUG", "TRAVIS_REPO_SLUG"),
    },
    Provider {
        name: "AppVeyor",
        mark: "APPVEYOR",
        pull: "APPVEYOR_PULL_REQUEST_NUMBER",
        origin: Origin::Sides("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "APPVEYOR_REPO_NAME"),
    },
    Provider { name: "Jenkins", mark: "JENKINS_URL", pull: "CHANGE_ID", origin: Origin::Unsaid },
    Provider { name: "Drone", mark: "DRONE", pull: "DRONE_PULL_REQUEST", origin: Origin::Unsaid },
    Provider { name: "Cirrus CI", mark: "CIRRUS_CI", pull: "CIRRUS_PR", origin: Origin::Unsaid },
    Provider {
        name: "Semaphore",
        mark: "SEMAPHORE",
        pull: "SEMAPHORE_GIT_PR_NUMBER",
        origin: Origin::Unsaid,
    },
];

const NOT_SAID: &str =
    "runs this for a pull request, and does not say whether it comes from a fork";

impl Provider {
    fn says(&self, vars: Vars<'_>) -> Proposal {
        if vars.get(self.pull).is_none_or(|pull| pull.eq_ignore_ascii_case("false")) {
            return Proposal::None;
        }
        let own = match self.origin {
            Origin::Sides(from, to) => {
                vars.get(from).zip(vars.get(to)).map(|(from, to)| same_repository(from, to))
            }
            Origin::ForkOnly(name) => Some(vars.get(name).is_none()),
            Origin::Flag(name) => match vars.get(name) {
                Some(flag) if flag.eq_ignore_ascii_case("false") => Some(true),
                Some(flag) if flag.eq_ignore_ascii_case("true") => Some(false),
                Some(_) | None => None,
            },
            Origin::Unsaid => None,
        };
        match own {
            Some(true) => Proposal::Own,
            Some(false) => Proposal::Fork(self.name),
            None => Proposal::Unclear(self.name, NOT_SAID),
        }
    }
}

/// Whether two names or addresses are of one repository: `git@host:a/b.git` is `https://host/a/b`.
fn same_repository(a: &str, b: &str) -> bool {
    let plain = |address: &str| {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let (host, path) = rest.split_once(['/', ':']).unwrap_or(("", rest));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let path = path.trim_matches('/');
        format!("{host}/{}", path.strip_suffix(".git").unwrap_or(path)).to_ascii_lowercase()
    };
    plain(a) == plain(b)
}

/// The parts of GitHub's events that name repositories. A fork that was deleted is `null`.
#[derive(Deserialize)]
struct Event {
    repository: Option<Repository>,
    pull_request: Option<PullRequest>,
    workflow_run: Option<WorkflowRun>,
    issue: Option<Issue>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: Option<String>,
}

#[derive(Deserialize)]
struct PullRequest {
    base: Side,
    head: Side,
}

#[derive(Deserialize)]
struct Side {
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct WorkflowRun {
    head_repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Issue {
    pull_request: Option<serde_json::Value>,
}

const GITHUB: &str = "GitHub Actions";

fn github(vars: Vars<'_>, read: &dyn Fn(&Path) -> io::Result<Vec<u8>>) -> Proposal {
    let json = vars.get("GITHUB_EVENT_PATH").and_then(|path| read(Path::new(path)).ok());
    let event = json.and_then(|json| serde_json::from_slice::<Event>(&json).ok());
    let (Some(event), Some(kind)) = (event, vars.get("GITHUB_EVENT_NAME")) else {
        return Proposal::Unclear(GITHUB, "runs this, and its event file cannot be read");
    };
    let (from, to) = match event {
        Event { pull_request: Some(pull), .. } => (pull.head.repo, pull.base.repo),
        // It runs with the base's secrets for whatever run came before it.
        Event { workflow_run: Some(run), repository, .. } => (run.head_repository, repository),
        Event { issue: Some(Issue { pull_request: Some(_) }), .. } => (None, None),
        _ if kind.starts_with("pull_request") || kind == "workflow_run" => (None, None),
        _ => return Proposal::None,
    };
    let name = |side: Option<Repository>| side.and_then(|repository| repository.full_name);
    match name(from).zip(name(to)) {
        Some((from, to)) if from.eq_ignore_ascii_case(&to) => Proposal::Own,
        Some(_) => Proposal::Fork(GITHUB),
        None => Proposal::Unclear(GITHUB, NOT_SAID),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::vars;
    use super::*;

    fn no_file(path: &Path) -> io::Result<Vec<u8>> {
        panic!("nothing reads {}", path.display())
    }

    fn said(pairs: &[(&str, &str)]) -> Proposal {
        proposal(&vars(pairs), &no_file)
    }

    fn event(name: &str, json: &str) -> Proposal {
        let pairs = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_EVENT_PATH", "event.json"),
        ];
        proposal(&vars(&pairs), &|_| Ok(json.as_bytes().to_vec()))
    }

    fn pull(head: &str, base: &str) -> String {
        format!(r#"{{"pull_request": {{"head": {{"repo": {head}}}, "base": {{"repo": {base}}}}}}}"#)
    }

    const ACME: &str = r#"{"full_name": "acme/shop", "fork": false}"#;
    const ACME_FORK: &str = r#"{"full_name": "acme/shop", "fork": true}"#;
    const MALLORY: &str = r#"{"full_name": "mallory/shop", "fork": true}"#;

    #[test]
    fn github_compares_the_two_repositories() {
        let fork = Proposal::Fork("GitHub Actions");
        let unclear = Proposal::Unclear("GitHub Actions", NOT_SAID);
        for name in ["pull_request", "pull_request_target", "pull_request_review"] {
            assert_eq!(event(name, &pull(ACME, ACME)), Proposal::Own, "{name}");
            // The base is a fork itself, and the pull request stays within it.
            assert_eq!(event(name, &pull(ACME_FORK, ACME_FORK)), Proposal::Own, "{name}");
            assert_eq!(event(name, &pull(MALLORY, ACME)), fork, "{name}");
            assert_eq!(event(name, &pull("null", ACME)), unclear, "{name}");
            assert_eq!(event(name, "{}"), unclear, "{name}");
        }
        assert_eq!(event("push", "{}"), Proposal::None);
        assert_eq!(event("schedule", "{}"), Proposal::None);
    }

    #[test]
    fn a_run_that_follows_a_run_is_judged_by_the_first() {
        let run = |head: &str| {
            format!(r#"{{"workflow_run": {{"head_repository": {head}}}, "repository": {ACME}}}"#)
        };
        assert_eq!(event("workflow_run", &run(ACME)), Proposal::Own);
        assert_eq!(event("workflow_run", &run(MALLORY)), Proposal::Fork("GitHub Actions"));
        assert!(matches!(event("workflow_run", &run("null")), Proposal::Unclear(..)));
        assert!(matches!(event("workflow_run", "{}"), Proposal::Unclear(..)));
    }

    #[test]
    fn a_comment_does_not_say_whose_pull_request_it_is_on() {
        let comment = r#"{"issue": {"pull_request": {"url": "x"}}}"#;
        assert!(matches!(event("issue_comment", comment), Proposal::Unclear(..)));
        assert_eq!(event("issue_comment", r#"{"issue": {}}"#), Proposal::None);
    }

    #[test]
    fn an_event_that_cannot_be_read_is_not_trusted() {
        assert!(matches!(event("push", "not json"), Proposal::Unclear(..)));
        assert!(matches!(said(&[("GITHUB_ACTIONS", "true")]), Proposal::Unclear(..)));
    }

    #[test]
    fn each_provider_is_understood() {
        let gitlab = ("GITLAB_CI", "true");
        let iid = ("CI_MERGE_REQUEST_IID", "7");
        let to = ("CI_MERGE_REQUEST_PROJECT_ID", "1");
        let from = |id| ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", id);
        assert_eq!(said(&[gitlab]), Proposal::None);
        assert_eq!(said(&[gitlab, iid, to, from("1")]), Proposal::Own);
        assert_eq!(said(&[gitlab, iid, to, from("2")]), Proposal::Fork("GitLab CI"));
        assert_eq!(said(&[gitlab, iid, to]), Proposal::Unclear("GitLab CI", NOT_SAID));

        let circle = ("CIRCLECI", "true");
        assert_eq!(said(&[circle, ("CIRCLE_PULL_REQUEST", "https://x")]), Proposal::None);
        let fork = said(&[circle, ("CIRCLE_PR_REPONAME", "shop")]);
        assert_eq!(fork, Proposal::Fork("CircleCI"));

        let azure = [("TF_BUILD", "True"), ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7")];
        let flag = |flag| said(&[azure[0], azure[1], ("SYSTEM_PULLREQUEST_ISFORK", flag)]);
        assert_eq!(said(&azure[..1]), Proposal::None);
        assert_eq!(flag("False"), Proposal::Own);
        assert_eq!(flag("True"), Proposal::Fork("Azure Pipelines"));
        assert!(matches!(flag("maybe"), Proposal::Unclear(..)));
        assert!(matches!(said(&azure), Proposal::Unclear(..)));

        let kite = ("BUILDKITE", "true");
        let repo = ("BUILDKITE_REPO", "git@git.example.org:acme/shop.git");
        let pull = ("BUILDKITE_PULL_REQUEST", "7");
        let from = |url| ("BUILDKITE_PULL_REQUEST_REPO", url);
        assert_eq!(said(&[kite, repo, ("BUILDKITE_PULL_REQUEST", "false")]), Proposal::None);
        let own = from("git://git.example.org/acme/shop.git");
        assert_eq!(said(&[kite, repo, pull, own]), Proposal::Own);
        let other = from("git://git.example.org/mallory/shop.git");
        assert_eq!(said(&[kite, repo, pull, other]), Proposal::Fork("Buildkite"));
        assert!(matches!(said(&[kite, repo, pull]), Proposal::Unclear(..)));
    }

    #[test]
    fn a_provider_that_does_not_say_is_not_trusted_inside_a_pull_request() {
        for (mark, pull) in [
            ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_PR_ID"),
            ("JENKINS_URL", "CHANGE_ID"),
            ("DRONE", "DRONE_PULL_REQUEST"),
        ] {
            assert_eq!(said(&[(mark, "1")]), Proposal::None, "{mark}");
            assert!(matches!(said(&[(mark, "1"), (pull, "7")]), Proposal::Unclear(..)), "{mark}");
        }
        assert!(matches!(said(&[("CI", "true")]), Proposal::Unclear(..)));
        assert_eq!(said(&[("CI", "false")]), Proposal::None);
        assert_eq!(said(&[]), Proposal::None);
    }
}
