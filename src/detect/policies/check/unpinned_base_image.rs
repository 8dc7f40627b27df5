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
use std::collections::{BTreeMap, BTreeSet};
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
        let (mut arguments, mut stages) = (Arguments::default(), BTreeSet::new());
        let mut found = Vec::new();
        for instruction in instructions(text) {
            match instruction.keyword.as_str() {
                "ARG" if stages.is_empty() => arguments.define(&instruction),
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
        arguments: &Arguments,
        stages: &mut BTreeSet<String>,
    ) -> Option<Found> {
        let from = From::of(instruction)?;
        let image = arguments.fill(from.image.trim_matches(['"', '\'']));
        let outside = image != "scratch" && !stages.contains(&image.to_ascii_lowercase());
        stages.insert(from.stage.unwrap_or_default().to_ascii_lowercase());
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

/// How long a text gets at most in which arguments are filled in, in bytes: no image has a longer name.
const LONGEST: usize = 512;

/// The defaults of a Dockerfile's arguments.
#[derive(Default)]
struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Takes the default that an `ARG` gives, in which those before it are filled in.
    fn define(&mut self, instruction: &Instruction) {
        let Some((name, value)) = instruction.arguments.split_once('=') else { return };
        let value = value.split_whitespace().next().unwrap_or("").trim_matches(['"', '\'']);
        let value = self.fill(value);
        self.0.insert(name.trim().to_owned(), value);
    }

    /// A text with the arguments filled in of which a default is known; as it is where it gets too long.
    fn fill(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let (value, behind) = self.referred(after).unwrap_or(("$", after));
            filled.push_str(value);
            rest = behind;
            if filled.len() > LONGEST {
                return text.to_owned();
            }
        }
        filled + rest
    }

    /// The value of the argument that is named behind a `$`, as `NAME`, `{NAME}` or `{NAME:-default}`, and
    /// the text behind that.
    fn referred<'t>(&'t self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let Some(braced) = text.strip_prefix('{') else {
            let (name, behind) = split_name(text)?;
            return Some((self.0.get(name)?, behind));
        };
        let end = braced.bytes().take(LONGEST).position(|byte| byte == b'}')?;
        let (name, otherwise) = split_name(braced.get(..end)?)?;
        let known = self.0.get(name).map(String::as_str);
        let value = match otherwise.strip_prefix(":-") {
            Some(default) => known.filter(|value| !value.is_empty()).or(Some(default)),
            None => known.filter(|_| otherwise.is_empty()),
        };
        Some((value?, braced.get(end + 1..)?))
    }
}

/// The name that a text begins with, and the rest.
fn split_name(text: &str) -> Option<(&str, &str)> {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.split_at_checked(text.bytes().take_while(in_name).count())
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
    fn arguments_are_filled_in_as_docker_does() {
        let mut arguments = Arguments::default();
        for text in ["ARG V=3.3", "ARG OS=\"slim\"", "ARG TAG=${V}-$OS", "ARG NONE", "ARG EMPTY="] {
            for instruction in instructions(text) {
                arguments.define(&instruction);
            }
        }
        for (text, filled) in [
            ("ruby:$TAG", "ruby:3.3-slim"),
            ("ruby:${V}${EMPTY}", "ruby:3.3"),
            ("ruby:${NONE:-latest}", "ruby:latest"),
            ("ruby:${EMPTY:-2}", "ruby:2"),
            ("ruby:${V:-2}", "ruby:3.3"),
            ("ruby:$NONE$VX", "ruby:$NONE$VX"),
            ("${", "${"),
            ("$", "$"),
            ("${V:+x}", "${V:+x}"),
        ] {
            assert_eq!(arguments.fill(text), filled);
        }
    }

    #[test]
    fn arguments_that_grow_without_end_are_left_as_they_are() {
        let twice = |number: usize| format!("ARG A{}=$A{number}$A{number}\n", number + 1);
        let text =
            format!("ARG A0=aaaaaaaa\n{}FROM $A60\n", (0..60).map(twice).collect::<String>());
        assert_eq!(found("Dockerfile", &text), Vec::<String>::new());
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
