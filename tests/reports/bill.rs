//! Bills of materials over every lockfile of the fixtures: valid, and the same packages when read
//! again.

use super::{assert_cyclonedx, assert_valid};
use lockkeeper::finding::RepoPath;
use lockkeeper::lockfile::{Locked, Origin, Reading, Requirement, format_of};
use lockkeeper::package::{Ecosystem, Package};
use lockkeeper::report::{Bill, BillFormat, Listed, write_bill};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FORMATS: [(BillFormat, &str); 2] =
    [(BillFormat::CycloneDx, "all.cdx.json"), (BillFormat::Spdx, "all.spdx.json")];

struct Fixture {
    path: RepoPath,
    packages: Vec<Locked>,
}

fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lockfiles");
    let mut waiting = vec![root.clone()];
    let mut fixtures = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let below = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            // The folders of the format and of the case are no part of the file's own path.
            let own = below.splitn(3, '/').nth(2).unwrap();
            let format = format_of(&RepoPath::from(own)).unwrap();
            let packages = format.parse(&fs::read_to_string(&path).unwrap()).unwrap();
            fixtures.push(Fixture { path: RepoPath::from(below.as_str()), packages });
        }
    }
    fixtures.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(fixtures.len() > 60, "{} fixtures", fixtures.len());
    fixtures
}

fn bill<'a>(fixtures: impl IntoIterator<Item = &'a Fixture>) -> Bill<'a> {
    let listed = fixtures.into_iter().map(|fixture| Listed {
        path: &fixture.path,
        format: format_name(&fixture.path),
        packages: &fixture.packages,
    });
    Bill {
        subject: "shop",
        tool: "lockkeeper",
        version: "0.1.0",
        time: "2026-07-20T12:00:00Z".parse().unwrap(),
        lockfiles: listed.collect(),
    }
}

fn format_name(path: &RepoPath) -> &'static str {
    format_of(path).map_or("", |format| format.name())
}

fn text(format: BillFormat, bill: &Bill<'_>) -> String {
    let mut out = Vec::new();
    write_bill(format, bill, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn document(format: BillFormat, bill: &Bill<'_>) -> Value {
    serde_json::from_str(&text(format, bill)).unwrap()
}

fn read(name: &str, text: &str) -> Reading {
    format_of(&RepoPath::from(name)).unwrap().read(text).unwrap()
}

fn assert_spdx(document: &Value) {
    assert_valid(include_str!("../../fixtures/schemas/spdx-2.3.json"), document);
    // The schema that the specification's authors publish, for whoever has it at hand.
    if let Some(path) = option_env!("LOCKKEEPER_SPDX_SCHEMA") {
        assert_valid(&fs::read_to_string(path).unwrap(), document);
    }
}

/// What an address says of where a package is from.
fn origin(locked: &Locked) -> String {
    match &locked.origin {
        Origin::Registry(_) => "registry".to_owned(),
        Origin::Git(address) => format!("git {}", address.trim_start_matches("https://")),
        Origin::Url(address) => format!("url {address}"),
        Origin::Path(_) => "path".to_owned(),
    }
}

/// The packages that are somebody else's, at the versions that they are locked at.
fn foreign(packages: &[Locked]) -> BTreeSet<(String, String)> {
    let foreign = packages.iter().filter(|locked| !matches!(locked.origin, Origin::Path(_)));
    let versioned = foreign.filter(|locked| !locked.package.version.is_empty());
    versioned.map(|locked| (locked.package.purl(), origin(locked))).collect()
}

#[test]
fn every_document_is_valid_and_reads_as_the_packages_that_it_was_made_of() {
    let fixtures = fixtures();
    for fixture in &fixtures {
        let bill = bill([fixture]);
        assert_cyclonedx(&document(BillFormat::CycloneDx, &bill));
        assert_spdx(&document(BillFormat::Spdx, &bill));
        for (format, name) in FORMATS {
            let again = read(name, &text(format, &bill));
            assert_eq!(foreign(&again.packages), foreign(&fixture.packages), "{}", fixture.path);
        }
    }
    let all = bill(&fixtures);
    assert_cyclonedx(&document(BillFormat::CycloneDx, &all));
    assert_spdx(&document(BillFormat::Spdx, &all));
    let packages: Vec<_> = fixtures.iter().flat_map(|it| it.packages.clone()).collect();
    for (format, name) in FORMATS {
        let again = read(name, &text(format, &all));
        assert_eq!(foreign(&again.packages), foreign(&packages));
    }
}

#[test]
fn what_is_direct_and_what_is_for_development_stays_so() {
    for fixture in fixtures() {
        let said = |locked: &Locked| (locked.package.purl(), origin(locked));
        let mut known = BTreeMap::<_, (BTreeSet<_>, BTreeSet<_>)>::new();
        for locked in &fixture.packages {
            let (direct, dev) = known.entry(said(locked)).or_default();
            direct.insert(locked.direct);
            dev.insert(locked.dev);
        }
        for (format, name) in FORMATS {
            let again = read(name, &text(format, &bill([&fixture]))).packages;
            for locked in &again {
                let (direct, dev) = &known[&said(locked)];
                assert_kept(locked, direct, dev, format);
            }
        }
    }
}

/// Whether a package that was read again is what its entries said, as far as they said anything.
fn assert_kept(
    locked: &Locked,
    direct: &BTreeSet<Option<bool>>,
    dev: &BTreeSet<Option<bool>>,
    format: BillFormat,
) {
    let name = &locked.package.name;
    if direct.contains(&Some(true)) {
        assert_eq!(locked.direct, Some(true), "{name}");
    } else if direct.contains(&Some(false)) {
        assert_ne!(locked.direct, Some(true), "{name}");
    }
    if format == BillFormat::CycloneDx && dev.len() == 1 {
        assert_eq!(dev.first(), Some(&locked.dev), "{name}");
    }
}

#[test]
fn every_reference_leads_to_something() {
    let fixtures = fixtures();
    let bill = bill(&fixtures);
    let cyclone = document(BillFormat::CycloneDx, &bill);
    let mut references = BTreeSet::new();
    let subject = &cyclone["metadata"]["component"];
    let parts = subject["components"].as_array().unwrap().iter();
    let components = cyclone["components"].as_array().unwrap().iter();
    for component in parts.chain(components).chain([subject]) {
        assert!(references.insert(component["bom-ref"].clone().to_string()), "{component}");
    }
    for edge in cyclone["dependencies"].as_array().unwrap() {
        let to = edge["dependsOn"].as_array().unwrap().iter();
        for end in to.chain([&edge["ref"]]) {
            assert!(references.contains(&end.to_string()), "{end}");
        }
    }
    let spdx = document(BillFormat::Spdx, &bill);
    let mut ids = BTreeSet::from(["SPDXRef-DOCUMENT"]);
    for package in spdx["packages"].as_array().unwrap() {
        assert!(ids.insert(package["SPDXID"].as_str().unwrap()), "{package}");
    }
    for relation in spdx["relationships"].as_array().unwrap() {
        for end in ["spdxElementId", "relatedSpdxElement"] {
            assert!(ids.contains(relation[end].as_str().unwrap()), "{relation}");
        }
    }
}

fn locked(name: &str, version: &str) -> Locked {
    let (name, version) = (name.to_owned(), version.to_owned());
    let package = Package { ecosystem: Ecosystem::Npm, name, version };
    Locked::new(package, 3.try_into().unwrap(), Origin::Registry(None))
}

fn asks(name: &str, version: Option<&str>) -> Requirement {
    let version = version.map(str::to_owned);
    Requirement { name: name.to_owned(), version, constraint: None }
}

fn shop(packages: Vec<Locked>) -> Fixture {
    Fixture { path: RepoPath::from("shop/package-lock.json"), packages }
}

#[test]
fn what_asks_for_what_is_told_where_it_is_known() {
    let mut left = locked("left", "1.0.0");
    left.requires = vec![asks("right", Some("2.0.0")), asks("up", None), asks("gone", None)];
    let mut right = locked("right", "2.0.0");
    right.requires = vec![asks("right", None)];
    let fixture = shop(vec![left, right, locked("right", "1.0.0"), locked("up", "1.0.0")]);
    let bill = bill([&fixture]);
    let document = document(BillFormat::CycloneDx, &bill);
    let edges = document["dependencies"].as_array().unwrap();
    let of = |name: &str| {
        let edge = edges.iter().find(|edge| edge["ref"] == name);
        edge.map(|edge| edge["dependsOn"].clone())
    };
    let expected = serde_json::json!(["pkg:npm/right@2.0.0", "pkg:npm/up@1.0.0"]);
    assert_eq!(of("pkg:npm/left@1.0.0"), Some(expected));
    assert_eq!(of("pkg:npm/right@2.0.0"), Some(serde_json::json!([])), "one of two is a guess");
    assert_eq!(of("pkg:npm/up@1.0.0"), Some(serde_json::json!([])));
    assert_eq!(of("project"), None, "nobody says what the project asks for");
}

#[test]
fn licences_are_expressions_or_what_was_stated() {
    let stated = ["MIT/Apache-2.0", "LicenseRef-acme", "BSD"].into_iter().enumerate();
    let packages = stated.map(|(at, licence)| Locked {
        licence: Some(licence.to_owned()),
        ..locked(&format!("p{at}"), "1.0.0")
    });
    let fixture = shop(packages.collect());
    let bill = bill([&fixture]);
    let cyclone = document(BillFormat::CycloneDx, &bill);
    assert_cyclonedx(&cyclone);
    let licences = |at: usize| cyclone["components"][at]["licenses"][0].clone();
    assert_eq!(licences(0)["expression"], "MIT OR Apache-2.0");
    assert_eq!(licences(2)["license"]["name"], "BSD");
    let spdx = document(BillFormat::Spdx, &bill);
    assert_spdx(&spdx);
    let declared = |at: usize| spdx["packages"][at + 1]["licenseDeclared"].as_str().unwrap();
    assert_eq!(declared(0), "MIT OR Apache-2.0");
    assert_eq!(declared(1), "LicenseRef-acme");
    assert!(declared(2).starts_with("LicenseRef-stated-"), "{}", declared(2));
    let texts = spdx["hasExtractedLicensingInfos"].as_array().unwrap();
    assert!(texts.iter().any(|text| text["extractedText"] == "BSD"), "{texts:?}");
}

#[test]
fn the_same_lockfiles_have_one_identity_at_any_time() {
    let fixtures = fixtures();
    let one = bill(&fixtures);
    let later = Bill { time: "2027-01-01T00:00:00Z".parse().unwrap(), ..one.clone() };
    let fewer = bill(fixtures.iter().skip(1));
    for (format, key) in
        [(BillFormat::CycloneDx, "serialNumber"), (BillFormat::Spdx, "documentNamespace")]
    {
        let of = |bill: &Bill<'_>| document(format, bill)[key].clone();
        assert_eq!(text(format, &one), text(format, &one));
        assert_eq!(of(&one), of(&later));
        assert_ne!(of(&one), of(&fewer));
    }
}

#[test]
fn hostile_names_stay_in_their_strings() {
    let hostile = "::error::x\u{1b}[31m\u{202e}\"},{\n##vso[x]";
    let mut evil = locked(hostile, hostile);
    evil.licence = Some(hostile.to_owned());
    evil.integrity = Some(hostile.to_owned());
    evil.origin = Origin::Registry(Some(format!("https://{hostile}")));
    let mut url = locked("a", "1");
    url.origin = Origin::Url(hostile.to_owned());
    let mut fixture = shop(vec![evil, url]);
    fixture.path = RepoPath::new(b"::error::a\xFF\x1B\n/package-lock.json".to_vec());
    let bill = Bill { subject: hostile, ..bill([&fixture]) };
    assert_cyclonedx(&document(BillFormat::CycloneDx, &bill));
    assert_spdx(&document(BillFormat::Spdx, &bill));
    for (format, _) in FORMATS {
        let text = text(format, &bill);
        let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(odd) && !text.contains("##vso["), "{text}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{text}");
    }
}
