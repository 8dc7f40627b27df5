//! What every report format must hold to, over the same three verdicts.

#![expect(clippy::unwrap_used, reason = "test code outside of #[test]")]

mod bill;
mod example;
mod vex;

use example::{blocked, finding, findings, passing, run, secret, secret_finding, span};
use example::{text, verdict, vulnerability, waived};
use lockkeeper::finding::{
    Finding, Level, Licensed, LineIndex, Notice, Severity, Subject, line_hashes,
};
use lockkeeper::package::{Ecosystem, Package};
use lockkeeper::report::{Format, Outcome, Run, Style, write};
use serde_json::Value;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::ops::Range;

fn written(format: Format, run: &Run) -> String {
    let mut out = Vec::new();
    write(format, run, Style::Plain, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn sarif(run: &Run) -> Value {
    serde_json::from_str(&written(Format::Sarif, run)).unwrap()
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&written(Format::Json, run)).unwrap()
}

fn assert_valid(schema: &str, document: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(document);
    let errors: Vec<_> = errors.map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// Holds a document against the schema of `CycloneDX` 1.6 and those that it refers to.
fn assert_cyclonedx(document: &Value) {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let home = "http://cyclonedx.org/schema";
    let licences = read(include_str!("../../fixtures/schemas/cyclonedx-spdx.schema.json"));
    let signatures = read(include_str!("../../fixtures/schemas/cyclonedx-jsf-0.82.schema.json"));
    let resource = jsonschema::Resource::from_contents;
    let registry = jsonschema::Registry::new()
        .add(format!("{home}/spdx.schema.json"), resource(licences))
        .unwrap()
        .add(format!("{home}/jsf-0.82.schema.json"), resource(signatures))
        .unwrap()
        .prepare()
        .unwrap();
    let schema = read(include_str!("../../fixtures/schemas/cyclonedx-bom-1.6.schema.json"));
    let validator = jsonschema::options().with_registry(&registry).build(&schema).unwrap();
    let errors = validator.iter_errors(document);
    let errors: Vec<_> = errors.map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn every_document_is_valid() {
    for run in [passing(), blocked(), waived()] {
        let schema = include_str!("../../fixtures/schemas/lockkeeper.report.v1.json");
        assert_valid(schema, &json(&run));
        assert_valid(include_str!("../../fixtures/schemas/sarif-2.1.0.json"), &sarif(&run));
    }
}

#[test]
fn no_format_holds_a_secret_or_anything_deceptive() {
    let part: String = secret().chars().skip(6).take(12).collect();
    for run in [passing(), blocked(), waived()] {
        for format in Format::ALL {
            let report = written(*format, &run);
            assert!(!report.contains(&part), "{format:?}");
            let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!report.contains(odd), "{format:?}: {report:?}");
            assert!(report.lines().all(|line| !line.trim_start().starts_with("::")), "{report}");
            let void = lockkeeper::report::is_void(*format, &run);
            assert!(report.ends_with('\n') != void && !report.contains("##vso["));
        }
        assert!(!format!("{run:?}").contains(&part));
    }
}

#[test]
fn every_format_is_the_same_bytes_each_time() {
    for format in Format::ALL {
        assert_eq!(written(*format, &blocked()), written(*format, &blocked()));
    }
}

#[test]
fn every_finding_is_in_every_document() {
    let run = waived();
    let json = json(&run);
    let sarif = sarif(&run);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), findings().len());
    assert_eq!(results.len(), findings().len());
    for (finding, result) in findings().iter().zip(results) {
        let ours = &result["partialFingerprints"]["lockkeeperFingerprint/v1"];
        assert_eq!(ours, finding.fingerprint.to_string().as_str());
    }
}

/// The byte range that a SARIF region names in a text, by the letter of the standard.
fn resolved(region: &Value, text: &str) -> Range<usize> {
    let index = LineIndex::new(text.as_bytes());
    let at = |line: &str, column: &str| {
        let line = u32::try_from(region[line].as_u64().unwrap()).unwrap();
        let range = index.line(line.try_into().unwrap()).unwrap();
        let column = usize::try_from(region[column].as_u64().unwrap()).unwrap() - 1;
        let rest = text.get(range.start..).unwrap();
        range.start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    };
    at("startLine", "startColumn")..at("endLine", "endColumn")
}

#[test]
fn a_region_leads_back_to_what_was_found() {
    let text = text();
    let sarif = sarif(&blocked());
    let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let secrets: Vec<_> = results.filter(|r| r["ruleId"] == "secret/github-pat").collect();
    assert_eq!(secrets.len(), 2);
    for result in secrets {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(resolved(&place["region"], &text), span());
        assert_eq!(text.get(resolved(&place["region"], &text)), Some(secret().as_str()));
        let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
        let line = NonZeroU32::new(3).unwrap();
        let hashes = line_hashes(text.as_bytes(), &BTreeSet::from([line]));
        assert_eq!(hash, hashes[&line].as_str());
    }
}

#[test]
fn every_sarif_rule_has_what_github_asks_for() {
    let sarif = sarif(&blocked());
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            let length = rule[text]["text"].as_str().unwrap().chars().count();
            assert!((1..=1024).contains(&length), "{text} of {rule}");
        }
        let properties = &rule["properties"];
        let severity: f64 = properties["security-severity"].as_str().unwrap().parse().unwrap();
        assert!(severity > 0.0 && severity <= 10.0);
        assert!(properties["tags"].as_array().unwrap().contains(&"security".into()));
    }
    let severity = |id: &str| {
        let rule = rules.iter().find(|rule| rule["id"] == id).unwrap();
        rule["properties"]["security-severity"].clone()
    };
    assert_eq!(severity("DEP-001.GHSA-aaaa-bbbb-cccc"), "7.5");
    assert_eq!(severity("secret/github-pat"), "9.5");
    assert!(rules.iter().any(|rule| rule["name"] == "SecretGithubPat"));
}

#[test]
fn every_sarif_result_has_what_github_asks_for() {
    let sarif = sarif(&blocked());
    let run = &sarif["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        assert!(uri.unwrap().chars().all(plain), "{uri:?}");
        let blocks = result["properties"]["disposition"] == "blocking";
        assert_eq!(result["level"] == "error", blocks);
        assert!(!result["message"]["text"].as_str().unwrap().contains("[go](h"));
    }
    assert_eq!(run["automationDetails"]["id"], "lockkeeper/range/");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let revision = &run["versionControlProvenance"][0]["revisionId"];
    assert_eq!(revision, "00000000000000000000000000000000000000bb");
}

#[test]
fn what_is_waived_says_why_and_by_whom() {
    let run = waived();
    let waiver = &json(&run)["findings"][0]["waiver"];
    let expected = serde_json::json!({"reason": "a trial", "owner": "ann", "until": "2026-07-30"});
    assert_eq!(waiver, &expected);
    let suppression = &sarif(&run)["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["kind"], "external");
    assert_eq!(suppression["status"], "accepted");
    assert_eq!(suppression["justification"], "a trial (ann, until 2026-07-30)");
    assert_eq!(sarif(&blocked())["runs"][0]["results"][0]["suppressions"], Value::Null);
}

#[test]
fn a_run_that_did_not_look_at_everything_never_passes() {
    let mut run = passing();
    run.notices.push(Notice::new(Level::Error, "an object of the repository is missing"));
    assert_eq!(run.outcome(), Outcome::Incomplete);
    assert_eq!(json(&run)["verdict"]["decision"], "block");
    let invocation = &sarif(&run)["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"][0]["level"], "error");
    let text = written(Format::Text, &run);
    assert!(text.starts_with("✗ incomplete: not everything could be looked at\n"), "{text}");
    assert!(!text.contains("passed"));
}

#[test]
fn more_results_than_github_keeps_are_cut_and_said_to_be() {
    let minor = |n: usize| finding("CI-001", Severity::Low, format!("{n}.yml").as_str().into());
    let mut findings: Vec<_> = (0..5_000).map(minor).collect();
    findings.push(secret_finding("z.env".into()));
    let run = run(verdict(findings, Vec::new()));
    let sarif = sarif(&run);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    assert_eq!(results[4_999]["level"], "error");
    let said = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][1]["message"];
    assert!(said["text"].as_str().unwrap().starts_with("5000 of 5001 results are kept"));
    assert_eq!(json(&run)["findings"].as_array().unwrap().len(), 5_001);
}

#[test]
fn a_person_reads_a_pass() {
    insta::assert_snapshot!(written(Format::Text, &passing()), @r##"
    ✓ passed: nothing found

    note     big.bin: a binary file of 2 GB

    looked at 12 commits, 40 files, 1.2 MB; 58 rules; 2 lockfiles, 321 packages against RubyGems (1,214 advisories, newest 2026-07-20); KEV (1,312 CVEs of 2026-07-20)
    "##);
}

#[test]
fn a_person_reads_what_blocks() {
    insta::assert_snapshot!(written(Format::Text, &blocked()), @r##"
    ✗ blocked: 2 secrets, 1 vulnerable package, 1 policy violation

    "\u{3a}:error::a b\xFF\u{1b}[31m\n.yml"
      1:1  high      <script>x</script>\n::error::pwn \u{1b}[31m\u{202e}\u{23}#vso[x] [go](http://evil.example)  CI-002
           → <script>x</script>\n::error::pwn \u{1b}[31m\u{202e}\u{23}#vso[x] [go](http://evil.example)

    Gemfile.lock
      upgrade rack 2.2.3 to 2.2.4: fixes 2 of 3 (1 high), no known version fixes all, brought by rails through actionpack; actionpack 6.0.3 holds it at ~> 2.2.3
        1:1  high      Denial of service in multipart parsing  DEP-001.GHSA-aaaa-bbbb-cccc
      1:1  high      rack 2.2.3: <script>x</script>\n::error::pwn \u{1b}[31m\u{202e}\u{23}#vso[x] [go](http://evil.example)  DEP-001.<script>x</script>\n::error::pwn \u{1b}[31m\u{202e}\u{23}#vso[x] [go](http://evil.example)
           → Read the advisory.

    "config/app copy.env"
      3:8  critical  GitHub personal access token            secret/github-pat            0123456789ab
           → Revoke it, then remove it from history.

    config/app.env
      3:8  critical  GitHub personal access token            secret/github-pat            0123456789ab
           → Revoke it, then remove it from history.

    reported, not blocking
      .github/workflows/ci.yml:1:1  medium    a step runs code that can change under it  CI-001

    note     big.bin: a binary file of 2 GB

    looked at 12 commits, 40 files, 1.2 MB; 58 rules; 2 lockfiles, 321 packages against RubyGems (1,214 advisories, newest 2026-07-20); KEV (1,312 CVEs of 2026-07-20)
    "##);
}

#[test]
fn every_format_tells_the_upgrade_and_what_brought_the_package() {
    let run = blocked();
    let json = json(&run);
    let told: Vec<_> = json["findings"].as_array().unwrap().iter().collect();
    let found = told.iter().find(|it| it["advisory"]["id"] == "GHSA-aaaa-bbbb-cccc").unwrap();
    let path = serde_json::json!(["pkg:gem/rails@6.0.3", "pkg:gem/actionpack@6.0.3"]);
    assert_eq!(found["package"]["path"], path);
    let upgrade = &found["upgrade"];
    assert_eq!(
        (&upgrade["version"], &upgrade["fixes"], &upgrade["of"]),
        (&"2.2.4".into(), &2.into(), &3.into())
    );
    assert_eq!(upgrade["allowed"], false);
    assert_eq!(upgrade["held_by"]["purl"], "pkg:gem/actionpack@6.0.3");
    let sarif = sarif(&run);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let rule = "DEP-001.GHSA-aaaa-bbbb-cccc";
    let result = results.iter().find(|result| result["ruleId"] == rule).unwrap();
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.contains("parsing; upgrade rack 2.2.3 to 2.2.4: fixes 2 of 3"), "{text}");
    assert_eq!(
        (&result["properties"]["upgrade"], &result["properties"]["path"]),
        (&"2.2.4".into(), &path)
    );
}

#[test]
fn what_one_upgrade_solves_stands_together_with_the_worst_first() {
    let other = |id: &str, severity| {
        let mut finding = vulnerability(None);
        finding.severity = severity;
        finding.message = format!("rack 2.2.3 has {id}: Something else");
        if let Subject::Package(subject) = &mut finding.subject {
            id.clone_into(&mut subject.id);
        }
        finding
    };
    let mut unsolved = other("GHSA-gggg-hhhh-iiii", Severity::Critical);
    unsolved.fix = "replace rack".to_owned();
    let findings = vec![
        vulnerability(None),
        unsolved,
        other("GHSA-dddd-eeee-ffff", Severity::Critical),
        finding("CI-002", Severity::High, "Gemfile.lock".into()),
    ];
    let text = written(Format::Text, &run(verdict(findings.clone(), Vec::new())));
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    let order =
        ["  upgrade rack", "    1:1  critical  Something else", "    1:1  high      Denial"];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    assert!(at("DEP-001.GHSA-aaaa") < at("  1:1  critical  rack 2.2.3 has GHSA-gggg"), "{text}");
    assert_eq!(text.matches("upgrade rack 2.2.3 to 2.2.4").count(), 1, "{text}");
    let minor = findings.into_iter().map(|it| Finding { severity: Severity::Low, ..it }).collect();
    let text = written(Format::Text, &run(verdict(minor, Vec::new())));
    assert!(text.contains("rack 2.2.3 has 3 advisories"), "{text}");
    assert_eq!(text.matches("→ upgrade rack 2.2.3 to 2.2.4").count(), 1, "{text}");
}

#[test]
fn a_person_reads_what_was_waived() {
    insta::assert_snapshot!(written(Format::Text, &waived()), @r##"
    ✓ passed: 6 findings, none blocking (fail-on high)

    set aside: 6 waived

    note     the waiver of ** (ann, line 3 of the configuration) expires on 2026-07-30, in 10 days
    note     big.bin: a binary file of 2 GB

    looked at 12 commits, 40 files, 1.2 MB; 58 rules; 2 lockfiles, 321 packages against RubyGems (1,214 advisories, newest 2026-07-20); KEV (1,312 CVEs of 2026-07-20)
    "##);
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let mut out = Vec::new();
    write(Format::Text, &blocked(), Style::Coloured, &mut out).unwrap();
    let coloured = String::from_utf8(out).unwrap();
    assert!(coloured.starts_with("\u{1b}["));
    let mut parts = coloured.split('\u{1b}');
    let mut plain = parts.next().unwrap().to_owned();
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    assert_eq!(plain, written(Format::Text, &blocked()));
}

#[test]
fn a_finding_about_a_licence_names_the_package_and_the_licence() {
    let of = |licence: Option<&str>| Finding {
        subject: Subject::Licence(Box::new(Licensed {
            package: Package {
                ecosystem: Ecosystem::Npm,
                name: "left".to_owned(),
                version: "1.0.0".to_owned(),
            },
            direct: Some(true),
            dev: None,
            licence: licence.map(str::to_owned),
        })),
        ..finding("DEP-009", Severity::High, "package-lock.json".into())
    };
    for licence in [Some("GPL-3.0-only"), None] {
        let run = run(verdict(vec![of(licence)], Vec::new()));
        let document = json(&run);
        assert_valid(include_str!("../../fixtures/schemas/lockkeeper.report.v1.json"), &document);
        assert_valid(include_str!("../../fixtures/schemas/sarif-2.1.0.json"), &sarif(&run));
        let told = &document["findings"][0];
        assert_eq!((&told["kind"], &told["package"]["name"]), (&"policy".into(), &"left".into()));
        assert_eq!(told["licence"].as_str(), licence);
        let properties = &sarif(&run)["runs"][0]["results"][0]["properties"];
        assert_eq!(properties["purl"], "pkg:npm/left@1.0.0");
        assert!(written(Format::Text, &run).starts_with("✗ blocked: 1 policy violation"));
        assert_eq!(written(Format::OpenVex, &run).matches("vulnerability").count(), 0);
    }
}
