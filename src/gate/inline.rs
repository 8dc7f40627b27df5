//! Allow comments: `# lockkeeper:allow secret/jwt: the key of the vendor's documentation`.

use super::OWN_RULES;
use crate::finding::{InlineAllow, RuleId};

const MARKER: &str = "lockkeeper:allow";

/// What opens a comment in the languages that carry configuration, code and pipelines.
const OPENERS: [&str; 9] = ["#", "//", "/*", "<!--", "--", ";", "%", "'", "rem "];

/// The allow comment in a line, if it names this rule and gives a reason; a comment without either
/// allows nothing. Rules about the gate itself cannot be allowed from beside a finding.
pub fn inline_allow(line: &str, rule: &RuleId) -> Option<InlineAllow> {
    let (before, after) = line.split_once(MARKER)?;
    let opened = OPENERS.iter().any(|opener| before.to_ascii_lowercase().contains(opener));
    let (named, reason) = after.trim_start().split_once(char::is_whitespace)?;
    let named = named.trim_end_matches(':').split(',').any(|id| id == rule.as_str());
    let reason = reason.trim().trim_end_matches("*/").trim_end_matches("-->").trim();
    let said = reason.chars().filter(|c| c.is_alphanumeric()).count() >= 3;
    let own = rule.as_str().starts_with(OWN_RULES);
    (opened && named && said && !own).then(|| InlineAllow { reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(line: &str) -> Option<String> {
        inline_allow(line, &"secret/jwt".parse().unwrap()).map(|allow| allow.reason)
    }

    #[test]
    fn a_comment_that_names_the_rule_and_says_why_allows_it() {
        let lines = [
            "key = 1 # lockkeeper:allow secret/jwt: of the manual",
            "key := 1 // lockkeeper:allow secret/jwt of the manual",
            "<key/> <!-- lockkeeper:allow secret/npm,secret/jwt: of the manual -->",
            "key: 1; /* lockkeeper:allow secret/jwt: of the manual */",
        ];
        for line in lines {
            assert_eq!(reason(line).as_deref(), Some("of the manual"), "{line}");
        }
    }

    #[test]
    fn anything_less_allows_nothing() {
        let lines = [
            "# lockkeeper:allow",
            "# lockkeeper:allow secret/jwt",
            "# lockkeeper:allow secret/jwt:",
            "# lockkeeper:allow secret/jwt: -",
            "# lockkeeper:allow secret/jwt-other: of the manual",
            "# lockkeeper:allow because of the manual",
            "lockkeeper:allow secret/jwt: in no comment",
        ];
        for line in lines {
            assert_eq!(reason(line), None, "{line}");
        }
    }

    #[test]
    fn the_gate_does_not_let_itself_be_allowed() {
        let line = "# lockkeeper:allow GATE-001: trust me";
        assert!(inline_allow(line, &"GATE-001".parse().unwrap()).is_none());
    }
}
