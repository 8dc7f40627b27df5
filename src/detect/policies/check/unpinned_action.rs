//! CI-001: code that a pipeline fetches by a name that somebody else can move.
//!
//! A tag, a branch and a version can each be pointed at other code after they have been reviewed; a
//! commit cannot. CircleCI's orbs cannot be republished under a full version, so that is as good.
//! A local path is the repository's own code. A GitLab project or component at a tag is reported
//! without blocking: its tags are often protected, which cannot be seen from here.

use super::Check;
use crate::detect::policies::syntax::ci::{Provider, may_be_run, provider};
use crate::detect::policies::syntax::yaml::{self, Node, Pair, Scalar};
use crate::detect::policies::syntax::{mentions, text};
use crate::detect::policies::violation::Violation;
use crate::finding::{Action, RepoPath, Severity};
use crate::rule::Paths;
use serde::Deserialize;
use std::ops::Range;

/// The check, and what `[policies.CI-001]` sets.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, try_from = "Own")]
pub(in super::super) struct UnpinnedAction {
    /// Patterns of `owner/name` that may be used at any ref.
    trusted: Option<Paths>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    trusted: Vec<String>,
}

impl TryFrom<Own> for UnpinnedAction {
    type Error = crate::rule::PathsError;

    fn try_from(own: Own) -> Result<Self, Self::Error> {
        let trusted = (!own.trusted.is_empty()).then(|| Paths::new(&own.trusted)).transpose()?;
        Ok(Self { trusted })
    }
}

type Found = (Range<usize>, Violation);

impl Check for UnpinnedAction {
    fn names(&self, name: &str) -> bool {
        may_be_run(name)
    }

    fn file(&self, path: &RepoPath, bytes: &[u8]) -> Vec<Found> {
        match provider(path) {
            Some(Provider::GitHub) if mentions(bytes, "uses") => self.github(&text(bytes)),
            Some(Provider::CircleCi) if mentions(bytes, "@") => self.circle_ci(&text(bytes)),
            Some(Provider::GitLab) if mentions(bytes, "include") => gitlab(&text(bytes)),
            Some(Provider::GitHub | Provider::CircleCi | Provider::GitLab | Provider::Other)
            | None => Vec::new(),
        }
    }
}

impl UnpinnedAction {
    fn github(&self, text: &str) -> Vec<Found> {
        let uses = yaml::pairs(text).into_iter().filter(is_uses);
        uses.filter_map(|pair| self.action(&pair.value)).collect()
    }

    fn action(&self, uses: &Scalar) -> Option<Found> {
        let value = uses.value.trim();
        if value.is_empty() || value.starts_with("./") || value.starts_with("../") {
            return None;
        }
        if let Some(image) = value.strip_prefix("docker://") {
            let message = format!("the image {image} has no digest, so its tag decides what runs");
            return (!image.contains("@sha256:")).then(|| found(uses, message));
        }
        let Some((name, reference)) = value.rsplit_once('@') else {
            return Some(found(uses, format!("the action {value} names no commit")));
        };
        if is_commit(reference) || self.trusts(name) {
            return None;
        }
        let message = format!("{name} is used at {reference:?}, which its owner can move");
        Some(found(uses, message))
    }

    fn circle_ci(&self, text: &str) -> Vec<Found> {
        let orbs = yaml::pairs(text).into_iter().filter(is_orb);
        orbs.filter_map(|pair| {
            let (name, version) = pair.value.value.rsplit_once('@')?;
            let movable = !is_full_version(version) && !version.contains("<<");
            let message = format!("the orb {name} is used at {version:?}, which can change");
            (movable && !self.trusts(name)).then(|| found(&pair.value, message))
        })
        .collect()
    }

    /// Whether the project lets an action's owner move it. A path below the repository's name is
    /// part of the same repository.
    fn trusts(&self, name: &str) -> bool {
        let end = name.match_indices('/').nth(1).map_or(name.len(), |(at, _)| at);
        let repository = RepoPath::from(name.get(..end).unwrap_or(name));
        self.trusted.as_ref().is_some_and(|trusted| trusted.accepts(&repository))
    }
}

fn found(at: &Scalar, message: String) -> Found {
    (at.range.clone(), Violation::new(message, at.value.trim()))
}

/// Whether a pair is the `uses` of a step or a job, rather than an input that happens to be named so.
fn is_uses(pair: &Pair) -> bool {
    let inside = |key: &String| matches!(key.as_str(), "with" | "env" | "inputs" | "outputs");
    pair.key() == "uses" && !pair.path.iter().any(inside)
}

/// Whether a pair names an orb: below `orbs`, or, in a text that is no YAML, by its shape.
fn is_orb(pair: &Pair) -> bool {
    let keyed = matches!(pair.path.as_slice(), [.., orbs, _] if orbs == "orbs");
    let value = pair.value.value.as_str();
    let shaped = value.split_once('@').is_some_and(|(name, _)| name.split('/').count() == 2);
    let named = |c: char| c.is_ascii_alphanumeric() || "-_./@:<> ".contains(c);
    (keyed || pair.path.len() == 1) && shaped && value.chars().all(named)
}

fn gitlab(text: &str) -> Vec<Found> {
    let Some(documents) = yaml::documents(text) else { return gitlab_lines(text) };
    let includes = documents.iter().filter_map(|document| document.get("include"));
    includes.flat_map(Node::items).filter_map(include).collect()
}

/// One entry of GitLab's `include`.
fn include(entry: &Node) -> Option<Found> {
    if let Some(address) = entry.scalar() {
        return address.value.contains("://").then(|| remote(address));
    }
    if let Some(address) = entry.text("remote") {
        return entry.get("integrity").is_none().then(|| remote(address));
    }
    if let Some(component) = entry.text("component") {
        return self::component(component);
    }
    let project = entry.text("project")?;
    let reference = entry.text("ref").map_or("its default branch", |at| at.value.as_str());
    let message = format!("{} is included at {reference}, which can move", project.value);
    (!is_commit(reference)).then(|| advisory(project, message))
}

fn remote(address: &Scalar) -> Found {
    let value = without_credentials(&address.value);
    let message = format!("{value} is included without an integrity, so its server decides");
    (address.range.clone(), Violation::new(message, value))
}

fn component(component: &Scalar) -> Option<Found> {
    let (name, version) = component.value.rsplit_once('@')?;
    let message = format!("the component {name} is included at {version:?}, which can move");
    if is_commit(version) || version.contains('$') {
        return None;
    }
    let full = is_full_version(version);
    Some(if full { advisory(component, message) } else { found(component, message) })
}

fn advisory(at: &Scalar, message: String) -> Found {
    let (range, violation) = found(at, message);
    (range, violation.rated(Severity::Medium, Action::Warn))
}

/// The addresses that a text which is no YAML includes.
fn gitlab_lines(text: &str) -> Vec<Found> {
    let pairs = yaml::pairs(text).into_iter();
    pairs
        .filter(|pair| matches!(pair.key(), "remote" | "include"))
        .filter(|pair| pair.value.value.contains("://"))
        .map(|pair| remote(&pair.value))
        .collect()
}

/// The address without a name and a password before its host.
fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let host_end = rest.find('/').unwrap_or(rest.len());
    let host = rest.get(..host_end).and_then(|host| host.rfind('@')).map_or(0, |at| at + 1);
    format!("{scheme}://{}", rest.get(host..).unwrap_or_default())
}

/// Whether a ref is a whole object id, of SHA-1 or SHA-256.
fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a version has three numbers, so that it names one release.
fn is_full_version(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.');
    let three =
        numbers.by_ref().take(3).filter(|number| number.parse::<u64>().is_ok()).count() == 3;
    three && numbers.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str, trusted: &[&str]) -> Vec<String> {
        let trusted = trusted.iter().map(|name| (*name).to_owned()).collect();
        let check = UnpinnedAction::try_from(Own { trusted }).unwrap();
        let found = check.file(&RepoPath::from(path), text.as_bytes());
        found.into_iter().map(|(range, _)| text[range].to_owned()).collect()
    }

    #[test]
    fn a_trusted_owner_may_move_its_actions() {
        let text = "steps:\n  - uses: actions/cache/restore@v4\n  - uses: other/cache@v4\n";
        assert_eq!(messages("action.yml", text, &["actions/*"]), ["other/cache@v4"]);
    }

    #[test]
    fn an_input_named_uses_is_no_step() {
        let text = "steps:\n  - uses: ./a\n    with:\n      uses: b/c@v1\n";
        assert!(messages("action.yml", text, &[]).is_empty());
    }

    #[test]
    fn an_anchor_is_reported_where_it_is_written() {
        let text = "x: &step\n  uses: a/b@main\njobs:\n  j:\n    steps:\n      - *step\n";
        assert_eq!(messages(".github/workflows/a.yml", text, &[]), ["a/b@main"]);
    }

    #[test]
    fn a_template_is_read_by_lines() {
        let text = "{% if x %}\n      - uses: a/b@main # why\n      uses: './c'\n{% endif %}\n";
        assert_eq!(messages(".github/workflows/a.yml", text, &[]), ["a/b@main"]);
    }

    #[test]
    fn an_address_loses_its_credentials() {
        assert_eq!(without_credentials("https://a:b@c/d@e"), "https://c/d@e");
    }
}
