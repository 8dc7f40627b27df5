//! `rules`: what is looked for, why, and whether the rules' own examples hold.

use super::args::Rules;
use super::environment::Environment;
use super::output::discreet;
use super::project::with_own;
use super::waive::text_of;
use super::{CliError, Screen, Status};
use crate::config::{Config, FILE_NAME};
use crate::detect::SetupError;
use crate::detect::secrets::{Detector, Options};
use crate::finding::{RepoPath, RuleId};
use crate::rule::{self, Mapping, PolicyRule, SecretRule};
use crate::source::{SourceError, Tree};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

pub(super) fn run(
    command: Rules,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    match command {
        Rules::List => list(&secrets(environment)?, screen),
        Rules::Explain { id } => explain(&id, &secrets(environment)?, screen),
        Rules::Check { path: Some(path) } => {
            check(&read_rules(&environment.resolve(&path))?, screen)
        }
        Rules::Check { path: None } => check(&secrets(environment)?, screen),
    }
}

/// The built-in rules, and those of the project in whose folder this is called, as they lie there.
fn secrets(environment: &Environment) -> Result<Vec<SecretRule>, CliError> {
    let path = environment.folder.join(FILE_NAME);
    let config = Config::parse(FILE_NAME, &text_of(&path)?)?;
    with_own(rule::builtin_secrets()?, &config, &OnDisk(&environment.folder))
}

/// The files below a folder, without a look at what git says of them.
pub(super) struct OnDisk<'a>(pub(super) &'a Path);

impl Tree for OnDisk<'_> {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        self.folder(&RepoPath::from(""))
    }

    fn folder(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let path = self.0.join(folder.to_string());
        let Ok(entries) = fs::read_dir(&path) else { return Ok(Vec::new()) };
        let failed = |source| SourceError::Io { path: path.clone(), source };
        let names = entries.map(|entry| entry.map(|entry| entry.file_name()).map_err(failed));
        let names = names.collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(names.map(|name| format!("{folder}/{}", name.display()).as_str().into()).collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        let path = self.0.join(path.to_string());
        match fs::read(&path) {
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| SourceError::Io { path, source }),
        }
    }
}

fn list(secrets: &[SecretRule], screen: &mut Screen<'_>) -> Result<Status, CliError> {
    for rule in secrets {
        writeln!(screen.out, "{:<34} {:<8} {}", rule.id, rule.severity, rule.title)?;
    }
    for rule in rule::builtin_policies()? {
        writeln!(screen.out, "{:<34} {:<8} {}", rule.id, rule.severity, rule.title)?;
    }
    Ok(Status::Pass)
}

fn explain(id: &str, secrets: &[SecretRule], screen: &mut Screen<'_>) -> Result<Status, CliError> {
    let secret = secrets.iter().find(|rule| rule.id.as_str() == id);
    if let Some(rule) = secret {
        explain_secret(rule, screen)?;
        return Ok(Status::Pass);
    }
    let policy = rule::builtin_policies()?.into_iter().find(|rule| rule.id.as_str() == id);
    let policy = policy.ok_or_else(|| CliError::NoSuchRule(id.to_owned()))?;
    explain_policy(&policy, screen)?;
    Ok(Status::Pass)
}

fn explain_secret(rule: &SecretRule, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let out = &mut *screen.out;
    writeln!(out, "{}: {}", rule.id, rule.title)?;
    writeln!(out, "severity {}, confidence {}\n", rule.severity, rule.confidence)?;
    writeln!(out, "{}\n\nWhat to do: {}", rule.why, rule.fix)?;
    match rule.assigned {
        None => writeln!(out, "\nPattern: {}", rule.pattern)?,
        Some(_) => writeln!(out, "\nLooked for: what a name with such a word in it is given")?,
    }
    writeln!(out, "Keywords: {}", rule.keywords.join(", "))?;
    if let Some(table) = &rule.validate {
        writeln!(out, "Whom verify-secret asks: {}", table.url.host())?;
    }
    controls(&rule.policy, screen)?;
    references(&rule.references, screen)
}

fn explain_policy(rule: &PolicyRule, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let out = &mut *screen.out;
    writeln!(out, "{} {}: {}", rule.id, rule.name, rule.title)?;
    writeln!(out, "severity {}, action {:?}\n", rule.severity, rule.action)?;
    writeln!(out, "{}\n\nWhat to do: {}", rule.why, rule.fix)?;
    controls(&rule.id, screen)?;
    references(&rule.references, screen)
}

/// The controls for which findings under a policy are evidence.
fn controls(policy: &RuleId, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let mappings = rule::builtin_controls()?;
    let own: Vec<_> = mappings.iter().filter(|mapping| mapping.policy == *policy).collect();
    if !own.is_empty() {
        writeln!(screen.out, "\nProduces evidence for ({policy}):")?;
    }
    for Mapping { framework, controls, .. } in own {
        writeln!(
            screen.out,
            "  {} {}: {}",
            framework.name,
            framework.version,
            controls.join(", ")
        )?;
    }
    Ok(())
}

fn references(references: &[String], screen: &mut Screen<'_>) -> Result<(), CliError> {
    if !references.is_empty() {
        writeln!(screen.out, "\nRead more:")?;
    }
    for reference in references {
        writeln!(screen.out, "  {reference}")?;
    }
    Ok(())
}

/// Runs the rules' examples through the detector.
fn check(rules: &[SecretRule], screen: &mut Screen<'_>) -> Result<Status, CliError> {
    let detector = Detector::new(rules.to_vec(), &Options::default());
    let detector = detector.map_err(SetupError::from)?;
    let problems = rule::check(rules, &|path, text| detector.locate(path, text));
    for problem in &problems {
        writeln!(screen.out, "{}", discreet(&problem.to_string()))?;
    }
    let (rules, examples) =
        (rules.len(), rules.iter().map(|r| r.matches.len() + r.ignores.len()).sum::<usize>());
    writeln!(screen.out, "{rules} rules, {examples} examples, {} problems", problems.len())?;
    Ok(if problems.is_empty() { Status::Pass } else { Status::Block })
}

fn read_rules(path: &Path) -> Result<Vec<SecretRule>, CliError> {
    let failed = |why| CliError::file("read", path, why);
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(failed)?;
        files = entries
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
    }
    let mut rules = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|why| CliError::file("read", &file, why))?;
        rules.extend(rule::parse_secrets(&file.display().to_string(), &text)?);
    }
    Ok(rules)
}
