//! A flaw of a locked package, told as a finding.

use super::inventory::Lockfile;
use crate::advisory::{Hit, Kind, one_line};
use crate::finding::{
    Action, Confidence, Finding, Fingerprint, LineIndex, Location, RuleId, Salt, Standing, Subject,
    Vulnerability,
};
use crate::lockfile::{Locked, Origin};
use crate::package::Package;
use std::ops::Range;

/// The key under which these findings are hashed: packages and advisories are public, so every
/// repository may share it.
const SALT: &[u8] = b"lockkeeper";

/// The longest name or version that a message quotes.
const QUOTED: usize = 100;

/// A package with one flaw.
pub(super) struct Flawed {
    pub(super) locked: Locked,
    pub(super) hit: Hit,
    pub(super) standing: Standing,
    pub(super) action: Action,
}

/// The finding about a flawed package of a lockfile.
pub(super) fn finding(lockfile: &Lockfile, lines: &LineIndex<'_>, flawed: Flawed) -> Finding {
    let Flawed { locked, hit, standing, action } = flawed;
    let rule = rule(hit.kind);
    let package = &locked.package;
    let name = package.canonical_name();
    let parts = [rule.as_str(), package.ecosystem.as_str(), &name, &hit.id].map(str::as_bytes);
    Finding {
        fingerprint: Fingerprint::new(&Salt::new(SALT), &parts),
        rule,
        severity: hit.severity,
        confidence: confidence(&locked.origin, &hit),
        action,
        standing,
        message: message(package, &hit),
        fix: fix(package, &hit),
        location: place(lockfile, lines, &locked),
        subject: Subject::Package(Box::new(vulnerability(locked, hit))),
        line_hash: None,
        allow: None,
    }
}

/// Where a lockfile names a package.
pub(super) fn place(lockfile: &Lockfile, lines: &LineIndex<'_>, locked: &Locked) -> Location {
    let (start, end) = lines.span(&span(lockfile, lines, locked));
    Location { path: lockfile.path.clone(), start, end, commit: None }
}

#[expect(clippy::expect_used, reason = "the three names are constant and well formed")]
fn rule(kind: Kind) -> RuleId {
    let name = match kind {
        Kind::Vulnerability => "DEP-001",
        Kind::Malicious => "DEP-003",
        Kind::Notice | Kind::Unmaintained | Kind::Unsound => "DEP-011",
    };
    name.parse().expect("letters, digits and a dash name a rule")
}

/// Advisories speak of what registries serve: of other code under the same name they may be wrong.
fn confidence(origin: &Origin, hit: &Hit) -> Confidence {
    match origin {
        Origin::Registry(_) if !hit.wider => Confidence::High,
        Origin::Registry(_) | Origin::Git(_) | Origin::Url(_) | Origin::Path(_) => {
            Confidence::Medium
        }
    }
}

fn message(package: &Package, hit: &Hit) -> String {
    let id = &hit.id;
    let what = match hit.kind {
        Kind::Vulnerability => format!("has {id}"),
        Kind::Malicious => format!("is malicious ({id})"),
        Kind::Unmaintained => format!("is unmaintained ({id})"),
        Kind::Unsound => format!("is unsound ({id})"),
        Kind::Notice => format!("has a notice ({id})"),
    };
    let colon = if hit.summary.is_empty() { "" } else { ": " };
    let name = one_line(&package.name, QUOTED);
    let version = one_line(&package.version, QUOTED);
    format!("{name} {version} {what}{colon}{}", hit.summary)
}

fn fix(package: &Package, hit: &Hit) -> String {
    let name = one_line(&package.name, QUOTED);
    if hit.kind == Kind::Malicious {
        return format!(
            "remove {name}, and treat every secret on machines that installed it as stolen"
        );
    }
    match &hit.upgrade {
        Some(version) => format!("upgrade {name} to {} or later", one_line(version, QUOTED)),
        None if hit.wider => format!(
            "no fixed version of {name} is known: its database could not express which versions \
             are affected, so read the advisory"
        ),
        None if hit.kind == Kind::Unmaintained => format!("replace {name} by a maintained package"),
        None => format!("no fixed version of {name} is known: replace it or waive the advisory"),
    }
}

/// The package's name in its line; the whole line where the name is spelled in another way.
fn span(lockfile: &Lockfile, lines: &LineIndex<'_>, locked: &Locked) -> Range<usize> {
    let line = lines.line(locked.line).unwrap_or(0..0);
    let text = lockfile.text.get(line.clone()).unwrap_or_default();
    let name = &locked.package.name;
    let (start, length) = match text.find(name.as_str()).filter(|_| !name.is_empty()) {
        Some(at) => (line.start + at, name.len()),
        None => (line.end - text.trim_start().len(), text.trim().len()),
    };
    start..start + length
}

fn vulnerability(locked: Locked, hit: Hit) -> Vulnerability {
    Vulnerability {
        package: locked.package,
        direct: locked.direct,
        dev: locked.dev,
        id: hit.id,
        aliases: hit.aliases,
        summary: hit.summary,
        url: hit.url,
        fixed: hit.fixed,
        cvss: hit.cvss,
        score: hit.score,
    }
}
