//! What is found in a `Cargo.lock` against what `cargo audit` finds: its own library, over the same
//! checkout of advisories.
//!
//! It asks about packages of the public registry alone; of those that come from elsewhere under the
//! same name more is found here, and told with less confidence where they come out of git.

use crate::folder::Folder;
use rustsec::advisory::Informational;
use rustsec::cargo_lock::SourceId;
use rustsec::report::{Report, Settings};
use rustsec::{Database, Lockfile};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// An advisory, and the package and version against which it holds.
type Flaw = (String, String, String);

/// The miniature of a checkout.
fn miniature() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/advisories/rustsec")
}

/// What `cargo audit` finds, with the warnings that it gives by default.
fn theirs(database: &Database, lockfile: &str) -> BTreeSet<Flaw> {
    let lockfile: Lockfile = lockfile.parse().unwrap();
    let informational_warnings =
        vec![Informational::Unmaintained, Informational::Unsound, Informational::Notice];
    let settings = Settings { informational_warnings, ..Settings::default() };
    let report = Report::generate(database, &lockfile, &settings);
    let vulnerabilities = report.vulnerabilities.list.into_iter();
    let found = vulnerabilities.map(|it| (it.advisory.id, it.package));
    let warnings = report.warnings.into_values().flatten();
    let warned = warnings.filter_map(|it| Some((it.advisory?.id, it.package)));
    let all = found.chain(warned);
    all.map(|(id, it)| (id.to_string(), it.name.to_string(), it.version.to_string())).collect()
}

/// What a scan finds in packages of the public registry.
fn ours(checkout: &Path, lockfile: &str) -> BTreeSet<Flaw> {
    let folder = Folder::new().write("Cargo.lock", lockfile);
    let checkout = checkout.to_str().unwrap();
    let scan =
        ["--only", "dependencies", "--offline", "--report", "json=-", "--advisories", checkout];
    let run = folder.scan(scan);
    assert!(run.status() < 2, "{}", run.text());
    let report: Value = serde_json::from_str(&run.stdout()).unwrap();
    let lockfile: Lockfile = lockfile.parse().unwrap();
    let asked: BTreeSet<_> = lockfile
        .packages
        .iter()
        .filter(|it| it.source.as_ref().is_some_and(SourceId::is_default_registry))
        .map(|it| (it.name.to_string(), it.version.to_string()))
        .collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let flaws = findings.map(|it| {
        let package = &it["package"];
        (text(&it["advisory"]["id"]), text(&package["name"]), text(&package["version"]))
    });
    flaws.filter(|(_, name, version)| asked.contains(&(name.clone(), version.clone()))).collect()
}

fn lockfile(packages: &[(&str, String)]) -> String {
    let package = |(name, version): &(&str, String)| {
        let source = SourceId::default();
        format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n"
        )
    };
    format!("version = 4\n{}", packages.iter().map(package).collect::<String>())
}

#[test]
fn at_the_bounds_of_every_advisory_the_same_is_found() {
    let database = Database::open(&miniature()).unwrap();
    let names = ["ansi_term", "owning", "rustdecimal", "time", "withdrawn", "another"];
    let versions = [
        "0.0.9",
        "0.1.0-rc.1",
        "0.1.0",
        "0.2.22",
        "0.2.23-alpha",
        "0.2.23",
        "0.2.23+build",
        "0.4.9",
        "0.5.0-0",
        "0.5.0",
        "1.0.0",
    ];
    let all = names.iter().flat_map(|name| versions.map(|version| (*name, version.to_owned())));
    let text = lockfile(&all.collect::<Vec<_>>());
    let theirs = theirs(&database, &text);
    for id in ["RUSTSEC-2024-9001", "RUSTSEC-2024-9002", "RUSTSEC-2024-9003", "RUSTSEC-2024-9005"] {
        assert!(theirs.iter().any(|(found, _, _)| found == id), "{id}");
    }
    assert!(!theirs.iter().any(|(_, name, _)| name == "withdrawn" || name == "another"));
    assert_eq!(ours(&miniature(), &text), theirs);
}

#[test]
#[ignore = "needs a checkout of the advisories in RUSTSEC and lockfiles in CARGO_LOCKS"]
#[expect(clippy::disallowed_methods, reason = "whoever runs it names the files by them")]
fn in_real_lockfiles_the_same_is_found() {
    let checkout = PathBuf::from(env::var_os("RUSTSEC").expect("RUSTSEC names a checkout"));
    let lockfiles = env::var("CARGO_LOCKS").expect("CARGO_LOCKS names files, a colon between them");
    let database = Database::open(&checkout).unwrap();
    let mut found = 0;
    for path in env::split_paths(&lockfiles) {
        let text = fs::read_to_string(&path).unwrap();
        let theirs = theirs(&database, &text);
        found += theirs.len();
        assert_eq!(ours(&checkout, &text), theirs, "{}", path.display());
    }
    assert!(found > 0, "lockfiles without a flaw prove nothing");
}
