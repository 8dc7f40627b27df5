//! The texts of folders of source code, for the examples that count what is in them.

use std::path::Path;
use std::{fs, io};
use walkdir::WalkDir;

/// Larger files are data.
const LARGEST: u64 = 1 << 20;

/// Gives every text below a folder to `read`; what git keeps for itself is not looked at.
pub(super) fn each_text(folder: &Path, mut read: impl FnMut(&[u8])) -> io::Result<()> {
    let own = |entry: &walkdir::DirEntry| entry.file_type().is_dir() && entry.file_name() == ".git";
    let entries = WalkDir::new(folder).into_iter();
    for entry in entries.filter_entry(|entry| entry.depth() == 0 || !own(entry)) {
        let entry = entry?;
        if entry.file_type().is_file() && entry.metadata()?.len() <= LARGEST {
            let bytes = fs::read(entry.path())?;
            (!bytes.contains(&0)).then(|| read(&bytes));
        }
    }
    Ok(())
}
