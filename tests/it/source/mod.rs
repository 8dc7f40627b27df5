//! What each kind of source pushes, through the library's own way in.

mod ci;
mod history;
mod incomplete;
mod labels;
mod merges;
mod model;
mod opening;
mod push;
mod range;
mod sifted;
mod staged;
mod worktree;

use lockkeeper::finding::{Level, Notice};
use lockkeeper::source::{
    Change, Commit, Coverage, Entry, GitEnvironment, Label, LabelKind, Request, Sink, Source,
    SourceError, open,
};
use std::path::Path;
use std::sync::Mutex;

/// A sink that keeps everything.
#[derive(Default)]
struct Collector {
    files: Mutex<Vec<File>>,
    commits: Mutex<Vec<Commit>>,
    labels: Mutex<Vec<Label>>,
    notices: Mutex<Vec<Notice>>,
}

/// One pushed file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    path: String,
    commit: Option<String>,
    entry: String,
    content: String,
    /// The bytes that are new.
    new: String,
}

impl Sink for Collector {
    fn change(&self, change: &Change<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let new = change.new_ranges().iter().map(|range| text(&change.bytes[range.clone()]));
        self.files.lock().unwrap().push(File {
            path: change.path.to_string(),
            commit: change.commit.map(ToString::to_string),
            entry: format!("{:?}", change.entry),
            content: text(change.bytes),
            new: new.collect(),
        });
    }

    fn commit(&self, commit: &Commit) {
        self.commits.lock().unwrap().push(commit.clone());
    }

    fn label(&self, label: &Label) {
        self.labels.lock().unwrap().push(label.clone());
    }

    fn notice(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }
}

/// A sink that keeps nothing.
struct Ignorer;

impl Sink for Ignorer {
    fn change(&self, _: &Change<'_>) {}

    fn commit(&self, _: &Commit) {}

    fn label(&self, _: &Label) {}

    fn notice(&self, _: Notice) {}
}

/// Everything that one visit pushed, sorted.
struct Look {
    source: Box<dyn Source>,
    coverage: Coverage,
    files: Vec<File>,
    commits: Vec<Commit>,
    labels: Vec<Label>,
    notices: Vec<Notice>,
}

impl Look {
    /// Paths and what is new at each, in order.
    fn new_lines(&self) -> Vec<(&str, &str)> {
        self.files.iter().map(|file| (file.path.as_str(), file.new.as_str())).collect()
    }

    fn paths(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.path.as_str()).collect()
    }

    fn messages(&self, level: Level) -> Vec<String> {
        let of_level = self.notices.iter().filter(|notice| notice.level == level);
        let text = |notice: &Notice| match &notice.path {
            Some(path) => format!("{path}: {}", notice.message),
            None => notice.message.clone(),
        };
        of_level.map(text).collect()
    }

    /// Names and texts of one kind, in order.
    fn labels(&self, kind: LabelKind) -> Vec<(&str, &str)> {
        let of_kind = self.labels.iter().filter(|label| label.kind == kind);
        of_kind
            .map(|label| (label.name.as_str(), std::str::from_utf8(&label.text).unwrap()))
            .collect()
    }

    fn head_paths(&self) -> Vec<String> {
        self.source.head().paths().unwrap().iter().map(ToString::to_string).collect()
    }

    fn delta(&self) -> Vec<(String, String)> {
        let delta = self.source.delta().unwrap();
        delta.iter().map(|d| (d.path.to_string(), format!("{:?}", d.status))).collect()
    }
}

fn look_with(path: &Path, request: &Request, environment: &GitEnvironment) -> Look {
    try_look(path, request, environment).unwrap_or_else(|error| panic!("{error}"))
}

fn try_look(
    path: &Path,
    request: &Request,
    environment: &GitEnvironment,
) -> Result<Look, SourceError> {
    let source = open(path, request, environment)?;
    let collector = Collector::default();
    let coverage = source.visit(&collector)?;
    let mut files = collector.files.into_inner().unwrap();
    files.sort();
    let mut commits = collector.commits.into_inner().unwrap();
    commits.sort_by(|a, b| a.id.cmp(&b.id));
    let mut notices = collector.notices.into_inner().unwrap();
    notices.sort();
    let mut labels = collector.labels.into_inner().unwrap();
    labels.sort_by(|a, b| {
        (&a.commit, a.kind, &a.name, &a.text).cmp(&(&b.commit, b.kind, &b.name, &b.text))
    });
    Ok(Look { source, coverage, files, commits, labels, notices })
}

fn look(path: &Path, request: &Request) -> Look {
    look_with(path, request, &GitEnvironment::default())
}

fn range(path: &Path, spec: &str) -> Look {
    look(path, &Request::Range(spec.to_owned()))
}

fn history(path: &Path) -> Look {
    look(path, &Request::History { all: false })
}

fn staged(path: &Path) -> Look {
    look(path, &Request::Staged)
}

fn worktree(path: &Path) -> Look {
    look(path, &Request::Worktree)
}

/// Why something cannot be looked at.
fn complaint(path: &Path, request: &Request) -> String {
    let found = try_look(path, request, &GitEnvironment::default());
    found.err().expect("it cannot be looked at").to_string()
}

/// The word for a kind of entry, as [`File`] keeps it.
fn kind(entry: Entry) -> String {
    format!("{entry:?}")
}
