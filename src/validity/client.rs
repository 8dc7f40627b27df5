//! One request and its answer, by HTTP.
//!
//! No redirect is followed, no cookie kept, no more of a body read than decides; an error is told in
//! our words alone, since a library's may quote the address, and with it the secret.

use super::request::Request;
use crate::rule::Method;
use std::io::Read as _;
use std::time::Duration;
use ureq::http::{self, Response};
use ureq::{Agent, Body};

/// How much of a body is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// How long it may take to reach a host.
const CONNECT: Duration = Duration::from_secs(10);

/// Whom a client talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// A vendor: by TLS, through the proxy of the environment where there is one.
    Vendor,
    /// A server on this machine, where no proxy leads.
    StandIn,
}

/// What a host answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Empty where nobody wants to read it.
    pub(super) body: Vec<u8>,
}

pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new(peer: Peer, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("lockkeeper/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("")
            .http_status_as_error(false)
            .max_redirects(0)
            .https_only(peer == Peer::Vendor)
            .timeout_connect(Some(CONNECT.min(timeout)))
            .timeout_global(Some(timeout));
        let config = if peer == Peer::StandIn { config.proxy(None) } else { config };
        Self(config.build().new_agent())
    }

    /// Sends a request; reads its answer's body where `wanted` says so of its status.
    pub(super) fn send(
        &self,
        request: Request,
        wanted: impl Fn(u16) -> bool,
    ) -> Result<Answer, &'static str> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        let mut builder = http::Request::builder().method(method).uri(request.url);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let unsendable = |_| "no request can hold this value";
        let response = match request.method {
            Method::Get => self.0.run(builder.body(()).map_err(unsendable)?),
            Method::Post => self.0.run(builder.body(request.body).map_err(unsendable)?),
        };
        let mut response = response.map_err(|error| reason(&error))?;
        let status = response.status().as_u16();
        let body = if wanted(status) { start_of(&mut response)? } else { Vec::new() };
        Ok(Answer { status, body })
    }
}

fn start_of(response: &mut Response<Body>) -> Result<Vec<u8>, &'static str> {
    let mut body = Vec::new();
    let mut reader = response.body_mut().as_reader().take(LARGEST);
    match reader.read_to_end(&mut body) {
        Ok(_) => Ok(body),
        Err(_) => Err("its answer breaks off"),
    }
}

/// What went wrong, in words that quote nothing.
fn reason(error: &ureq::Error) -> &'static str {
    use ureq::Error as E;
    if matches!(error, E::Timeout(_)) {
        return "it does not answer in time";
    }
    if matches!(error, E::HostNotFound) {
        return "the host is not found";
    }
    if matches!(error, E::Io(_) | E::ConnectionFailed | E::BodyStalled) {
        return "the connection fails";
    }
    if matches!(error, E::Tls(_) | E::Rustls(_) | E::Pem(_) | E::TlsRequired) {
        return "no secure connection can be made";
    }
    if matches!(error, E::ConnectProxyFailed(_) | E::InvalidProxyUrl) {
        return "the proxy refuses the connection";
    }
    "the request fails"
}
