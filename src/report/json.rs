//! The JSON report, `lockkeeper.report/v1`: a contract, described by
//! `fixtures/schemas/lockkeeper.report.v1.json`. Fields keep their names, meaning and order.

use super::escape::inert_json;
use super::{AdvisorySource, ExploitedSource, Outcome, Run};
use crate::finding::{
    CommitId, Confidence, Exploitation, Fit, Level, Licensed, Location, Redacted, Severity, State,
    Subject, Vulnerability,
};
use crate::gate::{Decided, Decision, Disposition, FailOn, WaivedBy};
use jiff::civil::Date;
use serde::Serialize;
use std::io;

/// Writes the report.
pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(&Report::of(run))?;
    writeln!(out, "{}", inert_json(&json))
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    tool: Tool<'a>,
    source: Source<'a>,
    advisories: Vec<Advisories<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exploited: Vec<Exploited<'a>>,
    verdict: Verdict,
    findings: Vec<Finding<'a>>,
    notices: Vec<Notice<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
    ruleset_digest: &'a str,
    config_digest: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    kind: &'a str,
    repository: &'a str,
    base: Option<&'a str>,
    head: Option<&'a str>,
    commits: u64,
    files: u64,
    bytes: u64,
    lockfiles: u64,
    packages: u64,
}

#[derive(Serialize)]
struct Advisories<'a> {
    source: &'a str,
    ecosystem: &'a str,
    records: u64,
    newest: Option<&'a str>,
    digest: &'a str,
}

#[derive(Serialize)]
struct Exploited<'a> {
    source: &'a str,
    kind: &'a str,
    records: u64,
    dated: Option<&'a str>,
    digest: &'a str,
}

#[derive(Serialize)]
struct Verdict {
    decision: Decision,
    fail_on: FailOn,
    blocking: usize,
    advisory: usize,
    baselined: usize,
    waived: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    kind: &'static str,
    severity: Severity,
    confidence: Confidence,
    disposition: &'static str,
    message: &'a str,
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    commit: Option<&'a str>,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Secret<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Package<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advisory: Option<Advisory<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade: Option<Upgrade<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Waiver<'a>>,
}

#[derive(Serialize)]
struct Secret<'a> {
    #[serde(flatten)]
    redacted: &'a Redacted,
    state: State,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    elsewhere: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: String,
    line: u32,
    column: u32,
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct Package<'a> {
    purl: String,
    name: &'a str,
    version: &'a str,
    ecosystem: &'static str,
    direct: Option<bool>,
    dev: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Upgrade<'a> {
    version: &'a str,
    fixes: usize,
    of: usize,
    leaves: &'a [String],
    allowed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_by: Option<Holder<'a>>,
}

#[derive(Serialize)]
struct Holder<'a> {
    purl: Option<String>,
    constraint: &'a str,
}

#[derive(Serialize)]
struct Advisory<'a> {
    id: &'a str,
    aliases: &'a [String],
    fixed: &'a [String],
    cvss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exploitation: Option<Attack<'a>>,
}

#[derive(Serialize)]
struct Attack<'a> {
    source: &'static str,
    dated: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
}

#[derive(Serialize)]
struct Waiver<'a> {
    reason: &'a str,
    owner: Option<&'a str>,
    until: Option<Date>,
}

#[derive(Serialize)]
struct Notice<'a> {
    level: Level,
    message: &'a str,
    path: Option<String>,
}

impl<'a> Report<'a> {
    fn of(run: &'a Run) -> Self {
        let tool = &run.tool;
        Self {
            schema: "lockkeeper.report/v1",
            tool: Tool {
                name: &tool.name,
                version: &tool.version,
                ruleset_digest: &tool.ruleset_digest,
                config_digest: &tool.config_digest,
            },
            source: Source::of(&run.source),
            advisories: run.advisories.iter().map(Advisories::of).collect(),
            exploited: run.exploited.iter().map(Exploited::of).collect(),
            verdict: Verdict::of(run),
            findings: run.verdict.findings.iter().map(Finding::of).collect(),
            notices: run.notices().into_iter().map(Notice::of).collect(),
        }
    }
}

impl<'a> Source<'a> {
    fn of(source: &'a super::Source) -> Self {
        Self {
            kind: &source.kind,
            repository: &source.repository,
            base: source.base.as_ref().map(CommitId::as_str),
            head: source.head.as_ref().map(CommitId::as_str),
            commits: source.commits,
            files: source.files,
            bytes: source.bytes,
            lockfiles: source.lockfiles,
            packages: source.packages,
        }
    }
}

impl<'a> Advisories<'a> {
    fn of(advisories: &'a AdvisorySource) -> Self {
        Self {
            source: &advisories.source,
            ecosystem: &advisories.ecosystem,
            records: advisories.records,
            newest: advisories.newest.as_deref(),
            digest: &advisories.digest,
        }
    }
}

impl<'a> Exploited<'a> {
    fn of(exploited: &'a ExploitedSource) -> Self {
        Self {
            source: &exploited.source,
            kind: &exploited.kind,
            records: exploited.records,
            dated: exploited.dated.as_deref(),
            digest: &exploited.digest,
        }
    }
}

impl<'a> Attack<'a> {
    fn of(exploitation: &'a Exploitation) -> Self {
        match exploitation {
            Exploitation::Known { listed } => {
                Self { source: "KEV", dated: listed.as_deref(), score: None }
            }
            Exploitation::Likely { score, dated } => {
                Self { source: "EPSS", dated: dated.as_deref(), score: Some(*score) }
            }
        }
    }
}

impl Verdict {
    fn of(run: &Run) -> Self {
        let counts = run.verdict.counts;
        Self {
            // A run that did not look at everything is no pass, whatever the rest says.
            decision: match run.outcome() {
                Outcome::Passed => Decision::Pass,
                Outcome::Blocked | Outcome::Incomplete => Decision::Block,
            },
            fail_on: run.verdict.fail_on,
            blocking: counts.blocking,
            advisory: counts.advisory,
            baselined: counts.baselined,
            waived: counts.waived,
        }
    }
}

impl<'a> Finding<'a> {
    fn of(decided: &'a Decided) -> Self {
        let Decided { finding, disposition } = decided;
        let place = &finding.location;
        let (secret, vulnerability, licensed) = match &finding.subject {
            Subject::Secret(secret) => (Some(Secret::of(secret)), None, None),
            Subject::Policy => (None, None, None),
            Subject::Package(vulnerability) => (None, Some(vulnerability), None),
            Subject::Licence(licensed) => (None, None, Some(licensed)),
        };
        let package = vulnerability.map(|vulnerability| Package::of(vulnerability));
        Self {
            rule: finding.rule.as_str(),
            kind: finding.subject.kind(),
            severity: finding.severity,
            confidence: finding.confidence,
            disposition: disposition.as_str(),
            message: &finding.message,
            path: place.path.to_string(),
            line: place.start.line.get(),
            column: place.start.column.get(),
            end_line: place.end.line.get(),
            end_column: place.end.column.get(),
            commit: place.commit.as_ref().map(CommitId::as_str),
            fingerprint: finding.fingerprint.to_string(),
            secret,
            package: package.or_else(|| licensed.map(|licensed| Package::licensed(licensed))),
            licence: licensed.and_then(|licensed| licensed.licence.as_deref()),
            advisory: vulnerability.map(|vulnerability| Advisory::of(vulnerability)),
            upgrade: vulnerability.and_then(|it| it.advice.upgrade.as_ref()).map(Upgrade::of),
            waiver: Waiver::of(disposition),
        }
    }
}

impl<'a> Secret<'a> {
    fn of(secret: &'a crate::finding::Secret) -> Self {
        let crate::finding::Secret { redacted, state, elsewhere } = secret;
        Self { redacted, state: *state, elsewhere: elsewhere.iter().map(Place::of).collect() }
    }
}

impl<'a> Place<'a> {
    fn of(place: &'a Location) -> Self {
        Self {
            path: place.path.to_string(),
            line: place.start.line.get(),
            column: place.start.column.get(),
            commit: place.commit.as_ref().map(CommitId::as_str),
        }
    }
}

impl<'a> Package<'a> {
    fn of(vulnerability: &'a Vulnerability) -> Self {
        let Vulnerability { package, direct, dev, advice, .. } = vulnerability;
        Self { direct: *direct, dev: *dev, path: advice.path_purls(), ..Self::named(package) }
    }

    fn licensed(licensed: &'a Licensed) -> Self {
        let Licensed { package, direct, dev, .. } = licensed;
        Self { direct: *direct, dev: *dev, ..Self::named(package) }
    }

    fn named(package: &'a crate::package::Package) -> Self {
        Self {
            purl: package.purl(),
            name: &package.name,
            version: &package.version,
            ecosystem: package.ecosystem.as_str(),
            direct: None,
            dev: None,
            path: None,
        }
    }
}

impl<'a> Upgrade<'a> {
    fn of(upgrade: &'a crate::finding::Upgrade) -> Self {
        let fixes = upgrade.solves.len();
        let (allowed, held_by) = match &upgrade.fit {
            Fit::Allowed => (Some(true), None),
            Fit::Held { constraint, .. } => {
                (Some(false), Some(Holder { purl: upgrade.fit.holder_purl(), constraint }))
            }
            Fit::Unknown => (None, None),
        };
        Self {
            version: &upgrade.version,
            fixes,
            of: fixes + upgrade.leaves.len(),
            leaves: &upgrade.leaves,
            allowed,
            held_by,
        }
    }
}

impl<'a> Advisory<'a> {
    fn of(vulnerability: &'a Vulnerability) -> Self {
        Self {
            id: &vulnerability.id,
            aliases: &vulnerability.aliases,
            fixed: &vulnerability.fixed,
            cvss: vulnerability.cvss.as_deref(),
            exploitation: vulnerability.exploitation.as_ref().map(Attack::of),
        }
    }
}

impl<'a> Waiver<'a> {
    fn of(disposition: &'a Disposition) -> Option<Self> {
        match disposition {
            Disposition::Waived(WaivedBy::Waiver { reason, owner, until, .. }) => {
                Some(Self { reason, owner: Some(owner), until: Some(*until) })
            }
            Disposition::Waived(
                WaivedBy::Allow { reason }
                | WaivedBy::Inline { reason }
                | WaivedBy::Vex { reason, .. },
            ) => Some(Self { reason, owner: None, until: None }),
            Disposition::Blocking | Disposition::Advisory | Disposition::Baselined => None,
        }
    }
}

impl<'a> Notice<'a> {
    fn of(notice: &'a crate::finding::Notice) -> Self {
        let path = notice.path.as_ref().map(ToString::to_string);
        Self { level: notice.level, message: &notice.message, path }
    }
}
