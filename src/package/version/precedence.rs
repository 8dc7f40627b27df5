//! The order of Semantic Versioning 2.0.0 (<https://semver.org/#spec-item-11>), which npm and Go
//! share.
//!
//! Build metadata is checked and forgotten, so that equality agrees with the order. Components that
//! are left out count as zero.

use super::natural::Natural;

/// A version's place in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Precedence {
    release: [Natural; 3],
    stage: Stage,
}

// The order of variants is the order of versions, here and in `Identifier`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Pre(Vec<Identifier>),
    Release,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(Natural),
    Word(Box<str>),
}

impl Precedence {
    /// Reads a version of which the caller has told the parts apart.
    pub(super) fn read(release: &str, pre: Option<&str>, build: Option<&str>) -> Option<Self> {
        let mut parts = release.split('.');
        let major = Natural::read(parts.next()?)?;
        let minor = component(parts.next())?;
        let patch = component(parts.next())?;
        if parts.next().is_some() || !build.is_none_or(|build| build.split('.').all(is_identifier))
        {
            return None;
        }
        let stage = pre.map_or(Some(Stage::Release), |pre| {
            pre.split('.').map(Identifier::read).collect::<Option<_>>().map(Stage::Pre)
        })?;
        Some(Self { release: [major, minor, patch], stage })
    }
}

impl Identifier {
    fn read(text: &str) -> Option<Self> {
        if !is_identifier(text) {
            return None;
        }
        let number = Natural::read(text).map(Self::Number);
        Some(number.unwrap_or_else(|| Self::Word(Box::from(text))))
    }
}

/// Splits a version at the first `+`: what comes before, and the build metadata after it.
pub(super) fn split_build(text: &str) -> (&str, Option<&str>) {
    text.split_once('+').map_or((text, None), |(version, build)| (version, Some(build)))
}

fn component(text: Option<&str>) -> Option<Natural> {
    text.map_or_else(|| Some(Natural::zero()), Natural::read)
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
