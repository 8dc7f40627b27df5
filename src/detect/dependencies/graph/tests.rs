use super::*;
use crate::lockfile::{FORMATS, Origin, ParseError};
use proptest::prelude::*;

/// A lockfile of `name version: wish, wish` lines. A wish is a name, perhaps `@version`, perhaps a
/// constraint after a blank; `*` before a name makes the package direct, `/` makes it the
/// project's own, and the line `project:` holds what is declared.
fn lockfile(text: &str) -> Lockfile {
    let mut packages = Vec::new();
    let mut declared = Vec::new();
    for line in text.lines().map(str::trim) {
        let (head, wishes) = line.split_once(':').unwrap();
        let wishes = wishes.split(',').map(str::trim).filter(|wish| !wish.is_empty()).map(wish);
        if head == "project" {
            declared.extend(wishes);
            continue;
        }
        let (name, version) = head.split_once(' ').unwrap();
        let origin = if name.starts_with('/') {
            Origin::Path(String::new())
        } else {
            Origin::Registry(None)
        };
        let package = package(name.trim_start_matches(['*', '/']), version);
        packages.push(Locked {
            direct: Some(name.starts_with('*')),
            requires: wishes.collect(),
            ..Locked::new(package, ParseError::new(1, "").line, origin)
        });
    }
    let format = *FORMATS.iter().find(|it| it.ecosystem() == Ecosystem::RubyGems).unwrap();
    Lockfile {
        path: "Gemfile.lock".into(),
        format,
        text: String::new(),
        packages,
        passed_over: Vec::new(),
        declared,
        consulted: BTreeSet::new(),
    }
}

fn package(name: &str, version: &str) -> Package {
    let (name, version) = (name.to_owned(), version.to_owned());
    Package { ecosystem: Ecosystem::RubyGems, name, version }
}

fn wish(text: &str) -> Requirement {
    let (name, constraint) = text.split_once(' ').map_or((text, None), |(a, b)| (a, Some(b)));
    let (name, version) = name.split_once('@').map_or((name, None), |(a, b)| (a, Some(b)));
    Requirement {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        constraint: constraint.map(str::to_owned),
    }
}

fn path(text: &str, name: &str, version: &str) -> Option<String> {
    let lockfile = lockfile(text);
    let path = Graph::new(&lockfile).path(&package(name, version))?;
    Some(
        path.iter().map(|it| format!("{} {}", it.name, it.version)).collect::<Vec<_>>().join(" > "),
    )
}

fn fit(text: &str, name: &str, at: &str, version: &str) -> Fit {
    Graph::new(&lockfile(text)).fit(&package(name, at), version)
}

fn held(by: Option<(&str, &str)>, constraint: &str) -> Fit {
    let by = by.map(|(name, version)| package(name, version));
    Fit::Held { by, constraint: constraint.to_owned() }
}

#[test]
fn the_shortest_way_is_told_and_the_first_of_those_of_one_length() {
    let text = "*long 1: between\nbetween 1: further\nfurther 1: rack\n*zeta 1: b\n*alpha 1: b, a\n\
                a 1: rack\nb 1: rack\nrack 2:";
    assert_eq!(path(text, "rack", "2").as_deref(), Some("alpha 1 > a 1"));
    assert_eq!(path(text, "further", "1").as_deref(), Some("long 1 > between 1"));
    assert_eq!(path(text, "zeta", "1").as_deref(), Some(""));
}

#[test]
fn what_is_declared_and_what_own_packages_ask_for_is_direct() {
    let declared = "project: rails\nrails 6: rack\nrack 2:";
    assert_eq!(path(declared, "rack", "2").as_deref(), Some("rails 6"));
    let own = "/engine 1: rails\nrails 6: rack\nrack 2:";
    assert_eq!(path(own, "rack", "2").as_deref(), Some("rails 6"));
    assert_eq!(path(own, "rails", "6").as_deref(), Some(""));
}

#[test]
fn what_nothing_leads_to_has_no_way() {
    assert_eq!(path("*a 1:\nrack 2:", "rack", "2"), None);
    assert_eq!(path("*a 1:", "rack", "2"), None);
    assert_eq!(path("a 1: b\nb 1: a", "a", "1"), None, "a circle");
    assert_eq!(path("*a 1: b\nb 1: a, c\nc 1: b", "c", "1").as_deref(), Some("a 1 > b 1"));
}

#[test]
fn of_several_versions_the_one_that_is_meant_is_reached() {
    let text = "*a 1: rack@1\n*b 1: rack ~> 2.0\nrack 1:\nrack 2.1:";
    assert_eq!(path(text, "rack", "1").as_deref(), Some("a 1"));
    assert_eq!(path(text, "rack", "2.1").as_deref(), Some("b 1"));
    let open = "*a 1: rack\nrack 1:\nrack 2.1:";
    assert_eq!(path(open, "rack", "2.1").as_deref(), Some("a 1"));
}

#[test]
fn a_version_fits_only_if_everything_that_asks_takes_it() {
    let text = "project: rack ~> 2.0\n*rails 6: rack >= 2.0.8\nrack 2.2.3:";
    assert_eq!(fit(text, "rack", "2.2.3", "2.2.8"), Fit::Allowed);
    assert_eq!(fit(text, "rack", "2.2.3", "3.0"), held(None, "~> 2.0"));
    let text = "*rails 6: rack ~> 2.2.0\n*other 1: rack\nrack 2.2.3:";
    assert_eq!(fit(text, "rack", "2.2.3", "2.2.8"), Fit::Unknown, "other does not say");
    assert_eq!(fit(text, "rack", "2.2.3", "2.3.0"), held(Some(("rails", "6")), "~> 2.2.0"));
}

#[test]
fn what_is_not_certain_is_unknown() {
    for wish in ["rack", "rack a-branch", "rack ~> x"] {
        let text = format!("*rails 6: {wish}\nrack 2.2.3:");
        assert_eq!(fit(&text, "rack", "2.2.3", "2.2.8"), Fit::Unknown, "{wish}");
    }
    assert_eq!(fit("*rack 2.2.3:", "rack", "2.2.3", "2.2.8"), Fit::Unknown, "nothing asks");
    assert_eq!(fit("*a 1: rack >= 1\nrack 2:", "rack", "2", "3.0.0.rc1"), Fit::Unknown);
}

#[test]
fn what_an_own_package_does_not_say_the_manifest_may() {
    let text = "project: rack ~> 2.0\n/app 1: rack\nrack 2.2.3:";
    assert_eq!(fit(text, "rack", "2.2.3", "2.2.8"), Fit::Allowed);
    let unsaid = "project: other\n/app 1: rack\nrack 2.2.3:\nother 1:";
    assert_eq!(fit(unsaid, "rack", "2.2.3", "2.2.8"), Fit::Unknown);
    let own = "/app 1: rack ~> 2.0\nrack 2.2.3:";
    assert_eq!(fit(own, "rack", "2.2.3", "3.0"), held(None, "~> 2.0"));
}

#[test]
fn those_that_ask_for_another_version_have_no_say() {
    let text = "*a 1: rack@1 = 1\n*b 1: rack@2 ~> 2.0\nrack 1:\nrack 2:";
    assert_eq!(fit(text, "rack", "2", "2.5"), Fit::Allowed);
}

proptest! {
    #[test]
    fn a_way_leads_from_what_is_direct_by_what_asks_to_the_package(
        edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..20),
        direct in prop::collection::btree_set(0_usize..8, 0..3),
    ) {
        let name = |at: usize| format!("p{at}");
        let line = |at: usize| {
            let star = if direct.contains(&at) { "*" } else { "" };
            let wishes = edges.iter().filter(|(from, _)| *from == at).map(|(_, to)| name(*to));
            format!("{star}{} 1: {}", name(at), wishes.collect::<Vec<_>>().join(","))
        };
        let text = (0..8).map(line).collect::<Vec<_>>().join("\n");
        let lockfile = lockfile(&text);
        let graph = Graph::new(&lockfile);
        let asks = |from: &str, to: &str| edges.iter().any(|(a, b)| name(*a) == from && name(*b) == to);
        for at in 0..8 {
            let Some(path) = graph.path(&package(&name(at), "1")) else {
                prop_assert!(!direct.contains(&at));
                continue;
            };
            let names: Vec<_> = path.iter().map(|it| it.name.clone()).chain([name(at)]).collect();
            prop_assert!(direct.iter().any(|it| name(*it) == names[0]));
            prop_assert!(names.windows(2).all(|pair| asks(&pair[0], &pair[1])), "{names:?}");
        }
    }
}
