use super::super::tests::{fate, policy, remarks, vulnerable, waiver};
use super::super::{Disposition, Extent, Policy};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const FLASK: &str = "pkg:pypi/flask-login";

/// The finding that most tests are about: `Flask_Login 0.1` with PYSEC-2026-1, or CVE-2026-1.
fn found() -> Finding {
    vulnerable("PYSEC-2026-1", "CVE-2026-1")
}

fn openvex(statements: &Value) -> String {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example.org/1",
        "author": "ann",
        "timestamp": "2026-07-01T00:00:00Z",
        "version": 1,
        "statements": statements,
    })
    .to_string()
}

fn unaffected(product: &str) -> Value {
    json!({
        "vulnerability": {"name": "CVE-2026-1"},
        "products": [{"@id": product}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    })
}

fn with(mut statement: Value, key: &str, value: &str) -> Value {
    statement[key] = value.into();
    statement
}

fn cyclonedx(analysis: &Value, affects: &Value) -> String {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [
            {"type": "library", "bom-ref": "flask", "name": "x", "purl": "pkg:pypi/flask-login@0.1"},
        ],
        "vulnerabilities": [{
            "id": "SNYK-1",
            "references": [{"id": "CVE-2026-1", "source": {"name": "NVD"}}],
            "analysis": analysis,
            "affects": affects,
        }],
    })
    .to_string()
}

fn gate(texts: &[&str]) -> Policy {
    let documents = texts.iter().map(|text| Document::parse("v.json", text).unwrap());
    Policy { vex: documents.collect(), ..policy(Vec::new()) }
}

fn problem(text: &str) -> String {
    Document::parse("v.json", text).unwrap_err().to_string()
}

#[test]
fn a_flaw_that_cannot_be_used_is_waived_and_the_ground_is_named() {
    let gate = gate(&[&openvex(&json!([unaffected(FLASK)]))]);
    let verdict = gate.decide(vec![found()]);
    let Disposition::Waived(by) = &verdict.findings[0].disposition else { panic!("it blocks") };
    assert_eq!(by.reason(), "VEX v.json says not_affected: vulnerable_code_not_in_execute_path");
    assert_eq!(verdict.notices, Vec::new());
}

#[test]
fn packages_are_the_same_by_name_and_version_whatever_their_qualifiers() {
    for (product, expected) in [
        (FLASK, "waived"),
        ("pkg:pypi/Flask_Login@0.1", "waived"),
        ("pkg:pypi/flask-login@0.1.0?file_name=x.whl", "waived"),
        ("pkg:pypi/flask-login@0.2", "blocking"),
        ("pkg:pypi/flask", "blocking"),
        ("pkg:npm/flask-login", "blocking"),
        ("pkg:oci/flask-login", "blocking"),
        ("https://example.org/flask-login", "blocking"),
    ] {
        let gate = gate(&[&openvex(&json!([unaffected(product)]))]);
        assert_eq!(fate(&gate, &found()), expected, "{product}");
    }
}

#[test]
fn subcomponents_are_what_a_statement_is_about_where_it_has_any() {
    let inner = json!({"@id": "pkg:github/acme/shop", "subcomponents": [{"@id": FLASK}]});
    let mut statement = unaffected(FLASK);
    statement["products"] = json!([inner]);
    assert_eq!(fate(&gate(&[&openvex(&json!([statement]))]), &found()), "waived");
    let inner = json!({"@id": FLASK, "subcomponents": [{"@id": "pkg:pypi/werkzeug"}]});
    statement["products"] = json!([inner]);
    assert_eq!(fate(&gate(&[&openvex(&json!([statement]))]), &found()), "blocking");
    statement["products"] = json!([{"@id": "urn:x", "identifiers": {"purl": FLASK}}]);
    assert_eq!(fate(&gate(&[&openvex(&json!([statement]))]), &found()), "waived");
}

#[test]
fn any_alias_on_either_side_names_the_flaw() {
    for (name, aliases, expected) in [
        ("pysec-2026-1", json!([]), "waived"),
        ("GHSA-x", json!(["cve-2026-1"]), "waived"),
        ("CVE-2026-11", json!(["GHSA-x"]), "blocking"),
    ] {
        let mut statement = unaffected(FLASK);
        statement["vulnerability"] = json!({"name": name, "aliases": aliases});
        assert_eq!(fate(&gate(&[&openvex(&json!([statement]))]), &found()), expected, "{name}");
    }
}

#[test]
fn what_may_be_used_is_not_excused() {
    for status in ["affected", "under_investigation"] {
        let statement = with(unaffected(FLASK), "status", status);
        assert_eq!(fate(&gate(&[&openvex(&json!([statement]))]), &found()), "blocking");
    }
}

#[test]
fn fixed_is_believed_of_a_version_and_not_of_all() {
    let fixed = |product| openvex(&json!([with(unaffected(product), "status", "fixed")]));
    assert_eq!(fate(&gate(&[&fixed("pkg:pypi/flask-login@0.1")]), &found()), "waived");
    let every = gate(&[&fixed(FLASK)]);
    assert_eq!(fate(&every, &found()), "blocking");
    assert!(remarks(&every, Vec::new())[0].1.contains("statement 1 says fixed of every version"));
}

#[test]
fn the_latest_statement_wins_and_doubt_wins_a_tie() {
    let no = unaffected(FLASK);
    let yes = with(unaffected(FLASK), "status", "affected");
    let late =
        |statement: &Value| with(statement.clone(), "timestamp", "2026-07-02T00:00:00+02:00");
    for (statements, expected) in [
        (json!([yes, late(&no)]), "waived"),
        (json!([late(&no), yes]), "waived"),
        (json!([late(&yes), no]), "blocking"),
        (json!([no, late(&yes)]), "blocking"),
        (json!([no, yes]), "blocking"),
        (json!([yes, no]), "blocking"),
    ] {
        assert_eq!(fate(&gate(&[&openvex(&statements)]), &found()), expected, "{statements}");
    }
    let newer = openvex(&json!([yes])).replace("2026-07-01", "2026-07-09");
    assert_eq!(fate(&gate(&[&openvex(&json!([no])), &newer]), &found()), "blocking");
}

#[test]
fn cyclonedx_is_read_by_reference_by_address_and_across_documents() {
    let analysis = json!({"state": "not_affected", "justification": "code_not_reachable"});
    for (reference, expected) in [
        ("flask", "waived"),
        ("pkg:pypi/flask-login@0.1", "waived"),
        ("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Apypi%2Fflask-login%400.1", "waived"),
        ("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#other", "blocking"),
        ("pkg:pypi/flask-login@0.2", "blocking"),
    ] {
        let text = cyclonedx(&analysis, &json!([{"ref": reference}]));
        assert_eq!(fate(&gate(&[&text]), &found()), expected, "{reference}");
    }
}

#[test]
fn the_states_of_cyclonedx_mean_what_their_likes_mean() {
    let reference = json!([{"ref": "flask"}]);
    for (analysis, expected) in [
        (json!({"state": "resolved"}), "waived"),
        (json!({"state": "false_positive", "detail": "another module"}), "waived"),
        (json!({"state": "exploitable"}), "blocking"),
        (json!({"state": "in_triage"}), "blocking"),
        (json!({"detail": "looked at"}), "blocking"),
    ] {
        let text = cyclonedx(&analysis, &reference);
        assert_eq!(fate(&gate(&[&text]), &found()), expected, "{analysis}");
    }
    let analysis = json!({"state": "not_affected", "justification": "code_not_present"});
    for (versions, expected) in [
        (json!([{"version": "0.1", "status": "unaffected"}]), "waived"),
        (json!([{"version": "0.2"}]), "blocking"),
        (json!([{"range": "vers:pypi/*"}]), "blocking"),
    ] {
        let text = cyclonedx(&analysis, &json!([{"ref": "flask", "versions": versions}]));
        assert_eq!(fate(&gate(&[&text]), &found()), expected, "{versions}");
    }
}

#[test]
fn a_document_that_breaks_the_rules_is_an_error_that_names_the_place() {
    let without = |key: &str| {
        let mut statement = unaffected(FLASK);
        statement.as_object_mut().unwrap().remove(key);
        openvex(&json!([unaffected(FLASK), statement]))
    };
    let one = |statement: Value| openvex(&json!([statement]));
    let cdx = |analysis: Value| cyclonedx(&analysis, &json!([{"ref": "flask"}]));
    for (text, said) in [
        (without("justification"), "statement 2: not_affected needs a `justification`"),
        (without("products"), "statement 2: it names no product"),
        (without("status"), "missing field `status`"),
        (without("vulnerability"), "missing field `vulnerability`"),
        (one(with(unaffected(FLASK), "status", "harmless")), "unknown variant `harmless`"),
        (one(with(unaffected(FLASK), "justification", "trust_me")), "unknown variant `trust_me`"),
        (
            one(with(unaffected(FLASK), "justification", "code_not_present")),
            "is no justification of OpenVEX",
        ),
        (one(with(unaffected(FLASK), "timestamp", "yesterday")), "is no time"),
        (one(unaffected("pkg:pypi")), "is no package URL"),
        (one(unaffected("")), "identifier is empty"),
        (
            cdx(json!({"state": "not_affected", "detail": "x"})),
            "vulnerability 1: not_affected needs",
        ),
        (cdx(json!({"state": "false_positive"})), "false_positive needs"),
        (cdx(json!({"state": "fine"})), "unknown variant `fine`"),
        ("{".to_owned(), "line 1 column 1"),
        ("[]".to_owned(), "v.json: "),
        ("{}".to_owned(), "neither OpenVEX"),
        ("{\"@context\": \"https://openvex.dev/ns/v1.0\"}".to_owned(), "\"v1.0\" is not read"),
        ("{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.2\"}".to_owned(), "\"1.2\" is not"),
    ] {
        let problem = problem(&text);
        assert!(problem.starts_with("v.json: ") && problem.contains(said), "{problem}");
    }
}

#[test]
fn an_impact_statement_is_ground_enough_for_openvex() {
    let mut statement = unaffected(FLASK);
    statement.as_object_mut().unwrap().remove("justification");
    let blank = with(statement.clone(), "impact_statement", " ");
    assert!(problem(&openvex(&json!([blank]))).contains("needs a `justification`"));
    let told = with(statement, "impact_statement", "we removed the module");
    assert_eq!(fate(&gate(&[&openvex(&json!([told]))]), &found()), "waived");
}

#[test]
fn nothing_excuses_malice_or_what_is_no_package() {
    let malicious = vulnerable("MAL-2026-1", "CVE-2026-1");
    let gate = gate(&[&openvex(&json!([unaffected(FLASK)]))]);
    assert_eq!(fate(&gate, &malicious), "blocking");
    let (level, text) = remarks(&gate, vec![malicious]).remove(0);
    assert!(level == Level::Warning && text.contains("nothing excuses a malicious"), "{text}");
    let policy = Finding { subject: Subject::Policy, ..found() };
    assert_eq!(fate(&gate, &policy), "blocking");
}

#[test]
fn a_statement_that_matches_nothing_is_told_where_everything_was_looked_at() {
    let mut whole = gate(&[&openvex(&json!([unaffected(FLASK), unaffected("pkg:npm/left")]))]);
    let told = remarks(&whole, vec![found()]);
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains("1 of 2 statements matches nothing"), "{}", told[0].1);
    assert!(told[0].1.contains("statement 2, CVE-2026-1"), "{}", told[0].1);
    whole.extent = Extent::Part;
    assert_eq!(remarks(&whole, vec![found()]), Vec::new());
}

#[test]
fn a_waiver_beside_a_statement_is_not_told_to_be_unused() {
    let mut both = gate(&[&openvex(&json!([unaffected(FLASK)]))]);
    both.waivers.push(waiver("id = \"CVE-2026-1\""));
    assert_eq!(fate(&both, &found()), "waived");
    assert_eq!(remarks(&both, vec![found()]), Vec::new());
}

proptest! {
    #[test]
    fn no_document_makes_the_reader_fail_otherwise_than_by_an_error(text in "\\PC{0,200}") {
        let _ = Document::parse("v.json", &text);
    }

    #[test]
    fn no_statement_blocks_what_passed(status in "affected|fixed|not_affected|under_investigation") {
        let statement = with(unaffected(FLASK), "status", &status);
        let gate = gate(&[&openvex(&json!([statement]))]);
        let harmless = Finding { action: crate::finding::Action::Warn, ..found() };
        prop_assert!(fate(&gate, &harmless) != "blocking");
    }
}
