//! The order of Semantic Versioning 2.0.0 (<https://semver.org/#spec-item-11>), which many
//! ecosystems share.
//!
//! Build metadata is checked and forgotten, so that equality agrees with the order; schemes that
//! order it keep a [`Build`] beside. Components that are left out count as zero.

use super::natural::Natural;

/// A version's place in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Precedence {
    /// Without zeros at the end, so that those that are left out do not count.
    release: Vec<Natural>,
    stage: Stage,
}

/// Build metadata, for the schemes that order it: none is before any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Build(Vec<Identifier>);

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
    /// Reads a version of which the caller has told the parts apart, of three components at most.
    pub(super) fn read(release: &str, pre: Option<&str>, build: Option<&str>) -> Option<Self> {
        Self::read_longer(3, release, pre, build)
    }

    /// The same with another number of components.
    pub(super) fn read_longer(
        most: usize,
        release: &str,
        pre: Option<&str>,
        build: Option<&str>,
    ) -> Option<Self> {
        let mut release = release.split('.').map(Natural::read).collect::<Option<Vec<_>>>()?;
        if release.len() > most {
            return None;
        }
        while release.pop_if(|number| number.is_zero()).is_some() {}
        build.map_or(Some(Vec::new()), identifiers)?;
        let stage = pre.map_or(Some(Stage::Release), |pre| identifiers(pre).map(Stage::Pre))?;
        Some(Self { release, stage })
    }

    /// Whether something stands after the hyphen.
    pub(super) fn is_prerelease(&self) -> bool {
        matches!(self.stage, Stage::Pre(_))
    }

    /// Reads a release and puts it before all of its prereleases.
    pub(super) fn read_first(release: &str) -> Option<Self> {
        let Self { release, .. } = Self::read(release, None, None)?;
        Some(Self { release, stage: Stage::Pre(Vec::new()) })
    }
}

impl Build {
    /// Reads what stands after the `+`.
    pub(super) fn read(build: Option<&str>) -> Option<Self> {
        build.map_or(Some(Vec::new()), identifiers).map(Self)
    }
}

fn identifiers(text: &str) -> Option<Vec<Identifier>> {
    text.split('.').map(Identifier::read).collect()
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

/// Splits a version into what comes before the first hyphen, the prerelease after it, and the build
/// metadata after the first `+`.
pub(super) fn split(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (version, build) = split_build(text);
    let (release, pre) =
        version.split_once('-').map_or((version, None), |(release, pre)| (release, Some(pre)));
    (release, pre, build)
}

/// Splits a version at the first `+`: what comes before, and the build metadata after it.
pub(super) fn split_build(text: &str) -> (&str, Option<&str>) {
    text.split_once('+').map_or((text, None), |(version, build)| (version, Some(build)))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
