//! Which files a CI provider runs.

use crate::finding::RepoPath;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Provider {
    /// A workflow or an action of GitHub, Gitea or Forgejo.
    GitHub,
    CircleCi,
    GitLab,
    /// A provider whose files hold steps and images in shapes that need no grammar of their own.
    Other,
}

/// The provider that runs a file.
pub(in super::super) fn provider(path: &RepoPath) -> Option<Provider> {
    let path = path.as_str()?;
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if matches!(name, "action.yml" | "action.yaml") {
        return Some(Provider::GitHub);
    }
    let yaml = is_yaml(name);
    match folder {
        ".github/workflows" | ".gitea/workflows" | ".forgejo/workflows" if yaml => {
            Some(Provider::GitHub)
        }
        "" => at_the_root(name),
        _ if yaml && within(folder, ".circleci") => Some(Provider::CircleCi),
        _ if yaml && (within(folder, ".gitlab") || name.ends_with(".gitlab-ci.yml")) => {
            Some(Provider::GitLab)
        }
        _ if yaml && OTHER_FOLDERS.iter().any(|other| within(folder, other)) => {
            Some(Provider::Other)
        }
        _ => None,
    }
}

/// Whether a provider may run a file of this name, wherever it is.
pub(in super::super) fn may_be_run(name: &str) -> bool {
    is_yaml(name) || at_the_root(name).is_some()
}

const OTHER_FOLDERS: [&str; 4] = [".buildkite", ".woodpecker", ".semaphore", ".azure-pipelines"];

/// Whether a file name is one of YAML.
pub(in super::super) fn is_yaml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yml" | "yaml"))
}

fn at_the_root(name: &str) -> Option<Provider> {
    match name {
        ".gitlab-ci.yml" | ".gitlab-ci.yaml" => Some(Provider::GitLab),
        "azure-pipelines.yml"
        | "bitbucket-pipelines.yml"
        | ".drone.yml"
        | ".woodpecker.yml"
        | ".travis.yml"
        | "appveyor.yml"
        | ".appveyor.yml"
        | "cloudbuild.yaml"
        | ".cirrus.yml"
        | "buildspec.yml"
        | "Jenkinsfile" => Some(Provider::Other),
        _ if name.ends_with(".gitlab-ci.yml") => Some(Provider::GitLab),
        _ => None,
    }
}

fn within(folder: &str, root: &str) -> bool {
    folder.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_run_from_its_place_alone() {
        let of = |path: &str| provider(&RepoPath::from(path));
        assert_eq!(of(".github/workflows/ci.yml"), Some(Provider::GitHub));
        assert_eq!(of("tools/setup/action.yaml"), Some(Provider::GitHub));
        assert_eq!(of(".circleci/jobs/test.yml"), Some(Provider::CircleCi));
        assert_eq!(of("ci/build.gitlab-ci.yml"), Some(Provider::GitLab));
        assert_eq!(of("azure-pipelines.yml"), Some(Provider::Other));
        for quiet in [
            "fixtures/.github/workflows/ci.yml",
            ".github/dependabot.yml",
            "a.yml",
            ".circlecix/a.yml",
        ] {
            assert_eq!(of(quiet), None, "{quiet}");
        }
    }
}
