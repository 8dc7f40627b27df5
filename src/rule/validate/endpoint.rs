//! The address at which a vendor is asked: its host is written in the rule, whatever the secret is.

use super::template::{Template, TemplateError};
use serde::Deserialize;

/// An `https` address with placeholders in its path or query.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Endpoint {
    host: String,
    path: Template,
}

/// Text that is no such address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Anybody on the way could read the secret.
    #[error("the address must begin with https://")]
    NotHttps,
    /// The host is not spelt out.
    #[error("the host must be spelt out in lower case, without a user or a placeholder")]
    Host,
    /// Something that no request can hold.
    #[error("the path must begin with a slash and be of ASCII characters, without '#' or a space")]
    Path,
    /// A placeholder that stands for nothing.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl Endpoint {
    /// The only host that the secret goes to, with its port if it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path and the query.
    pub fn path(&self) -> &Template {
        &self.path
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        let rest = text.strip_prefix("https://").ok_or(EndpointError::NotHttps)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at_checked(end).ok_or(EndpointError::Host)?;
        if !is_host(host) {
            return Err(EndpointError::Host);
        }
        let clean = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if !path.starts_with('/') || !clean {
            return Err(EndpointError::Path);
        }
        Ok(Self { host: host.to_owned(), path: Template::try_from(path.to_owned())? })
    }
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let label = |label: &str| {
        let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && !label.starts_with('-') && label.bytes().all(inside)
    };
    name.contains('.') && name.split('.').all(label) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::try_from(text.to_owned())
    }

    #[test]
    fn the_host_is_what_is_written() {
        assert_eq!(read("https://api.example.org/user").unwrap().host(), "api.example.org");
        let endpoint = read("https://api.example.org:8443/bot{secret|url}/me?x=1").unwrap();
        assert_eq!(endpoint.host(), "api.example.org:8443");
        assert_eq!(endpoint.path().pieces().len(), 3);
    }

    #[test]
    fn a_host_that_a_secret_could_choose_is_refused() {
        for text in [
            "https://{secret}/x",
            "https://{id}.example.org/x",
            "https://example.org{secret|url}/x",
            "https://me:{secret}@example.org/x",
            "https://me@example.org/x",
            "https://Example.org/x",
            "https:///x",
            "https://localhost/x",
            "https://example.org:port/x",
        ] {
            assert_eq!(read(text), Err(EndpointError::Host), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_on_the_way_is_refused() {
        assert_eq!(read("http://api.example.org/x"), Err(EndpointError::NotHttps));
        assert_eq!(read("api.example.org/x"), Err(EndpointError::NotHttps));
        for path in ["", "?a", "/a b", "/a#b", "/é"] {
            assert_eq!(read(&format!("https://example.org{path}")), Err(EndpointError::Path));
        }
        assert!(matches!(read("https://example.org/{key}"), Err(EndpointError::Template(_))));
    }
}
