//! Paths inside a repository: bytes with `/` between names, as git keeps them, UTF-8 or not.

use std::fmt::{self, Write as _};

/// A path relative to the repository's root, with `/` between names and no `.`, `..` or leading
/// slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Box<[u8]>);

impl RepoPath {
    /// A path from git's own bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into().into_boxed_slice())
    }

    /// The bytes as git keeps them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as text, where it is text.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The bytes after the last slash.
    pub fn file_name(&self) -> &[u8] {
        let folder = memchr::memrchr(b'/', &self.0);
        folder.and_then(|at| self.0.get(at + 1..)).unwrap_or(&self.0)
    }

    /// The file name as text; empty where it is not text.
    pub fn file_name_str(&self) -> &str {
        std::str::from_utf8(self.file_name()).unwrap_or("")
    }

    /// The path of `name` beside this file.
    #[must_use]
    pub fn sibling(&self, name: &str) -> Self {
        let keep = self.0.len() - self.file_name().len();
        let mut bytes = self.0.get(..keep).unwrap_or_default().to_vec();
        bytes.extend_from_slice(name.as_bytes());
        Self::new(bytes)
    }

    /// A relative URI reference (RFC 3986): every byte outside the unreserved set and `/` is
    /// percent-encoded.
    pub fn to_uri(&self) -> String {
        let mut uri = String::with_capacity(self.0.len());
        for &byte in &self.0 {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    uri.push(char::from(byte));
                }
                _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
            }
        }
        uri
    }
}

impl From<&str> for RepoPath {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes())
    }
}

/// Text for people: bytes that are not UTF-8 show as `\xNN`, so that two paths never look alike.
impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02X}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}
