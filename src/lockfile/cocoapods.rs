//! `CocoaPods`' `Podfile.lock`.
//!
//! `CocoaPods` writes its own version last, so a file without it was cut. Lines are read as `CocoaPods`
//! writes them: sections without indent, entries two deep, what they need four deep.

use super::syntax::{checked, excerpt, line_number, locked, named, numbered, without_credentials};
use super::{Format, Locked, Origin, ParseError, Reading, Requirement};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::collections::{BTreeMap, BTreeSet};

/// `CocoaPods`' lockfile.
pub(super) struct PodfileLock;

impl Format for PodfileLock {
    fn name(&self) -> &'static str {
        "Podfile.lock"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::CocoaPods
    }

    fn claims(&self, path: &RepoPath) -> bool {
        named(path, &["Podfile.lock"])
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Podfile")
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let mut reader = Reader::default();
        let mut last = 1;
        for (number, line) in numbered(checked(text)?) {
            let line = line.trim_end();
            if line.is_empty() {
                continue;
            }
            last = number;
            if line.starts_with([' ', '-']) {
                reader.entry(number, line)?;
            } else if let Some((section, value)) = line.split_once(':') {
                section.clone_into(&mut reader.section);
                reader.flat = false;
                reader.ended |= section == "COCOAPODS" && !value.trim().is_empty();
            } else {
                return Err(misplaced(number, line));
            }
        }
        if !reader.ended {
            let message =
                "the version of CocoaPods is missing: the file was cut; run `pod install`";
            return Err(ParseError::new(last, message));
        }
        Ok(reader.finish())
    }
}

#[derive(Default)]
struct Reader {
    section: String,
    ended: bool,
    /// Whether the items of the section stand without indent, as the oldest files have them.
    flat: bool,
    pods: Vec<Locked>,
    declared: Vec<Requirement>,
    checksums: BTreeMap<String, String>,
    origins: BTreeMap<String, Origin>,
    /// The pod whose origin is being read.
    owner: String,
}

impl Reader {
    fn entry(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let words = line.trim_start();
        self.flat |= line.starts_with('-');
        let depth = line.len() - words.len() + if self.flat { 2 } else { 0 };
        match (self.section.as_str(), depth) {
            ("PODS", 2) => self.pod(number, words),
            ("PODS", _) => {
                let item = words.strip_prefix("- ").ok_or_else(|| misplaced(number, line))?;
                if let Some(pod) = self.pods.last_mut() {
                    pod.requires.push(wish(item));
                }
                Ok(())
            }
            ("DEPENDENCIES", _) => {
                let item = words.strip_prefix("- ").ok_or_else(|| misplaced(number, line))?;
                self.declared.push(wish(item));
                Ok(())
            }
            ("SPEC CHECKSUMS", _) => {
                let (name, sum) = unquoted_pair(words).ok_or_else(|| misplaced(number, line))?;
                self.checksums.insert(name.to_owned(), sum.to_owned());
                Ok(())
            }
            ("EXTERNAL SOURCES", 2) => {
                unquoted(words.trim_end_matches(':')).clone_into(&mut self.owner);
                Ok(())
            }
            ("EXTERNAL SOURCES", _) => {
                let (key, value) = unquoted_pair(words.trim_start_matches(':'))
                    .ok_or_else(|| misplaced(number, line))?;
                self.external(key, value);
                Ok(())
            }
            ("CHECKOUT OPTIONS" | "SPEC REPOS", _) => Ok(()),
            _ => Err(misplaced(number, line)),
        }
    }

    fn pod(&mut self, number: usize, words: &str) -> Result<(), ParseError> {
        let item = words.strip_prefix("- ").map(|it| unquoted(it.trim_end_matches(':')));
        let parts = item.and_then(|item| {
            let (name, version) = item.strip_suffix(')')?.rsplit_once(" (")?;
            (!name.is_empty() && !version.is_empty()).then_some((name, version))
        });
        let (name, version) = parts.ok_or_else(|| misplaced(number, words))?;
        self.pods.push(locked(Ecosystem::CocoaPods, name, version, line_number(number)));
        Ok(())
    }

    fn external(&mut self, key: &str, value: &str) {
        let origin = match key {
            "path" => Origin::Path(value.to_owned()),
            "git" => Origin::Git(without_credentials(value)),

            // A recipe may lie here, but what it fetches does not.
            "podspec" | "http" => Origin::Url(without_credentials(value)),
            _ => return,
        };
        self.origins.insert(self.owner.clone(), origin);
    }

    fn finish(self) -> Reading {
        let Self { pods, mut declared, checksums, origins, .. } = self;
        let versions = pods.iter().map(|it| (it.package.name.clone(), it.package.version.clone()));
        let versions: BTreeMap<_, _> = versions.collect();
        let resolve = |wish: &mut Requirement| wish.version = versions.get(&wish.name).cloned();
        declared.iter_mut().for_each(resolve);
        let direct: BTreeSet<_> = declared.iter().map(|wish| wish.name.clone()).collect();
        let complete = |mut pod: Locked| {
            let root = pod.package.name.split('/').next().unwrap_or_default();
            pod.requires.iter_mut().for_each(resolve);
            pod.direct = Some(direct.contains(&pod.package.name));
            pod.integrity = checksums.get(root).cloned();
            pod.origin = origins.get(root).cloned().unwrap_or(Origin::Registry(None));
            pod
        };
        let packages = pods.into_iter().map(complete).collect();
        Reading { packages, declared, ..Reading::default() }
    }
}

/// What is asked for: `name (~> 1.0)`; the brackets may hold a place instead.
fn wish(item: &str) -> Requirement {
    let (name, rest) = unquoted(item).split_once(" (").unwrap_or((unquoted(item), ""));
    let range = rest.trim_end_matches(')');
    Requirement::new(name).within(Some(range).filter(|range| !range.starts_with("from ")))
}

/// A scalar without the quotes that YAML may put around it.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// A key and its value. A key may have quotes, and a value may have colons.
fn unquoted_pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(": ")?;
    Some((unquoted(key), unquoted(value)))
}

fn misplaced(number: usize, line: &str) -> ParseError {
    ParseError::new(
        number,
        format!("{} is nothing that CocoaPods writes here", excerpt(line.trim())),
    )
}
