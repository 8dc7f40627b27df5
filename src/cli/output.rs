//! Reports on their way to files: opened before the work begins, put in place when it is done.

use super::args::ReportTo;
use super::environment::Environment;
use super::{CliError, Screen};
use crate::report::{self, Format, Run, Style};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The reports that were asked for.
pub(super) struct Outputs(Vec<Output>);

struct Output {
    format: Format,
    /// `None` is standard output.
    file: Option<(NamedTempFile, PathBuf)>,
}

impl Outputs {
    /// Opens a file beside each report's place, so that a bad path fails before the work, and a
    /// killed run leaves the old report or none, never half of one.
    pub(super) fn open(asked: &[ReportTo], environment: &Environment) -> Result<Self, CliError> {
        let text = [ReportTo { format: Format::Text, path: None }];
        let asked = if asked.is_empty() { text.as_slice() } else { asked };
        let open = |to: &ReportTo| {
            let file = to.path.as_ref().map(|path| {
                let path = environment.resolve(path);
                let folder = path.parent().map_or_else(PathBuf::new, PathBuf::from);
                let file = NamedTempFile::new_in(&folder);
                file.map(|file| (file, path.clone()))
                    .map_err(|why| CliError::file("write", &path, why))
            });
            Ok(Output { format: to.format, file: file.transpose()? })
        };
        asked.iter().map(open).collect::<Result<_, CliError>>().map(Self)
    }

    /// Writes every report and puts it in its place.
    pub(super) fn write(self, run: &Run, screen: &mut Screen<'_>) -> Result<(), CliError> {
        for Output { format, file } in self.0 {
            match file {
                None => report::write(format, run, screen.style, screen.out)?,
                Some((mut file, path)) => {
                    let failed = |why| CliError::file("write", &path, why);
                    report::write(format, run, Style::Plain, &mut file).map_err(failed)?;
                    file.flush().map_err(failed)?;
                    readable(&file).map_err(failed)?;
                    file.persist(&path).map_err(|why| CliError::file("write", &path, why.error))?;
                }
            }
        }
        Ok(())
    }
}

/// Puts a file in place of another, whole or not at all.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |why| CliError::file("write", path, why);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| readable(&file)).map_err(failed)?;
    file.persist(path).map(drop).map_err(|why| failed(why.error))
}

/// Temporary files are their owner's alone; a report is for whoever may read the folder.
fn readable(file: &NamedTempFile) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// Text of unknown origin as one line that can do a terminal or a CI log no harm.
pub(super) fn printable(text: &str) -> String {
    report::printable(text)
}
