//! What a check says is wrong, before the project's settings make a finding of it.

use super::options::Setting;
use crate::finding::{
    Action, Confidence, Finding, Fingerprint, Location, Salt, Severity, Standing, Subject,
};
use crate::rule::PolicyRule;
use std::fmt::Write as _;

/// The longest message, in characters: names in it may come from an attacker.
const LONGEST: usize = 300;

/// One violation of a policy.
#[derive(Debug, PartialEq)]
pub(super) struct Violation {
    message: String,
    identity: String,
    rating: Option<(Severity, Action)>,
}

impl Violation {
    /// A violation as bad as the catalogue says. `identity` is what stays the same when the file is
    /// moved or the lines around it change; it holds no path and no secret.
    pub(super) fn new(message: impl Into<String>, identity: impl Into<String>) -> Self {
        let (message, identity) = (message.into(), identity.into());
        Self { message, identity, rating: None }
    }

    /// The violation, rated otherwise than the catalogue does.
    #[must_use]
    pub(super) fn rated(mut self, severity: Severity, action: Action) -> Self {
        self.rating = Some((severity, action));
        self
    }

    /// The finding. What the project has set wins over the check's rating, which wins over the
    /// catalogue's.
    pub(super) fn into_finding(
        self,
        rule: &PolicyRule,
        setting: &Setting,
        location: Location,
    ) -> Finding {
        let (severity, action) = self.rating.unwrap_or((rule.severity, rule.action));
        let parts = [rule.id.as_str().as_bytes(), self.identity.as_bytes()];
        Finding {
            rule: rule.id.clone(),
            severity: setting.severity.unwrap_or(severity),
            confidence: Confidence::High,
            action: setting.action.unwrap_or(action),
            standing: Standing::Introduced,
            message: printable(&self.message),
            fix: rule.fix.clone(),
            subject: Subject::Policy,
            location,
            fingerprint: Fingerprint::new(&Salt::new(b"lockkeeper".as_slice()), &parts),
            line_hash: None,
            allow: None,
        }
    }
}

/// The text with every character that a terminal obeys or hides written as `U+XXXX`, and cut where
/// it is too long to be read.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars().take(LONGEST) {
        if c.is_control() || is_unseen(c) {
            write!(shown, "<U+{:04X}>", u32::from(c)).unwrap_or_default();
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character has no shape of its own, or turns the direction of its neighbours.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_is_named_instead() {
        assert_eq!(printable("a\x1b[31mb\u{202E}\n"), "a<U+001B>[31mb<U+202E><U+000A>");
    }

    proptest! {
        #[test]
        fn a_message_is_one_short_line(text in any::<String>()) {
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_unseen(c)));
            prop_assert!(shown.chars().count() <= LONGEST * 12 + 1);
        }
    }
}
