//! Where advisories are.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where advisories are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// An `http` or `https` address: a mirror in the bucket's layout, or one zip.
    Url(String),
    /// A zip, a folder of OSV JSON or zips, or a RustSec checkout.
    Path(PathBuf),
}

impl Location {
    /// What a person typed: an address, or a path from `folder`.
    pub fn parse(text: &str, folder: &Path) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.trim_end_matches('/').to_owned())
        } else {
            Self::Path(folder.join(text))
        }
    }
}

/// The address without its credentials and query, or the path.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(&without_credentials(url)),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// An address as it may be printed: without user, password, query and fragment.
pub(super) fn without_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{scheme}://{host}{slash}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_printed_without_what_it_keeps_secret() {
        let location =
            Location::parse("https://ada:pw@mirror.example.org:8443/osv/?token=t", Path::new("/"));
        assert_eq!(location.to_string(), "https://mirror.example.org:8443/osv/");
    }
}
