//! A flaw of a locked package, told as a finding.

use super::inventory::Lockfile;
use crate::advisory::{Hit, Kind, one_line};
use crate::finding::{
    Action, Advice, Confidence, Exploitation, Finding, Fingerprint, Fit, LineIndex, Location,
    RuleId, Salt, Severity, Solved, Standing, Subject, Upgrade, Vulnerability,
};
use crate::lockfile::{Locked, Origin};
use crate::package::Package;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// The key under which findings about packages are hashed: packages, advisories and licences are
/// public, so every repository may share it.
pub(super) const SALT: &[u8] = b"lockkeeper";

/// The longest name, version or licence that a message quotes.
pub(super) const QUOTED: usize = 100;

/// A package with one flaw.
pub(super) struct Flawed {
    pub(super) locked: Locked,
    pub(super) hit: Hit,
    pub(super) exploitation: Option<Exploitation>,
    pub(super) standing: Standing,
    pub(super) action: Action,
    pub(super) advice: Arc<Advice>,
}

/// The finding about a flawed package of a lockfile.
pub(super) fn finding(lockfile: &Lockfile, lines: &LineIndex<'_>, flawed: Flawed) -> Finding {
    let Flawed { locked, hit, exploitation, standing, action, advice } = flawed;
    let rule = rule(hit.kind, exploitation.as_ref());
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
        message: message(package, &hit, exploitation.as_ref()),
        fix: fix(package, &hit, &advice),
        location: place(lockfile, lines, &locked),
        subject: Subject::Package(Box::new(vulnerability(locked, hit, exploitation, advice))),
        line_hash: None,
        allow: None,
    }
}

/// Where a lockfile names a package.
pub(super) fn place(lockfile: &Lockfile, lines: &LineIndex<'_>, locked: &Locked) -> Location {
    let (start, end) = lines.span(&span(lockfile, lines, locked));
    Location { path: lockfile.path.clone(), start, end, commit: None }
}

#[expect(clippy::expect_used, reason = "the names are constant and well formed")]
fn rule(kind: Kind, exploitation: Option<&Exploitation>) -> RuleId {
    let name = match kind {
        _ if exploitation.is_some() => "DEP-002",
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

fn message(package: &Package, hit: &Hit, exploitation: Option<&Exploitation>) -> String {
    let id = &hit.id;
    let what = match hit.kind {
        Kind::Vulnerability => format!("has {id}"),
        Kind::Malicious => format!("is malicious ({id})"),
        Kind::Unmaintained => format!("is unmaintained ({id})"),
        Kind::Unsound => format!("is unsound ({id})"),
        Kind::Notice => format!("has a notice ({id})"),
    };
    let colon = if hit.summary.is_empty() { "" } else { ": " };
    let attacked = exploitation.map(attacked).unwrap_or_default();
    format!("{} {what}{attacked}{colon}{}", shown(package), hit.summary)
}

fn fix(package: &Package, hit: &Hit, advice: &Advice) -> String {
    let path = advice.path.as_deref();
    match advice.upgrade.as_ref().filter(|upgrade| upgrade.solves(&hit.id)) {
        Some(upgrade) => told(package, upgrade, path),
        None => remedy(package, hit) + &brought(path),
    }
}

/// What to do where no upgrade of the package solves it.
fn remedy(package: &Package, hit: &Hit) -> String {
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

/// Who says that a flaw is attacked, and since when.
fn attacked(exploitation: &Exploitation) -> String {
    match exploitation {
        Exploitation::Known { listed } => {
            let since = listed.iter().map(|day| format!(" since {day}"));
            format!(", known to be exploited (listed by CISA{})", since.collect::<String>())
        }
        Exploitation::Likely { score, dated } => {
            let day = dated.iter().map(|day| format!(" of {day}"));
            let percent = score * 100.0;
            let day = day.collect::<String>();
            format!(", likely to be exploited ({percent:.0} % in 30 days, EPSS{day})")
        }
    }
}

/// An upgrade in one sentence: what it solves, what brought the package, what is in its way.
fn told(package: &Package, upgrade: &Upgrade, path: Option<&[Package]>) -> String {
    let version = one_line(&upgrade.version, QUOTED);
    let mut told = format!("upgrade {} to {version}", shown(package));
    let count = upgrade.solves.len();
    let all = count + upgrade.leaves.len();
    if upgrade.leaves.is_empty() {
        let _ = write!(told, ": fixes {count}{}", worst(&upgrade.solves));
    } else {
        let worst = worst(&upgrade.solves);
        let _ = write!(told, ": fixes {count} of {all}{worst}, no known version fixes all");
    }
    told.push_str(&brought(path));
    match &upgrade.fit {
        Fit::Allowed => told.push_str("; its constraints allow it"),
        Fit::Held { by, constraint } => {
            let by = by.as_ref().map_or_else(|| "the project".to_owned(), shown);
            let _ = write!(told, "; {by} holds it at {}", one_line(constraint, QUOTED));
        }
        Fit::Unknown => {}
    }
    told
}

/// By what a package came, where the project does not ask for it itself.
fn brought(path: Option<&[Package]>) -> String {
    let Some([direct, between @ ..]) = path else { return String::new() };
    let brought = format!(", brought by {}", one_line(&direct.name, QUOTED));
    let between: Vec<_> = between.iter().map(|it| one_line(&it.name, QUOTED)).collect();
    match between.as_slice() {
        [] => brought,
        [first, left_out @ .., last] if left_out.len() > 1 => {
            format!("{brought} through {first}, {} more and {last}", left_out.len())
        }
        few => format!("{brought} through {}", few.join(", ")),
    }
}

/// How many of those solved are bad enough to block by default.
fn worst(solved: &[Solved]) -> String {
    if let [Solved { severity: severity @ (Severity::Critical | Severity::High), .. }] = solved {
        return format!(" ({severity})");
    }
    let count = |severity: Severity| {
        let count = solved.iter().filter(|solved| solved.severity == severity).count();
        (count > 0).then(|| format!("{count} {severity}"))
    };
    let counts: Vec<_> =
        [Severity::Critical, Severity::High].into_iter().filter_map(count).collect();
    if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) }
}

/// A package as messages call it.
pub(super) fn shown(package: &Package) -> String {
    format!("{} {}", one_line(&package.name, QUOTED), one_line(&package.version, QUOTED))
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

fn vulnerability(
    locked: Locked,
    hit: Hit,
    exploitation: Option<Exploitation>,
    advice: Arc<Advice>,
) -> Vulnerability {
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
        exploitation,
        advice,
    }
}
