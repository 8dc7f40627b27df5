//! A checkout of RustSec's advisory database (<https://github.com/rustsec/advisory-db>), read by
//! its own crate.

use super::affects::Answer;
use super::osv::{Read, highest_vector};
use super::{Advisory, AdvisoryError, Affects, Kind};
use crate::finding::{Level, Notice, Severity};
use crate::package::Ecosystem;
use jiff::Timestamp;
use rayon::prelude::*;
use rustsec::advisory::{Advisory as Written, Versions};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};
use walkdir::WalkDir;

/// RustSec's way to say which versions are affected: all but the patched and the unaffected ones.
#[derive(Debug, Clone)]
pub struct Unless(Versions);

impl Unless {
    pub(super) fn includes(&self, version: &str) -> Answer {
        match version.parse::<semver::Version>() {
            Ok(version) if self.0.is_vulnerable(&version) => Answer::Yes,
            Ok(_) => Answer::No,
            Err(error) => {
                Answer::Unknown(format!("{version:?} is not a version of crates.io: {error}"))
            }
        }
    }

    /// The lower bounds of the requirements that are patched, lowest first.
    pub(super) fn fixed(&self) -> Vec<String> {
        let bounds = self.0.patched().iter().flat_map(|requirement| &requirement.comparators);
        let lower = bounds.filter(|c| !matches!(c.op, semver::Op::Less | semver::Op::LessEq));
        let mut fixed: Vec<_> = lower
            .map(|c| {
                let mut version =
                    semver::Version::new(c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0));
                version.pre = c.pre.clone();
                version
            })
            .collect();
        fixed.sort();
        fixed.dedup();
        fixed.iter().map(ToString::to_string).collect()
    }
}

/// Whether a folder is a checkout of RustSec's database: crates with advisories in Markdown.
pub(super) fn is_checkout(folder: &Path) -> bool {
    let Ok(crates) = fs::read_dir(folder.join("crates")) else { return false };
    let mut files = crates.flatten().filter_map(|entry| fs::read_dir(entry.path()).ok()).flatten();
    files.any(|file| file.is_ok_and(|file| file.path().extension().is_some_and(|e| e == "md")))
}

/// Reads a checkout.
pub(super) fn read(folder: &Path) -> Result<Read, AdvisoryError> {
    let crates = folder.join("crates");
    let failed = |source| AdvisoryError::Io { path: crates.clone(), source };
    let mut files = Vec::new();
    for entry in WalkDir::new(&crates).sort_by_file_name() {
        let path = entry.map_err(|why| failed(why.into()))?.into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    let texts =
        files.into_par_iter().map(|file| fs::read_to_string(&file).map(|text| (file, text)));
    let texts = texts.collect::<io::Result<Vec<_>>>().map_err(failed)?;
    let parsed: Vec<_> = texts.par_iter().map(|(_, text)| text.parse::<Written>()).collect();
    let mut read = Read::default();
    let mut digest = Sha256::new();
    for ((file, text), parsed) in texts.iter().zip(parsed) {
        digest.update(text);
        match parsed {
            Ok(written) => keep(&written, &mut read),
            Err(why) => read.notices.push(unread(file, folder, &why)),
        }
    }
    read.digest = digest.finalize().to_vec();
    Ok(read)
}

fn unread(file: &Path, folder: &Path, why: &rustsec::Error) -> Notice {
    let name = file.strip_prefix(folder).unwrap_or(file).display();
    let text =
        format!("the advisory {name} cannot be read, so nothing is matched against it: {why}");
    Notice::new(Level::Warning, text)
}

fn keep(written: &Written, read: &mut Read) {
    let metadata = &written.metadata;
    let day = format!("{}T00:00:00Z", metadata.date.as_str()).parse::<Timestamp>().ok();
    read.records.push((BTreeSet::from([Ecosystem::CratesIo]), day));
    if metadata.withdrawn.is_some() {
        return;
    }
    let scored = highest_vector(metadata.cvss.iter().map(ToString::to_string));
    let (kind, severity) = match (&metadata.informational, &scored) {
        (Some(_), _) => (Kind::Informational, Severity::Low),
        (None, Some((score, _))) => (Kind::Vulnerability, Severity::from_cvss(*score)),
        (None, None) => (Kind::Vulnerability, Severity::Medium),
    };
    let aliases = metadata.aliases.iter().map(ToString::to_string);
    let name = metadata.package.to_string();
    let advisory = Advisory {
        id: metadata.id.to_string(),
        aliases: aliases.collect(),
        summary: metadata.title.clone(),
        kind,
        severity,
        score: scored.as_ref().map(|(score, _)| *score),
        cvss: scored.map(|(_, vector)| vector),
        url: metadata.id.url(),
        affects: Affects::Unless(Unless(written.versions.clone())),
    };
    read.advisories.push((Ecosystem::CratesIo, name, advisory));
}
