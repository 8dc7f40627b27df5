//! source → detect → gate, in one function.
//!
//! The changes flow from the source's threads through the detectors that read new bytes, while the
//! detectors that compare whole files work beside them. What comes out does not depend on the
//! number of threads: findings are sorted before they are numbered and judged.

use crate::advisory::{AdvisoryError, CargoIndex, Exploited, ExploitedSource, Index, SourceInfo};
use crate::detect::dependencies::{self, DependencyError, Inventory, Known};
use crate::detect::{Snapshot, policies, secrets};
use crate::finding::{
    CommitId, Finding, Level, LineIndex, Notice, RepoPath, Salt, Secret, State, Subject, gather,
    line_hashes, settle,
};
use crate::gate::{self, Extent, Policy, Verdict};
use crate::lockfile;
use crate::package::Ecosystem;
use crate::rule::Paths;
use crate::source::{
    Change, Clean, Commit, Coverage, Delta, Interest, Label, Mark, Sieve, Sink, Source,
    SourceError, Status,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The longest line, in bytes, that is looked at for an allow comment.
const LONGEST_LINE: usize = 10_000;

/// The detectors of one run; what is `None` was not asked for.
pub struct Detectors {
    /// Credentials.
    pub secrets: Option<secrets::Detector>,
    /// How the repository is worked on.
    pub policies: Option<policies::Policies>,
    /// Vulnerable packages.
    pub dependencies: Option<Dependencies>,
}

/// What the dependency detector needs.
pub struct Dependencies {
    /// The project's options.
    pub options: dependencies::Options,
    /// Which lockfiles to check.
    pub reach: Reach,
    /// Lockfiles that the project leaves out.
    pub exclude: Paths,
    /// Loads the advisories of the ecosystems that occur; called only if one does.
    pub load: Box<Load>,
    /// How much it matters that there are none: for a person in the middle of a commit, who cannot fetch
    /// any, it is a warning.
    pub gap: Level,
    /// Reads what is known of attacks; called only if a package is locked.
    pub exploited: Box<LoadExploited>,
    /// Where cargo keeps what it knows of its registries; `None` where it has no home.
    pub cargo_index: Option<PathBuf>,
}

/// Loads the advisories of some ecosystems.
pub type Load = dyn Fn(&BTreeSet<Ecosystem>) -> Result<Index, AdvisoryError> + Send + Sync;

/// Reads what is known of attacks.
pub type LoadExploited = dyn Fn() -> Result<Exploited, AdvisoryError> + Send + Sync;

/// Which lockfiles are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every lockfile of the head.
    All,
    /// Those that the change touches: a hook has seconds, and the pipeline looks at all of them.
    Changed,
}

/// Told of every commit and file as it is read, from several threads.
pub trait Watch: Sync {
    /// A commit was read.
    fn commit(&self);
    /// A file was read.
    fn file(&self, bytes: u64);
}

/// Nobody watches.
impl Watch for () {
    fn commit(&self) {}
    fn file(&self, _bytes: u64) {}
}

/// What a run found and what it looked at.
pub struct Outcome {
    /// What the gate says.
    pub verdict: Verdict,
    /// Commits, files and bytes read.
    pub coverage: Coverage,
    /// Lockfiles read.
    pub lockfiles: usize,
    /// Packages in them.
    pub packages: usize,
    /// The advisories they were checked against.
    pub advisories: Vec<SourceInfo>,
    /// What was known of attacks.
    pub exploited: Vec<ExploitedSource>,
    /// Remarks, sorted; an error among them means that the run cannot pass.
    pub notices: Vec<Notice>,
    /// The commits about which there was anything to say.
    pub noted: BTreeSet<CommitId>,
}

/// A run that could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The lockfiles cannot be looked for.
    #[error(transparent)]
    Dependencies(#[from] DependencyError),
}

/// Runs the detectors over the source and lets the gate decide.
pub fn run(
    source: &dyn Source,
    detectors: &Detectors,
    gate: &Policy,
    clean: Option<&Clean>,
    watch: &dyn Watch,
) -> Result<Outcome, PipelineError> {
    let salt = || gate.baseline.key().map_or_else(|| source.salt(), Salt::from);
    let found = Mutex::default();
    let collector = Collector { detectors, clean, watch, salt: &salt, found };
    let compare = || compare(source, detectors);
    let (coverage, compared) = rayon::join(|| source.visit(&collector), compare);
    let (coverage, (whole, delta)) = (coverage?, compared?);
    let Found { findings, mut notices, noted } = collector.into_found();
    // Without detectors of whole files it is asked for where something was found.
    let late = || if findings.is_empty() { Ok(Vec::new()) } else { source.delta() };
    let delta = delta.map_or_else(late, Ok)?;
    let snapshot = snapshot(source, &delta);
    if coverage.is_empty() {
        notices
            .push(Notice::new(Level::Error, "nothing was scanned: there is no change to look at"));
    }
    let mut findings = gather(findings, &|commit| source.rank(commit));
    if let Some(secrets) = &detectors.secrets {
        mark_removed(&mut findings, secrets, &salt, &snapshot)?;
        notices.extend(secrets.name(&mut findings, &salt));
        notices.extend(secrets.remarks(coverage.files));
        if gate.extent == Extent::Whole {
            notices.extend(secrets.unused());
        }
    }
    let (annotated, remarks) = annotate_at(whole.findings, &snapshot)?;
    findings.extend(annotated);
    notices.extend(whole.notices.into_iter().chain(remarks));
    let verdict = gate.decide(settle(findings));
    notices.sort();
    notices.dedup();
    let Whole { lockfiles, packages, advisories, exploited, .. } = whole;
    Ok(Outcome { verdict, coverage, lockfiles, packages, advisories, exploited, notices, noted })
}

fn snapshot<'a>(source: &'a dyn Source, delta: &'a [Delta]) -> Snapshot<'a> {
    Snapshot { head: source.head(), base: source.base(), delta }
}

/// Marks the secrets of a history that its head does not hold any more. What no change under test
/// touches cannot hold one that it brought, so only what differs is looked at.
fn mark_removed(
    findings: &mut [Finding],
    secrets: &secrets::Detector,
    salt: &dyn Fn() -> Salt,
    snapshot: &Snapshot<'_>,
) -> Result<(), SourceError> {
    let mut brought: Vec<_> = findings.iter_mut().filter_map(in_a_file).collect();
    if brought.is_empty() {
        return Ok(());
    }
    let salt = salt();
    let there = snapshot.delta.par_iter().filter(|delta| delta.status != Status::Deleted);
    let held = there.map(|delta| {
        let bytes = snapshot.head.read(&delta.path)?.unwrap_or_default();
        Ok(secrets.held(&delta.path, &bytes, &salt))
    });
    let merge = |mut all: BTreeSet<_>, more| {
        all.extend::<BTreeSet<String>>(more);
        Ok(all)
    };
    let held = held.try_reduce(BTreeSet::new, merge)?;
    let gone = brought.iter_mut().filter(|secret| !held.contains(&secret.redacted.salted));
    gone.for_each(|secret| secret.state = State::Removed);
    Ok(())
}

/// The secret of a finding in a file of some commit.
fn in_a_file(finding: &mut Finding) -> Option<&mut Secret> {
    finding.location.commit.as_ref()?;
    match &mut finding.subject {
        Subject::Secret(secret) if secret.state == State::Live => Some(secret),
        Subject::Secret(_) | Subject::Policy | Subject::Package(_) | Subject::Licence(_) => None,
    }
}

/// What the detectors found that compare whole files.
#[derive(Default)]
struct Whole {
    findings: Vec<Finding>,
    notices: Vec<Notice>,
    lockfiles: usize,
    packages: usize,
    advisories: Vec<SourceInfo>,
    exploited: Vec<ExploitedSource>,
}

/// Compares whole files, if a detector does, and returns what differs.
fn compare(
    source: &dyn Source,
    detectors: &Detectors,
) -> Result<(Whole, Option<Vec<Delta>>), PipelineError> {
    if detectors.dependencies.is_none() && detectors.policies.is_none() {
        return Ok((Whole::default(), None));
    }
    let delta = source.delta()?;
    let snapshot = snapshot(source, &delta);
    let mut whole = match &detectors.dependencies {
        Some(dependencies) => audit(dependencies, &snapshot)?,
        None => Whole::default(),
    };
    if let Some(policies) = &detectors.policies {
        whole.findings.extend(policies.snapshot(&snapshot)?);
    }
    Ok((whole, Some(delta)))
}

fn audit(dependencies: &Dependencies, snapshot: &Snapshot<'_>) -> Result<Whole, PipelineError> {
    let is_lockfile = |path: &RepoPath| lockfile::format_of(path).is_some();
    // A tree of many files is not listed for a commit that has nothing to do with lockfiles.
    if dependencies.reach == Reach::Changed
        && !snapshot.delta.iter().any(|delta| is_lockfile(&delta.path))
    {
        return Ok(Whole::default());
    }
    let touched = |path: &RepoPath| snapshot.delta.binary_search_by(|d| d.path.cmp(path)).is_ok();
    let reached = |path: &RepoPath| dependencies.reach == Reach::All || touched(path);
    let wanted = |path: &RepoPath| reached(path) && !dependencies.exclude.accepts(path);
    let inventory = dependencies::lockfiles(snapshot, &wanted)?;
    let licences = dependencies::licences(&inventory, snapshot, &dependencies.options);
    let mut whole = against_advisories(dependencies, snapshot, &inventory)
        .unwrap_or_else(|error| unchecked(&inventory, &error, dependencies.gap));
    whole.findings.extend(licences.0);
    whole.notices.extend(licences.1);
    let index = || dependencies.cargo_index.as_deref().map(CargoIndex::open).unwrap_or_default();
    let yanked = dependencies::yanked(&inventory, snapshot, &dependencies.options, &index);
    whole.findings.extend(yanked.0);
    whole.notices.extend(yanked.1);
    Ok(whole)
}

fn against_advisories(
    dependencies: &Dependencies,
    snapshot: &Snapshot<'_>,
    inventory: &Inventory,
) -> Result<Whole, AdvisoryError> {
    let ecosystems = inventory.ecosystems();
    // Without packages there is nothing to load, and no reason to fail for want of it.
    let (exploited, remark) =
        if ecosystems.is_empty() { Ok(Default::default()) } else { attacks(dependencies) }?;
    let index = load(&dependencies.load, &ecosystems)?;
    let known = Known { index: &index, exploited: &exploited, gap: dependencies.gap };
    let audit = dependencies::audit(inventory, snapshot, known, &dependencies.options);
    Ok(Whole {
        findings: audit.findings,
        notices: audit.notices.into_iter().chain(remark).collect(),
        lockfiles: audit.lockfiles,
        packages: audit.packages,
        advisories: index.sources().to_vec(),
        exploited: exploited.sources().to_vec(),
    })
}

/// What is known of attacks. A file of which the machine of whoever commits has no copy is a remark.
fn attacks(dependencies: &Dependencies) -> Result<(Exploited, Option<Notice>), AdvisoryError> {
    match (dependencies.exploited)() {
        Err(error) if error.is_absence() && dependencies.gap < Level::Error => {
            let remark = format!("packages were not held against what is attacked: {error}");
            Ok((Exploited::default(), Some(Notice::new(dependencies.gap, remark))))
        }
        read => read.map(|exploited| (exploited, None)),
    }
}

/// The advisories of the ecosystems; where they cannot all be had, those of lockfiles.
fn load(load: &Load, ecosystems: &BTreeSet<Ecosystem>) -> Result<Index, AdvisoryError> {
    let read = |wanted: &BTreeSet<Ecosystem>| {
        if wanted.is_empty() { Ok(Index::default()) } else { load(wanted) }
    };
    let locked: BTreeSet<_> = ecosystems.iter().copied().filter(|e| e.is_locked()).collect();
    read(ecosystems).or_else(|error| if locked == *ecosystems { Err(error) } else { read(&locked) })
}

/// The lockfiles without the advisories: what the other detectors find is not lost for it, but the run
/// cannot pass, unless they are not there at all and that is of less weight.
fn unchecked(inventory: &Inventory, error: &AdvisoryError, gap: Level) -> Whole {
    let mut text = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        text = format!("{text}: {cause}");
    }
    let mut notices = inventory.notices.clone();
    let level = if error.is_absence() { gap } else { Level::Error };
    notices.push(Notice::new(level, format!("packages were not checked: {text}")));
    let (lockfiles, packages) = (inventory.lockfiles.len(), inventory.packages());
    Whole { notices, lockfiles, packages, ..Whole::default() }
}

/// Gathers what the detectors that read new bytes find.
struct Collector<'a> {
    detectors: &'a Detectors,
    clean: Option<&'a Clean>,
    watch: &'a dyn Watch,
    /// The key of the trusted baseline; without one, the source's.
    salt: &'a (dyn Fn() -> Salt + Sync),
    found: Mutex<Found>,
}

/// What there is to say.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    notices: Vec<Notice>,
    /// In which commits.
    noted: BTreeSet<CommitId>,
}

impl Collector<'_> {
    fn keep(&self, findings: Vec<Finding>, notices: Vec<Notice>, commit: Option<&CommitId>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.findings.extend(findings);
        found.notices.extend(notices);
        found.noted.extend(commit.cloned());
    }

    fn into_found(self) -> Found {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Collector<'_> {
    fn change(&self, change: &Change<'_>) {
        self.watch.file(change.bytes.len() as u64);
        let scanned = self.detectors.secrets.as_ref();
        let scanned = scanned.map(|secrets| secrets.scan(change, &self.salt));
        let secrets::Scanned { mut findings, mut notices } = scanned.unwrap_or_default();
        if let Some(policies) = &self.detectors.policies {
            findings.extend(policies.change(change));
        }
        if findings.is_empty() && notices.is_empty() {
            return;
        }
        notices.extend(annotate(&mut findings, change.bytes));
        let secrets = self.detectors.secrets.as_ref();
        if let Some(shown) = secrets.and_then(|secrets| secrets.masked(change.path)) {
            for finding in &mut findings {
                finding.location.path.clone_from(&shown);
            }
            for notice in &mut notices {
                notice.path = Some(shown.clone());
            }
        }
        self.keep(findings, notices, change.commit);
    }

    fn commit(&self, commit: &Commit) {
        self.watch.commit();
        let mut findings = Vec::new();
        if let Some(secrets) = &self.detectors.secrets {
            findings.extend(secrets.commit(commit, &self.salt));
        }
        if let Some(policies) = &self.detectors.policies {
            findings.extend(policies.commit(commit));
        }
        if !findings.is_empty() {
            self.keep(findings, Vec::new(), Some(&commit.id));
        }
    }

    fn label(&self, label: &Label) {
        let Some(secrets) = &self.detectors.secrets else { return };
        let findings = secrets.label(label, &self.salt);
        if !findings.is_empty() {
            self.keep(findings, Vec::new(), label.commit.as_ref());
        }
    }

    /// A remark may name a path or a ref that holds a secret.
    fn notice(&self, mut notice: Notice) {
        if let Some(secrets) = &self.detectors.secrets {
            let shown = secrets.masked(&RepoPath::from(notice.message.as_str()));
            notice.message = shown.map_or(notice.message, |shown| shown.to_string());
            notice.path = notice.path.map(|path| secrets.masked(&path).unwrap_or(path));
        }
        self.keep(Vec::new(), vec![notice], None);
    }

    fn clean(&self) -> Option<&Clean> {
        self.clean
    }

    fn remarked(&self, commit: &CommitId) {
        self.keep(Vec::new(), Vec::new(), Some(commit));
    }

    fn sieve(&self) -> Option<&dyn Sieve> {
        Some(self.detectors)
    }
}

impl Sieve for Detectors {
    fn blob(&self, bytes: &[u8], new: &[Range<usize>], marks: &mut Vec<Mark>) -> Interest {
        let secrets = self.secrets.as_ref().map(|secrets| secrets.sift(bytes, new, marks));
        let policies = self.policies.as_ref().map(|policies| policies.sift(bytes, new, marks));
        secrets.unwrap_or_default().and(policies.unwrap_or_default())
    }

    fn name(&self, name: &[u8]) -> bool {
        self.secrets.as_ref().is_some_and(|secrets| secrets.sifts_name(name))
            || self.policies.as_ref().is_some_and(|policies| policies.sifts_name(name))
    }

    fn path(&self, path: &RepoPath) -> bool {
        self.secrets.as_ref().is_some_and(|secrets| secrets.sifts_path(path))
            || self.policies.as_ref().is_some_and(|policies| policies.sifts_name(path.file_name()))
    }

    fn text(&self, text: &[u8]) -> bool {
        self.secrets.as_ref().is_some_and(|secrets| secrets.sifts_text(text))
    }

    fn commit(&self, commit: &Commit) -> bool {
        self.secrets.as_ref().is_some_and(|secrets| secrets.sifts_commit(commit))
            || self.policies.as_ref().is_some_and(|policies| !policies.commit(commit).is_empty())
    }
}

/// Adds to findings of one text what its surroundings say: the hash of the line, and the allow
/// comment on the line or on the one above. Returns remarks on comments that allow nothing.
fn annotate(findings: &mut [Finding], bytes: &[u8]) -> Vec<Notice> {
    let index = LineIndex::new(bytes);
    let lines = findings.iter().map(|finding| finding.location.start.line).collect();
    let hashes = line_hashes(bytes, &lines);
    let mut notices = Vec::new();
    for finding in findings {
        let line = finding.location.start.line;
        finding.line_hash = hashes.get(&line).cloned();
        let beside = beside(&index, bytes, line);
        let configured = finding.allow.take();
        finding.allow = configured.or_else(|| gate::inline_allow(&beside, &finding.rule));
        let problem = gate::inline_problem(&beside).filter(|_| finding.allow.is_none());
        notices.extend(problem.map(|problem| {
            let text = format!("line {line}: {problem}");
            Notice::at(&finding.location.path, Level::Warning, text)
        }));
    }
    notices
}

/// A line and the one above it. Of a line that no comment fits beside, nothing is looked at.
fn beside(index: &LineIndex<'_>, bytes: &[u8], line: NonZeroU32) -> String {
    let above = NonZeroU32::new(line.get() - 1);
    let ranges = [above, Some(line)].into_iter().flatten().filter_map(|number| index.line(number));
    let lines =
        ranges.filter(|range| range.len() <= LONGEST_LINE).filter_map(|range| bytes.get(range));
    let lines = lines.map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    // Of UTF-16 text, what is ASCII.
    lines.replace('\0', "")
}

/// The same for findings about files of the head.
fn annotate_at(
    findings: Vec<Finding>,
    snapshot: &Snapshot<'_>,
) -> Result<(Vec<Finding>, Vec<Notice>), SourceError> {
    let mut files = BTreeMap::<RepoPath, Vec<Finding>>::new();
    for finding in findings {
        files.entry(finding.location.path.clone()).or_default().push(finding);
    }
    let annotated = files.into_par_iter().map(|(path, mut findings)| {
        let bytes = snapshot.head.read(&path)?.unwrap_or_default();
        let notices = annotate(&mut findings, &bytes);
        Ok((findings, notices))
    });
    let (findings, notices): (Vec<_>, Vec<_>) =
        annotated.collect::<Result<Vec<_>, SourceError>>()?.into_iter().unzip();
    Ok((findings.concat(), notices.concat()))
}
