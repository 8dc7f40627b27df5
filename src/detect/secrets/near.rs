//! Whether a change can bring a secret, by what stands around its new lines.
//!
//! Most changes of long files touch a few lines. All else stands in the earlier version as well, and what
//! is found there is no news. So the sieve's searches are made around the new lines first, and a file is
//! searched as a whole only if they find anything. Of what 100 commits of rails change, a fifth has to be
//! searched.
//!
//! That more was encoded than is decoded of one file is remarked on where that is new, not at every
//! change of the file: around the new lines all is decoded, or the whole file is searched.
//!
//! How far around is the same for all rules, so that none has to be read for it: what reaches over more
//! lines than that says of itself what it is.

use super::Detector;
use super::generic;
use super::matcher::Matcher;
use super::reading;
use super::sieve::{AROUND, AROUND_NAME, widened};
use crate::source::{Change, Step};
use aho_corasick::packed::Searcher;
use std::ops::Range;
use std::sync::LazyLock;

/// How long a file is for which it is worth to read its earlier version, in bytes.
const LEAST: usize = 16 << 10;

/// How far from a new line a keyword may matter to it, in bytes.
const NEAR: usize = AROUND_NAME + AROUND;

/// The same of what is a document of its own.
const FAR: usize = 9600;

/// What stands in every document that is a secret, or that holds one far from where it begins.
const DOCUMENTS: [&str; 6] = [
    "PRIVATE KEY",
    "service_account",
    "kty",
    "PuTTY-User-Key-File-",
    "Private-key-format",
    "token:",
];

/// Looks for these all at once; `None` on a processor on which that is not to be had, where as far is
/// searched as if one of them were there.
static SAYS_DOCUMENT: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(DOCUMENTS));

impl Detector {
    /// Whether a file may hold a secret that its earlier version does not: what this does not know it may.
    pub(super) fn may_bring(&self, change: &Change<'_>) -> bool {
        if change.bytes.len() < LEAST || self.far_rules || self.matters_whole(change) {
            return true;
        }
        let Some(Step { before, new }) = change.step() else { return true };
        let other = generic::is_data(&before) || reading::is_read_otherwise(&before);
        let mostly_new = new.iter().map(Range::len).sum::<usize>() > change.bytes.len() / 2;
        other || mostly_new || self.has_anything_near(change.bytes, &new)
    }

    /// Whether what is found in a file depends on all of it.
    fn matters_whole(&self, Change { path, bytes, .. }: &Change<'_>) -> bool {
        reading::is_read_otherwise(bytes) || reading::is_manifest(bytes) || self.is_read_whole(path)
    }

    fn has_anything_near(&self, bytes: &[u8], new: &[Range<usize>]) -> bool {
        let mut hits = Vec::new();
        let near = near(bytes, new);
        self.prefilter.each_in(bytes, &near, &mut |hit, word| hits.push((hit, word)));
        let mut found = Vec::new();
        self.mark_values_at(bytes, new, hits.into_iter(), &mut found);
        self.mark_decoded_around(bytes, new, &mut found);
        !found.is_empty()
    }
}

/// Whether a rule finds something of which the keyword may stand farther from a new line than is searched.
pub(super) fn is_far(matcher: &Matcher) -> bool {
    let Some(pattern) = matcher.pattern().filter(|_| !matcher.rule.keywords.is_empty()) else {
        return false;
    };
    // A name in JSON is written in one way, though keywords are found however they are written.
    let says = |word: &&str| {
        pattern.says(word) || matcher.rule.keywords.iter().all(|keyword| keyword.contains(*word))
    };
    let distance = 2 * pattern.longest() + AROUND;
    let document = distance <= FAR && DOCUMENTS.iter().any(says);
    // New lines are whole: what has no line end in it is within them.
    distance > NEAR && pattern.spans(b'\n') && !document
}

/// What has to be searched around new lines.
fn near(bytes: &[u8], new: &[Range<usize>]) -> Vec<Range<usize>> {
    let far = widened(bytes, new, FAR);
    let holds = |range: &Range<usize>| {
        let text = bytes.get(range.clone()).unwrap_or_default();
        SAYS_DOCUMENT.as_ref().is_none_or(|words| words.find(text).is_some())
    };
    if far.iter().any(holds) { far } else { widened(bytes, new, NEAR) }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;
    use crate::finding::{Finding, RepoPath, Salt};
    use crate::rule::{builtin_secrets, expand_from};
    use crate::source::{Earlier, Entry};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use std::sync::Arc;

    static BUILTIN: LazyLock<Detector> =
        LazyLock::new(|| Detector::new(builtin_secrets().unwrap(), &Options::default()).unwrap());

    #[test]
    fn no_rule_reaches_farther_than_is_searched() {
        let far = BUILTIN.matchers.iter().filter(|matcher| is_far(matcher));
        let far: Vec<_> = far.map(|matcher| matcher.rule.id.as_str()).collect();
        assert!(far.is_empty(), "{far:?}");
    }

    /// A file that was there before; without a path, that has to be found out by comparing.
    struct Before {
        text: Arc<Vec<u8>>,
        at_path: Option<()>,
    }

    impl Earlier for Before {
        fn versions(&self) -> Vec<Option<Arc<Vec<u8>>>> {
            vec![Some(Arc::clone(&self.text))]
        }

        fn at_path(&self) -> Option<Arc<Vec<u8>>> {
            self.at_path.map(|()| Arc::clone(&self.text))
        }
    }

    fn findings(before: &str, after: &str, at_path: Option<()>) -> Vec<Finding> {
        let before = Before { text: Arc::new(before.as_bytes().to_vec()), at_path };
        let path = RepoPath::from("app/settings.txt");
        let change = Change::new(&path, None, Entry::File, after.as_bytes(), &before);
        BUILTIN.scan(&change, &|| Salt::new("salt")).findings
    }

    /// What a line brings to a long file, into which it is put as another's neighbour.
    fn brought(line: &str, neighbour: &str) -> Vec<Finding> {
        let words = "words that say nothing (at all)\n".repeat(LEAST / 30);
        let before = format!("{words}{neighbour}{words}");
        let after = format!("{words}{}{neighbour}{words}", expand_from(line, 0).unwrap().text);
        let found = findings(&before, &after, Some(()));
        assert_eq!(found, findings(&before, &after, None));
        found
    }

    #[test]
    fn what_a_new_line_holds_is_found_plain_and_encoded() {
        assert_eq!(brought("GITHUB = ghp_{alnum:36}\n", "").len(), 1);
        let encoded = STANDARD.encode("db_password = k9XbV4qTz1Lp");
        assert_eq!(brought(&format!("x: {encoded}\n"), "").len(), 1);
        assert_eq!(brought("words\n", "db_password = k9XbV4qTz1Lp\n").len(), 0);
    }

    #[test]
    fn a_key_that_says_far_away_what_it_is() {
        let far = "\"use\": \"sig\",\n".repeat(NEAR / 10) + "\"kty\": \"EC\"}\n";
        assert_eq!(brought("{\"d\": \"{base64url:42}k\",\n", &far).len(), 1);
    }

    /// Pieces of files: words that say nothing, secrets, and what secrets are made of.
    const PIECES: [&str; 14] = [
        "GITHUB = \"ghp_{alnum:36}\"\n",
        "db_password = 'k9{alnum:5}'\n",
        "password: {alnum:14}\n",
        "url = https://user:{alnum:12}@registry.example.org/a\n",
        "api_key =\n",
        "    \"{hex:40}\"\n",
        "token: {base64:400}\n",
        "x = x{alnum:10}ghp_{alnum:36}\n",
        "{\"kty\":\"EC\",\n\"crv\": \"P-256\",\n",
        "\"d\": \"{base64url:42}k\",\n",
        "\"x\": \"{base64url:43}\"}\n",
        "-----BEGIN PRIVATE KEY-----\n{base64:64}\n{base64:64}\n",
        "{base64:64}\n-----END PRIVATE KEY-----\n",
        "data = cGFzc3dvcmQ9{base64:32}\n",
    ];

    fn piece() -> impl Strategy<Value = String> {
        let words =
            (1..30_usize).prop_map(|lines| "some words that say nothing (at all)\n".repeat(lines));
        let others = (0..PIECES.len(), 0..3_u64);
        let others = others.prop_map(|(kind, seed)| expand_from(PIECES[kind], seed).unwrap().text);
        prop_oneof![words, others]
    }

    proptest! {
        #[test]
        fn what_is_not_searched_brings_nothing(
            pieces in prop::collection::vec(piece(), 1..12),
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, piece()), 1..4),
            length in 0..2_usize,
        ) {
            let words = "other words, of which there are many\n".repeat(length * LEAST / 30);
            let before = pieces.concat() + &words;
            let mut pieces = pieces;
            for (at, kind, piece) in edits {
                let at = at.index(pieces.len());
                match kind {
                    0 => pieces.insert(at, piece),
                    1 => pieces[at] = piece,
                    _ => pieces[at] = pieces[at].split_inclusive('\n').skip(1).collect(),
                }
            }
            let after = pieces.concat() + &words;
            prop_assert_eq!(findings(&before, &after, Some(())), findings(&before, &after, None));
        }
    }
}
