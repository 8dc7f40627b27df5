//! Parse, run, print the error chain, return the status.

use lockkeeper::cli::{self, Environment};
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (out, err) = (io::stdout().lock(), io::stderr());
    match Environment::read() {
        Ok(environment) => cli::run(std::env::args_os(), &environment, out, err).into(),
        Err(error) => cli::fail(&error, err).into(),
    }
}
