//! One rule, ready to be searched for.

use super::SecretsError;
use super::boundary::{begins_at, is_whole};
use super::context::in_hash_context;
use super::value::{entropy, is_made_up, is_wordy};
use super::verify::{Doubt, Facts, Found, Verdict, is_published, verify};
use crate::finding::{Action, Confidence, RepoPath, Severity};
use crate::rule::{Beginning, Boundary, Effort, Paths, Pattern, Provenance, SecretRule};
use jiff::civil::Date;
use regex_automata::Input;
use regex_automata::util::captures::Captures;
use std::ops::Range;
use std::sync::OnceLock;

/// How many matches before a secret are passed over in search of its own.
const TRIES: usize = 64;

/// A rule with its pattern and its paths read.
pub(super) struct Matcher {
    pub(super) rule: SecretRule,
    /// Apart from the rule, as most are never read.
    pattern: OnceLock<Box<Pattern>>,
    /// What its matches begin with, if that is a keyword.
    beginning: OnceLock<Option<Beginning>>,
    paths: OnceLock<Paths>,
    /// The day on which is looked, by which secrets may have expired.
    pub(super) today: Option<Date>,
}

/// Where a rule matched. The value stays where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// The rule's number.
    pub(super) rule: usize,
    /// Where the secret is.
    pub(super) secret: Range<usize>,
    /// Where the public half of a pair is.
    pub(super) id: Option<Range<usize>>,
    /// How sure we are after all checks.
    pub(super) confidence: Confidence,
    /// What speaks against it, if something does.
    pub(super) doubt: Option<Doubt>,
    /// What else is known of it.
    pub(super) facts: Facts,
    /// Whether it gives way to others on the same bytes.
    pub(super) rank: Rank,
    /// What it asks of the gate.
    pub(super) action: Action,
}

/// How much a rule knows about what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What its kind of secret looks like.
    Specific,
    /// Only what a name says of it.
    Generic,
}

impl Match {
    /// Whether its own checksum says that nobody issued it.
    pub(super) fn is_refuted(&self) -> bool {
        self.doubt == Some(Doubt::Checksum)
    }

    /// How bad its leak is, of a secret that `rule` found.
    pub(super) fn severity(&self, rule: &SecretRule) -> Severity {
        self.facts.at_most.map_or(rule.severity, |most| most.min(rule.severity))
    }

    /// What speaks against it or is known of it, as the end of a message.
    pub(super) fn remark(&self) -> String {
        let doubt = self.doubt.map(|doubt| doubt.to_string());
        let remark = doubt.or_else(|| self.facts.detail.clone());
        remark.map(|remark| format!(" ({remark})")).unwrap_or_default()
    }

    /// The ranges on which no other match is reported.
    pub(super) fn claims(&self) -> impl Iterator<Item = &Range<usize>> {
        std::iter::once(&self.secret).chain(&self.id)
    }
}

impl Matcher {
    /// Reads the pattern and the paths of a rule.
    pub(super) fn new(rule: SecretRule) -> Result<Self, SecretsError> {
        let id = || rule.id.clone();
        let everywhere = rule.keywords.is_empty() && rule.paths.is_empty();
        if everywhere || rule.keywords.iter().any(String::is_empty) {
            return Err(SecretsError::Unreachable(id()));
        }
        let (pattern, beginning, paths) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let matcher = Self { rule, pattern, beginning, paths, today: None };
        if matcher.rule.provenance == Provenance::Project {
            matcher.read()?;
        }
        Ok(matcher)
    }

    /// Reads the pattern and the paths now: whoever wrote the rule learns what is wrong with them.
    fn read(&self) -> Result<(), SecretsError> {
        let rule = || self.rule.id.clone();
        if self.rule.assigned.is_none() {
            let pattern = Pattern::parse(&self.rule.pattern);
            let pattern =
                pattern.map_err(|source| SecretsError::Pattern { rule: rule(), source })?;
            self.pattern.get_or_init(|| Box::new(pattern));
        }
        let paths = Paths::new(&self.rule.paths);
        let paths = paths.map_err(|source| SecretsError::Paths { rule: rule(), source })?;
        self.paths.get_or_init(|| paths);
        Ok(())
    }

    /// The pattern, read when first asked for: of hundreds of rules most never see their keyword.
    /// `None` for a rule that [`super::generic`] runs.
    #[expect(clippy::expect_used, reason = "tests hold it of what is embedded; the rest was read")]
    pub(super) fn pattern(&self) -> Option<&Pattern> {
        let parse = || Box::new(Pattern::read(&self.rule.pattern).expect("the rule was checked"));
        self.rule.assigned.is_none().then(|| &**self.pattern.get_or_init(parse))
    }

    #[expect(clippy::expect_used, reason = "tests hold it of what is embedded; the rest was read")]
    fn paths(&self) -> &Paths {
        self.paths.get_or_init(|| Paths::new(&self.rule.paths).expect("the rule was checked"))
    }

    /// How many bytes a match can have at most; a rule that looks for names wants to know of nothing
    /// but where its keywords are.
    pub(super) fn reach(&self) -> usize {
        self.pattern().map_or(0, Pattern::longest)
    }

    /// What all matches begin with, if that is a keyword.
    fn beginning(&self, pattern: &Pattern) -> Option<&Beginning> {
        self.beginning.get_or_init(|| pattern.beginning(&self.rule.keywords)).as_ref()
    }

    /// Whether there can be a match that has the keyword at `hit`. Where all begin with a keyword, the next
    /// bytes ([`Beginning::LONGEST`]) tell of most that they begin none.
    pub(super) fn may_match_at(&self, bytes: &[u8], hit: &Range<usize>) -> bool {
        let beginning = self.pattern().and_then(|pattern| self.beginning(pattern));
        beginning.is_none_or(|it| bytes.get(hit.start..).is_some_and(|rest| it.fits(rest)))
    }

    /// The range that holds every match that has the keyword at `hit`, if there can be one. Where all
    /// begin with a keyword, nothing before it is searched.
    pub(super) fn window(&self, bytes: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
        let Some(pattern) = self.pattern() else { return Some(hit.clone()) };
        if !self.may_match_at(bytes, hit) {
            return None;
        }
        let before = self.beginning(pattern).map_or_else(|| pattern.longest(), |_| 0);
        let start = hit.end.saturating_sub(before).min(hit.start);
        let end = hit.start.saturating_add(pattern.longest()).min(bytes.len());
        Some(pattern.confine(bytes, hit, start..end.max(hit.end)))
    }

    /// Whether its match may hold the byte that parts folders.
    pub(super) fn crosses_folders(&self) -> bool {
        self.pattern().is_some_and(|pattern| pattern.spans(b'/'))
    }

    /// Whether the rule is for files of this path.
    pub(super) fn claims(&self, path: &RepoPath) -> bool {
        self.rule.paths.is_empty() || self.paths().accepts(path)
    }

    /// Whether the rule is tried on every byte of the files it is for.
    pub(super) fn reads_whole_files(&self) -> bool {
        self.rule.assigned.is_none() && self.rule.keywords.is_empty()
    }

    /// Every match in `window`; `number` is the rule's. Look-around sees what is outside the window.
    pub(super) fn search(&self, number: usize, bytes: &[u8], window: Range<usize>) -> Vec<Match> {
        let mut matches = Vec::new();
        self.each(bytes, window, Effort::Quick, |_, secret, id| {
            matches.extend(self.judge(number, bytes, secret, id));
        });
        matches
    }

    /// All that the pattern matches in `window`, and the secret in it, judged by its value alone.
    pub(super) fn likely(
        &self,
        bytes: &[u8],
        window: Range<usize>,
        effort: Effort,
    ) -> Vec<(Range<usize>, Range<usize>)> {
        let mut matches = Vec::new();
        self.each(bytes, window, effort, |whole, secret, _| {
            let value = bytes.get(secret.clone()).unwrap_or_default();
            let checked = self.rule.check.is_some();
            if !is_published(value) && (checked || self.looks_issued(value)) {
                matches.push((whole, secret));
            }
        });
        matches
    }

    /// Calls `take` with every match, its secret and its public half.
    fn each(
        &self,
        bytes: &[u8],
        window: Range<usize>,
        effort: Effort,
        mut take: impl FnMut(Range<usize>, Range<usize>, Option<Range<usize>>),
    ) {
        let Some(pattern) = self.pattern() else { return };
        if bytes.get(window.clone()).is_some_and(|text| !pattern.needed().is_in(text)) {
            return;
        }
        let regex = pattern.regex(window.len(), effort);
        let mut captures = None;
        let mut at = window.start;
        while at < window.end {
            let input = Input::new(bytes).span(at..window.end);
            // Most windows have no match, and to have room for groups costs more than to see that.
            if regex.search_half(&input).is_none() {
                break;
            }
            let captures = captures.get_or_insert_with(|| regex.create_captures());
            regex.search_captures(&input, captures);
            let Some((whole, secret)) = secret_of(pattern, captures) else {
                break;
            };
            if self.rule.boundary == Boundary::Token && !is_whole(pattern, bytes, &secret) {
                at = next_start(bytes, whole.start, &secret, window.end);
                continue;
            }
            at = secret.end.max(whole.start + 1);
            let id = pattern.id_group().and_then(|group| captures.get_group(group));
            let id = id.map(|span| span.start..span.end);
            take(whole, secret, id);
        }
    }

    /// All that the pattern matches around a secret of its own; the secret where it is no longer found.
    pub(super) fn whole(&self, bytes: &[u8], secret: &Range<usize>) -> Range<usize> {
        let Some(pattern) = self.pattern() else {
            return secret.clone();
        };
        let end = secret.end.saturating_add(self.reach()).min(bytes.len());
        let mut at = secret.end.saturating_sub(self.reach());
        let regex = pattern.regex(end - at, Effort::Quick);
        let mut captures = regex.create_captures();
        for _ in 0..TRIES {
            regex.search_captures(&Input::new(bytes).span(at..end), &mut captures);
            let (Some(whole), Some((_, own))) =
                (captures.get_match(), secret_of(pattern, &captures))
            else {
                break;
            };
            if own == *secret {
                return whole.range();
            }
            at = whole.start() + 1;
        }
        secret.clone()
    }

    /// What remains of a match once the value has been looked at.
    fn judge(
        &self,
        rule: usize,
        bytes: &[u8],
        secret: Range<usize>,
        id: Option<Range<usize>>,
    ) -> Option<Match> {
        let found = Found { bytes, secret: &secret, id: id.as_ref(), today: self.today };
        let value = found.value();
        let hash = self.pattern().is_some_and(Pattern::is_plain) && in_hash_context(bytes, &secret);
        if hash || is_published(value) {
            return None;
        }
        let verdict = self.rule.check.map(|check| verify(check, &found));
        let (confidence, doubt, facts) = match verdict {
            Some(Verdict::NoSecret) => return None,
            Some(Verdict::Doubtful(doubt)) => (Confidence::Low, Some(doubt), Facts::default()),
            Some(Verdict::Holds) => return Some(self.sure(rule, secret, id, Facts::default())),
            Some(Verdict::HoldsWith(facts)) => return Some(self.sure(rule, secret, id, facts)),
            Some(Verdict::Open(facts)) => (self.rule.confidence, None, facts),
            None => (self.rule.confidence, None, Facts::default()),
        };
        let real = self.looks_issued(value);
        let (rank, action) = (Rank::Specific, self.rule.action);
        real.then_some(Match { rule, secret, id, confidence, doubt, facts, rank, action })
    }

    /// A match that its check proved, however its value looks.
    fn sure(
        &self,
        rule: usize,
        secret: Range<usize>,
        id: Option<Range<usize>>,
        facts: Facts,
    ) -> Match {
        let (confidence, action) = (self.rule.confidence, self.rule.action);
        Match { rule, secret, id, confidence, doubt: None, facts, rank: Rank::Specific, action }
    }

    /// Whether the value is of characters among which words of lower-case letters mean nothing.
    fn is_mixed(&self) -> bool {
        self.pattern().is_some_and(|pattern| pattern.may_hold(b"0123456789"))
    }

    fn looks_issued(&self, value: &[u8]) -> bool {
        let body = value.strip_prefix(self.rule.public_prefix.as_bytes()).unwrap_or(value);
        let random = self.rule.min_entropy.is_none_or(|least| entropy(body) >= least);
        random && !is_made_up(body) && !(self.is_mixed() && is_wordy(body))
    }
}

fn secret_of(pattern: &Pattern, captures: &Captures) -> Option<(Range<usize>, Range<usize>)> {
    let whole = captures.get_match()?;
    let secret = captures.get_group(pattern.secret_group())?;
    Some((whole.range(), secret.start..secret.end))
}

/// Where the search goes on after a match that is only a piece of something longer: where the match
/// began with its secret, at the next place before `end` where a token can begin.
fn next_start(bytes: &[u8], start: usize, secret: &Range<usize>, end: usize) -> usize {
    if start < secret.start {
        return start + 1;
    }
    (start + 1..end).find(|at| begins_at(bytes, *at)).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_goes_on_where_a_token_may_begin_and_within_its_window() {
        assert_eq!(next_start(b"abcdef ghi", 0, &(0..3), 10), 6);
        assert_eq!(next_start(b"abcdef ghi", 0, &(2..3), 10), 1);
        assert_eq!(next_start(b"abcdef ghi", 0, &(0..3), 5), 5);
    }
}
