use super::*;
use crate::finding::Severity;
use proptest::prelude::*;

/// An advisory: its id, where it begins, and where it ends, if it does.
type Flaw = (&'static str, &'static str, Option<&'static str>);

fn hit(id: &str, kind: Kind, fixed: Option<&str>) -> Hit {
    Hit {
        id: id.to_owned(),
        aliases: Vec::new(),
        kind,
        summary: String::new(),
        url: None,
        severity: Severity::High,
        cvss: None,
        score: None,
        fixed: fixed.into_iter().map(str::to_owned).collect(),
        upgrade: None,
        wider: false,
    }
}

fn kind(id: &str) -> Kind {
    match id.split('-').next() {
        Some("MAL") => Kind::Malicious,
        Some("old") => Kind::Unmaintained,
        _ => Kind::Vulnerability,
    }
}

fn held<'a>(flaws: &[(&'a str, &'a str, Option<&'a str>)], version: &str) -> Vec<Hit> {
    let read = |text: &str| Version::parse(Ecosystem::Npm, text).unwrap();
    let at = read(version);
    let holds = |(_, from, to): &&(&str, &str, Option<&str>)| {
        read(from) <= at && to.is_none_or(|to| at < read(to))
    };
    flaws.iter().filter(holds).map(|(id, _, to)| hit(id, kind(id), *to)).collect()
}

fn chosen(flaws: &[Flaw], current: &str) -> Option<(String, usize, Vec<String>)> {
    let ask = |version: &str| Some(held(flaws, version));
    let choice = choose(Ecosystem::Npm, current, &held(flaws, current), &ask)?;
    Some((choice.version, choice.solves.len(), choice.leaves))
}

fn all_of(version: &str, solves: usize) -> (String, usize, Vec<String>) {
    (version.to_owned(), solves, Vec::new())
}

#[test]
fn the_lowest_version_that_solves_all_is_chosen() {
    let flaws =
        [("a", "0.0.0", Some("1.2.0")), ("b", "1.0.0", Some("1.4.0")), ("c", "2.0.0", None)];
    assert_eq!(chosen(&flaws, "1.0.0"), Some(all_of("1.4.0", 2)));
    assert_eq!(chosen(&flaws, "1.3.0"), Some(all_of("1.4.0", 1)));
}

#[test]
fn a_fix_that_brings_a_flaw_is_passed_over_for_what_fixes_that() {
    let flaws = [("a", "1.0.0", Some("1.2.0")), ("new", "1.2.0", Some("1.5.0"))];
    assert_eq!(chosen(&flaws, "1.0.0"), Some(all_of("1.5.0", 1)));
}

#[test]
fn what_no_version_solves_is_left_and_told() {
    let flaws =
        [("a", "1.0.0", Some("1.2.0")), ("b", "0.0.0", None), ("c", "1.0.0", Some("1.3.0"))];
    let left = Some(("1.3.0".to_owned(), 2, vec!["b".to_owned()]));
    assert_eq!(chosen(&flaws, "1.1.0"), left);
    assert_eq!(chosen(&[("b", "0.0.0", None)], "1.1.0"), None);
    let worse = [("a", "1.0.0", Some("1.2.0")), ("b", "1.2.0", None)];
    assert_eq!(chosen(&worse, "1.1.0"), None, "one flaw for another is no upgrade");
}

#[test]
fn malware_is_never_chosen_and_a_package_without_a_maintainer_may_be() {
    let flaws = [
        ("a", "1.0.0", Some("1.2.0")),
        ("b", "1.0.0", Some("1.3.0")),
        ("MAL-1", "1.3.0", Some("1.3.1")),
        ("c", "1.0.0", Some("1.3.1")),
        ("old", "0.0.0", None),
    ];
    assert_eq!(chosen(&flaws, "1.1.0"), Some(all_of("1.3.1", 3)));
    assert_eq!(chosen(&flaws[2..3], "1.3.0"), None, "malware is removed, not upgraded");
}

#[test]
fn a_release_comes_before_a_prerelease() {
    let flaws = [("a", "1.0.0", Some("2.0.0-rc.1")), ("a2", "2.0.0-rc.1", Some("2.0.0"))];
    assert_eq!(chosen(&flaws, "1.1.0"), Some(all_of("2.0.0", 1)));
    let only = [("a", "1.0.0", Some("2.0.0-rc.1"))];
    assert_eq!(chosen(&only, "1.1.0"), Some(all_of("2.0.0-rc.1", 1)));
}

#[test]
fn a_version_that_cannot_be_read_has_no_upgrade() {
    let hits = [hit("a", Kind::Vulnerability, Some("1.2.0"))];
    assert_eq!(choose(Ecosystem::Npm, "main", &hits, &|_| Some(Vec::new())), None);
}

#[test]
fn a_version_of_which_nothing_can_be_told_is_not_chosen() {
    let hits = [hit("a", Kind::Vulnerability, Some("1.2.0"))];
    assert_eq!(choose(Ecosystem::Npm, "1.0.0", &hits, &|_| None), None);
}

#[test]
fn a_hostile_chain_of_fixes_ends() {
    let asked = std::cell::Cell::new(0);
    let ask = |version: &str| {
        asked.set(asked.get() + 1);
        let next: u32 = version.trim_end_matches(".0.0").parse().unwrap_or(0) + 1;
        Some(vec![hit("a", Kind::Vulnerability, Some(&format!("{next}.0.0")))])
    };
    let first = [hit("a", Kind::Vulnerability, Some("2.0.0"))];
    assert_eq!(choose(Ecosystem::Npm, "1.0.0", &first, &ask), None);
    assert_eq!(asked.get(), MOST);
}

proptest! {
    #[test]
    fn nothing_holds_against_the_choice_but_what_it_leaves(
        flaws in prop::collection::vec((0_u8..9, 0_u8..10), 1..8),
        current in 0_u8..9,
    ) {
        let flaws: Vec<_> = flaws
            .iter()
            .enumerate()
            .map(|(at, (from, to))| (format!("id{at}"), format!("1.{from}.0"), format!("1.{to}.0")))
            .collect();
        let flaws: Vec<_> = flaws
            .iter()
            .map(|(id, from, to)| (id.as_str(), from.as_str(), Some(to.as_str()).filter(|to| *to != "1.0.0")))
            .collect();
        let current = format!("1.{current}.0");
        let ask = |version: &str| held(&flaws, version);
        let before = ask(&current);
        let choice = choose(Ecosystem::Npm, &current, &before, &|version| Some(ask(version)));
        let Some(Choice { version, solves, leaves }) = choice else {
            let at = |text: &str| Version::parse(Ecosystem::Npm, text).unwrap();
            let fixes = before.iter().flat_map(|hit| &hit.fixed);
            for fixed in fixes.filter(|fixed| at(fixed) > at(&current)) {
                prop_assert!(ask(fixed).len() >= before.len());
            }
            return Ok(());
        };
        let after: BTreeSet<_> = ask(&version).into_iter().map(|hit| hit.id).collect();
        prop_assert_eq!(after.into_iter().collect::<Vec<_>>(), leaves.clone());
        prop_assert!(leaves.len() < before.len());
        prop_assert!(solves.iter().all(|solved| !leaves.contains(&solved.id)));
    }
}
