//! Zips by HTTP, kept on disk and asked for again only if they changed (`ETag`, RFC 9110 section
//! 8.8.3).
//!
//! A copy is replaced whole or not at all. When the network fails, a copy that was confirmed within
//! the allowed age is used, with a warning; an older one is not.

use super::AdvisoryError;
use super::location::without_credentials;
use crate::finding::{Level, Notice};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use tempfile::NamedTempFile;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

/// How often a request is sent before the network is said to have failed.
const TRIES: u32 = 3;

/// The pause before the second try; each further one doubles it.
const PAUSE: Duration = Duration::from_millis(250);

/// How long connecting, and each silence of the server, may last.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest download, in bytes; the largest real one has about 150 MB.
const LARGEST: u64 = 2 << 30;

/// How downloads are kept and when they are too old.
#[derive(Debug, Clone)]
pub(super) struct Cache<'a> {
    /// Where copies are kept.
    pub folder: &'a Path,
    /// Whether the network may be used.
    pub offline: bool,
    /// The time.
    pub now: Timestamp,
    /// How many days a copy may serve without having been confirmed.
    pub max_age_days: u32,
}

/// What a download came to.
pub(super) enum Fetched {
    /// The zip, with a remark if it could not be confirmed.
    Copy(PathBuf, Option<Notice>),
    /// The server has no such file.
    Absent,
}

enum Reply {
    Unchanged,
    Replaced,
    Absent,
}

impl Cache<'_> {
    /// The zip at `url`, from the network or from its copy.
    pub(super) fn fetch(&self, url: &str) -> Result<Fetched, AdvisoryError> {
        let copy = Copy::of(url, self.folder);
        let shown = without_credentials(url);
        if self.offline {
            return match copy.fault(self) {
                None => Ok(Fetched::Copy(copy.zip, None)),
                Some(fault) => Err(AdvisoryError::Offline { url: shown, copy: fault }),
            };
        }
        match retried(|| copy.refresh(url)) {
            Ok(Reply::Unchanged | Reply::Replaced) => Ok(Fetched::Copy(copy.zip, None)),
            Ok(Reply::Absent) => Ok(Fetched::Absent),
            Err(why) => match copy.fault(self) {
                None => {
                    let text = format!("{shown} did not answer ({why}): an earlier copy is used");
                    Ok(Fetched::Copy(copy.zip, Some(Notice::new(Level::Warning, text))))
                }
                Some(fault) => Err(AdvisoryError::Download { url: shown, why, copy: fault }),
            },
        }
    }
}

/// Sends a request again after failures that may pass; what the server refuses it will refuse
/// again.
fn retried(mut send: impl FnMut() -> Result<Reply, Failure>) -> Result<Reply, String> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match send() {
            Err(Failure::MayPass(_)) => thread::sleep(pause),
            Err(Failure::Final(why)) => return Err(why),
            Ok(reply) => return Ok(reply),
        }
        pause *= 2;
    }
    send().map_err(|failure| match failure {
        Failure::MayPass(why) | Failure::Final(why) => why,
    })
}

enum Failure {
    MayPass(String),
    Final(String),
}

/// A zip on disk, and beside it the tag under which the server knows it. The tag's time is when the
/// server last confirmed it.
struct Copy {
    zip: PathBuf,
    tag: PathBuf,
}

impl Copy {
    fn of(url: &str, folder: &Path) -> Self {
        let mut name = String::new();
        for byte in Sha256::digest(without_credentials(url)).iter().take(16) {
            write!(name, "{byte:02x}").unwrap_or_default();
        }
        Self { zip: folder.join(format!("{name}.zip")), tag: folder.join(format!("{name}.etag")) }
    }

    /// Why the copy cannot serve, if it cannot.
    fn fault(&self, cache: &Cache<'_>) -> Option<&'static str> {
        let confirmed = fs::metadata(&self.tag).and_then(|tag| tag.modified()).ok();
        let confirmed = confirmed.and_then(|time| Timestamp::try_from(time).ok());
        let Some(confirmed) = confirmed.filter(|_| self.zip.is_file()) else {
            return Some("there is no earlier copy");
        };
        let seconds = cache.now.as_second() - confirmed.as_second();
        let old = seconds > i64::from(cache.max_age_days) * 24 * 60 * 60;
        old.then_some("the earlier copy is too old ([dependencies] max-age-days)")
    }

    fn refresh(&self, url: &str) -> Result<Reply, Failure> {
        let known = fs::read_to_string(&self.tag).ok().filter(|_| self.zip.is_file());
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .build()
            .into();
        let mut request = agent.get(url);
        if let Some(tag) = known.as_deref().filter(|tag| !tag.is_empty()) {
            request = request.header("If-None-Match", tag);
        }
        let reply = request.call().map_err(|why| Failure::MayPass(why.to_string()))?;
        let status = reply.status();
        match status {
            StatusCode::NOT_MODIFIED => {
                self.confirm(known.as_deref().unwrap_or("")).map(|()| Reply::Unchanged)
            }
            StatusCode::NOT_FOUND => Ok(Reply::Absent),
            StatusCode::OK => self.replace(reply).map(|()| Reply::Replaced),
            _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Failure::MayPass(format!("the server says {status}")))
            }
            _ => Err(Failure::Final(format!("the server says {status}"))),
        }
    }

    /// The zip first, the tag second: a run that dies in between asks for the zip once more.
    fn replace(&self, mut reply: Response<Body>) -> Result<(), Failure> {
        let tag =
            reply.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or("").to_owned();
        let promised = reply.body().content_length();
        let folder = self.zip.parent().unwrap_or(Path::new("."));
        let disk = |why: io::Error| Failure::Final(format!("{}: {why}", folder.display()));
        fs::create_dir_all(folder).map_err(disk)?;
        let mut file = NamedTempFile::new_in(folder).map_err(disk)?;
        let mut body = reply.body_mut().with_config().limit(LARGEST).reader();
        let received =
            io::copy(&mut body, &mut file).map_err(|why| Failure::MayPass(why.to_string()))?;
        if promised.is_some_and(|promised| promised != received) {
            return Err(Failure::MayPass(format!("the answer ended after {received} bytes")));
        }
        file.persist(&self.zip).map_err(|why| disk(why.error))?;
        self.confirm(&tag)
    }

    fn confirm(&self, tag: &str) -> Result<(), Failure> {
        let folder = self.tag.parent().unwrap_or(Path::new("."));
        let write = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(folder)?;
            io::Write::write_all(&mut file, tag.as_bytes())?;
            file.persist(&self.tag)?;
            File::open(&self.tag).map(drop)
        };
        write().map_err(|why| Failure::Final(format!("{}: {why}", self.tag.display())))
    }
}
