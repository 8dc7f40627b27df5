//! GATE-001: a change to the gate itself.
//!
//! Every change of what configures the gate is reported. One that lets more through than before is
//! named and blocks: a threshold that rises, a rule, a policy or a path that is left out, a waiver,
//! a longer baseline, a VEX document that excuses more. Others are reported without blocking. What the gate goes by meanwhile is the
//! base's version.

use super::{Check, Ends};
use crate::detect::policies::violation::Violation;
use crate::detect::policies::{licences, vex};
use crate::finding::{Action, LineCol, Location, RepoPath, Severity};
use crate::nesting::read_toml;
use crate::rule::Paths;
use crate::source::{Delta, SourceError, Status, Tree};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::{Table, Value};

const CONFIG: &str = ".lockkeeper.toml";
const BASELINE: &str = ".lockkeeper-baseline";

/// The folder from which rules are read without being named.
const RULES: &str = ".lockkeeper/rules";

/// Files in which the gate is called.
const CALLERS: [&str; 4] =
    [".pre-commit-config.yaml", ".pre-commit-config.yml", ".circleci/config.yml", ".gitlab-ci.yml"];

/// The check; `[policies.GATE-001]` sets nothing of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct GateConfigChanged {}

impl Check for GateConfigChanged {
    fn snapshot(&self, ends: &Ends<'_>) -> Result<Vec<(Location, Violation)>, SourceError> {
        let mut found = Vec::new();
        let documents = vex_documents(ends)?;
        for delta in ends.delta {
            for violation in violations(ends, delta, &documents)? {
                found.push((whole(&delta.path), violation));
            }
        }
        Ok(found)
    }
}

fn whole(path: &RepoPath) -> Location {
    let (start, end) = (LineCol::START, LineCol::START);
    Location { path: path.clone(), start, end, commit: None }
}

fn violations(
    ends: &Ends<'_>,
    delta: &Delta,
    documents: &Paths,
) -> Result<Vec<Violation>, SourceError> {
    let Some(path) = delta.path.as_str() else { return Ok(Vec::new()) };
    let caller = CALLERS.contains(&path) || path.starts_with(".github/workflows/");
    let rules = path.strip_suffix(".toml").is_some() && is_rule_file(ends, path)?;
    let vex = documents.accepts(&delta.path);
    if path != CONFIG && path != BASELINE && !caller && !rules && !vex {
        return Ok(Vec::new());
    }
    let (before, after) = (read(ends.base, delta)?, read(ends.head, delta)?);
    Ok(match path {
        CONFIG => configuration(delta.status, &before, &after),
        BASELINE => baseline(&before, &after),
        _ if rules => rule_file(path, &before, &after),
        _ if vex => vex_document(path, &before, &after),
        _ => calls(path, &before, &after),
    })
}

/// The configuration that the gate goes by; none where it cannot be read.
fn base_config(ends: &Ends<'_>) -> Result<Table, SourceError> {
    let config = ends.base.read(&RepoPath::from(CONFIG))?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&config).parse().unwrap_or_default())
}

/// The files that the base's configuration takes for VEX documents.
fn vex_documents(ends: &Ends<'_>) -> Result<Paths, SourceError> {
    let config = base_config(ends)?;
    let named = config.get("dependencies").and_then(|section| section.get("vex"));
    let named = named.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let named: Vec<_> = named.map(str::to_owned).collect();
    // A pattern that is none stops the run elsewhere.
    Ok(Paths::whole(&named).unwrap_or_default())
}

fn vex_document(path: &str, before: &str, after: &str) -> Vec<Violation> {
    let found = vex::loosenings(path, before, after);
    if !found.is_empty() {
        return found.into_iter().map(loosens).collect();
    }
    let what = format!("the VEX document {path} changes, and lets nothing more through");
    vec![Violation::new(what.clone(), what).rated(Severity::Low, Action::Warn)]
}

/// Whether the base's configuration reads rules from a file.
fn is_rule_file(ends: &Ends<'_>, path: &str) -> Result<bool, SourceError> {
    let config = base_config(ends)?;
    let named = config.get("secrets").and_then(|section| section.get("rules"));
    let named = named.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut named = named.map(|named| named.trim_end_matches('/')).chain([RULES]);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Ok(named.any(|named| named == path || named == folder))
}

/// A file of the project's own rules: those that are gone or that read differently.
fn rule_file(path: &str, before: &str, after: &str) -> Vec<Violation> {
    let table = |text: &str| read_toml::<Table>(text);
    let (Ok(old), Ok(new)) = (table(before), table(after)) else {
        return vec![loosens(format!("the rules of {path} are no longer readable"))];
    };
    lost_rules(&old, &new).into_iter().map(loosens).collect()
}

fn lost_rules(old: &Table, new: &Table) -> Vec<String> {
    let now = |rule: &Value| {
        let rules = new.get("rule").and_then(Value::as_array);
        rules.is_some_and(|rules| rules.contains(rule))
    };
    let rules = old.get("rule").and_then(Value::as_array).into_iter().flatten();
    let lost = rules.filter(|rule| !now(rule));
    let id = |rule: &Value| rule.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    lost.map(|rule| format!("a secret rule is removed or changed: {}", id(rule))).collect()
}

fn read(tree: &dyn Tree, delta: &Delta) -> Result<String, SourceError> {
    let bytes = tree.read(&delta.path)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn configuration(status: Status, before: &str, after: &str) -> Vec<Violation> {
    let (Ok(old), Ok(new)) = (read_toml::<Table>(before), read_toml::<Table>(after)) else {
        return vec![loosens("the gate's configuration is no longer readable".to_owned())];
    };
    let mut found: Vec<_> = loosenings(&old, &new).into_iter().map(loosens).collect();
    if found.is_empty() {
        let what = match status {
            Status::Added => "the gate's configuration is added",
            Status::Modified => "the gate's configuration changes, and lets nothing more through",
            Status::Deleted => "the gate's configuration is removed",
        };
        found.push(Violation::new(what, what).rated(Severity::Low, Action::Warn));
    }
    found
}

fn loosens(what: String) -> Violation {
    let identity = what.clone();
    Violation::new(what, identity)
}

/// Everything by which the new configuration lets more through than the old one.
fn loosenings(old: &Table, new: &Table) -> Vec<String> {
    let mut found = Vec::new();
    let (was, is) = (threshold(old), threshold(new));
    if rank(&is) > rank(&was) {
        found.push(format!("the gate's threshold rises from {was} to {is}"));
    }
    for (section, key, what) in [
        ("secrets", "disable", "secret rule is switched off"),
        ("secrets", "allow", "secret is let through"),
        ("secrets", "exclude", "path is left out of the search for secrets"),
        ("dependencies", "exclude", "path is left out of the check of packages"),
        ("dependencies", "vex", "VEX document is followed"),
    ] {
        let (was, is) = (list(old, section, key), list(new, section, key));
        found.extend(is.difference(&was).map(|item| format!("a {what}: {item}")));
    }
    if text(old, "dependencies", "existing") == Some("block")
        && text(new, "dependencies", "existing") != Some("block")
    {
        found.push("vulnerabilities that were there before no longer block".to_owned());
    }
    found.extend(licences::loosenings(old, new));
    found.extend(lost_rules(old, new));
    found.extend(policies(old, new));
    let (was, is) = (entries(old, "waiver"), entries(new, "waiver"));
    found.extend(
        is.difference(&was).map(|waiver| format!("a waiver is added or changed: {waiver}")),
    );
    found
}

/// Policies that ask for less than before, and paths that they no longer look at.
fn policies(old: &Table, new: &Table) -> Vec<String> {
    let none = Table::new();
    let section = |table: &Table| table.get("policies").and_then(Value::as_table).cloned();
    let (old, new) = (section(old).unwrap_or_default(), section(new).unwrap_or_default());
    let mut found = Vec::new();
    for (id, settings) in &new {
        let (was, is) =
            (old.get(id).and_then(Value::as_table).unwrap_or(&none), settings.as_table());
        let Some(is) = is else { continue };
        for (key, value) in is {
            let same = was.get(key) == Some(value);
            let stricter = key == "action" && value.as_str() == Some("block");
            if !same && !stricter {
                found.push(format!("{id} is set differently: {key} = {value}"));
            }
        }
    }
    let gone = |id: &&String| {
        let blocked = old.get(*id).and_then(|settings| settings.get("action"));
        blocked.and_then(Value::as_str) == Some("block") && !new.contains_key(*id)
    };
    found.extend(
        old.keys().filter(gone).map(|id| format!("{id} no longer blocks by configuration")),
    );
    found
}

fn threshold(table: &Table) -> String {
    text(table, "gate", "fail-on").unwrap_or("high").to_owned()
}

fn rank(threshold: &str) -> usize {
    let order = ["low", "medium", "high", "critical", "none"];
    order.iter().position(|word| *word == threshold).unwrap_or(order.len())
}

fn text<'a>(table: &'a Table, section: &str, key: &str) -> Option<&'a str> {
    table.get(section)?.get(key)?.as_str()
}

fn list(table: &Table, section: &str, key: &str) -> BTreeSet<String> {
    let items = table.get(section).and_then(|section| section.get(key)).and_then(Value::as_array);
    items.into_iter().flatten().map(ToString::to_string).collect()
}

fn entries(table: &Table, key: &str) -> BTreeSet<String> {
    let items = table.get(key).and_then(Value::as_array);
    items.into_iter().flatten().map(ToString::to_string).collect()
}

fn baseline(before: &str, after: &str) -> Vec<Violation> {
    let lines = |text: &str| -> BTreeSet<String> {
        let entries = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        entries.map(str::to_owned).collect()
    };
    let (was, is) = (lines(before), lines(after));
    let added = is.difference(&was).count();
    if added == 0 {
        return Vec::new();
    }
    let entries = if added == 1 { "entry" } else { "entries" };
    vec![loosens(format!("the baseline grows by {added} {entries}"))]
}

/// A file that called the gate and no longer does.
fn calls(path: &str, before: &str, after: &str) -> Vec<Violation> {
    let calls = |text: &str| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.filter(|line| line.contains("lockkeeper")).count()
    };
    if calls(after) >= calls(before) {
        return Vec::new();
    }
    vec![loosens(format!("{path} calls the gate less often than before"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(before: &str, after: &str) -> Vec<String> {
        let found = configuration(Status::Modified, before, after);
        found.into_iter().map(|violation| format!("{violation:?}")).collect()
    }

    #[test]
    fn what_lets_more_through_is_named() {
        for (before, after, named) in [
            ("", "[gate]\nfail-on = 'none'", "from high to none"),
            ("[gate]\nfail-on = 'low'", "", "from low to high"),
            ("", "[secrets]\ndisable = ['secret/jwt']", "secret/jwt"),
            ("[secrets]\nexclude = ['a']", "[secrets]\nexclude = ['a', 'b/**']", "b/**"),
            ("", "[policies.CI-001]\naction = 'off'", "CI-001"),
            ("[dependencies]\nexisting = 'block'", "", "no longer block"),
            ("", "[[waiver]]\nid = 'CI-001'", "a waiver"),
            ("", "[[secrets.allow]]\npaths = ['a']", "let through"),
            ("[[rule]]\nid = 'secret/a'", "[[rule]]\nid = 'secret/b'", "secret/a"),
            ("", "[gate", "no longer readable"),
        ] {
            let found = found(before, after);
            assert!(found.len() == 1 && found[0].contains(named), "{after}: {found:?}");
            assert!(!found[0].contains("Warn"), "{after}: {found:?}");
        }
    }

    #[test]
    fn what_lets_less_through_is_reported_alone() {
        for (before, after) in [
            ("", "[gate]\nfail-on = 'low'"),
            ("[secrets]\ndisable = ['secret/jwt']", ""),
            ("", "[policies.CI-001]\naction = 'block'"),
            ("[[waiver]]\nid = 'CI-001'", ""),
        ] {
            let found = found(before, after);
            assert!(found.len() == 1 && found[0].contains("Warn"), "{after}: {found:?}");
        }
    }

    #[test]
    fn a_longer_baseline_and_a_lost_call_are_named() {
        assert_eq!(baseline("# h\na\n", "# h\na\nb\n").len(), 1);
        assert!(baseline("# h\na\nb\n", "# h\nb\n").is_empty());
        assert_eq!(calls("x", "run: lockkeeper scan\n", "# run: lockkeeper scan\n").len(), 1);
        assert!(calls("x", "", "run: lockkeeper scan\n").is_empty());
    }
}
