//! Composer's versions: normalised as its `VersionParser` does it and then ordered as PHP's
//! `version_compare` orders what comes out (<https://getcomposer.org/doc/articles/versions.md>).
//!
//! `dev-` branches are before every release, whatever they hold. A version that Composer could not
//! normalise is ordered by `version_compare` as it stands.

use super::natural::Natural;
use std::cmp::Ordering;

/// A version's place in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ComposerVersion {
    Branch(Box<str>),
    Release(Tokens),
}

/// Numbers and words, which compare as if [`Token::End`] followed for ever.
#[derive(Debug, Clone)]
pub(super) struct Tokens(Vec<Token>);

// The order of variants is the order of versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Unknown,
    Dev,
    Alpha,
    Beta,
    Candidate,
    End,
    Number(Natural),
    Patch,
}

/// What stands for `x` in `1.2.x-dev`.
const ANY: &str = "9999999";

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<ComposerVersion> {
    let text = without_remarks(text.trim_ascii());
    if matches!(text, "master" | "trunk" | "default") {
        return Some(ComposerVersion::Branch(text.into()));
    }
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("dev-")) {
        let branch = text.get(4..).filter(|branch| !branch.is_empty())?;
        return Some(ComposerVersion::Branch(branch.into()));
    }
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let tokens = classical(text).or_else(|| numeric_branch(text)).or_else(|| raw(text))?;
    Some(ComposerVersion::Release(Tokens(tokens)))
}

impl ComposerVersion {
    pub(super) fn is_prerelease(&self) -> bool {
        match self {
            Self::Branch(_) => true,
            Self::Release(Tokens(tokens)) => tokens.iter().any(|token| *token < Token::End),
        }
    }
}

/// Without `as 1.0` and `@beta`, which say how a version is to be taken.
fn without_remarks(text: &str) -> &str {
    let text = text.split_once(" as ").map_or(text, |(version, _)| version.trim_ascii_end());
    let flags = ["stable", "rc", "beta", "alpha", "dev"];
    let flag = |flag: &str| flags.iter().any(|known| known.eq_ignore_ascii_case(flag));
    text.rsplit_once('@').filter(|(_, after)| flag(after)).map_or(text, |(version, _)| version)
}

/// One to four numbers, filled up to four, and what Composer knows of stability.
fn classical(text: &str) -> Option<Vec<Token>> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (release, rest) = text.split_at_checked(end)?;
    let (release, rest) = match release.strip_suffix('.') {
        Some(release) => (release, rest),
        None => (release, rest.strip_prefix(['_', '-']).unwrap_or(rest)),
    };
    let numbers: Vec<_> = release.split('.').collect();
    if numbers.len() > 4 || numbers.first().is_none_or(|first| first.len() > 5) {
        return None;
    }
    let zeros = std::iter::repeat_n("0", 4_usize.saturating_sub(numbers.len()));
    let numbers = numbers.into_iter().chain(zeros).map(Natural::read);
    let mut tokens = numbers.map(|n| n.map(Token::Number)).collect::<Option<Vec<_>>>()?;
    tokens.extend(modifiers(rest)?);
    Some(tokens)
}

/// The stability with its number, and `dev`.
fn modifiers(text: &str) -> Option<Vec<Token>> {
    let (text, dev) = match text.strip_suffix("dev") {
        Some(rest) => (rest.strip_suffix(['.', '-']).unwrap_or(rest), Some(Token::Dev)),
        None => (text, None),
    };
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, numbers) = text.split_at_checked(end)?;
    let stability = match word {
        "a" | "alpha" => Token::Alpha,
        "b" | "beta" => Token::Beta,
        "rc" => Token::Candidate,
        "pl" | "p" | "patch" => Token::Patch,
        "stable" => return numbers_after(numbers).map(|_| Vec::new()),
        "" if numbers.is_empty() => return Some(dev.into_iter().collect()),
        _ => return None,
    };
    let numbers = numbers_after(numbers)?;
    Some([stability].into_iter().chain(numbers).chain(dev).collect())
}

fn numbers_after(text: &str) -> Option<Vec<Token>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let text = text.strip_prefix(['.', '-']).unwrap_or(text);
    text.split(['.', '-']).map(|part| Natural::read(part).map(Token::Number)).collect()
}

/// `1.2.x-dev`, which is after every release of 1.2.
fn numeric_branch(text: &str) -> Option<Vec<Token>> {
    let branch = text.strip_suffix("dev")?;
    let branch = branch.strip_suffix(['.', '-']).unwrap_or(branch);
    let parts: Vec<_> = branch.split('.').collect();
    let filled = std::iter::repeat_n("x", 4_usize.checked_sub(parts.len())?);
    Natural::read(parts.first()?)?;
    let read = |part| Natural::read(if matches!(part, "x" | "*") { ANY } else { part });
    let numbers = parts.into_iter().chain(filled).map(|part| read(part).map(Token::Number));
    numbers.chain([Some(Token::Dev)]).collect()
}

/// Numbers and words as they stand; a version begins with a number.
fn raw(text: &str) -> Option<Vec<Token>> {
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'~');
    if !text.starts_with(|c: char| c.is_ascii_digit()) || !text.bytes().all(allowed) {
        return None;
    }
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    let runs = parts
        .flat_map(|part| part.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()));
    let runs = runs.filter_map(|run| std::str::from_utf8(run).ok()).filter(|run| *run != "stable");
    Some(runs.map(Token::read).collect())
}

impl Token {
    /// Reads a number, or a word by how it begins, as PHP does.
    fn read(text: &str) -> Self {
        if let Some(number) = Natural::read(text) {
            return Self::Number(number);
        }
        let known = [
            ("dev", Self::Dev),
            ("a", Self::Alpha),
            ("b", Self::Beta),
            ("rc", Self::Candidate),
            ("p", Self::Patch),
        ];
        let found = known.into_iter().find(|(start, _)| text.starts_with(start));
        found.map_or(Self::Unknown, |(_, token)| token)
    }
}

impl Ord for Tokens {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let at = |tokens: &Self, at| tokens.0.get(at).cloned().unwrap_or(Token::End);
        let orders = (0..length).map(|index| at(self, index).cmp(&at(other, index)));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Tokens {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Tokens {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Tokens {}
