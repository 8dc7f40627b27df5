//! Repositories of advisories, fetched by running `git`: our git library is built without network
//! transports.
//!
//! The remote is asked for its newest commit; a commit that is not kept yet is cloned beside its place,
//! alone, and moved there without its repository. Git is run without hooks, prompts, templates,
//! submodules, links and filters, and may use no transport but the one that the address names.

use super::age::{self, too_old};
use super::bucket::Network;
use super::error::AdvisoryError;
use super::index::LoadOptions;
use super::location::LocationError;
use super::osv::hex;
use super::summary::one_line;
use crate::finding::{Level, Notice};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a repository is, and which branch of it is meant.
#[derive(Clone, PartialEq, Eq)]
pub struct GitAddress {
    scheme: &'static str,
    /// What comes before the host's `@`.
    user: String,
    host_and_path: String,
    branch: Option<String>,
}

/// A commit's files.
#[derive(Debug)]
pub(super) struct Checkout {
    pub(super) folder: PathBuf,
    /// The address and the commit.
    pub(super) origin: String,
    pub(super) notice: Option<Notice>,
}

/// What is known of the files that are kept.
#[derive(Serialize, Deserialize)]
struct Label {
    commit: String,
    /// When the remote last said that this is its newest.
    checked: Timestamp,
}

impl GitAddress {
    /// Reads what follows `git+`: the address of a repository, and after a `#` its branch.
    pub(super) fn parse(scheme: &str, rest: &str) -> Result<Self, LocationError> {
        let known = ["https", "http", "ssh", "file"].into_iter();
        let scheme = known
            .into_iter()
            .find(|known| scheme.eq_ignore_ascii_case(known))
            .ok_or_else(|| LocationError::Scheme(format!("git+{scheme}")))?;
        let (rest, branch) = rest.split_once('#').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let clean = |text: &str| !text.chars().any(|c| c.is_control() || c == ' ');
        let hosted = scheme == "file" || !host.is_empty();
        if !hosted || path.is_empty() || !clean(branch) || (scheme != "file" && !clean(rest)) {
            return Err(LocationError::Malformed);
        }
        Ok(Self {
            scheme,
            user: user.to_owned(),
            host_and_path: format!("{host}/{}", path.trim_end_matches('/')),
            branch: Some(branch.to_owned()).filter(|branch| !branch.is_empty()),
        })
    }

    /// What git is told: not to be shown.
    fn request(&self) -> String {
        let at = if self.user.is_empty() { "" } else { "@" };
        format!("{}://{}{at}{}", self.scheme, self.user, self.host_and_path)
    }

    /// What git calls the commit that is wanted.
    fn reference(&self) -> String {
        self.branch.as_ref().map_or_else(|| "HEAD".to_owned(), |it| format!("refs/heads/{it}"))
    }

    fn failed(&self, why: &str) -> AdvisoryError {
        AdvisoryError::Git { address: self.to_string(), why: self.discreet(why) }
    }

    /// What git says, on one line and without what grants access.
    fn discreet(&self, text: &str) -> String {
        let shown = text.replace(&self.request(), &self.to_string());
        let parts = self.user.split(':').filter(|part| part.len() > 2 && *part != "git");
        one_line(&parts.fold(shown, |text, part| text.replace(part, "***")), 300)
    }
}

/// The address without what grants access; over ssh a user alone grants none.
impl fmt::Display for GitAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, user, host_and_path, branch } = self;
        let named = *scheme == "ssh" && !user.is_empty() && !user.contains(':');
        let (user, at) = if named { (user.as_str(), "@") } else { ("", "") };
        write!(f, "git+{scheme}://{user}{at}{host_and_path}")?;
        branch.iter().try_for_each(|branch| write!(f, "#{branch}"))
    }
}

impl fmt::Debug for GitAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GitAddress({self})")
    }
}

/// The files of the repository's newest commit: fetched, confirmed or, where it must be, as kept.
pub(super) fn obtain(
    address: &GitAddress,
    options: &LoadOptions,
) -> Result<Checkout, AdvisoryError> {
    let home = home(&options.cache, address);
    if options.network == Network::Off {
        let kept = kept(address, &home, options, (Level::Note, "the network is off"));
        let address = address.to_string();
        return kept.map_err(|cached| AdvisoryError::Offline { address, cached });
    }
    match fetch(address, &home, options.now) {
        Ok(commit) => Ok(checkout(address, &home, &commit, None)),
        Err(why) if options.network == Network::Needed => Err(address.failed(&why)),
        Err(why) => {
            let why = address.discreet(&why);
            let kept = kept(address, &home, options, (Level::Warning, &why));
            let address = address.to_string();
            kept.map_err(|cached| AdvisoryError::Network { address, why, cached })
        }
    }
}

/// The folder of what is kept of a repository.
fn home(cache: &Path, address: &GitAddress) -> PathBuf {
    let name: String = hex(&Sha256::digest(address.to_string())).chars().take(16).collect();
    cache.join(format!("git-{name}"))
}

fn checkout(address: &GitAddress, home: &Path, commit: &str, notice: Option<Notice>) -> Checkout {
    let short: String = commit.chars().take(12).collect();
    let origin = format!("{address} at {short}");
    Checkout { folder: home.join(commit), origin, notice }
}

/// What was fetched last, if it is young enough; otherwise what there is in its stead.
fn kept(
    address: &GitAddress,
    home: &Path,
    options: &LoadOptions,
    (level, why): (Level, &str),
) -> Result<Checkout, String> {
    let label = fs::read(home.join("label.json")).ok();
    let label: Option<Label> = label.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let there = |label: &Label| is_commit(&label.commit) && home.join(&label.commit).is_dir();
    let label = label.filter(there).ok_or("there is no cached copy")?;
    let allowed = options.max_age_days;
    if let Some(age) = too_old(label.checked, options.now, allowed) {
        return Err(format!("the cached copy is {age}, and at most {allowed} days are allowed"));
    }
    let days = age::days(options.now.duration_since(label.checked)).max(0);
    let message = format!("{address}: {why}; the copy of {days} days ago is used");
    Ok(checkout(address, home, &label.commit, Some(Notice::new(level, message))))
}

/// Makes sure that the newest commit is there, and says which it is.
fn fetch(address: &GitAddress, home: &Path, now: Timestamp) -> Result<String, String> {
    let io = |error: std::io::Error| error.to_string();
    fs::create_dir_all(home).map_err(io)?;
    let url = address.request();
    let reference = address.reference();
    let listed = git(address, home, &["ls-remote", "--exit-code", "--", &url, &reference])?;
    let commit = listed.split_whitespace().next().unwrap_or_default();
    if !is_commit(commit) {
        return Err("it names no commit".to_owned());
    }
    let commit =
        if home.join(commit).is_dir() { commit.to_owned() } else { clone(address, home, &url)? };
    let label = serde_json::to_vec(&Label { commit: commit.clone(), checked: now });
    let mut file = tempfile::NamedTempFile::new_in(home).map_err(io)?;
    file.write_all(&label.map_err(|error| error.to_string())?).map_err(io)?;
    file.persist(home.join("label.json")).map_err(|error| io(error.error))?;
    Ok(commit)
}

/// Clones the newest commit and moves its files to their place.
fn clone(address: &GitAddress, home: &Path, url: &str) -> Result<String, String> {
    let io = |error: std::io::Error| error.to_string();
    let new = tempfile::tempdir_in(home).map_err(io)?;
    let files = new.path().join("files");
    let target = files.to_str().ok_or("the cache's path is no text")?;
    let branch = address.branch.as_ref().map(|branch| format!("--branch={branch}"));
    let flags = ["clone", "--quiet", "--depth=1", "--no-tags", "--single-branch", "--template="];
    let tail = ["--no-recurse-submodules", "--", url, target];
    let arguments: Vec<_> = flags.into_iter().chain(branch.as_deref()).chain(tail).collect();
    git(address, home, &arguments)?;
    let commit = git(address, &files, &["rev-parse", "HEAD"])?.trim().to_owned();
    if !is_commit(&commit) {
        return Err("it names no commit".to_owned());
    }
    fs::remove_dir_all(files.join(".git")).map_err(io)?;
    let place = home.join(&commit);
    match fs::rename(&files, &place) {
        // Another run has put it there in the meantime.
        Err(_) if place.is_dir() => Ok(commit),
        moved => moved.map(|()| commit).map_err(io),
    }
}

/// Runs git and gives what it prints.
fn git(address: &GitAddress, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let transport = format!("protocol.{}.allow=always", address.scheme);
    let settings = [
        "protocol.allow=never",
        &transport,
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.symlinks=false",
        "core.autocrlf=false",
        "core.longpaths=true",
        "credential.interactive=false",
        "submodule.recurse=false",
        "advice.detachedHead=false",
        "gc.auto=0",
        "maintenance.auto=false",
        "http.lowSpeedLimit=100",
        "http.lowSpeedTime=60",
    ];
    let mut command = Command::new("git");
    for name in OF_THE_CALLER {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS", "")
        .env("GCM_INTERACTIVE", "never")
        .env("GIT_LFS_SKIP_SMUDGE", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(last.map_or_else(|| output.status.to_string(), str::to_owned))
}

/// Variables by which whoever runs us, a hook above all, tells git of another repository.
const OF_THE_CALLER: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_TEMPLATE_DIR",
];

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<GitAddress, LocationError> {
        let (scheme, rest) = text.split_once("://").unwrap();
        GitAddress::parse(scheme, rest)
    }

    #[test]
    fn what_grants_access_is_sent_and_never_shown() {
        let it = address("https://me:hidden@git.example.org/a/db.git#osv").unwrap();
        assert_eq!(it.request(), "https://me:hidden@git.example.org/a/db.git");
        assert_eq!(it.reference(), "refs/heads/osv");
        let shown =
            format!("{it} {it:?} {}", it.failed("no 'https://me:hidden@git.example.org/a/db.git'"));
        assert!(!shown.contains("hidden"), "{shown}");
        assert!(!it.discreet("wrong password hidden").contains("hidden"));
        let ssh = address("ssh://git@git.example.org/db").unwrap();
        assert_eq!(
            (ssh.to_string().as_str(), ssh.reference().as_str()),
            ("git+ssh://git@git.example.org/db", "HEAD")
        );
    }

    #[test]
    fn what_is_no_address_of_a_repository_is_refused() {
        for text in [
            "https://",
            "https:///x",
            "https://host",
            "https://a b/c",
            "https://h/p#a b",
            "file://",
        ] {
            assert_eq!(address(text), Err(LocationError::Malformed), "{text}");
        }
        assert!(matches!(address("ext://sh -c x/y"), Err(LocationError::Scheme(_))));
    }
}
