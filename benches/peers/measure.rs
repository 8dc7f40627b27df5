//! What one run of a program costs, by the kernel's own account.
//!
//! The account of a process holds all its children together, and peak memory is that of the largest ever. So
//! each program is run by a process of its own that has no other child: this bench again, with an argument.
//! What a program starts itself (`git log`, say) is in its account.

use crate::peer::Call;
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The argument that makes this bench the parent of one program.
pub(crate) const ALONE: &str = "--alone";

/// What a run used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// Of all its threads and children, user and system.
    pub(crate) cpu: Duration,
    /// The most bytes that it, or one of its children, had resident.
    pub(crate) memory: u64,
}

/// How a run ended.
pub(crate) struct Outcome {
    /// None if a signal ended it.
    pub(crate) status: Option<i32>,
    /// Whether it wrote to standard error.
    pub(crate) complained: bool,
    /// What it used.
    pub(crate) cost: Cost,
}

/// Runs a program, and says how it ended.
pub(crate) fn run(call: Call, complaints: &Path) -> Result<Outcome, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args([ALONE.as_ref(), complaints.as_os_str(), call.program.as_os_str()])
        .args(call.arguments)
        .envs(call.environment)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let fields: Vec<_> = text.split_whitespace().collect();
    let [wall, cpu, memory, status] = fields.as_slice() else {
        return Err(format!("{} could not be run", call.program.display()).into());
    };
    Ok(Outcome {
        status: status.parse().ok(),
        complained: complaints.metadata()?.len() > 0,
        cost: Cost {
            wall: Duration::from_micros(wall.parse()?),
            cpu: Duration::from_micros(cpu.parse()?),
            memory: memory.parse()?,
        },
    })
}

/// Runs a program, and prints one line that [`run`] reads.
pub(crate) fn alone(
    complaints: &str,
    program: &str,
    arguments: &[&str],
) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(complaints)?);
    let start = Instant::now();
    let status = command.status()?;
    let wall = start.elapsed().as_micros();
    let (cpu, memory) = used_by_children()?;
    let status = status.code().map_or_else(|| "signal".to_owned(), |code| code.to_string());
    println!("{wall} {cpu} {memory} {status}");
    Ok(())
}

/// Microseconds and bytes.
#[cfg(unix)]
fn used_by_children() -> Result<(i64, i64), Box<dyn Error>> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time() + usage.system_time();
    // Apple counts bytes, all others thousands of them.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    Ok((cpu.num_microseconds(), usage.max_rss() * unit))
}

#[cfg(not(unix))]
fn used_by_children() -> Result<(i64, i64), Box<dyn Error>> {
    Err("what a program uses is only known on Unix".into())
}
