//! Allow comments: `# lockkeeper:allow <rule>[,<rule>] <reason>` beside the line that it is about.
//!
//! A comment must name the rule exactly and say why; what does neither lets nothing through, and is
//! remarked on rather than passed over.

use crate::finding::{Allow, RuleId};

const MARKER: &str = "lockkeeper:allow";

/// What may stand right before the marker, blanks apart, for it to be in a comment.
const OPENERS: &[&str] =
    &["#", "#!", "//", "//!", "/*", "/**", "/*!", "--", ";", "<!--", "%", "<%#", "'", "rem"];

/// What a comment may end with, which is no part of the reason.
const CLOSERS: &[&str] = &["*/", "-->", "%>"];

/// The comment in `text` that lets findings of `rule` through. `text` is the line of the finding,
/// and whichever lines beside it may hold the comment. The rules of the gate itself take no
/// comments.
pub fn inline_allow(text: &str, rule: &RuleId) -> Option<Allow> {
    if rule.as_str().starts_with("GATE-") {
        return None;
    }
    let markers = markers(text).filter_map(Result::ok);
    let found = markers.into_iter().find(|marker| marker.rules.contains(&rule.as_str()));
    found.map(|marker| Allow::Comment(marker.reason.to_owned()))
}

/// What is wrong with the first allow comment in `text` that lets nothing through.
pub fn inline_problem(text: &str) -> Option<InlineProblem> {
    markers(text).find_map(Result::err)
}

/// An allow comment that lets nothing through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InlineProblem {
    /// It does not say what it lets through.
    #[error("the allow comment names no rule: write `lockkeeper:allow <rule id> <reason>`")]
    NoRule,
    /// It does not say why.
    #[error("the allow comment gives no reason: write `lockkeeper:allow <rule id> <reason>`")]
    NoReason,
}

struct Marker<'a> {
    rules: Vec<&'a str>,
    reason: &'a str,
}

fn markers(text: &str) -> impl Iterator<Item = Result<Marker<'_>, InlineProblem>> {
    text.lines().flat_map(|line| {
        line.match_indices(MARKER).filter_map(|(at, _)| {
            let before = line.get(..at)?;
            let after = line.get(at + MARKER.len()..)?;
            opens_comment(before).then(|| read(after))
        })
    })
}

fn opens_comment(before: &str) -> bool {
    let before = before.trim_end();
    OPENERS.iter().any(|opener| {
        let Some(rest) = before.len().checked_sub(opener.len()) else { return false };
        let ends = before.get(rest..).is_some_and(|end| end.eq_ignore_ascii_case(opener));
        let is_word = opener.bytes().all(|b| b.is_ascii_alphabetic());
        let apart = !before.get(..rest).unwrap_or("").ends_with(char::is_alphanumeric);
        ends && (apart || !is_word)
    })
}

fn read(after: &str) -> Result<Marker<'_>, InlineProblem> {
    let after = after.strip_prefix(':').unwrap_or(after);
    if after.starts_with(in_rule_id) {
        return Err(InlineProblem::NoRule);
    }
    let (rules, rest) = rules(after.trim_start());
    if !rules.iter().any(|rule| rule.contains(['/', '-'])) {
        return Err(InlineProblem::NoRule);
    }
    let reason = reason(rest);
    if reason.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
        return Err(InlineProblem::NoReason);
    }
    Ok(Marker { rules, reason })
}

/// The rule ids at the start of `text`, separated by commas, and what follows them.
fn rules(mut text: &str) -> (Vec<&str>, &str) {
    let mut rules = Vec::new();
    loop {
        let end = text.find(|c| !in_rule_id(c)).unwrap_or(text.len());
        let (rule, rest) = text.split_at(end);
        rules.push(rule);
        match rest.trim_start().strip_prefix(',') {
            Some(more) => text = more.trim_start(),
            None => return (rules, rest),
        }
    }
}

fn in_rule_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')
}

fn reason(text: &str) -> &str {
    let mut text = text.trim_start_matches([':', ' ', '\t', '-', '–', '—']).trim_end();
    for closer in CLOSERS {
        text = text.strip_suffix(closer).unwrap_or(text).trim_end();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(text: &str, rule: &str) -> Option<String> {
        match inline_allow(text, &rule.parse().unwrap())? {
            Allow::Comment(reason) | Allow::Configured(reason) => Some(reason),
        }
    }

    #[test]
    fn a_comment_that_names_its_rule_and_reason_counts() {
        for (text, reason) in [
            ("key = x # lockkeeper:allow secret/pat a revoked key", "a revoked key"),
            ("key = x # lockkeeper:allow secret/pat: a revoked key", "a revoked key"),
            ("let k = 1; // lockkeeper:allow CI-001, secret/pat - docs only", "docs only"),
            ("/* lockkeeper:allow secret/pat test data */", "test data"),
            ("<!-- lockkeeper:allow secret/pat test data -->", "test data"),
            ("REM lockkeeper:allow secret/pat test data", "test data"),
            ("-- lockkeeper:allow secret/pat test data", "test data"),
            ("a\n; lockkeeper:allow secret/pat test data\nb", "test data"),
            ("## lockkeeper:allow secret/pat日本語の例", "日本語の例"),
        ] {
            assert_eq!(reason_of(text, "secret/pat").as_deref(), Some(reason), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_such_comment_lets_nothing_through() {
        for text in [
            "lockkeeper:allow secret/pat not in a comment",
            "theorem lockkeeper:allow secret/pat not in a comment",
            "# lockkeeper:allow secret/pat-2 of another rule",
            "# lockkeeper:allow secret of a shorter name",
            "# lockkeeper:allow secret/pat",
            "# lockkeeper:allow secret/pat: --- ok",
            "# lockkeeper:allow because I say so",
            "# lockkeeper:allowed secret/pat another word",
            "# lockkeeper:allow",
        ] {
            assert_eq!(reason_of(text, "secret/pat"), None, "{text}");
        }
    }

    #[test]
    fn the_gate_itself_takes_no_comments() {
        assert_eq!(reason_of("# lockkeeper:allow GATE-001 please let me", "GATE-001"), None);
    }

    #[test]
    fn a_comment_that_does_nothing_is_named() {
        let problem = |text| inline_problem(text);
        assert_eq!(problem("# lockkeeper:allow secret/pat"), Some(InlineProblem::NoReason));
        assert_eq!(problem("# lockkeeper:allow I say so"), Some(InlineProblem::NoRule));
        assert_eq!(problem("# lockkeeper:allow"), Some(InlineProblem::NoRule));
        assert_eq!(problem("# lockkeeper:allow secret/pat in the docs"), None);
        assert_eq!(problem("write lockkeeper:allow and a rule"), None);
    }
}
