//! Python's specifiers, PEP 440 through the `pep440_rs` crate, and Poetry's carets, tildes and bare
//! versions (<https://python-poetry.org/docs/dependency-specification/>), which it keeps in its
//! lockfiles.

use super::partial::Partial;
use pep440_rs::{Version, VersionSpecifiers};
use std::str::FromStr as _;

/// Specifiers of which one set is to hold.
pub(super) type Alternatives = Vec<VersionSpecifiers>;

/// Reads specifiers; what stands after a semicolon says when they count.
pub(super) fn parse(text: &str) -> Option<Alternatives> {
    let text = text.split(';').next().unwrap_or(text).trim();
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let text = inner.unwrap_or(text).replace("||", "|");
    text.split('|').map(|set| specifiers(set.trim())).collect()
}

/// Whether a version is in one of the sets.
pub(super) fn allows(alternatives: &Alternatives, version: &str) -> Option<bool> {
    let version = Version::from_str(version.trim()).ok()?;
    Some(alternatives.iter().any(|specifiers| specifiers.contains(&version)))
}

fn specifiers(text: &str) -> Option<VersionSpecifiers> {
    let parts = text.split(',').map(|part| specifier(part.trim()));
    let parts = parts.collect::<Option<Vec<_>>>()?;
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    VersionSpecifiers::from_str(&parts.join(",")).ok()
}

/// One specifier as PEP 440 writes it; nothing, where every version will do.
fn specifier(text: &str) -> Option<String> {
    if text.is_empty() || text == "*" {
        return Some(String::new());
    }
    if let Some(rest) = text.strip_prefix('^') {
        let version = Partial::read(4, rest.trim())?;
        return grown(&version, version.leading()?);
    }
    if let Some(rest) = text.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        let version = Partial::read(4, rest.trim())?;
        return grown(&version, version.len().checked_sub(1)?.min(1));
    }
    let bare = text.starts_with(|first: char| first.is_ascii_digit());
    Some(if bare { format!("=={text}") } else { text.to_owned() })
}

fn grown(version: &Partial<'_>, place: usize) -> Option<String> {
    Some(format!(">={},<{}", version.lowest(), version.after(place)?))
}
