//! What `verify-secret` says: for people and as `lockkeeper.validity/v1`.

use super::args::Format;
use super::{Answers, VerifySecret};
use crate::cli::output::{discreet, printable};
use crate::cli::{CliError, Screen};
use crate::finding::{Finding, Level, Notice};
use crate::report::inert_json;
use crate::validity::{Outcome, State};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    requests: u32,
    secrets: Vec<Secret<'a>>,
    notices: Vec<Remark<'a>>,
}

#[derive(Serialize)]
struct Secret<'a> {
    rule: &'a str,
    /// `null` for the value on standard input, as is the rest of its place.
    path: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    commit: Option<String>,
    fingerprint: Option<String>,
    state: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct Remark<'a> {
    level: Level,
    path: Option<String>,
    message: &'a str,
}

#[derive(Serialize)]
struct Plan<'a> {
    schema: &'static str,
    requests: usize,
    most: u32,
    hosts: &'a BTreeMap<String, usize>,
}

/// Says on standard error what was not looked at.
pub(super) fn complaints(notices: &[Notice], screen: &mut Screen<'_>) -> Result<(), CliError> {
    for notice in notices.iter().filter(|notice| notice.level != Level::Note) {
        let path = notice.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        writeln!(screen.err, "lockkeeper: {}", discreet(&format!("{path}{}", notice.message)))?;
    }
    Ok(())
}

/// Prints whom it would ask.
pub(super) fn plan(
    hosts: &BTreeMap<String, usize>,
    asked: &VerifySecret,
    screen: &mut Screen<'_>,
) -> Result<(), CliError> {
    let (requests, most) = (hosts.values().sum(), asked.asking.most);
    if asked.format == Format::Json {
        let schema = "lockkeeper.validity-plan/v1";
        return json(&Plan { schema, requests, most, hosts }, screen);
    }
    for (host, count) in hosts {
        writeln!(screen.out, "{host}: {}", counted(*count, "request"))?;
    }
    let all = counted(requests, "request");
    writeln!(screen.out, "{all} would be made, at most {most}; nothing was sent")?;
    Ok(())
}

/// Prints what became known.
pub(super) fn answers(
    answers: &Answers<'_>,
    asked: &VerifySecret,
    screen: &mut Screen<'_>,
) -> Result<(), CliError> {
    if asked.format == Format::Json {
        return json(&report(answers), screen);
    }
    for (finding, outcome) in &answers.outcomes {
        let Outcome { state, why } = outcome;
        let place = finding.map_or_else(|| "standard input".to_owned(), place);
        let rule = finding.map_or(answers.rule.unwrap_or_default(), |it| it.rule.as_str());
        let id = finding.map(|it| format!(" [{}]", it.fingerprint)).unwrap_or_default();
        let line = format!("{place}: {} {rule}{id}: {why}", state.as_str());
        writeln!(screen.out, "{}", printable(&line))?;
    }
    let states = [State::Active, State::Inactive, State::Unknown, State::Unverifiable];
    let counts = states.map(|state| {
        let count = answers.outcomes.iter().filter(|(_, outcome)| outcome.state == state).count();
        format!("{count} {}", state.as_str())
    });
    let secrets = counted(answers.outcomes.len(), "secret");
    let requests = counted(answers.requests as usize, "request");
    writeln!(screen.out, "{secrets}: {}; {requests}", counts.join(", "))?;
    Ok(())
}

fn place(finding: &Finding) -> String {
    let at = &finding.location;
    let commit = at.commit.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}:{}:{}{commit}", at.path, at.start.line, at.start.column)
}

fn report<'a>(answers: &'a Answers<'a>) -> Report<'a> {
    let secrets = answers.outcomes.iter().map(|(finding, outcome)| {
        let at = finding.map(|it| &it.location);
        Secret {
            rule: finding.map_or(answers.rule.unwrap_or_default(), |it| it.rule.as_str()),
            path: at.map(|at| at.path.to_string()),
            line: at.map(|at| at.start.line.get()),
            column: at.map(|at| at.start.column.get()),
            commit: at.and_then(|at| at.commit.as_ref()).map(ToString::to_string),
            fingerprint: finding.map(|it| it.fingerprint.to_string()),
            state: outcome.state.as_str(),
            why: &outcome.why,
        }
    });
    let notices = answers.notices.iter().map(|notice| Remark {
        level: notice.level,
        path: notice.path.as_ref().map(ToString::to_string),
        message: &notice.message,
    });
    Report {
        schema: "lockkeeper.validity/v1",
        requests: answers.requests,
        secrets: secrets.collect(),
        notices: notices.collect(),
    }
}

fn json(value: &impl Serialize, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    writeln!(screen.out, "{}", inert_json(&text))?;
    Ok(())
}

fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
