//! The gate before commits leave, and before a server takes them in.
//!
//! Git says on standard input what is pushed, one line for each ref, and all of them count. The
//! pre-commit framework reads those lines itself and says in variables what it makes of the first.

use super::super::args::Scan;
use super::super::environment::Environment;
use super::super::{CliError, Screen, Status, scan};
use crate::source::{Destination, Push, PushedRef, Request};
use std::ffi::OsString;
use std::io::{self, Read as _};

/// `pre-push`: the arguments are the remote's name and its address.
pub(super) fn to_remote(
    arguments: &[OsString],
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    if let Some(push) = of_framework(environment) {
        return check(push, environment, screen);
    }
    // The framework is run by hand: nothing is pushed, and nobody shall take silence for a pass.
    if environment.variable("PRE_COMMIT").is_some() {
        return scan::run(&Scan::for_hook(Request::Worktree), environment, screen);
    }
    let mut words = arguments.iter().map(|argument| argument.to_string_lossy());
    let (name, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    check(Push::to_remote(&name, &url, &said()?)?, environment, screen)
}

/// `pre-receive`, in the repository that is pushed to.
pub(super) fn received(
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    check(Push::received(&said()?)?, environment, screen)
}

fn check(
    push: Push,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    if push.refs.is_empty() {
        writeln!(screen.err, "lockkeeper: nothing is pushed, so there is nothing to check")?;
        return Ok(Status::Pass);
    }
    scan::run(&Scan::for_hook(Request::Push(push)), environment, screen)
}

fn said() -> Result<Vec<u8>, CliError> {
    let mut lines = Vec::new();
    io::stdin().lock().read_to_end(&mut lines).map_err(CliError::Unheard)?;
    Ok(lines)
}

/// What the pre-commit framework says is pushed: from where to where, or, where all of a branch is
/// pushed, the branch alone.
fn of_framework(environment: &Environment) -> Option<Push> {
    let said = |name| environment.variable(name).map(str::to_owned);
    let new = said("PRE_COMMIT_TO_REF").or_else(|| said("PRE_COMMIT_LOCAL_BRANCH"))?;
    let name = said("PRE_COMMIT_REMOTE_BRANCH").unwrap_or_default().into_bytes();
    let pushed = PushedRef { name, old: said("PRE_COMMIT_FROM_REF"), new };
    let remote = said("PRE_COMMIT_REMOTE_NAME").unwrap_or_default();
    let url = said("PRE_COMMIT_REMOTE_URL").unwrap_or_default();
    Some(Push { refs: vec![pushed], to: Destination::Remote { name: remote, url } })
}
