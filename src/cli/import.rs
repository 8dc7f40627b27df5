//! `import`: from another scanner to this one.
//!
//! What has no counterpart is listed and ends with 1. Places that were accepted are looked up: each
//! becomes the baseline entry of the secret that is there.

use super::args::{Import, ImportFormat};
use super::environment::Environment;
use super::output::{self, discreet};
use super::project::{secret_detector, with_own};
use super::rules::OnDisk;
use super::waive::text_of;
use super::{CliError, Screen, Status, baseline};
use crate::config::{self, Config, FILE_NAME};
use crate::detect::secrets::{Detector, Record};
use crate::finding::{CommitId, Finding, RepoPath, RepositoryKey, Salt};
use crate::gate::Baseline;
use crate::migrate::{self, Format, Known, Lost, Migration, Position};
use crate::rule;
use crate::source::{self, Change, Entry, Request, Tree as _};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(
    asked: &Import,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let folder = environment.resolve(&asked.path);
    let mut migration = converted(asked, environment)?;
    let path = folder.join(FILE_NAME);
    let text = text_of(&path)?;
    let block = migration.block(&Config::table(FILE_NAME, &text)?);
    let new = with(&text, &migration, &block, &path)?;
    let config = Config::parse(FILE_NAME, &new)?;
    let rules = with_own(rule::builtin_secrets()?, &config, &OnDisk(&folder))?;
    let detector = secret_detector(&config, rules)?;
    let at = folder.join(&config.gate.baseline);
    let mut known = baseline::on_disk(&at)?;
    if known.is_none() && !migration.positions.is_empty() {
        let key = environment.draw_key().map_err(CliError::Chance)?;
        known = Some(Baseline::default().with_key(Some(key)));
    }
    let mut known = known.unwrap_or_default();
    let before = known.len();
    let place = Place { folder: &folder, environment, detector: &detector };
    known.extend(place.resolve(&mut migration, known.key())?);
    if asked.write {
        if new != text {
            output::replace(&path, new.as_bytes())?;
        }
        if known.len() > before {
            baseline::replace(&at, &known, screen)?;
        }
    } else {
        write!(screen.out, "{block}")?;
    }
    report(&migration, known.len() - before, screen)
}

fn converted(asked: &Import, environment: &Environment) -> Result<Migration, CliError> {
    let ids: BTreeSet<_> =
        rule::builtin_secrets()?.into_iter().map(|rule| rule.id.to_string()).collect();
    let mut migration = Migration::default();
    for file in &asked.files {
        let path = environment.resolve(file);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let format = asked.from.map(format).or_else(|| Format::of(&name));
        let format = format.ok_or_else(|| CliError::UnknownFormat(file.clone()))?;
        let text = fs::read_to_string(&path).map_err(|why| CliError::file("read", &path, why))?;
        migration.extend(migrate::convert(format, &name, &text, &ids)?);
    }
    Ok(migration)
}

fn format(said: ImportFormat) -> Format {
    match said {
        ImportFormat::Gitleaks | ImportFormat::Betterleaks => Format::Gitleaks,
        ImportFormat::GitleaksIgnore => Format::GitleaksIgnore,
        ImportFormat::DetectSecrets => Format::DetectSecrets,
    }
}

/// The project file with what is imported.
fn with(text: &str, migration: &Migration, block: &str, path: &Path) -> Result<String, CliError> {
    let ids = &migration.disable;
    let disabled = config::with_disabled(text, ids).ok_or_else(|| {
        let ids = ids.iter().cloned().collect::<Vec<_>>().join(", ");
        CliError::Disable { path: PathBuf::from(path), ids }
    })?;
    Ok(if block.is_empty() { disabled } else { config::appended(&disabled, block) })
}

fn report(
    migration: &Migration,
    entries: usize,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    for Lost { what, why } in &migration.lost {
        let text = format!("not imported: {what}: {why}");
        writeln!(screen.err, "{}", discreet(&text))?;
    }
    for note in &migration.notes {
        writeln!(screen.err, "note: {}", discreet(note))?;
    }
    let Migration { rules, allow, disable, lost, .. } = migration;
    let (rules, allow, disable) = (rules.len(), allow.len(), disable.len());
    writeln!(
        screen.out,
        "{rules} rules, {allow} allow entries, {disable} disabled rules, {entries} new baseline \
         entries, {} not imported",
        lost.len()
    )?;
    Ok(if lost.is_empty() { Status::Pass } else { Status::Block })
}

/// Where accepted places are looked up.
struct Place<'a> {
    folder: &'a Path,
    environment: &'a Environment,
    detector: &'a Detector,
}

impl Place<'_> {
    /// The baseline entries of the places that hold a secret; the others are remarked on.
    fn resolve(
        &self,
        migration: &mut Migration,
        key: Option<RepositoryKey>,
    ) -> Result<Baseline, CliError> {
        let positions = std::mem::take(&mut migration.positions);
        let mut entries = Baseline::default();
        if positions.is_empty() {
            return Ok(entries);
        }
        let salt = if let Some(key) = key {
            Salt::from(key)
        } else {
            let git = self.environment.git();
            source::open(self.folder, &Request::Worktree, &git)?.salt()
        };
        for position in &positions {
            let Some(mut found) = self.found(position, &salt, migration)? else { continue };
            self.detector.name(&mut found, &|| salt.clone());
            entries.extend(Baseline::of(&found).because(&position.reason));
        }
        Ok(entries)
    }

    fn found(
        &self,
        position: &Position,
        salt: &Salt,
        migration: &mut Migration,
    ) -> Result<Option<Vec<Finding>>, CliError> {
        let Position { path, line, commit, .. } = position;
        let in_commit = commit.as_ref().map(|id| format!(" in {id}")).unwrap_or_default();
        let at = format!("{path}:{line}{in_commit}");
        let Some(bytes) = self.bytes(position)? else {
            migration.notes.push(format!("{at} is not there any more: nothing to live with"));
            return Ok(None);
        };
        let record = match &position.known {
            Known::Line => Record::Line(*line),
            Known::Sha1(sha1) => Record::Sha1(sha1),
        };
        let (path, commit) = (RepoPath::from(&**path), commit.as_deref().map(CommitId::new));
        let change = Change::new(&path, commit.as_ref(), Entry::File, &bytes, &());
        let found = self.detector.recorded(&change, &|| salt.clone(), record);
        let named = |found: &&Finding| position.rules.iter().any(|r| r == found.rule.as_str());
        let own: Vec<_> = found.iter().filter(named).cloned().collect();
        let values: BTreeSet<_> = found.iter().map(|finding| finding.fingerprint).collect();
        if !own.is_empty() || values.len() == 1 {
            return Ok(Some(if own.is_empty() { found } else { own }));
        }
        if values.is_empty() {
            migration.notes.push(format!("{at} holds no secret here: nothing to live with"));
        } else {
            let why = "several secrets are on this line, and the file does not say which is meant";
            migration.lost.push(Lost { what: at, why: why.to_owned() });
        }
        Ok(None)
    }

    fn bytes(&self, position: &Position) -> Result<Option<Vec<u8>>, CliError> {
        let path = RepoPath::from(&*position.path);
        Ok(match &position.commit {
            Some(commit) => {
                let git = self.environment.git();
                source::file_of_commit(self.folder, &git, commit, &path)?
            }
            None => OnDisk(self.folder).read(&path)?,
        })
    }
}
