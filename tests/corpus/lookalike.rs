//! What looks like a secret and is none, read from `lookalikes.toml`.

use crate::generic::{keys, words};
use crate::sample::{Expect, Group, Sample};
use crate::text::{Style, fill, pick};
use lockkeeper::finding::RepoPath;
use lockkeeper::rule::expand_from;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Lookalikes {
    class: Vec<Class>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    path: String,
    times: u64,
    #[serde(default)]
    expect: Mercy,
    text: String,
}

/// What may become of a lookalike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Mercy {
    #[default]
    #[serde(rename = "silence")]
    Silence,
    #[serde(rename = "no block")]
    NoBlock,
}

/// Every sample.
pub(crate) fn samples() -> Vec<Sample> {
    let lookalikes: Lookalikes = toml::from_str(include_str!("lookalikes.toml"))
        .expect("lookalikes.toml is as this file says");
    let (words, keys) = (words(), keys());
    let make = |class: &Class, seed| sample(class, &words, &keys, seed);
    lookalikes
        .class
        .iter()
        .flat_map(|class| (0..class.times).map(move |seed| make(class, seed)))
        .collect()
}

fn sample(class: &Class, words: &[String], keys: &[String], seed: u64) -> Sample {
    let mut template = class.text.trim_start_matches('\n').to_owned();
    for turn in 0.. {
        let Some((before, after)) = template.split_once("@KEY@") else { break };
        let key: &String = pick(keys, seed * 100 + turn);
        let key = Style::Upper.name(key);
        template = format!("{before}{key}{after}");
    }
    let template = fill(&template, words, seed);
    let text =
        expand_from(&template, seed + 1).unwrap_or_else(|why| panic!("{}: {why}", class.name));
    Sample {
        group: Group::Lookalike,
        class: class.name.clone(),
        path: RepoPath::from(fill(&class.path, words, seed).as_str()),
        text: text.text,
        expect: match class.expect {
            Mercy::Silence => Expect::Silence,
            Mercy::NoBlock => Expect::NoBlock,
        },
    }
}
