//! Reports on their way to files: tried before the work begins, put in place when it is done.

use super::args::ReportTo;
use super::environment::Environment;
use super::{CliError, Screen};
use crate::detect::secrets::{self, Detector};
use crate::finding::RepoPath;
use crate::report::{self, Format, Run, Style};
use crate::rule;
use std::cmp::Reverse;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The reports that were asked for.
pub(super) struct Outputs(Vec<Output>);

struct Output {
    format: Format,
    /// `None` is standard output.
    path: Option<PathBuf>,
}

impl Outputs {
    /// Fails for a report that could not be written, so that a bad path shows before the work. What
    /// it tries it takes away again: the scan must not meet its own files.
    pub(super) fn open(asked: &[ReportTo], environment: &Environment) -> Result<Self, CliError> {
        let text = [ReportTo { format: Format::Text, path: None }];
        let asked = if asked.is_empty() { text.as_slice() } else { asked };
        let open = |to: &ReportTo| {
            let path = to.path.as_ref().map(|path| environment.resolve(path));
            if let Some(path) = &path {
                beside(path).map_err(|why| CliError::file("write", path, why))?;
            }
            Ok(Output { format: to.format, path })
        };
        asked.iter().map(open).collect::<Result<_, CliError>>().map(Self)
    }

    /// Whether somebody reads on the terminal what could not be looked at.
    pub(super) fn tell_people(&self) -> bool {
        self.0.iter().any(|output| output.format == Format::Text && output.path.is_none())
    }

    /// Writes every report.
    pub(super) fn write(&self, run: &Run, screen: &mut Screen<'_>) -> Result<(), CliError> {
        for output in self.0.iter().filter(|output| output.path.is_none()) {
            if report::is_void(output.format, run) {
                void(output.format, "standard output", screen)?;
            }
            report::write(output.format, run, screen.style, screen.out)?;
        }
        self.write_files(run, screen)
    }

    /// Writes those that go to files.
    pub(super) fn write_files(&self, run: &Run, screen: &mut Screen<'_>) -> Result<(), CliError> {
        let files = self.0.iter().filter_map(|it| Some((it.format, it.path.as_ref()?)));
        for (format, path) in files {
            if report::is_void(format, run) {
                void(format, &path.display().to_string(), screen)?;
                remove(path)?;
                continue;
            }
            let mut bytes = Vec::new();
            report::write(format, run, Style::Plain, &mut bytes)?;
            replace(path, &bytes)?;
        }
        Ok(())
    }
}

/// Says that a report has nothing to hold.
fn void(format: Format, place: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let (format, place) = (format.as_str(), printable(place));
    writeln!(
        screen.err,
        "lockkeeper: {format} has nothing to state of this run, so nothing is written to {place}"
    )
}

/// Removes what an earlier run wrote, which would be taken for the report of this one; a pipe or a device
/// is left alone.
fn remove(path: &Path) -> Result<(), CliError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            fs::remove_file(path).map_err(|why| CliError::file("remove", path, why))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Puts a file in place of another, whole or not at all: a killed run leaves the old one or none.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |why| CliError::file("write", path, why);
    let Some(mut file) = beside(path).map_err(failed)? else {
        return fs::write(path, bytes).map_err(failed);
    };
    file.write_all(bytes).and_then(|()| readable(&file)).map_err(failed)?;
    file.persist(path).map(drop).map_err(|why| failed(why.error))
}

/// A new file in the folder of `path`; `None` for a pipe or a device, which is written to as it is.
fn beside(path: &Path) -> io::Result<Option<NamedTempFile>> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::OpenOptions::new().append(true).open(path).map(|_| None);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map(Some)
}

/// Temporary files are their owner's alone; a report is for whoever may read the folder.
fn readable(file: &NamedTempFile) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// A message that may quote a file, without the secrets that the built-in rules know.
pub(super) fn discreet(message: &str) -> String {
    let rules = rule::builtin_secrets().ok();
    let detector = rules.and_then(|rules| Detector::new(rules, &secrets::Options::default()).ok());
    let Some(detector) = detector else {
        return "a message that could not be searched for secrets".to_owned();
    };
    let mut found = detector.locate(&RepoPath::from("message"), message.as_bytes());
    found.sort_by_key(|(_, at)| Reverse(at.start));
    let mut masked = message.to_owned();
    for (_, at) in found {
        if masked.get(at.clone()).is_some() {
            masked.replace_range(at, "***");
        }
    }
    printable(&masked)
}

/// Text of unknown origin as one line that can do a terminal or a CI log no harm.
pub(super) fn printable(text: &str) -> String {
    report::Escaped(text).to_string()
}
