//! The ranges of npm (<https://github.com/npm/node-semver#ranges>), Composer
//! (<https://getcomposer.org/doc/articles/versions.md>) and Dart
//! (<https://dart.dev/tools/pub/dependencies#version-constraints>), which are alike and differ in
//! what a tilde means, in how many numbers a version has, and in what joins two ranges.

use super::partial::Partial;
use super::{OPERATORS, Relation, Written, operator};

/// How an ecosystem's ranges differ from those of the others.
struct Dialect {
    /// How many numbers a version has at most.
    most: usize,
    /// What makes a bound exclude the prereleases of its version, too.
    before: &'static str,
    /// What makes a bound take in the prereleases of its version, where no prerelease is named.
    from: &'static str,
    /// Which number a tilde lets grow, of how many.
    tilde: fn(usize) -> Option<usize>,
    /// Which number a caret holds.
    caret: fn(&Partial<'_>) -> Option<usize>,
}

const NPM: Dialect = Dialect {
    most: 3,
    before: "-0",
    from: "",
    tilde: |given| given.checked_sub(1).map(|last| last.min(1)),
    caret: |version| version.leading(),
};

const COMPOSER: Dialect = Dialect {
    most: 4,
    before: "-dev",
    from: "-dev",
    tilde: |given| given.checked_sub(1).map(|last| last.saturating_sub(1)),
    caret: |version| version.leading(),
};

const DART: Dialect = Dialect {
    most: 3,
    before: "-0",
    from: "",
    tilde: |_| None,
    caret: |version| version.leading().map(|place| place.min(1)),
};

/// npm's: `||` between ranges, blanks between bounds.
pub(super) fn npm(text: &str) -> Option<Vec<Vec<Written>>> {
    let text = text.strip_prefix("npm:").unwrap_or(text);
    text.split("||").map(|range| NPM.range(range)).collect()
}

/// Composer's: `|` or `||` between ranges, commas or blanks between bounds.
pub(super) fn composer(text: &str) -> Option<Vec<Vec<Written>>> {
    let text = text.replace("||", "|").replace(',', " ").replace("<>", "!=");
    text.split('|').map(|range| COMPOSER.range(without_stability(range.trim()))).collect()
}

/// Dart's: one range.
pub(super) fn dart(text: &str) -> Option<Vec<Vec<Written>>> {
    let text = text.trim_matches('"');
    if text == "any" {
        return Some(vec![Vec::new()]);
    }
    Some(vec![DART.range(text)?])
}

/// Without `@beta` at the end, which says what else is taken.
fn without_stability(range: &str) -> &str {
    let flags = ["stable", "RC", "beta", "alpha", "dev"];
    range
        .rsplit_once('@')
        .filter(|(_, flag)| flags.contains(flag))
        .map_or(range, |(range, _)| range)
}

impl Dialect {
    fn range(&self, text: &str) -> Option<Vec<Written>> {
        let text = text.trim();
        if let Some((low, high)) = text.split_once(" - ") {
            let (low, high) = (self.partial(low.trim())?, self.partial(high.trim())?);
            let top = match high.len().checked_sub(1) {
                _ if high.is_whole(3) => vec![(Relation::UpTo, high.lowest())],
                Some(last) => vec![(Relation::Below, self.before(high.after(last)?))],
                None => Vec::new(),
            };
            return Some([vec![(Relation::From, self.from(&low))], top].concat());
        }
        let words = joined(text);
        let bounds = words.iter().map(|word| self.bounds(word));
        Some(bounds.collect::<Option<Vec<_>>>()?.concat())
    }

    fn partial<'a>(&self, text: &'a str) -> Option<Partial<'a>> {
        Partial::read(self.most, text)
    }

    fn before(&self, version: String) -> String {
        version + self.before
    }

    fn from(&self, version: &Partial<'_>) -> String {
        let lowest = version.lowest();
        if lowest.contains('-') { lowest } else { lowest + self.from }
    }

    /// The bounds of one word: an operator and a version.
    fn bounds(&self, word: &str) -> Option<Vec<Written>> {
        if let Some(rest) = word.strip_prefix('^') {
            let version = self.partial(rest)?;
            return self.grown(&version, (self.caret)(&version));
        }
        if let Some(rest) = word.strip_prefix('~') {
            let version = self.partial(rest.strip_prefix('>').unwrap_or(rest))?;
            let place = (self.tilde)(version.len());
            return if version.len() > 0 && place.is_none() {
                None
            } else {
                self.grown(&version, place)
            };
        }
        match operator(word, OPERATORS) {
            Some((relation, rest)) => self.compared(relation, &self.partial(rest)?),
            None => self.compared(Relation::Exactly, &self.partial(word)?),
        }
    }

    /// From a version on, up to where the number at a place grows; everything, where there is none.
    fn grown(&self, version: &Partial<'_>, place: Option<usize>) -> Option<Vec<Written>> {
        let Some(place) = place else { return Some(Vec::new()) };
        let top = self.before(version.after(place)?);
        Some(vec![(Relation::From, self.from(version)), (Relation::Below, top)])
    }

    fn compared(&self, relation: Relation, version: &Partial<'_>) -> Option<Vec<Written>> {
        let last = version.len().checked_sub(1);
        // Composer takes a version that lacks numbers for one that has zeros there.
        let whole = version.is_whole(3) || (self.most > 3 && !version.wild);
        let next = |last: usize| version.after(last);
        Some(match (relation, last) {
            (Relation::Exactly | Relation::From | Relation::UpTo, None) => Vec::new(),
            (_, None) => return None,
            (Relation::From, _) => vec![(relation, self.from(version))],
            (Relation::Below, _) => {
                let text = version.lowest();
                let text = if text.contains('-') { text } else { self.before(text) };
                vec![(relation, text)]
            }
            (_, Some(_)) if whole => vec![(relation, version.lowest())],
            (Relation::Exactly, Some(last)) => self.grown(version, Some(last))?,
            (Relation::UpTo, Some(last)) => vec![(Relation::Below, self.before(next(last)?))],
            (Relation::Above, Some(last)) => vec![(Relation::From, next(last)?)],
            (Relation::OtherThan, Some(_)) => return None,
        })
    }
}

/// The words of a range, operators that stand alone joined with what follows them.
fn joined(text: &str) -> Vec<String> {
    let mut words = Vec::<String>::new();
    let mut open = false;
    for word in text.split_whitespace() {
        match words.last_mut().filter(|_| open) {
            Some(last) => last.push_str(word),
            None => words.push(word.to_owned()),
        }
        open = word.bytes().all(|byte| b"<>=!~^".contains(&byte));
    }
    words
}
