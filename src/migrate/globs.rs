//! A regular expression about paths as path patterns, where it can be written as some.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The most patterns that one expression becomes.
const MOST: usize = 64;

/// Stands for `.*`.
const ANY: char = '\u{1}';

/// Stands for `.`.
const ONE: char = '\u{2}';

/// One of the texts that an expression stands for.
#[derive(Clone, Default)]
struct Piece {
    start: bool,
    text: String,
    end: bool,
}

/// The patterns that accept what the expression is found in.
pub(super) fn globs(regex: &str) -> Option<Vec<String>> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).ok()?;
    let globs: Vec<_> = pieces(&hir)?.iter().flat_map(spelt).collect();
    (globs.len() <= MOST).then_some(globs)
}

fn spelt(piece: &Piece) -> Vec<String> {
    let text = piece.text.trim_matches(ANY).replace(ONE, "?");
    let start = piece.start && !piece.text.starts_with(ANY);
    let end = piece.end && !piece.text.ends_with(ANY);
    // A pattern without a slash would be about the name in any folder.
    let start = if start { "/" } else { "**/*" };
    let ends: &[&str] = if end { &[""] } else { &["*", "*/**"] };
    let mut all: Vec<_> = ends.iter().map(|end| format!("{start}{text}{end}")).collect();
    while all.iter().any(|glob| glob.contains(ANY)) && all.len() <= MOST {
        let within = all.iter().map(|glob| glob.replacen(ANY, "*", 1));
        let across = all.iter().filter(|glob| glob.contains(ANY));
        all = within.chain(across.map(|glob| glob.replacen(ANY, "*/**/*", 1))).collect();
    }
    all
}

fn pieces(hir: &Hir) -> Option<Vec<Piece>> {
    let text = |text: String| vec![Piece { text, ..Piece::default() }];
    let all = match hir.kind() {
        HirKind::Empty => text(String::new()),
        HirKind::Literal(literal) => {
            let literal = std::str::from_utf8(&literal.0).ok()?;
            text(literal.chars().map(escaped).collect())
        }
        HirKind::Class(class) => text(class_of(class)?),
        HirKind::Look(Look::Start) => vec![Piece { start: true, ..Piece::default() }],
        HirKind::Look(Look::End) => vec![Piece { end: true, ..Piece::default() }],
        HirKind::Look(_) => return None,
        HirKind::Capture(capture) => pieces(&capture.sub)?,
        HirKind::Alternation(parts) => {
            parts.iter().map(pieces).collect::<Option<Vec<_>>>()?.concat()
        }
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(vec![Piece::default()], |all, part| joined(&all, &pieces(part)?))?,
        HirKind::Repetition(repetition) => {
            let once = pieces(&repetition.sub)?;
            let wild = once.iter().all(|piece| piece.text == "?" || piece.text.chars().eq([ONE]));
            match (repetition.min, repetition.max) {
                (0, Some(1)) => [text(String::new()), once].concat(),
                (least, None) if wild && least <= 1 => {
                    let any = once.iter().all(|piece| piece.text.chars().eq([ONE]));
                    let star = if any { ANY.to_string() } else { "*".to_owned() };
                    // One at least is not told apart from none: that lets the rule see more.
                    text(star)
                }
                (least, Some(most)) if least == most && most <= 8 => {
                    let times = std::iter::repeat_n(&once, usize::try_from(most).ok()?);
                    times
                        .into_iter()
                        .try_fold(vec![Piece::default()], |all, one| joined(&all, one))?
                }
                _ => return None,
            }
        }
    };
    (all.len() <= MOST).then_some(all)
}

fn joined(all: &[Piece], next: &[Piece]) -> Option<Vec<Piece>> {
    let mut joined = Vec::new();
    for left in all {
        for right in next {
            // An anchor in the middle matches nothing.
            if (right.start && !left.text.is_empty()) || (left.end && !right.text.is_empty()) {
                continue;
            }
            joined.push(Piece {
                start: left.start || right.start,
                text: format!("{}{}", left.text, right.text),
                end: left.end || right.end,
            });
        }
    }
    (joined.len() <= MOST && !joined.is_empty()).then_some(joined)
}

/// A class of few characters as a class; one of nearly all as `?`, or as what `.*` is made of.
fn class_of(class: &Class) -> Option<String> {
    let Class::Bytes(class) = class else { return None };
    let members: Vec<u8> =
        class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect();
    if members.len() > 200 {
        let crosses = members.contains(&b'/');
        return Some(if crosses { ONE } else { '?' }.to_string());
    }
    // Either slash: paths have this one here.
    if members == *b"/\\" {
        return Some("/".to_owned());
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    if members.iter().all(plain) {
        return Some(format!("[{}]", String::from_utf8(members).ok()?));
    }
    let rest: Vec<_> = members.iter().filter(|byte| !plain(byte)).collect();
    // A dash stands last, where it means itself.
    (rest == [&b'-']).then(|| {
        let members = members.iter().filter(|byte| plain(byte)).map(|byte| char::from(*byte));
        format!("[{}-]", members.collect::<String>())
    })
}

fn escaped(c: char) -> String {
    if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\' | '!') {
        format!("[{c}]")
    } else {
        c.to_string()
    }
}
