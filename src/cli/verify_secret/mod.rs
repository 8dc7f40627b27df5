//! `verify-secret`: whether secrets still work, asked of those who issued them.
//!
//! Nothing is sent unless the command line says so: no file of a repository can, and nobody can for
//! a pull request from a fork.

mod args;
mod print;

pub(super) use args::VerifySecret;

use super::environment::Environment;
use super::project::{Project, secret_detector};
use super::{CliError, Screen, Status};
use crate::config::Config;
use crate::detect::secrets::{Credential, SecretValue};
use crate::finding::{Finding, Level, Notice, Salt};
use crate::rule::{self, LONGEST, SecretRule};
use crate::source::ci::{Proposal, proposal};
use crate::validity::{self, Clock, Found, Issuers, Limits, Outcome, State, Tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why nobody was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum Refusal {
    #[error(
        "verify-secret sends each secret to the vendor that issued it: say that it may with \
         --allow-network, or see whom it would ask with --dry-run"
    )]
    NotAllowed,
    #[error("{0}: no secret is sent from there")]
    Proposal(Proposal),
    #[error(
        "{0} names nobody to ask: its rule has no table 'validate', or a project wrote it and was not named with --config"
    )]
    NobodyToAsk(String),
    #[error("standard input holds no value: one line of at most {LONGEST} bytes")]
    NoValue,
}

/// What became known, for [`mod@print`].
struct Answers<'a> {
    /// Each finding, or `None` for the value on standard input, with what is known about it.
    outcomes: Vec<(Option<&'a Finding>, Outcome)>,
    /// The rule of the value on standard input.
    rule: Option<&'a str>,
    requests: u32,
    notices: &'a [Notice],
}

pub(super) fn run(
    asked: &VerifySecret,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    if !asked.asking.dry_run {
        permitted(asked, environment)?;
    }
    match &asked.rule {
        Some(id) if asked.stdin => typed(asked, id, environment, screen),
        _ => scanned(asked, environment, screen),
    }
}

/// An error unless the user said so and the change under test is the repository's own.
fn permitted(asked: &VerifySecret, environment: &Environment) -> Result<(), Refusal> {
    if !asked.asking.allow_network {
        return Err(Refusal::NotAllowed);
    }
    let read = |path: &Path| fs::read(environment.resolve(path));
    match proposal(&environment.variables, &read) {
        Proposal::None | Proposal::Own => Ok(()),
        refused @ (Proposal::Fork(_) | Proposal::Unclear(..)) => Err(Refusal::Proposal(refused)),
    }
}

/// Asks about the secrets of a source.
fn scanned(
    asked: &VerifySecret,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let project = Project::open(&asked.scan(), environment)?;
    let detector = match project.detectors.secrets {
        Some(detector) => detector,
        None => secret_detector(&Config::default(), rule::builtin_secrets()?)?,
    };
    if let Some(id) = &asked.rule
        && !detector.rules().any(|rule| rule.id.as_str() == id)
    {
        return Err(CliError::NoSuchRule(id.clone()));
    }
    let tables = tables(detector.rules(), asked)?;
    let source = &*project.source;
    let salt = || project.gate.baseline.key().map_or_else(|| source.salt(), Salt::from);
    let mut found = validity::find(source, &detector, &salt)?;
    if let Some(id) = &asked.rule {
        found.retain(|finding| finding.rule.as_str() == id);
    }
    let notices = notices(&found, project.notices);
    print::complaints(&notices, screen)?;
    if asked.asking.dry_run {
        let plan = validity::plan(&found, &tables);
        print::plan(&plan, asked, screen)?;
        return Ok(status(&[], &notices));
    }
    let clock = Monotonic(Instant::now());
    let mut issuers = Issuers::new(limits(asked), &asked.asking.endpoint, &clock);
    let outcomes = validity::verify(&found, &tables, &mut issuers).into_iter();
    let outcomes: Vec<_> = outcomes.map(|(finding, outcome)| (Some(finding), outcome)).collect();
    let ended = status(&outcomes, &notices);
    let requests = issuers.requests();
    let answers = Answers { outcomes, rule: None, requests, notices: &notices };
    print::answers(&answers, asked, screen)?;
    Ok(ended)
}

/// Asks about the value on standard input.
fn typed(
    asked: &VerifySecret,
    id: &str,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let mut rules = rule::builtin_secrets()?;
    if let Some(path) = &asked.config {
        let full = environment.resolve(path);
        let text = fs::read_to_string(&full).map_err(|why| CliError::file("read", &full, why))?;
        rules.extend(Config::parse(&path.display().to_string(), &text)?.rules);
    }
    if !rules.iter().any(|rule| rule.id.as_str() == id) {
        return Err(CliError::NoSuchRule(id.to_owned()));
    }
    let tables = tables(rules.iter(), asked)?;
    let table = tables.get(id).ok_or_else(|| Refusal::NobodyToAsk(id.to_owned()))?;
    if asked.asking.dry_run {
        let plan = BTreeMap::from([(table.url.host().to_owned(), 1)]);
        print::plan(&plan, asked, screen)?;
        return Ok(Status::Pass);
    }
    let credential = Credential {
        secret: one_line(io::stdin().lock())?,
        id: asked.id.as_deref().map(SecretValue::new),
    };
    let clock = Monotonic(Instant::now());
    let mut issuers = Issuers::new(limits(asked), &asked.asking.endpoint, &clock);
    let outcomes = vec![(None, issuers.ask(table, &credential))];
    let ended = status(&outcomes, &[]);
    let requests = issuers.requests();
    let answers = Answers { outcomes, rule: Some(id), requests, notices: &[] };
    print::answers(&answers, asked, screen)?;
    Ok(ended)
}

/// The tables of the rules that may be asked about: ours, and those of a file that the user named. A
/// repository's own file must not say where its reader's secrets go.
fn tables<'r>(
    rules: impl Iterator<Item = &'r SecretRule>,
    asked: &VerifySecret,
) -> Result<Tables, CliError> {
    let builtin = rule::builtin_secrets()?;
    let ours: BTreeSet<_> = builtin.iter().map(|rule| &rule.id).collect();
    let trusted = rules.filter(|rule| asked.config.is_some() || ours.contains(&rule.id));
    let tables = trusted.filter_map(|rule| Some((rule.id.clone(), rule.validate.clone()?)));
    Ok(tables.collect())
}

fn limits(asked: &VerifySecret) -> Limits {
    let asking = &asked.asking;
    Limits { per_second: asking.per_second, most: asking.most, timeout: TIMEOUT }
}

fn notices(found: &Found, decided: Vec<Notice>) -> Vec<Notice> {
    let mut notices = found.notices.clone();
    notices.extend(decided);
    if found.coverage.is_empty() {
        notices
            .push(Notice::new(Level::Error, "nothing was scanned: there is no change to look at"));
    }
    notices.sort();
    notices
}

/// "It works" outweighs "could not ask", which outweighs "none works".
fn status(outcomes: &[(Option<&Finding>, Outcome)], notices: &[Notice]) -> Status {
    let any = |state| outcomes.iter().any(|(_, outcome)| outcome.state == state);
    let unseen = notices.iter().any(|notice| notice.level == Level::Error);
    match (any(State::Active), any(State::Unknown) || unseen) {
        (true, _) => Status::Block,
        (false, true) => Status::Failure,
        (false, false) => Status::Pass,
    }
}

/// The value on a line of its own.
fn one_line(input: impl io::Read) -> Result<SecretValue, CliError> {
    let mut bytes = Vec::new();
    let failed = |why| CliError::file("read", Path::new("standard input"), why);
    input.take(LONGEST as u64 + 3).read_to_end(&mut bytes).map_err(failed)?;
    let value = bytes.trim_ascii();
    if value.is_empty() || value.len() > LONGEST || value.contains(&b'\n') {
        return Err(Refusal::NoValue.into());
    }
    Ok(SecretValue::new(value))
}

/// The machine's own clock.
struct Monotonic(Instant);

impl Clock for Monotonic {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(state: State) -> (Option<&'static Finding>, Outcome) {
        (None, Outcome { state, why: String::new() })
    }

    #[test]
    fn what_works_outweighs_what_could_not_be_asked() {
        use State::{Active, Inactive, Unknown, Unverifiable};
        let ended = |states: &[State]| {
            status(&states.iter().copied().map(outcome).collect::<Vec<_>>(), &[]).code()
        };
        assert_eq!(ended(&[]), 0);
        assert_eq!(ended(&[Inactive, Unverifiable]), 0);
        assert_eq!(ended(&[Inactive, Unknown]), 2);
        assert_eq!(ended(&[Unknown, Active]), 1);
        let unseen = [Notice::new(Level::Error, "unreadable")];
        assert_eq!(status(&[outcome(Inactive)], &unseen).code(), 2);
        assert_eq!(status(&[outcome(Active)], &unseen).code(), 1);
    }

    #[test]
    fn one_line_is_one_value() {
        let read = |text: &str| one_line(text.as_bytes()).is_ok();
        assert!(read("value") && read("value\r\n"));
        assert!(!read("") && !read(" \n") && !read("a\nb") && !read(&"x".repeat(LONGEST + 1)));
    }
}
