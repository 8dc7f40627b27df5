//! How each tool is told to do the same job.
//!
//! Each writes a report of what it finds as JSON, asks no network, and uses its own defaults for what it
//! looks at and for: those are what its users have. betterleaks 2, gitleaks 8 and kingfisher 2 were run
//! with these command lines; those of the others are from their documentation.

use crate::floor::FLOOR;
use crate::git::GIT;
use crate::mode::{Job, Mode};
use crate::peer::Kind;

/// The arguments of a tool; none if it cannot do the job.
pub(crate) fn arguments(kind: Kind, job: &Job, report: &str) -> Option<Vec<String>> {
    match kind {
        Kind::Lockkeeper => Some(lockkeeper(job, report)),
        Kind::Floor => Some(words([FLOOR, job.mode.name(), &job.folder, &job.base])),
        Kind::Git => (job.mode == Mode::History)
            .then(|| words([GIT, &job.folder, &job.lists.display().to_string()])),
        Kind::Gix => gix(job),
        Kind::GixUnhashed => gix(job).map(|it| [it, words(["--unhashed"])].concat()),
        Kind::Betterleaks => Some(betterleaks(job, report)),
        Kind::Gitleaks => Some(gitleaks(job, report)),
        Kind::Kingfisher => Some(kingfisher(job, report)),
        Kind::Trufflehog => Some(trufflehog(job)),
        Kind::Noseyparker => noseyparker(job, report),
        Kind::Ripsecrets => (job.mode == Mode::Worktree).then(|| words([&job.folder])),
    }
}

fn lockkeeper(job: &Job, report: &str) -> Vec<String> {
    let mut words = words(["scan", &job.folder, "--only=secrets", "--offline", "--no-progress"]);
    words.push(format!("--jobs={}", job.threads));
    words.push(format!("--report=json={report}"));
    match job.mode {
        Mode::History => words.extend(["--history".to_owned(), "--all".to_owned()]),
        Mode::Range => words.push(format!("--range={}..HEAD", job.base)),
        Mode::Staged => words.push("--staged".to_owned()),
        Mode::Worktree => words.push("--worktree".to_owned()),
    }
    words
}

fn gix(job: &Job) -> Option<Vec<String>> {
    (job.mode == Mode::History).then(|| words([&job.folder, &job.threads.to_string()]))
}

fn betterleaks(job: &Job, report: &str) -> Vec<String> {
    let what = if job.mode == Mode::Worktree { "filesystem" } else { "git" };
    let mut words = words([what, &job.folder, "--no-banner", "--no-color", "--log-level=error"]);
    words.extend(["--exit-code=0".to_owned(), format!("--output={report}")]);
    match job.mode {
        Mode::Range => words.push(format!("--log-opts={}..HEAD", job.base)),
        Mode::Staged => words.push("--staged".to_owned()),
        Mode::History | Mode::Worktree => {}
    }
    words
}

fn gitleaks(job: &Job, report: &str) -> Vec<String> {
    let what = if job.mode == Mode::Worktree { "dir" } else { "git" };
    let mut words = words([what, &job.folder, "--no-banner", "--no-color", "--log-level=error"]);
    words.extend(["--exit-code=0", "--report-format=json"].map(str::to_owned));
    words.push(format!("--report-path={report}"));
    match job.mode {
        Mode::Range => words.push(format!("--log-opts={}..HEAD", job.base)),
        Mode::Staged => words.extend(["--pre-commit".to_owned(), "--staged".to_owned()]),
        Mode::History | Mode::Worktree => {}
    }
    words
}

fn kingfisher(job: &Job, report: &str) -> Vec<String> {
    let mut words = words(["scan", &job.folder, "--no-validate", "--no-update-check", "--quiet"]);
    words.push(format!("--jobs={}", job.threads));
    words.extend(["--format=json".to_owned(), format!("--output={report}")]);
    match job.mode {
        Mode::History => {}
        Mode::Range => {
            words.extend([format!("--since-commit={}", job.base), "--branch=HEAD".to_owned()]);
        }
        Mode::Staged => words.push("--staged".to_owned()),
        Mode::Worktree => words.push("--git-history=none".to_owned()),
    }
    words
}

fn trufflehog(job: &Job) -> Vec<String> {
    let mut words = match job.mode {
        Mode::Worktree => words(["filesystem", &job.folder]),
        Mode::History | Mode::Range | Mode::Staged => {
            words(["git", &format!("file://{}", job.folder), "--trust-local-git-config"])
        }
    };
    words.extend(["--no-verification", "--no-update", "--json", "--no-color"].map(str::to_owned));
    words.extend(["--fail-on-scan-errors".to_owned(), format!("--concurrency={}", job.threads)]);
    match job.mode {
        Mode::Range => {
            words.extend([format!("--since-commit={}", job.base), "--branch=HEAD".to_owned()]);
        }
        Mode::Staged => words.push("--since-commit=HEAD".to_owned()),
        Mode::History | Mode::Worktree => {}
    }
    words
}

/// Its report is a folder that it keeps its findings in.
fn noseyparker(job: &Job, report: &str) -> Option<Vec<String>> {
    let history = match job.mode {
        Mode::History => "--git-history=full",
        Mode::Worktree => "--git-history=none",
        Mode::Range | Mode::Staged => return None,
    };
    let mut words = words(["scan", &job.folder, history, "--progress=never"]);
    words.extend([format!("--datastore={report}"), format!("--jobs={}", job.threads)]);
    Some(words)
}

fn words<const COUNT: usize>(words: [&str; COUNT]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
