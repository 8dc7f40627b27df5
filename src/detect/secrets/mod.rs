//! The secrets that a change brings.
//!
//! One pass finds the keywords of all rules; around each the rule's pattern is searched; what matches
//! is checked by computation, and of several matches on the same bytes the most specific is kept. A
//! finding is what touches new bytes and was in no earlier version of the file.
//!
//! - Bytes are matched, not text: nothing hides behind a NUL or an encoding.
//! - Time is linear in the bytes, whatever they are.
//! - A value leaves this module only as [`crate::finding::Redacted`], or as a [`SecretValue`] for the
//!   one command that asks issuers.

mod allow;
mod boundary;
mod candidate;
mod context;
mod credential;
mod generic;
mod grams;
mod human;
mod introduced;
mod label;
mod matcher;
mod name;
mod near;
mod overlap;
mod prefilter;
mod proof;
mod reading;
mod recorded;
mod sieve;
mod value;
mod verify;

use crate::finding::{
    Action, Allow as Excuse, Finding, Level, LineCol, Location, Notice, Redacted, RepoPath, RuleId,
    Salt, State, Subject,
};
use crate::rule::{Paths, PathsError, PatternError, Provenance, SecretRule};
use crate::source::{Change, Commit, Earlier, Entry};
pub use allow::{Allow, AllowError, Target};
use allow::{Allowance, Place};
use candidate::Candidate;
pub use credential::{Credential, Keep, SecretValue};
use generic::Generic;
use human::Humans;
use introduced::Reporter;
use jiff::civil::Date;
use matcher::{Match, Matcher};
use overlap::most_specific;
use prefilter::Prefilter;
use reading::{Budget, Kind, surfaces};
pub use recorded::Record;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a commit message is called while it is written: no rule is confined to it.
const MESSAGE: &str = "COMMIT_EDITMSG";

/// `[secrets]` of the project file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Rules that do not run.
    pub disable: Vec<RuleId>,
    /// Path patterns (globs) of files that are not read.
    pub exclude: Vec<String>,
    /// Files of rules of the project's own, and folders of them, from its root; whoever reads the
    /// options reads these too.
    pub rules: Vec<String>,
    /// `[[secrets.allow]]`: what is let through by where it is or how it reads.
    pub allow: Vec<Allow>,
    /// What secrets that no vendor's rule knows ask of the gate: `warn` unless said otherwise.
    pub generic: Option<Action>,
}

/// Rules that cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretsError {
    /// Nothing would be looked for, and every change would seem clean.
    #[error("no secret rule is active: a scan would find nothing, whatever is there")]
    NoRules,
    /// Two rules of one name.
    #[error("two secret rules are called {0}")]
    Duplicate(RuleId),
    /// A rule is to be disabled that there is not.
    #[error("[secrets] names {unknown}, and there is no such rule: {nearest} is the nearest")]
    Unknown {
        /// The name.
        unknown: RuleId,
        /// The rule whose name is most like it.
        nearest: RuleId,
    },
    /// A pattern that cannot be searched for.
    #[error("rule {rule} cannot be used")]
    Pattern {
        /// The rule.
        rule: RuleId,
        /// What is wrong with its pattern.
        source: PatternError,
    },
    /// A rule's paths that are none.
    #[error("the paths of rule {rule} cannot be used")]
    Paths {
        /// The rule.
        rule: RuleId,
        /// What is wrong with them.
        source: PathsError,
    },
    /// A rule that would never be tried.
    #[error("rule {0} has neither keywords nor paths: nothing would lead to it")]
    Unreachable(RuleId),
    /// A rule that does not find what it must.
    #[error("rule {0} does not find its own example: the search cannot be trusted")]
    Unproven(RuleId),
    /// Every file is to be passed over.
    #[error("secrets.exclude leaves out every file: a scan would find nothing, whatever is there")]
    Everything,
    /// An entry that lets everything through.
    #[error("[[secrets.allow]] lets everything through that the rules find: {0}")]
    AllowsEverything(String),
    /// An entry that cannot be followed.
    #[error("[[secrets.allow]] number {number} cannot be used")]
    Allow {
        /// Its number, counted from one.
        number: usize,
        /// What is wrong with it.
        source: AllowError,
    },
    /// Paths to be passed over that are none.
    #[error("secrets.exclude cannot be used")]
    Exclude(#[from] PathsError),
    /// The keywords are too many to be searched at once.
    #[error("the keywords of the secret rules do not fit into one automaton")]
    Keywords(#[from] aho_corasick::BuildError),
}

/// What there is to say of one change.
#[derive(Default)]
pub struct Scanned {
    /// The secrets that it brings.
    pub findings: Vec<Finding>,
    /// What of it was not looked at.
    pub notices: Vec<Notice>,
}

/// The secret rules, ready to run.
pub struct Detector {
    matchers: Vec<Matcher>,
    /// The numbers of those that are tried on every byte of the files they are for.
    whole: Vec<usize>,
    generic: Generic,
    prefilter: Prefilter,
    /// Whether a rule of the project reaches farther than is searched around new lines.
    far_rules: bool,
    exclude: Paths,
    allow: Vec<Allowance>,
    humans: Humans,
    /// How many files were read, and how many were left out.
    read: AtomicU64,
    left_out: AtomicU64,
    sieve: sieve::Ready,
}

impl Detector {
    /// Makes `rules` ready, less those that `options` or they themselves switch off.
    pub fn new(mut rules: Vec<SecretRule>, options: &Options) -> Result<Self, SecretsError> {
        rules.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let twins = rules.iter().zip(rules.iter().skip(1)).find(|(a, b)| a.id == b.id);
        if let Some((twin, _)) = twins {
            return Err(SecretsError::Duplicate(twin.id.clone()));
        }
        let disabled = options.disable.iter();
        let allowed = options.allow.iter().flat_map(|allow| &allow.rules);
        for unknown in disabled.chain(allowed) {
            known(&rules, unknown)?;
        }
        if let Some(action) = options.generic {
            let generic = rules.iter_mut().filter(|rule| rule.assigned.is_some());
            generic.for_each(|rule| rule.action = action);
        }
        rules.retain(|rule| rule.action != Action::Off && !options.disable.contains(&rule.id));
        if rules.is_empty() {
            return Err(SecretsError::NoRules);
        }
        let matchers = rules.into_iter().map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
        let whole = matchers.iter().zip(0..).filter(|(matcher, _)| matcher.reads_whole_files());
        let whole = whole.map(|(_, number)| number).collect();
        let keywords = matchers.iter().map(|matcher| matcher.rule.keywords.as_slice());
        let prefilter = Prefilter::new(keywords, &reading::MANIFEST);
        let mut own = matchers.iter().filter(|it| it.rule.provenance == Provenance::Project);
        let far_rules = own.any(near::is_far);
        let exclude = Paths::new(&options.exclude)?;
        // No pattern but one that means everything is about these.
        if ["\u{1}", "\u{1}/\u{1}"].map(RepoPath::from).iter().all(|path| exclude.accepts(path)) {
            return Err(SecretsError::Everything);
        }
        let humans = Humans::default();
        let (read, left_out) = (AtomicU64::new(0), AtomicU64::new(0));
        let allow = Allowance::all(&options.allow)?;
        let generic = Generic::new(&matchers)?;
        let sieve = sieve::Ready::default();
        Ok(Self {
            matchers,
            whole,
            generic,
            prefilter,
            far_rules,
            exclude,
            allow,
            humans,
            read,
            left_out,
            sieve,
        })
    }

    /// The same, looking on this day: what has expired by then does less harm. Without a day nothing
    /// has.
    #[must_use]
    pub fn on(mut self, today: Date) -> Self {
        self.matchers.iter_mut().for_each(|matcher| matcher.today = Some(today));
        self
    }

    /// The active rules, by id.
    pub fn rules(&self) -> impl Iterator<Item = &SecretRule> {
        self.matchers.iter().map(|matcher| &matcher.rule)
    }

    /// Whether the project file says not to read files of this path.
    pub fn excludes(&self, path: &RepoPath) -> bool {
        self.exclude.accepts(path)
    }

    /// What is remarkable about a run that is over: that `secrets.exclude` left nothing of the
    /// change to be read. `files` is how many the change has: of a history only those are counted
    /// here that had to be read again.
    pub fn remarks(&self, files: u64) -> Vec<Notice> {
        let (read, left_out) = (self.read.load(Relaxed), self.left_out.load(Relaxed));
        let text = format!("secrets.exclude leaves out every file of the change ({left_out})");
        let nothing = read == 0 && left_out > 0 && files <= left_out;
        nothing.then(|| Notice::new(Level::Warning, text)).into_iter().collect()
    }

    /// The entries of `[[secrets.allow]]` that have let nothing through; out of date after a run over
    /// everything.
    pub fn unused(&self) -> Vec<Notice> {
        let unused = self.allow.iter().zip(1..);
        let unused = unused.filter_map(|(allow, number)| Some((number, allow.unused()?)));
        let text = |(number, reason)| {
            format!("[[secrets.allow]] number {number} ({reason}) lets nothing through: remove it")
        };
        unused.map(|unused| Notice::new(Level::Note, text(unused))).collect()
    }

    /// The secrets that `change` brings. `salt` is asked for only if there is one.
    pub fn scan(&self, change: &Change<'_>, salt: &dyn Fn() -> Salt) -> Scanned {
        let excluded = self.excludes(change.path);
        let counter = if excluded { &self.left_out } else { &self.read };
        counter.fetch_add(1, Relaxed);
        self.scan_and_tell(change, salt, &|_, _| ())
    }

    /// What `[[secrets.allow]]` says of a candidate on a text.
    fn excuse(&self, found: &Candidate, text: &[u8], change: &Change<'_>) -> Option<Excuse> {
        let matcher = self.matchers.get(found.found.rule)?;
        let around = matches!(found.kind, Kind::Surface | Kind::Decoded);
        let around = around.then_some((text, &found.origin));
        let place = Place { matcher, value: &found.value, around, change };
        let reason = self.allow.iter().find_map(|allow| allow.reason(place))?;
        Some(Excuse::Configured(reason.to_owned()))
    }

    /// Scans, and tells of each finding what it was made of.
    fn scan_and_tell(
        &self,
        change: &Change<'_>,
        salt: &dyn Fn() -> Salt,
        tell: &Tell<'_>,
    ) -> Scanned {
        if self.excludes(change.path) || !self.may_bring(change) {
            return Scanned::default();
        }
        let surfaces = surfaces(change.bytes);
        let mut budget = Budget::of(change.bytes.len());
        let candidates = self.candidates(change.path, &surfaces, &mut budget);
        let candidates = self.introduced(candidates, change);
        let cuts = budget.into_cuts().into_iter();
        if candidates.is_empty() && cuts.len() == 0 && change.had_path() {
            return Scanned::default();
        }
        let shown = self.masked(change.path);
        let path = shown.as_ref().unwrap_or(change.path);
        let notices = cuts.map(|cut| Notice::at(path, Level::Warning, cut)).collect();
        let mut findings = Vec::new();
        if !candidates.is_empty() {
            let mut reporter = Reporter::new(self, change, path, &surfaces, salt());
            findings.extend(candidates.iter().filter_map(|found| reporter.report(found, tell)));
        }
        if let Some(shown) = &shown {
            findings.extend(self.name_findings(change, shown, salt, tell));
        }
        Scanned { findings, notices }
    }

    /// The salted hashes of the secrets that a file and its name hold, new or not, as
    /// [`crate::finding::Redacted`] has them.
    pub fn held(&self, path: &RepoPath, bytes: &[u8], salt: &Salt) -> BTreeSet<String> {
        if self.excludes(path) {
            return BTreeSet::new();
        }
        let values = self.values(path, bytes).chain(self.values_in_name(path));
        values.map(|value| Redacted::new(salt, &value, "").salted).collect()
    }

    /// The secrets in what a commit says of itself: its message, and the names and addresses of who made
    /// it. They are shown at the first file that the commit changes.
    pub fn commit(&self, commit: &Commit, salt: &dyn Fn() -> Salt) -> Vec<Finding> {
        in_commit(commit, &|change| self.scan_and_tell(change, salt, &|_, _| ()))
    }

    /// Gives the passwords among all findings of a run the names that they keep: see `human`. To be
    /// called once, when everything has been found.
    pub fn name(&self, findings: &mut [Finding], salt: &dyn Fn() -> Salt) -> Option<Notice> {
        self.humans.name(findings, salt)
    }

    /// Which rules find a secret in a text, and where: what [`crate::rule::check`] asks for.
    pub fn locate(&self, path: &RepoPath, text: &[u8]) -> Vec<(RuleId, Range<usize>)> {
        let matches = self.search(path, text).into_iter();
        matches
            .filter_map(|found| {
                Some((self.matchers.get(found.rule)?.rule.id.clone(), found.secret))
            })
            .collect()
    }

    fn rule(&self, number: usize) -> Option<&SecretRule> {
        self.matchers.get(number).map(|matcher| &matcher.rule)
    }

    fn windows(&self, text: &[u8]) -> BTreeMap<usize, Vec<Range<usize>>> {
        let window = |rule: usize, hit: &Range<usize>| self.matchers.get(rule)?.window(text, hit);
        self.prefilter.windows(text, &window)
    }

    fn search(&self, path: &RepoPath, text: &[u8]) -> Vec<Match> {
        let windows = self.windows(text);
        let generic = self.generic.search(path, text, &windows);
        let keyed = windows
            .into_iter()
            .flat_map(|(rule, windows)| windows.into_iter().map(move |window| (rule, window)));
        let whole = self.whole_files(path).map(|rule| (rule, 0..text.len()));
        let matches = keyed.chain(whole).flat_map(|(rule, window)| {
            let matcher = self.matchers.get(rule).filter(|matcher| matcher.claims(path));
            matcher.map(|matcher| matcher.search(rule, text, window)).unwrap_or_default()
        });
        most_specific(matches.chain(generic).collect())
    }
}

/// Told of each finding what it was made of.
type Tell<'a> = dyn Fn(&Finding, &Candidate) + 'a;

/// The past of a text that is in no file: there is none, and its name is no news.
struct NoFile;

impl Earlier for NoFile {
    fn versions(&self) -> Vec<Option<Arc<Vec<u8>>>> {
        Vec::new()
    }

    fn had_path(&self) -> bool {
        true
    }
}

/// What `look` finds in the texts of a commit.
fn in_commit(commit: &Commit, look: &dyn Fn(&Change<'_>) -> Scanned) -> Vec<Finding> {
    let Commit { author, committer, .. } = commit;
    let people = [&author.name, &author.email, &committer.name, &committer.email];
    let people = people.map(String::as_str).join("\n");
    let texts = [("in the commit message", &commit.message), ("in the commit's names", &people)];
    let found = texts.into_iter().flat_map(|(place, text)| {
        let (path, entry) = (RepoPath::from(MESSAGE), Entry::File);
        let change = Change::new(&path, Some(&commit.id), entry, text.as_bytes(), &NoFile);
        let findings = look(&change).findings.into_iter();
        let place = move |finding| at_the_commit(finding, place, commit.anchor.as_ref());
        findings.map(place).collect::<Vec<_>>()
    });
    found.collect()
}

/// The finding at the first file of its commit, saying where it really is.
fn at_the_commit(finding: Finding, place: &str, anchor: Option<&RepoPath>) -> Finding {
    let path = anchor.cloned().unwrap_or_else(|| RepoPath::from(".lockkeeper.toml"));
    let (start, end) = (LineCol::START, LineCol::START);
    let commit = finding.location.commit;
    let message = format!("{} {place}", finding.message);
    let mut subject = finding.subject;
    if let Subject::Secret(secret) = &mut subject {
        secret.state = State::Metadata;
        secret.elsewhere.clear();
    }
    Finding { message, subject, location: Location { path, start, end, commit }, ..finding }
}

/// An error unless there is a rule of this id.
fn known(rules: &[SecretRule], id: &RuleId) -> Result<(), SecretsError> {
    if rules.iter().any(|rule| rule.id == *id) {
        return Ok(());
    }
    let distance = |rule: &&SecretRule| strsim::levenshtein(rule.id.as_str(), id.as_str());
    let nearest = rules.iter().min_by_key(distance).ok_or(SecretsError::NoRules)?;
    Err(SecretsError::Unknown { unknown: id.clone(), nearest: nearest.id.clone() })
}

#[cfg(test)]
mod tests;
