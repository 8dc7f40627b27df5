//! The gate between a commit and the pipeline.
//!
//! ```text
//! source ──► detect ──► finding ──► gate ──► report
//! what       secrets     one type    waivers   text json sarif
//! changed    policies                baseline
//!            dependencies            threshold
//! ```

pub mod advisory;
pub mod detect;
pub mod finding;
pub mod lockfile;
pub mod package;
pub mod rule;
pub mod source;
