//! Locked versions that are yanked, as far as cargo's own index on this machine says so.

use crate::command::Run;
use crate::folder::Folder;
use serde_json::Value;

const WARN: &str = "[dependencies]\nyanked = \"warn\"\n";

/// A workspace with two crates from a registry, and the home of a cargo that looked one of them up.
fn project(config: &str, yanked: bool) -> Folder {
    let source = "source = \"registry+https://registry.example.org/index\"";
    let sum = "ab".repeat(32);
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"crane\",\n]\n\n\
         [[package]]\nname = \"crane\"\nversion = \"1.2.3\"\n{source}\nchecksum = \"{sum}\"\n\
         dependencies = [\n \"rope\",\n]\n\n\
         [[package]]\nname = \"rope\"\nversion = \"0.3.0\"\n{source}\nchecksum = \"{sum}\"\n"
    );
    let entry =
        format!("{{\"name\":\"rope\",\"vers\":\"0.3.0\",\"cksum\":\"{sum}\",\"yanked\":{yanked}}}");
    let index = [&[3, 2, 0, 0, 0], b"etag\x000.3.0\0".as_slice(), entry.as_bytes(), b"\0"].concat();
    Folder::new()
        .write(".lockkeeper.toml", config)
        .write("Cargo.lock", lock)
        .write("home/registry/index/registry.example.org-1/.cache/ro/pe/rope", index)
}

fn scan(folder: &Folder, home: &str, more: &[&str]) -> Run {
    let advisories = format!("{}/fixtures/advisories/rustsec", env!("CARGO_MANIFEST_DIR"));
    let usual = ["scan", "--only", "dependencies", "--offline", "--advisories", &advisories];
    let arguments: Vec<_> = usual.iter().chain(more).copied().collect();
    Run::with(folder.path(), arguments, &[("CARGO_HOME", home)], "")
}

#[test]
fn a_yanked_version_is_told_and_does_not_block() {
    let folder = project(WARN, true);
    let run = scan(&folder, "home", &["--fail-on", "low"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    for said in ["rope 0.3.0 is yanked", "DEP-011.yanked", "known of 1 of 2 packages"] {
        assert!(run.stdout().contains(said), "{said}: {}", run.text());
    }
    let run = scan(&folder, "home", &["--report", "json=-"]);
    let report: Value = serde_json::from_str(&run.stdout()).unwrap();
    let [finding] = report["findings"].as_array().unwrap().as_slice() else {
        panic!("{}", run.text())
    };
    assert_eq!((&finding["rule"], &finding["line"]), (&"DEP-011".into(), &20.into()));
    assert_eq!(finding["package"]["purl"], "pkg:cargo/rope@0.3.0");
    assert_eq!(finding["package"]["path"], serde_json::json!(["pkg:cargo/crane@1.2.3"]));
    assert_eq!(finding["advisory"]["id"], "yanked");
}

#[test]
fn documents_about_vulnerabilities_say_nothing_of_it() {
    let folder = project(WARN, true);
    let run = scan(&folder, "home", &["--report", "openvex=-"]);
    assert_eq!((run.status(), run.stdout().as_str()), (0, ""), "{}", run.text());
    let run = scan(&folder, "home", &["--report", "cyclonedx-vex=-"]);
    let document: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert!(document["vulnerabilities"].as_array().unwrap().is_empty());
}

#[test]
fn a_waiver_excuses_it() {
    let waiver = "[[waiver]]\nid = \"yanked\"\npackage = \"rope\"\nreason = \"tried\"\nowner = \"ann\"\n\
                  until = \"2999-01-01\"\n";
    let config = format!("{WARN}\n{waiver}");
    let run = scan(&project(&config, true), "home", &["--report", "json=-"]);
    let report: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(report["findings"][0]["disposition"], "waived", "{}", run.text());
}

#[test]
fn nothing_is_said_of_what_is_served_or_not_known_or_not_asked() {
    for (config, yanked, home, known) in [
        (WARN, false, "home", Some("known of 1 of 2 packages")),
        (WARN, true, "gone", Some("known of 0 of 2 packages")),
        ("", true, "home", None),
    ] {
        let run = scan(&project(config, yanked), home, &[]);
        assert_eq!(run.status(), 0, "{}", run.text());
        assert!(!run.stdout().contains("is yanked"), "{}", run.text());
        let told = run.stdout().contains("whether they are yanked");
        assert_eq!(told, known.is_some(), "{}", run.text());
        assert!(known.is_none_or(|known| run.stdout().contains(known)), "{}", run.text());
    }
    let bad = scan(&project("[dependencies]\nyanked = true\n", true), "home", &[]);
    assert_eq!(bad.status(), 2, "{}", bad.text());
}
