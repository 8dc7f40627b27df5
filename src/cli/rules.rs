//! `rules`: what is looked for, why, and whether the rules' own examples hold.

use super::args::Rules;
use super::environment::Environment;
use super::output::printable;
use super::{CliError, Screen, Status};
use crate::detect::SetupError;
use crate::detect::secrets::{self, Detector};
use crate::rule::{self, Mapping, PolicyRule, SecretRule};
use std::fs;
use std::path::Path;

pub(super) fn run(
    command: Rules,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    match command {
        Rules::List => list(screen),
        Rules::Explain { id } => explain(&id, screen),
        Rules::Check { path } => {
            let path = path.map(|path| environment.resolve(&path));
            check(path.as_deref(), screen)
        }
    }
}

fn list(screen: &mut Screen<'_>) -> Result<Status, CliError> {
    for rule in rule::builtin_secrets()? {
        writeln!(screen.out, "{:<34} {:<8} {}", rule.id, rule.severity, rule.title)?;
    }
    for rule in rule::builtin_policies()? {
        writeln!(screen.out, "{:<34} {:<8} {}", rule.id, rule.severity, rule.title)?;
    }
    Ok(Status::Pass)
}

fn explain(id: &str, screen: &mut Screen<'_>) -> Result<Status, CliError> {
    let secret = rule::builtin_secrets()?.into_iter().find(|rule| rule.id.as_str() == id);
    if let Some(rule) = secret {
        explain_secret(&rule, screen)?;
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
    references(&rule.references, screen)
}

fn explain_policy(rule: &PolicyRule, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let out = &mut *screen.out;
    writeln!(out, "{} {}: {}", rule.id, rule.name, rule.title)?;
    writeln!(out, "severity {}, action {:?}\n", rule.severity, rule.action)?;
    writeln!(out, "{}\n\nWhat to do: {}", rule.why, rule.fix)?;
    let mappings = rule::builtin_controls()?;
    let own: Vec<_> = mappings.iter().filter(|mapping| mapping.policy == rule.id).collect();
    if !own.is_empty() {
        writeln!(out, "\nProduces evidence for:")?;
    }
    for Mapping { framework, controls, .. } in own {
        writeln!(out, "  {} {}: {}", framework.name, framework.version, controls.join(", "))?;
    }
    references(&rule.references, screen)
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

/// Runs the examples of the built-in rules, or of a file or folder of rules, through the detector.
fn check(path: Option<&Path>, screen: &mut Screen<'_>) -> Result<Status, CliError> {
    let rules = match path {
        None => rule::builtin_secrets()?,
        Some(path) => read_rules(path)?,
    };
    let detector = Detector::new(rules.clone(), &secrets::Options::default());
    let detector = detector.map_err(SetupError::from)?;
    let problems = rule::check(&rules, &|path, text| detector.locate(path, text));
    for problem in &problems {
        writeln!(screen.out, "{}", printable(&problem.to_string()))?;
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
