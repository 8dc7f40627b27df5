//! A generated history against a model that is too simple to be wrong.

use super::{history, range};
use crate::repo::{Files, Repo};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A file is a set of lines, so that "new" needs no diff.
type Tree = BTreeMap<String, BTreeSet<u8>>;

/// What a commit does.
#[derive(Debug, Clone)]
enum Step {
    /// Writes some lines to a file of one branch.
    Write { branch: usize, file: usize, lines: BTreeSet<u8> },
    /// Removes a file of one branch, if it is there.
    Remove { branch: usize, file: usize },
    /// Merges the other branch into one, with a file written by hand.
    Merge { into: usize, file: usize, lines: BTreeSet<u8> },
}

const BRANCHES: [&str; 2] = ["main", "topic"];

fn step() -> impl Strategy<Value = Step> {
    let lines = || prop::collection::btree_set(b'a'..=b'f', 1..4);
    prop_oneof![
        4 => (0..2_usize, 0..3_usize, lines())
            .prop_map(|(branch, file, lines)| Step::Write { branch, file, lines }),
        1 => (0..2_usize, 0..3_usize).prop_map(|(branch, file)| Step::Remove { branch, file }),
        2 => (0..2_usize, 0..3_usize, lines())
            .prop_map(|(into, file, lines)| Step::Merge { into, file, lines }),
    ]
}

/// Folders differ, so that names can; file names do too, so that nothing looks moved.
fn name(file: usize) -> String {
    ["a", "dir/b", "dir/deep/c"][file].to_owned()
}

/// A line tells its file, so that no two files ever share a blob.
fn text(file: &str, lines: &BTreeSet<u8>) -> String {
    let lines = lines.iter().map(|line| format!("{file} {}\n", char::from(*line)));
    lines.collect::<Vec<_>>().concat()
}

/// Every new line as `(path, line)`, as often as a commit brings it.
type News = BTreeMap<(String, String), usize>;

fn count(news: &mut News, path: &str, text: &str) {
    for line in text.lines() {
        *news.entry((path.to_owned(), line.to_owned())).or_default() += 1;
    }
}

/// The repository and, by the plain definition, what is new in it.
struct Model {
    repo: Repo,
    tips: [Tree; 2],
    news: News,
}

/// Follows the steps; at the end the branches are joined.
fn build(steps: &[Step]) -> (Repo, News) {
    let first = Tree::from([(name(0), BTreeSet::from([b'a']))]);
    let repo = Repo::new().commit("start", |files| fill(files, &first)).branch(BRANCHES[1]);
    let mut model = Model { repo, tips: [first.clone(), first.clone()], news: News::new() };
    model.count(&first, &[]);
    let Model { repo, news, .. } = steps.iter().fold(model, Model::step);
    (repo.checkout(BRANCHES[0]).merge("join", &[BRANCHES[1]], |files| files), news)
}

impl Model {
    fn step(mut self, step: &Step) -> Self {
        let (on, is_merge) = match step {
            Step::Write { branch, .. } | Step::Remove { branch, .. } => (*branch, false),
            Step::Merge { into, .. } => (*into, true),
        };
        let mut parents = vec![self.tips[on].clone()];
        let mut tree = self.tips[on].clone();
        if is_merge {
            parents.push(self.tips[1 - on].clone());
            tree = self.tips[1 - on].clone().into_iter().chain(tree).collect();
        }
        match step {
            Step::Write { file, lines, .. } | Step::Merge { file, lines, .. } => {
                tree.insert(name(*file), lines.clone());
            }
            Step::Remove { file, .. } => {
                tree.remove(&name(*file));
            }
        }
        self.count(&tree, &parents);
        let repo = self.repo.checkout(BRANCHES[on]);
        self.repo = if is_merge {
            repo.merge("merge", &[BRANCHES[1 - on]], |files| fill(files, &tree))
        } else {
            repo.commit("step", |files| fill(files, &tree))
        };
        self.tips[on] = tree;
        self
    }

    /// A line is new if its file differs from that file in every parent, and no parent has it
    /// there.
    fn count(&mut self, tree: &Tree, parents: &[Tree]) {
        let touched = |path: &String, lines| parents.iter().all(|p| p.get(path) != Some(lines));
        for (path, lines) in tree.iter().filter(|(path, lines)| touched(path, lines)) {
            let old: BTreeSet<u8> =
                parents.iter().filter_map(|parent| parent.get(path)).flatten().copied().collect();
            count(&mut self.news, path, &text(path, &(lines - &old)));
        }
    }
}

fn fill<'r>(files: Files<'r>, tree: &Tree) -> Files<'r> {
    tree.iter().fold(files.clear(), |files, (path, lines)| files.write(path, text(path, lines)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_new_lines_of_a_history_are_those_of_the_model(steps in prop::collection::vec(step(), 0..10)) {
        let (repo, expected) = build(&steps);
        let join = repo.id("HEAD").to_string();
        let seen = history(repo.path());
        let mut news = News::new();
        // How the last merge resolves is the builder's choice, not a step's.
        for file in seen.files.iter().filter(|file| file.commit.as_ref() != Some(&join)) {
            count(&mut news, &file.path, &file.new);
        }
        prop_assert_eq!(news, expected);
    }

    #[test]
    fn a_history_is_its_first_commit_and_the_range_after(steps in prop::collection::vec(step(), 0..10)) {
        let (repo, _) = build(&steps);
        let first = seen_first(&repo);
        let whole = history(repo.path());
        let rest = range(repo.path(), &format!("{first}..HEAD"));
        prop_assert_eq!(whole.coverage.commits, rest.coverage.commits + 1);
        let after: Vec<_> = whole.files.iter().filter(|file| file.commit.as_ref() != Some(&first)).collect();
        prop_assert_eq!(after, rest.files.iter().collect::<Vec<_>>());
    }
}

fn seen_first(repo: &Repo) -> String {
    let commits = history(repo.path()).commits;
    commits.iter().find(|commit| commit.parents.is_empty()).unwrap().id.to_string()
}
