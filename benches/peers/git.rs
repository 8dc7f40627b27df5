//! What git itself takes to decode a history: `git cat-file` gives out every object, and nobody looks.
//!
//! It works on one thread, so there are as many of it as other tools have threads, each with its share of
//! the objects. Their names are listed before, in the order of the packs, and dealt out by the thousand:
//! what is made from each other stays together, and no share is of one kind of objects.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The argument that makes this bench the parent of git.
pub(crate) const GIT: &str = "--git";

/// How many objects are dealt out at once.
const DEAL: usize = 16 << 10;

/// Lists all objects of a repository in as many files below a folder as there are threads.
pub(crate) fn list(folder: &str, threads: usize, lists: &Path) -> Result<(), Box<dyn Error>> {
    let listed = git(folder)
        .args(["--batch-all-objects", "--unordered", "--batch-check=%(objectname)"])
        .output()?;
    if !listed.status.success() {
        return Err(String::from_utf8_lossy(&listed.stderr).into());
    }
    fs::create_dir_all(lists)?;
    let names: Vec<_> = listed.stdout.split_inclusive(|byte| *byte == b'\n').collect();
    let deals: Vec<_> = names.chunks(DEAL).collect();
    for share in 0..threads {
        let own = deals.iter().skip(share).step_by(threads);
        let own: Vec<_> = own.flat_map(|deal| deal.iter().copied()).collect();
        fs::write(lists.join(share.to_string()), own.concat())?;
    }
    Ok(())
}

/// Has git give out what is listed.
pub(crate) fn read(folder: &str, lists: &Path) -> Result<(), Box<dyn Error>> {
    let mut shares: Vec<PathBuf> = Vec::new();
    for share in fs::read_dir(lists)? {
        shares.push(share?.path());
    }
    let start = |share: &PathBuf| {
        let mut command = git(folder);
        command.args(["--batch", "--buffer"]).stdin(File::open(share)?).stdout(Stdio::null());
        command.spawn()
    };
    let children = shares.iter().map(start).collect::<Result<Vec<Child>, _>>()?;
    for mut child in children {
        let status = child.wait()?;
        if !status.success() {
            return Err(format!("git ended with {status}").into());
        }
    }
    Ok(())
}

fn git(folder: &str) -> Command {
    let mut command = Command::new("git");
    command.args(["-C", folder, "cat-file"]);
    command
}
