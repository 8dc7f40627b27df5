//! From what was typed to what the pipeline needs: the source, the project file, the detectors, the
//! gate.

use super::CliError;
use super::args::{Kind, Patience, Scan};
use super::environment::Environment;
use super::vex::stated;
use crate::advisory::{Exploited, ExploitedFiles, Index, LoadOptions, Location, Network, Stale};
use crate::config::{Config, FILE_NAME};
use crate::detect::{SetupError, dependencies, policies, secrets};
use crate::finding::{Level, Notice, RepoPath};
use crate::gate::{Baseline, Existing, Extent, Policy, Vex};
use crate::pipeline::{Dependencies, Detectors, Load, LoadExploited, Reach};
use crate::rule::{self, Paths, RuleFileError, SecretRule, builtin_secrets};
use crate::source::{self, Request, Source, Tree, Wanted};
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// The advisories that are fetched where nothing else is named: OSV's own bucket.
pub(super) const OSV_BUCKET: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// Where a project's own rules are read from without being asked for.
const RULES: &str = ".lockkeeper/rules";

/// The pause before a request for advisories is repeated for the first time.
pub(super) const BACKOFF: Duration = Duration::from_millis(250);

/// Everything that a scan needs, ready to run.
pub(super) struct Project {
    pub source: Box<dyn Source>,
    pub config_digest: String,
    pub detectors: Detectors,
    pub gate: Policy,
    /// What was decided on the way and the reader should know.
    pub notices: Vec<Notice>,
}

impl Project {
    /// Opens the source, reads the project file and the baseline from the base revision where there
    /// is one, and sets up the detectors and the gate.
    pub(super) fn open(asked: &Scan, environment: &Environment) -> Result<Self, CliError> {
        // The embedded rules are read meanwhile; who needs them before that waits, or reads them.
        let rules = LazyLock::new(|| Mutex::new(Some(embedded(asked))));
        let take = || rules.lock().unwrap_or_else(PoisonError::into_inner).take();
        let open = || Self::with_rules(asked, environment, &take);
        rayon::join(open, || _ = LazyLock::force(&rules)).0
    }

    fn with_rules(
        asked: &Scan,
        environment: &Environment,
        embedded: &Embedded<'_>,
    ) -> Result<Self, CliError> {
        let mut notices = Vec::new();
        let request = request(asked, environment, &mut notices)?;
        let path = environment.resolve(&asked.path);
        let source = source::open(&path, &request, &environment.git())?;
        let (name, text) = trusted(asked.config.as_deref(), FILE_NAME, &*source, environment)?;
        let config = Config::parse(&name, &text)?;
        let mut gate = gate(asked, &config, &*source, environment)?;
        let tree = source.base().unwrap_or_else(|| source.head());
        let rules = || with_own(embedded().transpose()?.unwrap_or_default(), &config, tree);
        let detectors = || detectors(asked, &config, &request, environment, rules);
        let (ready, detectors) = rayon::join(|| source.prepare(wanted(asked)), detectors);
        ready?;
        let detectors = detectors?;
        if detectors.dependencies.is_some() {
            gate.vex = stated(&asked.vex, &config.dependencies.vex, tree, environment)?;
        }
        let config_digest = config.digest().to_owned();
        Ok(Self { source, config_digest, detectors, gate, notices })
    }
}

/// Detectors of new bytes alone do not compare whole files.
fn wanted(asked: &Scan) -> Wanted {
    let whole = [Kind::Policies, Kind::Dependencies].into_iter().any(|kind| wants(asked, kind));
    if whole { Wanted::Delta } else { Wanted::Changes }
}

/// Gives the embedded rules, once.
type Embedded<'e> = dyn Fn() -> Option<Result<Vec<SecretRule>, RuleFileError>> + Sync + 'e;

fn embedded(asked: &Scan) -> Result<Vec<SecretRule>, RuleFileError> {
    if wants(asked, Kind::Secrets) { builtin_secrets() } else { Ok(Vec::new()) }
}

/// What to scan: as typed; else the range that a CI provider describes; else the files on disk.
fn request(
    asked: &Scan,
    environment: &Environment,
    notices: &mut Vec<Notice>,
) -> Result<Request, CliError> {
    let changed = &asked.changed;
    if let Some(told) = &changed.told {
        return Ok(told.clone());
    }
    if changed.staged {
        return Ok(Request::Staged);
    }
    if let Some(range) = &changed.range {
        return Ok(Request::Range(range.clone()));
    }
    if changed.history {
        return Ok(Request::History { all: asked.all });
    }
    if changed.worktree {
        return Ok(Request::Worktree);
    }
    let read = |path: &Path| fs::read(environment.resolve(path));
    let Some(said) = source::ci::request(&environment.variables, &read)? else {
        return Ok(Request::Worktree);
    };
    let path = environment.resolve(&asked.path);
    let request = source::ci_request(&path, &said, &environment.git())?;
    let text = format!("{} says what is under test: {}", said.provider, describe(&request));
    notices.push(Notice::new(Level::Note, text));
    Ok(request)
}

fn describe(request: &Request) -> String {
    match request {
        Request::Range(range) => format!("the commits {range}"),
        Request::History { .. } => "the history of HEAD".to_owned(),
        Request::Staged
        | Request::Worktree
        | Request::Files(_)
        | Request::Message(_)
        | Request::Push(_) => "no commits, so the files".to_owned(),
    }
}

/// A project file's name for messages and its text: the one that was named; else that of the base
/// revision; else, where there is no base, that of the head. Empty where there is none.
fn trusted(
    named: Option<&Path>,
    usual: &str,
    source: &dyn Source,
    environment: &Environment,
) -> Result<(String, String), CliError> {
    if let Some(path) = named {
        let full = environment.resolve(path);
        let text = fs::read_to_string(&full).map_err(|why| CliError::file("read", &full, why))?;
        return Ok((path.display().to_string(), text));
    }
    let tree = source.base().unwrap_or_else(|| source.head());
    let bytes = tree.read(&RepoPath::from(usual))?.unwrap_or_default();
    let text = String::from_utf8(bytes).map_err(|_| CliError::NotText(usual.to_owned()))?;
    Ok((usual.to_owned(), text))
}

fn gate(
    asked: &Scan,
    config: &Config,
    source: &dyn Source,
    environment: &Environment,
) -> Result<Policy, CliError> {
    let mut options = config.gate.clone();
    options.fail_on = asked.fail_on.unwrap_or(options.fail_on);
    let usual = options.baseline.clone();
    let (name, text) = trusted(asked.baseline.as_deref(), &usual, source, environment)?;
    let none = || Ok(Baseline::default());
    let baseline = if text.is_empty() { none() } else { Baseline::parse(&text) };
    let baseline = baseline.map_err(|why| CliError::Baseline(name, why))?;
    let today = environment.today();
    let existing = match config.dependencies.existing {
        dependencies::Existing::Report => Existing::Report,
        dependencies::Existing::Block => Existing::Block,
    };
    let waivers = config.waivers.clone();
    let extent = match source.origin().kind {
        source::Kind::Worktree | source::Kind::History => Extent::Whole,
        source::Kind::Staged | source::Kind::Range => Extent::Part,
    };
    let vex = Vex::default();
    Ok(Policy { options, existing, waivers, vex, baseline, today, extent })
}

fn detectors(
    asked: &Scan,
    config: &Config,
    request: &Request,
    environment: &Environment,
    rules: impl FnOnce() -> Result<Vec<SecretRule>, CliError>,
) -> Result<Detectors, CliError> {
    let wanted = |kind| wants(asked, kind);
    let secrets = wanted(Kind::Secrets).then(|| secret_detector(config, rules()?)).transpose()?;
    let secrets = secrets.map(|detector| detector.on(environment.today()));
    let policies = wanted(Kind::Policies).then(|| {
        let rules = rule::builtin_policies()?;
        let policies = policies::Policies::new(rules, &config.policies, environment.now);
        policies.map_err(|error| CliError::from(SetupError::from(error)))
    });
    let reach = match request {
        Request::Range(_) | Request::History { .. } | Request::Worktree => Reach::All,
        Request::Staged | Request::Files(_) | Request::Message(_) | Request::Push(_) => {
            Reach::Changed
        }
    };
    let dependencies = wanted(Kind::Dependencies).then(|| {
        let exclude = Paths::new(&config.dependencies.exclude).map_err(SetupError::from)?;
        let (load, gap) = loader(asked, config, reach, environment)?;
        let exploited = exploited(config, environment);
        let options = config.dependencies.clone();
        let cargo_index = environment.cargo_index();
        Ok::<_, CliError>(Dependencies {
            options,
            reach,
            exclude,
            load,
            gap,
            exploited,
            cargo_index,
        })
    });
    let (policies, dependencies) = (policies.transpose()?, dependencies.transpose()?);
    Ok(Detectors { secrets, policies, dependencies })
}

fn wants(asked: &Scan, kind: Kind) -> bool {
    asked.only.is_empty() || asked.only.contains(&kind)
}

/// Rules, once they have proved that they find what they must.
pub(super) fn secret_detector(
    config: &Config,
    rules: Vec<SecretRule>,
) -> Result<secrets::Detector, CliError> {
    let detector = secrets::Detector::new(rules, &config.secrets).map_err(SetupError::from)?;
    detector.prove().map_err(SetupError::from)?;
    Ok(detector)
}

/// Rules with those of the project.
pub(super) fn with_own(
    mut rules: Vec<SecretRule>,
    config: &Config,
    tree: &dyn Tree,
) -> Result<Vec<SecretRule>, CliError> {
    rules.extend(own_rules(config, tree)?);
    Ok(rules)
}

/// The rules of the project file, of the files and folders that it names, and of the usual folder.
fn own_rules(config: &Config, tree: &dyn Tree) -> Result<Vec<SecretRule>, CliError> {
    let mut files = tree.folder(&RepoPath::from(RULES))?;
    for named in &config.secrets.rules {
        let path = RepoPath::from(named.trim_end_matches('/'));
        let within = tree.folder(&path)?;
        let is_file = within.is_empty() && tree.read(&path)?.is_some();
        if within.is_empty() && !is_file {
            return Err(CliError::NoRuleFiles(named.clone()));
        }
        files.extend(if is_file { vec![path] } else { within });
    }
    files.retain(|path| path.as_bytes().ends_with(b".toml"));
    files.sort();
    files.dedup();
    let mut rules = config.rules.clone();
    for path in files {
        let text = String::from_utf8(tree.read(&path)?.unwrap_or_default());
        let text = text.map_err(|_| CliError::NotText(path.to_string()))?;
        rules.extend(rule::parse_secrets(&path.to_string(), &text)?);
    }
    Ok(rules)
}

/// Advisories from where the command line says, else the project file; else from the index that
/// `db update` made, and OSV's bucket for what is not in it. Where somebody waits to commit, nothing is
/// downloaded that nobody named; how much it then matters that there are none comes with it.
fn loader(
    asked: &Scan,
    config: &Config,
    reach: Reach,
    environment: &Environment,
) -> Result<(Box<Load>, Level), CliError> {
    let named = [&asked.advisories, &config.dependencies.advisories];
    let named = named.into_iter().find(|named| !named.is_empty());
    let options = LoadOptions {
        cache: environment.cache(),
        network: if asked.offline { Network::Off } else { Network::Allowed },
        now: environment.now,
        max_age_days: config.dependencies.max_age_days,
        backoff: BACKOFF,
    };
    if let Some(named) = named {
        let locations = named.iter().map(|text| location("--advisories", text, environment));
        let locations = locations.collect::<Result<Vec<_>, CliError>>()?;
        let load: Box<Load> = Box::new(move |wanted| Index::load(&locations, wanted, &options));
        return Ok((load, Level::Error));
    }
    let index = environment.index();
    let (gap, stale) = match asked.patience {
        Patience::Pipeline => (Level::Error, Stale::Refused),
        Patience::Commit => (Level::Warning, Stale::Told),
    };
    if asked.patience == Patience::Commit || reach == Reach::Changed {
        let load: Box<Load> =
            Box::new(move |wanted| Index::open_usual(&index, wanted, &options, stale));
        return Ok((load, gap));
    }
    let bucket = [location("--advisories", OSV_BUCKET, environment)?];
    Ok((Box::new(move |wanted| Index::load_usual(&index, &bucket, wanted, &options)), gap))
}

/// A source of advisories as it was typed after a flag.
pub(super) fn location(
    flag: &'static str,
    text: &str,
    environment: &Environment,
) -> Result<Location, CliError> {
    let location = text.parse::<Location>();
    let location = location.map_err(|why| CliError::Location(flag, text.to_owned(), why))?;
    Ok(match location {
        Location::Path(path) => Location::Path(environment.resolve(&path)),
        Location::Bucket(_) | Location::Git(_) => location,
    })
}

/// What is known of attacks, from the files that the project file names.
fn exploited(config: &Config, environment: &Environment) -> Box<LoadExploited> {
    let options = &config.dependencies;
    let file = |name: &Option<String>| name.as_ref().map(|name| environment.resolve(name.as_ref()));
    let (kev, epss) = (file(&options.kev), file(&options.epss));
    let files = ExploitedFiles { kev, epss, threshold: options.epss_threshold.get() };
    Box::new(move || Exploited::load(&files))
}
