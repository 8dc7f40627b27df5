//! The gate between a commit and the pipeline.
//!
//! ```text
//! source ──► detect ──► finding ──► gate ──► report
//! what       secrets     one type    waivers   text json sarif
//! changed    policies                baseline
//!            dependencies            threshold
//! ```

pub mod config;
pub mod detect;
pub mod finding;
pub mod gate;
pub mod lockfile;
pub mod package;
pub mod report;
pub mod rule;
pub mod source;
