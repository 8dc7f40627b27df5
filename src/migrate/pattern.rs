//! An expression of RE2 as a rule's pattern: bounded, with the secret named, and the words that lead to
//! it.

use crate::rule::Pattern;
use regex_syntax::ParserBuilder;
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{self, Ast, GroupKind, RepetitionKind, RepetitionRange, Visitor};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;

/// How often what was unbounded may repeat, the most that fits being taken.
const BOUNDS: [u32; 5] = [1024, 256, 64, 24, 8];

/// The shortest word that leads to a rule, and the most of them.
const SHORTEST: usize = 3;
const MOST: usize = 64;

/// A pattern for a rule.
pub(super) struct Bounded {
    pub(super) pattern: String,
    /// Lower-case words of which every match holds one; empty where there are none.
    pub(super) keywords: Vec<String>,
}

/// Whether an expression can be searched for at all.
pub(super) fn readable(source: &str) -> Result<(), String> {
    let parsed = ParserBuilder::new().utf8(false).build().parse(source);
    parsed.map(drop).map_err(|error| reason(&error))
}

/// Makes a pattern of an expression. The secret is in the group of that number; of group 0, in the
/// first that matches, as gitleaks has it.
pub(super) fn bounded(source: &str, group: usize) -> Result<Bounded, String> {
    let ast = Parser::new().parse(source).map_err(|error| reason(&error.into()))?;
    let found = ast::visit(&ast, Edits::default()).unwrap_or_default();
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(source);
    let hir = hir.map_err(|error| reason(&error))?;
    let secret = match group {
        0 if always(&hir, 1) => Some(1),
        0 => None,
        group => Some(group),
    };
    if let Some(group) = secret.filter(|group| found.groups.get(*group - 1).is_none()) {
        return Err(format!("it has no group {group}"));
    }
    let mut refusal = String::new();
    for most in BOUNDS {
        let pattern = found.apply(source, secret, most);
        match Pattern::parse(&pattern) {
            Ok(_) => {
                let mut keywords = required(&hir).unwrap_or_default();
                keywords.sort();
                keywords.dedup();
                return Ok(Bounded { pattern, keywords });
            }
            Err(error) => refusal = error.to_string(),
        }
    }
    Err(refusal)
}

/// The first line that says what is wrong: the rest draws it.
fn reason(error: &regex_syntax::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// The places of an expression that are written anew.
#[derive(Default)]
struct Edits {
    /// Where each group opens, or its name stands.
    groups: Vec<Place>,
    /// Repetitions without end: their places, their least number and whether they are lazy.
    repetitions: Vec<(Range<usize>, u32, &'static str)>,
}

enum Place {
    Open(usize),
    Name(Range<usize>, String),
}

impl Visitor for Edits {
    type Output = Self;
    type Err = ();

    fn finish(self) -> Result<Self, ()> {
        Ok(self)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        if let Ast::Repetition(repetition) = ast {
            let least = match repetition.op.kind {
                RepetitionKind::ZeroOrMore => Some(0),
                RepetitionKind::OneOrMore => Some(1),
                RepetitionKind::Range(RepetitionRange::AtLeast(least)) => Some(least),
                RepetitionKind::ZeroOrOne | RepetitionKind::Range(_) => None,
            };
            let span = &repetition.op.span;
            let lazy = if repetition.greedy { "" } else { "?" };
            let place = span.start.offset..span.end.offset;
            self.repetitions.extend(least.map(|least| (place, least, lazy)));
        }
        if let Ast::Group(group) = ast {
            match &group.kind {
                GroupKind::CaptureIndex(_) => {
                    self.groups.push(Place::Open(group.span.start.offset + 1));
                }
                GroupKind::CaptureName { name, .. } => {
                    let place = name.span.start.offset..name.span.end.offset;
                    self.groups.push(Place::Name(place, name.name.clone()));
                }
                GroupKind::NonCapturing(_) => {}
            }
        }
        Ok(())
    }
}

impl Edits {
    fn apply(&self, source: &str, secret: Option<usize>, most: u32) -> String {
        let mut edits = Vec::new();
        for (place, least, lazy) in &self.repetitions {
            edits
                .push((place.clone(), format!("{{{least},{}}}{lazy}", least.saturating_add(most))));
        }
        for (place, number) in self.groups.iter().zip(1..) {
            let is_secret = secret == Some(number);
            match place {
                Place::Open(at) if is_secret => edits.push((*at..*at, "?<secret>".to_owned())),
                Place::Name(at, _) if is_secret => edits.push((at.clone(), "secret".to_owned())),
                // These two names mean something here.
                Place::Name(at, name) if matches!(&**name, "secret" | "id") => {
                    edits.push((at.clone(), format!("{name}_{number}")));
                }
                Place::Open(_) | Place::Name(..) => {}
            }
        }
        edits.sort_by_key(|(place, _)| place.start);
        let mut pattern = String::new();
        let mut at = 0;
        for (place, text) in edits {
            pattern.push_str(source.get(at..place.start).unwrap_or_default());
            pattern.push_str(&text);
            at = place.end;
        }
        pattern.push_str(source.get(at..).unwrap_or_default());
        if secret.is_none() { format!("(?<secret>{pattern})") } else { pattern }
    }
}

/// Whether a group takes part in every match, and with something.
fn always(hir: &Hir, group: u32) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) if capture.index == group => {
            capture.sub.properties().minimum_len() != Some(0)
        }
        HirKind::Capture(capture) => always(&capture.sub, group),
        HirKind::Repetition(repetition) => repetition.min > 0 && always(&repetition.sub, group),
        HirKind::Concat(parts) => parts.iter().any(|part| always(part, group)),
        HirKind::Alternation(_)
        | HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_) => false,
    }
}

/// Words of which every match holds one, whatever its case.
fn required(hir: &Hir) -> Option<Vec<String>> {
    let words = match hir.kind() {
        HirKind::Alternation(parts) => {
            parts.iter().map(required).collect::<Option<Vec<_>>>()?.concat()
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub)?,
        HirKind::Repetition(_) | HirKind::Empty | HirKind::Look(_) => return None,
        HirKind::Concat(_) | HirKind::Capture(_) | HirKind::Literal(_) | HirKind::Class(_) => {
            in_row(hir)?
        }
    };
    let good = words.len() <= MOST && words.iter().all(|word| word.len() >= SHORTEST);
    good.then_some(words)
}

/// The best of what stands in a row: the longest word, or the alternatives of one part.
fn in_row(hir: &Hir) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    let (mut candidates, mut run) = (Vec::new(), String::new());
    for part in parts {
        match fixed(part) {
            Some(text) => run.push_str(&text),
            None if matches!(part.kind(), HirKind::Look(_)) => {}
            None => {
                candidates.push(vec![std::mem::take(&mut run)]);
                let alternatives = !matches!(part.kind(), HirKind::Class(_));
                candidates.extend(alternatives.then(|| required(part)).flatten());
            }
        }
    }
    candidates.push(vec![run]);
    let worth = |words: &Vec<String>| words.iter().map(String::len).min().unwrap_or(0);
    candidates.into_iter().max_by_key(worth)
}

fn flatten<'h>(hir: &'h Hir, into: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, into)),
        HirKind::Capture(capture) => flatten(&capture.sub, into),
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => into.push(hir),
    }
}

/// The text that a part always is, but for its case.
fn fixed(hir: &Hir) -> Option<String> {
    let bytes = match hir.kind() {
        HirKind::Empty => Vec::new(),
        HirKind::Literal(literal) => literal.0.to_ascii_lowercase(),
        HirKind::Class(Class::Bytes(class)) => {
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let mut all: Vec<u8> = all.map(|byte| byte.to_ascii_lowercase()).collect();
            all.dedup();
            all
        }
        HirKind::Class(Class::Unicode(_))
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => return None,
    };
    let single = !matches!(hir.kind(), HirKind::Class(_)) || bytes.len() == 1;
    let text = String::from_utf8(bytes).ok()?;
    (single && text.is_ascii()).then_some(text)
}
