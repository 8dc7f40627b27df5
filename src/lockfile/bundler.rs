//! Bundler's lockfiles, `Gemfile.lock` and `gems.locked`.
//!
//! Sources list their gems, `DEPENDENCIES` what the project asks for; groups are not written down.
//! What gems of the project's own folders ask for is direct, too.
//! A gem that is locked for several platforms has a line for each, and so an entry for each.
//! What gems and the project ask for is written with its constraint, `(>= 1.0, < 3)`.
//! Bundler always writes `DEPENDENCIES` after all gems, so a file without it was cut. Where old
//! Bundlers gave one source several addresses, the first is kept.

use super::syntax::{checked, excerpt, line_number, named, numbered, origin, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::{Ecosystem, Package};
use std::collections::{BTreeMap, BTreeSet};

/// Bundler's lockfile.
pub(super) struct GemfileLock;

impl Format for GemfileLock {
    fn name(&self) -> &'static str {
        "Gemfile.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::RubyGems
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["Gemfile.lock", "gems.locked"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Gemfile")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let mut reader = Reader::default();
        let mut last = 1;
        for (number, line) in numbered(checked(text)?) {
            reader.line(number, line.trim_end())?;
            last = number;
        }
        reader.finish(last)
    }
}

/// What a section holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Git,
    Path,
    Registry,
    Plugin,
    Dependencies,
    Checksums,
    /// Platforms and versions of the tools: nothing to look up.
    Other,
}

impl Section {
    fn of(header: &str) -> Option<Self> {
        match header {
            "GIT" => Some(Self::Git),
            "PATH" => Some(Self::Path),
            "GEM" => Some(Self::Registry),
            "PLUGIN SOURCE" => Some(Self::Plugin),
            "DEPENDENCIES" => Some(Self::Dependencies),
            "CHECKSUMS" => Some(Self::Checksums),
            "PLATFORMS" | "RUBY VERSION" | "BUNDLED WITH" => Some(Self::Other),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Reader {
    section: Option<Section>,
    remote: String,
    revision: String,
    locked: Vec<Locked>,
    /// What each locked gem is called with its platform, which is what has a checksum.
    specs: Vec<String>,
    checksums: BTreeMap<String, String>,
    declared: Option<Vec<Requirement>>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        match (self.section, indent) {
            _ if text.is_empty() => Ok(()),
            (_, 0) => self.open(number, text),
            (None, _) => Err(ParseError::new(number, "this line stands before the first section")),
            (Some(Section::Other), _) => Ok(()),
            (Some(Section::Checksums), _) => {
                if let Some((spec, checksum)) = text.split_once(") ") {
                    self.checksums.insert(format!("{spec})"), checksum.to_owned());
                }
                Ok(())
            }
            (Some(Section::Dependencies), 2) => {
                self.declared.get_or_insert_default().push(requirement(text));
                Ok(())
            }
            (Some(Section::Dependencies), _) => Err(misplaced(number)),
            (Some(section), _) => self.source(section, number, indent, text),
        }
    }

    fn open(&mut self, number: usize, header: &str) -> Result<(), ParseError> {
        let section = Section::of(header).ok_or_else(|| {
            let name = excerpt(header);
            ParseError::new(number, format!("{name} is not a section of a Gemfile.lock we know"))
        })?;
        if section == Section::Dependencies {
            self.declared.get_or_insert_default();
        }
        self.section = Some(section);
        self.remote.clear();
        self.revision.clear();
        Ok(())
    }

    fn source(
        &mut self,
        section: Section,
        number: usize,
        indent: usize,
        text: &str,
    ) -> Result<(), ParseError> {
        match indent {
            2 => {
                let (key, value) = text.split_once(':').ok_or_else(|| misplaced(number))?;
                match key {
                    "remote" if self.remote.is_empty() => value.trim().clone_into(&mut self.remote),
                    "revision" => value.trim().clone_into(&mut self.revision),
                    _ => {}
                }
            }
            4 => {
                let (name, version) = gem(text).ok_or_else(|| misplaced(number))?;
                let package = Package { ecosystem: Ecosystem::RubyGems, name, version };
                let origin = self.origin(section);
                let line = line_number(number);
                self.specs.push(text.to_owned());
                self.locked.push(Locked::new(package, line, origin));
            }
            6 => {
                let entry = self.locked.last_mut().ok_or_else(|| misplaced(number))?;
                entry.requires.push(requirement(text));
            }
            _ => return Err(misplaced(number)),
        }
        Ok(())
    }

    fn origin(&self, section: Section) -> Origin {
        match section {
            Section::Path => Origin::Path(self.remote.clone()),
            Section::Git => {
                let address = without_credentials(&self.remote);
                Origin::Git(format!("{address}#{}", self.revision))
            }
            Section::Plugin => origin(&self.remote),
            Section::Registry | Section::Dependencies | Section::Checksums | Section::Other => {
                let address = Some(&self.remote).filter(|remote| !remote.is_empty());
                Origin::Registry(address.map(|address| without_credentials(address)))
            }
        }
    }

    fn finish(self, last: usize) -> Result<Reading, ParseError> {
        let declared = self
            .declared
            .ok_or_else(|| ParseError::new(last, "DEPENDENCIES is missing: the file was cut"))?;
        let mut packages = self.locked;
        let own = packages.iter().filter(|entry| matches!(entry.origin, Origin::Path(_)));
        let asked = declared.iter().chain(own.flat_map(|entry| &entry.requires));
        let asked: BTreeSet<_> = asked.map(|it| it.name.clone()).collect();
        for (entry, spec) in packages.iter_mut().zip(&self.specs) {
            entry.integrity = self.checksums.get(spec).cloned();
            entry.direct = Some(asked.contains(&entry.package.name));
        }
        Ok(Reading { packages, declared, ..Reading::default() })
    }
}

/// Name and version of `name (version)` or `name (version-platform)`.
fn gem(text: &str) -> Option<(String, String)> {
    let (name, rest) = text.split_once(" (")?;
    let version = rest.strip_suffix(')')?;
    let version = version.split_once('-').map_or(version, |(version, _)| version);
    let whole = !name.is_empty() && !version.is_empty() && !name.contains(' ');
    whole.then(|| (name.to_owned(), version.to_owned()))
}

/// What `name (~> 1.0, >= 1.0.2)`, `name` and `name!` ask for; the mark says that a source of its
/// own has it. Bundler writes no constraint where every version will do.
fn requirement(text: &str) -> Requirement {
    let text = text.strip_suffix('!').unwrap_or(text);
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let constraint = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let constraint = if rest.is_empty() { Some(">= 0") } else { constraint };
    let constraint = constraint.map(str::to_owned);
    Requirement { name: name.to_owned(), version: None, constraint }
}

fn misplaced(number: usize) -> ParseError {
    ParseError::new(number, "this line is not laid out as Bundler writes it")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "GIT
  remote: https://me:word@git.example.org/g.git
  revision: 0123abc
  branch: main
  specs:
    g (1.0)
      b (>= 1.0)

PATH
  remote: engines/own
  specs:
    own (0.1.0)
      b

GEM
  remote: https://key@gems.example.org/
  specs:
    b (1.2.3.pre.1)
    n (1.19.1)
      b (~> 1.0)
    n (1.19.1-x86_64-linux-gnu)

PLATFORMS
  ruby
  x86_64-linux-gnu

DEPENDENCIES
  g!
  n (~> 1.19)
  own!

BUNDLED WITH
   2.5.0
";

    #[test]
    fn sources_dependencies_and_platforms_are_read() {
        let locked = GemfileLock.parse(LOCK).unwrap();
        let summary: Vec<_> = locked
            .iter()
            .map(|entry| {
                let package = &entry.package;
                (entry.line.get(), &*package.name, &*package.version, entry.direct == Some(true))
            })
            .collect();
        assert_eq!(
            summary,
            [
                (6, "g", "1.0", true),
                (12, "own", "0.1.0", true),
                (18, "b", "1.2.3.pre.1", true),
                (19, "n", "1.19.1", true),
                (21, "n", "1.19.1", true),
            ]
        );
        assert_eq!(locked[0].origin, Origin::Git("https://git.example.org/g.git#0123abc".into()));
        assert_eq!(locked[1].origin, Origin::Path("engines/own".into()));
        assert_eq!(locked[2].origin, Origin::Registry(Some("https://gems.example.org/".into())));
    }

    #[test]
    fn what_gems_and_the_project_ask_for_is_read() {
        let reading = GemfileLock.read(LOCK).unwrap();
        let shown = |all: &[Requirement]| {
            let each = all.iter().map(|it| (it.name.clone(), it.constraint.clone()));
            each.collect::<Vec<_>>()
        };
        let asked =
            |name: &str, constraint: Option<&str>| (name.to_owned(), constraint.map(str::to_owned));
        assert_eq!(
            shown(&reading.declared),
            [asked("g", Some(">= 0")), asked("n", Some("~> 1.19")), asked("own", Some(">= 0"))]
        );
        assert_eq!(shown(&reading.packages[0].requires), [asked("b", Some(">= 1.0"))]);
        assert_eq!(shown(&reading.packages[3].requires), [asked("b", Some("~> 1.0"))]);
        assert_eq!(shown(&reading.packages[1].requires), [asked("b", Some(">= 0"))]);
        assert!(reading.packages[2].requires.is_empty());
        let stray = LOCK.replacen("    g (1.0)\n", "", 1);
        assert!(GemfileLock.read(&stray).is_err(), "a requirement of no gem");
    }

    #[test]
    fn what_bundler_does_not_write_is_refused_with_its_line() {
        for (from, to, line) in [
            ("PLATFORMS", "PLATFORM", 23),
            ("    own (0.1.0)", "    own", 12),
            ("    own (0.1.0)", "    own (0.1", 12),
            ("    own (0.1.0)", "     own (0.1.0)", 12),
            ("DEPENDENCIES", "CHECKSUMS", 33),
            ("GIT\n", "", 1),
        ] {
            let error = GemfileLock.parse(&LOCK.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.line.get(), line, "{to}");
        }
    }
}
