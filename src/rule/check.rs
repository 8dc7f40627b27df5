//! What is wrong with a set of secret rules, as data: `rules check` prints it, a test asserts that
//! the embedded rules have nothing wrong with them.
//!
//! Examples run through the real detector, which is a parameter: rules do not know who runs them.

use super::generator::{Expansion, GeneratorError, expand};
use super::{HasId, Pattern, PatternError, SecretRule, ValidateDefect};
use crate::finding::{RepoPath, RuleId};
use std::collections::BTreeSet;
use std::ops::Range;

/// How every id of a secret rule begins.
const FOLDER: &str = "secret/";

/// The detector: which rules find a secret in a text, and where the secret is.
pub type Detect<'a> = dyn Fn(&RepoPath, &[u8]) -> Vec<(RuleId, Range<usize>)> + 'a;

/// Something wrong with one rule.
#[derive(Debug, thiserror::Error)]
#[error("{rule}: {defect}")]
pub struct Problem {
    /// The rule.
    pub rule: RuleId,
    /// What is wrong with it.
    pub defect: Defect,
}

/// What can be wrong with a rule. Examples are named as they are written, not as they expand.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Defect {
    /// Another rule has the same id.
    #[error("another rule has this id")]
    Duplicate,
    /// The id does not say that it is a secret's.
    #[error("the id of a secret rule begins with {FOLDER:?}")]
    Folder,
    /// The pattern cannot be searched for.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// Nothing would ever lead to the pattern being tried.
    #[error("it needs a keyword of at least three characters, or paths to be confined to")]
    Keywords,
    /// Too little proof that it finds what it should, and only that.
    #[error("it needs at least two `matches` and one of `ignores`")]
    Examples,
    /// An example cannot be expanded.
    #[error(transparent)]
    Generator(#[from] GeneratorError),
    /// The rule does not find what it says it finds.
    #[error("it does not find {0:?}")]
    Missed(String),
    /// Another rule finds something in the example as well.
    #[error("{1} finds something in {0:?} too")]
    Shared(String, RuleId),
    /// What it finds is part of a generated secret.
    #[error("it finds only part of the secret in {0:?}")]
    Cut(String),
    /// The rule finds what it says it ignores.
    #[error("it finds {0:?}, which it should ignore")]
    FalseAlarm(String),
    /// The pattern matches, but no keyword would lead to it.
    #[error("no keyword of it occurs in {0:?}")]
    NoKeyword(String),
    /// Nobody learns why it matters or what to do.
    #[error("`{0}` is empty")]
    Unexplained(&'static str),
    /// Its issuer cannot be asked as it says.
    #[error(transparent)]
    Validate(#[from] ValidateDefect),
}

/// Everything that is wrong with `rules`, in their order.
pub fn check(rules: &[SecretRule], detect: &Detect<'_>) -> Vec<Problem> {
    let mut ids = BTreeSet::new();
    let problems = rules.iter().flat_map(|rule| {
        let mut defects = statement(rule);
        if !ids.insert(&rule.id) {
            defects.push(Defect::Duplicate);
        }
        defects.extend(rule.matches.iter().flat_map(|example| matched(rule, example, detect)));
        defects.extend(rule.ignores.iter().filter_map(|example| ignored(rule, example, detect)));
        defects.into_iter().map(|defect| Problem { rule: rule.id.clone(), defect })
    });
    problems.collect()
}

/// What is wrong with what the rule says, before it is run.
fn statement(rule: &SecretRule) -> Vec<Defect> {
    let reachable = rule.keywords.iter().all(|keyword| keyword.len() >= 3)
        && !(rule.keywords.is_empty() && rule.paths.is_empty());
    let explained = [("title", &rule.title), ("why", &rule.why), ("fix", &rule.fix)];
    let unexplained = explained.into_iter().filter(|(_, text)| text.trim().is_empty());
    let conditions = [
        (rule.id.as_str().starts_with(FOLDER), Defect::Folder),
        (reachable, Defect::Keywords),
        (rule.matches.len() >= 2 && !rule.ignores.is_empty(), Defect::Examples),
    ];
    let failed = conditions.into_iter().filter(|(holds, _)| !holds).map(|(_, defect)| defect);
    let mut defects: Vec<_> = failed.collect();
    // A rule that is looked for by names has no pattern to be wrong.
    let pattern = rule.assigned.is_none().then(|| Pattern::parse(&rule.pattern)).transpose();
    let pair = matches!(&pattern, Ok(Some(pattern)) if pattern.id_group().is_some());
    let has_id = if pair { HasId::Yes } else { HasId::No };
    let wrong = pattern.err().filter(|_| rule.assigned.is_none());
    defects.extend(wrong.map(Defect::Pattern));
    defects.extend(unexplained.map(|(field, _)| Defect::Unexplained(field)));
    let request = rule.validate.iter().flat_map(|table| table.defects(has_id));
    defects.extend(request.map(Defect::Validate));
    defects
}

/// What is wrong with an example that the rule must find.
fn matched(rule: &SecretRule, example: &str, detect: &Detect<'_>) -> Vec<Defect> {
    let expansion = match expand(example) {
        Ok(expansion) => expansion,
        Err(error) => return vec![Defect::Generator(error)],
    };
    let found = detect(&example_path(rule), expansion.text.as_bytes());
    let mut defects = Vec::new();
    if !has_keyword(rule, &expansion.text) {
        defects.push(Defect::NoKeyword(example.to_owned()));
    }
    let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(id, _)| *id == rule.id);
    if own.is_empty() {
        defects.push(Defect::Missed(example.to_owned()));
    }
    if own.iter().any(|(_, secret)| cuts(&expansion, secret)) {
        defects.push(Defect::Cut(example.to_owned()));
    }
    defects.extend(others.into_iter().map(|(id, _)| Defect::Shared(example.to_owned(), id)));
    defects
}

/// What is wrong with an example that the rule must not find.
fn ignored(rule: &SecretRule, example: &str, detect: &Detect<'_>) -> Option<Defect> {
    match expand(example) {
        Err(error) => Some(Defect::Generator(error)),
        Ok(expansion) => detect(&example_path(rule), expansion.text.as_bytes())
            .iter()
            .any(|(id, _)| *id == rule.id)
            .then(|| Defect::FalseAlarm(example.to_owned())),
    }
}

fn has_keyword(rule: &SecretRule, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    rule.keywords.is_empty()
        || rule.keywords.iter().any(|keyword| text.contains(&keyword.to_ascii_lowercase()))
}

/// Whether a secret begins or ends in the middle of generated characters.
fn cuts(expansion: &Expansion, secret: &Range<usize>) -> bool {
    let inside = |piece: &Range<usize>, at: usize| piece.start < at && at < piece.end;
    expansion.generated.iter().any(|piece| inside(piece, secret.start) || inside(piece, secret.end))
}

/// A path that the rule's first path pattern accepts.
pub fn example_path(rule: &SecretRule) -> RepoPath {
    let pattern = rule.paths.first().map_or("example.txt", String::as_str);
    RepoPath::from(pattern.replace("**/", "").replace('*', "example").as_str())
}
