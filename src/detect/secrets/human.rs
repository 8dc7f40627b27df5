//! What to call a secret that somebody thought up.
//!
//! Nobody guesses a random token from its hash; a password they do. So the names of passwords come
//! from Argon2id, and a committed baseline or a report that is uploaded costs whoever guesses 8 MiB
//! and some milliseconds a guess.
//!
//! - Only what is reported is hashed, each value once, when everything has been found: the order in
//!   which threads find things changes nothing.
//! - At most [`MOST`] values a run, so that a file of passwords cannot keep the gate busy. The others
//!   are named by their place and without their value. Such a name gives nothing away and is in no
//!   baseline by the value's merit: where it moves, the finding comes back; nothing passes by it.

use crate::finding::{Finding, Fingerprint, Level, Notice, Salt, Subject};
use argon2::{Algorithm, Argon2, Params, Version};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many values are hashed in one run: two seconds on one processor.
const MOST: usize = 200;

/// The memory of one hash, in KiB.
const MEMORY: u32 = 8 << 10;

/// The passwords of one run by their provisional fingerprints. They never leave this file.
#[derive(Default)]
pub(super) struct Humans(Mutex<BTreeMap<Fingerprint, Vec<u8>>>);

impl Humans {
    /// Keeps a value until it gets its name.
    pub(super) fn remember(&self, provisional: Fingerprint, value: &[u8]) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.entry(provisional).or_insert_with(|| value.to_vec());
    }

    /// Names the findings whose values are kept, and forgets the values.
    pub(super) fn name(&self, findings: &mut [Finding], salt: &dyn Fn() -> Salt) -> Option<Notice> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let values = std::mem::take(&mut *values);
        if values.is_empty() {
            return None;
        }
        let salt = salt();
        let key = salt.digest(&[b"people's secrets"]);
        // Provisional fingerprints are keyed digests: their order says nothing of the values, and
        // is the same in every run.
        let hashed: Vec<_> = values.iter().take(MOST).collect();
        let hashed: BTreeMap<_, _> =
            hashed.into_par_iter().map(|(name, value)| (*name, slow(value, &key))).collect();
        for finding in findings.iter_mut().filter(|found| values.contains_key(&found.fingerprint)) {
            match hashed.get(&finding.fingerprint).copied().flatten() {
                Some(hash) => rename(finding, &salt, &[b"human", &hash]),
                None => by_place(finding, &salt),
            }
        }
        let rest = values.len().saturating_sub(MOST);
        let text = format!(
            "{rest} passwords are named by their place: more than {MOST} were found, and a baseline \
             entry of one of these holds only while it stays where it is"
        );
        (rest > 0).then(|| Notice::new(Level::Warning, text))
    }
}

/// Argon2id of a value. Nothing where it cannot be had: the parameters are constants, but a value
/// may be longer than it takes.
fn slow(value: &[u8], key: &[u8; 32]) -> Option<[u8; 32]> {
    let params = Params::new(MEMORY, 1, 1, Some(32)).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; 32];
    argon.hash_password_into(value, key, &mut hash).ok().map(|()| hash)
}

fn by_place(finding: &mut Finding, salt: &Salt) {
    let place = finding.location.clone();
    let at = format!("{}:{}", place.start.line, place.start.column);
    rename(finding, salt, &[b"place", place.path.as_bytes(), at.as_bytes()]);
}

fn rename(finding: &mut Finding, salt: &Salt, identity: &[&[u8]]) {
    let rule = finding.rule.clone();
    let parts = [&[rule.as_str().as_bytes()], identity].concat();
    finding.fingerprint = Fingerprint::new(salt, &parts);
    if let Subject::Secret(secret) = &mut finding.subject {
        secret.redacted = secret.redacted.clone().hashed(&salt.digest(identity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::secrets::{Detector, Options};
    use crate::finding::RepoPath;
    use crate::rule::builtin_secrets;
    use crate::source::{Change, Entry};
    use std::collections::BTreeSet;

    fn salt() -> Salt {
        Salt::new("salt")
    }

    /// The provisional and the final findings of a text.
    fn found(text: &str) -> (Vec<Finding>, Vec<Finding>, Option<Notice>) {
        let detector = Detector::new(builtin_secrets().unwrap(), &Options::default()).unwrap();
        let path = RepoPath::from("a.txt");
        let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
        let before = detector.scan(&change, &salt).findings;
        let mut after = before.clone();
        let notice = detector.name(&mut after, &salt);
        (before, after, notice)
    }

    #[test]
    fn a_password_gets_a_slow_name_and_a_token_keeps_its_own() {
        let text = "postgres://app:{alnum:14}@db.internal:5432/app\nKEY={github:ghp_}\n";
        let text = crate::rule::expand(text).unwrap().text;
        let (before, after, notice) = found(&text);
        assert_eq!((before.len(), notice), (2, None), "{before:?}");
        assert_ne!(before[0].fingerprint, after[0].fingerprint);
        assert_ne!(before[0].subject, after[0].subject);
        assert_eq!(before[1], after[1]);
        let moved = found(&format!("\n\n  {text}")).1;
        assert_eq!(moved[0].fingerprint, after[0].fingerprint);
    }

    #[test]
    fn more_passwords_than_are_hashed_are_named_by_their_place() {
        let text = "postgres://app:{alnum:14}@db.internal:5432/app\n".repeat(MOST + 2);
        let text = crate::rule::expand(&text).unwrap().text;
        let (_, after, notice) = found(&text);
        let names: BTreeSet<_> = after.iter().map(|finding| finding.fingerprint).collect();
        assert_eq!(names.len(), MOST + 2);
        assert!(notice.unwrap().message.starts_with("2 passwords"));
        let moved = found(&format!("\n{text}")).1;
        let moved: BTreeSet<_> = moved.iter().map(|finding| finding.fingerprint).collect();
        assert_eq!(names.intersection(&moved).count(), MOST);
    }
}
