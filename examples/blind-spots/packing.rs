//! Archives. `tar` and `gzip` are those of the machine.

use std::io::{self, Cursor, Write as _};
use std::process::{Command, Stdio};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive with one member, compressed.
pub(crate) fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let packed = || -> io::Result<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(content)?;
        Ok(archive.finish()?.into_inner())
    };
    packed().unwrap_or_default()
}

/// The compressed bytes.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let packed = || -> io::Result<Vec<u8>> {
        let mut child =
            Command::new("gzip").arg("-n").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(content)?;
        }
        Ok(child.wait_with_output()?.stdout)
    };
    packed().unwrap_or_default()
}

/// A compressed archive with one member.
pub(crate) fn tar_gz(name: &str, content: &[u8]) -> Vec<u8> {
    let packed = || -> io::Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join(name), content)?;
        let output = Command::new("tar")
            .arg("-czf")
            .arg("-")
            .arg("-C")
            .arg(folder.path())
            .arg(name)
            .output()?;
        Ok(output.stdout)
    };
    packed().unwrap_or_default()
}
