//! Findings about packages, which are many where one upgrade solves them all: they stand together
//! under it.

use super::{Row, place};
use crate::finding::{Finding, Severity, Subject, Vulnerability};
use crate::package::Package;
use crate::report::escape::{Escaped, PathText};
use crate::report::rule_name;
use std::cmp::Reverse;

/// Findings that stand together, and the upgrade that solves them, if they are about one.
pub(super) struct Group<'a> {
    pub(super) heading: Option<String>,
    pub(super) findings: Vec<&'a Finding>,
}

/// The findings of a file in groups, in the order of their places; those of one upgrade with the
/// worst first.
pub(super) fn groups<'a>(findings: &[&'a Finding]) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    for package in findings.chunk_by(|a, b| alike(a, b)) {
        let (mut solved, others): (Vec<_>, Vec<_>) =
            package.iter().copied().partition(|finding| upgrade(finding).is_some());
        solved.sort_by_key(|finding| Reverse(finding.severity));
        if let Some(first) = solved.first() {
            let heading = Some(Escaped(&first.fix).to_string());
            groups.push(Group { heading, findings: solved });
        }
        match groups.last_mut().filter(|group| group.heading.is_none()) {
            Some(last) => last.findings.extend(others),
            None if others.is_empty() => {}
            None => groups.push(Group { heading: None, findings: others }),
        }
    }
    groups
}

/// The row of a finding under a heading that names its package; the rule names the advisory.
pub(super) fn row(finding: &Finding) -> Row {
    let row = Row::of(finding, place(finding));
    let Some(found) = vulnerability(finding) else { return row };
    let name = format!("{} {} ", found.package.name, found.package.version);
    let rest = finding.message.strip_prefix(&name).unwrap_or(&finding.message);
    let told = rest.strip_prefix(&format!("has {}: ", found.id)).unwrap_or(rest);
    Row { message: Escaped(told).to_string(), fix: String::new(), ..row }
}

/// One row for findings that are alike: who reads on has seen enough.
pub(super) fn all(group: &[&Finding]) -> Option<Row> {
    let (first, rest) = group.split_first()?;
    let whole = format!("{}:{}", PathText(&first.location.path), place(first));
    let row = Row::of(first, whole);
    let worst = group.iter().max_by_key(|finding| finding.severity)?;
    if let Subject::Licence(licensed) = &first.subject
        && !rest.is_empty()
    {
        let Package { name, version, .. } = &licensed.package;
        let count = group.len();
        let message =
            format!("{count} packages have an unknown licence, the first: {name} {version}");
        return Some(Row { message: Escaped(&message).to_string(), fix: String::new(), ..row });
    }
    let Some(found) = vulnerability(worst) else { return Some(Row { fix: String::new(), ..row }) };
    let solved = group.iter().find(|finding| upgrade(finding).is_some());
    let fix = solved.map(|finding| Escaped(&finding.fix).to_string()).unwrap_or_default();
    if rest.is_empty() {
        return Some(Row { fix, ..row });
    }
    let (package, count) = (&found.package, group.len());
    let package = format!("{} {}", package.name, package.version);
    let message = format!("{package} has {count} advisories, the worst: {}", found.summary);
    let (message, rule) = (Escaped(&message).to_string(), rule_name(worst));
    let severity: Severity = worst.severity;
    Some(Row { severity, message, rule, fix, ..row })
}

/// Whether two findings are about one package version in one file, or both about packages of it whose
/// licence nobody knows.
pub(super) fn alike(a: &Finding, b: &Finding) -> bool {
    match (&a.subject, &b.subject) {
        (Subject::Package(x), Subject::Package(y)) => {
            x.package == y.package && a.location.path == b.location.path
        }
        (Subject::Licence(x), Subject::Licence(y)) => {
            x.licence.is_none() && y.licence.is_none() && a.location.path == b.location.path
        }
        _ => false,
    }
}

/// The version that solves a finding.
fn upgrade(finding: &Finding) -> Option<&str> {
    let found = vulnerability(finding)?;
    let upgrade = found.advice.upgrade.as_ref()?;
    upgrade.solves(&found.id).then_some(upgrade.version.as_str())
}

fn vulnerability(finding: &Finding) -> Option<&Vulnerability> {
    match &finding.subject {
        Subject::Package(vulnerability) => Some(vulnerability),
        Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => None,
    }
}
