use super::*;
use proptest::prelude::*;

fn version(ecosystem: Ecosystem, text: &str) -> Version {
    Version::parse(ecosystem, text).unwrap()
}

fn assert_ascending(ecosystem: Ecosystem, versions: &[&str]) {
    for (at, low) in versions.iter().enumerate() {
        for high in &versions[at + 1..] {
            let (low, high) = (version(ecosystem, low), version(ecosystem, high));
            let orders = (low.cmp(&high), high.cmp(&low));
            assert_eq!(orders, (Ordering::Less, Ordering::Greater), "{ecosystem}: {low} < {high}");
        }
    }
}

fn assert_equal(ecosystem: Ecosystem, pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        let (a, b) = (version(ecosystem, a), version(ecosystem, b));
        assert!(a == b && a.cmp(&b) == Ordering::Equal, "{ecosystem}: {a} = {b}");
    }
}

fn assert_refused(ecosystem: Ecosystem, texts: &[&str]) {
    for text in texts {
        assert!(Version::parse(ecosystem, text).is_err(), "{ecosystem}: {text:?}");
    }
}

const SEMVER: &[&str] = &[
    "0.9.0",
    "1.0.0-0.3.7",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2.0",
    "1.10.0",
    "2.0.0",
];

#[test]
fn semantic_versioning_s_own_example_holds_where_it_is_used() {
    for ecosystem in [Ecosystem::CratesIo, Ecosystem::Npm, Ecosystem::Go] {
        assert_ascending(ecosystem, SEMVER);
        assert_equal(ecosystem, &[("1.0.0+a", "1.0.0+b.7"), ("1.2", "1.2.0"), ("0", "0.0.0")]);
        assert_refused(ecosystem, &["1.2.3.4", "1..2", "1.0.0-", "1.0.0-a..b", "1.0.0+", "latest"]);
    }
}

#[test]
fn cargo_refuses_what_cargo_refuses() {
    assert_refused(
        Ecosystem::CratesIo,
        &["v1.0.0", "01.0.0", "18446744073709551616.0.0", "1-alpha", " 1.0.0"],
    );
}

#[test]
fn npm_is_as_lenient_as_node() {
    assert_equal(
        Ecosystem::Npm,
        &[
            ("v1.2.3", "1.2.3"),
            ("=1.2.3", "1.2.3"),
            (" = v1.2.3\n", "1.2.3"),
            ("1.2.3beta", "1.2.3-beta"),
            ("01.02.03", "1.2.3"),
        ],
    );
    assert_ascending(
        Ecosystem::Npm,
        &["9007199254740991.0.0", "99999999999999999999.0.0", "100000000000000000000.0.0"],
    );
}

#[test]
fn go_orders_pseudo_versions_around_the_tags_they_follow() {
    assert_ascending(
        Ecosystem::Go,
        &[
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.0.0-20200109021931-0a1b2c3d4e5f",
            "v0.1.0",
            "v1.2.3-pre",
            "v1.2.3-pre.0.20191109021931-daa7c04131f5",
            "v1.2.3",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v1.2.4",
            "v2.0.0+incompatible",
            "v2.0.1",
        ],
    );
    assert_equal(Ecosystem::Go, &[("v1.2.3", "1.2.3"), ("v2.0.0+incompatible", "2.0.0")]);
}

#[test]
fn pep_440_s_own_summary_holds() {
    assert_ascending(
        Ecosystem::PyPI,
        &[
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "2013.10",
            "1!0.1",
        ],
    );
    assert_equal(
        Ecosystem::PyPI,
        &[
            ("1.0", "1.0.0"),
            ("v1.0", "1.0"),
            ("1.0-ALPHA.1", "1.0a1"),
            ("1.0c1", "1.0rc1"),
            ("1.0-1", "1.0.post1"),
            (" 1.0\n", "1.0"),
        ],
    );
    assert_refused(Ecosystem::PyPI, &["2004d", "1.0-bulbasaur", "1.99999999999999999999"]);
}

#[test]
fn rubygems_orders_words_before_numbers() {
    assert_ascending(
        Ecosystem::RubyGems,
        &[
            "0.9",
            "1.0.a",
            "1.0.a.2",
            "1.0.a10",
            "1.0.b1",
            "1.0.0-1",
            "1.0.0.pre.2",
            "1.0.0.rc1",
            "1.0",
            "1.0.1",
            "1.8.2.a",
            "1.8.2",
            "1.8.2.1",
            "1.9.a",
            "1.9",
            "1.10",
            "20240101000000000000000",
        ],
    );
    assert_equal(
        Ecosystem::RubyGems,
        &[
            ("1.0", "1.0.0"),
            ("1", "1.0.0.0"),
            ("1.0.0-1", "1.0.0.pre.1"),
            ("1.0.a", "1.a"),
            ("1.a.0", "1.a"),
            ("1.b1", "1.b.1"),
            ("01.02", "1.2"),
            (" 1.0 ", "1.0"),
        ],
    );
    assert_refused(
        Ecosystem::RubyGems,
        &[
            "junk",
            "1.0\n2.0",
            "1..2",
            "1.2 3.4",
            "2.3422222.222.222222222.22222.ads0as.dasd0.ddd2222.2.qd3e.",
            "1.0.",
            ".1",
            "1_0",
            "1.0-",
        ],
    );
}

#[test]
fn maven_orders_as_its_documentation_says() {
    assert_ascending(
        Ecosystem::Maven,
        &[
            "1-alpha-1",
            "1-alpha-2",
            "1-beta1",
            "1-m1",
            "1-rc",
            "1-rc2",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-sp1",
            "1-foo",
            "1-1-alpha",
            "1-1",
            "1-2",
            "1.1",
            "1.9-jre",
            "1.10-android",
            "1.10-jre",
            "2.0.0.Alpha1",
            "2.0.0.Beta1",
            "2.0.0.CR1",
            "2.0.0.Final",
            "20200101.101010",
            "99999999999999999999",
        ],
    );
    assert_equal(
        Ecosystem::Maven,
        &[
            ("1", "1.0.0"),
            ("1.ga", "1"),
            ("1-final", "1.0.RELEASE"),
            ("1a1", "1-alpha-1"),
            ("1b2", "1-beta-2"),
            ("1m3", "1-milestone-3"),
            ("1-CR1", "1-rc1"),
            ("1.0.0-foo.0.0", "1-foo"),
            ("1.0.M3", "1-M3"),
            ("1.foo", "1-foo"),
            ("0", "0.0"),
        ],
    );
    assert_ascending(Ecosystem::Maven, &["0-alpha", "0", "0.0.0-2021-05-17", "0.1", "20"]);
    assert_ascending(Ecosystem::Maven, &["1-0-rc", "1", "1.x.2"]);
}

#[test]
fn nuget_has_a_fourth_number_and_no_case() {
    assert_ascending(
        Ecosystem::NuGet,
        &[
            "1.0.0-alpha",
            "1.0.0-alpha.2",
            "1.0.0-alpha.10",
            "1.0.0-Beta",
            "1.0.0-rc",
            "1.0.0",
            "1.0.0.1",
            "1.0.1",
        ],
    );
    assert_equal(
        Ecosystem::NuGet,
        &[
            ("1.0", "1.0.0.0"),
            ("01.00.1", "1.0.1"),
            ("1.0.0-BETA", "1.0.0-beta"),
            ("1.0.0+a", "1.0.0+b"),
        ],
    );
    assert_refused(Ecosystem::NuGet, &["1.2.3.4.5", "v1", "1.0-"]);
}

#[test]
fn packagist_normalises_as_composer_does() {
    assert_ascending(
        Ecosystem::Packagist,
        &[
            "dev-main",
            "1.0.0-dev",
            "1.0.0-alpha1",
            "1.0.0-beta",
            "1.0.0-beta2-dev",
            "1.0.0b2",
            "1.0.0-beta10",
            "1.0.0RC1",
            "1.0.0",
            "1.0.0-p1",
            "1.0.0-patch2",
            "1.0.0.1",
            "1.0.1",
            "1.0.x-dev",
            "1.1.0",
            "1.x-dev",
            "2.0-alpha",
            "20100102",
            "20100102-203040",
        ],
    );
    assert_equal(
        Ecosystem::Packagist,
        &[
            ("v1.2", "1.2.0.0"),
            ("V1.0-RC-1", "1.0.0rc1"),
            ("1.0.0-stable", "1"),
            ("1.0.0+build.5", "1.0.0"),
            ("1.0.0-a.1", "1.0.0-alpha1"),
            ("1.0pl2", "1.0-patch2"),
            ("1.0.0@dev", "1.0.0"),
            ("dev-x as 1.0", "dev-x"),
            ("master", "dev-master"),
        ],
    );
    assert_refused(Ecosystem::Packagist, &["dev-", "latest", "x.1-dev", "1.#"]);
    assert_ascending(Ecosystem::Packagist, &["dev-a", "dev-b"]);
}

#[test]
fn elixir_and_swift_order_as_semantic_versioning() {
    for ecosystem in [Ecosystem::Hex, Ecosystem::SwiftUrl, Ecosystem::Pub, Ecosystem::Julia] {
        assert_ascending(ecosystem, SEMVER);
        assert_equal(ecosystem, &[("v1.2.3", "1.2.3")]);
        assert_refused(ecosystem, &["1.2.3.4", "1..2", "1.0.0-a..b", "main"]);
    }
}

#[test]
fn dart_and_julia_order_builds_after_the_version_without() {
    for ecosystem in [Ecosystem::Pub, Ecosystem::Julia] {
        assert_ascending(
            ecosystem,
            &[
                "1.0.0-a",
                "1.0.0-a+1",
                "1.0.0",
                "1.0.0+1",
                "1.0.0+2",
                "1.0.0+10",
                "1.0.0+a",
                "1.0.1",
            ],
        );
    }
}

#[test]
fn julia_reads_prereleases_without_a_hyphen_and_empty_ones() {
    assert_ascending(
        Ecosystem::Julia,
        &["1.2.3-", "1.2.3-alpha", "1.2.3-beta", "1.2.3rc1", "1.2.3", "1.2.3+", "1.2.3+0"],
    );
    assert_equal(Ecosystem::Julia, &[("1.2.3rc1", "1.2.3-rc1"), ("1", "1.0.0")]);
}

#[test]
fn numbers_in_r_and_haskell_are_fewer_before_more() {
    for ecosystem in [Ecosystem::Cran, Ecosystem::Hackage] {
        assert_ascending(
            ecosystem,
            &["0.9", "1.0", "1.0.0", "1.0.1", "1.0.10", "1.1", "1.1.0.9000", "2"],
        );
        assert_refused(ecosystem, &["1.0a", "1..0", "v1", "1.0."]);
    }
    assert_equal(Ecosystem::Cran, &[("1.2-3", "1.2.3"), ("0.01.0", "0.1-0")]);
    assert_refused(Ecosystem::Hackage, &["1.2-3"]);
}

#[test]
fn actions_are_ordered_by_tag_and_commits_are_no_versions() {
    assert_ascending(Ecosystem::GitHubActions, &["v3", "v4", "v4.1", "v4.1.1", "v4.2.2", "45.0.7"]);
    assert_equal(Ecosystem::GitHubActions, &[("v4", "4.0.0"), ("v4.2.2", "4.2.2")]);
    assert_refused(
        Ecosystem::GitHubActions,
        &["main", "11bd71901bbe5b1630ceea73d27597364c9af683", &"1".repeat(40), "release/v1"],
    );
}

#[test]
fn conan_takes_letters_anywhere_and_zeros_at_the_end_do_not_count() {
    assert_ascending(
        Ecosystem::ConanCenter,
        &[
            "1.0.2u",
            "1.1.1-pre",
            "1.1.1-rc.1",
            "1.1.1",
            "1.1.1+b1",
            "1.1.1a",
            "1.1.1w",
            "1.1.2",
            "1.1.10",
            "3.0.0",
            "cci.20200101",
            "cci.20210101",
        ],
    );
    assert_equal(Ecosystem::ConanCenter, &[("1.2", "1.2.0.0"), ("1.02", "1.2")]);
}

#[test]
fn opam_orders_a_tilde_before_the_end() {
    assert_ascending(
        Ecosystem::Opam,
        &["0.9", "1.0~alpha", "1.0~beta", "1.0", "1.0a", "1.0+1", "1.0-1", "1.0.1", "1.2", "1.10"],
    );
    assert_ascending(
        Ecosystem::Opam,
        &["~~", "~", "~beta2", "~beta10", "0.1", "1.0-beta", "1.0.0"]
            .map(|v| if v.starts_with('~') { ["0", v].concat() } else { v.to_owned() })
            .each_ref()
            .map(String::as_str),
    );
    assert_equal(Ecosystem::Opam, &[("1.01", "1.1"), ("v1.0", "1.0")]);
}

#[test]
fn hostile_text_is_refused_or_read_everywhere() {
    let long_number = "9".repeat(100_000);
    let many_parts = "1.".repeat(50_000);
    let many_zeros = format!("1{}", ".0".repeat(50_000));
    for ecosystem in Ecosystem::ALL {
        assert_refused(
            *ecosystem,
            &["", " ", "é", "1.0.é", "\0", "1.0\u{202e}", "٣.0.0", "-", "+"],
        );
        for text in [&long_number, &many_parts, &many_zeros] {
            if let Err(error) = Version::parse(*ecosystem, text) {
                assert!(error.to_string().len() < 200);
            }
        }
    }
}

const WORDS: &[&str] = &[
    "a", "alpha", "rc1", "RC-2", "dev2", "dev", "post1", "b.0", "ga", "final", "sp", "x.2", "0-rc",
    "1-0", "snapshot", "zeta", "1a", "p1", "~b", "0.a.1",
];

/// Texts that are mostly versions, with the turns that schemes differ about.
fn near_versions() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("0"), Just("00"), Just("1"), Just("01"), Just("10"), Just("2")];
    let word = prop::sample::select(WORDS);
    let tail = prop_oneof![
        3 => Just(String::new()),
        2 => word.clone().prop_map(|word| format!("-{word}")),
        2 => word.clone().prop_map(|word| format!(".{word}")),
        1 => word.clone().prop_map(|word| format!("+{word}")),
        1 => word.clone().prop_map(|word| format!("~{word}")),
        1 => word.prop_map(str::to_owned),
        1 => number.clone().prop_map(|number| format!("-{number}")),
    ];
    (prop::collection::vec(number, 1..4), prop::collection::vec(tail, 0..3))
        .prop_map(|(numbers, tails)| format!("{}{}", numbers.join("."), tails.concat()))
}

fn ecosystems() -> impl Strategy<Value = Ecosystem> {
    prop::sample::select(Ecosystem::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn order_is_total(ecosystem in ecosystems(), texts in prop::array::uniform3(near_versions())) {
        let versions: Vec<_> =
            texts.iter().filter_map(|text| Version::parse(ecosystem, text).ok()).collect();
        for a in &versions {
            for b in &versions {
                prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
                prop_assert_eq!(a == b, a.cmp(b).is_eq());
                for c in &versions {
                    prop_assert!(!(a <= b && b <= c) || a <= c, "{a} {b} {c}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(ecosystem in ecosystems(), text in "\\PC{0,30}") {
        if let Ok(version) = Version::parse(ecosystem, &text) {
            prop_assert_eq!(version.to_string(), text);
        }
    }
}
