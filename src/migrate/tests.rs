use super::*;
use crate::rule::{Paths, Pattern};
use proptest::prelude::*;

fn ids() -> BTreeSet<String> {
    ["secret/jwt", "secret/github-pat"].map(str::to_owned).into()
}

fn gitleaks(text: &str) -> Migration {
    convert(Format::Gitleaks, ".gitleaks.toml", text, &ids()).unwrap()
}

fn lost(migration: &Migration) -> String {
    let lines = migration.lost.iter().map(|lost| format!("{}: {}", lost.what, lost.why));
    lines.collect::<Vec<_>>().join("\n")
}

fn keywords(regex: &str) -> String {
    pattern::bounded(regex, 0).unwrap().keywords.join(" ")
}

#[test]
fn the_secret_is_named_and_what_has_no_end_gets_one() {
    let bounded = |regex, group| pattern::bounded(regex, group).unwrap().pattern;
    assert_eq!(bounded("acme_[0-9]+", 0), "(?<secret>acme_[0-9]{1,1025})");
    assert_eq!(
        bounded("acme *= *([a-f]{8,})", 0),
        "acme {0,1024}= {0,1024}(?<secret>[a-f]{8,1032})"
    );
    assert_eq!(
        bounded("(?i)(acme|zinc)=(?P<v>[a-f]{8}?)", 2),
        "(?i)(acme|zinc)=(?P<secret>[a-f]{8}?)"
    );
    assert_eq!(bounded("a=(x{9})|b=(y{9})", 0), "(?<secret>a=(x{9})|b=(y{9}))");
    assert_eq!(bounded("(?P<id>acme)-([a-f]+?)", 2), "(?P<id_1>acme)-(?<secret>[a-f]{1,1025}?)");
    assert_eq!(bounded("(?:[a-f]+,)+x", 0), "(?<secret>(?:[a-f]{1,65},){1,65}x)");
}

#[test]
fn what_cannot_be_a_pattern_says_why() {
    for (regex, group, said) in [
        ("(?=look)ahead", 0, "look-around"),
        ("acme_(", 0, "unclosed group"),
        ("acme", 1, "no group 1"),
        ("a*", 0, "empty"),
        (r"\p{Greek}+", 0, "Unicode"),
    ] {
        let why = pattern::bounded(regex, group).err().unwrap_or_default();
        assert!(why.contains(said), "{regex}: {why}");
    }
}

#[test]
fn the_words_that_lead_to_a_rule_are_in_every_match() {
    assert_eq!(keywords("(?i)Acme[-_]?(?:key|token)=x{9}"), "acme");
    assert_eq!(keywords("(?:acme|zinc)_([0-9]{8})"), "acme zinc");
    assert_eq!(keywords("(?:acme|[a-f])_([0-9]{8})"), "");
    assert_eq!(keywords("(acme_longer)?[0-9]{8}abc"), "abc");
    assert_eq!(keywords("[a-f]{32}"), "");
}

proptest! {
    /// A pattern's keywords are in whatever it matches.
    #[test]
    fn no_match_lacks_its_keywords(
        (regex, text) in prop::sample::select(vec![
            "(?i)(?:acme|zinc)[-_]{1,3}k(?:ey)?=([a-f]{4})", "x?yz{2}(?:abc|abd)+q", "(?:a(?:bcd)|efg)h",
        ]).prop_flat_map(|regex| {
            let text = proptest::string::string_regex(&regex.replace("(?i)", "")).unwrap();
            (Just(regex), text)
        })
    ) {
        let bounded = pattern::bounded(regex, 0).unwrap();
        prop_assert!(Pattern::parse(&bounded.pattern).unwrap().regex(text.len(), crate::rule::Effort::Fast).is_match(&text));
        prop_assert!(bounded.keywords.iter().any(|word| text.to_lowercase().contains(word)));
    }
}

#[test]
fn expressions_of_paths_become_path_patterns_that_accept_the_same() {
    let paths = [
        "a.pem",
        "A.PEM",
        "deep/a.pem",
        "a.pem.bak",
        "vendor/x",
        "lib/vendor/x/y",
        "xvendor/y",
        "config/app.yaml",
        "config/a/b.yml",
        "src/config/app.yml",
        "go.sum",
        "x/go.sum",
        "a.pemx/b",
    ];
    for regex in [
        r"\.pem$",
        r"(?i)\.pem$",
        r"(?:^|/)vendor/",
        r"^config/.*\.ya?ml$",
        r"^go\.sum$",
        r"(^|[\\/])go\.sum$",
        r"\.(?:pem|sum)",
        r"config/[^/]+\.yml$",
        "",
    ] {
        let globs = globs::globs(regex).unwrap_or_else(|| panic!("{regex}"));
        let set = Paths::new(&globs).unwrap();
        let regex = regex::Regex::new(regex).unwrap();
        for path in paths {
            assert_eq!(set.accepts(&path.into()), regex.is_match(path), "{regex} {path} {globs:?}");
        }
    }
    assert_eq!(globs::globs(r"\bkey\b"), None);
    assert_eq!(globs::globs("(a|b|c|d){9}"), None);
}

#[test]
fn a_configuration_of_gitleaks_becomes_rules_and_entries() {
    let migration = gitleaks(
        r#"
        title = "ours"
        [extend]
        useDefault = true
        disabledRules = ["jwt", "nobody"]
        [[rules]]
        id = "acme key"
        description = "Acme key"
        regex = '''acme_([0-9a-f]+)'''
        secretGroup = 1
        entropy = 3
        keywords = ["acme"]
        path = '''\.conf$'''
        tags = ["acme", "key"]
        [[rules.allowlists]]
        condition = "AND"
        paths = ['''^test/''']
        regexes = ['''0000''']
        regexTarget = "line"
        [[rules]]
        id = "github-pat"
        regex = '''ghx_[0-9]{20}'''
        [[rules]]
        id = "jwt"
        [rules.allowlist]
        stopwords = ["sample"]
        [allowlist]
        description = "generated"
        paths = ['''\.svg$''']
        commits = ["0123456789"]
        "#,
    );
    assert_eq!(migration.disable, BTreeSet::from(["secret/jwt".to_owned()]));
    assert_eq!(lost(&migration).lines().count(), 1, "{}", lost(&migration));
    assert!(lost(&migration).starts_with("disabled rule nobody: "));
    let text = migration.block(&Table::new());
    let config = crate_config(&text);
    let rules: Vec<_> = config["rule"].as_array().unwrap().iter().collect();
    assert_eq!(rules[0]["id"].as_str(), Some("secret/acme-key"));
    assert_eq!(rules[0]["min-entropy"].as_float(), Some(3.0));
    assert_eq!(rules[0]["keywords"][0].as_str(), Some("acme_"));
    assert_eq!(rules[1]["id"].as_str(), Some("secret/gitleaks-github-pat"));
    assert!(rules[0]["why"].as_str().unwrap().contains("tagged acme, key"));
    let allow = config["secrets"]["allow"].as_array().unwrap();
    // The global list is two entries, since one condition is enough; the rule's is one.
    let says = |n: usize, key: &str| allow[n].get(key).is_some();
    assert_eq!(allow.len(), 4);
    assert!(says(0, "path-regex") && !says(0, "commits") && says(1, "commits"));
    assert!(says(2, "path-regex") && says(2, "regex") && says(2, "rules") && says(2, "target"));
    assert_eq!(allow[3]["rules"][0].as_str(), Some("secret/jwt"));
    let again = migration.block(&config);
    assert_eq!(again, "");
}

/// The block as a project file's table, once its rules have been read as rules.
fn crate_config(text: &str) -> Table {
    let table: Table = text.parse().unwrap();
    let rules = Table::from_iter([("rule".to_owned(), table["rule"].clone())]);
    crate::rule::parse_secrets("block", &toml::to_string(&rules).unwrap()).unwrap();
    table
}

#[test]
fn nothing_of_gitleaks_is_dropped_in_silence() {
    for (text, said) in [
        ("[[rules]]\nid = 'a'\nregex = '(?=x)'", "rule a: "),
        ("[[rules]]\nid = 'a'\npath = 'x'", "SEC-004"),
        ("[[rules]]\nid = 'a'\nregex = 'abc'\nfilter = 'x'", "`filter` of rule a"),
        ("[[rules]]\nid = 'a'\nregex = 'abc'\npath = '\\bx'", "its path"),
        ("[[rules]]\nid = 'a'\nregex = 'abc'\nentropy = 'x'", "`entropy` of rule a"),
        ("[[rules]]\nid = 'a'\n[[rules.allowlists]]\npaths = ['a']", "no regex"),
        (
            "[[rules]]\nid = 'a'\nregex = 'abc'\n[[rules]]\nid = 'a'\nregex = 'abd'\n\
          [[rules]]\nid = 'a'\nregex = 'abe'",
            "two rules",
        ),
        ("[allowlist]\nregexes = ['(']", "the global allowlist"),
        ("[allowlist]\ncondition = 'AND'\npaths = ['a']\nregexes = ['(']", "all of its conditions"),
        ("[[allowlists]]\ntargetRules = ['b']\npaths = ['a']", "no rule b"),
        ("[extend]\npath = 'base.toml'", "extended base.toml"),
        ("surprise = 1", "`surprise` of the file"),
    ] {
        let migration = gitleaks(text);
        assert!(lost(&migration).contains(said), "{text}: {}", lost(&migration));
    }
    let and = gitleaks("[allowlist]\ncondition = 'AND'\npaths = ['a']\nregexes = ['(']");
    assert!(and.allow.is_empty());
    assert!(convert(Format::Gitleaks, "x", "[", &ids()).is_err());
}

#[test]
fn accepted_places_are_read_from_their_end() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let text = format!("# c\n\na:b/c.txt:acme:7\n{commit}:d.txt:jwt:1\nnothing\nx:y:0\n");
    let migration = convert(Format::GitleaksIgnore, ".gitleaksignore", &text, &ids()).unwrap();
    let [first, second] = &migration.positions[..] else { panic!("{migration:?}") };
    assert_eq!((&*first.path, first.line, &first.commit), ("a:b/c.txt", 7, &None));
    assert_eq!((&*second.path, second.commit.as_deref()), ("d.txt", Some(commit)));
    assert_eq!(second.rules[0], "secret/jwt");
    assert_eq!(migration.lost.len(), 2);
}

#[test]
fn a_baseline_of_detect_secrets_becomes_places_and_entries() {
    let text = r#"{"version": "1.5.0",
        "plugins_used": [{"name": "JwtTokenDetector"}, {"name": "Own", "path": "file://own.py"}],
        "filters_used": [
            {"path": "detect_secrets.filters.heuristic.is_likely_id_string"},
            {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^doc/"]},
            {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": ["sample"]},
            {"path": "file://own.py::is_ours"}],
        "results": {"a\\b.txt": [
            {"type": "Secret Keyword", "hashed_secret": "AB12", "line_number": 3, "is_secret": false},
            {"type": "Private Key", "hashed_secret": "00", "line_number": 9}]}}"#;
    let migration = convert(Format::DetectSecrets, ".secrets.baseline", text, &ids()).unwrap();
    assert_eq!(migration.lost.len(), 2, "{}", lost(&migration));
    assert_eq!(migration.allow.len(), 2);
    assert_eq!(migration.allow[1]["target"].as_str(), Some("line"));
    let [first, second] = &migration.positions[..] else { panic!("{migration:?}") };
    assert_eq!((&*first.path, &first.known), ("a/b.txt", &Known::Sha1("ab12".to_owned())));
    assert!(first.reason.ends_with("(Secret Keyword, audited as no secret)"));
    assert_eq!(second.known, Known::Line);
}
