use super::inventory::{collect, gone};
use super::standing::Before;
use super::*;
use crate::advisory::{Exploited, ExploitedFiles, Index, LoadOptions, Location, Network};
use crate::detect::Snapshot;
use crate::finding::{Action, Confidence, Finding, Level, RepoPath, Severity, Standing, Subject};
use crate::lockfile::{Format, Locked, Origin, ParseError, Reading};
use crate::package::{Ecosystem, Package};
use crate::source::{Delta, SourceError, Status, Tree};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A lockfile of `ecosystem name version [dev] [git|path]` lines, so that these tests stand apart
/// from the formats. The version `?` is the one that the file `versions` says.
struct Plain;

static PLAIN: Plain = Plain;

impl Format for Plain {
    fn name(&self) -> &'static str {
        "plain.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.file_name() == b"plain.lock"
    }

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn stands_alone(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let lines =
            text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let locked: Result<Vec<_>, _> = lines
            .map(|(at, line)| match line.split(' ').collect::<Vec<_>>().as_slice() {
                [ecosystem, name, version, words @ ..] => Ok(Locked {
                    dev: Some(words.contains(&"dev")),
                    ..Locked::new(
                        Package {
                            ecosystem: ecosystem.parse().unwrap(),
                            name: (*name).to_owned(),
                            version: (*version).to_owned(),
                        },
                        ParseError::new(at + 1, "").line,
                        origin(words),
                    )
                }),
                _ if line == "nothing" => Err(ParseError::new(0, "nothing is locked")),
                _ => Err(ParseError::new(at + 1, "three words are needed")),
            })
            .filter(|locked| !matches!(locked, Err(error) if error.message == "nothing is locked"))
            .collect();
        locked.map(Reading::from)
    }

    fn read_in(
        &self,
        text: &str,
        _path: &RepoPath,
        tree: &dyn Fn(&RepoPath) -> Option<String>,
    ) -> Result<Reading, ParseError> {
        let text = match tree(&RepoPath::from("versions")) {
            Some(version) => text.replace('?', version.trim()),
            None => text.to_owned(),
        };
        self.read(&text)
    }
}

fn origin(words: &[&str]) -> Origin {
    match words.last() {
        Some(&"git") => Origin::Git("https://git.example.org/x".to_owned()),
        Some(&"path") => Origin::Path("here".to_owned()),
        _ => Origin::Registry(None),
    }
}

#[derive(Default)]
pub(super) struct Files(BTreeMap<RepoPath, Vec<u8>>);

impl Files {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let entry = |(path, text): &(&str, &str)| (RepoPath::from(*path), text.as_bytes().to_vec());
        Self(files.iter().map(entry).collect())
    }
}

impl Tree for Files {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        Ok(self.0.keys().cloned().collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.0.get(path).cloned())
    }
}

fn index(wanted: &BTreeSet<Ecosystem>) -> Index {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/advisories");
    let locations = ["osv", "rustsec"].map(|name| Location::Path(root.join(name)));
    let options = LoadOptions {
        cache: PathBuf::new(),
        network: Network::Off,
        max_age_days: 7,
        now: jiff::Timestamp::UNIX_EPOCH,
        backoff: std::time::Duration::ZERO,
    };
    Index::load(&locations, wanted, &options).unwrap()
}

/// A catalogue with one CVE in it, and a table of scores with another.
fn exploited(listed: &str, scored: &str) -> Exploited {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let kev = file("kev.csv", format!("cveID,dateAdded\n{listed},2026-01-02\n"));
    let comment = "#model_version:v1,score_date:2026-07-20T00:00:00Z";
    let epss = format!("{comment}\ncve,epss,percentile\n{scored},0.874,0.99\n");
    let epss = file("epss.csv", epss);
    Exploited::load(&ExploitedFiles { kev, epss, threshold: 0.5 }).unwrap()
}

fn inventory(tree: &dyn Tree) -> Inventory {
    collect(tree, |path| PLAIN.claims(path).then_some(&PLAIN as &'static dyn Format)).unwrap()
}

fn deltas(head: &Files, base: Option<&Files>) -> Vec<Delta> {
    let Some(base) = base else { return Vec::new() };
    let paths: BTreeSet<_> = base.0.keys().chain(head.0.keys()).cloned().collect();
    let changed = paths.into_iter().filter_map(|path| {
        let status = match (base.0.get(&path), head.0.get(&path)) {
            (Some(a), Some(b)) if a == b => return None,
            (Some(_), Some(_)) => Status::Modified,
            (None, _) => Status::Added,
            (_, None) => Status::Deleted,
        };
        Some(Delta { path, status })
    });
    changed.collect()
}

fn run(head: &Files, base: Option<&Files>, options: &Options) -> Audit {
    run_with(head, base, options, &Exploited::default())
}

fn run_with(head: &Files, base: Option<&Files>, options: &Options, exploited: &Exploited) -> Audit {
    let delta = deltas(head, base);
    let snapshot = Snapshot { head, base: base.map(|base| base as &dyn Tree), delta: &delta };
    let index = index(&Ecosystem::ALL.iter().copied().collect());
    audit(&inventory(head), &snapshot, known(&index, exploited), options)
}

fn known<'a>(index: &'a Index, exploited: &'a Exploited) -> Known<'a> {
    Known { index, exploited, gap: Level::Error }
}

fn findings(text: &str) -> Vec<Finding> {
    run(&Files::new(&[("plain.lock", text)]), None, &Options::default()).findings
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn a_vulnerable_package_is_found_at_its_name() {
    let found = findings("# locked\nRubyGems rack 2.2.3\nRubyGems rack 2.2.7\n");
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!(finding.rule.as_str(), "DEP-001");
    assert_eq!((finding.severity, finding.confidence), (Severity::High, Confidence::High));
    assert_eq!((finding.action, finding.standing), (Action::Block, Standing::Introduced));
    assert_eq!(
        finding.message,
        "rack 2.2.3 has GHSA-2222-rack-0001: Multipart parsing takes unbounded time"
    );
    assert_eq!(finding.fix, "upgrade rack 2.2.3 to 2.2.6.4: fixes 1 (high)");
    let (start, end) = (finding.location.start, finding.location.end);
    assert_eq!((start.line.get(), start.column.get(), end.column.get()), (2, 10, 14));
    let Subject::Package(vulnerability) = &finding.subject else { panic!() };
    assert_eq!(vulnerability.aliases, ["CVE-2024-90001"]);
    assert_eq!(vulnerability.fixed, ["2.0.9.1", "2.1.4.1", "2.2.6.4"]);
    assert_eq!(
        vulnerability.url.as_deref(),
        Some("https://github.com/advisories/GHSA-2222-rack-0001")
    );
}

#[test]
fn malware_and_what_is_no_vulnerability_have_rules_of_their_own() {
    let found = findings(
        "npm flatmap-stream 0.1.1\ncrates.io ansi_term 0.1.0\ncrates.io owning 0.4.0\n\
         crates.io rustdecimal 1.0.0\ncrates.io withdrawn 1.0.0\n",
    );
    assert_eq!(rules(&found), ["DEP-003", "DEP-011", "DEP-011", "DEP-003"]);
    let actions: Vec<_> = found.iter().map(|finding| finding.action).collect();
    assert_eq!(actions, [Action::Block, Action::Warn, Action::Warn, Action::Block]);
    assert_eq!(found[0].severity, Severity::Critical);
    assert!(
        found[1].message.contains("is unmaintained (RUSTSEC-2024-9002)"),
        "{}",
        found[1].message
    );
}

#[test]
fn records_of_several_databases_are_one_finding() {
    let found = findings("crates.io time 0.1.4\nPyPI Flask_Admin 1.5.0\n");
    assert_eq!(rules(&found), ["DEP-001", "DEP-001"]);
    assert!(found[0].message.contains("RUSTSEC-2024-9001"));
    assert!(found[1].fix.contains("1.6.1"), "{}", found[1].fix);
}

#[test]
fn a_version_that_is_locked_twice_is_found_once_and_each_version_apart() {
    let found = findings("npm left-pad 1.1.0 dev\nnpm left-pad 1.0.0\nnpm left-pad 1.1.0\n");
    let told: Vec<_> = found
        .iter()
        .map(|finding| match &finding.subject {
            Subject::Package(it) => {
                (finding.location.start.line.get(), it.package.version.as_str(), it.dev)
            }
            Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => panic!(),
        })
        .collect();
    assert_eq!(told, [(1, "1.1.0", Some(false)), (2, "1.0.0", Some(false))]);
}

#[test]
fn the_projects_own_packages_are_passed_over_and_those_from_git_are_less_sure() {
    let found = findings("npm left-pad 1.1.0 path\nRubyGems rack 2.2.3 git\n");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].confidence, Confidence::Medium);
}

#[test]
fn ranges_that_a_database_could_not_express_are_said_to_be_wide() {
    let found = findings("Go example.org/answer v2.1.0\n");
    assert_eq!(found[0].confidence, Confidence::Medium);
    assert!(found[0].fix.contains("could not express"), "{}", found[0].fix);
}

#[test]
fn what_the_base_locked_already_is_existing_and_an_upgrade_is_not() {
    let base = Files::new(&[("a/plain.lock", "npm left-pad 1.0.0\nRubyGems rack 2.2.3\n")]);
    let head = Files::new(&[("a/plain.lock", "npm left-pad 1.1.0\nRubyGems rack 2.2.3\n")]);
    let standings = |options: &Options| -> Vec<_> {
        run(&head, Some(&base), options).findings.iter().map(|it| it.standing).collect()
    };
    assert_eq!(standings(&Options::default()), [Standing::Introduced, Standing::Existing]);
    let strict = Options { existing: Existing::Block, ..Options::default() };
    assert_eq!(standings(&strict), [Standing::Introduced, Standing::Introduced]);
}

#[test]
fn a_lockfile_that_moved_brings_nothing_and_one_that_was_copied_does() {
    let lock = "npm left-pad 1.0.0\n";
    let base = Files::new(&[("a/plain.lock", lock)]);
    let moved = run(&Files::new(&[("b/plain.lock", lock)]), Some(&base), &Options::default());
    assert_eq!(moved.findings[0].standing, Standing::Existing);
    let both = Files::new(&[("a/plain.lock", lock), ("b/plain.lock", lock)]);
    let copied = run(&both, Some(&base), &Options::default());
    let standings: Vec<_> = copied.findings.iter().map(|finding| finding.standing).collect();
    assert_eq!(standings, [Standing::Existing, Standing::Introduced]);
}

#[test]
fn a_version_that_another_file_says_is_upgraded_where_that_file_changes() {
    let tree = |version: &str| {
        let lock = "RubyGems rack ?\nnpm left-pad 1.0.0\n";
        Files::new(&[("plain.lock", lock), ("versions", version)])
    };
    let standings = |base: &str, head: &str| -> Vec<_> {
        let (base, head) = (tree(base), tree(head));
        let audit = run(&head, Some(&base), &Options::default());
        audit.findings.iter().map(|it| it.standing).collect()
    };
    let (new, old) = (Standing::Introduced, Standing::Existing);
    assert_eq!(standings("2.2.7", "2.2.3"), [new, old]);
    assert_eq!(standings("2.2.3", "2.2.3"), [old, old]);
}

#[test]
fn malware_blocks_although_it_was_there_before_and_is_for_development() {
    let tree = || Files::new(&[("plain.lock", "npm flatmap-stream 0.1.1 dev\n")]);
    let options = Options { ignore_dev: true, ..Options::default() };
    let audit = run(&tree(), Some(&tree()), &options);
    assert_eq!(audit.findings[0].standing, Standing::Introduced);
    assert_eq!(audit.findings[0].action, Action::Block);
}

#[test]
fn what_is_attacked_blocks_although_it_was_there_before_and_says_who_knows() {
    let tree = || Files::new(&[("plain.lock", "RubyGems rack 2.2.3\nnpm left-pad 1.0.0\n")]);
    let found = |listed: &str, scored: &str| {
        let exploited = exploited(listed, scored);
        run_with(&tree(), Some(&tree()), &Options::default(), &exploited).findings
    };
    let known = found("CVE-2024-90001", "CVE-1999-1");
    assert_eq!(rules(&known), ["DEP-002", "DEP-001"]);
    assert_eq!((known[0].severity, known[0].action), (Severity::Critical, Action::Block));
    assert_eq!([known[0].standing, known[1].standing], [Standing::Introduced, Standing::Existing]);
    let said = "rack 2.2.3 has GHSA-2222-rack-0001, known to be exploited (listed by CISA since \
                2026-01-02): Multipart";
    assert!(known[0].message.starts_with(said), "{}", known[0].message);
    assert_eq!(known[0].fix, "upgrade rack 2.2.3 to 2.2.6.4: fixes 1 (critical)");
    let likely = found("CVE-1999-1", "CVE-2024-90001");
    assert_eq!(rules(&likely), ["DEP-002", "DEP-001"]);
    let said = ", likely to be exploited (87 % in 30 days, EPSS of 2026-07-20): ";
    assert!(likely[0].message.contains(said), "{}", likely[0].message);
    assert_ne!(known[0].fingerprint, found("CVE-1999-1", "CVE-1999-1")[0].fingerprint);
}

#[test]
fn what_is_attacked_can_be_spared_where_it_serves_development_and_malware_stays_malware() {
    let head = Files::new(&[("plain.lock", "RubyGems rack 2.2.3 dev\nnpm flatmap-stream 0.1.1\n")]);
    let options = Options { ignore_dev: true, ..Options::default() };
    let exploited = exploited("CVE-2024-90001", "CVE-2024-90001");
    let found = run_with(&head, None, &options, &exploited).findings;
    assert_eq!(rules(&found), ["DEP-002", "DEP-003"]);
    assert_eq!([found[0].action, found[1].action], [Action::Warn, Action::Block]);
}

#[test]
fn packages_for_development_can_be_spared() {
    let head = Files::new(&[("plain.lock", "npm left-pad 1.0.0 dev\nRubyGems rack 2.2.3\n")]);
    let options = Options { ignore_dev: true, ..Options::default() };
    let actions: Vec<_> = run(&head, None, &options).findings.iter().map(|it| it.action).collect();
    assert_eq!(actions, [Action::Warn, Action::Block]);
}

const STDLIB: &str = r#"{"schema_version": "1.7.0", "id": "GO-2024-90009",
    "modified": "2024-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": "Go", "name": "stdlib"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.23.4"}]}]}]}"#;

#[test]
fn advisories_on_gos_standard_library_are_a_remark_unless_they_are_to_block() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("GO-2024-90009.json"), STDLIB).unwrap();
    let options = LoadOptions {
        cache: PathBuf::new(),
        network: Network::Off,
        max_age_days: 7,
        now: jiff::Timestamp::UNIX_EPOCH,
        backoff: std::time::Duration::ZERO,
    };
    let place = [Location::Path(folder.path().to_owned())];
    let index = Index::load(&place, &BTreeSet::from([Ecosystem::Go]), &options).unwrap();
    let judge = |release: &str, go_stdlib| {
        let text = format!("module x\n\ngo {release}\n\nrequire example.org/a v1.0.0\n");
        let head = Files::new(&[("go.mod", &text)]);
        let snapshot = Snapshot { head: &head, base: None, delta: &[] };
        let inventory = collect(&head, crate::lockfile::format_of).unwrap();
        let options = Options { go_stdlib, ..Options::default() };
        audit(&inventory, &snapshot, known(&index, &Exploited::default()), &options)
    };
    let told = |audit: &Audit| audit.notices.iter().any(|it| it.message.contains("GO-2024-90009"));
    let report = judge("1.23.3", GoStdlib::Report);
    assert_eq!((report.findings.len(), told(&report)), (0, true));
    let block = judge("1.23.3", GoStdlib::Block);
    assert_eq!((block.findings.len(), told(&block)), (1, false));
    let place = block.findings[0].location.start;
    assert_eq!((place.line.get(), block.findings[0].action), (3, Action::Block));
    let fixed = judge("1.23.4", GoStdlib::Report);
    assert_eq!((fixed.findings.len(), told(&fixed)), (0, false));
}

#[test]
fn what_another_file_brings_is_introduced_though_the_lockfile_stays() {
    let central = |version: &str| {
        format!(
            "<Project><ItemGroup><PackageVersion Include='X' Version='{version}'/></ItemGroup>\
             </Project>"
        )
    };
    let project =
        "<Project><ItemGroup><PackageReference Include='X'/></ItemGroup></Project>".to_owned();
    let files = |version| {
        Files::new(&[("a/a.csproj", &project), ("Directory.Packages.props", &central(version))])
    };
    let (head, base) = (files("2.0.0"), files("1.0.0"));
    let path = RepoPath::from("Directory.Packages.props");
    let delta = [Delta { path, status: Status::Modified }];
    let snapshot = Snapshot { head: &head, base: Some(&base), delta: &delta };
    let inventory = collect(&head, crate::lockfile::format_of).unwrap();
    let of_project = inventory.lockfiles.iter().find(|it| it.path.as_str() == Some("a/a.csproj"));
    let before = Before::new(of_project.unwrap(), &snapshot);
    let package = |version: &str| Package {
        ecosystem: Ecosystem::NuGet,
        name: "X".to_owned(),
        version: version.to_owned(),
    };
    assert_eq!(before.standing(&package("1.0.0")), Standing::Existing);
    assert_eq!(before.standing(&package("2.0.0")), Standing::Introduced);
}

#[test]
fn a_base_that_cannot_be_read_makes_everything_new_and_is_told() {
    let base = Files::new(&[("plain.lock", "broken\n")]);
    let head = Files::new(&[("plain.lock", "RubyGems rack 2.2.3\n")]);
    let audit = run(&head, Some(&base), &Options::default());
    assert_eq!(audit.findings[0].standing, Standing::Introduced);
    assert!(audit.notices.iter().any(|it| it.message.contains("before the change")));
}

#[test]
fn every_lockfile_that_cannot_be_read_is_an_error_and_the_rest_is_judged() {
    let mut head = Files::new(&[
        ("a/plain.lock", "npm left-pad 1.0.0\nbroken\n"),
        ("c/plain.lock", "RubyGems rack 2.2.3\n"),
    ]);
    head.0.insert("b/plain.lock".into(), b"npm a 1\n\xff".to_vec());
    let audit = run(&head, None, &Options::default());
    assert_eq!((audit.findings.len(), audit.lockfiles, audit.packages), (1, 1, 1));
    let told: Vec<_> =
        audit.notices.iter().map(|it| (it.level, it.path.clone().unwrap())).collect();
    assert_eq!(
        told,
        [(Level::Error, "a/plain.lock".into()), (Level::Error, "b/plain.lock".into())]
    );
    assert!(audit.notices.iter().all(|it| it.message.contains("line 2")), "{:?}", audit.notices);
}

#[test]
fn a_lockfile_without_packages_is_told_unless_it_is_blank() {
    let notices = |text| inventory(&Files::new(&[("plain.lock", text)])).notices;
    assert_eq!(notices("nothing\n")[0].level, Level::Warning);
    assert!(notices("\n# just a comment\n").is_empty() && notices("").is_empty());
}

#[test]
fn a_lockfile_that_is_removed_is_told_unless_it_moved() {
    let base = Files::new(&[("a/plain.lock", "npm left-pad 1.0.0\n")]);
    let told = |head: &Files| {
        let delta = deltas(head, Some(&base));
        let snapshot = Snapshot { head, base: Some(&base), delta: &delta };
        gone(&snapshot, |path| PLAIN.claims(path).then_some(&PLAIN as &'static dyn Format))
    };
    let removed = told(&Files::default());
    assert_eq!((removed.len(), removed[0].level), (1, Level::Warning));
    assert!(removed[0].message.contains("is removed"), "{}", removed[0].message);
    assert!(told(&Files::new(&[("b/plain.lock", "")])).is_empty());
    assert!(told(&base).is_empty());
}

#[test]
fn an_ecosystem_without_advisories_is_an_error() {
    let head = Files::new(&[("plain.lock", "RubyGems rack 2.2.3\nnpm mine 1.0.0 path\n")]);
    let snapshot = Snapshot { head: &head, base: None, delta: &[] };
    let index = index(&BTreeSet::from([Ecosystem::Go]));
    let exploited = Exploited::default();
    let known = known(&index, &exploited);
    let audit = audit(&inventory(&head), &snapshot, known, &Options::default());
    assert!(audit.findings.is_empty());
    let told: Vec<_> =
        audit.notices.iter().map(|it| (it.level, it.message.contains("RubyGems"))).collect();
    assert_eq!(told, [(Level::Error, true)], "npm is not asked for by the project's own package");
}

#[test]
fn nothing_of_a_lockfile_reaches_a_message_as_a_control_character() {
    let found = findings("Go example.org/answer v1.0.0\u{1b}[31m\u{202e}\n");
    assert!(!found.is_empty());
    for finding in found {
        let text = finding.message + &finding.fix;
        assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
    }
}

#[test]
fn fingerprints_follow_the_package_and_the_advisory_and_not_the_place() {
    let one = findings("RubyGems rack 2.2.3\n");
    let other = findings("\n\nRubyGems rack 2.2.5 dev\nnpm left-pad 1.0.0\n");
    assert_eq!(one[0].fingerprint, other[0].fingerprint);
    assert_ne!(one[0].fingerprint, other[1].fingerprint);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let files: Vec<_> = (0..20).map(|at| format!("{at}/plain.lock")).collect();
    let text = "RubyGems rack 2.2.3\nbroken-not-here a b\n".replace("broken-not-here", "npm");
    let files: Vec<_> = files.iter().map(|path| (path.as_str(), text.as_str())).collect();
    let head = Files::new(&files);
    let shown = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| format!("{:?}", run(&head, None, &Options::default())))
    };
    assert_eq!(shown(1), shown(6));
}

#[test]
fn options_have_their_defaults_and_refuse_what_they_do_not_know() {
    let read = toml::from_str::<Options>;
    assert_eq!(read("").unwrap(), Options::default());
    let options = read("existing = \"block\"\nignore-dev = true\nmax-age-days = 1").unwrap();
    assert_eq!(
        (options.existing, options.ignore_dev, options.max_age_days),
        (Existing::Block, true, 1)
    );
    let options = read("kev = \"kev.json\"\nepss-threshold = 0.1").unwrap();
    assert_eq!((options.kev.as_deref(), options.epss_threshold.get()), (Some("kev.json"), 0.1));
    for wrong in ["0", "0.0", "1.5", "-1", "nan", "\"0.5\""] {
        let text = format!("epss-threshold = {wrong}");
        assert!(toml::from_str::<Options>(&text).is_err(), "{wrong}");
    }
    assert_eq!(read("go-stdlib = \"block\"").unwrap().go_stdlib, GoStdlib::Block);
    assert!(read("ignore_dev = true").is_err() && read("existing = \"maybe\"").is_err());
}

proptest! {
    #[test]
    fn a_base_never_adds_or_drops_a_finding(
        head in prop::sample::subsequence(vec!["npm left-pad 1.0.0", "npm left-pad 1.1.0", "RubyGems rack 2.2.3", "npm flatmap-stream 0.1.1"], 0..=4),
        base in prop::sample::subsequence(vec!["npm left-pad 1.0.0", "npm left-pad 1.1.0", "RubyGems rack 2.2.3", "broken"], 0..=4),
    ) {
        let head = Files::new(&[("plain.lock", &head.join("\n"))]);
        let base = Files::new(&[("plain.lock", &base.join("\n"))]);
        let prints = |base| run(&head, base, &Options::default()).findings.iter().map(|it| it.fingerprint).collect::<Vec<_>>();
        prop_assert_eq!(prints(Some(&base)), prints(None));
    }
}
