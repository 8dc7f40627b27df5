use super::*;
use crate::advisory::{Database, Kind, Update};
use crate::finding::{Level, Severity};
use std::fs;
use std::io::{Cursor, Write as _};
use zip::write::{SimpleFileOptions, ZipWriter};

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/advisories").join(name)
}

fn options() -> LoadOptions {
    LoadOptions {
        cache: PathBuf::from("unused"),
        network: Network::Off,
        max_age_days: 7,
        now: Timestamp::UNIX_EPOCH,
        backoff: Duration::ZERO,
    }
}

fn load(paths: &[&Path], wanted: &[Ecosystem]) -> Result<Index, AdvisoryError> {
    let locations: Vec<_> = paths.iter().map(|path| Location::Path(path.to_path_buf())).collect();
    Index::load(&locations, &wanted.iter().copied().collect(), &options())
}

fn ids(index: &Index, ecosystem: Ecosystem, name: &str, version: &str) -> Vec<String> {
    let (name, version) = (name.to_owned(), version.to_owned());
    let lookup = index.lookup(&Package { ecosystem, name, version }).unwrap();
    assert!(lookup.doubts.is_empty(), "{:?}", lookup.doubts);
    lookup.hits.into_iter().map(|hit| hit.id).collect()
}

fn zip(path: &Path, files: impl IntoIterator<Item = PathBuf>) {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&fs::read(&file).unwrap()).unwrap();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, writer.finish().unwrap().into_inner()).unwrap();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn record(id: &str, modified: &str, rest: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "{modified}", {rest} "affected": [{{
            "package": {{"ecosystem": "npm", "name": "left"}},
            "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}]}}]}}]}}"#
    )
}

#[test]
fn a_folder_of_records_answers_for_every_ecosystem() {
    let ecosystems = [Ecosystem::RubyGems, Ecosystem::Npm, Ecosystem::PyPI, Ecosystem::Go];
    let index = load(&[&fixtures("osv")], &ecosystems).unwrap();
    assert!(index.uncovered().is_empty() && index.notices().is_empty(), "{:?}", index.notices());
    assert_eq!(ids(&index, Ecosystem::RubyGems, "rack", "2.2.3"), ["GHSA-2222-rack-0001"]);
    assert!(ids(&index, Ecosystem::RubyGems, "rack", "2.2.7").is_empty());
    assert_eq!(ids(&index, Ecosystem::Npm, "left-pad", "1.1.0"), ["GHSA-2222-left-0001"]);
    assert_eq!(ids(&index, Ecosystem::Npm, "flatmap-stream", "0.1.1"), ["MAL-2024-90001"]);
    assert_eq!(ids(&index, Ecosystem::PyPI, "Flask.Admin", "1.5.1"), ["PYSEC-2024-90001"]);
    assert_eq!(ids(&index, Ecosystem::Go, "golang.org/x/net", "0.1.0"), ["GO-2024-90002"]);
    assert!(ids(&index, Ecosystem::Go, "left-pad", "1.1.0").is_empty(), "another ecosystem");
}

#[test]
fn sources_say_what_they_hold() {
    let index = load(&[&fixtures("osv")], &[Ecosystem::Npm, Ecosystem::Go]).unwrap();
    let told: Vec<_> = index
        .sources()
        .iter()
        .map(|it| (it.ecosystem, it.records, it.newest.map(|newest| newest.to_string())))
        .collect();
    let (go, npm) = ("2024-07-01T00:00:00Z".to_owned(), "2024-05-02T00:00:00Z".to_owned());
    assert_eq!(told, [(Ecosystem::Go, 2, Some(go)), (Ecosystem::Npm, 3, Some(npm))]);
}

#[test]
fn a_bucket_on_disk_reads_as_its_records_do() {
    let bucket = tempfile::tempdir().unwrap();
    fs::write(bucket.path().join("ecosystems.txt"), "npm\nGo\n").unwrap();
    zip(&bucket.path().join("npm/all.zip"), files(&fixtures("osv/npm")));
    let index = load(&[bucket.path()], &[Ecosystem::Npm, Ecosystem::Go]).unwrap();
    assert_eq!(ids(&index, Ecosystem::Npm, "left-pad", "1.0.0"), ["GHSA-2222-left-0001"]);
    assert_eq!(index.uncovered(), &BTreeSet::from([Ecosystem::Go]));
}

#[test]
fn a_dump_that_mentions_another_ecosystem_does_not_stand_in_for_its_dump() {
    let bucket = tempfile::tempdir().unwrap();
    let record = bucket.path().join("A-1.json");
    let package = |ecosystem: &str| {
        format!(
            r#"{{"package": {{"ecosystem": "{ecosystem}", "name": "left"}}, "versions": ["1"]}}"#
        )
    };
    let text = format!(r#"{{"id": "A-1", "affected": [{}, {}]}}"#, package("npm"), package("Go"));
    fs::write(&record, text).unwrap();
    zip(&bucket.path().join("npm/all.zip"), [record]);
    let index = load(&[bucket.path()], &[Ecosystem::Npm, Ecosystem::Go]).unwrap();
    assert_eq!(ids(&index, Ecosystem::Npm, "left", "1"), ["A-1"]);
    assert_eq!(index.uncovered(), &BTreeSet::from([Ecosystem::Go]));
}

#[test]
fn the_usual_index_is_asked_while_it_is_young_and_sources_about_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let usual = folder.path().join("advisories.index");
    let osv = [Location::Path(fixtures("osv"))];
    let wanted = BTreeSet::from([Ecosystem::Npm, Ecosystem::Go]);
    let at = |day: i64, network| LoadOptions {
        now: Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap(),
        network,
        ..options()
    };
    let ask = |day, network| Index::load_usual(&usual, &osv, &wanted, &at(day, network));
    let without = ask(0, Network::Allowed).unwrap();
    assert_eq!((without.stored.len(), without.sources.len()), (0, 2));
    let ecosystems = BTreeSet::from([Ecosystem::Npm, Ecosystem::Hex]);
    let update = Update { sources: osv.to_vec(), usual: osv[0].clone(), ecosystems };
    let made = Database::new(&usual).update(&update, &at(0, Network::Allowed), &mut || ());
    made.unwrap();
    let young = ask(7, Network::Off).unwrap();
    assert_eq!((young.stored.len(), young.sources.len(), young.packages.len()), (1, 2, 1));
    assert!(young.uncovered().is_empty());
    assert_eq!(ids(&young, Ecosystem::Npm, "left-pad", "1.0.0"), ["GHSA-2222-left-0001"]);
    let old = ask(9, Network::Allowed).unwrap();
    assert_eq!((old.stored.len(), old.sources.len()), (0, 2));
    assert!(old.notices().iter().any(|it| it.message.contains("9 days old")));
    assert!(matches!(ask(9, Network::Off), Err(AdvisoryError::Stale { .. })));
    let hex = BTreeSet::from([Ecosystem::Hex]);
    let asked = Index::load_usual(&usual, &[], &hex, &at(1, Network::Off)).unwrap();
    assert_eq!(asked.uncovered(), &hex, "it was asked about, and nobody has anything");
    fs::write(&usual, "no index").unwrap();
    assert!(matches!(ask(0, Network::Allowed), Err(AdvisoryError::Damaged { .. })));
}

#[test]
fn a_checkout_merges_with_the_records_of_other_databases() {
    let index = load(&[&fixtures("osv"), &fixtures("rustsec")], &[Ecosystem::CratesIo]).unwrap();
    let package = |name: &str, version: &str| Package {
        ecosystem: Ecosystem::CratesIo,
        name: name.to_owned(),
        version: version.to_owned(),
    };
    let time = index.lookup(&package("time", "0.1.4")).unwrap().hits;
    assert_eq!(time.len(), 1);
    assert_eq!((time[0].id.as_str(), time[0].severity), ("RUSTSEC-2024-9001", Severity::High));
    assert_eq!(time[0].aliases, ["CVE-2024-90005", "GHSA-2222-time-0001"]);
    assert_eq!(time[0].upgrade.as_deref(), Some("0.2.23"));
    let kind = |name, version| {
        index.lookup(&package(name, version)).unwrap().hits.first().map(|hit| hit.kind)
    };
    assert_eq!(kind("ansi_term", "0.1.0"), Some(Kind::Unmaintained));
    assert_eq!(kind("owning", "0.4.0"), Some(Kind::Unsound));
    assert_eq!(kind("owning", "0.5.0"), None);
    assert_eq!(kind("rustdecimal", "1.0.0"), Some(Kind::Malicious));
    assert_eq!(kind("withdrawn", "1.0.0"), None);
    assert_eq!(index.sources().last().map(|source| source.records), Some(5));
}

#[test]
fn a_bad_advisory_of_a_checkout_is_named_and_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("crates/a");
    fs::create_dir_all(&place).unwrap();
    let good = fixtures("rustsec/crates/ansi_term/RUSTSEC-2024-9002.md");
    fs::copy(good, place.join("RUSTSEC-2024-9002.md")).unwrap();
    let texts = [
        String::new(),
        "```tomé, and twenty bytes more".to_owned(),
        "```toml\n```".to_owned(),
        advisory("patched = [\">= 1.0, < 1.0\", \">= 1.0, < 2.0\"]"),
        advisory(
            "patched = [\"> 18446744073709551615.18446744073709551615.18446744073709551615\"]",
        ),
    ];
    for (at, text) in texts.iter().enumerate() {
        fs::write(place.join(format!("RUSTSEC-2024-800{at}.md")), text).unwrap();
    }
    let index = load(&[folder.path()], &[Ecosystem::CratesIo]).unwrap();
    assert_eq!(ids(&index, Ecosystem::CratesIo, "ansi_term", "0.1.0"), ["RUSTSEC-2024-9002"]);
    assert_eq!(index.notices().len(), texts.len(), "{:?}", index.notices());
    assert!(index.notices().iter().all(|notice| notice.level == Level::Warning));
}

fn advisory(versions: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2024-8000\"\npackage = \"a\"\ndate = \"2024-01-01\"\n\
         [versions]\n{versions}\n```\n\n# A\n\nB\n"
    )
}

#[test]
fn the_latest_copy_of_a_record_counts() {
    let folder = tempfile::tempdir().unwrap();
    let place = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    place("1.json", &record("A-1", "2024-01-01T00:00:00Z", ""));
    place(
        "2.json",
        &record("A-1", "2024-01-02T00:00:00Z", r#""withdrawn": "2024-01-02T00:00:00Z","#),
    );
    place("3.json", &record("B-1", "2024-01-02T00:00:00Z", ""));
    place(
        "4.json",
        &record("B-1", "2024-01-01T00:00:00Z", r#""withdrawn": "2024-01-01T00:00:00Z","#),
    );
    let index = load(&[folder.path()], &[Ecosystem::Npm]).unwrap();
    assert_eq!(ids(&index, Ecosystem::Npm, "left", "1.0.0"), ["B-1"]);
}

#[test]
fn the_index_does_not_depend_on_the_number_of_threads() {
    let shown = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let index =
            pool.install(|| load(&[&fixtures("osv"), &fixtures("rustsec")], Ecosystem::ALL));
        format!("{:?}", index.unwrap())
    };
    assert_eq!(shown(1), shown(7));
}

#[test]
fn a_source_that_is_not_there_is_an_error_although_another_is() {
    let error = load(&[&fixtures("osv"), &fixtures("nowhere")], &[Ecosystem::Go]).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn with_the_network_off_a_bucket_that_was_never_fetched_is_an_error() {
    let cache = tempfile::tempdir().unwrap();
    let options = LoadOptions { cache: cache.path().to_owned(), ..options() };
    let location = "https://me:hidden@osv.example.org?key=hidden".parse().unwrap();
    let error = Index::load(&[location], &BTreeSet::from([Ecosystem::Go]), &options).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("https://osv.example.org/Go/all.zip") && text.contains("no cached copy"));
    assert!(!text.contains("hidden"));
}
