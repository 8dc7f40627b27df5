use super::*;
use proptest::prelude::*;

fn read(statement: &str) -> Option<String> {
    Licence::read(statement).map(|licence| licence.as_str().to_owned())
}

#[test]
fn expressions_are_read_in_any_spelling_of_their_words() {
    for (statement, meant) in [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("(mit or apache-2.0)", "(MIT OR Apache-2.0)"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("apache-2.0 with llvm-exception OR MIT", "Apache-2.0 WITH LLVM-exception OR MIT"),
        ("(MIT AND (BSD-3-Clause OR 0BSD))", "(MIT AND (BSD-3-Clause OR 0BSD))"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("LGPL-2.1-or-later", "LGPL-2.1-or-later"),
        ("EPL-1.0+", "EPL-1.0+"),
        ("LicenseRef-acme", "LicenseRef-acme"),
    ] {
        assert_eq!(read(statement).as_deref(), Some(meant), "{statement}");
    }
}

#[test]
fn older_names_are_known_where_they_have_one_meaning() {
    for (statement, meant) in [
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("MIT/X11", "MIT"),
        ("The MIT License", "MIT"),
        ("New BSD License", "BSD-3-Clause"),
        ("GPLv3+", "GPL-3.0-or-later"),
    ] {
        assert_eq!(read(statement).as_deref(), Some(meant), "{statement}");
    }
}

#[test]
fn what_may_mean_several_licences_or_none_is_unknown() {
    for statement in [
        "",
        "  ",
        "BSD",
        "Apache",
        "GPL",
        "LGPL",
        "Public Domain",
        "UNLICENSED",
        "UNKNOWN",
        "SEE LICENSE IN LICENSE.md",
        "NOASSERTION",
        "MIT, GPL-3.0",
        "MIT AND",
        "AND",
        "(MIT",
        "MIT Apache-2.0",
        "MIT WITH",
        "MIT WITH Apache-2.0",
        "Commercial",
        "LicenseRef-",
        "LicenseRef-<x>",
    ] {
        assert_eq!(read(statement), None, "{statement}");
    }
    assert_eq!(read(&"MIT OR ".repeat(100)), None);
    assert_eq!(read(&"(".repeat(290)), None);
}

#[test]
fn or_asks_for_one_and_and_for_all_and_binds_first() {
    let met = |text: &str, names: &[&str]| {
        let accepted = |term: Term<'_>| names.contains(&term.to_string().as_str());
        Licence::read(text).unwrap().is_met(&accepted)
    };
    assert!(met("MIT OR GPL-3.0-only", &["MIT"]));
    assert!(!met("MIT AND GPL-3.0-only", &["MIT"]));
    assert!(met("MIT OR GPL-3.0-only AND ISC", &["MIT"]));
    assert!(!met("(MIT OR GPL-3.0-only) AND ISC", &["MIT"]));
    assert!(!met("GPL-3.0-only AND ISC OR Zlib AND MIT", &["MIT", "ISC"]));
}

#[test]
fn a_list_names_its_licences_and_no_others() {
    let names = |listed: &str, text: &str| {
        let listed: Listed = listed.parse().unwrap();
        let licence = Licence::read(text).unwrap();
        let term = licence.terms().next().unwrap();
        (listed.names(term), listed.names_with_any_exception(term))
    };
    assert_eq!(names("mit", "MIT"), (true, true));
    assert_eq!(names("Apache-2.0", "Apache-2.0 WITH LLVM-exception"), (false, true));
    assert_eq!(names("Apache-2.0 WITH LLVM-exception", "Apache-2.0"), (false, false));
    assert_eq!(names("EPL-1.0", "EPL-1.0+"), (true, true));
    assert_eq!(names("GPL-3.0", "GPL-3.0-only"), (true, true));
    assert_eq!(names("GPL-3.0", "GPL-3.0-or-later"), (true, true));
    assert_eq!(names("GPL-3.0-only", "GPL-3.0-or-later"), (false, false));
    assert_eq!(names("LicenseRef-a", "LicenseRef-a"), (true, true));
    assert_eq!(names("LicenseRef-a", "LicenseRef-b"), (false, false));
}

#[test]
fn a_list_takes_no_unknown_word_and_no_expression() {
    let error = |text: &str| text.parse::<Listed>().unwrap_err().to_string();
    assert!(error("Apache2.1").contains("did you mean \"Apache-2.0\""), "{}", error("Apache2.1"));
    assert!(!error(&"x".repeat(101)).contains("did you mean"));
    for text in ["", "BSD", "MIT OR ISC", "*"] {
        assert!(error(text).contains("is no licence of SPDX's list"), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_stated_stops_the_reader(statement in "\\PC{0,80}") {
        let _ = Licence::read(&statement);
    }

    #[test]
    fn what_is_read_reads_the_same_again(
        words in prop::collection::vec("MIT|gpl-2.0|Apache-2.0|AND|OR|WITH|LLVM-exception|\\(|\\)|\\+", 0..8)
    ) {
        if let Some(licence) = Licence::read(&words.join(" ")) {
            prop_assert_eq!(Licence::read(licence.as_str()), Some(licence.clone()));
        }
    }
}
