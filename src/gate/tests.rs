use super::*;
use crate::finding::{Fingerprint, InlineAllow, LineCol, Location, RepoPath, Salt, Subject};
use proptest::prelude::*;

const TODAY: Date = jiff::civil::date(2026, 11, 23);

fn finding(rule: &str, severity: Severity) -> Finding {
    Finding {
        rule: rule.parse().unwrap(),
        severity,
        confidence: Confidence::High,
        action: Action::Block,
        standing: Standing::Introduced,
        message: "something".to_owned(),
        fix: "mend it".to_owned(),
        subject: Subject::Policy,
        location: Location {
            path: RepoPath::from("app/main.rb"),
            start: LineCol::START,
            end: LineCol::START,
            commit: None,
        },
        fingerprint: Fingerprint::new(&Salt::new(b"test"), &[rule.as_bytes()]),
        line_hash: None,
        allow: None,
    }
}

fn waiver(text: &str) -> Waiver {
    let common = "reason = \"r\"\nowner = \"ada\"\n";
    toml::from_str(&format!("{common}{text}")).unwrap()
}

fn policy(waivers: Vec<Waiver>) -> Policy {
    Policy {
        options: Options::default(),
        existing: Existing::Reports,
        waivers,
        baseline: Baseline::default(),
        today: TODAY,
    }
}

fn decide(policy: &Policy, finding: Finding) -> (Disposition, Vec<Notice>) {
    let verdict = policy.decide(vec![finding]);
    (verdict.findings[0].disposition.clone(), verdict.notices)
}

#[test]
fn the_threshold_the_confidence_the_action_and_the_standing_all_have_a_say() {
    let policy = policy(Vec::new());
    let high = finding("X-1", Severity::High);
    assert_eq!(decide(&policy, high.clone()).0, Disposition::Blocking);
    let weaker = [
        Finding { severity: Severity::Medium, ..high.clone() },
        Finding { confidence: Confidence::Low, ..high.clone() },
        Finding { action: Action::Warn, ..high.clone() },
        Finding { standing: Standing::Existing, ..high },
    ];
    for finding in weaker {
        assert_eq!(decide(&policy, finding).0, Disposition::Advisory);
    }
}

#[test]
fn a_waiver_holds_through_its_last_day_and_says_when_it_is_over() {
    let on = |until: &str| waiver(&format!("id = \"X-1\"\nuntil = {until}"));
    let found = finding("X-1", Severity::High);
    let (disposition, notices) = decide(&policy(vec![on("2026-11-23")]), found.clone());
    assert!(matches!(disposition, Disposition::Waived(_)));
    assert_eq!(notices[0].level, Level::Warning, "it ends soon");
    let (disposition, notices) = decide(&policy(vec![on("2026-11-22")]), found);
    assert_eq!(disposition, Disposition::Blocking);
    assert!(notices[0].message.contains("the finding is back"), "{notices:?}");
}

#[test]
fn a_waiver_is_about_its_scope_and_package_alone() {
    let with = |more: &str| waiver(&format!("id = \"X-1\"\nuntil = 2027-12-31\n{more}"));
    let found = finding("X-1", Severity::High);
    assert!(matches!(
        decide(&policy(vec![with("scope = \"app/**\"")]), found.clone()).0,
        Disposition::Waived(_)
    ));
    for more in ["scope = \"lib/**\"", "scope = \"*.rb\"", "package = \"rack\""] {
        let (disposition, notices) = decide(&policy(vec![with(more)]), found.clone());
        assert_eq!(disposition, Disposition::Blocking, "{more}");
        assert!(notices[0].message.contains("met no finding"), "{notices:?}");
    }
}

#[test]
fn the_gate_itself_is_waived_by_two_people_and_never_by_a_comment() {
    let with = |more: &str| waiver(&format!("id = \"GATE-001\"\nuntil = 2027-12-31\n{more}"));
    let mut found = finding("GATE-001", Severity::Critical);
    found.allow = Some(InlineAllow { reason: "trust me".to_owned() });
    for (more, waived) in
        [("", false), ("approved-by = \"ada\"", false), ("approved-by = \"eve\"", true)]
    {
        let (disposition, _) = decide(&policy(vec![with(more)]), found.clone());
        assert_eq!(matches!(disposition, Disposition::Waived(_)), waived, "{more}");
    }
}

#[test]
fn malware_passes_for_nobody() {
    let mut found = finding("DEP-003", Severity::Critical);
    found.allow = Some(InlineAllow { reason: "trust me".to_owned() });
    let mut policy =
        policy(vec![waiver("id = \"DEP-003\"\nuntil = 2027-12-31\napproved-by = \"eve\"")]);
    let text = Baseline::render(std::iter::once(&found));
    policy.baseline = Baseline::parse("b", &text).unwrap();
    assert_eq!(decide(&policy, found).0, Disposition::Blocking);
}

#[test]
fn what_a_baseline_renders_it_contains() {
    let found = finding("X-1", Severity::High);
    let mut policy = policy(Vec::new());
    policy.baseline = Baseline::parse("b", &Baseline::render(std::iter::once(&found))).unwrap();
    assert_eq!(decide(&policy, found).0, Disposition::Baselined);
    assert_eq!(decide(&policy, finding("X-2", Severity::High)).0, Disposition::Blocking);
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let severity = prop::sample::select(vec![
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ]);
    let rule = prop::sample::select(vec!["X-1", "X-2", "DEP-003", "GATE-001"]);
    (rule, severity).prop_map(|(rule, severity)| finding(rule, severity))
}

const LEVELS: [FailOn; 5] =
    [FailOn::None, FailOn::Critical, FailOn::High, FailOn::Medium, FailOn::Low];

proptest! {
    #[test]
    fn a_waiver_more_never_blocks_more(findings in prop::collection::vec(any_finding(), 0..8), id in "X-[12]") {
        let more = waiver(&format!("id = \"{id}\"\nuntil = 2027-12-31"));
        let without = policy(Vec::new()).decide(findings.clone()).count("blocking");
        prop_assert!(policy(vec![more]).decide(findings).count("blocking") <= without);
    }

    #[test]
    fn a_stricter_threshold_never_blocks_less(findings in prop::collection::vec(any_finding(), 0..8), at in 0_usize..4) {
        let blocking = |fail_on| {
            let mut policy = policy(Vec::new());
            policy.options.fail_on = fail_on;
            policy.decide(findings.clone()).count("blocking")
        };
        prop_assert!(blocking(LEVELS[at]) <= blocking(LEVELS[at + 1]));
    }

    #[test]
    fn nothing_is_dropped(findings in prop::collection::vec(any_finding(), 0..8)) {
        let verdict = policy(vec![waiver("id = \"X-1\"\nuntil = 2027-12-31")]).decide(findings.clone());
        let back: Vec<_> = verdict.findings.into_iter().map(|decided| decided.finding).collect();
        prop_assert_eq!(back, findings);
    }
}
