//! VEX documents from end to end: read from where nobody under test can change them, and written.

use crate::folder::Folder;
use crate::repo::Repo;
use serde_json::{Value, json};

const ADVISORY: &str = "GHSA-wq4h-7r42-5hrr";

fn lock() -> String {
    "GEM\n  remote: https://registry.example.org/\n  specs:\n    rack (2.2.3)\n\nPLATFORMS\n  ruby\n\n\
     DEPENDENCIES\n  rack\n\nBUNDLED WITH\n   2.5.16\n"
        .to_owned()
}

fn advisories() -> String {
    format!("--advisories={}/fixtures/demo/advisories", env!("CARGO_MANIFEST_DIR"))
}

/// A document that excuses every advisory against rack that the demonstration has.
fn document() -> String {
    let statement = |id: &str| {
        json!({
            "vulnerability": {"name": id},
            "products": [{"@id": "pkg:gem/rack"}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        })
    };
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example.org/rack",
        "author": "ann",
        "timestamp": "2026-07-01T00:00:00Z",
        "version": 1,
        "statements": [statement("CVE-2022-30123"), statement("CVE-2023-27539")],
    })
    .to_string()
}

fn disposition(report: &str) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = findings.filter(|finding| finding["kind"] == "vulnerability");
    packages.map(|it| (text(&it["disposition"]), text(&it["waiver"]["reason"]))).collect()
}

fn config() -> &'static str {
    "[dependencies]\nvex = [\"security/*.vex.json\"]\nexisting = \"block\"\n"
}

#[test]
fn a_document_of_the_base_lets_its_flaw_through_and_is_named() {
    let repo = Repo::new()
        .commit("start", |tree| {
            tree.write(".lockkeeper.toml", config()).write("security/a.vex.json", document())
        })
        .commit("gems", |tree| tree.write("Gemfile", "gem 'rack'\n").write("Gemfile.lock", lock()));
    let run = repo.scan([
        "--range",
        "HEAD~1..HEAD",
        "--only",
        "dependencies",
        "--offline",
        &advisories(),
        "--report",
        "json=-",
    ]);
    let fates = disposition(&run.stdout());
    assert!(!fates.is_empty() && fates.iter().all(|(fate, _)| fate == "waived"), "{fates:?}");
    let said = "VEX security/a.vex.json says not_affected: vulnerable_code_not_in_execute_path";
    assert!(fates.iter().all(|(_, reason)| reason == said), "{fates:?}");
    assert_eq!(run.status(), 0, "{}", run.text());
}

#[test]
fn a_change_cannot_bring_its_own_excuse() {
    let repo = Repo::new().commit("start", |tree| tree.write(".lockkeeper.toml", config())).commit(
        "gems and an excuse",
        |tree| {
            tree.write("Gemfile", "gem 'rack'\n")
                .write("Gemfile.lock", lock())
                .write("security/a.vex.json", document())
        },
    );
    let range = ["--range", "HEAD~1..HEAD", "--offline", "--report", "json=-"];
    let run = repo.scan(range.iter().copied().chain([advisories().as_str()]));
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(disposition(&run.stdout()).iter().all(|(fate, _)| fate != "waived"));
    assert!(run.stdout().contains("a VEX statement is added or changed: CVE-2022-30123"));
}

#[test]
fn a_document_that_is_malformed_or_missing_is_no_pass() {
    let unjustified = document().replace("justification", "why");
    let folder = Folder::new().write("Gemfile.lock", lock()).write("bad.json", &unjustified);
    let run = folder.scan(["--offline", &advisories(), "--vex", "bad.json"]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(run.text().contains("bad.json: statement 1: not_affected needs"), "{}", run.text());
    let named = "[dependencies]\nvex = [\"vex.json\"]\n";
    let run = folder.write(".lockkeeper.toml", named).scan(["--offline", &advisories()]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(run.text().contains("\"vex.json\", where no file is"), "{}", run.text());
}

#[test]
fn what_is_written_is_read_and_says_the_same() {
    let folder = Folder::new().write("Gemfile.lock", lock()).write("mine.json", document());
    let first = folder.scan([
        "--offline",
        &advisories(),
        "--vex",
        "mine.json",
        "--report",
        "openvex=o.json",
        "--report",
        "cyclonedx-vex=c.json",
    ]);
    assert_eq!(first.status(), 0, "{}", first.text());
    for name in ["o.json", "c.json"] {
        let again = folder.scan(["--offline", &advisories(), "--vex", name, "--report", "json=-"]);
        assert_eq!(again.status(), 0, "{}", again.text());
        assert!(again.stdout().contains(&format!("VEX {name} says not_affected")), "{name}");
    }
    let bare = folder.scan(["--offline", &advisories(), "--report", "openvex=-"]);
    let bare: Value = serde_json::from_str(&bare.stdout()).unwrap();
    let statements = bare["statements"].as_array().unwrap();
    let of = statements.iter().find(|it| it["vulnerability"]["name"] == ADVISORY).unwrap();
    assert_eq!(
        (&of["status"], &of["products"][0]["@id"]),
        (&json!("affected"), &json!("pkg:gem/rack@2.2.3"))
    );
    let action = of["action_statement"].as_str().unwrap();
    assert!(action.starts_with("upgrade rack 2.2.3 to 2.2.6.4"), "{action}");
}

#[test]
fn with_nothing_to_state_there_is_no_document_and_an_old_one_goes() {
    let folder = Folder::new().write("Gemfile.lock", lock());
    let scan = ["--offline", &advisories(), "--fail-on", "none", "--report", "openvex=o.json"];
    assert_eq!(folder.scan(scan).status(), 0);
    let written = folder.path().join("o.json");
    assert!(written.exists());
    let folder = folder.write("Gemfile.lock", lock().replace("2.2.3", "2.2.9"));
    let run = folder.scan(scan);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stderr().contains("openvex has nothing to state"), "{}", run.text());
    assert!(!written.exists(), "it would be taken for the document of this run");
    let again = folder.scan(scan);
    assert_eq!(again.status(), 0, "{}", again.text());
    let printed = folder.scan(["--offline", &advisories(), "--report", "openvex=-"]);
    assert_eq!((printed.status(), printed.stdout().as_str()), (0, ""), "{}", printed.text());
    assert!(printed.stderr().contains("to standard output"), "{}", printed.text());
    let failed =
        folder.write("o.json", "{}").scan(["--config", "gone", "--report", "openvex=o.json"]);
    assert_eq!(failed.status(), 2, "{}", failed.text());
    assert!(!written.exists(), "a run that looked at nothing states nothing");
}
