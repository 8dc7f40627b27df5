use super::*;
use std::io::Write as _;
use zip::write::{SimpleFileOptions, ZipWriter};

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn record(id: &str) -> String {
    format!(
        r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "npm", "name": "left"}}}}]}}"#
    )
}

fn read(bytes: &[u8], limits: Limits) -> Result<Batch, AdvisoryError> {
    read_zip("all.zip", bytes, &BTreeSet::from([Ecosystem::Npm]), limits)
}

#[test]
fn every_record_of_a_zip_is_read_in_its_order() {
    let names: Vec<_> =
        (0..600).map(|at| (format!("d/{at}.json"), record(&format!("A-{at}")))).collect();
    let mut entries: Vec<_> =
        names.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    entries.push(("README", "no record"));
    let batch = read(&zip(&entries), Limits::default()).unwrap();
    let ids: Vec<_> = batch.documents.iter().map(|document| document.id.to_string()).collect();
    assert_eq!(ids, (0..600).map(|at| format!("A-{at}")).collect::<Vec<_>>());
    assert!(batch.notices.is_empty() && batch.digest.len() == 64);
}

#[test]
fn records_larger_than_what_is_held_at_once_are_read_too() {
    let large = |id| record(id) + &" ".repeat(HELD);
    let texts = [record("A-1"), large("A-2"), record("A-3"), large("A-4")];
    let names: Vec<_> = (0..4).map(|at| format!("{at}.json")).collect();
    let entries: Vec<_> =
        names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let batch = read(&zip(&entries), Limits::default()).unwrap();
    let ids: Vec<_> = batch.documents.iter().map(|document| &*document.id).collect();
    assert_eq!(ids, ["A-1", "A-2", "A-3", "A-4"]);
}

#[test]
fn a_bad_record_is_named_and_costs_no_other() {
    let batch =
        read(&zip(&[("1.json", "{"), ("2.json", &record("A-2"))]), Limits::default()).unwrap();
    assert_eq!(batch.documents.len(), 1);
    assert_eq!(batch.notices[0].level, Level::Warning);
    assert!(batch.notices[0].message.contains("1.json"), "{}", batch.notices[0].message);
}

#[test]
fn many_bad_records_are_named_in_part_and_counted() {
    let names: Vec<_> = (0..30).map(|at| format!("{at}.json")).collect();
    let entries: Vec<_> = names.iter().map(|name| (name.as_str(), "{")).collect();
    let batch = read(&zip(&entries), Limits::default()).unwrap();
    assert_eq!(batch.notices.len(), NAMED + 1);
    assert!(batch.notices.last().unwrap().message.contains("10 more"));
}

#[test]
fn a_damaged_zip_is_an_error_that_names_it_and_what_to_do() {
    let whole = zip(&[("1.json", &record("A-1").repeat(20))]);
    let mut flipped = whole.clone();
    flipped[60] ^= 0xff;
    for bytes in [&whole[..whole.len() - 30], &flipped, b"<html>".as_slice(), b""] {
        let error = read(bytes, Limits::default()).unwrap_err().to_string();
        assert!(error.contains("all.zip") && error.contains("fetch it again"), "{error}");
    }
}

#[test]
fn a_zip_bomb_is_refused() {
    let bomb = zip(&[("1.json", &" ".repeat(1 << 20)), ("2.json", &" ".repeat(1 << 20))]);
    assert!(bomb.len() < 10_000);
    for limits in
        [Limits { record: 1 << 19, total: 1 << 30 }, Limits { record: 1 << 21, total: 1 << 20 }]
    {
        assert!(matches!(read(&bomb, limits), Err(AdvisoryError::TooLarge { .. })));
    }
}

#[test]
fn a_zip_without_records_is_not_taken_for_an_empty_database() {
    let error = read(&zip(&[("README", "x")]), Limits::default()).unwrap_err();
    assert!(matches!(error, AdvisoryError::Unrecognised(_)));
}

#[test]
fn the_digest_of_a_folder_follows_names_and_contents() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |files: &[(&str, &str)]| {
        let place = |(name, id): &(&str, &str)| {
            let path = folder.path().join(name);
            std::fs::write(&path, record(id)).unwrap();
            path
        };
        let paths: Vec<_> = files.iter().map(place).collect();
        let wanted = BTreeSet::from([Ecosystem::Npm]);
        read_files(folder.path(), &paths, &wanted, Limits::default()).unwrap().digest
    };
    let first = digest(&[("a.json", "A-1"), ("b.json", "A-2")]);
    assert_eq!(first, digest(&[("a.json", "A-1"), ("b.json", "A-2")]));
    assert_ne!(first, digest(&[("a.json", "A-1"), ("c.json", "A-2")]));
    assert_ne!(first, digest(&[("a.json", "A-1"), ("b.json", "A-3")]));
}
