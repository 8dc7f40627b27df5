//! The gate between a commit and the pipeline.
//!
//! ```text
//! source ──► detect ──► finding ──► gate ──► report
//! what       secrets     one type    waivers   text json sarif
//! changed    policies                baseline
//!            dependencies            threshold
//! ```

#![cfg_attr(
    test,
    expect(clippy::string_slice, reason = "tests cut texts at places that they made themselves")
)]

pub mod advisory;
pub mod cli;
pub mod config;
pub mod detect;
pub mod finding;
pub mod gate;
pub mod lockfile;
pub mod package;
pub mod pipeline;
pub mod report;
pub mod rule;
pub mod source;
