//! The gate between a commit and the pipeline: secrets, policies and vulnerable dependencies in what
//! changed.
//!
//! ```text
//! source ──► detect ──► finding ──► gate ──► report
//! what       secrets     one type    waivers   text json sarif
//! changed    policies                baseline
//!            dependencies            threshold
//! ```
//!
//! A [`source`] pushes every commit's own changes, borrowed and from several threads, into a sink. The
//! detectors of [`detect`] turn them into [`finding`]s, which hold no secret. The [`gate`] gives each
//! a disposition and drops none; [`report`] writes them all. [`pipeline::run`] is that line as one
//! function, and [`cli`] is what calls it: the only place that prints, and the only one that reads
//! the environment and the clock.
//!
//! Beside that line, [`validity`] asks issuers whether secrets still work: for one command, which says
//! that it may, and never for a scan.
//!
//! "Could not look" is never a pass: what cannot be read is an error, or a notice of level
//! [`finding::Level::Error`], and either ends with status 2.
//!
//! # Who may import whom
//!
//! ```text
//! main → cli ─┬→ pipeline ─┬→ detect → rule, source, lockfile, advisory → finding → package
//!             │            └→ gate → finding
//!             ├→ validity → detect, rule, source, finding
//!             ├→ report → gate, rule, lockfile, finding
//!             ├→ config → the option types of detect and gate
//!             └→ migrate → rule
//! ```
//!
//! Every module that reads TOML may import [`nesting`]. Siblings do not know each other: no detector another, no report another. Outside crates have
//! one home each (`git2` in `source/git`, `clap` in `cli`, `serde_sarif` in `report/sarif.rs`, …).
//! `tests/architecture.rs` holds both rules.
//!
//! # How to add
//!
//! - **A secret rule**: a `[[rule]]` in a file of `rules/secrets/`, with examples; `cargo test --test
//!   rules`. Nothing else.
//! - **A lockfile format**: `src/lockfile/<format>.rs` that implements [`lockfile::Format`], its line
//!   in [`lockfile::FORMATS`], and files in `fixtures/lockfiles/<format>/`; `cargo test --test
//!   lockfiles`.
//! - **A report format**: `src/report/<format>.rs` with one `write` function, and a variant of
//!   [`report::Format`]; the compiler asks for the rest; `cargo test --test reports`.
//!
//! CONTRIBUTING.md has them at length.

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
pub mod migrate;
pub mod nesting;
pub mod package;
pub mod pipeline;
pub mod report;
pub mod rule;
pub mod source;
pub mod validity;
