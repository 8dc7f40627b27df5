//! IMG-001: images that are named by a tag, which somebody else can move.
//!
//! `latest`, or no tag, is another image every week, and blocks. A tag without a digest is reported.
//! Stages of the same file, `scratch` and names that only the build knows are silent.

use super::Check;
use crate::detect::policies::syntax::ci::{Provider, is_yaml, may_be_run, provider};
use crate::detect::policies::syntax::dockerfile::{Instruction, instructions, is_dockerfile};
use crate::detect::policies::syntax::yaml::{self, Pair};
use crate::detect::policies::syntax::{mentions, text};
use crate::detect::policies::violation::Violation;
use crate::finding::{Action, RepoPath, Severity};
use crate::rule::{Paths, PathsError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// The check, and what `[policies.IMG-001]` sets.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, try_from = "Own")]
pub(in super::super) struct UnpinnedBaseImage {
    /// Patterns of image names, without their tags, that need no digest.
    allow: Option<Paths>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    allow: Vec<String>,
}

impl TryFrom<Own> for UnpinnedBaseImage {
    type Error = PathsError;

    fn try_from(own: Own) -> Result<Self, PathsError> {
        let allow = (!own.allow.is_empty()).then(|| Paths::new(&own.allow)).transpose()?;
        Ok(Self { allow })
    }
}

type Found = (Range<usize>, Violation);

impl Check for UnpinnedBaseImage {
    fn names(&self, name: &str) -> bool {
        is_dockerfile(&RepoPath::from(name)) || may_be_run(name) || is_compose(name)
    }

    fn file(&self, path: &RepoPath, bytes: &[u8]) -> Vec<Found> {
        if is_dockerfile(path) {
            return self.dockerfile(&text(bytes));
        }
        let Some(grammar) = Grammar::of(path, bytes).filter(|_| mentions(bytes, "image")) else {
            return Vec::new();
        };
        let text = text(bytes);
        let images = yaml::pairs(&text).into_iter().filter(|pair| grammar.names_image(pair));
        images.filter_map(|pair| self.judge(&pair.value.value, pair.value.range)).collect()
    }
}

/// Where a YAML file names images of containers. Runners and virtual machines have images too, which
/// have no digest.
enum Grammar {
    /// Compose files and Kubernetes manifests: every `image`.
    Containers,
    /// GitHub: `container` and `services` of a job; elsewhere `image` is anybody's word.
    GitHub,
    /// CircleCI: the lists under `docker`.
    CircleCi,
    /// GitLab: `image`, or its `name`.
    GitLab,
    /// Others: an `image` that looks like one, but for those of machines.
    Other,
}

impl Grammar {
    fn of(path: &RepoPath, bytes: &[u8]) -> Option<Self> {
        let name = path.file_name_str();
        match provider(path) {
            Some(Provider::GitHub) => Some(Self::GitHub),
            Some(Provider::CircleCi) => Some(Self::CircleCi),
            Some(Provider::GitLab) => Some(Self::GitLab),
            Some(Provider::Other) => Some(Self::Other),
            None if !is_yaml(name) => None,
            None => {
                (is_compose(name) || mentions(bytes, "apiVersion:")).then_some(Self::Containers)
            }
        }
    }

    fn names_image(&self, pair: &Pair) -> bool {
        let within = |names: &[&str]| pair.path.iter().any(|key| names.contains(&key.as_str()));
        let key = pair.key();
        match self {
            Self::Containers => key == "image",
            Self::GitHub => {
                (key == "image" && within(&["container", "services"])) || key == "container"
            }
            Self::CircleCi => key == "image" && within(&["docker"]),
            Self::GitLab => key == "image" || (key == "name" && within(&["image"])),
            Self::Other => {
                let machine = pair.path.iter().any(|key| key.contains("instance"));
                key == "image" && !machine && pair.value.value.contains(['/', ':'])
            }
        }
    }
}

fn is_compose(name: &str) -> bool {
    name.starts_with("docker-compose") || name.starts_with("compose.")
}

impl UnpinnedBaseImage {
    fn dockerfile(&self, text: &str) -> Vec<Found> {
        let (mut arguments, mut stages, mut found) = (BTreeMap::new(), Vec::new(), Vec::new());
        for instruction in instructions(text) {
            match instruction.keyword.as_str() {
                "ARG" if stages.is_empty() => arguments.extend(default_of(&instruction)),
                "FROM" => found.extend(self.stage(&instruction, &arguments, &mut stages)),
                _ => {}
            }
        }
        found
    }

    /// Judges the image of a stage, unless it is an earlier stage, and remembers the stage's name.
    fn stage(
        &self,
        instruction: &Instruction,
        arguments: &BTreeMap<String, String>,
        stages: &mut Vec<String>,
    ) -> Option<Found> {
        let from = From::of(instruction)?;
        let image = resolved(from.image, arguments);
        let outside = image != "scratch" && !stages.contains(&image.to_ascii_lowercase());
        stages.push(from.stage.unwrap_or_default().to_ascii_lowercase());
        outside.then(|| self.judge(&image, from.range)).flatten()
    }

    fn judge(&self, image: &str, range: Range<usize>) -> Option<Found> {
        let image = image.trim();
        let unknown = image.is_empty() || image.contains(['$', '{', '<', ' ', '%']);
        if unknown || image.contains("@sha256:") {
            return None;
        }
        // A colon before the last slash is a port.
        let after = image.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match image.get(after..)?.split_once(':') {
            Some((name, tag)) => (image.get(..after + name.len())?, Some(tag)),
            None => (image, None),
        };
        if self.allow.as_ref().is_some_and(|allow| allow.accepts(&RepoPath::from(name))) {
            return None;
        }
        let violation = match tag {
            None => Violation::new(
                format!("the image {image} has no tag, so it is whatever is newest"),
                image,
            ),
            Some("latest") => {
                Violation::new(format!("the image {image} is whatever is newest"), image)
            }
            Some(_) => {
                let message =
                    format!("the image {image} has no digest, so its tag decides what it is");
                return Some((range, Violation::new(message, image)));
            }
        };
        Some((range, violation.rated(Severity::High, Action::Block)))
    }
}

/// What a `FROM` says.
struct From<'a> {
    image: &'a str,
    range: Range<usize>,
    stage: Option<&'a str>,
}

impl<'a> From<'a> {
    fn of(instruction: &'a Instruction) -> Option<Self> {
        let arguments = &instruction.arguments;
        let mut words = arguments.split_whitespace().skip_while(|word| word.starts_with("--"));
        let image = words.next()?;
        let at = instruction.start + arguments.find(image)?;
        let stage =
            words.next().filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
        Some(Self { image, range: at..at + image.len(), stage })
    }
}

fn default_of(instruction: &Instruction) -> Option<(String, String)> {
    let (name, value) = instruction.arguments.split_once('=')?;
    let value = value.split_whitespace().next().unwrap_or("").trim_matches(['"', '\'']);
    Some((name.trim().to_owned(), value.to_owned()))
}

/// The image with the defaults of the file's arguments filled in.
fn resolved(image: &str, arguments: &BTreeMap<String, String>) -> String {
    // Longer names first, so that `$A` does not cut `$AB`.
    let mut names: Vec<_> = arguments.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let image = image.trim_matches(['"', '\'']).to_owned();
    names.into_iter().fold(image, |image, (name, value)| {
        image.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let found = UnpinnedBaseImage::default().file(&RepoPath::from(path), text.as_bytes());
        found
            .into_iter()
            .map(|(range, violation)| format!("{}: {violation:?}", &text[range]))
            .collect()
    }

    #[test]
    fn latest_and_no_tag_block_and_a_tag_is_reported() {
        for (from, blocks) in
            [("ruby", true), ("ruby:latest", true), ("host:5000/ruby", true), ("ruby:3.3", false)]
        {
            let found =
                found("Dockerfile", &format!("FROM --platform=linux/amd64 {from} AS base\n"));
            assert_eq!(found.len(), 1, "{from}");
            assert!(found[0].starts_with(&format!("{from}: ")), "{found:?}");
            assert_eq!(found[0].contains("Block"), blocks, "{found:?}");
        }
    }

    #[test]
    fn what_is_fixed_or_not_known_here_is_silent() {
        let digest = format!("ruby:3.3@sha256:{}", "a".repeat(64));
        let text =
            format!("ARG TAG\nFROM {digest} AS build\nFROM build\nFROM scratch\nFROM ruby:$TAG\n");
        assert_eq!(found("Dockerfile", &text), Vec::<String>::new());
    }

    #[test]
    fn the_default_of_an_argument_counts() {
        let found = found("Dockerfile", "ARG V=latest\nFROM ruby:${V}\n");
        assert!(found.len() == 1 && found[0].contains("newest"), "{found:?}");
    }

    #[test]
    fn images_of_pipelines_and_compose_files_count_too() {
        let files = [
            (".circleci/config.yml", "jobs:\n  a:\n    docker:\n      - image: cimg/ruby:3.3\n"),
            ("docker-compose.yml", "services:\n  db:\n    image: postgres\n"),
            ("k8s/app.yaml", "apiVersion: v1\nspec:\n  containers:\n    - image: \"app:1\"\n"),
            (".gitlab-ci.yml", "image:\n  name: ruby:3.3\n"),
            (".github/workflows/ci.yml", "jobs:\n  a:\n    container:\n      image: ruby:3.3\n"),
        ];
        for (path, text) in files {
            assert_eq!(found(path, text).len(), 1, "{path}");
        }
        assert!(found("config/site.yml", "image: logo\n").is_empty());
    }

    #[test]
    fn machines_are_no_containers() {
        let matrix = "jobs:\n  a:\n    strategy:\n      matrix:\n        image: [ubuntu-24.04]\n";
        assert!(found(".github/workflows/ci.yml", matrix).is_empty());
        let machine = "jobs:\n  a:\n    machine:\n      image: ubuntu-2404:2025.09.1\n";
        assert!(found(".circleci/config.yml", machine).is_empty());
        let instance = "macos_instance:\n  image: example.org/macos:sonoma\n";
        assert!(found(".cirrus.yml", instance).is_empty());
    }
}
