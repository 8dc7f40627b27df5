//! Dumps fetched from a bucket laid out as OSV's: `<ecosystem>/all.zip`.
//!
//! What is fetched is kept, and asked for again by its tag; of what breaks off, the rest is asked for.
//! When the network fails, a copy that is young enough stands in, and the run says so; an older one
//! does not.

mod checksum;
mod partial;

use super::age;
use super::cache::{Cache, Copy, Label};
use super::error::AdvisoryError;
use super::index::LoadOptions;
use super::location::Address;
use super::osv;
use super::summary::one_line;
use crate::finding::{Level, Notice};
use crate::package::Ecosystem;
use checksum::Sums;
use partial::Partial;
use std::time::Duration;
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

/// How large a dump may be.
const LARGEST: u64 = 1 << 30;

/// How much of an answer is taken in at once.
const CHUNK: usize = 64 << 10;

/// How often a request is made before the network counts as failed.
const ATTEMPTS: u32 = 3;

/// Whether requests may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// They may; where they fail, what was kept may stand in.
    Allowed,
    /// They must be made: nothing stands in for an answer.
    Needed,
    /// Only the cache is read.
    Off,
}

/// A dump to read, with what its reader should know.
#[derive(Debug)]
pub(super) struct Dump {
    /// `None` where the bucket has none for the ecosystem.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) notice: Option<Notice>,
}

/// Forgets a dump that turned out to be none, so that it is asked for anew.
pub(super) fn forget(address: &Address, ecosystem: Ecosystem, options: &LoadOptions) {
    Cache::new(&options.cache, address).forget(ecosystem);
}

/// The ecosystem's dump of a bucket: fetched, confirmed or, where it must be, as it was kept.
pub(super) fn obtain(
    address: &Address,
    ecosystem: Ecosystem,
    options: &LoadOptions,
) -> Result<Dump, AdvisoryError> {
    let file = format!("{ecosystem}/all.zip");
    let cache = Cache::new(&options.cache, address);
    let copy = cache.load(ecosystem);
    let shown = address.shown(&file);
    if options.network == Network::Off {
        let kept = stand_in(copy, options, (Level::Note, &shown, "the network is off"));
        return kept.map_err(|cached| AdvisoryError::Offline { address: shown, cached });
    }
    let tag = copy.as_ref().and_then(|copy| copy.label.etag.clone());
    let partial = Partial::open(cache.partial(ecosystem), LARGEST);
    let mut download =
        Download { agent: agent(address), url: address.request(&file), tag, partial };
    let why = match (download.fetch(options.backoff), copy.as_ref()) {
        (Ok(Answer::New { bytes, etag }), _) => {
            let stored = cache.store(ecosystem, &bytes, &Label::new(&bytes, etag, options.now));
            return Ok(Dump { bytes: Some(bytes), notice: unkept(stored, &shown) });
        }
        (Ok(Answer::Unchanged), Some(Copy { bytes, label })) => {
            let stored = cache.relabel(ecosystem, &label.confirmed(options.now));
            return Ok(Dump { bytes: Some(bytes.clone()), notice: unkept(stored, &shown) });
        }
        (Ok(Answer::Absent), None) => return Ok(absent(ecosystem, &shown)),
        (Ok(Answer::Absent), Some(_)) => "it is not there any more".to_owned(),
        (Ok(Answer::Unchanged), None) => "it says 304 to a plain request".to_owned(),
        (Err(failure), _) => failure.to_string(),
    };
    if options.network == Network::Needed {
        let cached = "nothing is changed".to_owned();
        return Err(AdvisoryError::Network { address: shown, why, cached });
    }
    let kept = stand_in(copy, options, (Level::Warning, &shown, &why));
    kept.map_err(|cached| AdvisoryError::Network { address: shown, why, cached })
}

fn absent(ecosystem: Ecosystem, shown: &str) -> Dump {
    let message = format!("{shown} does not exist: this source has nothing on {ecosystem}");
    Dump { bytes: None, notice: Some(Notice::new(Level::Warning, message)) }
}

/// What to say when a dump was fetched and could not be kept.
fn unkept(stored: std::io::Result<()>, shown: &str) -> Option<Notice> {
    let error = stored.err()?;
    let message = format!("{shown} cannot be kept for the next run: {error}");
    Some(Notice::new(Level::Warning, message))
}

/// The kept copy, if it is young enough; otherwise what there is in its stead.
fn stand_in(
    copy: Option<Copy>,
    options: &LoadOptions,
    (level, shown, why): (Level, &str, &str),
) -> Result<Dump, String> {
    let copy = copy.ok_or("there is no cached copy")?;
    let allowed = options.max_age_days;
    if let Some(age) = age::too_old(copy.label.checked, options.now, allowed) {
        return Err(format!("the cached copy is {age}, and at most {allowed} days are allowed"));
    }
    let days = age::days(options.now.duration_since(copy.label.checked)).max(0);
    let message = format!("{shown}: {why}; the copy of {days} days ago is used");
    Ok(Dump { bytes: Some(copy.bytes), notice: Some(Notice::new(level, message)) })
}

/// What a server says of a dump.
enum Answer {
    New { bytes: Vec<u8>, etag: Option<String> },
    Unchanged,
    Absent,
}

/// Why a server did not say anything useful, in words that hold no address and no credentials.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the server answers {0}")]
    Status(u16),
    #[error("{}", reason(.0))]
    Request(#[from] ureq::Error),
    #[error("the answer breaks off: {0}")]
    Body(std::io::Error),
    #[error("the answer breaks off after {0} of {1} bytes")]
    Short(u64, u64),
    #[error("the answer goes on at another place than was asked for")]
    Elsewhere,
    #[error("the answer is not what its checksum says")]
    Checksum,
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("the answer is no zip: {0}")]
    NotZip(String),
}

impl Failure {
    /// Whether asking again may help.
    fn is_passing(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 416 | 429 | 500..=599),
            Self::Request(error) => {
                !matches!(error, ureq::Error::BadUri(_) | ureq::Error::TooManyRedirects)
            }
            Self::Body(_)
            | Self::Short(..)
            | Self::Elsewhere
            | Self::Checksum
            | Self::NotZip(_) => true,
            Self::TooLarge => false,
        }
    }
}

/// What went wrong with a request; the messages that quote an address are replaced.
fn reason(error: &ureq::Error) -> String {
    if matches!(error, ureq::Error::BadUri(_) | ureq::Error::Http(_)) {
        return "the address cannot be used".to_owned();
    }
    if matches!(error, ureq::Error::ConnectProxyFailed(_)) {
        return "the proxy refuses the connection".to_owned();
    }
    one_line(&error.to_string(), 200)
}

/// One file that is being fetched.
struct Download {
    agent: Agent,
    /// With what grants access: not to be shown.
    url: String,
    /// The tag of the copy that we have.
    tag: Option<String>,
    partial: Partial,
}

impl Download {
    fn fetch(&mut self, backoff: Duration) -> Result<Answer, Failure> {
        let mut pause = backoff;
        for _ in 1..ATTEMPTS {
            match self.ask() {
                Err(failure) if failure.is_passing() => std::thread::sleep(pause),
                answer => return answer,
            }
            pause *= 4;
        }
        self.ask()
    }

    fn ask(&mut self) -> Result<Answer, Failure> {
        let mut request = self.agent.get(&self.url);
        if let Some((length, tag)) = self.partial.resumable() {
            request = request.header("Range", format!("bytes={length}-")).header("If-Range", tag);
        } else if let Some(tag) = &self.tag {
            request = request.header("If-None-Match", tag);
        }
        let response = request.call()?;
        match response.status().as_u16() {
            200 => {
                self.partial.restart(field(response.headers(), "etag"));
                self.body(response)
            }
            206 => self.rest(response),
            304 => Ok(Answer::Unchanged),
            404 | 410 => Ok(Answer::Absent),
            416 => {
                self.partial.clear();
                Err(Failure::Status(416))
            }
            status => Err(Failure::Status(status)),
        }
    }

    /// The part of an answer that was still to come.
    fn rest(&mut self, response: Response<Body>) -> Result<Answer, Failure> {
        let range = field(response.headers(), "content-range").unwrap_or_default();
        let start = range.strip_prefix("bytes ").and_then(|range| range.split('-').next());
        let here = self.partial.bytes().len().to_string();
        let asked = self.partial.resumable().map(|(_, tag)| tag);
        let tag = field(response.headers(), "etag").or(asked);
        if asked.is_none() || tag != asked || start != Some(here.as_str()) {
            self.partial.clear();
            return Err(Failure::Elsewhere);
        }
        self.body(response)
    }

    fn body(&mut self, mut response: Response<Body>) -> Result<Answer, Failure> {
        let headers = response.headers().clone();
        let packed = headers.contains_key("content-encoding");
        let before = self.partial.bytes().len() as u64;
        let limit = LARGEST.saturating_sub(before);
        self.read(response.body_mut().with_config().limit(limit).reader())?;
        let came = self.partial.bytes().len() as u64 - before;
        let told = field(&headers, "content-length").and_then(|length| length.parse().ok());
        if let Some(told) = told.filter(|told| *told != came && !packed) {
            return Err(Failure::Short(came, told));
        }
        self.whole(&headers).inspect_err(|_| self.partial.clear())?;
        let etag = field(&headers, "etag").map(str::to_owned);
        Ok(Answer::New { bytes: self.partial.take(), etag })
    }

    /// Whether what came is what the server has, and a zip.
    fn whole(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let bytes = self.partial.bytes();
        if !headers.contains_key("content-encoding") && !Sums::of(headers).hold(bytes) {
            return Err(Failure::Checksum);
        }
        let opened = osv::open("the answer", bytes);
        opened.map(drop).map_err(|error| Failure::NotZip(error.to_string()))
    }

    fn read(&mut self, mut reader: impl std::io::Read) -> Result<(), Failure> {
        let mut chunk = vec![0; CHUNK];
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => self.partial.push(chunk.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) if self.partial.bytes().len() as u64 >= LARGEST => {
                    self.partial.clear();
                    return Err(Failure::TooLarge);
                }
                Err(error) => return Err(Failure::Body(error)),
            }
        }
    }
}

/// A header that is text.
fn field<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn agent(address: &Address) -> Agent {
    let config = Agent::config_builder()
        .user_agent(concat!("lockkeeper/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("")
        .http_status_as_error(false)
        .max_redirects(5)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_per_read(Some(Duration::from_secs(60)));
    let config = if address.is_loopback() { config.proxy(None) } else { config };
    config.build().new_agent()
}

#[cfg(test)]
mod tests;
