//! `hook`: the gate before a commit is made, and before it is pushed.

mod push;

use super::args::{Hook, HookKind, HookName, Scan};
use super::environment::Environment;
use super::{CliError, Screen, Status, scan};
use crate::source::{self, Request};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The line by which `uninstall` and a second `install` know their own work.
const MARK: &str = "# installed by lockkeeper hook install";

pub(super) fn run(
    command: Hook,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    match command {
        Hook::Install(name) => install(&name, environment, screen),
        Hook::Uninstall(name) => uninstall(&name, environment, screen),
        Hook::Run(run) => match run.hook {
            HookKind::PreCommit => pre_commit(&run.rest, environment, screen),
            HookKind::PreMergeCommit => pre_commit(&[], environment, screen),
            HookKind::CommitMsg => commit_msg(&run.rest, environment, screen),
            HookKind::PrePush => push::to_remote(&run.rest, environment, screen),
            HookKind::PreReceive => push::received(environment, screen),
        },
    }
}

fn install(
    name: &HookName,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let path = hook_path(name, environment)?;
    if let Ok(text) = fs::read_to_string(&path)
        && !text.contains(MARK)
    {
        return Err(CliError::ForeignHook(path));
    }
    write_hook(&path, &script(name.hook, &environment.program))
        .map_err(|why| CliError::file("write", &path, why))?;
    writeln!(screen.out, "installed {}", path.display())?;
    Ok(Status::Pass)
}

fn uninstall(
    name: &HookName,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let path = hook_path(name, environment)?;
    match fs::read_to_string(&path) {
        Ok(text) if text.contains(MARK) => {
            fs::remove_file(&path).map_err(|why| CliError::file("remove", &path, why))?;
            writeln!(screen.out, "removed {}", path.display())?;
            Ok(Status::Pass)
        }
        Ok(_) => Err(CliError::ForeignHook(path)),
        Err(_) => {
            writeln!(screen.out, "there is no {}", path.display())?;
            Ok(Status::Pass)
        }
    }
}

fn hook_path(name: &HookName, environment: &Environment) -> Result<PathBuf, CliError> {
    let folder = source::hooks_folder(&environment.resolve(&name.repository), &environment.git())?;
    Ok(folder.join(name.hook.name()))
}

/// The hook prefers the `lockkeeper` on the path, so that it follows upgrades, and falls back to
/// the one that installed it.
fn script(hook: HookKind, program: &Path) -> String {
    let hook = hook.name();
    let program = program.display().to_string().replace('\'', r"'\''");
    format!(
        "#!/bin/sh\n{MARK}\n\
         if command -v lockkeeper >/dev/null 2>&1; then\n  exec lockkeeper hook run {hook} \"$@\"\nfi\n\
         exec '{program}' hook run {hook} \"$@\"\n"
    )
}

fn write_hook(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Scans the index. Where nothing is staged, files that are named are scanned as they are on disk. Where
/// none is named either: a commit that git is making changes no file (a new message, an empty commit),
/// so there is nothing to check; outside of a commit (`pre-commit run --all-files`) all files on disk
/// are scanned instead, so that nobody takes silence for a pass.
fn pre_commit(
    named: &[OsString],
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let in_commit = environment.variable("GIT_INDEX_FILE").is_some();
    let staged = source::open(&environment.folder, &Request::Staged, &environment.git())?;
    let request = match (staged.delta()?.is_empty(), named) {
        (false, _) => Request::Staged,
        (true, []) if in_commit => {
            writeln!(screen.err, "lockkeeper: nothing is staged, so there is nothing to check")?;
            return Ok(Status::Pass);
        }
        (true, []) => Request::Worktree,
        (true, named) => {
            let files = match named.len() {
                1 => "1 file that is named is scanned as it is".to_owned(),
                more => format!("{more} files that are named are scanned as they are"),
            };
            writeln!(screen.err, "lockkeeper: nothing is staged, so the {files} on disk")?;
            Request::Files(named.iter().map(PathBuf::from).collect())
        }
    };
    scan::run(&Scan::for_hook(request), environment, screen)
}

/// Scans the message of the commit that is being made, in the file that git names.
fn commit_msg(
    arguments: &[OsString],
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let [file] = arguments else { return Err(CliError::NoMessage) };
    let request = Request::Message(environment.resolve(Path::new(file)));
    scan::run(&Scan::for_hook(request), environment, screen)
}
