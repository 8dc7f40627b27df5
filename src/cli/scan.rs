//! `scan`: the gate.

use super::args::Scan;
use super::clean::Record;
use super::environment::Environment;
use super::output::{Outputs, discreet};
use super::progress::Progress;
use super::project::Project;
use super::run::failed;
use super::{CliError, Screen, Status, chain};
use crate::finding::Level;
use crate::gate::Policy;
use crate::pipeline;
use crate::report::{Outcome, Run};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Scans, writes the reports and says how it ended.
pub(super) fn run(
    asked: &Scan,
    environment: &Environment,
    screen: &mut Screen<'_>,
) -> Result<Status, CliError> {
    let outputs = Outputs::open(&asked.report, environment)?;
    let looked = look(asked, environment, &|_| Ok(()));
    // Whoever waits for a report gets one that says that nothing was looked at.
    if let Err(error) = &looked {
        outputs.write_files(&failed(asked, chain(error), environment), screen)?;
    }
    let (run, _) = looked?;
    outputs.write(&run, screen)?;
    // A run that ends with 2 says why, wherever its reports go.
    if !outputs.tell_people() {
        errors(&run, screen)?;
    }
    Ok(status(&run))
}

/// What a command changes before the scan.
pub(super) type Prepare<'a> = dyn Fn(&mut Project) -> Result<(), CliError> + Sync + 'a;

/// Scans with as many threads as asked for; gathers what reports need, and what the gate went by.
pub(super) fn look(
    asked: &Scan,
    environment: &Environment,
    prepare: &Prepare<'_>,
) -> Result<(Run, Policy), CliError> {
    pool(asked.jobs.unwrap_or(0).into())?.install(|| {
        let mut project = Project::open(asked, environment)?;
        prepare(&mut project)?;
        let progress = Progress::new(environment, asked.no_progress);
        let record = Record::open(asked, &project, environment);
        let clean = record.as_ref().map(Record::clean);
        let Project { source, detectors, gate, .. } = &project;
        let mut outcome = pipeline::run(&**source, detectors, gate, clean, &progress)?;
        drop(progress);
        if let Some(record) = record {
            record.save(&mut outcome, &**source);
        }
        let gate = project.gate.clone();
        Ok((project.into_run(outcome, environment.document_time()), gate))
    })
}

/// So many threads, or one for each processor. This one is among them, where it was not before in the same
/// process: a hook is over before it pays to start another.
fn pool(threads: usize) -> Result<ThreadPool, CliError> {
    let builder = || ThreadPoolBuilder::new().num_threads(threads);
    let pool = builder().use_current_thread().build();
    pool.or_else(|_| builder().build()).map_err(CliError::Threads)
}

/// Prints what could not be looked at; whether there was anything.
pub(super) fn errors(run: &Run, screen: &mut Screen<'_>) -> Result<bool, CliError> {
    let errors = run.notices.iter().filter(|notice| notice.level == Level::Error);
    let mut any = false;
    for notice in errors {
        let path = notice.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        writeln!(screen.err, "lockkeeper: {}", discreet(&format!("{path}{}", notice.message)))?;
        any = true;
    }
    Ok(any)
}

/// "Could not look" outweighs "blocks": both stop the pipeline, but only one of them is known
/// whole.
fn status(run: &Run) -> Status {
    match run.outcome() {
        Outcome::Passed => Status::Pass,
        Outcome::Blocked => Status::Block,
        Outcome::Incomplete => Status::Failure,
    }
}
