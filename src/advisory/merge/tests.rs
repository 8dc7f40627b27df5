use super::*;
use crate::advisory::matching::{Affected, Event, Range, Versions};
use proptest::prelude::*;

const V3: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

fn advisory(id: &str, aliases: &[&str], from: &str, fixed: &str) -> Advisory {
    let fixed = Some(fixed).filter(|it| !it.is_empty()).map(|it| Event::Fixed(it.into()));
    let events = [Event::Introduced(from.into())].into_iter().chain(fixed).collect();
    Advisory {
        id: id.into(),
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
        kind: Kind::Vulnerability,
        summary: format!("told by {id}").into(),
        url: None,
        rating: Rating::new([], []),
        affected: Affected { versions: Versions::default(), ranges: vec![Range(events)] },
        wider: false,
    }
}

fn ask(ecosystem: Ecosystem, version: &str, advisories: &[Advisory]) -> Lookup {
    let (name, version) = ("left".to_owned(), version.to_owned());
    lookup(&Package { ecosystem, name, version }, advisories)
}

#[test]
fn records_that_share_an_alias_are_one_flaw_under_its_own_databases_id() {
    let records = [
        advisory("GHSA-1", &["CVE-1"], "0", "1.2.0"),
        advisory("RUSTSEC-1", &["CVE-1"], "0", "1.3.0"),
        advisory("GHSA-2", &["CVE-2"], "0", "1.2.0"),
    ];
    let hits = ask(Ecosystem::CratesIo, "1.1.0", &records).hits;
    assert_eq!(hits.len(), 2);
    assert_eq!((hits[0].id.as_str(), hits[1].id.as_str()), ("GHSA-2", "RUSTSEC-1"));
    assert_eq!(hits[1].aliases, ["CVE-1", "GHSA-1"]);
    assert_eq!(hits[1].summary, "told by RUSTSEC-1");
    assert_eq!(hits[1].fixed, ["1.2.0", "1.3.0"]);
    assert_eq!(hits[1].upgrade.as_deref(), Some("1.3.0"), "1.2.0 is affected by the other record");
}

#[test]
fn the_first_id_follows_the_ecosystem_then_github_then_the_cve() {
    let all = ["CVE-1", "GHSA-1", "PYSEC-1", "GO-1", "RUSTSEC-1", "OSVDB-1"];
    let first = |ecosystem| {
        ask(ecosystem, "1.0.0", &[advisory(all[0], &all[1..], "0", "")]).hits[0].id.clone()
    };
    assert_eq!(first(Ecosystem::PyPI), "PYSEC-1");
    assert_eq!(first(Ecosystem::Go), "GO-1");
    assert_eq!(first(Ecosystem::CratesIo), "RUSTSEC-1");
    assert_eq!(first(Ecosystem::Npm), "GHSA-1");
}

#[test]
fn aliases_join_across_records_that_do_not_hold() {
    let records = [
        advisory("A-1", &["B-1"], "0", ""),
        advisory("C-1", &["B-1", "D-1"], "1.9.0", ""),
        advisory("E-1", &["D-1"], "0", ""),
    ];
    let hits = ask(Ecosystem::Npm, "1.0.0", &records).hits;
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].aliases, ["B-1", "C-1", "D-1", "E-1"]);
}

#[test]
fn the_worst_record_that_holds_decides() {
    let scored = Advisory { rating: Rating::new([V3], []), ..advisory("A-1", &["C-1"], "0", "") };
    let unsound = Advisory { kind: Kind::Unsound, ..advisory("B-1", &["C-1"], "0", "") };
    let hits = ask(Ecosystem::Npm, "1.0.0", &[unsound.clone(), scored]).hits;
    assert_eq!((hits[0].kind, hits[0].severity), (Kind::Vulnerability, Severity::Critical));
    assert_eq!((hits[0].cvss.as_deref(), hits[0].score), (Some(V3), Some(9.8)));
    let malicious = Advisory { kind: Kind::Malicious, ..advisory("MAL-1", &["B-1"], "0", "") };
    let hits = ask(Ecosystem::Npm, "1.0.0", &[unsound, malicious]).hits;
    assert_eq!((hits[0].kind, hits[0].severity), (Kind::Malicious, Severity::Critical));
}

#[test]
fn without_a_fix_above_the_version_there_is_no_upgrade() {
    let records = [advisory("A-1", &[], "0", "1.2.0"), advisory("A-1", &[], "1.4.0", "")];
    assert_eq!(ask(Ecosystem::Npm, "1.1.0", &records).hits[0].upgrade.as_deref(), Some("1.2.0"));
    let hit = &ask(Ecosystem::Npm, "1.5.0", &records).hits[0];
    assert_eq!(
        (hit.upgrade.as_deref(), hit.fixed.as_slice()),
        (None, ["1.2.0".to_owned()].as_slice())
    );
}

#[test]
fn pages_are_made_for_ids_of_known_databases_alone() {
    assert_eq!(page("GO-2024-1").as_deref(), Some("https://pkg.go.dev/vuln/GO-2024-1"));
    assert_eq!(page("ACME-1"), None);
    assert_eq!(page("GHSA-x/../y"), None);
}

proptest! {
    #[test]
    fn the_order_of_records_does_not_matter(
        links in prop::collection::vec((0_u8..6, 0_u8..6), 1..6),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut records: Vec<_> = links
            .iter()
            .enumerate()
            .map(|(at, (a, b))| advisory(&format!("R-{at}"), &[&format!("X-{a}"), &format!("X-{b}")], "0", ""))
            .collect();
        let ids = |records: &[Advisory]| {
            let hits = ask(Ecosystem::Npm, "1.0.0", records).hits;
            hits.into_iter().map(|hit| (hit.id, hit.aliases)).collect::<Vec<_>>()
        };
        let before = ids(&records);
        let turns = seed.index(records.len());
        records.rotate_left(turns);
        records.reverse();
        prop_assert_eq!(&before, &ids(&records));
        let all: BTreeSet<_> = before.iter().flat_map(|(id, aliases)| aliases.iter().chain([id])).collect();
        let count: usize = before.iter().map(|(_, aliases)| aliases.len() + 1).sum();
        prop_assert_eq!(all.len(), count, "no id is in two flaws");
    }
}
