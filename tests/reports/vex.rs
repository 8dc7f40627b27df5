//! What the formats of VEX claim, and what they leave to others to claim.

use super::example::{blocked, findings, passing, run, verdict, waived};
use super::{assert_cyclonedx, written};
use lockkeeper::finding::{Level, Subject};
use lockkeeper::gate::*;
use lockkeeper::report::{self, Format, Run};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn openvex(run: &Run) -> Value {
    serde_json::from_str(&written(Format::OpenVex, run)).unwrap()
}

fn cyclonedx(run: &Run) -> Value {
    serde_json::from_str(&written(Format::CycloneDxVex, run)).unwrap()
}

/// The run over the usual findings, as the gate sees them with a VEX document.
fn stated(document: &Value) -> Run {
    let policy = Policy {
        options: Options::default(),
        existing: Existing::Report,
        waivers: Vec::new(),
        baseline: Baseline::default(),
        vex: [Document::parse("v.json", &document.to_string()).unwrap()].into_iter().collect(),
        today: "2026-07-20".parse().unwrap(),
        extent: Extent::Whole,
    };
    run(policy.decide(findings()))
}

fn document(status: &Value) -> Value {
    let mut statement = json!({
        "vulnerability": {"name": "CVE-2026-1"},
        "products": [{"@id": "pkg:gem/rack@2.2.3"}],
    });
    statement.as_object_mut().unwrap().extend(status.as_object().unwrap().clone());
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example.org/1",
        "author": "ann",
        "timestamp": "2026-07-01T00:00:00Z",
        "version": 1,
        "statements": [statement],
    })
}

/// The rules of the `OpenVEX` specification that a document can break.
fn assert_openvex(document: &Value) {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(document["@context"], "https://openvex.dev/ns/v0.2.0");
    assert!(text(document, "@id").starts_with("urn:uuid:") && !text(document, "author").is_empty());
    assert!(!document["statements"].as_array().unwrap().is_empty());
    assert!(text(document, "timestamp").parse::<jiff::Timestamp>().is_ok());
    assert!(document["version"].as_u64() >= Some(1));
    let known = [
        "vulnerability",
        "products",
        "status",
        "status_notes",
        "justification",
        "impact_statement",
        "action_statement",
    ];
    let mut seen = BTreeSet::new();
    for statement in document["statements"].as_array().unwrap() {
        assert!(seen.insert(statement.to_string()), "twice: {statement}");
        assert!(keys(statement).iter().all(|key| known.contains(&key.as_str())), "{statement}");
        assert!(!text(&statement["vulnerability"], "name").is_empty());
        assert!(!statement["products"].as_array().unwrap().is_empty());
        let has = |key: &str| statement.get(key).is_some();
        match text(statement, "status").as_str() {
            "affected" => assert!(has("action_statement"), "{statement}"),
            "not_affected" => assert!(has("justification") != has("impact_statement")),
            "fixed" | "under_investigation" => {}
            other => assert_eq!(other, "a status"),
        }
    }
}

#[test]
fn every_document_follows_its_format() {
    let unaffected = json!({"status": "not_affected", "justification": "component_not_present"});
    let told = json!({"status": "not_affected", "impact_statement": "the module was removed"});
    let fixed = json!({"status": "fixed"});
    let stated = [unaffected, told, fixed].map(|status| stated(&document(&status)));
    for run in [blocked(), waived()].iter().chain(&stated) {
        assert_openvex(&openvex(run));
        assert_cyclonedx(&cyclonedx(run));
    }
    assert_cyclonedx(&cyclonedx(&passing()));
}

/// The schema of the format wants a statement at least.
#[test]
fn without_a_finding_about_packages_there_is_no_openvex_document() {
    let all = [passing(), run(verdict(Vec::new(), Vec::new())), blocked()];
    for run in all {
        let packages = run.verdict.findings.iter();
        let any =
            packages.filter(|it| matches!(it.finding.subject, Subject::Package(_))).count() > 0;
        assert_eq!(report::is_void(Format::OpenVex, &run), !any);
        assert_eq!(written(Format::OpenVex, &run).is_empty(), !any);
        assert!(!report::is_void(Format::CycloneDxVex, &run));
    }
}

#[test]
fn findings_about_packages_are_all_claimed_and_nothing_else_is() {
    let packages = findings();
    let packages = packages.iter().filter(|it| matches!(it.subject, Subject::Package(_))).count();
    let run = blocked();
    assert_eq!(openvex(&run)["statements"].as_array().unwrap().len(), packages);
    assert_eq!(cyclonedx(&run)["vulnerabilities"].as_array().unwrap().len(), packages);
}

/// What the two formats claim of the flaw that most tests are about.
fn first(run: &Run) -> (Value, Value) {
    let list = |document: &Value, key: &str| document.get(key).unwrap().as_array().unwrap().clone();
    let is_ours = |it: &Value| {
        let alias =
            it.pointer("/vulnerability/aliases/0").or_else(|| it.pointer("/references/0/id"));
        let of_rack = it.pointer("/vulnerability/name").or_else(|| it.get("id"));
        alias == Some(&json!("CVE-2026-1")) && of_rack == Some(&json!("GHSA-aaaa-bbbb-cccc"))
    };
    let ours = list(&openvex(run), "statements").into_iter().find(is_ours);
    let theirs = list(&cyclonedx(run), "vulnerabilities").into_iter().find(is_ours);
    (ours.unwrap(), theirs.unwrap().get("analysis").unwrap().clone())
}

#[test]
fn what_blocks_is_affected_and_the_way_out_is_named() {
    let (ours, theirs) = first(&blocked());
    assert_eq!(ours["status"], "affected");
    let action = ours["action_statement"].as_str().unwrap();
    assert!(action.starts_with("upgrade rack 2.2.3 to 2.2.4: fixes 2 of 3"), "{action}");
    assert_eq!(
        (&theirs["state"], &theirs["response"]),
        (&json!("exploitable"), &json!(["update"]))
    );
}

#[test]
fn a_waiver_accepts_a_risk_and_does_not_deny_it() {
    let (ours, theirs) = first(&waived());
    assert_eq!(ours["status"], "affected");
    let action = ours["action_statement"].as_str().unwrap();
    let advised = "upgrade rack 2.2.3 to 2.2.4: fixes 2 of 3";
    assert!(action.starts_with(advised) && action.contains("; meanwhile the risk"), "{action}");
    assert!(action.ends_with("accepted by ann until 2026-07-30: a trial"), "{action}");
    assert_eq!(theirs["state"], "exploitable");
}

#[test]
fn what_was_stated_is_stated_again_with_its_ground() {
    let status = json!({
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    });
    let (ours, theirs) = first(&stated(&document(&status)));
    assert_eq!(ours["justification"], "vulnerable_code_not_in_execute_path");
    assert_eq!(
        (&theirs["state"], &theirs["justification"]),
        (&json!("not_affected"), &json!("code_not_reachable"))
    );
    let (ours, theirs) = first(&stated(&document(&json!({"status": "fixed"}))));
    assert_eq!((&ours["status"], &theirs["state"]), (&json!("fixed"), &json!("resolved")));
}

#[test]
fn what_is_written_can_be_gone_by() {
    let status = json!({"status": "not_affected", "justification": "component_not_present"});
    let run = stated(&document(&status));
    for format in [Format::OpenVex, Format::CycloneDxVex] {
        let vex = Document::parse("again.json", &written(format, &run)).unwrap();
        let policy = Policy { vex: [vex].into_iter().collect(), ..plain() };
        let again = policy.decide(findings());
        let waived = |verdict: &Verdict| {
            let fates = verdict.findings.iter().map(|decided| decided.disposition.as_str());
            fates.collect::<Vec<_>>()
        };
        assert_eq!(waived(&again), waived(&run.verdict), "{format:?}");
        assert!(again.notices.iter().all(|notice| notice.level < Level::Error));
    }
}

fn plain() -> Policy {
    Policy {
        options: Options::default(),
        existing: Existing::Report,
        waivers: Vec::new(),
        baseline: Baseline::default(),
        vex: Vex::default(),
        today: "2026-07-20".parse().unwrap(),
        extent: Extent::Whole,
    }
}

#[test]
fn the_same_findings_have_the_same_identity_at_any_time() {
    let (one, mut later) = (blocked(), blocked());
    later.time = "2027-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(openvex(&one)["@id"], openvex(&later)["@id"]);
    assert_eq!(cyclonedx(&one)["serialNumber"], cyclonedx(&later)["serialNumber"]);
    assert_ne!(openvex(&one)["@id"], openvex(&waived())["@id"]);
    assert_ne!(openvex(&one)["timestamp"], openvex(&later)["timestamp"]);
}
