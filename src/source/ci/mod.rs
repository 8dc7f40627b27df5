//! What a CI provider's variables say is under test.
//!
//! Nothing is looked up here: variables and the event file go in, names of commits and branches
//! come out, the best first; the repository decides which of them it has. A provider that says too
//! little is an error, never a narrower range.

mod fork;

pub use fork::{Proposal, proposal};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What a provider says is under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiRange {
    /// The provider's name.
    pub provider: &'static str,
    /// What it says.
    pub scope: CiScope,
}

/// How much is under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CiScope {
    /// No change in particular (a schedule, a run by hand): the files.
    Worktree,
    /// What leads from one of `bases`, the first that the repository has, to `head`.
    Commits {
        /// Where the change begins, the best first.
        bases: Vec<CiBase>,
        /// The commit under test.
        head: String,
    },
}

/// Where a change begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CiBase {
    /// A commit, by its id.
    Commit(String),
    /// Where the change left a branch, by the branch's name.
    Branch(String),
    /// Where the change left the default branch, whose name the provider does not say.
    DefaultBranch,
    /// Nothing came before: the first push of the default branch.
    Nothing,
}

/// Variables that do not say what is under test.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CiError {
    /// A variable that the provider always sets is missing.
    #[error("{provider} is running this, but {name} is not set; say what to scan with --range")]
    Variable {
        /// The provider.
        provider: &'static str,
        /// The variable.
        name: &'static str,
    },
    /// The event file cannot be read.
    #[error("cannot read the event file {}: {source}", path.display())]
    Event {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The event file does not say what it should.
    #[error("the event file {} is not what {event} events look like: {source}", path.display())]
    EventContent {
        /// Where it is.
        path: PathBuf,
        /// The event.
        event: String,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// Reads what the variables of a provider describe; `None` outside CI. `read` reads a file.
pub fn request(
    vars: &BTreeMap<String, String>,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Result<Option<CiRange>, CiError> {
    let vars = Vars(vars);
    let (provider, scope) = match vars {
        _ if vars.is_true("GITHUB_ACTIONS") => (GITHUB, github(vars, read)?),
        _ if vars.is_true("GITLAB_CI") => (GITLAB, gitlab(vars)?),
        _ if vars.is_true("CIRCLECI") => (CIRCLECI, circleci(vars)?),
        _ => return Ok(None),
    };
    Ok(Some(CiRange { provider, scope }))
}

const GITHUB: &str = "GitHub Actions";
const GITLAB: &str = "GitLab CI";
const CIRCLECI: &str = "CircleCI";

#[derive(Clone, Copy)]
struct Vars<'a>(&'a BTreeMap<String, String>);

impl<'a> Vars<'a> {
    fn get(self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn need(self, provider: &'static str, name: &'static str) -> Result<&'a str, CiError> {
        self.get(name).ok_or(CiError::Variable { provider, name })
    }

    fn is_true(self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }
}

/// The parts of GitHub's events (<https://docs.github.com/en/webhooks>) that name commits. Gitea
/// and Forgejo send the same.
#[derive(Deserialize)]
struct Event {
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct PullRequest {
    base: Tip,
    head: Tip,
}

#[derive(Deserialize)]
struct Tip {
    sha: String,
}

#[derive(Deserialize)]
struct MergeGroup {
    base_sha: String,
    head_sha: String,
}

#[derive(Deserialize)]
struct Repository {
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Push {
    #[serde(rename = "ref")]
    name: String,
    before: String,
    after: String,
}

fn github(vars: Vars<'_>, read: &dyn Fn(&Path) -> io::Result<Vec<u8>>) -> Result<CiScope, CiError> {
    let event = vars.need(GITHUB, "GITHUB_EVENT_NAME")?;
    let path = Path::new(vars.need(GITHUB, "GITHUB_EVENT_PATH")?);
    let json = read(path).map_err(|source| CiError::Event { path: path.to_owned(), source })?;
    let unlike =
        |source| CiError::EventContent { path: path.to_owned(), event: event.to_owned(), source };
    let body: Event = serde_json::from_slice(&json).map_err(unlike)?;
    let missing = |field| unlike(serde::de::Error::missing_field(field));
    let default_branch = body.repository.and_then(|repository| repository.default_branch);
    match (event, body.pull_request, body.merge_group) {
        ("push", _, _) => {
            let push = serde_json::from_slice(&json).map_err(unlike)?;
            Ok(github_push(push, default_branch))
        }
        ("merge_group", _, Some(group)) => Ok(from_commit(group.base_sha, group.head_sha)),
        ("merge_group", _, None) => Err(missing("merge_group")),
        (_, Some(pull), _) => Ok(from_commit(pull.base.sha, pull.head.sha)),
        ("pull_request" | "pull_request_target", None, _) => Err(missing("pull_request")),
        _ => Ok(CiScope::Worktree),
    }
}

fn github_push(push: Push, default_branch: Option<String>) -> CiScope {
    if is_zero(&push.after) {
        return CiScope::Worktree;
    }
    let default = default_branch.map_or(CiBase::DefaultBranch, CiBase::Branch);
    let to_default = matches!(&default, CiBase::Branch(name)
        if push.name.strip_prefix("refs/heads/") == Some(name));
    let bases = match (is_zero(&push.before), to_default) {
        (true, true) => vec![CiBase::Nothing],
        (true, false) => vec![default],
        // The default branch cannot stand in for what it was before somebody rewrote it.
        (false, true) => vec![CiBase::Commit(push.before)],
        (false, false) => vec![CiBase::Commit(push.before), default],
    };
    CiScope::Commits { bases, head: push.after }
}

fn gitlab(vars: Vars<'_>) -> Result<CiScope, CiError> {
    let commit = vars.need(GITLAB, "CI_COMMIT_SHA")?;
    let default = vars.get("CI_DEFAULT_BRANCH").map(str::to_owned);
    let default = default.map_or(CiBase::DefaultBranch, CiBase::Branch);
    if vars.get("CI_MERGE_REQUEST_IID").is_some() {
        let base = vars.get("CI_MERGE_REQUEST_DIFF_BASE_SHA").map(str::to_owned);
        let target = vars.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").map(str::to_owned);
        let bases = base.map(CiBase::Commit).into_iter();
        let bases = bases.chain([target.map_or(default, CiBase::Branch)]).collect();
        // In a merged-results pipeline the commit under test is a merge of GitLab's making.
        let head = vars.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").unwrap_or(commit).to_owned();
        return Ok(CiScope::Commits { bases, head });
    }
    let before = vars.get("CI_COMMIT_BEFORE_SHA").filter(|before| !is_zero(before));
    let is_push = vars.get("CI_PIPELINE_SOURCE").is_none_or(|source| source == "push");
    let to_default = matches!(&default, CiBase::Branch(name)
        if vars.get("CI_COMMIT_BRANCH") == Some(name));
    let bases = match (before, to_default) {
        _ if !is_push => return Ok(CiScope::Worktree),
        (Some(before), true) => vec![CiBase::Commit(before.to_owned())],
        (Some(before), false) => vec![CiBase::Commit(before.to_owned()), default],
        (None, true) => vec![CiBase::Nothing],
        (None, false) => vec![default],
    };
    Ok(CiScope::Commits { bases, head: commit.to_owned() })
}

/// CircleCI says neither the base of a pull request nor what a push found.
fn circleci(vars: Vars<'_>) -> Result<CiScope, CiError> {
    let head = vars.need(CIRCLECI, "CIRCLE_SHA1")?.to_owned();
    Ok(CiScope::Commits { bases: vec![CiBase::DefaultBranch], head })
}

fn from_commit(base: String, head: String) -> CiScope {
    CiScope::Commits { bases: vec![CiBase::Commit(base)], head }
}

/// A ref that is not there, in either length of object name.
fn is_zero(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && id.bytes().all(|digit| digit == b'0')
}

#[cfg(test)]
mod tests;
