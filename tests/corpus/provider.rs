//! Secrets of every built-in rule, between them in every syntax.
//!
//! A rule that finds its secret wherever it stands is tried with the bare secret under a name that means
//! nothing; the others with their own examples, whole, in different surroundings.

use crate::generic::words;
use crate::sample::{Expect, Group, Sample};
use crate::syntax::{Syntaxes, Written, syntaxes};
use crate::text::pick;
use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::RepoPath;
use lockkeeper::rule::{SecretRule, builtin_secrets, expand_from};
use std::ops::Range;

/// Names that say nothing of what a value is.
const NAMES: &[&str] = &["value", "setting", "option", "third argument", "x", "item", "field two"];

/// How the ids of rules begin that know no kind.
const UNKNOWN: &str = "secret/generic";

/// A secret as an example of its rule has it.
struct Example {
    text: String,
    at: Range<usize>,
}

/// Every sample.
pub(crate) fn samples() -> Vec<Sample> {
    let rules: Vec<_> = builtin_secrets()
        .unwrap()
        .into_iter()
        .filter(|rule| !rule.id.as_str().starts_with(UNKNOWN))
        .collect();
    let detector = Detector::new(rules.clone(), &Options::default()).unwrap();
    let (syntaxes, words) = (syntaxes(), words());
    let maker = Maker { detector: &detector, syntaxes: &syntaxes, words: &words };
    rules.iter().zip(0_u64..).flat_map(|(rule, row)| maker.of_rule(rule, row)).collect()
}

struct Maker<'a> {
    detector: &'a Detector,
    syntaxes: &'a Syntaxes,
    words: &'a [String],
}

impl Maker<'_> {
    /// Every other syntax, so that each meets half of the rules; every frame.
    fn of_rule(&self, rule: &SecretRule, row: u64) -> Vec<Sample> {
        let alone = (0..rule.matches.len()).any(|n| self.stands_alone(rule, n));
        let bare = self.syntaxes.syntax.iter().zip(0_u64..);
        let bare = bare.filter(|(_, column)| alone && (column + row).is_multiple_of(2));
        let bare = bare.filter_map(|(syntax, seed)| {
            let nth = usize::try_from(seed).unwrap() % rule.matches.len();
            let example = self.example(rule, nth, seed);
            let value = example.text.get(example.at)?;
            let name = pick(NAMES, seed);
            let written = syntax.write(name, value, self.words, seed)?;
            let group = if syntax.encoded { Group::Encoded } else { Group::Provider };
            Some(sample(rule, group, &syntax.name, written))
        });
        let whole = self.syntaxes.frame.iter().zip(100_u64..);
        let whole = whole.map(|(frame, seed)| {
            let nth = usize::try_from(seed).unwrap() % rule.matches.len();
            let example = self.example(rule, nth, seed);
            let (text, at) = frame.write(&example.text, &example.at, self.words, seed);
            let path = path(rule);
            sample(rule, Group::Provider, &frame.name, Written { path, text, at })
        });
        // A rule for files of one name looks at the whole of them.
        let frames = if rule.paths.is_empty() { usize::MAX } else { 1 };
        bare.chain(whole.take(frames)).collect()
    }

    /// An example with its placeholders filled in. Where the rule does not find it, the whole of it
    /// counts as the secret, and not finding it will be held against the rule.
    fn example(&self, rule: &SecretRule, nth: usize, seed: u64) -> Example {
        let text = expand_from(&rule.matches[nth], seed).unwrap().text;
        let found = self.detector.locate(&path(rule), text.as_bytes());
        // A text with two secrets would have one too many.
        if found.len() > 1 && nth > 0 {
            return self.example(rule, nth - 1, seed);
        }
        let own = found.into_iter().find(|(id, _)| *id == rule.id);
        let at = own.map_or(0..text.len(), |(_, at)| at);
        Example { text, at }
    }

    /// Whether the rule finds the bare secret of its `nth` example.
    fn stands_alone(&self, rule: &SecretRule, nth: usize) -> bool {
        let example = self.example(rule, nth, 0);
        let value = &example.text[example.at];
        let text = format!("{}\n", value.trim());
        let found = self.detector.locate(&RepoPath::from("notes.txt"), text.as_bytes());
        found.iter().any(|(id, _)| *id == rule.id)
    }
}

fn sample(rule: &SecretRule, group: Group, class: &str, written: Written) -> Sample {
    let expect = Expect::Secret { kind: rule.id.to_string(), at: written.at };
    Sample { group, class: class.to_owned(), path: written.path, text: written.text, expect }
}

/// A path that the rule is for.
fn path(rule: &SecretRule) -> RepoPath {
    let pattern = rule.paths.first().map_or("notes.txt", String::as_str);
    RepoPath::from(pattern.replace("**/", "app/").replace("**", "app").replace('*', "a").as_str())
}
