//! GOV-002: who a commit says made it, and when.
//!
//! Without settings only what cannot be true is reported: an address that is none, a time that has
//! not come. With `domains`, everybody must be of one of them.

use super::Check;
use crate::detect::policies::violation::Violation;
use crate::source::{Commit, Person};
use jiff::Timestamp;
use serde::Deserialize;

/// How far ahead a clock may be, in seconds.
const AHEAD: i64 = 24 * 60 * 60;

/// The second before which no commit was made: 1990, before any tool whose history git could have
/// imported. Older dates are made up.
const FIRST: i64 = 631_152_000;

/// The check, and what `[policies.GOV-002]` sets.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct Identity {
    /// The domains of authors and committers; empty for any.
    domains: Vec<String>,
}

impl Check for Identity {
    fn commit(&self, commit: &Commit, now: Timestamp) -> Vec<Violation> {
        let people = [("author", &commit.author), ("committer", &commit.committer)];
        let mut found: Vec<_> = people
            .into_iter()
            .filter_map(|(role, person)| Some((role, self.objection(person, now)?)))
            .collect();
        // One person in both roles is one objection.
        found.dedup_by(|(_, second), (_, first)| second == first);
        let id = commit.id.short();
        let violations = found.into_iter().map(|(role, objection)| {
            Violation::new(
                format!("commit {id}: its {role} {objection}"),
                format!("{id} {objection}"),
            )
        });
        violations.collect()
    }
}

impl Identity {
    fn objection(&self, person: &Person, now: Timestamp) -> Option<String> {
        let email = person.email.trim();
        let Some((user, domain)) = email.rsplit_once('@') else {
            return Some(format!("has no address, but {email:?}"));
        };
        if user.is_empty() || domain.is_empty() || email.contains(char::is_whitespace) {
            return Some(format!("has no address, but {email:?}"));
        }
        if person.seconds > now.as_second().saturating_add(AHEAD) {
            return Some(format!("{email} acted at a time that has not come"));
        }
        if person.seconds < FIRST {
            return Some(format!("{email} acted before 1990"));
        }
        let same = |known: &String| known.eq_ignore_ascii_case(domain);
        let stranger = !self.domains.is_empty() && !self.domains.iter().any(same);
        stranger.then(|| format!("{email} is of none of the allowed domains"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::CommitId;

    fn person(email: &str, seconds: i64) -> Person {
        Person { name: "Ada".to_owned(), email: email.to_owned(), seconds }
    }

    fn messages(domains: &[&str], author: Person, committer: Person) -> Vec<String> {
        let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
        let id = CommitId::new(&"a1".repeat(20));
        let message = String::new();
        let commit = Commit { id, parents: Vec::new(), author, committer, message, anchor: None };
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let found = Identity { domains }.commit(&commit, now);
        found.into_iter().map(|violation| format!("{violation:?}")).collect()
    }

    const NOW: i64 = 1_700_000_000;

    #[test]
    fn ordinary_people_are_left_alone() {
        let users = ["ada@example.org", "1+ada@users.noreply.example.org", "root@localhost"];
        for user in users {
            assert!(messages(&[], person(user, NOW), person(user, NOW)).is_empty(), "{user}");
        }
    }

    #[test]
    fn what_cannot_be_true_is_reported_once() {
        for (user, seconds) in
            [("", NOW), ("ada", NOW), ("a b@c", NOW), ("a@b", NOW + 2 * AHEAD), ("a@b", 0)]
        {
            let found = messages(&[], person(user, seconds), person(user, seconds));
            assert_eq!(found.len(), 1, "{user} {seconds}");
            assert!(found[0].contains("a1a1a1a1a1a1"));
        }
    }

    #[test]
    fn with_domains_everybody_is_of_one_of_them() {
        let (one, other) = (person("ada@example.org", NOW), person("eve@example.com", NOW));
        assert!(messages(&["EXAMPLE.org"], one.clone(), one.clone()).is_empty());
        let found = messages(&["example.org"], one, other);
        assert!(found.len() == 1 && found[0].contains("committer"), "{found:?}");
    }
}
