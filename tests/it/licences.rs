//! Licences of packages from end to end.

use crate::command::Run;
use crate::folder::Folder;
use crate::repo::Repo;
use serde_json::Value;

fn lock(licence: &str) -> String {
    format!(
        "{{\"name\": \"shop\", \"lockfileVersion\": 3, \"packages\": {{\n\"\": {{\"name\": \"shop\", \
         \"dependencies\": {{\"left\": \"1.0.0\"}}}},\n\"node_modules/left\": {{\"version\": \
         \"1.0.0\", \"resolved\": \"https://registry.example.org/left/-/left-1.0.0.tgz\"{licence}}}\n}}}}\n"
    )
}

fn manifest(licence: &str) -> String {
    format!("{{\"name\": \"left\", \"version\": \"1.0.0\", \"license\": \"{licence}\"}}")
}

fn advisories(folder: &Folder) -> String {
    let record = "{\"id\": \"GHSA-aaaa-bbbb-cccc\", \"modified\": \"2026-07-01T00:00:00Z\", \"affected\": \
                  [{\"package\": {\"ecosystem\": \"npm\", \"name\": \"other\"}, \"versions\": [\"1.0.0\"]}]}";
    std::fs::create_dir_all(folder.path().join("osv/npm")).unwrap();
    std::fs::write(folder.path().join("osv/npm/GHSA-aaaa-bbbb-cccc.json"), record).unwrap();
    format!("--advisories={}", folder.path().join("osv").display())
}

fn finding(report: &str) -> Value {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|it| it["rule"] == "DEP-009").cloned().unwrap_or_default()
}

const DENY: &str = "[dependencies.licences]\ndeny = [\"GPL-3.0\"]\nunknown = \"block\"\n";

#[test]
fn an_installed_package_that_git_passes_over_is_read() {
    let folder = Folder::new()
        .write("package-lock.json", lock(""))
        .write(".gitignore", "node_modules/\n")
        .write(".lockkeeper.toml", DENY)
        .write("node_modules/left/package.json", manifest("GPL-3.0-or-later"));
    let advisories = advisories(&folder);
    let run = folder.scan(["--only", "dependencies", &advisories, "--report", "json=-"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    let finding = finding(&run.stdout());
    assert_eq!((&finding["kind"], &finding["line"]), (&"policy".into(), &3.into()));
    assert_eq!(finding["licence"], "GPL-3.0-or-later");
    assert_eq!(finding["package"]["purl"], "pkg:npm/left@1.0.0");
    let folder = folder.write("node_modules/left/package.json", manifest("MIT"));
    let run = folder.scan(["--only", "dependencies", &advisories, "--report", "json=-"]);
    assert_eq!(run.status(), 0, "{}", run.text());
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = Folder::new()
        .write("package-lock.json", lock(""))
        .write(".lockkeeper.toml", DENY)
        .write("elsewhere/package.json", manifest("MIT"));
    std::fs::create_dir(folder.path().join("node_modules")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../elsewhere", folder.path().join("node_modules/left")).unwrap();
    let advisories = advisories(&folder);
    let run = folder.scan(["--only", "dependencies", &advisories, "--report", "json=-"]);
    assert_eq!(finding(&run.stdout())["licence"], Value::Null);
    assert!(run.stdout().contains("left 1.0.0 has an unknown licence"), "{}", run.text());
}

#[test]
fn a_waiver_of_the_rule_and_the_package_lets_it_stay() {
    let waiver = "[[waiver]]\nid = \"DEP-009\"\npackage = \"left\"\nreason = \"not shipped\"\n\
                  owner = \"ann\"\nuntil = 2099-12-31\n";
    let folder = Folder::new()
        .write("package-lock.json", lock(""))
        .write(".lockkeeper.toml", format!("{DENY}{waiver}"));
    let advisories = advisories(&folder);
    let run = folder.scan(["--only", "dependencies", &advisories, "--report", "json=-"]);
    assert_eq!(finding(&run.stdout())["disposition"], "waived", "{}", run.text());
    assert_eq!(run.status(), 0, "{}", run.text());
}

#[test]
fn licences_are_looked_at_even_where_advisories_cannot_be() {
    let repo = Repo::new()
        .commit("start", |tree| tree.write(".lockkeeper.toml", DENY))
        .commit("left", |tree| {
            tree.write("package-lock.json", lock("")).write("package.json", "{}")
        });
    let run = repo.scan(["--range", "HEAD~1..HEAD", "--offline", "--report", "json=-"]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert_eq!(finding(&run.stdout())["disposition"], "blocking", "{}", run.text());
}

#[test]
fn the_rule_explains_itself() {
    let run = Folder::new().run(["rules", "explain", "DEP-009"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    for said in ["DEP-009 licence-denied", "What to do", "SP 800-53 Rev. 5: CM-10"] {
        assert!(run.stdout().contains(said), "{}", run.text());
    }
}

#[test]
fn a_bill_of_materials_has_what_is_installed() {
    let folder = Folder::new()
        .write("package-lock.json", lock(""))
        .write("node_modules/left/package.json", manifest("(MIT OR CC0-1.0)"));
    let run = folder.run(["packages", "--format", "cyclonedx"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    let bill: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(bill["components"][0]["licenses"][0]["expression"], "(MIT OR CC0-1.0)");
    let run = folder.run(["packages", "--format", "spdx"]);
    let bill: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(bill["packages"][1]["licenseDeclared"], "(MIT OR CC0-1.0)");
}

#[test]
fn a_bill_of_materials_is_the_same_for_the_same_commit() {
    let folder = Folder::new().write("package-lock.json", lock(""));
    let written = |format| {
        let arguments = ["packages", "--format", format];
        let run = Run::with(folder.path(), arguments, &[("SOURCE_DATE_EPOCH", "1750000000")], "");
        run.stdout()
    };
    for format in ["cyclonedx", "spdx"] {
        assert_eq!(written(format), written(format));
        assert!(written(format).contains("2025-06-15T15:06:40Z"), "{}", written(format));
    }
}

#[test]
fn packages_of_unknown_licence_are_told_in_one_line() {
    let more = |n: u32| format!(",\n\"node_modules/p{n}\": {{\"version\": \"1.0.0\"}}");
    let all =
        lock("").replace("left-1.0.0.tgz\"}", &format!("left-1.0.0.tgz\"}}{}{}", more(1), more(2)));
    let config = "[dependencies.licences]\nallow = [\"MIT\"]\n";
    let folder = Folder::new().write("package-lock.json", all).write(".lockkeeper.toml", config);
    let run = folder.scan(["--only", "dependencies", &advisories(&folder)]);
    assert_eq!(run.status(), 0, "{}", run.text());
    let said = "3 packages have an unknown licence, the first: left 1.0.0";
    assert!(run.stdout().contains(said), "{}", run.text());
}
