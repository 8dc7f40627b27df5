use super::super::tests::Files;
use super::*;
use crate::finding::{Level, RepoPath};
use crate::lockfile::{Format, Origin, ParseError, Reading};
use crate::package::{Ecosystem, Package};
use crate::source::{Delta, Status};
use std::collections::BTreeSet;

/// A lockfile of `name version licence` lines; a dash stands for none.
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

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let lines = text.lines().enumerate().map(|(at, line)| {
            let words: Vec<_> = line.splitn(3, ' ').collect();
            let (name, version) = (words[0].to_owned(), words[1].to_owned());
            let package = Package { ecosystem: Ecosystem::Npm, name, version };
            let line = ParseError::new(at + 1, "").line;
            let licence = Some(words[2].to_owned()).filter(|text| text != "-");
            Locked { licence, ..Locked::new(package, line, Origin::Registry(None)) }
        });
        Ok(Reading::from(lines.collect::<Vec<_>>()))
    }
}

fn options(text: &str) -> DependencyOptions {
    toml::from_str(text).unwrap()
}

fn inventory(text: &str) -> Inventory {
    let Reading { packages, passed_over, declared } = PLAIN.read(text).unwrap();
    let (path, text) = (RepoPath::from("web/plain.lock"), text.to_owned());
    let (format, consulted) = (&PLAIN, BTreeSet::new());
    let lockfile = Lockfile { path, format, text, packages, passed_over, declared, consulted };
    Inventory { lockfiles: vec![lockfile], notices: Vec::new() }
}

fn found(config: &str, lock: &str, files: &[(&str, &str)]) -> Vec<Finding> {
    let head = Files::new(files);
    let snapshot = Snapshot { head: &head, base: None, delta: &[] };
    licences(&inventory(lock), &snapshot, &options(config)).0
}

fn told(config: &str, lock: &str) -> Vec<(u32, Action, Severity)> {
    let found = found(config, lock, &[]);
    found.iter().map(|it| (it.location.start.line.get(), it.action, it.severity)).collect()
}

const LOCK: &str =
    "a 1.0.0 MIT\nb 1.0.0 GPL-3.0-only\nc 1.0.0 MIT OR GPL-3.0-only\nd 1.0.0 -\ne 1.0.0 BSD\n";

const UNKNOWN: [(u32, Action, Severity); 2] =
    [(4, Action::Warn, Severity::Low), (5, Action::Warn, Severity::Low)];

#[test]
fn nothing_is_looked_at_until_the_project_asks() {
    assert_eq!(told("", LOCK), []);
    assert_eq!(told("[licences]", LOCK), UNKNOWN);
}

#[test]
fn what_is_denied_blocks_and_a_choice_is_taken() {
    let denied = (2, Action::Block, Severity::High);
    for config in ["[licences]\ndeny = ['GPL-3.0']", "[licences]\nallow = ['MIT']"] {
        assert_eq!(told(config, LOCK), [vec![denied], UNKNOWN.to_vec()].concat(), "{config}");
    }
}

#[test]
fn an_unknown_licence_is_an_outcome_of_its_own() {
    assert_eq!(told("[licences]\nunknown = 'ignore'", LOCK), []);
    let block = |line| (line, Action::Block, Severity::High);
    assert_eq!(told("[licences]\nunknown = 'block'", LOCK), [block(4), block(5)]);
    let found = found("[licences]", LOCK, &[]);
    assert!(found[0].message.contains("nothing here states one"), "{}", found[0].message);
    assert!(found[1].message.contains("\"BSD\" is none of SPDX's"), "{}", found[1].message);
    assert!(matches!(&found[1].subject, Subject::Licence(it) if it.licence.is_none()));
}

#[test]
fn an_exception_is_of_one_package_and_one_licence() {
    let with = |exception: &str| {
        let config = format!(
            "[licences]\nallow = ['MIT']\nunknown = 'block'\n[[licences.exceptions]]\n{exception}"
        );
        told(&config, LOCK).into_iter().map(|(line, ..)| line).collect::<Vec<_>>()
    };
    let reason = "reason = 'a tool that we do not ship'";
    assert_eq!(with(&format!("package = 'b'\nlicence = 'GPL-3.0-only'\n{reason}")), [4, 5]);
    assert_eq!(with(&format!("package = 'b'\nlicence = 'ISC'\n{reason}")), [2, 4, 5]);
    assert_eq!(with(&format!("package = 'e'\nlicence = 'BSD-3-Clause'\n{reason}")), [2, 4]);
}

#[test]
fn a_setting_that_means_nothing_is_an_error() {
    for (text, said) in [
        ("[licences]\nallow = ['Apache2.1']", "did you mean \"Apache-2.0\"?"),
        ("[licences]\nunknown = 'maybe'", "unknown variant `maybe`"),
        ("[licences]\nalow = []", "unknown field `alow`"),
        ("[licences]\nexceptions = [{ package = 'a', licence = 'MIT' }]", "missing field `reason`"),
        ("[licences]\nexceptions = [{ package = 'a', licence = 'MIT', reason = '' }]", "is empty"),
    ] {
        let error = toml::from_str::<DependencyOptions>(text).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_installed_beside_the_lockfile_says_its_licence() {
    let manifest = "{\"version\": \"1.0.0\", \"license\": \"GPL-2.0\"}";
    let config = "[licences]\ndeny = ['GPL-2.0']\nunknown = 'ignore'";
    let found = |path: &str| found(config, "@s/d 1.0.0 -\n", &[(path, manifest)]).len();
    assert_eq!(found("web/node_modules/@s/d/package.json"), 1);
    assert_eq!(found("web/node_modules/.pnpm/@s+d@1.0.0/node_modules/@s/d/package.json"), 1);
    assert_eq!(found("node_modules/@s/d/package.json"), 0);
}

#[test]
fn a_name_leads_to_no_file_elsewhere() {
    let manifest = "{\"version\": \"1.0.0\", \"license\": \"GPL-2.0\"}";
    let config = "[licences]\ndeny = ['GPL-2.0']\nunknown = 'ignore'";
    for name in ["../x", "a/../../x", "/x", "./x", "a//x", "x\\..", ""] {
        let lock = format!("{name} 1.0.0 -\n");
        let paths = ["web/node_modules/../x/package.json", "web/x/package.json", "/x/package.json"];
        let files: Vec<_> = paths.iter().map(|path| (*path, manifest)).collect();
        assert_eq!(found(config, &lock, &files).len(), 0, "{name}");
    }
}

#[test]
fn only_what_the_change_brought_is_introduced() {
    let (head, base) =
        (Files::new(&[]), Files::new(&[("web/plain.lock", "b 1.0.0 GPL-3.0-only\nd 1.0.0 -\n")]));
    let path = RepoPath::from("web/plain.lock");
    let delta = [Delta { path, status: Status::Modified }];
    let snapshot = Snapshot { head: &head, base: Some(&base), delta: &delta };
    // The format of the test is known to its own inventory alone.
    let lock = "b 1.0.0 GPL-3.0-only\nd 1.0.0 -\nn 1.0.0 GPL-3.0-only\n";
    let config = options("[licences]\ndeny = ['GPL-3.0']");
    let (found, notices) = licences(&inventory(lock), &snapshot, &config);
    let told: Vec<_> = found.iter().map(|it| (it.location.start.line.get(), it.standing)).collect();
    assert_eq!(told, [(1, Standing::Existing), (3, Standing::Introduced)]);
    assert!(notices.iter().all(|notice| notice.level < Level::Error));
}
