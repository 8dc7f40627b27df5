//! A server on this machine that is asked in place of a vendor: for tests of rules, and of us.

use std::net::SocketAddr;
use std::str::FromStr;

/// `HOST=http://127.0.0.1:PORT`: whom to ask in place of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    pub(super) host: String,
    pub(super) address: SocketAddr,
}

/// Text that names no stand-in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write HOST=http://127.0.0.1:PORT: only a server on this machine can stand in for a vendor"
)]
pub struct StandInError;

impl FromStr for StandIn {
    type Err = StandInError;

    fn from_str(text: &str) -> Result<Self, StandInError> {
        let (host, url) = text.split_once('=').ok_or(StandInError)?;
        let address = url.strip_prefix("http://").ok_or(StandInError)?.trim_end_matches('/');
        let address: SocketAddr = address.parse().map_err(|_| StandInError)?;
        if host.is_empty() || !address.ip().is_loopback() {
            return Err(StandInError);
        }
        Ok(Self { host: host.to_owned(), address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_stands_in() {
        for good in ["api.example.org=http://127.0.0.1:9", "a.b=http://[::1]:9/"] {
            assert!(good.parse::<StandIn>().is_ok(), "{good}");
        }
        for bad in [
            "api.example.org",
            "=http://127.0.0.1:9",
            "a.b=https://127.0.0.1:9",
            "a.b=http://10.0.0.1:80",
            "a.b=http://localhost.example.org:80",
            "a.b=http://127.0.0.1:9@example.org:80",
        ] {
            assert_eq!(bad.parse::<StandIn>(), Err(StandInError), "{bad}");
        }
    }
}
