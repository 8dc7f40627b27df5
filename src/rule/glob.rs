//! Path patterns of rules and configuration, in one dialect.

use crate::finding::RepoPath;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// A set of path patterns. `*` stays within a folder, `**` crosses folders, and a pattern without a
/// slash is compared with the file's name, as in `.gitignore`.
#[derive(Debug, Clone, Default)]
pub struct Paths(GlobSet);

/// Text that is no path pattern.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PathsError(String);

impl Paths {
    /// Reads the patterns.
    pub fn new(patterns: &[String]) -> Result<Self, PathsError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(glob(pattern).map_err(|error| PathsError(error.to_string()))?);
        }
        set.build().map(Self).map_err(|error| PathsError(error.to_string()))
    }

    /// Reads patterns that start at the root whether they have a slash or not.
    pub fn whole(patterns: &[String]) -> Result<Self, PathsError> {
        let rooted = |pattern: &String| format!("/{}", pattern.trim_start_matches('/'));
        Self::new(&patterns.iter().map(rooted).collect::<Vec<_>>())
    }

    /// Whether one of the patterns accepts the path.
    pub fn accepts(&self, path: &RepoPath) -> bool {
        !self.0.is_empty() && self.0.is_match(&*String::from_utf8_lossy(path.as_bytes()))
    }
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    let anywhere = format!("**/{pattern}");
    let pattern = if pattern.contains('/') { pattern } else { &anywhere };
    GlobBuilder::new(pattern.trim_start_matches('/')).literal_separator(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(pattern: &str, path: &str) -> bool {
        Paths::new(&[pattern.to_owned()]).unwrap().accepts(&RepoPath::from(path))
    }

    #[test]
    fn a_star_stays_within_its_folder() {
        assert!(accepts("config/*.key", "config/master.key"));
        assert!(!accepts("config/*.key", "config/deep/master.key"));
        assert!(!accepts("config/*.key", "app/config/master.key"));
        assert!(accepts("**/config/*.key", "config/master.key"));
    }

    #[test]
    fn a_name_is_found_in_any_folder() {
        assert!(accepts("*.pem", "deep/down/a.pem") && accepts(".env", ".env"));
    }

    #[test]
    fn no_patterns_accept_nothing() {
        assert!(!Paths::new(&[]).unwrap().accepts(&RepoPath::from("a")));
    }

    #[test]
    fn a_path_that_is_not_text_can_still_be_accepted() {
        let path = RepoPath::new(b"caf\xe9/a.pem".as_slice());
        assert!(Paths::new(&["*.pem".to_owned()]).unwrap().accepts(&path));
    }
}
