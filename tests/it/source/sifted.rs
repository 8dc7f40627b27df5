//! A whole history read in bulk against the same history read commit by commit.

use crate::repo::{Files, Repo};
use lockkeeper::detect::{policies, secrets};
use lockkeeper::finding::{Finding, Notice, Salt};
use lockkeeper::pipeline::Detectors;
use lockkeeper::rule::{builtin_policies, builtin_secrets, expand_from};
use lockkeeper::source::{
    Change, Commit, Coverage, GitEnvironment, Label, Request, Sieve, Sink, open,
};
use proptest::prelude::*;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

static DETECTORS: LazyLock<&Detectors> = LazyLock::new(|| {
    let rules = builtin_secrets().unwrap();
    let secrets = secrets::Detector::new(rules, &secrets::Options::default()).unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let rules = builtin_policies().unwrap();
    let policies = policies::Policies::new(rules, &policies::Options::default(), now).unwrap();
    let (secrets, policies) = (Some(secrets), Some(policies));
    Box::leak(Box::new(Detectors { secrets, policies, dependencies: None }))
});

/// Whether everything is pushed, or what the sieve lets through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Sifted,
}

/// Keeps what is found.
struct Scan {
    way: Way,
    found: Mutex<(Vec<String>, Vec<Notice>)>,
}

impl Scan {
    fn keep(&self, findings: &[Finding], notices: Vec<Notice>) {
        let mut found = self.found.lock().unwrap();
        found.0.extend(findings.iter().map(|finding| format!("{finding:?}")));
        found.1.extend(notices);
    }
}

impl Sink for Scan {
    fn change(&self, change: &Change<'_>) {
        let salt = || Salt::new("salt");
        let scanned = DETECTORS.secrets.as_ref().unwrap().scan(change, &salt);
        self.keep(&scanned.findings, scanned.notices);
        self.keep(&DETECTORS.policies.as_ref().unwrap().change(change), Vec::new());
    }

    fn commit(&self, commit: &Commit) {
        let salt = || Salt::new("salt");
        self.keep(&DETECTORS.secrets.as_ref().unwrap().commit(commit, &salt), Vec::new());
        self.keep(&DETECTORS.policies.as_ref().unwrap().commit(commit), Vec::new());
    }

    fn label(&self, label: &Label) {
        let salt = || Salt::new("salt");
        self.keep(&DETECTORS.secrets.as_ref().unwrap().label(label, &salt), Vec::new());
    }

    fn notice(&self, notice: Notice) {
        self.keep(&[], vec![notice]);
    }

    fn sieve(&self) -> Option<&dyn Sieve> {
        (self.way == Way::Sifted).then_some(*DETECTORS as &dyn Sieve)
    }
}

/// What a history holds, sorted.
fn look(path: &Path, all: bool, way: Way) -> (Coverage, Vec<String>, Vec<Notice>) {
    let scan = Scan { way, found: Mutex::default() };
    let source = open(path, &Request::History { all }, &GitEnvironment::default()).unwrap();
    let coverage = source.visit(&scan).unwrap();
    let (mut findings, mut notices) = scan.found.into_inner().unwrap();
    findings.sort();
    notices.sort();
    notices.dedup();
    (coverage, findings, notices)
}

fn assert_same(path: &Path) -> usize {
    for all in [true, false] {
        let (plain, sifted) = (look(path, all, Way::Plain), look(path, all, Way::Sifted));
        let only = |a: &[String], b: &[String]| {
            a.iter().filter(|finding| !b.contains(finding)).cloned().collect::<Vec<_>>()
        };
        assert_eq!(only(&plain.1, &sifted.1), only(&sifted.1, &plain.1), "missed, and made up");
        assert_eq!(plain, sifted);
    }
    look(path, true, Way::Plain).1.len()
}

/// What a commit does.
#[derive(Debug, Clone)]
enum Step {
    /// Replaces some lines of a file.
    Edit {
        branch: usize,
        file: usize,
        line: usize,
        text: usize,
    },
    /// Moves a file, or copies it with everything in it.
    Move {
        branch: usize,
        from: usize,
        to: usize,
    },
    Remove {
        branch: usize,
        file: usize,
    },
    /// Merges the others into a branch, with a file written by hand.
    Merge {
        branch: usize,
        octopus: bool,
        line: usize,
        text: usize,
    },
}

const BRANCHES: [&str; 3] = ["main", "topic", "other"];
const FILES: [&str; 6] =
    ["a.rb", "dir/b.yml", "dir/deep/Dockerfile", ".env", "x/a.rb", ".github/workflows/ci.yml"];

/// Lines that are found, that nearly are, and that are not; `n` seeds what is made up in them.
const LINES: [&str; 15] = [
    "plain words\n",
    "token = \"{github:ghp_}\"\n",
    "a {github:ghp_} b\n",
    "{github:ghp_}x\n",
    "url: https://user:{alnum:16}@db.internal.net/x\n",
    "image: mysql:latest\n",
    "uses: actions/checkout@v4\n",
    "FROM ruby:latest\n",
    "k = p\u{0430}ypal\n",
    "key%3D{github:ghp_}%26x\n",
    "aws_secret_access_key = {base64:40}\nAKIA{upper:16}\n",
    "{hex:40}\n",
    "API_TOKEN={alnum:32}\n",
    "db_password: \"{alnum:20}\"\n",
    "\0\u{1}binary\n",
];

fn line(text: usize) -> String {
    let template = LINES[text % LINES.len()];
    let seed = u64::try_from(text / LINES.len()).unwrap();
    expand_from(template, seed).map_or_else(|_| template.to_owned(), |expansion| expansion.text)
}

fn step() -> impl Strategy<Value = Step> {
    let (branch, file, at, text) = (0..3_usize, 0..6_usize, 0..12_usize, 0..45_usize);
    prop_oneof![
        6 => (branch.clone(), file.clone(), at.clone(), text.clone())
            .prop_map(|(branch, file, line, text)| Step::Edit { branch, file, line, text }),
        1 => (branch.clone(), file.clone(), file.clone())
            .prop_map(|(branch, from, to)| Step::Move { branch, from, to }),
        1 => (branch.clone(), file).prop_map(|(branch, file)| Step::Remove { branch, file }),
        2 => (branch, any::<bool>(), at, text)
            .prop_map(|(branch, octopus, line, text)| Step::Merge { branch, octopus, line, text }),
    ]
}

type Tree = std::collections::BTreeMap<usize, Vec<usize>>;

fn edit(tree: &mut Tree, file: usize, line: usize, text: usize) {
    let lines = tree.entry(file).or_insert_with(|| vec![0; 12]);
    lines[line] = text;
}

fn fill<'r>(files: Files<'r>, tree: &Tree) -> Files<'r> {
    let text = |lines: &Vec<usize>| lines.iter().map(|text| line(*text)).collect::<String>();
    tree.iter().fold(files.clear(), |files, (file, lines)| files.write(FILES[*file], text(lines)))
}

fn build(steps: &[Step]) -> Repo {
    let first = Tree::from([(0, (0..12).collect()), (1, vec![5; 12])]);
    let repo = Repo::new().commit("start", |files| fill(files, &first));
    let mut repo = repo.branch(BRANCHES[1]).branch(BRANCHES[2]);
    let mut trees = [first.clone(), first.clone(), first];
    for (number, step) in steps.iter().enumerate() {
        let (Step::Edit { branch, .. }
        | Step::Move { branch, .. }
        | Step::Remove { branch, .. }
        | Step::Merge { branch, .. }) = step;
        let others: Vec<_> = (0..3).filter(|other| other != branch).collect();
        let mut merged = Vec::<usize>::new();
        match step {
            Step::Edit { file, line, text, .. } => edit(&mut trees[*branch], *file, *line, *text),
            Step::Move { from, to, .. } => {
                let moved = trees[*branch].remove(from);
                trees[*branch].extend(moved.map(|lines| (*to, lines)));
            }
            Step::Remove { file, .. } => _ = trees[*branch].remove(file),
            Step::Merge { octopus, line, text, .. } => {
                merged.extend(others.iter().take(1 + usize::from(*octopus)));
                for other in &merged {
                    let theirs = trees[*other].clone();
                    let ours = std::mem::take(&mut trees[*branch]);
                    trees[*branch] = theirs.into_iter().chain(ours).collect();
                }
                edit(&mut trees[*branch], 0, *line, *text);
            }
        }
        let tree = trees[*branch].clone();
        let message = format!("step {number} {}", line(number).replace('\0', ""));
        repo = repo.checkout(BRANCHES[*branch]);
        repo = if merged.is_empty() {
            repo.commit(&message, |files| fill(files, &tree))
        } else {
            let names: Vec<_> = merged.iter().map(|other| BRANCHES[*other]).collect();
            repo.merge(&message, &names, |files| fill(files, &tree))
        };
    }
    repo.checkout(BRANCHES[0])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_history_in_bulk_is_the_history_commit_by_commit(
        steps in prop::collection::vec(step(), 0..24),
    ) {
        let repo = build(&steps);
        let found = assert_same(repo.path());
        repo.run_git(["gc", "--quiet"]);
        prop_assert_eq!(assert_same(repo.path()), found, "packed");
    }
}

#[test]
fn what_a_policy_finds_at_the_end_of_a_file_goes_with_a_copy_of_it() {
    let step = Step::Edit { branch: 1, file: 0, line: 11, text: 8 };
    let merge = Step::Merge { branch: 1, octopus: false, line: 0, text: 24 };
    let repo = build(&[Step::Remove { branch: 1, file: 0 }, step, merge]);
    repo.run_git(["gc", "--quiet"]);
    assert!(assert_same(repo.path()) > 0);
}

#[test]
fn what_lies_in_packs_and_beside_them_is_one_history() {
    let lines = |n: usize| (n..n + 14).map(line).collect::<String>();
    let repo = Repo::new().commit("one", |files| files.write("a", lines(1)));
    repo.run_git(["repack", "-a", "-d", "--quiet"]);
    let repo = repo.commit("two", |files| files.write("b", lines(15)).submodule("sub"));
    repo.run_git(["repack", "-d", "--quiet"]);
    let repo = repo.commit("three", |files| files.write("b", lines(29)).symlink("c", "a"));
    assert!(assert_same(repo.path()) > 0);
}

#[test]
fn what_is_lost_is_lost_either_way() {
    let repo = Repo::new().commit("one", |files| files.write("a", line(1)));
    repo.run_git(["gc", "--quiet"]);
    let lost = Repo::blob_id(&line(15));
    let repo = repo.commit("two", |files| files.write("a", line(15)));
    repo.lose(lost);
    let (sifted, plain) = (Way::Sifted, Way::Plain);
    assert!(!look(repo.path(), false, sifted).2.is_empty());
    assert_eq!(look(repo.path(), false, sifted), look(repo.path(), false, plain));
}

/// On a repository of one's own: `LOCKKEEPER_TEST_REPOSITORY` names it.
#[test]
#[ignore = "reads a whole history twice"]
#[expect(clippy::disallowed_methods, reason = "whoever runs it names the repository by it")]
fn a_real_history_in_bulk_is_the_same_commit_by_commit() {
    let path = std::env::var_os("LOCKKEEPER_TEST_REPOSITORY").expect("the variable names one");
    assert_same(Path::new(&path));
}
