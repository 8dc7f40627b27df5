use super::*;
use crate::finding::*;
use crate::package::{Ecosystem, Package};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 7, 20);

fn finding(rule: &str, path: &str) -> Finding {
    Finding {
        rule: rule.parse().unwrap(),
        severity: Severity::High,
        confidence: Confidence::High,
        action: Action::Block,
        standing: Standing::Introduced,
        message: "something is wrong".to_owned(),
        fix: "put it right".to_owned(),
        subject: Subject::Policy,
        location: Location {
            path: path.into(),
            start: LineCol::START,
            end: LineCol::START,
            commit: None,
        },
        fingerprint: Fingerprint::new(&Salt::new("test"), &[rule.as_bytes(), path.as_bytes()]),
        line_hash: None,
        allow: None,
    }
}

pub(super) fn vulnerable(id: &str, alias: &str) -> Finding {
    let vulnerability = Vulnerability {
        package: Package {
            ecosystem: Ecosystem::PyPI,
            name: "Flask_Login".to_owned(),
            version: "0.1".to_owned(),
        },
        direct: Some(true),
        dev: None,
        id: id.to_owned(),
        aliases: vec![alias.to_owned()],
        summary: String::new(),
        url: None,
        fixed: Vec::new(),
        cvss: None,
        score: None,
        exploitation: None,
        advice: std::sync::Arc::default(),
    };
    let subject = Subject::Package(Box::new(vulnerability));
    Finding { subject, ..finding("DEP-001", "uv.lock") }
}

pub(super) fn waiver(text: &str) -> Waiver {
    let defaults = "reason = \"known\"\nowner = \"ann\"\nuntil = 2026-12-31\n";
    let keys: Vec<_> = text.lines().filter_map(|line| line.split(" =").next()).collect();
    let unset = defaults.lines().filter(|line| !keys.iter().any(|key| line.starts_with(key)));
    let text = unset.chain(text.lines()).collect::<Vec<_>>().join("\n");
    Waiver::new(toml::from_str(&text).unwrap(), 7).unwrap()
}

fn problem(text: &str) -> String {
    let fields: WaiverFields = toml::from_str(text).unwrap();
    let error = Waiver::new(fields, 7).unwrap_err();
    format!("{error}").trim().to_owned()
}

pub(super) fn policy(waivers: Vec<Waiver>) -> Policy {
    Policy {
        options: Options::default(),
        existing: Existing::Report,
        waivers,
        baseline: Baseline::default(),
        vex: Vex::default(),
        today: TODAY,
        extent: Extent::Whole,
    }
}

pub(super) fn fate(policy: &Policy, finding: &Finding) -> &'static str {
    let verdict = policy.decide(vec![finding.clone()]);
    verdict.findings[0].disposition.as_str()
}

pub(super) fn remarks(policy: &Policy, findings: Vec<Finding>) -> Vec<(Level, String)> {
    let notices = policy.decide(findings).notices.into_iter();
    notices.map(|notice| (notice.level, notice.message)).collect()
}

#[test]
fn what_blocks() {
    let policy = policy(Vec::new());
    let plain = finding("CI-001", "a.yml");
    assert_eq!(fate(&policy, &plain), "blocking");
    for harmless in [
        Finding { severity: Severity::Medium, ..plain.clone() },
        Finding { confidence: Confidence::Low, ..plain.clone() },
        Finding { action: Action::Warn, ..plain.clone() },
        Finding { standing: Standing::Existing, ..plain.clone() },
    ] {
        assert_eq!(fate(&policy, &harmless), "advisory");
    }
    let strict = Policy { existing: Existing::Block, ..policy };
    assert_eq!(fate(&strict, &Finding { standing: Standing::Existing, ..plain }), "blocking");
}

#[test]
fn a_waiver_matches_rule_advisory_alias_fingerprint_scope_and_package() {
    let subject = vulnerable("PYSEC-2026-1", "CVE-2026-1");
    for id in ["DEP-001", "PYSEC-2026-1", "cve-2026-1", &subject.fingerprint.to_string()] {
        assert_eq!(fate(&policy(vec![waiver(&format!("id = \"{id}\""))]), &subject), "waived");
    }
    for text in ["scope = \"*.lock\"", "scope = \"**\"\npackage = \"flask.login\""] {
        assert_eq!(fate(&policy(vec![waiver(text)]), &subject), "waived", "{text}");
    }
    for text in [
        "id = \"DEP-00\"",
        "id = \"CVE-2026-11\"",
        "id = \"DEP-001\"\nscope = \"docs/**\"",
        "id = \"DEP-001\"\npackage = \"flask\"",
    ] {
        assert_eq!(fate(&policy(vec![waiver(text)]), &subject), "blocking", "{text}");
    }
}

#[test]
fn a_star_stays_within_its_folder() {
    let deep = finding("CI-001", "ci/deep/a.yml");
    assert_eq!(fate(&policy(vec![waiver("scope = \"ci/*.yml\"")]), &deep), "blocking");
    assert_eq!(fate(&policy(vec![waiver("scope = \"ci/**/*.yml\"")]), &deep), "waived");
    assert_eq!(fate(&policy(vec![waiver("scope = \"ci/\"")]), &deep), "waived");
}

#[test]
fn a_waiver_that_lacks_something_names_its_line_and_key() {
    let base = "id = \"CI-001\"\nowner = \"ann\"\n";
    let with = |more: &str| problem(&format!("{base}{more}"));
    assert!(with("until = 2026-12-31").starts_with("the waiver of line 7: `reason` is missing"));
    assert!(with("reason = \" \"\nuntil = 2026-12-31").contains("`reason` is empty"));
    assert!(with("reason = \"x\"").contains("`until` is missing"));
    for date in ["\"2026-13-01\"", "\"soon\"", "2026-12-31T00:00:00Z", "20261231", "\"\""] {
        assert!(with(&format!("reason = \"x\"\nuntil = {date}")).contains("`until` must be a day"));
    }
    assert!(problem("reason = \"x\"\nowner = \"a\"").contains("`id` or `scope` is missing"));
    assert!(problem("id = \"x\"\nscope = \"[\"").contains("`scope` is not"));
}

#[test]
fn an_expired_waiver_is_named_and_its_finding_is_back() {
    let plain = finding("CI-001", "a.yml");
    let last_day = policy(vec![waiver("id = \"CI-001\"\nuntil = \"2026-07-20\"")]);
    assert_eq!(fate(&last_day, &plain), "waived");
    let expired = policy(vec![waiver("id = \"CI-001\"\nuntil = 2026-07-19")]);
    assert_eq!(fate(&expired, &plain), "blocking");
    let expected = "the waiver of CI-001 (ann, line 7 of the configuration) expired on 2026-07-19: \
                    its finding is back";
    let back = remarks(&expired, vec![plain.clone()]);
    assert_eq!(back, [(Level::Warning, expected.to_owned())]);

    let mut renewed = expired;
    renewed.waivers.push(waiver("id = \"CI-001\""));
    assert_eq!(fate(&renewed, &plain), "waived");
    assert!(remarks(&renewed, vec![plain])[0].1.ends_with("expired on 2026-07-19: remove it"));
}

#[test]
fn waivers_that_end_soon_or_match_nothing_are_noted() {
    let soon = policy(vec![waiver("id = \"CI-001\"\nuntil = 2026-08-03")]);
    let notes = remarks(&soon, vec![finding("CI-001", "a.yml")]);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].1.ends_with("expires on 2026-08-03, in 14 days"), "{notes:?}");

    let unused = policy(vec![waiver("id = \"CI-001\"")]);
    assert!(remarks(&unused, Vec::new())[0].1.ends_with("matches nothing any more: remove it"));
    let part = Policy { extent: Extent::Part, ..unused };
    assert_eq!(remarks(&part, Vec::new()), []);
}

#[test]
fn a_waiver_that_reaches_too_far_does_not_apply() {
    let mut policy = policy(vec![waiver("id = \"CI-001\"\nuntil = 2026-10-19")]);
    let plain = finding("CI-001", "a.yml");
    policy.options.max_waiver_days = Some(91);
    assert_eq!(fate(&policy, &plain), "waived");
    policy.options.max_waiver_days = Some(90);
    assert_eq!(fate(&policy, &plain), "blocking");
    assert!(remarks(&policy, vec![plain])[0].1.contains("more than 90 days ahead"));
}

#[test]
fn the_gate_is_excused_by_a_second_person_only() {
    let subject = Finding {
        allow: Some(Allow::Comment("please".to_owned())),
        ..finding("GATE-001", ".lockkeeper.toml")
    };
    let alone = policy(vec![waiver("id = \"GATE-001\"")]);
    assert_eq!(fate(&alone, &subject), "blocking");
    assert!(remarks(&alone, vec![subject.clone()])[0].1.contains("needs `approved-by`"));
    let own = policy(vec![waiver("id = \"GATE-001\"\napproved-by = \"Ann\"")]);
    assert_eq!(fate(&own, &subject), "blocking");
    let two = policy(vec![waiver("id = \"GATE-001\"\napproved-by = \"bob\"")]);
    assert_eq!(fate(&two, &subject), "waived");
    let kept = Policy { baseline: Baseline::of([&subject]), ..alone };
    assert_eq!(fate(&kept, &subject), "blocking");
}

#[test]
fn what_is_attacked_is_excused_for_two_weeks_at_most_and_by_a_waiver_alone() {
    let attacked = Finding { rule: "DEP-002".parse().unwrap(), ..vulnerable("GHSA-1", "CVE-1") };
    let until = |day: &str| policy(vec![waiver(&format!("id = \"CVE-1\"\nuntil = {day}"))]);
    assert_eq!(fate(&until("2026-08-03"), &attacked), "waived");
    let long = until("2026-08-04");
    assert_eq!(fate(&long, &attacked), "blocking");
    assert!(remarks(&long, vec![attacked.clone()])[0].1.contains("for 14 days at most"));
    assert_eq!(fate(&long, &vulnerable("GHSA-1", "CVE-1")), "waived", "it is not attacked");
    let kept = Policy { baseline: Baseline::of([&attacked]), ..policy(Vec::new()) };
    assert_eq!(fate(&kept, &attacked), "blocking");
    let commented = Finding { allow: Some(Allow::Comment("please".to_owned())), ..attacked };
    assert_eq!(fate(&policy(Vec::new()), &commented), "blocking");
}

#[test]
fn malice_is_never_excused() {
    let malice = Finding {
        severity: Severity::Low,
        action: Action::Warn,
        standing: Standing::Existing,
        allow: Some(Allow::Comment("please".to_owned())),
        ..vulnerable("GHSA-1", "MAL-2026-1")
    };
    let mut policy = policy(vec![waiver("scope = \"**\"\napproved-by = \"bob\"")]);
    policy.options.fail_on = FailOn::At(Severity::Critical);
    assert_eq!(fate(&policy, &malice), "blocking");
    assert_eq!(fate(&policy, &finding("DEP-003", "a.lock")), "blocking");
    assert!(remarks(&policy, vec![malice.clone()])[0].1.contains("nothing excuses"));
    policy.options.fail_on = FailOn::Never;
    assert_eq!(fate(&policy, &malice), "advisory");
}

#[test]
fn waiver_outweighs_baseline_outweighs_comment() {
    let allow = Some(Allow::Comment("docs".to_owned()));
    let subject = Finding { allow, ..finding("CI-001", "a.yml") };
    let mut policy = policy(vec![waiver("id = \"CI-001\"")]);
    policy.baseline = Baseline::of([&subject]);
    let waived_by = |policy: &Policy| policy.decide(vec![subject.clone()]).findings.remove(0);
    let by_waiver = waived_by(&policy).disposition;
    assert!(matches!(by_waiver, Disposition::Waived(WaivedBy::Waiver { .. })));
    policy.waivers.clear();
    assert_eq!(fate(&policy, &subject), "baselined");
    policy.baseline = Baseline::default();
    assert_eq!(waived_by(&policy).disposition.as_str(), "waived");
    policy.options.inline_allow = false;
    assert_eq!(fate(&policy, &subject), "blocking");
}

#[test]
fn a_baseline_reads_back_and_stale_entries_are_noted() {
    let hostile = Finding {
        location: Location {
            path: RepoPath::new(b"a b%\n\xFF".to_vec()),
            ..finding("CI-001", "").location
        },
        ..finding("CI-001", "x")
    };
    let baseline = Baseline::of([&finding("CI-002", "b.yml"), &hostile]);
    let text = baseline.render();
    assert_eq!(Baseline::parse(&text).unwrap(), baseline);
    assert_eq!(Baseline::parse(&text.replace('\n', "\r\n")).unwrap(), baseline);
    assert_eq!(text.lines().count(), 3);
    assert!(baseline.excuses(&hostile, TODAY));
    let policy = Policy { baseline, ..policy(Vec::new()) };
    assert!(remarks(&policy, vec![hostile])[0].1.starts_with("1 baseline entry matches nothing"));
}

#[test]
fn a_broken_baseline_names_its_line() {
    let text = Baseline::of([&finding("CI-001", "a.yml")]).render();
    let broken = |more: &str| Baseline::parse(&format!("{text}{more}\n")).unwrap_err().to_string();
    for more in ["<<<<<<< HEAD", "0123 CI-001 a.yml", "zz", "  "] {
        let parsed = Baseline::parse(&format!("{text}{more}\n"));
        assert_eq!(parsed.is_ok(), more.trim().is_empty(), "{more:?}");
    }
    assert!(broken("=======").starts_with("line 3: "));
    assert_eq!(Baseline::parse(""), Err(BaselineError::Header));
}

#[test]
fn a_baseline_keeps_its_key_and_what_was_written_of_its_entries() {
    let finding = finding("CI-001", "a.yml");
    let bare = Baseline::of([&finding]).with_key(Some(RepositoryKey::new([7; 16])));
    let mut text = bare.render().trim_end().to_owned();
    text.push_str(" until=2026-07-20 owner=ann reason=the vendor's = own\n");
    let read = Baseline::parse(&text).unwrap();
    assert_eq!((read.key(), read.render()), (bare.key(), text.clone()));
    assert_eq!(bare.annotated(&read).because("another"), read);
    assert!(read.excuses(&finding, TODAY));
    let later = Policy { baseline: read, today: date(2026, 7, 21), ..policy(Vec::new()) };
    assert_eq!(fate(&later, &finding), "blocking");
    let remark = &remarks(&later, vec![finding])[0];
    assert!(remark.1.contains("past `until`") && remark.1.contains("back"), "{remark:?}");
    for broken in ["until=2026-7-20", "until=soon", "owner=", "because", "owner=a b"] {
        let text = text.replace("until=2026-07-20 owner=ann", broken);
        assert!(Baseline::parse(&text).is_err(), "{broken}");
    }
    let twice = text.replacen("# key", "# key 00000000000000000000000000000000\n# key", 1);
    assert_eq!(Baseline::parse(&twice), Err(BaselineError::Key(3)));
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let severity = prop::sample::select(vec![
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ]);
    let confidence =
        prop::sample::select(vec![Confidence::Low, Confidence::Medium, Confidence::High]);
    let rule = prop::sample::select(vec!["CI-001", "GATE-001", "DEP-003", "secret/pat"]);
    (rule, severity, confidence, any::<[bool; 3]>()).prop_map(|(rule, severity, confidence, is)| {
        Finding {
            severity,
            confidence,
            action: if is[0] { Action::Block } else { Action::Warn },
            standing: if is[1] { Standing::Introduced } else { Standing::Existing },
            allow: is[2].then(|| Allow::Comment("docs".to_owned())),
            ..finding(rule, "a.yml")
        }
    })
}

fn any_waiver() -> impl Strategy<Value = Waiver> {
    let target = prop::sample::select(vec![
        "id = \"CI-001\"",
        "id = \"GATE-001\"",
        "scope = \"**\"",
        "scope = \"**\"\napproved-by = \"bob\"",
        "id = \"secret/pat\"\nuntil = 2020-01-01",
    ]);
    target.prop_map(waiver)
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let fail_on = prop::sample::select(FailOn::ALL);
    let waivers = prop::collection::vec(any_waiver(), 0..3);
    (waivers, fail_on, any::<bool>(), prop::option::of(any::<u16>())).prop_map(
        |(waivers, fail_on, block, days)| {
            let mut policy = policy(waivers);
            policy.options = Options { fail_on, max_waiver_days: days, ..Options::default() };
            policy.existing = if block { Existing::Block } else { Existing::Report };
            policy
        },
    )
}

fn blocking(policy: &Policy, findings: &[Finding]) -> Vec<bool> {
    let decided = policy.decide(findings.to_vec()).findings.into_iter();
    decided.map(|decided| decided.disposition == Disposition::Blocking).collect()
}

/// Whether everything that is in `less` is in `more` as well.
fn within(less: &[bool], more: &[bool]) -> bool {
    less.iter().zip(more).all(|(less, more)| !less || *more)
}

proptest! {
    #[test]
    fn no_finding_is_lost(
        policy in any_policy(), findings in prop::collection::vec(any_finding(), 0..6),
    ) {
        let verdict = policy.decide(findings.clone());
        let kept: Vec<_> = verdict.findings.into_iter().map(|decided| decided.finding).collect();
        prop_assert_eq!(&kept, &findings);
        let counts = verdict.counts;
        let sum = counts.blocking + counts.advisory + counts.baselined + counts.waived;
        prop_assert_eq!(sum, findings.len());
        prop_assert_eq!(verdict.decision == Decision::Block, counts.blocking > 0);
    }

    #[test]
    fn another_waiver_never_blocks_more(
        policy in any_policy(), more in any_waiver(),
        findings in prop::collection::vec(any_finding(), 0..6),
    ) {
        let before = blocking(&policy, &findings);
        let mut wider = policy;
        wider.waivers.push(more);
        prop_assert!(within(&blocking(&wider, &findings), &before));
    }

    #[test]
    fn a_lower_threshold_never_blocks_less(
        policy in any_policy(), findings in prop::collection::vec(any_finding(), 0..6),
    ) {
        let at = |fail_on| {
            let options = Options { fail_on, ..policy.options.clone() };
            blocking(&Policy { options, ..policy.clone() }, &findings)
        };
        for pair in FailOn::ALL.windows(2) {
            prop_assert!(within(&at(pair[1]), &at(pair[0])));
        }
    }
}
