//! Where advisories are: a path, the address of a bucket laid out as OSV's own, or that of a git
//! repository.
//!
//! An address may hold credentials, in its user part or its query: neither is ever shown.

use super::git::GitAddress;
use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::str::FromStr;

/// A source of advisories.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A zip, a folder or a checkout on disk.
    Path(PathBuf),
    /// A bucket reached by HTTP.
    Bucket(Address),
    /// A repository that git fetches: `git+https://…`, and after a `#` its branch.
    Git(GitAddress),
}

/// The address of a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    scheme: &'static str,
    user: String,
    host_and_path: String,
    query: String,
}

/// Text that names no source of advisories.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// Nothing at all.
    #[error("the location of the advisories is empty: name a path or an http(s) address")]
    Empty,
    /// An address of another kind.
    #[error(
        "{0}:// is not supported for advisories: name a path, an http(s) address, or a repository \
         as git+https://…"
    )]
    Scheme(String),
    /// An address without a host, or with characters that no address has.
    #[error("the address of the advisories has no host, or holds a space or a control character")]
    Malformed,
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if text.trim().is_empty() {
            return Err(LocationError::Empty);
        }
        let Some((scheme, rest)) = text.split_once("://").filter(|(s, _)| is_scheme(s)) else {
            return Ok(Self::Path(PathBuf::from(text)));
        };
        let scheme = scheme.to_ascii_lowercase();
        if let Some(scheme) = scheme.strip_prefix("git+") {
            return GitAddress::parse(scheme, rest).map(Self::Git);
        }
        match scheme.as_str() {
            "https" => Address::new("https", rest).map(Self::Bucket),
            "http" => Address::new("http", rest).map(Self::Bucket),
            "file" => Ok(Self::Path(PathBuf::from(rest))),
            other => Err(LocationError::Scheme(other.to_owned())),
        }
    }
}

impl Address {
    fn new(scheme: &'static str, rest: &str) -> Result<Self, LocationError> {
        let rest = rest.split('#').next().unwrap_or(rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let path = path.trim_matches('/');
        let slash = if path.is_empty() { "" } else { "/" };
        let clean = rest.bytes().chain(query.bytes()).all(|byte| byte.is_ascii_graphic());
        if host.is_empty() || !clean {
            return Err(LocationError::Malformed);
        }
        Ok(Self {
            scheme,
            user: user.to_owned(),
            host_and_path: format!("{host}{slash}{path}"),
            query: query.to_owned(),
        })
    }

    /// The address of a file in the bucket, with whatever grants access to it: not to be shown.
    pub(super) fn request(&self, file: &str) -> String {
        let Self { scheme, user, host_and_path, query } = self;
        let at = if user.is_empty() { "" } else { "@" };
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{scheme}://{user}{at}{host_and_path}/{}{mark}{query}", percent_encoded(file))
    }

    /// The address of a file in the bucket, to be shown.
    pub(super) fn shown(&self, file: &str) -> String {
        format!("{self}/{}", percent_encoded(file))
    }

    /// Whether the bucket is on this machine, where no proxy leads.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host_and_path.split('/').next().unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let local = |address: Ipv4Addr| address.is_loopback();
        name == "localhost" || host.starts_with("[::1]") || name.parse().is_ok_and(local)
    }
}

/// The address without what grants access.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host_and_path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Bucket(address) => address.fmt(f),
            Self::Git(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// A scheme of two letters or more, so that `C://x` stays a path.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn percent_encoded(path: &str) -> String {
    let kept = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/');
    let encode = |b| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(text: &str) -> Address {
        match text.parse() {
            Ok(Location::Bucket(address)) => address,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bucket_gives_the_address_of_each_file() {
        let address = bucket("https://osv.example.org/vulns/");
        assert_eq!(
            address.request("GitHub Actions/all.zip"),
            "https://osv.example.org/vulns/GitHub%20Actions/all.zip"
        );
        assert_eq!(bucket("HTTP://host:8080").request("Go/all.zip"), "http://host:8080/Go/all.zip");
    }

    #[test]
    fn what_grants_access_is_sent_and_never_shown() {
        let address = bucket("https://me:hidden@host/a/?token=hidden#hidden");
        assert_eq!(
            address.request("Go/all.zip"),
            "https://me:hidden@host/a/Go/all.zip?token=hidden"
        );
        let shown = format!("{address} {address:?} {:?}", Location::Bucket(address.clone()));
        assert!(!shown.contains("hidden") && !address.shown("x").contains("hidden"), "{shown}");
        let error = "s3://me:hidden@host".parse::<Location>().unwrap_err();
        assert!(!error.to_string().contains("hidden"));
    }

    #[test]
    fn everything_else_is_a_path() {
        for path in ["osv", "./all.zip", "C:/osv", "C://osv", "a b"] {
            assert_eq!(path.parse(), Ok(Location::Path(PathBuf::from(path))));
        }
        assert_eq!("file:///x/y".parse(), Ok(Location::Path(PathBuf::from("/x/y"))));
    }

    #[test]
    fn what_is_neither_is_refused() {
        assert_eq!(" ".parse::<Location>(), Err(LocationError::Empty));
        for bad in ["https://", "https:///x", "https://a b", "https://user@/x"] {
            assert_eq!(bad.parse::<Location>(), Err(LocationError::Malformed), "{bad}");
        }
    }

    #[test]
    fn loopback_is_told_from_hosts_that_look_like_it() {
        assert!(bucket("http://127.0.0.1:9/x").is_loopback());
        assert!(bucket("http://[::1]:9").is_loopback() && bucket("http://localhost").is_loopback());
        assert!(!bucket("http://localhost.example.org").is_loopback());
        assert!(!bucket("http://127.0.0.1.example.org:80").is_loopback());
    }
}
