use super::*;
use crate::advisory::matching::{Answer, Candidate};
use crate::finding::Severity;
use proptest::prelude::*;
use serde_json::json;

fn wanted() -> BTreeSet<Ecosystem> {
    BTreeSet::from([Ecosystem::Npm, Ecosystem::PyPI])
}

fn parse(value: &Value) -> Document {
    read(value.to_string().as_bytes(), &wanted()).unwrap().unwrap()
}

fn record(affected: &Value) -> Value {
    json!({"id": "GHSA-aaaa-bbbb-cccc", "affected": affected})
}

fn npm(ranges: &Value) -> Value {
    json!({"package": {"ecosystem": "npm", "name": "left"}, "ranges": ranges})
}

fn affects(advisory: &Advisory, version: &str) -> bool {
    advisory.affected.holds(&Candidate::new(Ecosystem::Npm, version)) == Answer::Affected
}

#[test]
fn a_whole_record_is_read() {
    let document = parse(&json!({
        "schema_version": "9.9", "id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-01-02T03:04:05Z",
        "aliases": ["CVE-2024-1"], "summary": "A flaw\nof two lines", "details": "long",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [npm(&json!([{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]}]))],
        "references": [{"type": "WEB", "url": "ftp://x"}, {"type": "WEB", "url": "https://example.org/a"}],
        "unheard_of": {"of": ["this"]},
    }));
    let advisory = &document.entries[0].advisory;
    assert_eq!((&*document.id, document.withdrawn), ("GHSA-aaaa-bbbb-cccc", false));
    assert_eq!(document.modified, date("2024-01-02T03:04:05Z"));
    assert_eq!((advisory.summary.as_ref(), advisory.aliases[0].as_ref()), ("A flaw", "CVE-2024-1"));
    assert_eq!(advisory.url.as_deref(), Some("https://example.org/a"));
    assert_eq!(advisory.rating.severity, Severity::Critical);
    assert!(affects(advisory, "1.1.0") && !affects(advisory, "1.2.0"));
    assert!(document.problems.is_empty());
}

#[test]
fn oddities_of_real_databases_are_no_obstacle() {
    let document = parse(&json!({
        "id": "GO-1", "modified": "0001-01-01T00:00:00Z", "aliases": null, "severity": null,
        "references": null, "details": "\n# Heading", "withdrawn": null,
        "affected": [{
            "package": {"ecosystem": "npm", "name": "left"}, "versions": 17, "severity": null,
            "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "1.2.0"}, {"introduced": 0}]}],
            "database_specific": "text", "ecosystem_specific": null,
        }],
    }));
    let advisory = &document.entries[0].advisory;
    assert_eq!((document.modified, document.withdrawn), (None, false));
    assert_eq!(advisory.summary.as_ref(), "Heading");
    assert!(affects(advisory, "1.0.0") && document.problems.is_empty());
}

#[test]
fn other_ecosystems_and_git_ranges_are_passed_over() {
    let foreign = json!([{"package": {"ecosystem": "Maven", "name": "a:b"}}, {"ranges": []}]);
    assert!(read(record(&foreign).to_string().as_bytes(), &wanted()).unwrap().is_none());
    let git = npm(&json!([{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}]));
    let document = parse(&record(&json!([git])));
    assert!(!affects(&document.entries[0].advisory, "1.0.0"));
    assert!(document.problems[0].contains("commits alone"), "{:?}", document.problems);
    let git = json!({"type": "GIT", "events": [{"introduced": "0"}]});
    let both = npm(&json!([git, {"events": [{"introduced": "0"}, {"fixed": "1.1.0"}]}]));
    let document = parse(&record(&json!([both])));
    assert!(document.problems.is_empty() && affects(&document.entries[0].advisory, "1.0.0"));
}

#[test]
fn the_ecosystems_suffix_and_the_names_spelling_do_not_matter() {
    let affected = json!([{"package": {"ecosystem": "PyPI:https://x", "name": "A_b.C"}}]);
    assert_eq!(parse(&record(&affected)).entries[0].name, "a-b-c");
}

#[test]
fn several_entries_of_one_package_become_one() {
    let first = npm(&json!([{"events": [{"introduced": "0"}, {"fixed": "1.1.0"}]}]));
    let second = npm(&json!([{"events": [{"introduced": "1.5.0"}]}]));
    let document = parse(&record(&json!([first, second])));
    assert_eq!(document.entries.len(), 1);
    let hit = |version| affects(&document.entries[0].advisory, version);
    assert_eq!(["1.0.0", "1.2.0", "1.6.0"].map(hit), [true, false, true]);
}

#[test]
fn an_entry_that_cannot_be_read_costs_itself_alone_and_is_told() {
    let good = npm(&json!([{"events": [{"introduced": "0"}]}]));
    let document = parse(&record(&json!([{"package": "npm"}, npm(&json!([7])), good])));
    assert!(affects(&document.entries[0].advisory, "1.0.0"));
    assert_eq!(document.problems.len(), 2, "{:?}", document.problems);
}

#[test]
fn an_odd_entry_of_another_ecosystem_is_not_told() {
    let odd = json!({"package": {"ecosystem": "Maven", "name": "a:b"}, "ranges": [7]});
    assert!(read(record(&json!([odd])).to_string().as_bytes(), &wanted()).unwrap().is_none());
    let good = npm(&json!([{"events": [{"introduced": "0"}]}]));
    assert!(parse(&record(&json!([odd, good]))).problems.is_empty());
}

#[test]
fn events_that_say_nothing_are_told_and_widen_the_range() {
    let odd = npm(&json!([{"events": [{"introduced": "1.1.0"}, {"fixed": 1.5}]}]));
    let document = parse(&record(&json!([odd])));
    assert!(affects(&document.entries[0].advisory, "1.9.0"));
    assert_eq!(document.problems.len(), 1);
    let endless = npm(&json!([{"events": [{"fixed": "1.5.0"}]}]));
    assert_eq!(parse(&record(&json!([endless]))).problems.len(), 1);
}

#[test]
fn what_is_no_record_is_an_error() {
    for text in ["", "[]", "\"x\"", "{", "not json", r#"{"id": "A-1", "affected": 3}"#] {
        assert!(read(text.as_bytes(), &wanted()).is_err(), "{text}");
    }
    assert!(read(b"\xef\xbb\xbf {\"name\": \"something else\"}", &wanted()).unwrap().is_none());
}

#[test]
fn malware_is_known_by_its_id_its_alias_or_its_category() {
    let entry = |extra: Value| json!([{"package": {"ecosystem": "npm", "name": "left"}, "database_specific": extra}]);
    let with = |id: &str, alias: &str, extra: Value| {
        let record = json!({"id": id, "aliases": [alias], "affected": entry(extra)});
        parse(&record).entries[0].advisory.kind
    };
    assert_eq!(with("MAL-2024-1", "", json!({})), Kind::Malicious);
    assert_eq!(with("GHSA-1", "MAL-2024-1", json!({})), Kind::Malicious);
    assert_eq!(with("RUSTSEC-1", "", json!({"categories": ["malicious"]})), Kind::Malicious);
    assert_eq!(with("RUSTSEC-1", "", json!({"informational": "unsound"})), Kind::Unsound);
    assert_eq!(with("RUSTSEC-1", "", json!({"informational": null})), Kind::Vulnerability);
}

#[test]
fn the_word_for_the_severity_counts_without_a_vector() {
    let affected = json!([npm(&json!([]))]);
    let mut record = record(&affected);
    record["database_specific"] = json!({"severity": "HIGH"});
    assert_eq!(parse(&record).entries[0].advisory.rating.severity, Severity::High);
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in r#"[\{\}\[\]":,a-z0-9 ]{0,80}"#) {
        let _ = read(text.as_bytes(), &wanted());
    }

    #[test]
    fn a_value_of_any_kind_in_any_field_loses_no_good_entry(
        field in "aliases|severity|references|summary|details|modified|database_specific|id",
        odd in prop_oneof![
            Just(json!(null)), Just(json!(3.5)), Just(json!("x")), Just(json!([[]])),
            Just(json!([{"type": 1, "score": []}])), Just(json!({"severity": {}})), Just(json!(true)),
        ],
    ) {
        let mut record = record(&json!([npm(&json!([{"events": [{"introduced": "0"}]}]))]));
        record[field] = odd;
        prop_assert!(affects(&parse(&record).entries[0].advisory, "1.0.0"));
    }
}
