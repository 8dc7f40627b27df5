//! The records of one flaw, made one: those that share an id or an alias, whichever databases they
//! come from.

use super::document::Advisory;
use super::document::Kind;
use super::matching::{Answer, Candidate};
use super::rating::Rating;
use crate::finding::Severity;
use crate::package::{Ecosystem, Package, Version};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one package at one version.
#[derive(Debug, Default)]
pub struct Lookup {
    /// The flaws that it has, sorted by id.
    pub hits: Vec<Hit>,
    /// The advisories of which it cannot be told whether they hold, sorted by id.
    pub doubts: Vec<Doubt>,
}

/// One flaw of a package, from all the records about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The id: of the ecosystem's own database where it has one, then GitHub's, then the CVE.
    pub id: String,
    /// The other ids, sorted.
    pub aliases: Vec<String>,
    /// The worst that a record says it is.
    pub kind: Kind,
    /// One line on what is wrong; may be empty.
    pub summary: String,
    /// Where to read more.
    pub url: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The CVSS vector with the highest score.
    pub cvss: Option<String>,
    /// Its score.
    pub score: Option<f64>,
    /// The versions that records name as fixed, lowest first.
    pub fixed: Vec<String>,
    /// The lowest of them that is above the package's version and that no record calls affected.
    pub upgrade: Option<String>,
    /// Whether the databases could not express which versions are affected and took in all.
    pub wider: bool,
}

/// An advisory of which it cannot be told whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The advisory.
    pub id: String,
    /// What cannot be compared.
    pub cause: Doubtful,
}

/// What cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubtful {
    /// The package's version is none of its ecosystem.
    Version,
    /// A bound of the advisory is none; the text says which.
    Bound(String),
}

/// Asks all advisories of a package.
pub(super) fn lookup(package: &Package, advisories: &[Advisory]) -> Lookup {
    if advisories.is_empty() {
        return Lookup::default();
    }
    let candidate = Candidate::new(package.ecosystem, &package.version);
    let asked: Vec<_> = advisories
        .iter()
        .map(|advisory| Asked { advisory, answer: advisory.affected.holds(&candidate) })
        .collect();
    let mut lookup = Lookup::default();
    if asked.iter().all(|asked| asked.answer == Answer::Safe) {
        return lookup;
    }
    for flaw in flaws(&asked) {
        if flaw.iter().any(|asked| asked.answer == Answer::Affected) {
            lookup.hits.push(hit(&candidate, package.ecosystem, &flaw));
        } else {
            lookup.doubts.extend(flaw.iter().filter_map(|asked| asked.doubt()));
        }
    }
    lookup.hits.sort_by(|a, b| a.id.cmp(&b.id));
    lookup.doubts.sort();
    lookup.doubts.dedup();
    lookup
}

/// An advisory, and whether it holds.
struct Asked<'a> {
    advisory: &'a Advisory,
    answer: Answer,
}

impl Asked<'_> {
    fn doubt(&self) -> Option<Doubt> {
        let cause = match &self.answer {
            Answer::UnknownVersion => Doubtful::Version,
            Answer::UnknownBound(error) => Doubtful::Bound(error.to_string()),
            Answer::Affected | Answer::Safe => return None,
        };
        Some(Doubt { id: self.advisory.id.to_string(), cause })
    }
}

impl Advisory {
    fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(&self.aliases).map(|id| &**id)
    }
}

/// The advisories in groups of which each is about one flaw, in the order of their first members.
fn flaws<'a, 'b>(asked: &'b [Asked<'a>]) -> Vec<Vec<&'b Asked<'a>>> {
    let mut sets = Sets((0..asked.len()).collect());
    let mut first = BTreeMap::new();
    for (at, asked) in asked.iter().enumerate() {
        for id in asked.advisory.ids() {
            sets.join(at, *first.entry(id).or_insert(at));
        }
    }
    let mut flaws = BTreeMap::<usize, Vec<_>>::new();
    for (at, asked) in asked.iter().enumerate() {
        flaws.entry(sets.root(at)).or_default().push(asked);
    }
    flaws.into_values().collect()
}

/// Disjoint sets of numbers: each number leads to a lower one of its set, the lowest to itself.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&self, mut at: usize) -> usize {
        while let Some(next) = self.0.get(at).filter(|next| **next != at) {
            at = *next;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.0.get_mut(a.max(b)) {
            *parent = a.min(b);
        }
    }
}

fn hit(candidate: &Candidate<'_>, ecosystem: Ecosystem, flaw: &[&Asked<'_>]) -> Hit {
    let all = || flaw.iter().map(|asked| asked.advisory);
    let holding =
        || flaw.iter().filter(|it| it.answer == Answer::Affected).map(|asked| asked.advisory);
    let mut ids: BTreeSet<&str> =
        all().flat_map(Advisory::ids).filter(|id| !id.is_empty()).collect();
    let id = ids.iter().copied().min_by_key(|id| (rank(ecosystem, id), *id)).unwrap_or("unnamed");
    ids.remove(id);
    // The record under the chosen id tells the story; another stands in where it says nothing.
    let told = || all().filter(|it| &*it.id == id).chain(holding()).chain(all());
    let kind = holding().map(|it| it.kind).max().unwrap_or(Kind::Vulnerability);
    let rating = holding().map(|it| it.rating.clone()).reduce(Rating::worse);
    let rating = rating.unwrap_or_else(|| Rating::new([], []));
    let malicious = kind == Kind::Malicious;
    Hit {
        id: id.to_owned(),
        aliases: ids.into_iter().map(str::to_owned).collect(),
        kind,
        summary: told().map(|it| &*it.summary).find(|it| !it.is_empty()).unwrap_or("").to_owned(),
        url: page(id).or_else(|| told().find_map(|it| it.url.as_deref()).map(str::to_owned)),
        severity: if malicious { Severity::Critical } else { rating.severity },
        cvss: rating.cvss.map(Into::into),
        score: rating.score,
        fixed: fixed(ecosystem, all()),
        upgrade: upgrade(candidate, ecosystem, flaw),
        wider: holding().all(|it| it.wider && it.affected.is_unbounded()),
    }
}

/// Whose id comes first: the ecosystem's own database's, for it knows the versions best.
fn rank(ecosystem: Ecosystem, id: &str) -> u8 {
    let own = match ecosystem {
        Ecosystem::CratesIo => "RUSTSEC-",
        Ecosystem::Go => "GO-",
        Ecosystem::PyPI => "PYSEC-",
        Ecosystem::Cran => "RSEC-",
        Ecosystem::Hackage => "HSEC-",
        Ecosystem::Hex => "EEF-",
        Ecosystem::Julia => "JLSEC-",
        Ecosystem::Opam => "OSEC-",
        Ecosystem::CocoaPods
        | Ecosystem::ConanCenter
        | Ecosystem::GitHubActions
        | Ecosystem::Maven
        | Ecosystem::Npm
        | Ecosystem::NuGet
        | Ecosystem::Packagist
        | Ecosystem::Pub
        | Ecosystem::RubyGems
        | Ecosystem::SwiftUrl => "GHSA-",
    };
    let order = [own, "MAL-", "GHSA-", "CVE-"];
    let found = order.iter().position(|prefix| id.starts_with(prefix));
    found.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// The page of an advisory whose database is known by its id.
fn page(id: &str) -> Option<String> {
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    let (database, _) = id.split_once('-')?;
    match database {
        "RUSTSEC" => Some(format!("https://rustsec.org/advisories/{id}.html")),
        "GO" => Some(format!("https://pkg.go.dev/vuln/{id}")),
        "GHSA" => Some(format!("https://github.com/advisories/{id}")),
        "PYSEC" | "MAL" => Some(format!("https://osv.dev/vulnerability/{id}")),
        "CVE" => Some(format!("https://www.cve.org/CVERecord?id={id}")),
        _ => None,
    }
}

/// The versions that any record names as fixed, in the ecosystem's order; those that are none of
/// its versions are last.
fn fixed<'a>(ecosystem: Ecosystem, flaw: impl Iterator<Item = &'a Advisory>) -> Vec<String> {
    let texts: BTreeSet<&str> = flaw.flat_map(|advisory| advisory.affected.fixed()).collect();
    let mut versions: Vec<_> =
        texts.into_iter().map(|text| (Version::parse(ecosystem, text).ok(), text)).collect();
    versions.sort_by(|(a, _), (b, _)| a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(b)));
    versions.into_iter().map(|(_, text)| text.to_owned()).collect()
}

fn upgrade(candidate: &Candidate<'_>, ecosystem: Ecosystem, flaw: &[&Asked<'_>]) -> Option<String> {
    let current = candidate.parsed()?;
    let all = || flaw.iter().map(|asked| asked.advisory);
    let above = |text: &&String| Version::parse(ecosystem, text).is_ok_and(|it| it > *current);
    let clean = |text: &String| {
        let version = Candidate::new(ecosystem, text);
        !all().any(|advisory| advisory.affected.holds(&version) == Answer::Affected)
    };
    fixed(ecosystem, all()).iter().filter(above).find(|text| clean(text)).cloned()
}

#[cfg(test)]
mod tests;
