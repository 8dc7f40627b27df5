//! A rule's regular expression, understood before it is run: how long its match can get, which
//! characters its secret is made of, and that it can be compiled at all.
//!
//! The expression is parsed when a [`Pattern`] is made and compiled when it is first searched: of a
//! hundred rules, most never see their keyword. Expressions match bytes; `(?u)` asks for Unicode.

use super::beginning::Beginning;
use super::byte_set::ByteSet;
use super::needed::{Needed, says};
use regex_automata::meta::Regex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The longest match that a rule may have, in bytes.
pub const LONGEST: usize = 16 << 10;

/// The fewest characters of a fixed text by which a kind of secret is known.
const MARK: usize = 2;

/// The number of automaton states up to which an expression is known to fit [`SIZE_LIMIT`].
const SMALL: usize = 40_000;

/// How many bytes an expression is run over before it is compiled for more: about as many as are
/// searched in the time that this takes.
const FEW: usize = 4 << 10;

/// How many bytes are looked at on either side of a keyword for the end of its word: most addresses are
/// shorter, and a text of nothing but keywords is read as often for each.
const CONFINED: usize = 128;

/// The most memory that one compiled expression may take, in bytes.
const SIZE_LIMIT: usize = 32 << 20;

/// A regular expression that names a group `secret`.
pub struct Pattern {
    hir: Hir,
    /// Compiled so that it is soon ready.
    quick: OnceLock<Regex>,
    /// Compiled so that it is fast.
    compiled: OnceLock<Regex>,
    /// How many bytes were searched before it was.
    searched: AtomicUsize,
    longest: usize,
    charset: ByteSet,
    tail: ByteSet,
    needed: Needed,
    /// The bytes of a match, if no line end is one.
    confined: OnceLock<Option<ByteSet>>,
    secret: usize,
    id: Option<usize>,
    plain: bool,
}

/// What an expression is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A few words, and more if there is more: at first without the automata that have to be made
    /// backwards as well.
    Quick,
    /// Much, as is known from the start.
    Fast,
}

/// An expression that cannot serve as a rule's pattern.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It is no regular expression.
    #[error("the pattern is no regular expression: {0}")]
    Syntax(String),
    /// It does not say which part is the secret.
    #[error("the pattern names no group `secret`: write (?<secret>…) around the value")]
    NoSecret,
    /// It has no end, so no window is wide enough for it.
    #[error("the pattern can match without end: write {{m,n}} for *, + and {{m,}}")]
    Unbounded,
    /// Its match can be longer than any secret.
    #[error("the pattern can match {0} bytes: at most {LONGEST} are allowed")]
    TooLong(usize),
    /// It can match nothing at all, everywhere.
    #[error("the pattern can match the empty text")]
    Empty,
    /// Its automaton takes too much memory.
    #[error("the pattern takes more than {} MiB compiled", SIZE_LIMIT >> 20)]
    TooLarge,
}

impl Pattern {
    /// Reads an expression, and makes sure that it can be compiled.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        let pattern = Self::read(source)?;
        if states(&pattern.hir) > SMALL {
            let regex = compile(&pattern.hir, Effort::Fast)?;
            pattern.compiled.get_or_init(|| regex);
        }
        Ok(pattern)
    }

    /// Reads an expression that is known to compile: what is embedded is parsed by a test.
    pub fn read(source: &str) -> Result<Self, PatternError> {
        let mut parser = ParserBuilder::new();
        let hir = parser.unicode(false).utf8(false).build().parse(source);
        let hir = hir.map_err(|error| PatternError::Syntax(error.to_string()))?;
        let longest = hir.properties().maximum_len().ok_or(PatternError::Unbounded)?;
        if longest > LONGEST {
            return Err(PatternError::TooLong(longest));
        }
        if hir.properties().minimum_len() == Some(0) {
            return Err(PatternError::Empty);
        }
        let (secret, body) = group(&hir, "secret").ok_or(PatternError::NoSecret)?;
        let (charset, tail) = (classes(body), last(body));
        let needed = Needed::of(&hir, body);
        let id = group(&hir, "id").map(|(index, _)| index);
        let plain = !has_mark(body);
        let (quick, compiled) = (OnceLock::new(), OnceLock::new());
        let searched = AtomicUsize::new(0);
        Ok(Self {
            hir,
            quick,
            compiled,
            searched,
            longest,
            charset,
            tail,
            needed,
            confined: OnceLock::new(),
            secret,
            id,
            plain,
        })
    }

    /// The compiled expression, for a search of so many bytes.
    ///
    /// Most of the expressions that a run needs are run over a few words, where nothing is found:
    /// until there was more to search it is compiled for that, which takes half of the time.
    pub fn regex(&self, len: usize, effort: Effort) -> &Regex {
        let compiled = self.compiled.get();
        compiled.unwrap_or_else(|| {
            let searched = self.searched.fetch_add(len, Ordering::Relaxed).saturating_add(len);
            let few = effort == Effort::Quick && searched <= FEW;
            let (slot, effort) =
                if few { (&self.quick, effort) } else { (&self.compiled, Effort::Fast) };
            slot.get_or_init(|| self.compile(effort))
        })
    }

    #[expect(
        clippy::expect_used,
        reason = "what is not known to fit was compiled when parsed, once at least"
    )]
    fn compile(&self, effort: Effort) -> Regex {
        compile(&self.hir, effort).expect("a small expression compiles")
    }

    /// How many bytes a match can have at most.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The index of the group `secret`.
    pub fn secret_group(&self) -> usize {
        self.secret
    }

    /// The index of the group `id`: the public half of a credential that comes in two.
    pub fn id_group(&self) -> Option<usize> {
        self.id
    }

    /// Whether the secret would go on with this byte, so that a match before it is only the start
    /// of something longer.
    pub fn continues_with(&self, byte: u8) -> bool {
        self.tail.contains(byte)
    }

    /// Whether nothing in the value itself tells it from any other of its length and characters: a
    /// hash of that length fits as well.
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether a match can have this byte anywhere.
    pub fn spans(&self, byte: u8) -> bool {
        ByteSet::within(&self.hir).contains(byte)
    }

    /// What of a window around a part of a match can belong to that match: a token ends with its word.
    /// A side on which a hundred bytes do not end it stays as it is, and so does the window of what
    /// may reach over lines.
    pub fn confine(&self, text: &[u8], inner: &Range<usize>, window: Range<usize>) -> Range<usize> {
        let confined = || {
            let mut set = ByteSet::within(&self.hir);
            // Characters of several bytes are not told apart.
            set.extend(&(0x80..=u8::MAX).collect());
            (!set.contains(b'\n')).then_some(set)
        };
        let Some(set) = self.confined.get_or_init(confined) else { return window };
        let foreign = |byte: &u8| !set.contains(*byte);
        let before = text.get(window.start..inner.start).unwrap_or_default();
        let after = text.get(inner.end..window.end).unwrap_or_default();
        let before = before.iter().rev().take(CONFINED).position(foreign);
        let after = after.iter().take(CONFINED).position(foreign);
        let start = before.map_or(window.start, |length| inner.start - length);
        start..after.map_or(window.end, |length| inner.end + length)
    }

    /// Whether every match has these characters in a row.
    pub fn says(&self, word: &str) -> bool {
        says(&self.hir, word.as_bytes())
    }

    /// What every match begins with, if that is one of some words, whatever the case of their letters.
    pub fn beginning(&self, words: &[String]) -> Option<Beginning> {
        Beginning::of(&self.hir, words)
    }

    /// What stands in every text in which it matches.
    pub fn needed(&self) -> &Needed {
        &self.needed
    }

    /// Whether any of these bytes can stand in the variable part of the secret.
    pub fn may_hold(&self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| self.charset.contains(*byte))
    }
}

fn compile(hir: &Hir, effort: Effort) -> Result<Regex, PatternError> {
    let fast = effort == Effort::Fast;
    // A one-pass automaton finds groups sooner, once there is a match; most windows have none, and to
    // make it is a fifth of compiling.
    let config = Regex::config().nfa_size_limit(Some(SIZE_LIMIT)).utf8_empty(false).onepass(false);
    let config = config.hybrid(fast).dfa(fast).auto_prefilter(fast);
    let built = Regex::builder().configure(config).build_from_hir(hir);
    built.map_err(|_| PatternError::TooLarge)
}

/// The index and body of a named group.
fn group<'h>(hir: &'h Hir, name: &str) -> Option<(usize, &'h Hir)> {
    if let HirKind::Capture(capture) = hir.kind()
        && capture.name.as_deref() == Some(name)
    {
        return Some((usize::try_from(capture.index).ok()?, &capture.sub));
    }
    hir.kind().subs().iter().find_map(|sub| group(sub, name))
}

/// Whether a fixed text of some length is in every match: a prefix, or a mark in the middle.
fn has_mark(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.len() >= MARK,
        HirKind::Alternation(choices) => choices.iter().all(has_mark),
        HirKind::Repetition(repetition) => repetition.min > 0 && has_mark(&repetition.sub),
        HirKind::Capture(_) | HirKind::Concat(_) => hir.kind().subs().iter().any(has_mark),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => false,
    }
}

/// The members of all character classes.
fn classes(hir: &Hir) -> ByteSet {
    let mut set = ByteSet::empty();
    if let HirKind::Class(class) = hir.kind() {
        set.insert_class(class);
    }
    hir.kind().subs().iter().for_each(|sub| set.extend(&classes(sub)));
    set
}

/// The bytes with which a match can end.
fn last(hir: &Hir) -> ByteSet {
    let mut set = ByteSet::empty();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => {
            literal.0.last().copied().into_iter().for_each(|b| set.insert(b));
        }
        HirKind::Class(class) => set.insert_class(class),
        HirKind::Repetition(_) | HirKind::Capture(_) | HirKind::Alternation(_) => {
            hir.kind().subs().iter().for_each(|sub| set.extend(&last(sub)));
        }
        HirKind::Concat(parts) => {
            for part in parts.iter().rev() {
                set.extend(&last(part));
                if part.properties().minimum_len() != Some(0) {
                    break;
                }
            }
        }
    }
    set
}

/// An upper bound on the states of the automaton.
fn states(hir: &Hir) -> usize {
    let below = hir.kind().subs().iter().map(states).fold(0_usize, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len() * 16,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            below.saturating_add(2).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Capture(_) | HirKind::Concat(_) | HirKind::Alternation(_) => {
            below.saturating_add(hir.kind().subs().len()).saturating_add(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: &str) -> String {
        Pattern::parse(source).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_window_ends_with_the_word_that_a_keyword_is_in() {
        let confined = |source: &str, text: &str| {
            let hit = text.find("key").unwrap();
            let pattern = Pattern::read(source).unwrap();
            let window = pattern.confine(text.as_bytes(), &(hit..hit + 3), 0..text.len());
            text[window].to_owned()
        };
        let token = "(?<secret>[a-z]{0,9}key-[a-z0-9]{4,40})";
        assert_eq!(confined(token, "see a.bkey-ab12 key-cd34"), "bkey-ab12");
        assert_eq!(confined(token, "key"), "key");
        assert_eq!(confined(token, "(key)"), "key");
        let long = format!("key{}", "a".repeat(2 * CONFINED));
        assert_eq!(confined(token, &long), long);
        let lines = r"key\s{1,3}(?<secret>[a-z0-9]{4,40})";
        assert_eq!(confined(lines, "see (key ab12)"), "see (key ab12)");
    }

    #[test]
    fn a_pattern_says_how_far_it_reaches() {
        let pattern = Pattern::parse(r"key[ ]{0,3}=(?<secret>[a-z]{8,20}\d)").unwrap();
        assert_eq!(pattern.longest(), 3 + 3 + 1 + 20 + 1);
        assert!(pattern.continues_with(b'7') && !pattern.continues_with(b'a'));
    }

    #[test]
    fn a_value_is_plain_if_nothing_in_it_is_fixed() {
        let plain = |source: &str| Pattern::parse(source).unwrap().is_plain();
        assert!(plain("acme_key=(?<secret>[0-9a-f]{32})"));
        assert!(
            plain("(?<secret>[0-9a-f]{8}-[0-9a-f]{4})") && plain("(?<secret>x?[a-z]{9}={0,2})")
        );
        assert!(!plain("(?<secret>acme_[0-9a-f]{32})"));
        assert!(!plain("(?<secret>(?:ab_|cd_)[0-9]{4})") && !plain("(?<secret>[a-z]{4}-us[0-9])"));
    }

    #[test]
    fn an_optional_end_leaves_the_end_before_it_possible() {
        let pattern = Pattern::parse("(?<secret>[a-f]{4}={0,2})").unwrap();
        assert!(pattern.continues_with(b'a') && pattern.continues_with(b'='));
    }

    #[test]
    fn what_cannot_be_searched_in_a_window_is_refused() {
        assert!(refusal("(?<secret>a+)").contains("without end"));
        assert!(refusal("(?<secret>a{20000})").contains("20000 bytes"));
        assert!(refusal("a{3}").contains("no group `secret`"));
        assert!(refusal("(?<secret>a?)").contains("empty"));
        assert!(refusal("(?<secret>a").contains("unclosed group"));
    }

    #[test]
    fn an_automaton_too_large_is_refused_before_it_is_needed() {
        assert!(refusal(r"(?<secret>(?u:\w){2000}(?u:\w){2000})").contains("MiB"));
    }

    #[test]
    fn every_pattern_within_the_bound_compiles() {
        let widest = format!("(?<secret>(?:{})x)", ["[a-z0-9]{1,4000}"; 4].join("|"));
        let pattern = Pattern::parse(&widest).unwrap();
        assert!(pattern.regex(4, Effort::Quick).is_match("abcx"));
    }
}
