use super::Constraint;
use crate::package::Ecosystem;
use proptest::prelude::*;

/// Which of the versions `does`, and which of those after the bar `does not`: `^1.2: 1.2.0 | 2.0.0`.
fn holds(ecosystem: Ecosystem, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (constraint, versions) = line.split_once(": ").unwrap();
        let constraint = constraint.trim_matches('\'');
        let read = Constraint::parse(ecosystem, constraint);
        let read = read.unwrap_or_else(|| panic!("{constraint:?} is not read"));
        let (yes, no) = versions.split_once('|').unwrap_or((versions, ""));
        for (versions, expected) in [(yes, true), (no, false)] {
            for version in versions.split_whitespace() {
                assert_eq!(read.allows(version), Some(expected), "{constraint:?} and {version}");
            }
        }
    }
}

fn unknown(ecosystem: Ecosystem, constraints: &[&str]) {
    for constraint in constraints {
        assert!(Constraint::parse(ecosystem, constraint).is_none(), "{constraint:?} is read");
    }
}

#[test]
fn cargo() {
    holds(
        Ecosystem::CratesIo,
        "1.2: 1.2.0 1.9.0 | 1.1.9 2.0.0
         =1.2.3: 1.2.3 | 1.2.4
         0.3.1: 0.3.1 0.3.9 | 0.4.0 0.3.0
         >=1.2, <1.5: 1.2.0 1.4.9 | 1.5.0
         *: 0.0.1 9.0.0",
    );
    unknown(Ecosystem::CratesIo, &["", "main", ">=1 <2"]);
}

#[test]
fn npm() {
    holds(
        Ecosystem::Npm,
        "'^1.2.3': 1.2.3 1.9.0 | 1.2.2 2.0.0 2.0.0-beta
         ^0.2.3: 0.2.3 0.2.9 | 0.3.0
         ^0.0.3: 0.0.3 | 0.0.4
         ^0.0: 0.0.9 | 0.1.0
         ^0.x: 0.9.9 | 1.0.0
         ~1.2.3: 1.2.9 | 1.3.0 1.2.2
         ~1.2: 1.2.0 | 1.3.0
         ~1: 1.9.0 | 2.0.0
         ~> 1.2.3: 1.2.9 | 1.3.0
         1.2: 1.2.7 | 1.3.0
         1.x: 1.2.7 | 2.0.0
         '*': 0.0.1 9.9.9
         '': 0.0.1 9.9.9
         x: 1.0.0
         1.2.3: 1.2.3 | 1.2.4
         =1.2.3: 1.2.3 | 1.2.4
         v1.2.3: 1.2.3 | 1.2.4
         >1.2: 1.3.0 | 1.2.9
         >1: 2.0.0 | 1.9.9
         <=1.2: 1.2.9 | 1.3.0
         <1.2: 1.1.9 | 1.2.0
         >= 1.2.3 < 2: 1.2.3 1.9.9 | 2.0.0 1.2.2
         1.2.3 - 2.3.4: 1.2.3 2.3.4 | 2.3.5
         1.2 - 2.3: 1.2.0 2.3.9 | 2.4.0
         ^1.2.0 || ^3.0.0: 1.3.0 3.1.0 | 2.0.0
         >=1.0.0-rc.1: 1.0.0 2.0.0 | 0.9.0
         npm:^4.17.0: 4.17.21 | 5.0.0",
    );
    unknown(
        Ecosystem::Npm,
        &[
            "latest",
            "file:../x",
            "workspace:*",
            "github:a/b",
            "npm:other@^1.0.0",
            "^1.2.3.4",
            "1.x.3",
            "<*",
            ">=1.2.3<2",
            "1.2.3-",
            "^99999999999999999999",
            "git+ssh://x#semver:^1",
        ],
    );
    let range = Constraint::parse(Ecosystem::Npm, ">=1.0.0-rc.1").unwrap();
    assert_eq!(range.allows("1.0.0-rc.2"), None, "whether npm takes a prerelease is its affair");
    assert_eq!(range.allows("main"), None);
}

#[test]
fn gem() {
    holds(
        Ecosystem::RubyGems,
        "~> 2.0: 2.0 2.9.1 | 1.9 3.0 3.0.0.rc1
         ~> 2.0, >= 2.0.8: 2.0.8 2.2.8.1 | 2.0.7 3.0
         ~> 2.2.3: 2.2.3 2.2.99 | 2.3.0
         ~> 1: 1.5 | 2.0
         >= 0: 0.1 9
         = 6.0.3: 6.0.3 6.0.3.0 | 6.0.3.1
         6.0.3: 6.0.3 | 6.0.4
         != 1.5: 1.4 | 1.5
         ~> 2.0.a: 2.0 2.5 | 3.0
         >= 1.0, < 3: 2.9 | 3 0.9",
    );
    unknown(Ecosystem::RubyGems, &["", "~>", "~> x", ">= 1,", "=> 1", "~> 99999999999999999999"]);
}

#[test]
fn python() {
    holds(
        Ecosystem::PyPI,
        ">=1.2,<2: 1.2 1.9.9 | 2.0 1.1
         ~=1.4.2: 1.4.9 | 1.5 1.4.1
         ==1.2.*: 1.2.7 | 1.3
         (>=1.0): 1.0 | 0.9
         !=1.5,>=1: 1.4 | 1.5
         >=1.0; python_version < '3.8': 1.1 | 0.9
         ^1.2: 1.2 1.9 | 2.0 1.1
         ^0.2.3: 0.2.9 | 0.3
         ~1.2: 1.2.9 | 1.3
         ~1: 1.9 | 2.0
         1.2.3: 1.2.3 | 1.2.4
         '*': 0.1 99
         '': 0.1
         >=1.0,<2.0 || >=3.0: 1.5 3.1 | 2.5",
    );
    unknown(Ecosystem::PyPI, &["latest", "^", "^1.2b1", "==", "@ https://x.example.org/a.whl"]);
    let range = Constraint::parse(Ecosystem::PyPI, ">=1.0").unwrap();
    assert_eq!(range.allows("2.0rc1"), None);
}

#[test]
fn composer() {
    holds(
        Ecosystem::Packagist,
        "^1.2.3: 1.2.3 v1.9.0 | 1.2.2 2.0.0 2.0.0-beta1
         ^0.3: 0.3.9 | 0.4.0
         ^0.0.3: 0.0.3 | 0.0.4
         ~1.2: 1.9.0 | 2.0.0 1.1.0
         ~1.2.3: 1.2.9 | 1.3.0
         1.0.*: 1.0.9 | 1.1.0
         '*': 1.0.0
         >=1.0 <1.1 || >=1.2: 1.0.5 1.3 | 1.1
         >=1.0,<2.0: 1.5 | 2.0
         ^4.4|^5.4|^6.0: 4.4.50 5.4.1 6.2.0 | 5.3.0 7.0.0
         1.0 - 2.0: 1.0 2.0.9 | 2.1.0
         1.0.0 - 2.1.0: 2.1.0 | 2.1.1
         1.2.3: 1.2.3 1.2.3.0 | 1.2.4
         <>1.5: 1.4 | 1.5
         >1.2: 1.2.1 1.3 | 1.2 1.2.0
         ^2.0@beta: 2.1.0 | 3.0.0",
    );
    unknown(
        Ecosystem::Packagist,
        &["dev-main", "1.0.x-dev as 1.0", "dev-main#0123", "^", "self.version", "~1.2 dev-x"],
    );
}

#[test]
fn hex_and_dart() {
    holds(
        Ecosystem::Hex,
        "~> 2.0: 2.0.0 2.9.0 | 3.0.0 1.9.0
         ~> 2.1.2: 2.1.9 | 2.2.0
         >= 1.0.0 and < 2.0.0: 1.5.0 | 2.0.0
         ~> 1.0 or ~> 2.0: 2.5.0 | 3.0.0
         == 1.2.3: 1.2.3 | 1.2.4
         1.2.3: 1.2.3 | 1.2.4",
    );
    unknown(Ecosystem::Hex, &["~> 2", "", "~> a.b", "^1.0"]);
    holds(
        Ecosystem::Pub,
        "^1.2.3: 1.9.0 | 2.0.0 1.2.2
         ^0.1.2: 0.1.9 | 0.2.0
         ^0.0.3: 0.0.9 | 0.1.0
         >=1.0.0 <2.0.0: 1.5.0 | 2.0.0
         any: 0.0.1 9.0.0
         1.2.3: 1.2.3 | 1.2.4",
    );
    unknown(Ecosystem::Pub, &["~1.2.3", "git"]);
}

#[test]
fn intervals_and_least_versions() {
    holds(
        Ecosystem::NuGet,
        "[1.0.0, 2.0.0): 1.0.0 1.9 | 2.0.0 0.9
         (1.0,): 1.1 | 1.0
         (,1.0]: 1.0 | 1.1
         [1.0]: 1.0.0 | 1.0.1
         1.2.3: 1.2.3 2.0 | 1.2.2
         [6.0.0, ): 6.0.0 7.0.0 | 5.0.0",
    );
    unknown(Ecosystem::NuGet, &["1.*", "[1.0", "(1.0)", "", "[", "]", "[1.0.*, 2.0)"]);
    holds(
        Ecosystem::Maven,
        "[1.0,2.0): 1.5 | 2.0
         (,1.0],[1.2,): 0.9 1.3 | 1.1
         [1.0]: 1.0 | 1.1",
    );
    unknown(Ecosystem::Maven, &["1.0", "LATEST", "${x}", "[1.0,2.0)x"]);
    holds(Ecosystem::Go, "v1.2.3: v1.2.3 v1.9.0 | v1.2.2");
}

#[test]
fn ecosystems_whose_syntax_is_not_known_say_nothing() {
    for ecosystem in Ecosystem::ALL {
        let read = Constraint::parse(*ecosystem, "certainly not a version");
        assert!(read.is_none(), "{ecosystem}");
    }
}

proptest! {
    #[test]
    fn no_text_does_harm(text in "[\\^~<>=!|, ()\\[\\]x*0-9.a-]{0,24}", version in "[0-9.a-]{1,8}") {
        for ecosystem in Ecosystem::ALL {
            if let Some(constraint) = Constraint::parse(*ecosystem, &text) {
                constraint.allows(&version);
            }
        }
    }

    #[test]
    fn npm_agrees_with_cargo_where_both_mean_the_same(
        (a, b, c) in (0_u8..3, 0_u8..3, 0_u8..3),
        (x, y, z) in (0_u8..4, 0_u8..4, 0_u8..4),
        sign in prop::sample::select(vec!["^", "~", ">=", "<=", "<", ">", "="]),
    ) {
        let (constraint, version) = (format!("{sign}{a}.{b}.{c}"), format!("{x}.{y}.{z}"));
        let ask = |ecosystem| Constraint::parse(ecosystem, &constraint).unwrap().allows(&version);
        prop_assert_eq!(ask(Ecosystem::Npm), ask(Ecosystem::CratesIo));
    }
}
