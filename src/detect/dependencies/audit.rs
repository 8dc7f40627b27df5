//! What the advisories say of the locked packages.

use super::group::{Merged, merge};
use super::inventory::{Inventory, Lockfile, parse};
use super::{Dev, INFORMATIONAL, MALICIOUS, Options, VULNERABILITY};
use crate::advisory::{Answer, Index, Kind};
use crate::detect::{Snapshot, rule_id};
use crate::finding::{
    Action, Confidence, Finding, Fingerprint, Level, LineCol, Location, Notice, Salt, Severity,
    Standing, Subject, Vulnerability,
};
use crate::lockfile::{Locked, Origin, format_of};
use crate::package::{Package, Version};
use crate::source::{SourceError, Status};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What an audit came to.
pub struct Audit {
    /// One finding for each package version and advisory.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub notices: Vec<Notice>,
    /// Lockfiles that were read.
    pub lockfiles: usize,
    /// Packages in them.
    pub packages: usize,
}

/// Checks every package of the inventory. Packages of the repository itself are passed over.
pub fn audit(
    inventory: &Inventory,
    snapshot: &Snapshot<'_>,
    index: &Index,
    options: &Options,
) -> Result<Audit, SourceError> {
    let mut notices = inventory.notices().to_vec();
    notices.extend_from_slice(index.notices());
    for ecosystem in inventory.ecosystems() {
        if !index.covers(ecosystem) {
            let text = format!(
                "no advisory source says anything about {ecosystem}, whose packages occur: \
                 name one by --advisories"
            );
            notices.push(Notice::new(Level::Error, text));
        }
    }
    let audits = inventory.lockfiles.par_iter().map(|lockfile| {
        let before = before(lockfile, snapshot)?;
        let checks = lockfile
            .packages
            .iter()
            .map(|locked| check(lockfile, locked, before.as_ref(), index, options));
        Ok(checks.collect::<Vec<_>>())
    });
    let mut findings = Vec::new();
    for (found, unknown) in audits.collect::<Result<Vec<_>, SourceError>>()?.into_iter().flatten() {
        findings.extend(found);
        notices.extend(unknown);
    }
    let packages = inventory.packages().count();
    Ok(Audit { findings, notices, lockfiles: inventory.lockfiles.len(), packages })
}

/// The packages that were locked before the change: by the same lockfile, or, if that is new, by
/// those of its format that the change deleted. `None` where everything is under test.
fn before(
    lockfile: &Lockfile,
    snapshot: &Snapshot<'_>,
) -> Result<Option<BTreeSet<Package>>, SourceError> {
    let Some(base) = snapshot.base else { return Ok(None) };
    let mut paths = vec![lockfile.path.clone()];
    if base.read(&lockfile.path)?.is_none() {
        let deleted = snapshot.delta.iter().filter(|delta| delta.status == Status::Deleted);
        let same = |name: &str| name == lockfile.format.name();
        let alike = deleted.filter(|delta| format_of(&delta.path).is_some_and(|f| same(f.name())));
        paths = alike.map(|delta| delta.path.clone()).collect();
    }
    let mut packages = BTreeSet::new();
    for path in paths {
        // A base that cannot be read held nothing for certain, so everything counts as new.
        let locked = parse(base, lockfile.format, &path)?.unwrap_or_default();
        packages.extend(locked.into_iter().map(|locked| locked.package));
    }
    Ok(Some(packages))
}

fn check(
    lockfile: &Lockfile,
    locked: &Locked,
    before: Option<&BTreeSet<Package>>,
    index: &Index,
    options: &Options,
) -> (Vec<Finding>, Option<Notice>) {
    if matches!(locked.origin, Origin::Path(_)) {
        return (Vec::new(), None);
    }
    let package = &locked.package;
    let (mut affecting, mut unknown) = (Vec::new(), BTreeMap::new());
    for advisory in index.about(package) {
        match advisory.affects.includes(package.ecosystem, &package.version) {
            Answer::Yes => affecting.push(advisory),
            Answer::No => {}
            Answer::Unknown(why) => _ = unknown.insert(&advisory.id, why),
        }
    }
    let standing = match before {
        Some(before) if before.contains(package) => Standing::Existing,
        _ => Standing::Introduced,
    };
    let findings = merge(&affecting);
    let findings =
        findings.iter().map(|merged| finding(lockfile, locked, merged, standing, options));
    let notice = unknown.into_iter().next().map(|(id, why)| {
        let text =
            format!("{} {} cannot be checked against {id}: {why}", package.name, package.version);
        Notice::at(&lockfile.path, Level::Error, text)
    });
    (findings.collect(), notice)
}

fn finding(
    lockfile: &Lockfile,
    locked: &Locked,
    merged: &Merged<'_>,
    standing: Standing,
    options: &Options,
) -> Finding {
    let (package, chief) = (&locked.package, merged.chief);
    let rule = match merged.kind {
        Kind::Malicious => MALICIOUS,
        Kind::Vulnerability => VULNERABILITY,
        Kind::Informational => INFORMATIONAL,
    };
    let spared = locked.dev == Some(true) && options.dev == Dev::Report;
    let warns = merged.kind == Kind::Informational || (spared && merged.kind != Kind::Malicious);
    let fixed = fixed(merged, package);
    let start = LineCol { line: locked.line, ..LineCol::START };
    let name = package.canonical_name();
    let parts = [
        rule.as_bytes(),
        package.ecosystem.as_str().as_bytes(),
        name.as_bytes(),
        chief.id.as_bytes(),
    ];
    Finding {
        rule: rule_id(rule),
        severity: if merged.kind == Kind::Malicious { Severity::Critical } else { merged.severity },
        // The registry's advisories speak of its own packages; a fork's code may differ.
        confidence: match locked.origin {
            Origin::Registry(_) => Confidence::High,
            Origin::Git(_) | Origin::Url(_) | Origin::Path(_) => Confidence::Medium,
        },
        action: if warns { Action::Warn } else { Action::Block },
        standing,
        message: message(package, merged),
        fix: fix(package, merged, &fixed),
        subject: Subject::Package(Box::new(vulnerability(locked, merged, fixed))),
        location: Location { path: lockfile.path.clone(), start, end: start, commit: None },
        // Public data, so no key: the same advisory has the same fingerprint everywhere.
        fingerprint: Fingerprint::new(&Salt::new(b"lockkeeper"), &parts),
        line_hash: None,
        allow: None,
    }
}

fn vulnerability(locked: &Locked, merged: &Merged<'_>, fixed: Vec<String>) -> Vulnerability {
    let best = merged.all.iter().filter(|advisory| advisory.score.is_some());
    let best = best.max_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
    Vulnerability {
        package: locked.package.clone(),
        direct: locked.direct,
        dev: locked.dev,
        id: merged.chief.id.clone(),
        aliases: merged.aliases.clone(),
        summary: summary(merged).to_owned(),
        url: merged.chief.url.clone(),
        fixed,
        cvss: best.and_then(|advisory| advisory.cvss.clone()),
        score: best.and_then(|advisory| advisory.score),
    }
}

/// The fixed versions that any of the advisories names, lowest first.
fn fixed(merged: &Merged<'_>, package: &Package) -> Vec<String> {
    let ecosystem = package.ecosystem;
    let named = merged.all.iter().flat_map(|advisory| advisory.affects.fixed(ecosystem));
    let parsed = named.filter_map(|text| Some((Version::parse(ecosystem, &text).ok()?, text)));
    let by_version: BTreeMap<_, _> = parsed.collect();
    by_version.into_values().collect()
}

fn summary<'a>(merged: &Merged<'a>) -> &'a str {
    let mut said = merged.all.iter().map(|advisory| advisory.summary.trim());
    said.find(|summary| !summary.is_empty()).unwrap_or("")
}

fn message(package: &Package, merged: &Merged<'_>) -> String {
    let what = match merged.kind {
        Kind::Malicious => "is malware by",
        Kind::Vulnerability | Kind::Informational => "has",
    };
    let summary = summary(merged).lines().next().unwrap_or("");
    let id = &merged.chief.id;
    format!("{} {} {what} {id}: {summary}", package.name, package.version)
}

/// The smallest step that helps: the lowest fixed version above the one that is locked.
fn fix(package: &Package, merged: &Merged<'_>, fixed: &[String]) -> String {
    let name = &package.name;
    if merged.kind == Kind::Malicious {
        return format!("remove {name}, and treat the machines that installed it as compromised");
    }
    let ecosystem = package.ecosystem;
    let current = Version::parse(ecosystem, &package.version).ok();
    let above = fixed.iter().find(|text| Version::parse(ecosystem, text).ok() > current);
    match above {
        Some(version) => format!("upgrade {name} to {version} or later"),
        None => {
            format!("no fixed version of {name} is known: replace it, or waive this with a reason")
        }
    }
}
