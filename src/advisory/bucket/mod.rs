//! Dumps fetched from a bucket laid out as OSV's: `<ecosystem>/all.zip`.
//!
//! What is fetched is kept, and asked for again by its tag. When the network fails, a copy that is
//! young enough stands in, and the run says so; an older one does not.

use super::cache::{Cache, Copy, Label};
use super::error::AdvisoryError;
use super::index::LoadOptions;
use super::location::Address;
use super::osv;
use super::summary::one_line;
use crate::finding::{Level, Notice};
use crate::package::Ecosystem;
use jiff::SignedDuration;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// How large a dump may be.
const LARGEST: u64 = 1 << 30;

/// How often a request is made before the network counts as failed.
const ATTEMPTS: u32 = 3;

/// Whether requests may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// They may.
    Allowed,
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
    let etag = copy.as_ref().and_then(|copy| copy.label.etag.as_deref());
    let why = match (fetch(address, &file, etag, options.backoff), copy.as_ref()) {
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
    let age = options.now.duration_since(copy.label.checked);
    let days = age.as_hours() / 24;
    let allowed = options.max_age_days;
    // A copy from the future has no age that could be trusted; a day is left for clocks that differ.
    if age > SignedDuration::from_hours(24 * i64::from(allowed))
        || age < SignedDuration::from_hours(-24)
    {
        return Err(format!(
            "the cached copy is {days} days old, and at most {allowed} are allowed"
        ));
    }
    let days = days.max(0);
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
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("the answer is no zip: {0}")]
    NotZip(String),
}

impl Failure {
    /// Whether asking again may help.
    fn is_passing(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 429 | 500..=599),
            Self::Request(error) => {
                !matches!(error, ureq::Error::BadUri(_) | ureq::Error::TooManyRedirects)
            }
            Self::Body(_) | Self::NotZip(_) => true,
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

fn fetch(
    address: &Address,
    file: &str,
    etag: Option<&str>,
    backoff: Duration,
) -> Result<Answer, Failure> {
    let agent = agent(address);
    let url = address.request(file);
    let mut pause = backoff;
    for _ in 1..ATTEMPTS {
        match ask(&agent, &url, etag) {
            Err(failure) if failure.is_passing() => std::thread::sleep(pause),
            answer => return answer,
        }
        pause *= 4;
    }
    ask(&agent, &url, etag)
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

fn ask(agent: &Agent, url: &str, etag: Option<&str>) -> Result<Answer, Failure> {
    let mut request = agent.get(url);
    if let Some(etag) = etag {
        request = request.header("If-None-Match", etag);
    }
    let response = request.call()?;
    match response.status().as_u16() {
        200 => body(response),
        304 => Ok(Answer::Unchanged),
        404 | 410 => Ok(Answer::Absent),
        status => Err(Failure::Status(status)),
    }
}

fn body(mut response: Response<Body>) -> Result<Answer, Failure> {
    let etag = response.headers().get("ETag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let reader = response.body_mut().with_config().limit(LARGEST).reader();
    let bytes = read(reader)?;
    osv::open("the answer", &bytes).map_err(|error| Failure::NotZip(error.to_string()))?;
    Ok(Answer::New { bytes, etag })
}

fn read(mut reader: impl std::io::Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match reader.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(_) if bytes.len() as u64 >= LARGEST => Err(Failure::TooLarge),
        Err(error) => Err(Failure::Body(error)),
    }
}

#[cfg(test)]
mod tests;
