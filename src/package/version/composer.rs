//! Composer's versions: normalised as its `VersionParser` does it and then ordered as PHP's
//! `version_compare` orders what comes out (<https://getcomposer.org/doc/articles/versions.md>).
//!
//! `dev-` branches are before every release, whatever they hold.

use super::natural::Natural;

/// A version's place in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ComposerVersion {
    Branch(Box<str>),
    Release {
        release: Vec<Natural>,
        stability: Stability,
        number: Vec<Natural>,
        snapshot: Snapshot,
    },
}

// The order of variants is the order of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stability {
    Dev,
    Alpha,
    Beta,
    Candidate,
    Stable,
    Patch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Snapshot {
    Dev,
    No,
}

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<ComposerVersion> {
    let text = text.trim_ascii().to_ascii_lowercase();
    if let Some(branch) = text.strip_prefix("dev-").filter(|branch| !branch.is_empty()) {
        return Some(ComposerVersion::Branch(branch.into()));
    }
    let text = text.split('+').next()?;
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, snapshot) = match text.strip_suffix("dev") {
        Some(rest) => (rest.strip_suffix(['.', '-']).unwrap_or(rest), Snapshot::Dev),
        None => (text, Snapshot::No),
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (release, rest) = text.split_at_checked(end)?;
    let (stability, number) = modifier(rest)?;
    let release = release.strip_suffix('.').filter(|_| !rest.is_empty()).unwrap_or(release);
    let mut release = release.split('.').map(Natural::read).collect::<Option<Vec<_>>>()?;
    if release.len() > 4 {
        return None;
    }
    release.resize_with(4, Natural::zero);
    let (stability, snapshot) = match (stability, snapshot) {
        (Stability::Stable, Snapshot::Dev) => (Stability::Dev, Snapshot::No),
        other => other,
    };
    Some(ComposerVersion::Release { release, stability, number, snapshot })
}

fn modifier(text: &str) -> Option<(Stability, Vec<Natural>)> {
    let text = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, number) = text.split_at_checked(end)?;
    let stability = match word {
        "" | "stable" => Stability::Stable,
        "a" | "alpha" => Stability::Alpha,
        "b" | "beta" => Stability::Beta,
        "rc" => Stability::Candidate,
        "pl" | "p" | "patch" => Stability::Patch,
        _ => return None,
    };
    if number.is_empty() {
        return Some((stability, Vec::new()));
    }
    let number = number.strip_prefix(['.', '-']).unwrap_or(number);
    Some((stability, number.split(['.', '-']).map(Natural::read).collect::<Option<_>>()?))
}
